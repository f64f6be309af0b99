"""Grow hair as strands: guides that flow over the head, children between them, curls."""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from .head import smoothstep, unit


class Strands(NamedTuple):
    """Hold strands that share their radius at the root and at the tip; `paths` is (N, P, 3)."""

    paths: np.ndarray
    root: float
    tip: float


class Skin(NamedTuple):
    """Hold the skin that hair may not enter: points (V, 3) and their unit normals (V, 3)."""

    points: np.ndarray
    normals: np.ndarray


def simulate(
    roots,
    normals,
    flow,
    lengths,
    points,
    skin: Skin,
    r,
    *,
    follow=0.3,
    gravity=0.1,
    clearance=0.05,
    rise=0.3,
    tangle=0.0,
):
    """Grow the paths (N, points, 3) of guides step by step.

    They start along `normals` (by the share `rise`), then follow `flow(positions, roots)`, sink by
    `gravity`, and stay `clearance` away from the skin. `tangle` is the noise of each step.
    """
    tree = cKDTree(skin.points)
    here = roots + normals * 0.005
    step = lengths / (points - 1)
    heading = unit(normals * rise + flow(roots, roots) * (1 - rise))
    path = [here]
    for k in range(points - 1):
        out, height, _ = above_skin(tree, skin, here)
        wish = flow(here, roots)
        # Near the skin, drop the part of the flow that leads into it or away from it.
        into = (wish * out).sum(1) * np.exp(-np.maximum(height, 0) / 0.25)
        wish = wish - out * into[:, None]
        pull = np.array([0, -gravity * (0.3 + k / (points - 1)), 0])
        jitter = tangle * r.normal(0, 1, here.shape)
        heading = unit(heading * (1 - follow) + unit(wish) * follow + pull + jitter)
        here = here + heading * step[:, None]
        out, height, distance = above_skin(tree, skin, here)
        margin = clearance * min(1.0, (k + 2) / 4)  # the first steps may stay closer
        lift = np.where((height < margin) & (distance < 0.6), margin - height, 0)
        here = here + out * lift[:, None]
        path.append(here)
    return np.stack(path, 1)


def above_skin(tree: cKDTree, skin: Skin, points):
    """Return (normal of the nearest skin, height above it, distance to it) of each point."""
    distance, nearest = tree.query(points)
    out = skin.normals[nearest]
    height = ((points - skin.points[nearest]) * out).sum(1)
    return out, height, distance


def children(guide_roots, guides, roots, r, *, clump=0.4, noise=0.03, trim=0.25, groups=None):
    """Grow strands between guides: (paths (N, points, 3), nearest guide (N,)).

    They draw together at the tip of the nearest guide by `clump`. `groups` is (group of each guide,
    group of each strand): strands follow guides of their own group (a parting, a fringe).
    """
    guides_at, strands_at = guide_roots, roots
    if groups is not None:
        # More dimensions, far apart: a guide of another group is never the nearest.
        guides_at = np.c_[guide_roots, groups[0] * 3.0]
        strands_at = np.c_[roots, groups[1] * 3.0]
    distance, near = cKDTree(guides_at).query(strands_at, k=3)
    weights = 1 / (distance + 0.01) ** 2
    weights /= weights.sum(1, keepdims=True)
    along = np.linspace(0, 1, guides.shape[1])
    relative = guides - guides[:, :1]
    free = roots[:, None] + np.einsum("nk,nkpc->npc", weights, relative[near])
    pull = (clump * along**1.2)[None, :, None]
    path = free * (1 - pull) + guides[near[:, 0]] * pull
    path = path + r.normal(0, 1, (len(roots), 1, 3)) * noise * along[None, :, None]
    return shortened(path, 1 - trim * r.random(len(roots)) ** 2), near[:, 0]


def shortened(path, share):
    """Cut each strand to a share (N,) of its length; keep its number of points."""
    count = path.shape[1]
    place = np.linspace(0, 1, count)[None] * share[:, None] * (count - 1)
    low = np.minimum(place.astype(int), count - 2)
    rest = (place - low)[..., None]
    rows = np.arange(len(path))[:, None]
    return path[rows, low] * (1 - rest) + path[rows, low + 1] * rest


def parted(path, keep):
    """Push strands that hang over eyes and nose smoothly to the nearer side.

    Those in `keep` (N,), a fringe, stay.
    """
    x, y, z = np.moveaxis(path, -1, 0)
    edge = 0.58 * smoothstep(8.02, 7.6, y) * smoothstep(0.45, 0.75, z)
    side = np.sign(x.mean(1, keepdims=True) + 1e-6)
    over = np.where(keep[:, None], 0, np.maximum(edge - x * side, 0))
    path = np.stack([x + side * over, y, z - 0.35 * np.minimum(over, 0.6)], -1)
    for _ in range(2):
        path[:, 1:-1] = 0.5 * path[:, 1:-1] + 0.25 * (path[:, :-2] + path[:, 2:])
    return path


def curled(path, radius, frequency, phase):
    """Wind strands around their own path.

    `radius` is in head units, `frequency` in radians per unit of length, `phase` (N,) in radians.
    """
    along = unit(np.gradient(path, axis=1))
    one = unit(np.cross(along, np.array([0.3, 0.9, 0.2])))
    other = np.cross(along, one)
    length = np.linalg.norm(np.diff(path, axis=1), axis=2).cumsum(1)
    length = np.c_[np.zeros(len(path)), length]
    angle = phase[:, None] + length * frequency
    wide = radius * np.minimum(1, length / 0.15)
    toward_one = (np.cos(angle) * wide)[..., None] * one
    toward_other = (np.sin(angle) * wide)[..., None] * other
    return path + toward_one + toward_other


def resampled(path, count):
    """Put `count` points on a smooth (Catmull-Rom) curve through the points of each strand."""
    last = path.shape[1] - 1
    place = np.linspace(0, last, count)
    low = np.minimum(place.astype(int), last - 1)
    f = (place - low)[None, :, None]
    a, b, c, d = (path[:, np.clip(low + k, 0, last)] for k in (-1, 0, 1, 2))
    linear = (c - a) * f
    square = (2 * a - 5 * b + 4 * c - d) * f**2
    cube = (3 * b - a - 3 * c + d) * f**3
    return 0.5 * (2 * b + linear + square + cube)
