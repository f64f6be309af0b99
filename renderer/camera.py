"""Place the camera so that eyes and mouth lie where the usual aligned 112-pixel crop has them."""

import dataclasses

import numpy as np

from .figure import Posed
from .head import turn

# Where the common alignment of face crops puts the person's left eye, right eye and the middle of
# the mouth: shares of the frame, measured from its middle, y up.
TEMPLATE = np.array([(0.157, 0.039), (-0.157, 0.039), (0.0, -0.324)])


@dataclasses.dataclass
class View:
    """Describe a pinhole camera.

    The columns of `axes` (3, 3) are right, up and back; `width` is the frame's width at distance 1.
    """

    position: np.ndarray
    axes: np.ndarray
    width: float
    shift: np.ndarray  # from the optical axis to the frame's middle, in shares of the width

    def directions(self, size: int):
        """Return unit-depth directions (size, size, 3) through the middle of each pixel."""
        grid = (np.arange(size) + 0.5) / size - 0.5
        x, y = np.meshgrid(grid + self.shift[0], self.shift[1] - grid)
        rays = np.stack([x * self.width, y * self.width, -np.ones_like(x)], -1)
        return rays @ self.axes.T


def look(posed: Posed) -> View:
    """Return the view that best fits the landmarks to the template.

    The fit is least squares over shift, scale and roll.
    """
    pose = posed.pose
    target = posed.landmarks.mean(0)
    axes = turn(pose.camera[0], -pose.camera[1], 0)
    position = target + axes[:, 2] * pose.distance
    seen = (posed.landmarks - position) @ axes
    seen = seen[:, :2] / -seen[:, 2:]
    # Solve seen = factor * template + offset in complex numbers, with both sides centered.
    z = seen @ [1, 1j]
    t = TEMPLATE * pose.zoom @ [1, 1j]
    centered = t - t.mean()
    factor = np.vdot(centered, z - z.mean()) / np.vdot(centered, centered)
    offset = z.mean() - factor * t.mean()
    width, roll = abs(factor), np.angle(factor)
    shift = offset / factor
    return View(
        position=position,
        axes=axes @ turn(0, 0, roll),
        width=width,
        shift=np.array([shift.real, shift.imag]) + pose.jitter,
    )
