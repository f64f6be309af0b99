"""Colorization using optimization (Levin, Lischinski and Weiss 2004): hints spread to pixels of like lightness, and nothing is learned.

Neighbours of the same lightness should have the same color. So each pixel's a* and b* must equal a weighted mean of its neighbours', those
of nearer lightness with more weight, while hints keep theirs: one sparse linear system a picture.
"""

import functools

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import sparse
from scipy.sparse import linalg

from .hints import Hints

SPREAD = 0.6  # of the variance: the authors' program has it where their paper has 2, which lets more color leak over edges
EVEN = 0.01  # a variance below this one is 0: where two of nine whole numbers differ, it is 8 / 81 or more


def levin(L: np.ndarray, hints: Hints) -> np.ndarray:
    """Spread the hints of one picture over the rest of it.

    U(r) = sum of w(r, s) U(s) over the neighbours s of each pixel r that has no hint, as the authors' own program has it. So every color is
    a weighted mean of the hints' colors. (The paper's sum of squares counts the hinted pixels' equations too; its colors can overshoot.)

    Args:
        L: uint8 (H, W, 1), L as storage code.
        hints: of that picture.

    Returns:
        float32 (H, W, 2), a* and b* in CIELAB units.

    Raises:
        ValueError: there is no hint (any color everywhere would solve the equations), or the shapes differ.
    """
    if L.shape != (*hints.mask.shape, 1) or hints.ab.shape != (*hints.mask.shape, 2):
        raise ValueError(
            f"levin wants L (H, W, 1) with hints (H, W) and (H, W, 2), got {L.shape}, {hints.mask.shape}, {hints.ab.shape}"
        )
    if not hints.mask.any():
        raise ValueError("levin wants one hint or more: without any, every color would do")
    hinted, ab = hints.mask.ravel(), hints.ab.reshape(-1, 2).astype(np.float64)
    equations = (sparse.eye_array(len(hinted), format="csr") - weights(L))[~hinted]
    ab[~hinted] = linalg.spsolve(
        equations[:, ~hinted].tocsc(), -(equations[:, hinted] @ ab[hinted])
    )
    return ab.reshape(hints.ab.shape).astype(np.float32)


def settle(L: np.ndarray, pred: np.ndarray, planes: np.ndarray) -> np.ndarray:
    """Have predictions obey the hints that they were made with: what they miss at these is spread, as colors are, and added.

    Args:
        L: uint8 (N, H, W, 1), L as storage code.
        pred: a*, b* predicted, float32 (N, H, W, 2), CIELAB units.
        planes: float32 (N, H, W, 3), the hints of each picture by hints.hint_planes; where there are none, its prediction stays.

    Returns:
        float32 (N, H, W, 2), CIELAB units.
    """
    settled = pred.copy()
    for number in np.flatnonzero(planes[..., 2].any(axis=(1, 2))):
        mask = planes[number, ..., 2] > 0
        missed = Hints(mask, mask[..., None] * (planes[number, ..., :2] - pred[number]))
        settled[number] += levin(L[number], missed)
    return settled


def weights(L: np.ndarray) -> sparse.csr_array:
    """How much each pixel listens to each of its up to eight neighbours.

    w(r, s) is proportional to exp(-(Y(r) - Y(s))^2 / (0.6 v)): Y is the lightness and v its variance in the 3 x 3 window around r, cut at
    the border of the picture. As v grows with every difference in the window, the sharpest edge still leaves exp(-30) of the weight
    between equal pixels: each pixel hears of a hint, and the equations have one solution.

    Args:
        L: uint8 (H, W, 1), L as storage code.

    Returns:
        float64 (H * W, H * W), pixels numbered row by row; the sum of each row is 1.
    """
    center, other = _windows(*L.shape[:2])
    Y = L.ravel().astype(np.float64)
    count, total, squares = (
        np.bincount(center, values) for values in (np.ones(len(other)), Y[other], Y[other] ** 2)
    )
    variance = (count * squares - total**2) / count**2  # exact: the numbers are whole
    alike = np.exp(-((Y[center] - Y[other]) ** 2) / (SPREAD * np.maximum(variance, EVEN))[center])
    alike[center == other] = 0
    return sparse.csr_array(
        (alike / np.bincount(center, alike)[center], (center, other)), shape=(len(Y), len(Y))
    )


@functools.cache
def _windows(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Each pixel beside each of its 3 x 3 window that is in the picture, itself included: their numbers, int (P,) and (P,)."""
    numbers = np.arange(height * width).reshape(height, width)
    windows = sliding_window_view(np.pad(numbers, 1, constant_values=-1), (3, 3)).reshape(-1, 9)
    inside = windows >= 0
    return np.broadcast_to(numbers.reshape(-1, 1), windows.shape)[inside], windows[inside]
