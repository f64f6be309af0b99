"""Color hints: places of a picture whose color somebody has told, and how they are drawn where the true colors are known."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..errors import KitError
from .lab import AB_SHIFT

SIDES = range(1, 10)  # of a hint's square, in pixels
END = (
    1 / 8
)  # the chance, after each hint, that a face has no more: 0 hints in one of eight, 7 in the mean
OWN = 1  # the stream of a face's hints is another one than that of its damage


class Hints(NamedTuple):
    """The hints of one picture.

    Attributes:
        mask: bool (H, W), where there are hints.
        ab: float32 (H, W, 2), their a* and b* in CIELAB units; 0 where there are none.
    """

    mask: np.ndarray
    ab: np.ndarray


def draw_hints(ab: np.ndarray, count: int, stream: np.random.Generator) -> Hints:
    """Take hints from the truth, as user-guided colorization was trained on them (Zhang and others, 2017).

    A hint is a square of 1 to 9 pixels a side, each as likely, painted with the mean color under it. Its place is drawn around the middle
    of the picture, with a standard deviation of a quarter of the height and of the width, and moved inside where it would leave the
    picture. A later hint covers an earlier one. The first hints of a stream are the same whatever `count` is.

    Args:
        ab: float (H, W, 2), the true a* and b*, CIELAB units; H and W at least 9.
        count: how many hints.
        stream: of random numbers.
    """
    drawn = no_hints(*ab.shape[:2])
    for _ in range(count):
        side = stream.choice(SIDES)
        room = np.subtract(ab.shape[:2], side)  # for its upper left corner: 0 to `room`
        row, column = np.clip(stream.normal((room + 1) / 2, (room + 1) / 4), 0, room).astype(int)
        square = np.s_[row : row + side, column : column + side]
        drawn.mask[square], drawn.ab[square] = True, ab[square].mean((0, 1))
    return drawn


class Point(NamedTuple):
    """A hint as a user gives it: one color for a square of pixels.

    Attributes:
        row, column: its middle, pixels from the upper left corner, which is 0, 0.
        a, b: its color, CIELAB units.
        side: of the square, pixels; of an even one the middle is the pixel right below the center.
    """

    row: int
    column: int
    a: float
    b: float
    side: int = 5


def no_hints(height: int, width: int) -> Hints:
    """No hints, for a picture of that size."""
    return Hints(np.zeros((height, width), bool), np.zeros((height, width, 2), np.float32))


def place_hints(points: Sequence[Point], height: int, width: int) -> Hints:
    """Hints where a user wants them: each a square of one color, cut at the border. A later one covers an earlier one.

    Args:
        points: in their order.
        height, width: of the picture, pixels.

    Raises:
        KitError: the middle of one is outside the picture, its square has no pixel, or its color is no number; the line says which.
    """
    placed = no_hints(height, width)
    for number, point in enumerate(points, 1):
        if not (0 <= point.row < height and 0 <= point.column < width):
            said = f"row {point.row}, column {point.column} is outside the picture"
            raise KitError(
                f"hint {number}: {said}: wanted rows 0 to {height - 1} and columns 0 to {width - 1}"
            )
        if point.side < 1 or not np.isfinite([point.a, point.b]).all():
            said = f"a* {point.a}, b* {point.b}, side {point.side}"
            raise KitError(
                f"hint {number}: {said}: wanted two numbers, and a side of 1 pixel or more"
            )
        top, left = point.row - point.side // 2, point.column - point.side // 2
        square = np.s_[max(top, 0) : top + point.side, max(left, 0) : left + point.side]
        placed.mask[square], placed.ab[square] = True, (point.a, point.b)
    return placed


def hint_planes(hints: Hints) -> np.ndarray:
    """Hints as a model takes them: float32 (H, W, 3), their a* and b* in CIELAB units, and the mask, 1 where there are hints."""
    return np.concatenate([hints.ab, hints.mask[..., None]], axis=-1, dtype=np.float32)


def random_hints(ab: np.ndarray, numbers: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Hints to train on: of each face others in every epoch, and as many as chance gives, from 0 (as the authors' own program does it).

    Args:
        ab: storage code of the truth, uint8 (B, H, W, 2).
        numbers: int (B,), those of the faces in their split.
        seed, epoch: with the number of a face they decide all that is random, whatever batch it is in.

    Returns:
        `planes` of each face, float32 (B, H, W, 3).
    """
    streams = [np.random.default_rng([seed, epoch, number, OWN]) for number in numbers]
    return np.stack(
        [
            hint_planes(
                draw_hints(
                    true.astype(np.float32) - AB_SHIFT, int(stream.geometric(END)) - 1, stream
                )
            )
            for true, stream in zip(ab, streams, strict=True)
        ]
    )
