"""Eyebrows and beards: short strands where a density on the face says so."""

import numpy as np

from .head import Head, smoothstep, unit
from .identity import Person
from .strands import curled, resampled

EYE_HEIGHT = 7.285


def brows(head: Head, person: Person, vertices):
    """[(paths (N, 4, 3), radius at the root, at the tip)]: an arc over each eye, thick inside, thin and sloping outside."""
    r = person.stream("brows")
    thickness = r.uniform(0.018, 0.031) * (1.1 if person.male else 0.75)
    arch, slope, height = r.uniform(0.0, 0.05), r.normal(0.005, 0.02), r.uniform(0.185, 0.225)
    density, start, end = r.uniform(0.3, 0.75), r.uniform(0.12, 0.15), r.uniform(0.5, 0.58)
    base = head.vertices
    near = (base[:, 2] > 0.9) & (np.abs(base[:, 0]) < 0.75) & (np.abs(base[:, 1] - EYE_HEIGHT - height) < 0.25)
    points = head.scatter(vertices, near.astype(float), 30000, r)
    at = points.at(base)
    along = (np.abs(at[:, 0]) - start) / (end - start)
    inside = np.clip(along, 0, 1)
    middle = EYE_HEIGHT + height + arch * np.sin(inside**1.25 * np.pi * 0.85) - 0.07 * smoothstep(0.55, 1.05, inside) + slope * (1 - inside)
    half = thickness * (1 - 0.6 * inside**1.5)
    off = np.abs(at[:, 1] - middle) / np.maximum(half, 1e-3)
    # Hairs thin out towards both ends and both edges: a brow has no outline.
    chance = density * smoothstep(1.6, 0.3, off) * smoothstep(-0.06, 0.2, along) * smoothstep(1.06, 0.75, along)
    points = points.only(r.random(len(at)) < chance)
    at, skin, out = points.at(base), points.at(vertices), unit(points.at(head.normals(vertices)))
    inside = np.clip((np.abs(at[:, :1]) - start) / (end - start), 0, 1)
    lean = np.concatenate([np.sign(at[:, :1]) * (0.35 + 0.8 * inside), 0.8 - 1.2 * inside, 0 * inside], 1)
    lean = unit(lean + 0.25 * out + r.normal(0, 0.15, lean.shape))
    length = np.linspace(0, 1, 4)[None, :, None] * r.uniform(0.045, 0.07) * r.uniform(0.7, 1.2, (len(at), 1, 1))
    return [(skin[:, None] + out[:, None] * 0.005 + lean[:, None] * length - np.array([0, 1, 0]) * length**2, 0.0036, 0.0014)]


def beard_density(kind: str, at):
    """How thick (0..1) a beard of this kind grows at points (N, 3) of the neutral head."""
    x, y, z = np.abs(at[:, 0]), at[:, 1], at[:, 2]
    cheek = np.interp(x, [0, 0.2, 0.3, 0.45, 0.62, 0.8], [6.46, 6.48, 6.62, 6.74, 6.92, 7.25])
    full = smoothstep(0.06, -0.1, y - cheek) * smoothstep(6.0, 6.15, y) * smoothstep(0.15, 0.45, z)
    moustache = np.exp(-(((y - 6.762 + 0.16 * (x / 0.3) ** 2) / 0.042) ** 4)) * smoothstep(0.33, 0.25, x) * (z > 1.0)
    if kind == "moustache":
        return moustache
    if kind == "goatee":
        return np.maximum(moustache, full * smoothstep(0.36, 0.24, x) * (y < 6.72) * (y > 6.1) * (z > 0.9))
    return np.maximum(full, moustache)


def beard(head: Head, person: Person, vertices):
    """[(paths (N, P, 3), radius at the root, at the tip)] of the beard; empty without one."""
    if person.beard == "none":
        return []
    r, base = person.stream("beard"), head.vertices
    chin = (base[:, 1] < 7.3) & (base[:, 1] > 6) & (base[:, 2] > 0.1) & (head.ears < 0.1)
    points = head.scatter(vertices, chin.astype(float), 18000, r)
    lips = points.at(head.lips[:, None])[:, 0]
    points = points.only(r.random(18000) < beard_density(person.beard, points.at(base)) * (lips < 0.15))
    at, skin, out = points.at(base), points.at(vertices), unit(points.at(head.normals(vertices)))
    longest = {
        "stubble": 0.025,
        "moustache": r.uniform(0.06, 0.13),
        "goatee": r.uniform(0.06, 0.16),
        "full": r.uniform(0.06, 0.16),
        "long": r.uniform(0.22, 0.45),
    }
    length = longest[person.beard] * (0.5 + 0.5 * smoothstep(7.1, 6.5, at[:, 1])) * r.uniform(0.6, 1.2, len(at))
    lean = unit(out * 0.5 + np.array([0, -0.8, 0.1]) + r.normal(0, 0.22, at.shape) + 0.25 * np.sign(at) * [1, 0, 0])
    along = np.linspace(0, 1, 6)[None, :, None] * length[:, None, None]
    paths = skin[:, None] + out[:, None] * 0.004 + lean[:, None] * along - np.array([0, 1.5, 0]) * along**2
    if longest[person.beard] > 0.1:
        paths = curled(resampled(paths, 9), 0.012, 25, r.random(len(paths)) * 2 * np.pi)
    return [(paths, 0.0042 if person.beard == "stubble" else 0.008, 0.003)]
