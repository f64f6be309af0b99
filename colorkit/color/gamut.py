"""Bring colors that a screen can't show into the sRGB gamut, by lowering their chroma.

Their L and hue stay. Clipping red, green and blue would be shorter, but it also changes L, and with
it the detail of a photograph.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ..arrays import Lab
from .lab import lab_to_linear

# How far a channel may lie outside, as a share of full light. It is a third of an 8-bit step where
# these steps are smallest.
LIGHT_TOLERANCE = 1e-4
HALVINGS = 10  # of the interval that holds the chroma, which leave a thousandth of it


def is_in_gamut(lab: np.ndarray) -> NDArray[np.bool_]:
    """Tell which colors sRGB can show.

    Args:
        lab: CIELAB, float (..., 3).

    Returns:
        bool (...).

    Example:
        >>> import numpy as np
        >>> is_in_gamut(np.array([[50.0, 20, 10], [50.0, 120, 10]])).tolist()
        [True, False]
    """
    linear = lab_to_linear(lab)
    row = linear.reshape(1, -1, 3)  # (1, N, 3): for OpenCV a picture of one row
    low = (-LIGHT_TOLERANCE,) * 3
    high = (1 + LIGHT_TOLERANCE,) * 3
    inside = cv2.inRange(row, low, high)
    return inside.reshape(lab.shape[:-1]) > 0


def fit_to_gamut(lab: np.ndarray) -> tuple[Lab, NDArray[np.bool_]]:
    """Lower the chroma of colors outside the gamut until they are inside; L and hue stay.

    Args:
        lab: CIELAB, float (..., 3).

    Returns:
        The fitted colors, (..., 3), and which of them were outside, bool (...).

    Raises:
        ValueError: the last axis is not 3.

    Example:
        >>> import numpy as np
        >>> fitted, outside = fit_to_gamut(np.array([50.0, 110, 10]))
        >>> np.rint(fitted).tolist(), outside.item()
        ([50.0, 78.0, 7.0], True)
    """
    outside = ~is_in_gamut(lab)
    fitted = lab.astype(np.float32)
    if not outside.any():
        return fitted, outside
    L, ab = np.split(fitted[outside], [1], axis=-1)  # (M, 1), (M, 2)
    low = np.zeros_like(L)  # share of the chroma that is inside
    high = np.ones_like(L)  # share that is outside
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        inside = is_in_gamut(np.concatenate([L, middle * ab], axis=-1))[:, None]  # (M, 1)
        low = np.where(inside, middle, low)
        high = np.where(inside, high, middle)
    fitted[outside] = np.concatenate([L, low * ab], axis=-1)
    return fitted, outside
