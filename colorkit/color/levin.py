"""Spread color hints without learning (Levin, Lischinski and Weiss 2004).

The paper is "Colorization using optimization". Neighbors of the same lightness should have the same
color. So the a* and b* of each pixel must equal a weighted mean of its neighbors' a* and b*, and
neighbors of similar lightness weigh more. Hints keep their colors. That is one sparse linear system
a picture.
"""

import functools

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg

from ..arrays import Ab, HintPlanes, LCode
from .hints import Hints

# The share of the variance by which lightness is compared. This is what the authors' program has.
# Their paper has 2, which lets more color leak over edges.
VARIANCE_SHARE = 0.6
# Replaces smaller variances, which can only be 0: if two of nine whole numbers differ, their
# variance is 8 / 81 or more.
LEAST_VARIANCE = 0.01


def levin(L_code: LCode, hints: Hints) -> Ab:
    """Spread the hints of one picture over the rest of it.

    U(r) = sum of w(r, s) U(s) over the neighbors s of each pixel r that has no hint, as in the
    authors' own program. So every color is a weighted mean of the hints' colors. (The sum of
    squares in the paper also counts the equations of hinted pixels; its colors can overshoot.)

    Args:
        L_code: code of L, (H, W, 1).
        hints: hints of that picture, (H, W) and (H, W, 2).

    Returns:
        a* and b*, (H, W, 2), CIELAB units.

    Raises:
        ValueError: there is no hint (any color everywhere would solve the equations), or the shapes
            differ.

    Example:
        >>> import numpy as np
        >>> from colorkit.color.hints import Point, place_hints
        >>> red = place_hints([Point(2, 2, 60, 40, side=1)], 8, 8)
        >>> np.rint(levin(np.full((8, 8, 1), 128, np.uint8), red)[7, 7]).tolist()
        [60.0, 40.0]
    """
    if L_code.shape != (*hints.mask.shape, 1) or hints.ab.shape != (*hints.mask.shape, 2):
        raise ValueError(
            "levin expected L (H, W, 1) with hints (H, W) and (H, W, 2), "
            f"got {L_code.shape}, {hints.mask.shape}, {hints.ab.shape}"
        )
    if not hints.mask.any():
        raise ValueError("levin expected at least one hint, got none")
    hinted = hints.mask.ravel()  # (H * W,)
    ab = hints.ab.reshape(-1, 2).astype(np.float64)  # (H * W, 2)
    identity = sparse.eye_array(len(hinted), format="csr")
    equations = (identity - weights(L_code))[~hinted]
    unknown = equations[:, ~hinted].tocsc()
    known = equations[:, hinted] @ ab[hinted]
    ab[~hinted] = linalg.spsolve(unknown, -known)
    return ab.reshape(hints.ab.shape).astype(np.float32)


def settle(L_code: LCode, pred: Ab, planes: HintPlanes) -> Ab:
    """Make predictions obey the hints that the model got.

    The error at the hints is spread over the picture, as `levin` spreads colors, and added.

    Args:
        L_code: code of L, (N, H, W, 1).
        pred: predicted a* and b*, (N, H, W, 2), CIELAB units.
        planes: hints of each picture by `hint_planes`, (N, H, W, 3). A picture without hints keeps
            its prediction.

    Returns:
        a* and b*, (N, H, W, 2), CIELAB units.

    Example:
        >>> import numpy as np
        >>> from colorkit.color.hints import Point, hint_planes, place_hints
        >>> planes = hint_planes(place_hints([Point(2, 2, 60, 40)], 8, 8))[None]
        >>> L_code, pred = np.full((1, 8, 8, 1), 128, np.uint8), np.zeros((1, 8, 8, 2), np.float32)
        >>> np.rint(settle(L_code, pred, planes)[0, 2, 2]).tolist()
        [60.0, 40.0]
    """
    settled = pred.copy()
    for number in np.flatnonzero(planes[..., 2].any(axis=(1, 2))):
        mask = planes[number, ..., 2] > 0
        error = planes[number, ..., :2] - pred[number]
        missed = Hints(mask, mask[..., None] * error)
        settled[number] += levin(L_code[number], missed)
    return settled


def weights(L_code: LCode) -> sparse.csr_array:
    """Compute how much each of its up to eight neighbors weighs for each pixel.

    w(r, s) is proportional to exp(-(Y(r) - Y(s))^2 / (0.6 v)). Y is the lightness, and v its
    variance in the 3 x 3 window around r, cut at the border of the picture. Because v grows with
    every difference in the window, even the sharpest edge leaves exp(-30) of the weight between
    equal pixels. So every hint reaches every pixel, and the equations have one solution.

    Args:
        L_code: code of L, (H, W, 1).

    Returns:
        float64 (H * W, H * W), pixels numbered row by row. The sum of each row is 1.

    Example:
        >>> import numpy as np
        >>> weights(np.full((3, 3, 1), 128, np.uint8)).toarray()[4].tolist()
        [0.125, 0.125, 0.125, 0.125, 0.0, 0.125, 0.125, 0.125, 0.125]
    """
    center, other = _windows(*L_code.shape[:2])  # P pairs of a pixel and one of its window
    Y = L_code.ravel().astype(np.float64)
    count = np.bincount(center, np.ones(len(other)))
    total = np.bincount(center, Y[other])
    squares = np.bincount(center, Y[other] ** 2)
    variance = (count * squares - total**2) / count**2  # exact, because the numbers are whole
    scale = VARIANCE_SHARE * np.maximum(variance, LEAST_VARIANCE)  # (H * W,)
    similarity = np.exp(-((Y[center] - Y[other]) ** 2) / scale[center])  # (P,)
    similarity[center == other] = 0
    sums = np.bincount(center, similarity)
    return sparse.csr_array((similarity / sums[center], (center, other)), shape=(len(Y), len(Y)))


@functools.cache
def _windows(height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List each pixel with every pixel of its 3 x 3 window, itself included.

    Returns:
        Numbers of the pixels and of those in their windows, int (P,) and (P,). What lies outside
        the picture is left out.
    """
    numbers = np.arange(height * width).reshape(height, width)
    padded = np.pad(numbers, 1, constant_values=-1)
    windows = sliding_window_view(padded, (3, 3)).reshape(-1, 9)  # (H * W, 9)
    centers = np.broadcast_to(numbers.reshape(-1, 1), windows.shape)
    inside = windows >= 0
    return centers[inside], windows[inside]
