"""The camera: where it stands, and how its frame is laid over eyes and mouth, as in the usual aligned crop of 112 pixels."""

import dataclasses

import numpy as np

from .figure import Posed
from .head import turn

# Where the common alignment of face crops puts left eye, right eye (the person's) and the middle of the mouth,
# in shares of the frame from its middle, y up.
TEMPLATE = np.array([(0.157, 0.039), (-0.157, 0.039), (0.0, -0.324)])


@dataclasses.dataclass
class View:
    """A pinhole camera: `axes` (3, 3) are right, up and back as columns; `width` is the frame's width at distance 1."""

    position: np.ndarray
    axes: np.ndarray
    width: float
    shift: np.ndarray  # of the frame's middle off the optical axis, in shares of the width

    def directions(self, size: int):
        """Unit-depth directions (size, size, 3) through the middle of each pixel."""
        grid = (np.arange(size) + 0.5) / size - 0.5
        x, y = np.meshgrid(grid + self.shift[0], self.shift[1] - grid)
        return np.stack([x * self.width, y * self.width, -np.ones_like(x)], -1) @ self.axes.T


def look(posed: Posed) -> View:
    """The view that fits the landmarks to the template best (least squares over shift, scale and roll)."""
    pose, target = posed.pose, posed.landmarks.mean(0)
    axes = turn(pose.camera[0], -pose.camera[1], 0)
    position = target + axes[:, 2] * pose.distance
    seen = (posed.landmarks - position) @ axes
    seen = seen[:, :2] / -seen[:, 2:]
    # Similarity seen = scale * rotation * template + offset, in complex numbers; the template is centered for the fit.
    z, t = seen @ [1, 1j], TEMPLATE * pose.zoom @ [1, 1j]
    factor = np.vdot(t - t.mean(), z - z.mean()) / np.vdot(t - t.mean(), t - t.mean())
    offset = z.mean() - factor * t.mean()
    width, roll = abs(factor), np.angle(factor)
    shift = offset / factor
    return View(position, axes @ turn(0, 0, roll), width, np.array([shift.real, shift.imag]) + pose.jitter)
