"""Build clothes and what lies on the head: shells of cloth over the skin.

They are the same in all pictures of an identity. Where a shell lies is decided on the neutral head.
"""

import numpy as np

from . import colors, studio
from .figure import Posed
from .head import smoothstep
from .scalp import AXIS_DEPTH, azimuth, hat_edge
from .streams import pick
from .studio import ACCESSORY, CLOTH

NECKLINES = {"crew": 0.4, "v": 0.2, "high": 0.15, "boat": 0.1, "hood": 0.15}
NECKLINE_HEIGHTS = {"crew": 6.0, "v": 6.0, "high": 6.35, "boat": 5.72, "hood": 6.02}
V_DEPTH, V_HALF_WIDTH = 0.75, 0.38

PATTERNS = {"plain": 0.62, "TexWave": 0.17, "TexChecker": 0.09, "TexNoise": 0.12}
PATTERN_SCALES = {"TexWave": (0.8, 3), "TexChecker": (3, 9), "TexNoise": (1, 6)}

# Colors of disposable masks, sRGB.
MASKS = np.array(
    [
        (0.62, 0.78, 0.86),
        (0.92, 0.92, 0.92),
        (0.06, 0.06, 0.07),
        (0.75, 0.82, 0.8),
    ]
)

VISOR_ANGLES = np.linspace(-1.05, 1.05, 17)  # azimuths of its inner border
VISOR_STEPS = np.linspace(0, 1, 6)  # from the inner border to the rim
VISOR_REACH, VISOR_HALF_ANGLE = 0.62, 1.12
VISOR_START = np.array([0, 0, 0.13])
VISOR_DIRECTION = np.array([0, -0.3, 1])


def dress(posed: Posed) -> None:
    """Put on clothes, then a hat, headscarf, band or mask."""
    r = posed.person.stream("clothes")
    build_clothes(posed, r, cloth(r, "cloth"))
    builders = {
        "beanie": build_hat,
        "cap": build_hat,
        "headscarf": build_headscarf,
        "band": build_band,
        "mask": build_mask,
    }
    builder = builders.get(posed.person.accessory)
    if builder:
        builder(posed, posed.person.stream("hat"))


def cloth(r, name: str):
    """Draw a woven material: plain, striped, checked or mottled in two colors."""
    one, other = colors.cloth(r), colors.cloth(r)
    roughness = r.uniform(0.6, 0.95)
    made, shader = studio.material(name, one, roughness, Specular_IOR_Level=0.2)
    pattern = pick(r, PATTERNS)
    if pattern == "plain":
        return made
    links = made.node_tree.links
    place, texture, step, mix = studio.nodes(made, "TexCoord", pattern, "Math", "Mix")
    texture.inputs["Scale"].default_value = r.uniform(*PATTERN_SCALES[pattern])
    step.operation = "GREATER_THAN"
    step.inputs[1].default_value = 0.5
    mix.data_type = "RGBA"
    mix.inputs[6].default_value = (*one, 1)  # inputs 6 and 7 are the two colors
    mix.inputs[7].default_value = (*other, 1)
    links.new(place.outputs["Object"], texture.inputs["Vector"])
    links.new(texture.outputs[0 if pattern == "TexNoise" else "Fac"], step.inputs[0])
    links.new(step.outputs[0], mix.inputs[0])
    links.new(mix.outputs[2], shader.inputs["Base Color"])
    return made


def cover(
    posed: Posed,
    name: str,
    where,
    distance,
    of,
    index: int,
    *,
    thickness: float,
    relax: int = 2,
):
    """Build a shell of cloth over the skin's quads whose corners all lie in `where` (V,)."""
    head = posed.head
    quads = head.quads[head.skin_quads & where[head.quads].all(1)]
    points, quads = posed.shell(quads, distance, relax)
    return studio.mesh(name, points, quads, [of], index, smooth=2, thickness=thickness)


def neckline(kind: str, x, z):
    """Return the height at which a top ends at the front; a V is lower in the middle."""
    height = NECKLINE_HEIGHTS[kind]
    if kind == "v":
        return height - V_DEPTH * np.clip(1 - np.abs(x) / V_HALF_WIDTH, 0, 1) * (z > 0)
    return height


def build_clothes(posed: Posed, r, of) -> None:
    """Build a top with one of five necklines."""
    x, y, z = posed.head.vertices.T
    kind = pick(r, NECKLINES)
    where = y < neckline(kind, x, z) - 0.22 * smoothstep(-0.2, 0.5, z)
    distance = 0.05 + 0.05 * smoothstep(5.9, 5.3, y) + 0.03 * (kind == "high")
    cover(posed, "top", where, distance, of, CLOTH, thickness=0.05)
    if kind == "hood":
        build_hood(of)


def build_hood(of) -> None:
    """Build the roll of cloth that a hood makes around the neck."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x = 0.78 * np.sin(angle)
    y = 5.98 - 0.22 * np.cos(angle) + 0.05 * np.sin(3 * angle)
    z = -0.05 + 0.72 * np.cos(angle)
    studio.tube("hood", np.c_[x, y, z], 0.2, of, CLOTH, closed=True)


def build_hat(posed: Posed, r) -> None:
    """Build a beanie, or a cap with its visor."""
    kind = posed.person.accessory
    of = cloth(r, "hat")
    base = posed.head.vertices
    where = (base[:, 1] > hat_edge(kind, base)) & (posed.head.ears < 0.2)
    cover(posed, "hat", where, 0.13, of, ACCESSORY, thickness=0.06, relax=4)
    if kind == "cap":
        build_visor(posed, of)


def visor_edge(posed: Posed):
    """Return the inner border (17, 3) of a visor, which lies on the skin of any head."""
    head = posed.head
    base = head.vertices
    front = head.skin[(base[head.skin, 2] > 0) & (head.ears[head.skin] < 0.1)]
    signed = np.arctan2(base[front, 0], base[front, 2] - AXIS_DEPTH)
    above = np.abs(base[front, 1] - hat_edge("cap", base[front]) - 0.06)
    nearest = [front[np.argmin(np.abs(signed - a) * 1.5 + above)] for a in VISOR_ANGLES]
    edge = posed.figure.vertices[nearest]
    for _ in range(3):
        edge[1:-1] = 0.5 * edge[1:-1] + 0.25 * (edge[:-2] + edge[2:])
    return edge


def build_visor(posed: Posed, of) -> None:
    """Build a bent sheet that leaves the cap's front edge."""
    edge = visor_edge(posed)
    reach = VISOR_REACH * np.sqrt(np.maximum(0, 1 - (VISOR_ANGLES / VISOR_HALF_ANGLE) ** 2))
    out = VISOR_STEPS[None, :, None] * reach[:, None, None] * VISOR_DIRECTION
    points = edge[:, None] + VISOR_START + out  # (17, 6, 3)
    points[..., 1] -= 0.1 * (points[..., 0] / 0.7) ** 2 * VISOR_STEPS
    rows, steps = np.arange(len(VISOR_ANGLES) - 1), np.arange(len(VISOR_STEPS) - 1)
    row, column = np.meshgrid(rows, steps, indexing="ij")
    width = len(VISOR_STEPS)
    first = row * width + column
    quads = np.stack([first, first + width, first + width + 1, first + 1], -1).reshape(-1, 4)
    turned = posed.turned(points.reshape(-1, 3))
    studio.mesh("visor", turned, quads, [of], ACCESSORY, thickness=0.04)


def build_headscarf(posed: Posed, r) -> None:
    """Build a scarf around head and neck that leaves the face free."""
    x, y, z = posed.head.vertices.T
    face = ((np.abs(x) / 0.72) ** 2 + ((y - 7.12) / 0.8) ** 2 < 1) & (z > 0.35)
    flat_ears = 1 - 0.9 * (posed.head.ears > 0.3)
    distance = (0.15 + 0.12 * smoothstep(6.9, 6.2, y)) * flat_ears
    quads = posed.head.quads
    where = (y > 5.4)[quads].all(1) & ~face[quads].any(1) & posed.head.skin_quads
    points, quads = posed.shell(quads[where], distance, 16)
    of = cloth(r, "scarf")
    studio.mesh("headscarf", points, quads, [of], ACCESSORY, smooth=2, thickness=0.05)


def build_band(posed: Posed, r) -> None:
    """Build a band across the forehead and around the head."""
    base = posed.head.vertices
    middle = 7.92 - 0.16 * azimuth(base)
    where = (np.abs(base[:, 1] - middle) < 0.13) & (posed.head.ears < 0.2)
    cover(posed, "band", where, 0.1, cloth(r, "band"), ACCESSORY, thickness=0.05)


def build_mask(posed: Posed, r) -> None:
    """Build a face mask over nose and mouth."""
    x, y, z = posed.head.vertices.T
    color = colors.linear(MASKS[r.integers(len(MASKS))]) if r.random() < 0.7 else colors.cloth(r)
    of, _ = studio.material("mask", color, 0.8)
    where = (np.abs(x) < 0.7) & (y < 7.16 - 0.2 * np.abs(x)) & (y > 6.1) & (z > 0.4)
    cover(posed, "mask", where, 0.07, of, ACCESSORY, thickness=0.02, relax=12)
