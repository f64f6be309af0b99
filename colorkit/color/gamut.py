"""Colors that no screen shows: brought into the sRGB gamut at their own L and hue, by lowering their chroma.

Clipping red, green and blue, the shorter way, also changes L, and with it the detail of a photograph.
"""

import cv2
import numpy as np

from .lab import lab_to_linear

EDGE = 1e-4  # of full light, by which a channel may lie outside: a third of an 8-bit step, where steps are smallest
HALVINGS = 10  # chroma is found to a thousandth of what was asked for


def is_in_gamut(lab: np.ndarray) -> np.ndarray:
    """Which colors sRGB can show: CIELAB, float (..., 3), to bool (...)."""
    linear = lab_to_linear(lab).reshape(1, -1, 3)  # for OpenCV a picture of one row
    return cv2.inRange(linear, (-EDGE,) * 3, (1 + EDGE,) * 3).reshape(lab.shape[:-1]) > 0


def fit_to_gamut(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower the chroma of colors outside the gamut until they are inside; L and hue stay.

    Args:
        lab: float (..., 3): L 0..100, a* and b* in CIELAB units.

    Returns:
        float32 (..., 3), and bool (...): which colors were outside.

    Raises:
        ValueError: the last axis is not 3.
    """
    outside = ~is_in_gamut(lab)
    fitted = lab.astype(np.float32)
    if not outside.any():
        return fitted, outside
    L, ab = np.split(fitted[outside], [1], axis=-1)
    low, high = np.zeros_like(L), np.ones_like(L)  # shares of the chroma: inside, and outside
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        inside = is_in_gamut(np.concatenate([L, middle * ab], axis=-1))[:, None]
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    fitted[outside] = np.concatenate([L, low * ab], axis=-1)
    return fitted, outside
