"""Build glasses, sunglasses and earrings."""

import numpy as np

from . import colors, studio
from .figure import Posed, ring
from .head import EYE_GROUPS
from .streams import pick
from .studio import ACCESSORY

RIM = 40  # points of a rim
SIDES = (1, -1)  # sign of x: left, right
FRAMES = {"dark": 0.5, "colored": 0.2, "metal": 0.3}
FRAME_METAL = colors.linear(np.array([0.7, 0.62, 0.5]))
FRAME_DARK = colors.linear(np.full(3, 0.05))
GOLD, SILVER = np.array([0.85, 0.7, 0.35]), np.array([0.8, 0.8, 0.82])


def put_on(posed: Posed) -> None:
    """Put on the glasses and earrings of a person."""
    person = posed.person
    if person.accessory in ("glasses", "sunglasses"):
        build_glasses(posed, person.stream("glasses"))
    r = person.stream("earrings")
    if not person.male and person.accessory != "headscarf" and r.random() < 0.3:
        build_earrings(posed, r)


def frame_material(r):
    """Draw the material of a frame: dark, colored or metal."""
    kind = pick(r, FRAMES)
    if kind == "metal":
        return studio.material("frame", FRAME_METAL * r.uniform(0.5, 1.2), 0.25, Metallic=1.0)[0]
    color = colors.cloth(r) if kind == "colored" else FRAME_DARK * r.uniform(1, 4)
    return studio.material("frame", color, 0.25)[0]


def build_glasses(posed: Posed, r) -> None:
    """Build rims in front of the eyes, a bridge on the nose, temples to the ears."""
    vertices, head = posed.figure.vertices, posed.head
    eyes = [vertices[head.eye_vertices(side)] for side in EYE_GROUPS]
    apart = (eyes[0][:, 0].max() + eyes[0][:, 0].min()) / 2
    height = np.mean([(eye[:, 1].max() + eye[:, 1].min()) / 2 for eye in eyes]) - 0.02
    depth = max(eye[:, 2].max() for eye in eyes) + 0.17
    half_width = r.uniform(0.22, 0.27)
    half_height = r.uniform(0.14, 0.21)
    center = max(apart + 0.01, half_width + 0.06)
    thick = r.uniform(0.011, 0.024)
    shape = ring(RIM, r.uniform(2, 4)) * [half_width, half_height]
    frame = frame_material(r)
    lens = lens_material(dark=posed.person.accessory == "sunglasses")

    def tube(name, path, radius, closed=False):
        studio.tube(name, posed.turned(path), radius, frame, ACCESSORY, closed=closed)

    for side in SIDES:
        bend = 0.1 * np.clip(side * shape[:, 0] + half_width, 0, 9) ** 1.5
        rim = np.c_[shape[:, 0] + side * center, shape[:, 1] + height, depth - bend]
        tube("rim", rim, thick, closed=True)
        build_lens(posed, rim, np.array([[side * center, height, depth - 0.02]]), lens)
        outer = side * (center + half_width)
        temple = [
            [outer, height + 0.04, depth - 0.12],
            [side * max(abs(outer), 0.72), height + 0.05, depth - 0.32],
            [side * 0.84, height + 0.04, 0.25],  # the ear
        ]
        tube("temple", np.array(temple), thick * 0.9)
    gap = center - half_width
    bridge = [
        [-gap, height, depth],
        [0, height + 0.04, depth + 0.03],
        [gap, height, depth],
    ]
    tube("bridge", np.array(bridge), thick)


def lens_material(dark: bool):
    """Make the material of lenses."""
    made, _ = studio.material(
        "lens",
        np.full(3, 0.02 if dark else 0.8),
        0.04,
        Alpha=0.92 if dark else 0.05,
    )
    return made


def build_lens(posed: Posed, rim, middle, of) -> None:
    """Build a lens as a fan of triangles between its rim (RIM, 3) and its middle (1, 3)."""
    fan = np.array([[i, (i + 1) % RIM, RIM, RIM] for i in range(RIM)])
    points = posed.turned(np.concatenate([rim, middle]))
    studio.mesh("lens", points, fan, [of], ACCESSORY, smooth=0, flat=True)


def build_earrings(posed: Posed, r) -> None:
    """Build a gold or silver ring in each ear lobe."""
    color = GOLD if r.random() < 0.6 else SILVER
    of, _ = studio.material("earring", colors.linear(color), 0.2, Metallic=1.0)
    size = r.uniform(0.03, 0.12)
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    circle = np.c_[0 * angle, np.cos(angle) - 1, np.sin(angle)]
    base = posed.head.vertices
    for side in SIDES:
        ear = np.flatnonzero((posed.head.ears > 0.5) & (base[:, 0] * side > 0))
        lobe = posed.vertices[ear[np.argmin(base[ear, 1])]]
        studio.tube("earring", lobe + size * circle, 0.018, of, ACCESSORY, closed=True)
