"""Head, eyes, lashes and hair of a posed figure, as Blender objects."""

import bpy
import numpy as np

from . import studio
from .colors import linear
from .figure import Posed, ball
from .head import FACE, MOUTH, NECK, SOCKET, turn
from .studio import EYE, HAIR, SKIN

TEETH, TONGUE = (7, 8), 9
LASHES = (3, 4, 5, 6)


def build(posed: Posed) -> None:
    """All of a person but clothes and accessories."""
    build_head(posed)
    build_eyes(posed)
    build_lashes(posed)
    build_hair(posed)


def face_material(posed: Posed):
    """The painted texture, with pores and wrinkles as a bump."""
    person = posed.person
    made, shader = studio.skin_material("skin", person.stream("gloss").uniform(0.48, 0.65))
    nodes, links = made.node_tree.nodes, made.node_tree.links
    texture, noise, bump, uv = (nodes.new("ShaderNode" + kind) for kind in ("TexImage", "TexNoise", "Bump", "TexCoord"))
    texture.image, texture.extension = studio.picture("skin", posed.figure.texture), "EXTEND"
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 28, 4
    bump.inputs["Strength"].default_value, bump.inputs["Distance"].default_value = 0.12 + 0.2 * person.wrinkles, 0.03
    links.new(texture.outputs[0], shader.inputs["Base Color"])
    links.new(uv.outputs["UV"], noise.inputs["Vector"])
    links.new(noise.outputs[0], bump.inputs["Height"])
    links.new(bump.outputs[0], shader.inputs["Normal"])
    return made


def build_head(posed: Posed) -> None:
    """Skin, the inside of the mouth, teeth."""
    head, skin = posed.head, linear(posed.person.skin)
    materials = [face_material(posed), studio.skin_material("neck", 0.5, skin * 0.97)[0],
                 studio.material("mouth", linear(np.array([0.45, 0.16, 0.15])), 0.4)[0],
                 studio.material("socket", skin * np.array([0.75, 0.55, 0.52]), 0.6)[0],
                 studio.material("teeth", linear(np.array([0.86, 0.83, 0.75]) * posed.pose.teeth), 0.2)[0]]  # fmt: skip
    chosen = np.isin(head.groups, (FACE, NECK, MOUTH, SOCKET, TONGUE, *TEETH))
    groups, quads = head.groups[chosen], head.quads[chosen]
    uv = np.concatenate(
        [head.uv[texture][: 4 if quad[3] != quad[2] else 3] for quad, texture in zip(quads, head.quads_uv[chosen], strict=True)]
    )
    made = studio.mesh("head", posed.vertices, quads, materials, SKIN, uv=uv)
    slots = np.select([groups == FACE, groups == NECK, np.isin(groups, (TONGUE, MOUTH)), groups == SOCKET], [0, 1, 2, 3], 4)
    made.data.polygons.foreach_set("material_index", slots.astype("i4"))


def build_eyes(posed: Posed) -> None:
    """Two wet eyeballs that look the same way."""
    made, shader = studio.material("eye", roughness=0.05, Specular_IOR_Level=0.7)
    colors = made.node_tree.nodes.new("ShaderNodeVertexColor")
    colors.layer_name = "Col"
    made.node_tree.links.new(colors.outputs[0], shader.inputs["Base Color"])
    gaze = posed.rotation @ turn(*posed.pose.gaze, 0)
    for side in (1, 2):
        center, radius = posed.eyeball(side)
        points, quads, color = ball(center, radius * 0.985, gaze, posed.person)
        studio.mesh("eye", points, quads, [made], EYE, colors=color, smooth=0)


def build_lashes(posed: Posed) -> None:
    """Lashes, half see-through."""
    thick = 0.4 if posed.person.make_up else (0.1 if posed.person.male else 0.22)
    dark, _ = studio.material("lashes", (0.02, 0.014, 0.012), 0.6, Alpha=thick)
    studio.mesh("lashes", posed.vertices, posed.head.quads[np.isin(posed.head.groups, LASHES)], [dark], HAIR)


def build_hair(posed: Posed) -> None:
    """Hair, brows and beard. Brows are a little darker than the hair, and never dyed, white or flaxen."""
    figure, person = posed.figure, posed.person
    r = person.stream("hair gloss")
    roughness = r.uniform(0.4, 0.65)
    plain = person.hair if person.hair_color not in ("dyed", "light_blond", "grey") else np.array([0.27, 0.2, 0.15]) * r.uniform(0.7, 1.4)
    grown = (
        ("hair", figure.hair, person.hair, False),
        ("brows", figure.brows, plain * r.uniform(0.75, 1.0), True),
        ("beard", figure.beard, person.hair * 0.85, True),
    )
    for name, strands, color, on_face in grown:
        if strands:
            shade = studio.hair_material(np.clip(color, 0.03, 1), roughness)
            for paths, root, tip in strands:
                studio.hair(name, posed.strands(paths, on_face), root, tip, shade)


def empty() -> bpy.types.Scene:
    """A fresh scene with nothing in it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene
