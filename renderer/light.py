"""Light the scene: an environment all around, perhaps a lamp, a glint for the eyes.

Also paint the background they imply.
"""

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
HARDEST = 40.0  # times its mean: clip brighter spots (a bare sun), which burn out faces
BRIGHTEST_SEEN = 20  # the same for what the background shows and for white balance
SIZE = (512, 256)  # columns, rows of an environment
LAMP_DISTANCE = 8
GLINT_DIRECTION = (0.45, 0.5, 1.0)  # right, up and back, as seen from the camera
GLINT_DISTANCE, GLINT_POWER, GLINT_SIZE = 6, 15, 0.7


@functools.cache
def environment(name: str):
    """Load one of Blender's own environments as linear light (256, 512, 3) with mean 1."""
    folder = pathlib.Path(bpy.utils.resource_path("LOCAL")) / "datafiles/studiolights/world"
    loaded = bpy.data.images.load(str(folder / f"{name}.exr"))
    pixels = np.empty(len(loaded.pixels), "f4")
    loaded.pixels.foreach_get(pixels)
    pixels = pixels.reshape(loaded.size[1], loaded.size[0], -1)[::-1, :, :3]
    bpy.data.images.remove(loaded)
    pixels = cv2.resize(pixels, SIZE, interpolation=cv2.INTER_AREA)
    return pixels / pixels.mean()


def surroundings(light: Light):
    """Return the environment (256, 512, 3) of this picture.

    It is white-balanced in part, perhaps mixed with another, rotated, then tinted.
    """
    image = balanced(environment(light.environment), light.balance)
    if light.mix:
        other = balanced(environment(light.second), light.balance)
        other = np.roll(other, SIZE[0] // 3, 1)
        image = (1 - light.mix) * image + light.mix * other
    image = np.roll(image, int(light.rotation / (2 * np.pi) * SIZE[0]), 1)
    if light.mirrored:
        image = image[:, ::-1]
    return LEVEL * np.minimum(image, HARDEST) * light.tint


def balanced(image, share: float):
    """Remove the color of the mean light by `share`: 0 not at all, 1 completely."""
    mean = np.minimum(image, BRIGHTEST_SEEN).mean((0, 1))
    return image * (mean.mean() / mean) ** share


def shine(light: Light, world_image, target, view: View) -> None:
    """Add world, lamp and glint to the scene; `target` (3,) is the middle of the face."""
    build_world(world_image)
    if light.lamp:
        direction = turn(light.lamp_angles[0], -light.lamp_angles[1], 0)[:, 2]
        position = target + direction * LAMP_DISTANCE
        build_lamp(position, target, light.lamp_power, light.lamp_size, light.lamp_color)
    # The catch-light: a small window beside the camera that only the eyes reflect.
    right, up, back = GLINT_DIRECTION
    side = 1 if light.mirrored else -1
    position = target + unit(view.axes @ [right * side, up, back]) * GLINT_DISTANCE
    glint = build_lamp(position, target, GLINT_POWER, GLINT_SIZE, np.ones(3))
    glint.visible_diffuse = False
    glint.light_linking.receiver_collection = studio.collection("eyes", studio.EYE)


def build_world(image) -> None:
    """Make the environment image the scene's world."""
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    world.node_tree.nodes.clear()
    links = world.node_tree.links
    texture, background, output = studio.nodes(world, "TexEnvironment", "Background", "OutputWorld")
    texture.image = studio.picture("environment", image)
    links.new(texture.outputs[0], background.inputs[0])
    links.new(background.outputs[0], output.inputs[0])
    # The default importance map costs 2.5 s per picture; one as fine as the image costs a tenth.
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = 256


def build_lamp(position, target, power: float, size: float, color):
    """Build a square area lamp at `position` that faces `target`."""
    lamp = bpy.data.lights.new("lamp", "AREA")
    lamp.size = size
    lamp.energy = power
    lamp.color = color
    made = studio.add("lamp", lamp, 0)
    made.location = studio.blender(position)
    made.rotation_mode = "QUATERNION"
    made.rotation_quaternion = studio.aim(position, target)
    return made


def background(light: Light, world_image, view: View, size: int):
    """Paint what stands behind the face (size, size, 3), linear.

    It is the environment out of focus, or a plain wall.
    """
    r = np.random.default_rng(light.seed)
    if light.background == "wall":
        return wall(light, r, size)
    width = max(view.width, r.uniform(0.5, 1.0))
    wide = View(view.position, view.axes, width, view.shift)
    direction = studio.blender(unit(wide.directions(size)))
    longitude = np.arctan2(direction[..., 1], direction[..., 0])
    latitude = np.arcsin(np.clip(direction[..., 2], -1, 1))
    u = (0.5 - longitude / (2 * np.pi)) * SIZE[0] - 0.5
    v = (0.5 - latitude / np.pi) * SIZE[1] - 0.5
    # One more column on either side lets the interpolation wrap around.
    clipped = np.minimum(world_image, BRIGHTEST_SEEN)
    padded = np.pad(clipped, ((0, 0), (1, 1), (0, 0)), "wrap").astype("f4")
    seen = cv2.remap(
        padded,
        (u % SIZE[0] + 1).astype("f4"),
        v.astype("f4"),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cv2.GaussianBlur(seen, (0, 0), light.blur)


def wall(light: Light, r, size: int):
    """Paint a plain wall (size, size, 3), linear, whose light falls off to one side."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    falloff = 1 + r.uniform(-0.6, 0.6) * x + r.uniform(-0.6, 0.6) * y
    return colors.cloth(r) * light.tint * falloff[..., None] * LEVEL
