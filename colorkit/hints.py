"""Color hints: places of a picture whose color somebody has told, and how they are drawn where the true colors are known."""

from typing import NamedTuple

import numpy as np

SIDES = range(1, 10)  # of a hint's square, in pixels


class Hints(NamedTuple):
    """The hints of one picture.

    Attributes:
        mask: bool (H, W), where there are hints.
        ab: float32 (H, W, 2), their a* and b* in CIELAB units; 0 where there are none.
    """

    mask: np.ndarray
    ab: np.ndarray


def draw(ab: np.ndarray, count: int, stream: np.random.Generator) -> Hints:
    """Take hints from the truth, as user-guided colorization was trained on them (Zhang and others, 2017).

    A hint is a square of 1 to 9 pixels a side, each as likely, painted with the mean color under it. Its place is drawn around the middle
    of the picture, with a standard deviation of a quarter of the height and of the width, and moved inside where it would leave the
    picture. A later hint covers an earlier one. The first hints of a stream are the same whatever `count` is.

    Args:
        ab: float (H, W, 2), the true a* and b*, CIELAB units; H and W at least 9.
        count: how many hints.
        stream: of random numbers.
    """
    mask, hinted = np.zeros(ab.shape[:2], bool), np.zeros(ab.shape, np.float32)
    for _ in range(count):
        side = stream.choice(SIDES)
        room = np.subtract(ab.shape[:2], side)  # for its upper left corner: 0 to `room`
        row, column = np.clip(stream.normal((room + 1) / 2, (room + 1) / 4), 0, room).astype(int)
        square = np.s_[row : row + side, column : column + side]
        mask[square], hinted[square] = True, ab[square].mean((0, 1))
    return Hints(mask, hinted)
