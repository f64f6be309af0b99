"""One picture: the scene of a figure in a pose and a light, rendered by Cycles on the CPU."""

import pathlib
import tempfile

import bpy
import numpy as np

from . import body, clothes, glasses, studio
from .camera import View, look
from .develop import develop, shares
from .figure import Figure, Posed
from .light import background, shine, surroundings
from .shot import Light, Pose

SIZE = 112


def photograph(figure: Figure, pose: Pose, light: Light, samples: int):
    """(uint8 RGB (112, 112, 3), share of the frame by part). One thread, fixed seed: the same bytes every time."""
    scene = body.empty()
    posed = Posed(figure, pose)
    view, around = look(posed), surroundings(light)
    body.build(posed)
    clothes.dress(posed)
    glasses.put_on(posed)
    shine(light, around, posed.landmarks.mean(0), view)
    aim(scene, view)
    layers = render(scene, light.seed, samples)
    alpha = np.clip(layers["alpha"], 0, 1)
    texels = figure.texture[figure.head.texels_inside]
    behind = background(light, around, view, SIZE)
    return develop(light, layers["rgb"], alpha, behind, float(texels.mean())), shares(layers["index"], alpha)


def aim(scene, view: View) -> None:
    """Blender's camera for a view."""
    lens = bpy.data.cameras.new("camera")
    lens.angle, lens.clip_end = 2 * np.arctan(view.width / 2), 500
    lens.shift_x, lens.shift_y = view.shift
    scene.camera = studio.add("camera", lens, 0)
    scene.camera.matrix_world = studio.placed(view.position, view.axes)


def render(scene, seed: int, samples: int) -> dict[str, np.ndarray]:
    """Linear "rgb" (premultiplied), "alpha" and pass "index" of the scene, row 0 at the top."""
    cycles, settings = scene.cycles, scene.render
    settings.engine, cycles.device, cycles.samples, cycles.seed = "CYCLES", "CPU", samples, seed
    settings.threads_mode, settings.threads = "FIXED", 1
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.03
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 5, 2, 3
    cycles.transmission_bounces, cycles.transparent_max_bounces = 3, 10
    cycles.caustics_reflective = cycles.caustics_refractive = False
    scene.cycles_curves.shape, scene.cycles_curves.subdivisions = "RIBBONS", 1
    settings.resolution_x = settings.resolution_y = SIZE
    settings.film_transparent, settings.filter_size = True, 1.3
    scene.view_settings.view_transform = "Raw"
    scene.view_layers[0].use_pass_object_index = True
    output = settings.image_settings
    output.media_type = "MULTI_LAYER_IMAGE"
    output.file_format, output.color_depth = "OPEN_EXR_MULTILAYER", "32"
    with tempfile.TemporaryDirectory() as folder:
        settings.filepath = str(pathlib.Path(folder) / "picture.exr")
        bpy.ops.render.render(write_still=True)
        return read_layers(settings.filepath)


def read_layers(path: str) -> dict[str, np.ndarray]:
    """The passes of a multi-layer EXR; each is a part of the file."""
    oiio = studio.openimageio()
    file = oiio.ImageInput.open(path)
    channels, part = {}, 0
    while file.seek_subimage(part, 0):
        pixels = np.asarray(file.read_image(part, 0, 0, file.spec().nchannels, "float"))
        for k, name in enumerate(file.spec().channelnames):
            channels[name.removeprefix("ViewLayer.")] = pixels[..., k]
        part += 1
    file.close()
    rgb = np.stack([channels[f"Combined.{c}"] for c in "RGB"], -1)
    return {"rgb": rgb, "alpha": channels["Combined.A"], "index": channels["Object Index.X"]}
