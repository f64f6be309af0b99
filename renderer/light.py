"""Light: an environment image all around, perhaps a lamp, and a glint for the eyes; and the background they imply."""

import functools
import pathlib

import bpy
import cv2
import numpy as np

from . import colors, studio
from .camera import View
from .head import turn, unit
from .shot import Light

LEVEL = 0.55  # mean radiance of an environment
HARDEST = 40.0  # times its mean: brighter spots (a bare sun) are clipped, for burnt-out faces
SIZE = (512, 256)


@functools.cache
def environment(name: str):
    """One of Blender's own environments as linear light (256, 512, 3), mean 1."""
    folder = pathlib.Path(bpy.utils.resource_path("LOCAL")) / "datafiles/studiolights/world"
    loaded = bpy.data.images.load(str(folder / f"{name}.exr"))
    pixels = np.empty(len(loaded.pixels), "f4")
    loaded.pixels.foreach_get(pixels)
    pixels = pixels.reshape(loaded.size[1], loaded.size[0], -1)[::-1, :, :3]
    bpy.data.images.remove(loaded)
    pixels = cv2.resize(pixels, SIZE, interpolation=cv2.INTER_AREA)
    return pixels / pixels.mean()


def surroundings(light: Light):
    """The environment of this picture (256, 512, 3): rotated, perhaps mixed with another, its cast partly balanced, then tinted."""
    image = balanced(environment(light.environment), light.balance)
    if light.mix:
        other = balanced(environment(light.second), light.balance)
        image = (1 - light.mix) * image + light.mix * np.roll(other, SIZE[0] // 3, 1)
    image = np.roll(image, int(light.rotation / (2 * np.pi) * SIZE[0]), 1)
    if light.mirrored:
        image = image[:, ::-1]
    return LEVEL * np.minimum(image, HARDEST) * light.tint


def balanced(image, share: float):
    """White balance: the color of the mean light is taken out by `share`, 0 not at all, 1 wholly."""
    mean = np.minimum(image, 20).mean((0, 1))
    return image * (mean.mean() / mean) ** share


def shine(light: Light, world_image, target, view: View) -> None:
    """World, lamp and glint of a scene; `target` (3,) is the middle of the face."""
    build_world(world_image)
    if light.lamp:
        direction = turn(light.lamp_angles[0], -light.lamp_angles[1], 0)[:, 2]
        build_lamp(target + direction * 8, target, light.lamp_power, light.lamp_size, light.lamp_color)
    # A small window beside the camera that only the eyes mirror: the catch-light.
    side = 1 if light.mirrored else -1
    glint = build_lamp(target + unit(view.axes @ [0.45 * side, 0.5, 1.0]) * 6, target, 15, 0.7, np.ones(3))
    glint.visible_diffuse = False
    glint.light_linking.receiver_collection = studio.collection("eyes", studio.EYE)


def build_world(image) -> None:
    """The environment image as the scene's world."""
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    nodes.clear()
    texture, background, output = (nodes.new("ShaderNode" + kind) for kind in ("TexEnvironment", "Background", "OutputWorld"))
    texture.image = studio.picture("environment", image)
    links.new(texture.outputs[0], background.inputs[0])
    links.new(background.outputs[0], output.inputs[0])
    # The default importance map costs 2.5 s a picture; this one, as fine as the image, a tenth of it.
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 256


def build_lamp(position, target, power: float, size: float, color):
    """A square area lamp at `position` that faces `target`."""
    lamp = bpy.data.lights.new("lamp", "AREA")
    lamp.size, lamp.energy, lamp.color = size, power, color
    made = studio.add("lamp", lamp, 0)
    made.location = studio.blender(position)
    made.rotation_mode = "QUATERNION"
    made.rotation_quaternion = studio.aim(position, target)
    return made


def background(light: Light, world_image, view: View, size: int):
    """What stands behind the face (size, size, 3), linear: the environment out of focus, or a plain wall."""
    r = np.random.default_rng(light.seed)
    if light.background == "wall":
        y, x = np.mgrid[0:size, 0:size] / size - 0.5
        fall = 1 + r.uniform(-0.6, 0.6) * x + r.uniform(-0.6, 0.6) * y
        return colors.cloth(r) * light.tint * fall[..., None] * LEVEL
    wide = View(view.position, view.axes, max(view.width, r.uniform(0.5, 1.0)), view.shift)
    direction = studio.blender(unit(wide.directions(size)))
    u = (0.5 - np.arctan2(direction[..., 1], direction[..., 0]) / (2 * np.pi)) * SIZE[0] - 0.5
    v = (0.5 - np.arcsin(np.clip(direction[..., 2], -1, 1)) / np.pi) * SIZE[1] - 0.5
    padded = np.pad(np.minimum(world_image, 20), ((0, 0), (1, 1), (0, 0)), "wrap").astype("f4")
    seen = cv2.remap(padded, (u % SIZE[0] + 1).astype("f4"), v.astype("f4"), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cv2.GaussianBlur(seen, (0, 0), light.blur)
