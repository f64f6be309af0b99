"""Turn a person into geometry: shape and hair of the identity, then the pose of one picture.

No Blender yet.
"""

import functools

import numpy as np
from scipy.spatial import cKDTree

from . import facial_hair, hair, skin
from .colors import linear
from .head import Head, neck_weight, posed, smoothstep, turn
from .identity import Person
from .shot import Pose

PIVOT = np.array([0, 0.25, 0])  # about which the head turns, from MakeHuman's neck joint

# The eyeball. Angles are measured from the middle of the pupil.
IRIS = 0.47
WHITE = linear(np.array([0.91, 0.88, 0.86]))
BLACK = 0.002
STREAKS = 40
BALL_RINGS = np.concatenate([np.linspace(0, 0.75, 22), np.linspace(0.8, np.pi, 12)])
BALL_STEPS = 32
CORNEA_HEIGHT, CORNEA_ANGLE = 0.06, 0.42


class Figure:
    """Hold everything that stays the same in all pictures of an identity."""

    def __init__(self, head: Head, person: Person):
        self.head = head
        self.person = person
        self.vertices = head.shaped(person.weights)
        self.hair = hair.grow(head, person, self.vertices)
        self.brows = facial_hair.brows(head, person, self.vertices)
        self.beard = facial_hair.beard(head, person, self.vertices)
        self.texture = skin.paint(head, person)

    @functools.cached_property
    def skin_tree(self):
        """Build the tree that finds the skin vertex nearest to a point."""
        return cKDTree(self.vertices[self.head.skin])


class Posed:
    """Hold a figure with an expression on its face and its head turned."""

    def __init__(self, figure: Figure, pose: Pose):
        self.figure = figure
        self.head = figure.head
        self.person = figure.person
        self.pose = pose
        self.expressed = self.head.moved(figure.vertices, pose.units)
        self.pivot = self.expressed[self.head.joint_neck].mean(0) + PIVOT
        self.rotation = turn(*pose.head)
        weight = neck_weight(self.head.vertices[:, 1])
        self.vertices = posed(self.expressed, self.pivot, self.rotation, weight)
        self.normals = self.head.normals(self.vertices)

    def turned(self, points):
        """Turn points (..., 3) that are fixed to the skull."""
        return posed(points, self.pivot, self.rotation, np.ones(points.shape[:-1]))

    def strands(self, paths, on_face: bool):
        """Pose hair; brows and beards also follow the expression of the skin under their roots."""
        if on_face:
            moved = self.expressed - self.figure.vertices
            _, nearest = self.figure.skin_tree.query(paths[:, 0])
            paths = paths + moved[self.head.skin[nearest]][:, None]
        return posed(paths, self.pivot, self.rotation, neck_weight(paths[..., 1]))

    def eyeball(self, side: int):
        """Return (center (3,), radius) of an eyeball: 1 left, 2 right."""
        points = self.expressed[self.head.eye_vertices(side)]
        low, high = points.min(0), points.max(0)
        radius = (high - low)[:2].sum() / 4
        center = np.array([*(low + high)[:2] / 2, low[2] + radius])
        return self.turned(center[None])[0], radius

    @functools.cached_property
    def landmarks(self):
        """Return left eye, right eye and mouth (3, 3), which the crop is aligned to."""
        front = (self.head.lips > 0.5) & (self.head.vertices[:, 2] > 1.0)
        balls = (self.eyeball(1), self.eyeball(2))
        eyes = [center + self.rotation @ [0, 0, radius] for center, radius in balls]
        return np.stack([*eyes, self.vertices[front].mean(0)])

    def shell(self, quads, distance, relax: int):
        """Build a surface over some of the skin: (vertices (V, 3), quads).

        It lies `distance` along the normals, and `relax` rounds of smoothing remove its folds.
        """
        used = np.unique(quads)
        number = np.zeros(len(self.vertices), int)
        number[used] = np.arange(len(used))
        quads = number[quads]
        away = np.broadcast_to(distance, len(self.vertices))[used]
        points = self.vertices[used] + self.normals[used] * away[:, None]
        edges = np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)])
        edges = edges[edges[:, 0] != edges[:, 1]]  # triangles repeat a corner
        edges = np.concatenate([edges, edges[:, ::-1]])
        count = np.bincount(edges[:, 0], minlength=len(points))
        count = np.maximum(count, 1)[:, None]
        for _ in range(relax):
            total = np.zeros_like(points)
            np.add.at(total, edges[:, 0], points[edges[:, 1]])
            points = 0.5 * points + 0.5 * total / count
        return points, quads


def iris_colors(person: Person, polar, around):
    """Return the albedo (N, 3), linear, of an eyeball: white, iris, dark rim, pupil.

    `polar` (N,) is the angle from the middle of the pupil, `around` (N,) the angle around it.
    """
    r = person.stream("eyes")
    pupil = r.uniform(0.14, 0.21)
    streaks = r.normal(0, 1, STREAKS)
    streaks = (streaks + np.roll(streaks, 1)) / 2
    angles = np.linspace(0, 2 * np.pi, STREAKS + 1)
    streak = np.interp(around, angles, np.r_[streaks, streaks[:1]])[:, None]

    def step(a, b):
        return smoothstep(a, b, polar)[:, None]

    white = WHITE * (1 - 0.12 * step(0.6, 1.2))
    colored = linear(person.eyes) * (1 + 0.3 * streak) * (0.85 + 0.6 * step(pupil, IRIS))
    colored = np.maximum(colored, BLACK) * (1 - 0.6 * step(IRIS - 0.1, IRIS))
    share = step(IRIS + 0.04, IRIS - 0.02)
    color = white * (1 - share) + colored * share
    share = step(pupil + 0.04, pupil - 0.01)
    return color * (1 - share) + BLACK * share


def ball(center, radius: float, rotation, person: Person):
    """Build an eyeball with a cornea: (vertices, quads, colors).

    It looks along the z axis of `rotation`.
    """
    longitudes = np.linspace(0, 2 * np.pi, BALL_STEPS, endpoint=False)
    t, p = (grid.ravel() for grid in np.meshgrid(BALL_RINGS, longitudes, indexing="ij"))
    direction = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], -1)
    bulge = 1 + CORNEA_HEIGHT * np.exp(-((t / CORNEA_ANGLE) ** 4))
    points = center + (direction * bulge[:, None] * radius) @ rotation.T
    rows = np.arange(len(BALL_RINGS) - 1)
    row, column = np.meshgrid(rows, np.arange(BALL_STEPS), indexing="ij")
    here, below = row * BALL_STEPS, (row + 1) * BALL_STEPS
    after = (column + 1) % BALL_STEPS
    quads = np.stack([here + column, below + column, below + after, here + after], -1)
    return points, quads.reshape(-1, 4), iris_colors(person, t, p)


def ring(count: int, squareness: float):
    """Draw a closed curve (count, 2) between an ellipse (2) and a rectangle (large)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    x, y = np.cos(angle), np.sin(angle)
    power = 2 / squareness
    return np.stack([np.sign(x) * np.abs(x) ** power, np.sign(y) * np.abs(y) ** power], 1)
