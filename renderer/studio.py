"""Blender, wrapped: meshes, hair curves, tubes and materials from plain arrays. The only place that turns y-up into Blender's z-up."""

import pathlib
import sys

import bpy
import mathutils
import numpy as np

from .colors import linear

SKIN, EYE, HAIR, CLOTH, ACCESSORY = 1, 2, 3, 4, 5  # pass indices: which thing a pixel shows


def blender(points):
    """y-up to z-up."""
    points = np.asarray(points, float)
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1)


def material(name: str, color=None, roughness: float = 0.5, **inputs):
    """(material, its Principled node). `color` is linear light; further inputs by name, spaces as underscores."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes = made.node_tree.nodes
    nodes.clear()
    shader = nodes.new("ShaderNodeBsdfPrincipled")
    made.node_tree.links.new(shader.outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs[0])
    if color is not None:
        shader.inputs["Base Color"].default_value = (*map(float, color), 1)
    shader.inputs["Roughness"].default_value = roughness
    for name, value in inputs.items():
        shader.inputs[name.replace("_", " ")].default_value = value
    return made, shader


def skin_material(name: str, roughness: float, color=None):
    """Skin: light enters and comes out a little further, reddest."""
    return material(
        name, color, roughness, Subsurface_Weight=0.65, Subsurface_Scale=0.06, Subsurface_Radius=(1.0, 0.35, 0.2), Specular_IOR_Level=0.3
    )


def hair_material(color, roughness: float):
    """Hair fibers of a color (sRGB)."""
    made = bpy.data.materials.new("hair")
    made.use_nodes = True
    nodes = made.node_tree.nodes
    nodes.clear()
    shader = nodes.new("ShaderNodeBsdfHairPrincipled")
    shader.model, shader.parametrization = "CHIANG", "COLOR"
    shader.inputs["Color"].default_value = (*map(float, np.clip(linear(color), 0.004, 0.9)), 1)
    for name, value in (("Roughness", roughness), ("Radial Roughness", roughness), ("IOR", 1.37), ("Random Roughness", 0.3)):
        shader.inputs[name].default_value = value
    made.node_tree.links.new(shader.outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs[0])
    return made


def corners(quads):
    """Quads as lists; one that repeats its third corner is a triangle."""
    return [[int(i) for i in (quad if quad[3] != quad[2] else quad[:3])] for quad in quads]


def add(name: str, data, index: int):
    """An object of the scene with a pass index."""
    made = bpy.data.objects.new(name, data)
    made.pass_index = index
    bpy.context.scene.collection.objects.link(made)
    return made


def mesh(name: str, points, quads, materials, index: int, *, uv=None, colors=None, smooth=1, thickness=0.0, flat=False):
    """A mesh object; `uv` (corners, 2), `colors` (V, 3) linear, `smooth` subdivisions, `thickness` of a shell."""
    data = bpy.data.meshes.new(name)
    data.from_pydata(blender(points).tolist(), [], corners(quads))
    if uv is not None:
        data.uv_layers.new(name="uv").data.foreach_set("uv", np.asarray(uv, "f4").ravel())
    if colors is not None:
        # Not named "color": Blender keeps that name, and the shader reads black.
        layer = data.color_attributes.new("Col", "FLOAT_COLOR", "POINT")
        layer.data.foreach_set("color", np.c_[colors, np.ones(len(colors))].astype("f4").ravel())
    for one in materials:
        data.materials.append(one)
    data.polygons.foreach_set("use_smooth", [not flat] * len(data.polygons))
    made = add(name, data, index)
    if thickness:
        solid = made.modifiers.new("thickness", "SOLIDIFY")
        solid.thickness, solid.offset = thickness, 0
    if smooth:
        modifier = made.modifiers.new("smooth", "SUBSURF")
        modifier.levels = modifier.render_levels = smooth
    return made


def hair(name: str, paths, root: float, tip: float, of):
    """Strands (N, P, 3) as hair curves that thin from radius `root` to `tip`."""
    count, points, _ = paths.shape
    data = bpy.data.hair_curves.new(name)
    data.add_curves([points] * count)
    data.attributes["position"].data.foreach_set("vector", blender(paths).astype("f4").ravel())
    radius = data.attributes.get("radius") or data.attributes.new("radius", "FLOAT", "POINT")
    radius.data.foreach_set("value", np.broadcast_to(np.linspace(root, tip, points), (count, points)).astype("f4").ravel())
    data.materials.append(of)
    return add(name, data, HAIR)


def tube(name: str, path, radius: float, of, index: int, closed: bool = False):
    """A tube along a path (N, 3)."""
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions = "3D"
    spline = data.splines.new("POLY")
    spline.points.add(len(path) - 1)
    spline.points.foreach_set("co", np.c_[blender(path), np.ones(len(path))].astype("f4").ravel())
    spline.use_cyclic_u = closed
    data.bevel_depth, data.bevel_resolution = radius, 2
    data.materials.append(of)
    return add(name, data, index)


def picture(name: str, pixels):
    """A float image of linear light from an array (rows, columns, 3), row 0 at the top."""
    rows, columns = pixels.shape[:2]
    made = bpy.data.images.new(name, columns, rows, float_buffer=True)
    made.colorspace_settings.name = "Linear Rec.709"
    made.pixels.foreach_set(np.dstack([pixels[::-1], np.ones((rows, columns))]).astype("f4").ravel())
    return made


def aim(position, target):
    """Quaternion of a lamp or camera at `position` that looks at `target`."""
    return mathutils.Vector(blender(np.subtract(target, position))).to_track_quat("-Z", "Y")


def collection(name: str, index: int):
    """A collection of the scene's objects with this pass index."""
    made = bpy.data.collections.new(name)
    for one in bpy.context.scene.objects:
        if one.pass_index == index:
            made.objects.link(one)
    return made


def placed(position, axes):
    """World matrix of a camera at `position` whose right, up and back are the columns of `axes`."""
    matrix = mathutils.Matrix(blender(axes.T).T.tolist()).to_4x4()
    matrix.translation = blender(position)
    return matrix


def openimageio():
    """The image library that comes in Blender's own wheel."""
    folder = pathlib.Path(bpy.utils.resource_path("LOCAL")) / "python/lib/python3.11/site-packages"
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    import OpenImageIO

    return OpenImageIO
