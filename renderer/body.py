"""Build head, eyes, lashes and hair of a posed figure as Blender objects."""

import bpy
import numpy as np

from . import studio
from .colors import linear
from .figure import Posed, ball
from .head import EYE_GROUPS, FACE, LASHES, MOUTH, NECK, SOCKET, TEETH, TONGUE, turn
from .studio import EYE, HAIR, SKIN

MOUTH_COLOR = linear(np.array([0.45, 0.16, 0.15]))
TEETH_COLOR = np.array([0.86, 0.83, 0.75])  # sRGB
SOCKET_FACTOR = np.array([0.75, 0.55, 0.52])  # times the skin's albedo
LASH_COLOR = (0.02, 0.014, 0.012)
BROW_COLOR = np.array([0.27, 0.2, 0.15])  # sRGB, where the hair's own color is not plain
NOT_PLAIN = ("dyed", "light_blond", "grey")
EYEBALL_SHARE = 0.985  # of its radius, so that the lids lie in front of it


def build(posed: Posed) -> None:
    """Build a person without clothes and accessories."""
    build_head(posed)
    build_eyes(posed)
    build_lashes(posed)
    build_hair(posed)


def face_material(posed: Posed):
    """Make the material of the painted texture, with pores and wrinkles as a bump."""
    person = posed.person
    roughness = person.stream("gloss").uniform(0.48, 0.65)
    made, shader = studio.skin_material("skin", roughness)
    links = made.node_tree.links
    texture, noise, bump, uv = studio.nodes(made, "TexImage", "TexNoise", "Bump", "TexCoord")
    texture.image = studio.picture("skin", posed.figure.texture)
    texture.extension = "EXTEND"
    noise.inputs["Scale"].default_value = 28
    noise.inputs["Detail"].default_value = 4
    bump.inputs["Strength"].default_value = 0.12 + 0.2 * person.wrinkles
    bump.inputs["Distance"].default_value = 0.03
    links.new(texture.outputs[0], shader.inputs["Base Color"])
    links.new(uv.outputs["UV"], noise.inputs["Vector"])
    links.new(noise.outputs[0], bump.inputs["Height"])
    links.new(bump.outputs[0], shader.inputs["Normal"])
    return made


def build_head(posed: Posed) -> None:
    """Build the skin, the inside of the mouth and the teeth."""
    head = posed.head
    skin = linear(posed.person.skin)
    teeth = linear(TEETH_COLOR * posed.pose.teeth)
    materials = [
        face_material(posed),
        studio.skin_material("neck", 0.5, skin * 0.97)[0],
        studio.material("mouth", MOUTH_COLOR, 0.4)[0],
        studio.material("socket", skin * SOCKET_FACTOR, 0.6)[0],
        studio.material("teeth", teeth, 0.2)[0],
    ]
    chosen = np.isin(head.groups, (FACE, NECK, MOUTH, SOCKET, TONGUE, *TEETH))
    groups, quads = head.groups[chosen], head.quads[chosen]
    faces = zip(quads, head.quads_uv[chosen], strict=True)
    corners = [head.uv[texture][: studio.corner_count(quad)] for quad, texture in faces]
    uv = np.concatenate(corners)
    made = studio.mesh("head", posed.vertices, quads, materials, SKIN, uv=uv)
    in_mouth = np.isin(groups, (TONGUE, MOUTH))
    slots = np.select(
        [groups == FACE, groups == NECK, in_mouth, groups == SOCKET],
        [0, 1, 2, 3],
        4,
    )
    made.data.polygons.foreach_set("material_index", slots.astype("i4"))


def build_eyes(posed: Posed) -> None:
    """Build two wet eyeballs that look the same way."""
    made, shader = studio.material("eye", roughness=0.05, Specular_IOR_Level=0.7)
    (colors,) = studio.nodes(made, "VertexColor")
    colors.layer_name = studio.COLOR_LAYER
    made.node_tree.links.new(colors.outputs[0], shader.inputs["Base Color"])
    gaze = posed.rotation @ turn(*posed.pose.gaze, 0)
    for side in EYE_GROUPS:
        center, radius = posed.eyeball(side)
        points, quads, color = ball(center, radius * EYEBALL_SHARE, gaze, posed.person)
        studio.mesh("eye", points, quads, [made], EYE, colors=color, smooth=0)


def build_lashes(posed: Posed) -> None:
    """Build lashes that are partly see-through."""
    person = posed.person
    opacity = 0.4 if person.make_up else (0.1 if person.male else 0.22)
    dark, _ = studio.material("lashes", LASH_COLOR, 0.6, Alpha=opacity)
    quads = posed.head.quads[np.isin(posed.head.groups, LASHES)]
    studio.mesh("lashes", posed.vertices, quads, [dark], HAIR)


def build_hair(posed: Posed) -> None:
    """Build hair, brows and beard.

    Brows are a little darker than the hair, and never dyed, grey or light blond.
    """
    figure, person = posed.figure, posed.person
    r = person.stream("hair gloss")
    roughness = r.uniform(0.4, 0.65)
    plain = BROW_COLOR * r.uniform(0.7, 1.4) if person.hair_color in NOT_PLAIN else person.hair
    grown = (
        ("hair", figure.hair, person.hair, False),
        ("brows", figure.brows, plain * r.uniform(0.75, 1.0), True),
        ("beard", figure.beard, person.hair * 0.85, True),
    )
    for name, groups, color, on_face in grown:
        if groups:
            shade = studio.hair_material(np.clip(color, 0.03, 1), roughness)
            for strands in groups:
                paths = posed.strands(strands.paths, on_face)
                studio.hair(name, paths, strands.root, strands.tip, shade)


def empty() -> bpy.types.Scene:
    """Return a fresh scene with nothing in it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene
