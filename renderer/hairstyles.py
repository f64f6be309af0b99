"""Describe the hairstyles: each is a flow field for its guides and the numbers of its strands.

A style is a function `(r, person, roots, at) -> Style`: the roots (GUIDES, 3) lie on the person's
head, and `at` (GUIDES, 3) are the same places on the neutral head.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from .head import smoothstep, unit
from .scalp import at_front
from .strands import Strands

GUIDES = 400
CROWN = np.array([0, 7.5, 0.1])  # the point from which curls and an afro stand away
FRINGE_HALF_WIDTH = 0.5
BUN_STRANDS = 1200
BUN_RADIUS = 0.014


@dataclasses.dataclass
class Style:
    """Describe how a style grows, and how strands fill the space between its guides."""

    flow: Callable  # flow(positions, roots) -> directions, each (N, 3)
    lengths: np.ndarray  # of each guide
    points: int = 10  # on a guide
    strands: int = 5500
    thickness: float = 0.012
    clump: float = 0.4
    noise: float = 0.035
    trim: float = 0.3
    curl: tuple[float, float, int] | None = None  # radius, frequency, points on a strand
    part: float | None = None  # x of the parting; hair on either side stays there
    opens: bool = False  # whether hair is kept off the eyes and nose
    physics: dict = dataclasses.field(default_factory=dict)  # options of strands.simulate


def field(positions, x=0.0, y=0.0, z=0.0):
    """Build a vector field (N, 3) from its components, each a number or (N,)."""
    components = [np.broadcast_to(component, len(positions)) for component in (x, y, z)]
    return np.stack(components, 1).astype(float)


def off_forehead(at, share: float):
    """Return the factor (N,) by which hair is shorter at its front edge, at most by `share`."""
    front = smoothstep(0.35, 0.95, at[:, 2])
    low = smoothstep(8.3, 7.9, at[:, 1])
    return 1 - share * front * low


def buzz(r, person, roots, at):
    """Grow a few millimeters all over."""
    return Style(
        flow=lambda positions, roots: field(positions, 0, -0.5, 0.25),
        lengths=np.full(GUIDES, r.uniform(0.04, 0.12)),
        points=5,
        strands=9000,
        thickness=0.009,
        clump=0,
        noise=0.012,
        physics={"gravity": 0, "clearance": 0.01, "rise": 0.6},
    )


def short(r, person, roots, at):
    """Comb short hair forward or back; make it longer on top."""
    length = r.uniform(0.12, 0.3) if person.hair_style == "receding" else r.uniform(0.2, 0.5)
    sweep = r.normal(0, 0.5)
    forward = r.choice([-1, 1], p=[0.4, 0.6])

    def flow(positions, roots):
        top = smoothstep(7.7, 8.3, roots[:, 1])
        return field(positions, sweep * top, -1.1 * (1 - top) + 0.05, forward * top)

    lengths = length * (0.55 + 0.6 * smoothstep(7.4, 8.3, at[:, 1]))
    lengths = lengths * off_forehead(at, 0.2) * r.uniform(0.75, 1.25, GUIDES)
    return Style(
        flow=flow,
        lengths=lengths,
        points=8,
        strands=6500,
        clump=r.uniform(0.2, 0.6),
        physics={
            "follow": 0.35,
            "gravity": 0.05,
            "rise": r.uniform(0.35, 0.65),
            "tangle": 0.06,
        },
    )


def side(r, person, roots, at):
    """Part the hair on one side."""
    part = r.choice([-1, 1]) * r.uniform(0.25, 0.45)

    def flow(positions, roots):
        way = np.sign(roots[:, 0] - part)
        top = smoothstep(7.6, 8.2, roots[:, 1])
        across = way * (0.4 + 0.6 * top)
        over_the_top = way == np.sign(-part)
        forward = np.where(over_the_top, 0.25, -0.2) * top - 0.15
        return field(positions, across, -0.8 * (1 - top), forward)

    lengths = r.uniform(0.45, 0.8) * (0.45 + 0.75 * smoothstep(7.5, 8.3, at[:, 1]))
    lengths = lengths * r.uniform(0.8, 1.2, GUIDES)
    return Style(
        flow=flow,
        lengths=lengths,
        strands=6500,
        clump=r.uniform(0.3, 0.6),
        opens=True,
        physics={
            "follow": 0.4,
            "gravity": 0.08,
            "clearance": r.uniform(0.05, 0.14),
            "rise": 0.4,
            "tangle": 0.05,
        },
    )


def slick(r, person, roots, at):
    """Comb the hair straight back."""

    def flow(positions, roots):
        top = smoothstep(7.4, 8.2, roots[:, 1])
        return field(positions, 0, -0.35 - 0.5 * (1 - top), -1)

    return Style(
        flow=flow,
        lengths=np.full(GUIDES, r.uniform(0.6, 1.0)),
        points=12,
        clump=0.35,
        trim=0.1,
        physics={
            "follow": 0.55,
            "gravity": 0,
            "clearance": r.uniform(0.04, 0.09),
            "rise": 0.2,
            "tangle": 0.03,
        },
    )


def bun_center(person):
    """Return where a bun sits, behind the head."""
    return np.array([0, person.stream("bun").uniform(7.3, 8.15), -0.87])


def bun(r, person, roots, at):
    """Draw all hair into a knot behind the head."""
    center = bun_center(person)
    return Style(
        flow=lambda positions, roots: unit(center - positions),
        lengths=np.linalg.norm(roots - center, axis=1) * 1.08,
        points=12,
        clump=0.3,
        trim=0.05,
        physics={
            "follow": 0.55,
            "gravity": 0,
            "clearance": r.uniform(0.03, 0.08),
            "rise": 0.15,
        },
    )


def knot(r, person) -> Strands:
    """Wind the bun itself: arcs around its center."""
    angle = np.linspace(-0.6, 0.6, 8)[None, :, None]
    out = unit(r.normal(0, 1, (BUN_STRANDS, 3)))
    aside = unit(np.cross(out, r.normal(0, 1, (BUN_STRANDS, 3))))
    arcs = out[:, None] * np.cos(angle) + aside[:, None] * np.sin(angle)  # (BUN_STRANDS, 8, 3)
    center = bun_center(person) + np.array([0, 0.05, -0.15])
    size = r.uniform(0.25, 0.42)
    layer = r.uniform(0.85, 1.03, (BUN_STRANDS, 1, 1))
    return Strands(center + arcs * size * layer, root=BUN_RADIUS, tip=BUN_RADIUS)


def draw_part(r) -> float:
    """Draw x of a parting: on one side, or near the middle."""
    if r.random() < 0.6:
        return r.choice([-1, 1]) * r.uniform(0.15, 0.45)
    return r.normal(0, 0.05)


def falling(low: float, high: float, waves: bool = False):
    """Make a style whose hair falls to a height between `low` and `high`: bob, long, wavy."""

    def style(r, person, roots, at):
        part = draw_part(r)
        end = r.uniform(low, high)
        behind = 0.5 if r.random() < 0.4 else 0.12  # how strongly hair goes behind the shoulders

        def flow(positions, roots):
            way = np.where(roots[:, 0] >= part, 1.0, -1.0)
            top = smoothstep(7.6, 8.35, positions[:, 1])
            back = -0.3 * top - behind * (positions[:, 2] > 0.3)
            falls = field(positions, way * top, -(1 - top) - 0.15, back)
            fringe = person.fringe & at_front(roots, FRINGE_HALF_WIDTH)
            forward = field(positions, 0.3 * roots[:, 0], -0.6, 0.6)
            return np.where(fringe[:, None], forward, falls)

        lengths = np.maximum(0.3, at[:, 1] - end) + 0.35 * smoothstep(7.6, 8.4, at[:, 1])
        lengths = lengths * r.uniform(0.92, 1.08, GUIDES)
        if person.fringe:
            fringe_lengths = r.uniform(0.3, 0.45) * r.uniform(0.8, 1.2, GUIDES)
            lengths = np.where(at_front(at, FRINGE_HALF_WIDTH), fringe_lengths, lengths)
        curl = (r.uniform(0.03, 0.07), r.uniform(5, 10), 26) if waves else None
        return Style(
            flow=flow,
            lengths=lengths,
            points=18,
            strands=6000,
            clump=r.uniform(0.3, 0.65),
            noise=0.05,
            trim=0.3,
            curl=curl,
            part=part,
            opens=True,
            physics={
                "follow": 0.35,
                "gravity": 0.22,
                "clearance": r.uniform(0.06, 0.14),
                "tangle": 0.04,
            },
        )

    return style


def curly(r, person, roots, at):
    """Grow ringlets; long ones hang."""
    length = r.uniform(0.3, 0.7) if person.male else r.uniform(0.4, 1.5)

    def flow(positions, roots):
        away = 0.5 * unit(positions - CROWN)
        return away - field(positions, 0, 0.45 * smoothstep(0.3, 1.0, length), 0)

    return Style(
        flow=flow,
        lengths=length * r.uniform(0.75, 1.25, GUIDES) * off_forehead(at, 0.55),
        points=14,
        thickness=0.013,
        clump=0.75,
        noise=0.05,
        curl=(r.uniform(0.03, 0.055), r.uniform(16, 28), 30),
        opens=True,
        physics={
            "gravity": 0.1 if length > 0.7 else 0.03,
            "clearance": 0.08,
            "rise": 0.6,
            "tangle": 0.12,
        },
    )


def afro(r, person, roots, at):
    """Grow tight curls that stand out."""
    length = r.uniform(0.15, 0.7)
    return Style(
        flow=lambda positions, roots: unit(positions - CROWN),
        lengths=length * r.uniform(0.85, 1.12, GUIDES) * off_forehead(at, 0.2),
        points=10,
        strands=7500,
        thickness=0.011,
        clump=0.45,
        noise=0.05,
        curl=(0.022, 45, 16),
        opens=True,
        physics={
            "follow": 0.2,
            "gravity": 0,
            "clearance": 0.03,
            "rise": 0.9,
            "tangle": 0.15,
        },
    )


STYLES = {
    "buzz": buzz,
    "short": short,
    "receding": short,
    "side": side,
    "slick": slick,
    "bun": bun,
    "bob": falling(6.3, 6.8),
    "long": falling(5.3, 6.2),
    "wavy": falling(5.4, 6.4, waves=True),
    "curly": curly,
    "afro": afro,
}
