"""Hair as strands: guides that flow over the head, children between them, curls."""

import numpy as np
from scipy.spatial import cKDTree

from .head import smoothstep, unit


def simulate(
    roots, normals, flow, lengths, points, skin, skin_normals, r, *, follow=0.3, gravity=0.1, clearance=0.05, rise=0.3, tangle=0.0
):
    """Paths (N, points, 3) of guides that start along `normals`, follow `flow(positions, roots)`, sink and keep off the skin."""
    tree = cKDTree(skin)
    here, step = roots + normals * 0.005, lengths / (points - 1)
    heading = unit(normals * rise + flow(roots, roots) * (1 - rise))
    path = [here]
    for k in range(points - 1):
        _, nearest = tree.query(here)
        out = skin_normals[nearest]
        height = ((here - skin[nearest]) * out).sum(1)
        wish = flow(here, roots)
        wish = wish - out * ((wish * out).sum(1) * np.exp(-np.maximum(height, 0) / 0.25))[:, None]
        pull = np.array([0, -gravity * (0.3 + k / (points - 1)), 0])
        heading = unit(heading * (1 - follow) + unit(wish) * follow + pull + tangle * r.normal(0, 1, here.shape))
        here = here + heading * step[:, None]
        distance, nearest = tree.query(here)
        out = skin_normals[nearest]
        height = ((here - skin[nearest]) * out).sum(1)
        margin = clearance * min(1.0, (k + 2) / 4)
        here = here + out * np.where((height < margin) & (distance < 0.6), margin - height, 0)[:, None]
        path.append(here)
    return np.stack(path, 1)


def children(guide_roots, guides, roots, r, *, clump=0.4, noise=0.03, trim=0.25, groups=None):
    """(paths (N, points, 3), nearest guide (N,)) of strands between guides, drawn to the nearest one towards the tip.

    `groups` is (group of each guide, group of each strand): strands follow guides of their own group (a parting, a fringe).
    """
    at, where = guide_roots, roots
    if groups is not None:
        at, where = np.c_[guide_roots, groups[0] * 3.0], np.c_[roots, groups[1] * 3.0]
    distance, near = cKDTree(at).query(where, k=3)
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
    """Each strand cut to a share (N,) of its length, with as many points as before."""
    count = path.shape[1]
    place = np.linspace(0, 1, count)[None] * share[:, None] * (count - 1)
    low = np.minimum(place.astype(int), count - 2)
    rows, rest = np.arange(len(path))[:, None], (place - low)[..., None]
    return path[rows, low] * (1 - rest) + path[rows, low + 1] * rest


def parted(path, keep):
    """Strands that hang over the eyes and nose pushed to the nearer side, smoothly; those in `keep` (a fringe) stay."""
    x, y, z = np.moveaxis(path, -1, 0)
    edge = 0.58 * smoothstep(8.02, 7.6, y) * smoothstep(0.45, 0.75, z)
    side = np.sign(x.mean(1, keepdims=True) + 1e-6)
    over = np.where(keep[:, None], 0, np.maximum(edge - x * side, 0))
    path = np.stack([x + side * over, y, z - 0.35 * np.minimum(over, 0.6)], -1)
    for _ in range(2):
        path[:, 1:-1] = 0.5 * path[:, 1:-1] + 0.25 * (path[:, :-2] + path[:, 2:])
    return path


def curled(path, radius, frequency, phase):
    """Strands wound around their own path: `radius` in head units, `frequency` in radians a unit of length, `phase` (N,)."""
    along = unit(np.gradient(path, axis=1))
    one = unit(np.cross(along, np.array([0.3, 0.9, 0.2])))
    length = np.linalg.norm(np.diff(path, axis=1), axis=2).cumsum(1)
    length = np.c_[np.zeros(len(path)), length]
    angle, wide = phase[:, None] + length * frequency, radius * np.minimum(1, length / 0.15)
    return path + (np.cos(angle) * wide)[..., None] * one + (np.sin(angle) * wide)[..., None] * np.cross(along, one)


def resampled(path, count):
    """Strands with `count` points on a smooth (Catmull-Rom) curve through the old ones."""
    last = path.shape[1] - 1
    place = np.linspace(0, last, count)
    low = np.minimum(place.astype(int), last - 1)
    f = (place - low)[None, :, None]
    a, b, c, d = (path[:, np.clip(low + k, 0, last)] for k in (-1, 0, 1, 2))
    return 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)
