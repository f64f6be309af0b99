"""The hair of a head: guides grown by the flow of its style, strands between them."""

import numpy as np

from .hairstyles import GUIDES, STYLES, Style, knot
from .head import Head, smoothstep, unit
from .identity import Person
from .scalp import HAT_EDGE, hairline, hat_edge
from .strands import children, curled, parted, resampled, simulate


def grow(head: Head, person: Person, vertices):
    """[(paths (N, P, 3), radius at the root, radius at the tip)] of the hair on the unposed head; empty for a bald one."""
    if person.hair_style == "bald" or person.accessory == "headscarf":
        return []
    r = person.stream("hair")
    base, normals = head.vertices, head.normals(vertices)
    density = (
        smoothstep(-0.06, 0.1, base[:, 1] - hairline(person, base)) * (head.ears < 0.2) * (base[:, 1] > 6.4) * (np.abs(base[:, 0]) < 0.9)
    )
    if person.accessory in HAT_EDGE:
        density = density * (base[:, 1] < hat_edge(person.accessory, base) + 0.06)
    guides = head.scatter(vertices, density, GUIDES, r)
    roots, at = guides.at(vertices), guides.at(base)
    style = STYLES[person.hair_style](r, person, roots, at)
    fringe = in_fringe(person, style, at, r)
    if person.hat:
        style.physics["clearance"] = 0.04
    solid = head.skin[head.ears[head.skin] < 0.3]
    paths = simulate(
        roots, unit(guides.at(normals)), style.flow, style.lengths, style.points, vertices[solid], normals[solid], r, **style.physics
    )
    if style.opens:
        paths = parted(paths, fringe)
    fill = head.scatter(vertices, density, style.strands, r)
    strand_roots, strand_at = fill.at(vertices), fill.at(base)
    groups, strand_fringe = None, np.zeros(style.strands, bool)
    if style.part is not None:
        strand_fringe = in_fringe(person, style, strand_at, r)
        groups = tuple(np.c_[np.sign(x[:, 0] - style.part), 2.0 * f] for x, f in ((roots, fringe), (strand_roots, strand_fringe)))
    strands, guide = children(roots, paths, strand_roots, r, clump=style.clump, noise=style.noise, trim=style.trim, groups=groups)
    if style.opens:
        strands = parted(strands, strand_fringe)
    if style.curl:
        radius, frequency, count = style.curl
        phase = (r.random(GUIDES) * 2 * np.pi)[guide] + r.normal(0, 0.5, len(strands))
        strands = curled(resampled(strands, count), radius, frequency, phase)
    hair = [(strands, style.thickness, style.thickness * 0.35)]
    return [*hair, knot(r, person)] if person.hair_style == "bun" else hair


def in_fringe(person: Person, style: Style, at, r):
    """Which roots (N, 3 on the neutral head) belong to a fringe; its sides thin out instead of stopping."""
    if not person.fringe or style.part is None:
        return np.zeros(len(at), bool)
    return (at[:, 2] > 0.78) & (at[:, 1] > 7.9) & (np.abs(at[:, 0]) < 0.45 + r.normal(0, 0.06, len(at)))
