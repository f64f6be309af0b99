"""Color classes: the a*, b* plane in squares, how common each is, and what its pixels weigh where rare colors are to count more.

By Zhang et al. 2016, section 2.2.
"""

import functools

import cv2
import numpy as np

from .lab import AB_SHIFT, from_storage, rgb_to_lab, to_storage

GRID = 10  # CIELAB units: a square's side
SIGMA = 5  # CIELAB units: how far a color counts for the squares around its own
UNIFORM = 0.5  # the paper's lambda: the share of the prior that is replaced by an equal one
SIDE = 27  # squares in a row, from -135 to 135: more than any storage code needs


def numbers(ab: np.ndarray) -> np.ndarray:
    """The class of each color.

    Args:
        ab: a*, b*, float (..., 2), CIELAB units.

    Returns:
        int64 (...), 0 to 728: squares around the multiples of 10, a* by a*.

    Raises:
        ValueError: a color lies beyond the squares.
    """
    # np.round would take 5 down to 0 and 15 up to 20: of the whole numbers, which all stored colors are, squares would hold 9 or 11
    places = np.floor(ab / GRID + 0.5).astype(np.int64) + SIDE // 2
    return np.ravel_multi_index((places[..., 0], places[..., 1]), (SIDE, SIDE))


@functools.cache
def in_gamut() -> np.ndarray:
    """Which classes hold a color of sRGB as it is stored: bool (729,). They are 261. (Zhang's own list has 313.)"""
    levels = np.arange(256, dtype=np.uint8)
    square = np.stack(np.meshgrid(levels, levels), axis=-1)
    # the surface of the RGB cube covers as much of the plane as the whole cube
    surface = np.stack(
        [np.insert(square, channel, end, axis=-1) for channel in range(3) for end in (0, 255)]
    )
    found = numbers(from_storage(to_storage(rgb_to_lab(surface)))[..., 1:])
    return np.bincount(found.ravel(), minlength=SIDE**2) > 0


def prior(lab: np.ndarray) -> np.ndarray:
    """How probable each class is: its share of the pixels, smoothed by a Gaussian.

    Args:
        lab: uint8 (N, H, W, 3), CIELAB as storage code; of the training faces.

    Returns:
        float64 (729,), whose sum is 1; 0 for classes that hold no color of sRGB.
    """
    counts = sum(
        cv2.calcHist([face], [1, 2], None, [256, 256], [0, 256, 0, 256]) for face in lab
    )  # of each pair of codes
    codes = np.stack(np.meshgrid(range(256), range(256), indexing="ij"), axis=-1)
    shares = np.bincount(numbers(codes - AB_SHIFT).ravel(), counts.ravel(), SIDE**2).reshape(
        SIDE, SIDE
    )
    smooth = (
        cv2.GaussianBlur(shares, (0, 0), SIGMA / GRID, borderType=cv2.BORDER_CONSTANT).ravel()
        * in_gamut()
    )
    return smooth / smooth.sum()


def commonest(lab: np.ndarray, count: int) -> np.ndarray:
    """The most probable classes by `prior`: int64 (count,), ascending.

    Args:
        lab: uint8 (N, H, W, 3), CIELAB as storage code; of the training faces.
        count: how many, 261 at the most.

    Raises:
        ValueError: more than there are.
    """
    if not 1 <= count <= in_gamut().sum():
        raise ValueError(
            f"{count} classes: wanted 1 to {in_gamut().sum()}, which hold a color of sRGB"
        )
    order = np.argsort(
        np.where(in_gamut(), -prior(lab), np.inf), kind="stable"
    )  # those that hold no color of sRGB come last
    return np.sort(order[:count])


def centers(chosen: np.ndarray) -> np.ndarray:
    """The color in the middle of each class: numbers (K,) to a*, b*, float32 (K, 2), CIELAB units."""
    return ((np.stack(np.unravel_index(chosen, (SIDE, SIDE)), axis=-1) - SIDE // 2) * GRID).astype(
        np.float32
    )


def rebalance(probable: np.ndarray, uniform: float = UNIFORM) -> np.ndarray:
    """What a pixel of each class weighs: the inverse of how probable it is, once that is mixed with an equal share for all classes.

    Args:
        probable: (K,), of each class; their sum is 1.
        uniform: the share of the equal one, 0 to 1; with 1 all classes weigh the same.

    Returns:
        float64 (K,), whose mean over the pixels, `probable @ weights`, is 1 (Zhang et al. 2016, equation 4).
    """
    weights = 1 / ((1 - uniform) * probable + uniform / len(probable))
    return weights / (probable @ weights)


def weights(lab: np.ndarray, uniform: float = UNIFORM) -> np.ndarray:
    """What a pixel of each class weighs, by `rebalance` of the prior over all classes that hold a color of sRGB.

    Args:
        lab: uint8 (N, H, W, 3), CIELAB as storage code; of the training faces, never of those that are judged.
        uniform: see `rebalance`.

    Returns:
        float32 (729,); 0 for classes that hold no color of sRGB.
    """
    found = np.zeros(SIDE**2, np.float32)
    found[in_gamut()] = rebalance(prior(lab)[in_gamut()], uniform)
    return found
