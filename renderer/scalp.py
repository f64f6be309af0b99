"""Decide where hair may grow on a head, and where a hat ends.

Every function takes points of the neutral head.
"""

import numpy as np

from .identity import Person

# The hairline: (azimuth in degrees from the front, height).
LINE = np.array(
    [
        (0, 8.02),  # forehead
        (25, 8.03),
        (42, 7.98),
        (58, 7.78),  # temple
        (70, 7.42),
        (79, 7.05),  # sideburn
        (86, 7.12),
        (100, 7.5),
        (115, 7.2),  # behind the ear
        (135, 6.75),
        (180, 6.62),  # nape
    ]
)
# The lower edge of each hat: azimuths in radians, and the heights there.
HAT_EDGE = {
    "beanie": ([0, 1.2, 1.7, 3.14], [7.72, 7.62, 7.45, 6.95]),
    "cap": ([0, 1.2, 1.7, 3.14], [7.78, 7.7, 7.6, 7.35]),
}
AXIS_DEPTH = 0.05  # z of the head's vertical axis
# The front of the hair, from which a fringe hangs: z and y above which it lies.
FRONT_DEPTH, FRONT_HEIGHT = 0.78, 7.9


def azimuth(points):
    """Return the angle around the head's axis: 0 in front, pi behind, the same on both sides."""
    return np.arctan2(np.abs(points[..., 0]), points[..., 2] - AXIS_DEPTH)


def hairline(person: Person, points):
    """Return the height above which hair grows, at the azimuth of `points` (..., 3)."""
    angle = azimuth(points)
    x = points[..., 0]
    line = np.interp(angle, np.radians(LINE[:, 0]), LINE[:, 1])
    line = line + person.stream("hairline").normal(0.0, 0.05)
    if person.hair_style == "receding":
        forehead = 0.55 * np.exp(-((angle / 0.9) ** 2))
        corners = 0.25 * np.exp(-(((angle - 0.6) / 0.3) ** 2))
        line = line + forehead + corners
    # Two waves make the line uneven, as real hairlines are.
    return line + 0.03 * np.sin(9 * x + 2) + 0.02 * np.sin(23 * x)


def hat_edge(accessory: str, points):
    """Return the height of a hat's lower edge at the azimuth of `points`."""
    return np.interp(azimuth(points), *HAT_EDGE[accessory])


def at_front(points, half_width):
    """Mask the points (N, 3) at the front of the hair, within `half_width` of the middle."""
    front = (points[:, 2] > FRONT_DEPTH) & (points[:, 1] > FRONT_HEIGHT)
    return front & (np.abs(points[:, 0]) < half_width)
