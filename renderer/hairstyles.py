"""Eleven hair styles, each a flow field for its guides and the numbers of its strands."""

import dataclasses
from collections.abc import Callable

import numpy as np

from .head import smoothstep, unit

GUIDES = 400
CROWN = np.array([0, 7.5, 0.1])  # what curls and an afro stand away from


@dataclasses.dataclass
class Style:
    """How a style grows: `flow(positions, roots)`, a length for each guide, and how strands fill the space between guides."""

    flow: Callable
    lengths: np.ndarray
    points: int = 10
    strands: int = 5500
    thickness: float = 0.012
    clump: float = 0.4
    noise: float = 0.035
    trim: float = 0.3
    curl: tuple[float, float, int] | None = None  # radius, frequency, points a strand
    part: float | None = None  # x of the parting; hair on either side stays there
    opens: bool = False  # hair is kept off the eyes and nose
    physics: dict = dataclasses.field(default_factory=dict)


def columns(p, x=0.0, y=0.0, z=0.0):
    """A vector field (N, 3) from its components."""
    return np.stack([np.broadcast_to(c, len(p)) for c in (x, y, z)], 1).astype(float)


def buzz(r, person, roots, at):
    """A few millimetres all over."""
    return Style(
        lambda p, q: columns(p, 0, -0.5, 0.25),
        np.full(GUIDES, r.uniform(0.04, 0.12)),
        points=5,
        strands=9000,
        thickness=0.009,
        clump=0,
        noise=0.012,
        physics={"gravity": 0, "clearance": 0.01, "rise": 0.6},
    )


def short(r, person, roots, at):
    """Combed forwards or back, longer on top."""
    length = r.uniform(0.12, 0.3) if person.hair_style == "receding" else r.uniform(0.2, 0.5)
    sweep, forwards = r.normal(0, 0.5), r.choice([-1, 1], p=[0.4, 0.6])

    def flow(p, q):
        top = smoothstep(7.7, 8.3, q[:, 1])
        return columns(p, sweep * top, -1.1 * (1 - top) + 0.05, forwards * top)

    lengths = length * (0.55 + 0.6 * smoothstep(7.4, 8.3, at[:, 1])) * off_forehead(at, 0.2) * r.uniform(0.75, 1.25, GUIDES)
    return Style(
        flow,
        lengths,
        points=8,
        strands=6500,
        clump=r.uniform(0.2, 0.6),
        physics={"follow": 0.35, "gravity": 0.05, "rise": r.uniform(0.35, 0.65), "tangle": 0.06},
    )


def side(r, person, roots, at):
    """Parted on one side."""
    part = r.choice([-1, 1]) * r.uniform(0.25, 0.45)

    def flow(p, q):
        way, top = np.sign(q[:, 0] - part), smoothstep(7.6, 8.2, q[:, 1])
        return columns(p, way * (0.4 + 0.6 * top), -0.8 * (1 - top), np.where(way == np.sign(-part), 0.25, -0.2) * top - 0.15)

    lengths = r.uniform(0.45, 0.8) * (0.45 + 0.75 * smoothstep(7.5, 8.3, at[:, 1])) * r.uniform(0.8, 1.2, GUIDES)
    return Style(
        flow,
        lengths,
        strands=6500,
        clump=r.uniform(0.3, 0.6),
        opens=True,
        physics={"follow": 0.4, "gravity": 0.08, "clearance": r.uniform(0.05, 0.14), "rise": 0.4, "tangle": 0.05},
    )


def slick(r, person, roots, at):
    """Combed straight back."""

    def flow(p, q):
        return columns(p, 0, -0.35 - 0.5 * (1 - smoothstep(7.4, 8.2, q[:, 1])), -1)

    return Style(
        flow,
        np.full(GUIDES, r.uniform(0.6, 1.0)),
        points=12,
        clump=0.35,
        trim=0.1,
        physics={"follow": 0.55, "gravity": 0, "clearance": r.uniform(0.04, 0.09), "rise": 0.2, "tangle": 0.03},
    )


def bun_center(person):
    """Where a bun sits, behind the head."""
    return np.array([0, person.stream("bun").uniform(7.3, 8.15), -0.87])


def bun(r, person, roots, at):
    """All hair drawn into a knot behind the head."""
    center = bun_center(person)
    return Style(
        lambda p, q: unit(center - p),
        np.linalg.norm(roots - center, axis=1) * 1.08,
        points=12,
        clump=0.3,
        trim=0.05,
        physics={"follow": 0.55, "gravity": 0, "clearance": r.uniform(0.03, 0.08), "rise": 0.15},
    )


def knot(r, person):
    """The bun itself: arcs around its center."""
    count, angle = 1200, np.linspace(-0.6, 0.6, 8)
    out = unit(r.normal(0, 1, (count, 3)))
    aside = unit(np.cross(out, r.normal(0, 1, (count, 3))))
    arcs = out[:, None] * np.cos(angle)[None, :, None] + aside[:, None] * np.sin(angle)[None, :, None]
    center = bun_center(person) + np.array([0, 0.05, -0.15])
    return center + arcs * r.uniform(0.25, 0.42) * r.uniform(0.85, 1.03, (count, 1, 1)), 0.014, 0.014


def falling(low: float, high: float, waves: bool = False):
    """Hair that falls to a height between `low` and `high`: bob, long, wavy."""

    def style(r, person, roots, at):
        part = r.choice([-1, 1]) * r.uniform(0.15, 0.45) if r.random() < 0.6 else r.normal(0, 0.05)
        end, behind = r.uniform(low, high), 0.5 if r.random() < 0.4 else 0.12

        def flow(p, q):
            way, top = np.where(q[:, 0] >= part, 1.0, -1.0), smoothstep(7.6, 8.35, p[:, 1])
            field = columns(p, way * top, -(1 - top) - 0.15, -0.3 * top - behind * (p[:, 2] > 0.3))
            fringe = person.fringe & (q[:, 2] > 0.78) & (q[:, 1] > 7.9) & (np.abs(q[:, 0]) < 0.5)
            return np.where(fringe[:, None], columns(p, 0.3 * q[:, 0], -0.6, 0.6), field)

        lengths = (np.maximum(0.3, at[:, 1] - end) + 0.35 * smoothstep(7.6, 8.4, at[:, 1])) * r.uniform(0.92, 1.08, GUIDES)
        if person.fringe:
            short_one = (at[:, 2] > 0.78) & (at[:, 1] > 7.9) & (np.abs(at[:, 0]) < 0.5)
            lengths = np.where(short_one, r.uniform(0.3, 0.45) * r.uniform(0.8, 1.2, GUIDES), lengths)
        curl = (r.uniform(0.03, 0.07), r.uniform(5, 10), 26) if waves else None
        return Style(
            flow,
            lengths,
            points=18,
            strands=6000,
            clump=r.uniform(0.3, 0.65),
            noise=0.05,
            trim=0.3,
            curl=curl,
            part=part,
            opens=True,
            physics={"follow": 0.35, "gravity": 0.22, "clearance": r.uniform(0.06, 0.14), "tangle": 0.04},
        )

    return style


def curly(r, person, roots, at):
    """Ringlets; long ones hang."""
    length = r.uniform(0.3, 0.7) if person.male else r.uniform(0.4, 1.5)

    def flow(p, q):
        return 0.5 * unit(p - CROWN) - columns(p, 0, 0.45 * smoothstep(0.3, 1.0, length), 0)

    lengths = length * r.uniform(0.75, 1.25, GUIDES) * off_forehead(at, 0.55)
    return Style(
        flow,
        lengths,
        points=14,
        thickness=0.013,
        clump=0.75,
        noise=0.05,
        curl=(r.uniform(0.03, 0.055), r.uniform(16, 28), 30),
        opens=True,
        physics={"gravity": 0.1 if length > 0.7 else 0.03, "clearance": 0.08, "rise": 0.6, "tangle": 0.12},
    )


def afro(r, person, roots, at):
    """Tight curls that stand out."""
    lengths = r.uniform(0.15, 0.7) * r.uniform(0.85, 1.12, GUIDES) * off_forehead(at, 0.2)
    return Style(
        lambda p, q: unit(p - CROWN),
        lengths,
        points=10,
        strands=7500,
        thickness=0.011,
        clump=0.45,
        noise=0.05,
        curl=(0.022, 45, 16),
        opens=True,
        physics={"follow": 0.2, "gravity": 0, "clearance": 0.03, "rise": 0.9, "tangle": 0.15},
    )


def off_forehead(at, share: float):
    """Hair at the front edge is shorter by `share`."""
    return 1 - share * smoothstep(0.35, 0.95, at[:, 2]) * smoothstep(8.3, 7.9, at[:, 1])


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
