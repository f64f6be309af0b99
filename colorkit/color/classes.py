"""Divide the a*, b* plane into squares, the color classes, and say how common each of them is.

Rare colors can be made to count more: each class has a weight for its pixels. The method is that of
Zhang et al. 2016, section 2.2.
"""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from ..arrays import Ab, LabCode
from .lab import decode_ab, from_storage, rgb_to_lab, to_storage

GRID = 10  # side of a square, CIELAB units
SIGMA = 5  # CIELAB units over which a color also counts for the squares around its own
UNIFORM = 0.5  # share of the prior that an equal one replaces; the paper calls it lambda
SIDE = 27  # squares in a row, from -135 to 135, which covers all storage codes


def numbers(ab: np.ndarray) -> NDArray[np.int64]:
    """Return the index of the class that each color falls into. Lessons 6.1 and 6.3.

    The squares lie around the multiples of 10. They are numbered row by row: a* counts the rows.

    Args:
        ab: a* and b*, (..., 2), CIELAB units.

    Returns:
        int64 (...), 0 to 728.

    Raises:
        ValueError: a color lies beyond the squares.

    Example:
        >>> import numpy as np
        >>> numbers(np.array([[0.0, 0.0], [31.0, -18.0]])).tolist()
        [364, 443]
    """
    # np.round takes 5 down to 0 and 15 up to 20. All stored colors are whole numbers, so the
    # squares would hold 9 of them or 11, by turns.
    steps = np.floor(ab / GRID + 0.5).astype(np.int64)
    places = steps + SIDE // 2
    return np.ravel_multi_index((places[..., 0], places[..., 1]), (SIDE, SIDE))


@functools.cache
def in_gamut() -> NDArray[np.bool_]:
    """Return which classes hold a color of sRGB as it is stored, bool (729,). Lesson 6.1.

    There are 261. (Zhang's own list has 313.)

    Example:
        >>> in_gamut().sum().item()
        261
    """
    levels = np.arange(256, dtype=np.uint8)
    square = np.stack(np.meshgrid(levels, levels), axis=-1)  # (256, 256, 2)
    sides = []
    for channel in range(3):
        for end in (0, 255):
            sides.append(np.insert(square, channel, end, axis=-1))  # (256, 256, 3)
    # The surface of the RGB cube covers the same part of the plane as the whole cube.
    surface = np.stack(sides)
    stored = from_storage(to_storage(rgb_to_lab(surface)))
    found = numbers(stored[..., 1:])
    return np.bincount(found.ravel(), minlength=SIDE**2) > 0


def prior(lab: LabCode) -> NDArray[np.float64]:
    """Estimate how probable each class is: its share of the pixels, smoothed. Lesson 6.3.

    The smoothing is a Gaussian of 5 CIELAB units.

    Args:
        lab: training faces, (N, H, W, 3).

    Returns:
        float64 (729,). Their sum is 1; classes that hold no color of sRGB have 0.

    Example:
        >>> import numpy as np
        >>> face = np.full((1, 8, 8, 3), 128, np.uint8)  # all grey
        >>> prior(face).argmax().item()
        364
    """
    counts = np.zeros((256, 256), np.float32)  # of each pair of codes
    for face in lab:
        counts += cv2.calcHist([face], [1, 2], None, [256, 256], [0, 256, 0, 256])
    levels = np.arange(256, dtype=np.uint8)
    codes = np.stack(np.meshgrid(levels, levels, indexing="ij"), axis=-1)  # (256, 256, 2)
    class_of_pair = numbers(decode_ab(codes))
    shares = np.bincount(class_of_pair.ravel(), counts.ravel(), SIDE**2)
    shares = shares.reshape(SIDE, SIDE)
    smooth = cv2.GaussianBlur(shares, (0, 0), SIGMA / GRID, borderType=cv2.BORDER_CONSTANT)
    possible = smooth.ravel() * in_gamut()  # (729,)
    return possible / possible.sum()


def commonest(lab: LabCode, count: int) -> NDArray[np.int64]:
    """Return the most probable classes by `prior`. Lesson 6.3.

    Args:
        lab: training faces, (N, H, W, 3).
        count: how many classes, 1 to 261.

    Returns:
        Numbers of the classes, int64 (count,), ascending.

    Raises:
        ValueError: there are not that many classes.

    Example:
        >>> import numpy as np
        >>> commonest(np.full((1, 8, 8, 3), 128, np.uint8), 5).tolist()
        [337, 363, 364, 365, 391]
    """
    most = in_gamut().sum()
    if not 1 <= count <= most:
        raise ValueError(f"{count} classes: expected 1 to {most}, which hold a color of sRGB")
    rarity = np.where(in_gamut(), -prior(lab), np.inf)  # classes outside sRGB come last
    order = np.argsort(rarity, kind="stable")
    return np.sort(order[:count])


def centers(chosen: np.ndarray) -> Ab:
    """Return the color in the middle of each class. Lessons 6.1, 6.3 and 6.4.

    Args:
        chosen: numbers of classes, int (K,).

    Returns:
        a* and b*, (K, 2), CIELAB units.

    Example:
        >>> import numpy as np
        >>> centers(np.array([364, 443])).tolist()
        [[0.0, 0.0], [30.0, -20.0]]
    """
    places = np.stack(np.unravel_index(chosen, (SIDE, SIDE)), axis=-1)  # (K, 2)
    ab = (places - SIDE // 2) * GRID
    return ab.astype(np.float32)


def rebalance(probable: np.ndarray, uniform: float = UNIFORM) -> NDArray[np.float64]:
    """Compute the weight of a pixel of each class: rare colors weigh more. Lesson 6.4.

    The weight is the inverse of the class's probability, after that is mixed with an equal share
    for all classes (Zhang et al. 2016, equation 4).

    Args:
        probable: probability of each class, (K,); their sum is 1.
        uniform: share of the equal part, 0 to 1. With 1, all classes weigh the same.

    Returns:
        float64 (K,). Their mean over the pixels, `probable @ weights`, is 1.

    Example:
        >>> import numpy as np
        >>> rebalance(np.array([0.9, 0.1])).round(2).tolist()
        [0.88, 2.06]
    """
    mixed = (1 - uniform) * probable + uniform / len(probable)
    weights = 1 / mixed
    return weights / (probable @ weights)


def weights(lab: LabCode, uniform: float = UNIFORM) -> NDArray[np.float32]:
    """Compute the weight of a pixel of each class, by `rebalance` of the `prior`.

    Args:
        lab: training faces, (N, H, W, 3), never those that are evaluated.
        uniform: share of the equal part, as in `rebalance`.

    Returns:
        float32 (729,); classes that hold no color of sRGB have 0.

    Example:
        >>> import numpy as np
        >>> weights(np.full((1, 8, 8, 3), 128, np.uint8)).shape
        (729,)
    """
    found = np.zeros(SIDE**2, np.float32)
    found[in_gamut()] = rebalance(prior(lab)[in_gamut()], uniform)
    return found
