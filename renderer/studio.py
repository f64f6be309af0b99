"""Wrap Blender: meshes, hair curves, tubes and materials from plain arrays.

Only this module converts y-up to Blender's z-up.
"""

import pathlib
import sys

import bpy
import mathutils
import numpy as np

from .colors import linear

SKIN, EYE, HAIR, CLOTH, ACCESSORY = 1, 2, 3, 4, 5  # pass indices: which thing a pixel shows
COLOR_LAYER = "Col"  # not "color": Blender reserves that name, and the shader would read black


def blender(points):
    """Convert points (..., 3) from y-up to z-up."""
    points = np.asarray(points, float)
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1)


def nodes(owner, *kinds: str) -> list:
    """Add shader nodes of these kinds to a material or a world."""
    return [owner.node_tree.nodes.new("ShaderNode" + kind) for kind in kinds]


def bare_material(name: str, kind: str):
    """Make (material, its only shader node) with the shader connected to the output."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    made.node_tree.nodes.clear()
    (shader,) = nodes(made, kind)
    return made, shader


def connect(made, shader) -> None:
    """Connect a shader node to a new output node."""
    (output,) = nodes(made, "OutputMaterial")
    made.node_tree.links.new(shader.outputs[0], output.inputs[0])


def material(name: str, color=None, roughness: float = 0.5, **inputs):
    """Make (material, its Principled node).

    `color` is linear light. Further inputs go by name, with underscores for spaces.
    """
    made, shader = bare_material(name, "BsdfPrincipled")
    connect(made, shader)
    if color is not None:
        shader.inputs["Base Color"].default_value = (*map(float, color), 1)
    shader.inputs["Roughness"].default_value = roughness
    for field, value in inputs.items():
        shader.inputs[field.replace("_", " ")].default_value = value
    return made, shader


def skin_material(name: str, roughness: float, color=None):
    """Make (material, its Principled node) of skin.

    Light enters skin and leaves a little further away, red light the furthest.
    """
    return material(
        name,
        color,
        roughness,
        Subsurface_Weight=0.65,
        Subsurface_Scale=0.06,
        Subsurface_Radius=(1.0, 0.35, 0.2),
        Specular_IOR_Level=0.3,
    )


def hair_material(color, roughness: float):
    """Make the material of hair fibers of a color (sRGB)."""
    made, shader = bare_material("hair", "BsdfHairPrincipled")
    shader.model = "CHIANG"
    shader.parametrization = "COLOR"
    albedo = np.clip(linear(color), 0.004, 0.9)
    shader.inputs["Color"].default_value = (*map(float, albedo), 1)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Radial Roughness"].default_value = roughness
    shader.inputs["IOR"].default_value = 1.37
    shader.inputs["Random Roughness"].default_value = 0.3
    connect(made, shader)
    return made


def corner_count(quad) -> int:
    """Return 3 for a quad that repeats its third corner, which is a triangle, and 4 otherwise."""
    return 4 if quad[3] != quad[2] else 3


def corners(quads) -> list[list[int]]:
    """List the corners of quads and triangles."""
    return [[int(i) for i in quad[: corner_count(quad)]] for quad in quads]


def add(name: str, data, index: int):
    """Add an object with a pass index to the scene."""
    made = bpy.data.objects.new(name, data)
    made.pass_index = index
    bpy.context.scene.collection.objects.link(made)
    return made


def mesh(
    name: str,
    points,
    quads,
    materials,
    index: int,
    *,
    uv=None,
    colors=None,
    smooth=1,
    thickness=0.0,
    flat=False,
):
    """Add a mesh object.

    `uv` is (corners, 2), `colors` (V, 3) linear, `smooth` the number of subdivisions, and
    `thickness` that of a shell.
    """
    data = bpy.data.meshes.new(name)
    data.from_pydata(blender(points).tolist(), [], corners(quads))
    if uv is not None:
        layer = data.uv_layers.new(name="uv")
        layer.data.foreach_set("uv", np.asarray(uv, "f4").ravel())
    if colors is not None:
        rgba = np.c_[colors, np.ones(len(colors))].astype("f4")
        layer = data.color_attributes.new(COLOR_LAYER, "FLOAT_COLOR", "POINT")
        layer.data.foreach_set("color", rgba.ravel())
    for one in materials:
        data.materials.append(one)
    data.polygons.foreach_set("use_smooth", [not flat] * len(data.polygons))
    made = add(name, data, index)
    if thickness:
        solid = made.modifiers.new("thickness", "SOLIDIFY")
        solid.thickness = thickness
        solid.offset = 0
    if smooth:
        modifier = made.modifiers.new("smooth", "SUBSURF")
        modifier.levels = smooth
        modifier.render_levels = smooth
    return made


def hair(name: str, paths, root: float, tip: float, of):
    """Add strands (N, P, 3) as hair curves that thin from radius `root` to `tip`."""
    count, points, _ = paths.shape
    data = bpy.data.hair_curves.new(name)
    data.add_curves([points] * count)
    vectors = blender(paths).astype("f4")
    data.attributes["position"].data.foreach_set("vector", vectors.ravel())
    radius = data.attributes.get("radius")
    if not radius:
        radius = data.attributes.new("radius", "FLOAT", "POINT")
    values = np.broadcast_to(np.linspace(root, tip, points), (count, points)).astype("f4")
    radius.data.foreach_set("value", values.ravel())
    data.materials.append(of)
    return add(name, data, HAIR)


def tube(name: str, path, radius: float, of, index: int, closed: bool = False):
    """Add a tube along a path (N, 3)."""
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions = "3D"
    spline = data.splines.new("POLY")
    spline.points.add(len(path) - 1)
    points = np.c_[blender(path), np.ones(len(path))].astype("f4")
    spline.points.foreach_set("co", points.ravel())
    spline.use_cyclic_u = closed
    data.bevel_depth = radius
    data.bevel_resolution = 2
    data.materials.append(of)
    return add(name, data, index)


def picture(name: str, pixels):
    """Make a float image of linear light from an array (rows, columns, 3), row 0 at the top."""
    rows, columns = pixels.shape[:2]
    made = bpy.data.images.new(name, columns, rows, float_buffer=True)
    made.colorspace_settings.name = "Linear Rec.709"
    rgba = np.dstack([pixels[::-1], np.ones((rows, columns))]).astype("f4")
    made.pixels.foreach_set(rgba.ravel())
    return made


def aim(position, target):
    """Return the quaternion of a lamp or camera at `position` that looks at `target`."""
    direction = mathutils.Vector(blender(np.subtract(target, position)))
    return direction.to_track_quat("-Z", "Y")


def collection(name: str, index: int):
    """Collect the scene's objects with this pass index."""
    made = bpy.data.collections.new(name)
    for one in bpy.context.scene.objects:
        if one.pass_index == index:
            made.objects.link(one)
    return made


def placed(position, axes):
    """Return the world matrix of a camera; the columns of `axes` are its right, up and back."""
    matrix = mathutils.Matrix(blender(axes.T).T.tolist()).to_4x4()
    matrix.translation = blender(position)
    return matrix


def openimageio():
    """Import the image library that comes in Blender's own wheel."""
    packages = "python/lib/python3.11/site-packages"
    folder = pathlib.Path(bpy.utils.resource_path("LOCAL")) / packages
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    import OpenImageIO

    return OpenImageIO
