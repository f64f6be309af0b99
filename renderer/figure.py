"""A person as geometry: the shape and hair of an identity, and that figure in the pose of one picture. No Blender yet."""

import functools

import numpy as np
from scipy.spatial import cKDTree

from . import facial_hair, hair, skin
from .colors import linear
from .head import Head, neck_weight, posed, smoothstep, turn
from .identity import Person
from .shot import Pose


class Figure:
    """All that stays the same over the pictures of an identity."""

    def __init__(self, head: Head, person: Person):
        self.head, self.person = head, person
        self.vertices = head.shaped(person.weights)
        self.hair = hair.grow(head, person, self.vertices)
        self.brows = facial_hair.brows(head, person, self.vertices)
        self.beard = facial_hair.beard(head, person, self.vertices)
        self.texture = skin.paint(head, person)

    @functools.cached_property
    def skin_tree(self):
        """Nearest skin vertex of a point."""
        return cKDTree(self.vertices[self.head.skin])


class Posed:
    """A figure with an expression on its face and its head turned."""

    def __init__(self, figure: Figure, pose: Pose):
        self.figure, self.head, self.person, self.pose = figure, figure.head, figure.person, pose
        self.expressed = self.head.moved(figure.vertices, pose.units)
        self.pivot = self.expressed[self.head.joint_neck].mean(0) + np.array([0, 0.25, 0])
        self.rotation = turn(*pose.head)
        self.vertices = posed(self.expressed, self.pivot, self.rotation, neck_weight(self.head.vertices[:, 1]))
        self.normals = self.head.normals(self.vertices)

    def turned(self, points):
        """Points fixed to the skull (..., 3), turned with it."""
        return posed(points, self.pivot, self.rotation, np.ones(points.shape[:-1]))

    def strands(self, paths, on_face: bool):
        """Hair in the pose; brows and beards also follow the expression of the skin under their roots."""
        if on_face:
            moved = self.expressed - self.figure.vertices
            paths = paths + moved[self.head.skin[self.figure.skin_tree.query(paths[:, 0])[1]]][:, None]
        return posed(paths, self.pivot, self.rotation, neck_weight(paths[..., 1]))

    def eyeball(self, side: int):
        """(center (3,), radius) of an eyeball: 1 left, 2 right."""
        points = self.expressed[self.head.eye_vertices(side)]
        low, high = points.min(0), points.max(0)
        radius = (high - low)[:2].sum() / 4
        center = np.array([*(low + high)[:2] / 2, low[2] + radius])
        return self.turned(center[None])[0], radius

    @functools.cached_property
    def landmarks(self):
        """Left eye, right eye and mouth (3, 3): what the crop is aligned to."""
        front = (self.head.lips > 0.5) & (self.head.vertices[:, 2] > 1.0)
        eyes = [center + self.rotation @ [0, 0, radius] for center, radius in (self.eyeball(1), self.eyeball(2))]
        return np.stack([*eyes, self.vertices[front].mean(0)])

    def shell(self, quads, distance, relax: int):
        """A surface over some of the skin: (vertices (V, 3), quads) `distance` along the normals, its folds relaxed."""
        used = np.unique(quads)
        number = np.zeros(len(self.vertices), int)
        number[used] = np.arange(len(used))
        quads = number[quads]
        away = np.broadcast_to(distance, len(self.vertices))[used]
        points = self.vertices[used] + self.normals[used] * away[:, None]
        edges = np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)])
        edges = edges[edges[:, 0] != edges[:, 1]]
        edges = np.concatenate([edges, edges[:, ::-1]])
        count = np.maximum(np.bincount(edges[:, 0], minlength=len(points)), 1)[:, None]
        for _ in range(relax):
            total = np.zeros_like(points)
            np.add.at(total, edges[:, 0], points[edges[:, 1]])
            points = 0.5 * points + 0.5 * total / count
        return points, quads


def iris_colors(person: Person, polar, around):
    """Albedo (N, 3), linear, of an eyeball by angle from the pupil and angle around it: white, iris, dark rim, pupil."""
    r = person.stream("eyes")
    pupil, iris = r.uniform(0.14, 0.21), 0.47
    streaks = r.normal(0, 1, 40)
    streaks = (streaks + np.roll(streaks, 1)) / 2
    streak = np.interp(around, np.linspace(0, 2 * np.pi, 41), np.r_[streaks, streaks[:1]])
    white = linear(np.array([0.91, 0.88, 0.86])) * (1 - 0.12 * smoothstep(0.6, 1.2, polar))[:, None]
    colored = linear(person.eyes) * (1 + 0.3 * streak[:, None]) * (0.85 + 0.6 * smoothstep(pupil, iris, polar)[:, None])
    colored = np.maximum(colored, 0.002) * (1 - 0.6 * smoothstep(iris - 0.1, iris, polar))[:, None]
    share = smoothstep(iris + 0.04, iris - 0.02, polar)[:, None]
    color = white * (1 - share) + colored * share
    share = smoothstep(pupil + 0.04, pupil - 0.01, polar)[:, None]
    return color * (1 - share) + 0.002 * share


def ball(center, radius: float, rotation, person: Person):
    """An eyeball with a cornea: (vertices, quads, colors); it looks along +z of `rotation`."""
    polar = np.concatenate([np.linspace(0, 0.75, 22), np.linspace(0.8, np.pi, 12)])
    steps = 32
    t, p = (grid.ravel() for grid in np.meshgrid(polar, np.linspace(0, 2 * np.pi, steps, endpoint=False), indexing="ij"))
    direction = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], -1)
    bulge = 1 + 0.06 * np.exp(-((t / 0.42) ** 4))
    row, column = np.meshgrid(np.arange(len(polar) - 1), np.arange(steps), indexing="ij")
    after = (column + 1) % steps
    quads = np.stack([row * steps + column, (row + 1) * steps + column, (row + 1) * steps + after, row * steps + after], -1).reshape(-1, 4)
    return center + (direction * bulge[:, None] * radius) @ rotation.T, quads, iris_colors(person, t, p)


def ring(count: int, squareness: float):
    """A closed curve (count, 2) between an ellipse (2) and a rectangle (large)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    x, y = np.cos(angle), np.sin(angle)
    return np.stack([np.sign(x) * np.abs(x) ** (2 / squareness), np.sign(y) * np.abs(y) ** (2 / squareness)], 1)
