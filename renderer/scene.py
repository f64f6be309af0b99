"""Make one picture: build the scene of a figure in a pose and a light, and render it on the CPU."""

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
    """Make (uint8 RGB (112, 112, 3), share of the frame by part).

    One thread and a fixed seed give the same bytes every time.
    """
    scene = body.empty()
    posed = Posed(figure, pose)
    view = look(posed)
    around = surroundings(light)
    body.build(posed)
    clothes.dress(posed)
    glasses.put_on(posed)
    shine(light, around, posed.landmarks.mean(0), view)
    aim(scene, view)
    layers = render(scene, light.seed, samples)
    alpha = np.clip(layers["alpha"], 0, 1)
    reflectance = float(figure.texture[figure.head.texels_inside].mean())
    behind = background(light, around, view, SIZE)
    rgb = develop(light, layers["rgb"], alpha, behind, reflectance)
    return rgb, shares(layers["index"], alpha)


def aim(scene, view: View) -> None:
    """Set up Blender's camera for a view."""
    lens = bpy.data.cameras.new("camera")
    lens.angle = 2 * np.arctan(view.width / 2)
    lens.clip_end = 500
    lens.shift_x, lens.shift_y = view.shift
    scene.camera = studio.add("camera", lens, 0)
    scene.camera.matrix_world = studio.placed(view.position, view.axes)


def render(scene, seed: int, samples: int) -> dict[str, np.ndarray]:
    """Render linear "rgb" (premultiplied), "alpha" and pass "index", row 0 at the top."""
    set_up_cycles(scene.cycles, seed, samples)
    scene.cycles_curves.shape = "RIBBONS"
    scene.cycles_curves.subdivisions = 1
    scene.view_settings.view_transform = "Raw"
    scene.view_layers[0].use_pass_object_index = True
    settings = scene.render
    settings.engine = "CYCLES"
    settings.threads_mode = "FIXED"
    settings.threads = 1
    settings.resolution_x = SIZE
    settings.resolution_y = SIZE
    settings.film_transparent = True
    settings.filter_size = 1.3
    output = settings.image_settings
    output.media_type = "MULTI_LAYER_IMAGE"
    output.file_format = "OPEN_EXR_MULTILAYER"
    output.color_depth = "32"
    with tempfile.TemporaryDirectory() as folder:
        settings.filepath = str(pathlib.Path(folder) / "picture.exr")
        bpy.ops.render.render(write_still=True)
        return read_layers(settings.filepath)


def set_up_cycles(cycles, seed: int, samples: int) -> None:
    """Choose sampling, denoising and the lengths of light paths."""
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.seed = seed
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.03
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.denoising_prefilter = "FAST"
    cycles.max_bounces = 5
    cycles.diffuse_bounces = 2
    cycles.glossy_bounces = 3
    cycles.transmission_bounces = 3
    cycles.transparent_max_bounces = 10
    cycles.caustics_reflective = False
    cycles.caustics_refractive = False


def read_layers(path: str) -> dict[str, np.ndarray]:
    """Read the passes of a multi-layer EXR, in which each is a part of the file."""
    oiio = studio.openimageio()
    file = oiio.ImageInput.open(path)
    channels, part = {}, 0
    while file.seek_subimage(part, 0):
        spec = file.spec()
        pixels = np.asarray(file.read_image(part, 0, 0, spec.nchannels, "float"))
        for k, name in enumerate(spec.channelnames):
            channels[name.removeprefix("ViewLayer.")] = pixels[..., k]
        part += 1
    file.close()
    rgb = np.stack([channels[f"Combined.{c}"] for c in "RGB"], -1)
    return {"rgb": rgb, "alpha": channels["Combined.A"], "index": channels["Object Index.X"]}
