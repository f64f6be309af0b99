"""Clothes and what lies on the head: shells over the skin, of cloth. The same in all pictures of an identity."""

import numpy as np

from . import colors, studio
from .figure import Posed
from .head import smoothstep
from .scalp import azimuth, hat_edge
from .streams import pick
from .studio import ACCESSORY, CLOTH

NECKLINES = {"crew": 0.4, "v": 0.2, "high": 0.15, "boat": 0.1, "hood": 0.15}
MASKS = np.array([(0.62, 0.78, 0.86), (0.92, 0.92, 0.92), (0.06, 0.06, 0.07), (0.75, 0.82, 0.8)])


def dress(posed: Posed) -> None:
    """Clothes, then hat, headscarf, band or mask."""
    r = posed.person.stream("clothes")
    build_clothes(posed, r, cloth(r, "cloth"))
    builder = {"beanie": build_hat, "cap": build_hat, "headscarf": build_headscarf, "band": build_band, "mask": build_mask}.get(
        posed.person.accessory
    )
    if builder:
        builder(posed, posed.person.stream("hat"))


def cloth(r, name: str):
    """A woven material: plain, striped, checked or mottled in two colors."""
    one, other = colors.cloth(r), colors.cloth(r)
    made, shader = studio.material(name, one, r.uniform(0.6, 0.95), Specular_IOR_Level=0.2)
    pattern = pick(r, {"plain": 0.62, "TexWave": 0.17, "TexChecker": 0.09, "TexNoise": 0.12})
    if pattern == "plain":
        return made
    nodes, links = made.node_tree.nodes, made.node_tree.links
    place, texture, step, mix = (nodes.new("ShaderNode" + kind) for kind in ("TexCoord", pattern, "Math", "Mix"))
    texture.inputs["Scale"].default_value = r.uniform(*{"TexWave": (0.8, 3), "TexChecker": (3, 9), "TexNoise": (1, 6)}[pattern])
    step.operation, step.inputs[1].default_value = "GREATER_THAN", 0.5
    mix.data_type = "RGBA"
    mix.inputs[6].default_value, mix.inputs[7].default_value = (*one, 1), (*other, 1)
    links.new(place.outputs["Object"], texture.inputs["Vector"])
    links.new(texture.outputs["Fac" if pattern != "TexNoise" else 0], step.inputs[0])
    links.new(step.outputs[0], mix.inputs[0])
    links.new(mix.outputs[2], shader.inputs["Base Color"])
    return made


def cover(posed: Posed, name: str, where, distance, of, index: int, *, thickness: float, relax: int = 2):
    """A shell of cloth over the skin's quads whose corners all lie in `where` (mask of vertices)."""
    quads = posed.head.quads[posed.head.skin_quads & where[posed.head.quads].all(1)]
    points, quads = posed.shell(quads, distance, relax)
    return studio.mesh(name, points, quads, [of], index, smooth=2, thickness=thickness)


def build_clothes(posed: Posed, r, of) -> None:
    """A top with one of five necklines."""
    x, y, z = posed.head.vertices.T
    kind = pick(r, NECKLINES)
    height = {"crew": 6.0, "v": 6.0 - 0.75 * np.clip(1 - np.abs(x) / 0.38, 0, 1) * (z > 0), "high": 6.35, "boat": 5.72, "hood": 6.02}[kind]
    where = y < height - 0.22 * smoothstep(-0.2, 0.5, z)
    distance = 0.05 + 0.05 * smoothstep(5.9, 5.3, y) + 0.03 * (kind == "high")
    cover(posed, "top", where, distance, of, CLOTH, thickness=0.05)
    if kind == "hood":
        angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        path = np.c_[0.78 * np.sin(angle), 5.98 - 0.22 * np.cos(angle) + 0.05 * np.sin(3 * angle), -0.05 + 0.72 * np.cos(angle)]
        studio.tube("hood", path, 0.2, of, CLOTH, closed=True)


def build_hat(posed: Posed, r) -> None:
    """A beanie, or a cap with its visor."""
    kind, of = posed.person.accessory, cloth(r, "hat")
    base = posed.head.vertices
    where = (base[:, 1] > hat_edge(kind, base)) & (posed.head.ears < 0.2)
    cover(posed, "hat", where, 0.13, of, ACCESSORY, thickness=0.06, relax=4)
    if kind == "cap":
        build_visor(posed, of)


def build_visor(posed: Posed, of) -> None:
    """A bent sheet that leaves the cap's front edge: its inner border lies on the skin there, whatever the shape of the head."""
    base, figure = posed.head.vertices, posed.figure
    angles, out = np.linspace(-1.05, 1.05, 17), np.linspace(0, 1, 6)
    front = posed.head.skin[(base[posed.head.skin, 2] > 0) & (posed.head.ears[posed.head.skin] < 0.1)]
    edge = []
    for angle in angles:
        signed = np.arctan2(base[front, 0], base[front, 2] - 0.05)
        nearest = front[np.argmin(np.abs(signed - angle) * 1.5 + np.abs(base[front, 1] - hat_edge("cap", base[front]) - 0.06))]
        edge.append(figure.vertices[nearest])
    edge = np.array(edge)
    for _ in range(3):
        edge[1:-1] = 0.5 * edge[1:-1] + 0.25 * (edge[:-2] + edge[2:])
    reach = 0.62 * np.sqrt(np.maximum(0, 1 - (angles / 1.12) ** 2))
    points = edge[:, None] + np.array([0, 0, 0.13]) + out[None, :, None] * reach[:, None, None] * np.array([0, -0.3, 1])
    points[..., 1] -= 0.1 * (points[..., 0] / 0.7) ** 2 * out
    row, column = np.meshgrid(np.arange(len(angles) - 1), np.arange(len(out) - 1), indexing="ij")
    first = row * len(out) + column
    quads = np.stack([first, first + len(out), first + len(out) + 1, first + 1], -1).reshape(-1, 4)
    studio.mesh("visor", posed.turned(points.reshape(-1, 3)), quads, [of], ACCESSORY, thickness=0.04)


def build_headscarf(posed: Posed, r) -> None:
    """A scarf around head and neck that leaves the face free."""
    x, y, z = posed.head.vertices.T
    face = ((np.abs(x) / 0.72) ** 2 + ((y - 7.12) / 0.8) ** 2 < 1) & (z > 0.35)
    distance = (0.15 + 0.12 * smoothstep(6.9, 6.2, y)) * (1 - 0.9 * (posed.head.ears > 0.3))
    quads = posed.head.quads
    where = (y > 5.4)[quads].all(1) & ~face[quads].any(1) & posed.head.skin_quads
    points, quads = posed.shell(quads[where], distance, 16)
    studio.mesh("headscarf", points, quads, [cloth(r, "scarf")], ACCESSORY, smooth=2, thickness=0.05)


def build_band(posed: Posed, r) -> None:
    """A band across the forehead, around the head."""
    base = posed.head.vertices
    middle = 7.92 - 0.16 * azimuth(base)
    cover(posed, "band", (np.abs(base[:, 1] - middle) < 0.13) & (posed.head.ears < 0.2), 0.1, cloth(r, "band"), ACCESSORY, thickness=0.05)


def build_mask(posed: Posed, r) -> None:
    """A face mask over nose and mouth."""
    x, y, z = posed.head.vertices.T
    color = colors.linear(MASKS[r.integers(len(MASKS))]) if r.random() < 0.7 else colors.cloth(r)
    where = (np.abs(x) < 0.7) & (y < 7.16 - 0.2 * np.abs(x)) & (y > 6.1) & (z > 0.4)
    cover(posed, "mask", where, 0.07, studio.material("mask", color, 0.8)[0], ACCESSORY, thickness=0.02, relax=12)
