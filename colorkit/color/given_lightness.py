"""The mean color of all pixels, and of pixels with the same lightness."""

import numpy as np

from . import classes
from .lab import AB_SHIFT

CODES = 256  # of L in storage code
REACH = 4  # codes after which a pixel of another L counts for 1 / e; chosen by the validation split
FACES_AT_A_TIME = (
    64  # faces counted at a time: as whole numbers of 8 bytes, all of them might not fit
)


def mean_ab(lab: np.ndarray) -> np.ndarray:
    """The mean color of some faces.

    Args:
        lab: uint8 (N, H, W, 3), CIELAB as storage code.

    Returns:
        float32 (2,): mean a* and b* over all pixels of all faces, CIELAB units.
    """
    codes = [
        lab[..., channel].mean(dtype=np.float64) for channel in (1, 2)
    ]  # of bytes: as floats they might not fit
    return (np.array(codes) - AB_SHIFT).astype(np.float32)


def mean_ab_given_L(lab: np.ndarray) -> np.ndarray:
    """The mean color of the pixels of each lightness.

    Codes of L that are seldom or never seen borrow from their neighbours: for each code, pixels count the less the farther theirs is away,
    exp(-d / 4) for d codes (4 codes are 1.6 units of L). Where a code has as many pixels as its neighbours, this changes next to nothing.

    Args:
        lab: uint8 (N, H, W, 3), CIELAB as storage code, one face or more.

    Returns:
        float32 (256, 2): mean a* and b* for each code of L, CIELAB units.
    """
    counts, sums = np.zeros(CODES), np.zeros((CODES, 2))
    for start in range(0, len(lab), FACES_AT_A_TIME):
        L, *ab = lab[start : start + FACES_AT_A_TIME].reshape(-1, 3).T
        counts += np.bincount(L, minlength=CODES)
        sums += np.stack([np.bincount(L, plane, minlength=CODES) for plane in ab], axis=-1)
    nearness = _nearness()
    return (nearness @ sums / (nearness @ counts)[:, None] - AB_SHIFT).astype(np.float32)


def classes_given_L(lab: np.ndarray) -> np.ndarray:
    """How common each color class is among the pixels of each lightness, codes of L borrowing from their neighbours as above.

    Args:
        lab: uint8 (N, H, W, 3), CIELAB as storage code, one face or more.

    Returns:
        float64 (256, 729), classes by `classes.numbers`; each row's sum is 1.
    """
    counts = np.zeros(CODES * classes.SIDE**2)
    for start in range(0, len(lab), FACES_AT_A_TIME):
        part = lab[start : start + FACES_AT_A_TIME]
        numbers = classes.numbers(part[..., 1:].astype(np.float32) - AB_SHIFT)
        counts += np.bincount(
            (part[..., 0] * np.int64(classes.SIDE**2) + numbers).ravel(), minlength=len(counts)
        )
    shares = _nearness() @ counts.reshape(CODES, -1)
    return shares / shares.sum(axis=1, keepdims=True)


def _nearness() -> np.ndarray:
    """How much the pixels of each code of L count for each other code: (256, 256)."""
    codes = np.arange(CODES)
    return np.exp(-np.abs(codes[:, None] - codes) / REACH)
