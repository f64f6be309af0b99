"""Grow the hair of a head: guides that follow the flow of its style, and strands between them."""

import numpy as np

from .hairstyles import GUIDES, STYLES, Style, knot
from .head import Head, smoothstep, unit
from .identity import Person
from .scalp import HAT_EDGE, at_front, hairline, hat_edge
from .strands import Skin, Strands, children, curled, parted, resampled, simulate

LOWEST = 6.4  # height below which no hair grows
HALF_WIDTH = 0.9  # of the head; the shoulders reach further out
UNDER_HAT = 0.06  # how far hair reaches under a hat's edge
HAT_CLEARANCE = 0.04
TIP = 0.35  # radius at the tip, as a share of that at the root


def grow(head: Head, person: Person, vertices) -> list[Strands]:
    """Grow the hair on the unposed head; return an empty list for a bald one.

    The order of the draws fixes the shipped faces.
    """
    if person.hair_style == "bald" or person.accessory == "headscarf":
        return []
    r = person.stream("hair")
    base = head.vertices
    normals = head.normals(vertices)
    density = hair_density(head, person)

    guides = head.scatter(vertices, density, GUIDES, r)
    roots, at = guides.at(vertices), guides.at(base)
    style = STYLES[person.hair_style](r, person, roots, at)
    fringe = in_fringe(person, style, at, r)
    if person.hat:
        style.physics["clearance"] = HAT_CLEARANCE
    solid = head.skin[head.ears[head.skin] < 0.3]
    paths = simulate(
        roots,
        unit(guides.at(normals)),
        style.flow,
        style.lengths,
        style.points,
        Skin(vertices[solid], normals[solid]),
        r,
        **style.physics,
    )
    if style.opens:
        paths = parted(paths, fringe)

    fill = head.scatter(vertices, density, style.strands, r)
    strand_roots, strand_at = fill.at(vertices), fill.at(base)
    groups = None
    strand_fringe = np.zeros(style.strands, bool)
    if style.part is not None:
        strand_fringe = in_fringe(person, style, strand_at, r)
        groups = (
            hair_groups(style.part, roots, fringe),
            hair_groups(style.part, strand_roots, strand_fringe),
        )
    strands, guide = children(
        roots,
        paths,
        strand_roots,
        r,
        clump=style.clump,
        noise=style.noise,
        trim=style.trim,
        groups=groups,
    )
    if style.opens:
        strands = parted(strands, strand_fringe)
    if style.curl:
        radius, frequency, count = style.curl
        phase = (r.random(GUIDES) * 2 * np.pi)[guide] + r.normal(0, 0.5, len(strands))
        strands = curled(resampled(strands, count), radius, frequency, phase)
    hair = [Strands(strands, style.thickness, style.thickness * TIP)]
    return [*hair, knot(r, person)] if person.hair_style == "bun" else hair


def hair_density(head: Head, person: Person):
    """Return the density (V,) of hair on the skin: 0 below the hairline and under a hat."""
    base = head.vertices
    x, y, _ = base.T
    density = smoothstep(-0.06, 0.1, y - hairline(person, base))
    density = density * (head.ears < 0.2) * (y > LOWEST) * (np.abs(x) < HALF_WIDTH)
    if person.accessory in HAT_EDGE:
        density = density * (y < hat_edge(person.accessory, base) + UNDER_HAT)
    return density


def hair_groups(part: float, roots, fringe):
    """Return the group (N, 2) of each root: the side of the parting, and whether in the fringe."""
    return np.c_[np.sign(roots[:, 0] - part), 2.0 * fringe]


def in_fringe(person: Person, style: Style, at, r):
    """Mask the roots (N, 3 on the neutral head) of a fringe, whose sides thin out."""
    if not person.fringe or style.part is None:
        return np.zeros(len(at), bool)
    return at_front(at, 0.45 + r.normal(0, 0.06, len(at)))
