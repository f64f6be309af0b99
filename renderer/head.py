"""The head: its mesh, how morph targets shape it, how a turn of the neck poses it, and points scattered on its skin."""

import functools
import pathlib

import numpy as np
from scipy.spatial.transform import Rotation

FACE, NECK, MOUTH, SOCKET = 0, 10, 11, 12  # groups of quads (see prepare.py); 1, 2 eyes; 3-6 lashes; 7, 8 teeth; 9 tongue
OPPOSITES = {"incr": "decr", "up": "down", "out": "in", "forward": "backward", "convex": "concave", "uncompress": "compress"}


def smoothstep(a: float, b: float, x):
    """0 below a, 1 above b (or the other way round where a > b), smooth between."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def unit(v):
    """Vectors of length 1."""
    return v / (np.linalg.norm(v, axis=-1, keepdims=True) + 1e-9)


class Head:
    """MakeHuman's neutral head and its morph targets (`prepare.py` wrote them)."""

    def __init__(self, path: pathlib.Path):
        with np.load(path) as file:
            for name in file.files:
                setattr(self, name, file[name])
        self.index = {str(name): i for i, name in enumerate(self.names)}
        vertex_uv = np.zeros((len(self.vertices), 2), "f4")
        vertex_uv[self.quads.ravel()] = self.uv[self.quads_uv.ravel()]
        self.ears, self.lips = (self._sample(mask, vertex_uv) for mask in (self.mask_ears, self.mask_lips))
        self.skin_quads = np.isin(self.groups, (FACE, NECK))
        quads = self.quads[self.skin_quads]
        triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
        self.triangles = triangles[(triangles != np.roll(triangles, 1, 1)).all(1)]
        self.skin = np.unique(self.triangles)

    def _sample(self, mask, uv):
        """A texture mask's value 0..1 at every vertex; 0 outside the atlas island."""
        inside = ((uv >= 0) & (uv <= 1)).all(1)
        column = np.clip(uv[:, 0] * mask.shape[1], 0, mask.shape[1] - 1).astype(int)
        row = np.clip((1 - uv[:, 1]) * mask.shape[0], 0, mask.shape[0] - 1).astype(int)
        return np.where(inside, mask[row, column] / 255.0, 0).astype("f4")

    @functools.cached_property
    def pairs(self):
        """(base name, target one way, target the other way) of every morph that has two directions."""
        found = []
        for name in self.index:
            base, _, end = name.rpartition("-")
            if name.split("/")[0] not in ("macro", "unit", "asym") and f"{base}-{OPPOSITES.get(end)}" in self.index:
                found.append((base, name, f"{base}-{OPPOSITES[end]}"))
        return found

    def moved(self, vertices, weights: dict[str, float]):
        """`vertices` plus the weighted morph targets."""
        used = {self.index[name]: weight for name, weight in weights.items() if abs(weight) > 1e-3 and name in self.index}
        if not used:
            return vertices.copy()
        return vertices + np.einsum("k,kvc->vc", np.array(list(used.values())), self.targets[list(used)].astype("f8"))

    def shaped(self, weights: dict[str, float]):
        """The head of a person, eyes kept where the neutral head has them (body height would move them)."""
        vertices = self.moved(self.vertices.astype("f8"), weights)
        return vertices + self.eyes(self.vertices).mean(0) - self.eyes(vertices).mean(0)

    def eyes(self, vertices):
        """Centers (2, 3) of the eyeballs, left first."""
        return np.stack([vertices[self.eye_vertices(side)].mean(0) for side in (1, 2)])

    def eye_vertices(self, side: int):
        """Vertex numbers of an eyeball: 1 left, 2 right."""
        return np.unique(self.quads[self.groups == side])

    def normals(self, vertices):
        """Unit normals (V, 3) of the skin."""
        a, b, c = (vertices[self.triangles[:, k]] for k in range(3))
        normals, face = np.zeros_like(vertices), np.cross(b - a, c - a)
        for k in range(3):
            np.add.at(normals, self.triangles[:, k], face)
        return unit(normals)

    def scatter(self, vertices, density, count: int, r: np.random.Generator) -> "Scatter":
        """`count` points on the skin, as many per area as the vertices' density says."""
        a, b, c = (vertices[self.triangles[:, k]] for k in range(3))
        share = np.cumsum(np.linalg.norm(np.cross(b - a, c - a), axis=1) * density[self.triangles].mean(1))
        triangle = np.minimum(np.searchsorted(share, r.random(count) * share[-1]), len(share) - 1)
        uv = r.random((count, 2))
        uv = np.where(uv.sum(1, keepdims=True) > 1, 1 - uv, uv)
        return Scatter(self.triangles[triangle], np.stack([1 - uv.sum(1), uv[:, 0], uv[:, 1]], 1))


class Scatter:
    """Points on the skin, as corners (N, 3) and weights (N, 3) of a triangle each."""

    def __init__(self, corners, weights):
        self.corners, self.weights = corners, weights

    def at(self, values):
        """Any quantity of the vertices, at the points."""
        return np.einsum("nk,nkc->nc", self.weights, values[self.corners])

    def only(self, chosen) -> "Scatter":
        """The points where `chosen` (mask or numbers)."""
        return Scatter(self.corners[chosen], self.weights[chosen])


def turn(yaw: float, pitch: float, roll: float):
    """Rotation matrix (3, 3): roll, then pitch, then yaw."""
    return Rotation.from_euler("YXZ", [yaw, pitch, roll]).as_matrix()


def neck_weight(y):
    """How much of the head's turn a height takes: none at the shoulders, all from the jaw upwards."""
    return smoothstep(5.75, 6.75, y)


def posed(points, pivot, rotation, weight):
    """`points` (..., 3) turned about `pivot` by `rotation`, each by its own share `weight` (...)."""
    vector = Rotation.from_matrix(rotation).as_rotvec()
    turns = Rotation.from_rotvec(np.ravel(weight)[:, None] * vector)
    return (turns.apply(points.reshape(-1, 3) - pivot) + pivot).reshape(points.shape)
