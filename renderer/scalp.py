"""Where hair may grow on a head, and where a hat ends."""

import numpy as np

from .identity import Person

# Height of the hairline by azimuth in degrees, 0 in front: forehead, temple, sideburn, behind the ear, nape.
LINE = np.array(
    [(0, 8.02), (25, 8.03), (42, 7.98), (58, 7.78), (70, 7.42), (79, 7.05), (86, 7.12), (100, 7.5), (115, 7.2), (135, 6.75), (180, 6.62)]
)
HAT_EDGE = {"beanie": ([0, 1.2, 1.7, 3.14], [7.72, 7.62, 7.45, 6.95]), "cap": ([0, 1.2, 1.7, 3.14], [7.78, 7.7, 7.6, 7.35])}


def azimuth(points):
    """Angle about the head's axis, 0 in front, pi behind, the same on both sides."""
    return np.arctan2(np.abs(points[..., 0]), points[..., 2] - 0.05)


def hairline(person: Person, points):
    """Height above which hair grows, at the azimuth of `points` (..., 3) of the neutral head; uneven, as hairlines are."""
    angle = azimuth(points)
    line = np.interp(angle, np.radians(LINE[:, 0]), LINE[:, 1]) + person.stream("hairline").normal(0.0, 0.05)
    if person.hair_style == "receding":
        line = line + 0.55 * np.exp(-((angle / 0.9) ** 2)) + 0.25 * np.exp(-(((angle - 0.6) / 0.3) ** 2))
    return line + 0.03 * np.sin(9 * points[..., 0] + 2) + 0.02 * np.sin(23 * points[..., 0])


def hat_edge(accessory: str, points):
    """Height of a hat's lower edge at the azimuth of `points`."""
    return np.interp(azimuth(points), *HAT_EDGE[accessory])
