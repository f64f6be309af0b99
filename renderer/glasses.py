"""Glasses, sunglasses and earrings."""

import numpy as np

from . import colors, studio
from .figure import Posed, ring
from .streams import pick
from .studio import ACCESSORY

RIM = 40  # points of a rim


def put_on(posed: Posed) -> None:
    """What the person wears of it."""
    if posed.person.accessory in ("glasses", "sunglasses"):
        build_glasses(posed, posed.person.stream("glasses"))
    r = posed.person.stream("earrings")
    if not posed.person.male and posed.person.accessory != "headscarf" and r.random() < 0.3:
        build_earrings(posed, r)


def frame_material(r):
    """Dark, colored or metal."""
    kind = pick(r, {"dark": 0.5, "colored": 0.2, "metal": 0.3})
    if kind == "metal":
        return studio.material("frame", colors.linear(np.array([0.7, 0.62, 0.5])) * r.uniform(0.5, 1.2), 0.25, Metallic=1.0)[0]
    return studio.material("frame", colors.cloth(r) if kind == "colored" else colors.linear(np.full(3, 0.05)) * r.uniform(1, 4), 0.25)[0]


def build_glasses(posed: Posed, r) -> None:
    """Rims before the eyes, a bridge on the nose, temples to the ears."""
    vertices, head = posed.figure.vertices, posed.head
    eyes = [vertices[head.eye_vertices(side)] for side in (1, 2)]
    apart = (eyes[0][:, 0].max() + eyes[0][:, 0].min()) / 2
    height = np.mean([(e[:, 1].max() + e[:, 1].min()) / 2 for e in eyes]) - 0.02
    depth = max(e[:, 2].max() for e in eyes) + 0.17
    half_width, half_height = r.uniform(0.22, 0.27), r.uniform(0.14, 0.21)
    center, thick = max(apart + 0.01, half_width + 0.06), r.uniform(0.011, 0.024)
    shape, frame = ring(RIM, r.uniform(2, 4)) * [half_width, half_height], frame_material(r)
    sun = posed.person.accessory == "sunglasses"
    lens, _ = studio.material("lens", np.full(3, 0.02 if sun else 0.8), 0.04, Alpha=0.92 if sun else 0.05)
    for side in (1, -1):
        rim = np.c_[shape[:, 0] + side * center, shape[:, 1] + height, depth - 0.1 * np.clip(side * shape[:, 0] + half_width, 0, 9) ** 1.5]
        studio.tube("rim", posed.turned(rim), thick, frame, ACCESSORY, closed=True)
        middle = np.array([[side * center, height, depth - 0.02]])
        fan = np.array([[i, (i + 1) % RIM, RIM, RIM] for i in range(RIM)])
        studio.mesh("lens", posed.turned(np.concatenate([rim, middle])), fan, [lens], ACCESSORY, smooth=0, flat=True)
        outer = side * (center + half_width)
        temple = np.array(
            [
                [outer, height + 0.04, depth - 0.12],
                [side * max(abs(outer), 0.72), height + 0.05, depth - 0.32],
                [side * 0.84, height + 0.04, 0.25],
            ]
        )
        studio.tube("temple", posed.turned(temple), thick * 0.9, frame, ACCESSORY)
    gap = center - half_width
    studio.tube(
        "bridge",
        posed.turned(np.array([[-gap, height, depth], [0, height + 0.04, depth + 0.03], [gap, height, depth]])),
        thick,
        frame,
        ACCESSORY,
    )


def build_earrings(posed: Posed, r) -> None:
    """A ring in each ear lobe, gold or silver."""
    gold = r.random() < 0.6
    of, _ = studio.material("earring", colors.linear(np.array([0.85, 0.7, 0.35] if gold else [0.8, 0.8, 0.82])), 0.2, Metallic=1.0)
    size, angle = r.uniform(0.03, 0.12), np.linspace(0, 2 * np.pi, 20, endpoint=False)
    base = posed.head.vertices
    for side in (1, -1):
        ear = np.flatnonzero((posed.head.ears > 0.5) & (base[:, 0] * side > 0))
        lobe = posed.vertices[ear[np.argmin(base[ear, 1])]]
        studio.tube("earring", lobe + size * np.c_[0 * angle, np.cos(angle) - 1, np.sin(angle)], 0.018, of, ACCESSORY, closed=True)
