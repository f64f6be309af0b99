"""Grow eyebrows and beards: short strands wherever a density on the face allows them."""

from typing import NamedTuple

import numpy as np

from .head import Head, smoothstep, unit
from .identity import Person
from .strands import Strands, curled, resampled

EYE_HEIGHT = 7.285
BROW_CANDIDATES = 30000
BEARD_CANDIDATES = 18000
DOWN = np.array([0, 1, 0])  # subtracted, for hair that sags
# The upper edge of a beard on the cheek: distances from the middle of the face, and heights there.
CHEEK_LINE = ([0, 0.2, 0.3, 0.45, 0.62, 0.8], [6.46, 6.48, 6.62, 6.74, 6.92, 7.25])
MOUSTACHE_HEIGHT = 6.762  # in the middle
MOUSTACHE_HALF_HEIGHT = 0.042


class Brow(NamedTuple):
    """Describe the shape of a person's eyebrows."""

    thickness: float
    arch: float
    slope: float
    height: float  # above the middle of the eye
    density: float
    start: float  # distance of the inner end from the middle of the face
    end: float


def draw_brow(r, person: Person) -> Brow:
    """Draw the shape of a person's eyebrows."""
    return Brow(
        thickness=r.uniform(0.018, 0.031) * (1.1 if person.male else 0.75),
        arch=r.uniform(0.0, 0.05),
        slope=r.normal(0.005, 0.02),
        height=r.uniform(0.185, 0.225),
        density=r.uniform(0.3, 0.75),
        start=r.uniform(0.12, 0.15),
        end=r.uniform(0.5, 0.58),
    )


def brow_chance(brow: Brow, at):
    """Return the chance (N,) that a brow hair grows at points (N, 3) of the neutral head.

    Hairs thin out toward both ends and both edges: a brow has no outline.
    """
    along = (np.abs(at[:, 0]) - brow.start) / (brow.end - brow.start)
    inside = np.clip(along, 0, 1)
    level = EYE_HEIGHT + brow.height
    arc = brow.arch * np.sin(inside**1.25 * np.pi * 0.85)
    drop = 0.07 * smoothstep(0.55, 1.05, inside)
    tilt = brow.slope * (1 - inside)
    middle = level + arc - drop + tilt
    half = brow.thickness * (1 - 0.6 * inside**1.5)
    off = np.abs(at[:, 1] - middle) / np.maximum(half, 1e-3)
    inner_end = smoothstep(-0.06, 0.2, along)
    outer_end = smoothstep(1.06, 0.75, along)
    return brow.density * smoothstep(1.6, 0.3, off) * inner_end * outer_end


def brows(head: Head, person: Person, vertices) -> list[Strands]:
    """Grow an arc over each eye, thick at the inner end, thin and sloping at the outer one."""
    r = person.stream("brows")
    brow = draw_brow(r, person)
    base = head.vertices
    x, y, z = base.T
    near = (z > 0.9) & (np.abs(x) < 0.75) & (np.abs(y - EYE_HEIGHT - brow.height) < 0.25)
    points = head.scatter(vertices, near.astype(float), BROW_CANDIDATES, r)
    chance = brow_chance(brow, points.at(base))
    points = points.only(r.random(BROW_CANDIDATES) < chance)
    at = points.at(base)
    skin = points.at(vertices)
    out = unit(points.at(head.normals(vertices)))
    side = at[:, :1]
    inside = np.clip((np.abs(side) - brow.start) / (brow.end - brow.start), 0, 1)
    # Hairs stand up at the inner end and lie outward and down at the outer one.
    lean = np.concatenate(
        [np.sign(side) * (0.35 + 0.8 * inside), 0.8 - 1.2 * inside, 0 * inside],
        1,
    )
    lean = unit(lean + 0.25 * out + r.normal(0, 0.15, lean.shape))
    typical = r.uniform(0.045, 0.07)
    factor = r.uniform(0.7, 1.2, (len(at), 1, 1))
    length = np.linspace(0, 1, 4)[None, :, None] * typical * factor  # (N, 4, 1)
    roots = skin[:, None] + out[:, None] * 0.005
    paths = roots + lean[:, None] * length - DOWN * length**2
    return [Strands(paths, root=0.0036, tip=0.0014)]


def beard_density(kind: str, at):
    """Return the density 0..1 of a beard of this kind at points (N, 3) of the neutral head."""
    x, y, z = np.abs(at[:, 0]), at[:, 1], at[:, 2]
    cheek = np.interp(x, *CHEEK_LINE)
    below_cheek = smoothstep(0.06, -0.1, y - cheek)
    above_throat = smoothstep(6.0, 6.15, y)
    full = below_cheek * above_throat * smoothstep(0.15, 0.45, z)
    droop = 0.16 * (x / 0.3) ** 2
    off = (y - MOUSTACHE_HEIGHT + droop) / MOUSTACHE_HALF_HEIGHT
    moustache = np.exp(-(off**4)) * smoothstep(0.33, 0.25, x) * (z > 1.0)
    if kind == "moustache":
        return moustache
    if kind == "goatee":
        chin = (y < 6.72) & (y > 6.1) & (z > 0.9)
        return np.maximum(moustache, full * smoothstep(0.36, 0.24, x) * chin)
    return np.maximum(full, moustache)


def beard(head: Head, person: Person, vertices) -> list[Strands]:
    """Grow the beard; return an empty list for a person without one."""
    if person.beard == "none":
        return []
    r = person.stream("beard")
    base = head.vertices
    jaw = (base[:, 1] < 7.3) & (base[:, 1] > 6) & (base[:, 2] > 0.1) & (head.ears < 0.1)
    points = head.scatter(vertices, jaw.astype(float), BEARD_CANDIDATES, r)
    lips = points.at(head.lips[:, None])[:, 0]
    chance = beard_density(person.beard, points.at(base)) * (lips < 0.15)
    points = points.only(r.random(BEARD_CANDIDATES) < chance)
    at = points.at(base)
    skin = points.at(vertices)
    out = unit(points.at(head.normals(vertices)))
    longest = draw_beard_length(r, person.beard)
    growth = 0.5 + 0.5 * smoothstep(7.1, 6.5, at[:, 1])  # shorter at the sideburns
    length = longest * growth * r.uniform(0.6, 1.2, len(at))
    lean = out * 0.5 + np.array([0, -0.8, 0.1]) + r.normal(0, 0.22, at.shape)
    lean = unit(lean + 0.25 * np.sign(at) * [1, 0, 0])
    along = np.linspace(0, 1, 6)[None, :, None] * length[:, None, None]  # (N, 6, 1)
    roots = skin[:, None] + out[:, None] * 0.004
    paths = roots + lean[:, None] * along - 1.5 * DOWN * along**2
    if longest > 0.1:
        paths = curled(resampled(paths, 9), 0.012, 25, r.random(len(paths)) * 2 * np.pi)
    return [Strands(paths, root=0.0042 if person.beard == "stubble" else 0.008, tip=0.003)]


def draw_beard_length(r, kind: str) -> float:
    """Draw the length of a beard's longest hairs.

    Every kind takes the same draws from the stream.
    """
    longest = {
        "stubble": 0.025,
        "moustache": r.uniform(0.06, 0.13),
        "goatee": r.uniform(0.06, 0.16),
        "full": r.uniform(0.06, 0.16),
        "long": r.uniform(0.22, 0.45),
    }
    return longest[kind]
