"""Hold the head: its mesh, the morphs that shape it, the turn of its neck, points on its skin."""

import functools
import pathlib

import numpy as np
from scipy.spatial.transform import Rotation

# Groups of quads, as prepare.py numbers them.
FACE = 0
EYE_GROUPS = (1, 2)  # left, right
LASHES = (3, 4, 5, 6)
TEETH = (7, 8)
TONGUE = 9
NECK = 10
MOUTH = 11
SOCKET = 12

# The endings by which MakeHuman names the two directions of a morph.
OPPOSITES = {
    "incr": "decr",
    "up": "down",
    "out": "in",
    "forward": "backward",
    "convex": "concave",
    "uncompress": "compress",
}
UNPAIRED = ("macro", "unit", "asym")  # groups of morphs without an opposite
SHOULDERS, JAW = 5.75, 6.75  # heights between which the neck takes up the turn of the head


def smoothstep(a: float, b: float, x):
    """Rise smoothly from 0 below `a` to 1 above `b`; fall from 1 to 0 where a > b."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def unit(v):
    """Scale vectors to length 1."""
    return v / (np.linalg.norm(v, axis=-1, keepdims=True) + 1e-9)


class Head:
    """Hold MakeHuman's neutral head and its morph targets, as prepare.py wrote them."""

    def __init__(self, path: pathlib.Path):
        with np.load(path) as file:
            for name in file.files:
                setattr(self, name, file[name])
        self.index = {str(name): i for i, name in enumerate(self.names)}
        vertex_uv = np.zeros((len(self.vertices), 2), "f4")
        vertex_uv[self.quads.ravel()] = self.uv[self.quads_uv.ravel()]
        self.ears = self._sample(self.mask_ears, vertex_uv)
        self.lips = self._sample(self.mask_lips, vertex_uv)
        self.skin_quads = np.isin(self.groups, (FACE, NECK))
        quads = self.quads[self.skin_quads]
        triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
        three_corners = (triangles != np.roll(triangles, 1, 1)).all(1)
        self.triangles = triangles[three_corners]
        self.skin = np.unique(self.triangles)

    def _sample(self, mask, uv):
        """Read a texture mask (0..1) at every vertex; the value outside the atlas island is 0."""
        rows, columns = mask.shape
        inside = ((uv >= 0) & (uv <= 1)).all(1)
        column = np.clip(uv[:, 0] * columns, 0, columns - 1).astype(int)
        row = np.clip((1 - uv[:, 1]) * rows, 0, rows - 1).astype(int)
        return np.where(inside, mask[row, column] / 255.0, 0).astype("f4")

    @functools.cached_property
    def pairs(self):
        """List (base name, target one way, target the other way) of the two-way morphs."""
        found = []
        for name in self.index:
            base, _, end = name.rpartition("-")
            opposite = f"{base}-{OPPOSITES.get(end)}"
            if name.split("/")[0] not in UNPAIRED and opposite in self.index:
                found.append((base, name, opposite))
        return found

    def moved(self, vertices, weights: dict[str, float]):
        """Add the weighted morph targets to `vertices`; skip weights too small to be seen."""
        known = {name: weight for name, weight in weights.items() if name in self.index}
        used = {self.index[name]: known[name] for name in known if abs(known[name]) > 1e-3}
        if not used:
            return vertices.copy()
        amounts = np.array(list(used.values()))  # (K,)
        targets = self.targets[list(used)].astype("f8")  # (K, V, 3)
        return vertices + np.einsum("k,kvc->vc", amounts, targets)

    def shaped(self, weights: dict[str, float]):
        """Return the vertices of a person's head, with its eyes where the neutral head has them.

        Without that, body height would move the head.
        """
        vertices = self.moved(self.vertices.astype("f8"), weights)
        return vertices + self.eyes(self.vertices).mean(0) - self.eyes(vertices).mean(0)

    def eyes(self, vertices):
        """Return the centers (2, 3) of the eyeballs, left first."""
        return np.stack([vertices[self.eye_vertices(side)].mean(0) for side in EYE_GROUPS])

    def eye_vertices(self, side: int):
        """Return the vertex numbers of an eyeball: 1 left, 2 right."""
        return np.unique(self.quads[self.groups == side])

    def _triangle_corners(self, vertices):
        """Return the three corners, each (T, 3), of every triangle of skin."""
        return (vertices[self.triangles[:, k]] for k in range(3))

    def normals(self, vertices):
        """Return the unit normals (V, 3) of the skin."""
        a, b, c = self._triangle_corners(vertices)
        face = np.cross(b - a, c - a)
        normals = np.zeros_like(vertices)
        for k in range(3):
            np.add.at(normals, self.triangles[:, k], face)
        return unit(normals)

    def scatter(self, vertices, density, count: int, r: np.random.Generator) -> "Scatter":
        """Scatter `count` points on the skin; `density` (V,) weighs the area they fall on."""
        a, b, c = self._triangle_corners(vertices)
        double_area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        total = np.cumsum(double_area * density[self.triangles].mean(1))
        triangle = np.searchsorted(total, r.random(count) * total[-1])
        triangle = np.minimum(triangle, len(total) - 1)
        uv = r.random((count, 2))
        uv = np.where(uv.sum(1, keepdims=True) > 1, 1 - uv, uv)  # fold the square into a triangle
        weights = np.stack([1 - uv.sum(1), uv[:, 0], uv[:, 1]], 1)
        return Scatter(self.triangles[triangle], weights)


class Scatter:
    """Locate points on the skin by the corners (N, 3) of a triangle and their weights (N, 3)."""

    def __init__(self, corners, weights):
        self.corners = corners
        self.weights = weights

    def at(self, values):
        """Interpolate values (V, C) of the vertices at the points."""
        return np.einsum("nk,nkc->nc", self.weights, values[self.corners])

    def only(self, chosen) -> "Scatter":
        """Keep the points that `chosen`, a mask or numbers, selects."""
        return Scatter(self.corners[chosen], self.weights[chosen])


def turn(yaw: float, pitch: float, roll: float):
    """Return the rotation matrix (3, 3) of a roll, then a pitch, then a yaw."""
    return Rotation.from_euler("YXZ", [yaw, pitch, roll]).as_matrix()


def neck_weight(y):
    """Return the share of the head's turn at height `y`: 0 at the shoulders, 1 from the jaw up."""
    return smoothstep(SHOULDERS, JAW, y)


def posed(points, pivot, rotation, weight):
    """Turn `points` (..., 3) about `pivot` by `rotation`, each by its own share `weight` (...)."""
    vector = Rotation.from_matrix(rotation).as_rotvec()
    turns = Rotation.from_rotvec(np.ravel(weight)[:, None] * vector)
    offsets = points.reshape(-1, 3) - pivot
    return (turns.apply(offsets) + pivot).reshape(points.shape)
