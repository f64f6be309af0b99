"""Color hints: places of a picture whose color somebody gives to the model.

A user places them. For training, they are drawn at random where the true colors are known.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import Ab, HintPlanes
from ..errors import KitError
from .lab import decode_ab

SIDES = range(1, 10)  # of a hint's square, pixels
# The chance, after each hint, that a face gets no more of them. One face of eight gets none, and
# the mean is 7.
STOP_CHANCE = 1 / 8
# Part of the seed of a face's hints: its damage, drawn from the same numbers, must not repeat them.
HINT_STREAM = 1


class Hints(NamedTuple):
    """The color hints of one picture. Lesson 7.4.

    Attributes:
        mask: bool (H, W), where there are hints.
        ab: float32 (H, W, 2), their a* and b* in CIELAB units; 0 where there are none.

    Example:
        >>> hints = place_hints([Point(1, 1, 30.0, 20.0, side=1)], 3, 3)
        >>> hints.mask.sum().item(), hints.ab[1, 1].tolist()
        (1, [30.0, 20.0])
    """

    mask: NDArray[np.bool_]
    ab: Ab


class Point(NamedTuple):
    """A color hint as a user gives it: one color for a square of pixels. Lessons 7.1 and 7.4.

    Attributes:
        row, column: middle of the square, pixels from the upper left corner, which is 0, 0.
        a, b: color, CIELAB units.
        side: side of the square, pixels. If it is even, the middle is the pixel right below the
            center.

    Example:
        >>> Point(20, 60, 30.0, 20.0)
        Point(row=20, column=60, a=30.0, b=20.0, side=5)
    """

    row: int
    column: int
    a: float
    b: float
    side: int = 5


def draw_hints(ab: Ab, count: int, stream: np.random.Generator) -> Hints:
    """Draw color hints from the truth, as Zhang et al. 2017 did to train. Lesson 7.2.

    A hint is a square with a side of 1 to 9 pixels, all equally likely, painted with the mean color
    under it. Its place is normally distributed around the middle of the picture. The standard
    deviation is a quarter of the height and of the width, and a square that would leave the picture
    is moved inside. A later hint covers an earlier one. The first hints of a stream are the same
    whatever `count` is.

    Args:
        ab: true a* and b*, (H, W, 2), CIELAB units; H and W at least 9.
        count: number of hints.
        stream: source of the random numbers.

    Returns:
        The hints, (H, W) and (H, W, 2).

    Example:
        >>> import numpy as np
        >>> hints = draw_hints(np.ones((20, 20, 2)), 3, np.random.default_rng(0))
        >>> hints.ab[hints.mask].mean().item()
        1.0
    """
    drawn = no_hints(*ab.shape[:2])
    for _ in range(count):
        side = stream.choice(SIDES)
        room = np.subtract(ab.shape[:2], side)  # the square's upper left corner is 0 to `room`
        corner = stream.normal((room + 1) / 2, (room + 1) / 4)
        row, column = np.clip(corner, 0, room).astype(int)
        square = np.s_[row : row + side, column : column + side]
        drawn.mask[square] = True
        drawn.ab[square] = ab[square].mean((0, 1))
    return drawn


def no_hints(height: int, width: int) -> Hints:
    """Return an empty set of hints, for a picture of that size.

    Example:
        >>> no_hints(8, 9).mask.any().item()
        False
    """
    mask = np.zeros((height, width), bool)
    ab = np.zeros((height, width, 2), np.float32)
    return Hints(mask, ab)


def place_hints(points: Sequence[Point], height: int, width: int) -> Hints:
    """Place color hints where a user wants them. Lessons 7.1 and 7.8.

    Each is a square of one color, cut at the border. A later one covers an earlier one.

    Args:
        points: the hints, in their order.
        height, width: size of the picture, pixels.

    Returns:
        The hints, (height, width) and (height, width, 2).

    Raises:
        KitError: a hint's middle is outside the picture, its square has no pixel, or its color is
            not a number. The message says which hint it is.

    Example:
        >>> hints = place_hints([Point(row=4, column=6, a=12.5, b=-3)], 20, 30)
        >>> hints.mask.sum().item(), hints.ab[4, 6].tolist()
        (25, [12.5, -3.0])
    """
    placed = no_hints(height, width)
    for number, point in enumerate(points, 1):
        _check(point, number, height, width)
        top = point.row - point.side // 2
        left = point.column - point.side // 2
        rows = slice(max(top, 0), top + point.side)
        columns = slice(max(left, 0), left + point.side)
        placed.mask[rows, columns] = True
        placed.ab[rows, columns] = (point.a, point.b)
    return placed


def _check(point: Point, number: int, height: int, width: int) -> None:
    """Raise KitError unless a point is a hint for a picture of that size."""
    if not (0 <= point.row < height and 0 <= point.column < width):
        raise KitError(
            f"hint {number}: row {point.row}, column {point.column} is outside the picture: "
            f"expected rows 0 to {height - 1} and columns 0 to {width - 1}"
        )
    if point.side < 1 or not np.isfinite([point.a, point.b]).all():
        raise KitError(
            f"hint {number}: a* {point.a}, b* {point.b}, side {point.side}: "
            "expected two numbers, and a side of 1 pixel or more"
        )


def hint_planes(hints: Hints) -> HintPlanes:
    """Turn color hints into the planes that a model takes. Lessons 7.4 and 7.8.

    Args:
        hints: hints of one picture, (H, W) and (H, W, 2).

    Returns:
        float32 (H, W, 3): a* and b* in CIELAB units, and the mask, 1 where there are hints.

    Example:
        >>> planes = hint_planes(place_hints([Point(4, 6, 12.5, -3)], 20, 30))
        >>> planes.shape, planes[4, 6].tolist()
        ((20, 30, 3), [12.5, -3.0, 1.0])
    """
    mask = hints.mask[..., None]  # (H, W, 1)
    return np.concatenate([hints.ab, mask], axis=-1, dtype=np.float32)


def random_hints(
    ab_code: NDArray[np.uint8], numbers: np.ndarray, seed: int, epoch: int
) -> HintPlanes:
    """Draw the color hints to train on: different ones for each face in every epoch.

    Their number is random, too, and may be 0 (as in the program of Zhang et al. 2017).

    Args:
        ab_code: codes of the true a* and b*, uint8 (B, H, W, 2).
        numbers: places of the faces in their split, int (B,).
        seed, epoch: with the number of a face, they decide everything that is random. The batch
            that a face is in makes no difference.

    Returns:
        The `hint_planes` of each face, (B, H, W, 3).

    Example:
        >>> import numpy as np
        >>> random_hints(np.full((2, 9, 9, 2), 138, np.uint8), np.arange(2), 0, 0).shape
        (2, 9, 9, 3)
    """
    planes = []
    for true, number in zip(ab_code, numbers, strict=True):
        stream = np.random.default_rng([seed, epoch, number, HINT_STREAM])
        count = int(stream.geometric(STOP_CHANCE)) - 1
        drawn = draw_hints(decode_ab(true), count, stream)
        planes.append(hint_planes(drawn))
    return np.stack(planes)
