"""Compute the mean color of all pixels, and of pixels with the same lightness."""

import numpy as np
from numpy.typing import NDArray

from ..arrays import LabCode
from . import classes
from .lab import AB_SHIFT, decode_ab

CODES = 256  # codes of L
# A pixel whose L is this many codes away counts 1 / e. Chosen on the validation split.
REACH_IN_CODES = 4
# As whole numbers of 8 bytes, the pixels of all faces together might not fit into memory.
FACES_AT_A_TIME = 64


def mean_ab(lab: LabCode) -> NDArray[np.float32]:
    """Compute the mean color of some faces. Lesson 1.5.

    Args:
        lab: faces, (N, H, W, 3).

    Returns:
        float32 (2,): mean a* and b* over all pixels of all faces, CIELAB units.

    Example:
        >>> import numpy as np
        >>> mean_ab(np.full((1, 2, 2, 3), 130, np.uint8)).tolist()
        [2.0, 2.0]
    """
    # The mean is taken of the bytes, because all faces as floats might not fit into memory.
    mean_a = lab[..., 1].mean(dtype=np.float64)
    mean_b = lab[..., 2].mean(dtype=np.float64)
    return (np.array([mean_a, mean_b]) - AB_SHIFT).astype(np.float32)


def mean_ab_given_L(lab: LabCode) -> NDArray[np.float32]:
    """Compute the mean color of the pixels of each lightness.

    Codes of L that are rare or missing borrow from their neighbors. A pixel d codes away counts
    exp(-d / 4), and 4 codes are 1.6 units of L. Where a code has about as many pixels as its
    neighbors, this changes next to nothing.

    Args:
        lab: faces, (N, H, W, 3), one or more.

    Returns:
        float32 (256, 2): mean a* and b* for each code of L, CIELAB units.

    Example:
        >>> import numpy as np
        >>> mean_ab_given_L(np.full((1, 2, 2, 3), 130, np.uint8))[0].tolist()
        [2.0, 2.0]
    """
    counts = np.zeros(CODES)
    sums = np.zeros((CODES, 2))
    for start in range(0, len(lab), FACES_AT_A_TIME):
        pixels = lab[start : start + FACES_AT_A_TIME].reshape(-1, 3)
        L_code = pixels[:, 0]
        counts += np.bincount(L_code, minlength=CODES)
        sums[:, 0] += np.bincount(L_code, pixels[:, 1], minlength=CODES)
        sums[:, 1] += np.bincount(L_code, pixels[:, 2], minlength=CODES)
    nearness = _nearness()
    means = nearness @ sums / (nearness @ counts)[:, None]  # codes of a* and b*
    return (means - AB_SHIFT).astype(np.float32)


def classes_given_L(lab: LabCode) -> NDArray[np.float64]:
    """Compute how common each color class is among the pixels of each lightness.

    Codes of L borrow from their neighbors, as in `mean_ab_given_L`.

    Args:
        lab: faces, (N, H, W, 3), one or more.

    Returns:
        float64 (256, 729), classes by `classes.numbers`. The sum of each row is 1.

    Example:
        >>> import numpy as np
        >>> classes_given_L(np.full((1, 2, 2, 3), 128, np.uint8))[128].argmax().item()
        364
    """
    counts = np.zeros(CODES * classes.SIDE**2)
    for start in range(0, len(lab), FACES_AT_A_TIME):
        part = lab[start : start + FACES_AT_A_TIME]
        L_code = part[..., 0].astype(np.int64)
        numbers = classes.numbers(decode_ab(part[..., 1:]))
        cells = L_code * classes.SIDE**2 + numbers
        counts += np.bincount(cells.ravel(), minlength=len(counts))
    shares = _nearness() @ counts.reshape(CODES, -1)
    return shares / shares.sum(axis=1, keepdims=True)


def _nearness() -> NDArray[np.float64]:
    """Compute how much the pixels of each code of L count for each other code, (256, 256)."""
    codes = np.arange(CODES)
    distance = np.abs(codes[:, None] - codes)
    return np.exp(-distance / REACH_IN_CODES)
