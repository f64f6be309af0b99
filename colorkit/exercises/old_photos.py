"""The exercises of lesson 7: planes of color hints, PSNR, plates, fading."""

from collections.abc import Callable, Sequence

import numpy as np

from .. import color
from ..arrays import LabCode, PerFace, Rgb8
from ..color.hints import Point
from ..data import damage
from ..evaluation import perception
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(7)
TRUE = STREAM.integers(0, 256, (3, 5, 4, 3), dtype=np.uint8)  # three small pictures
NOISE = np.array([0.1, 0.5, 1])[:, None, None, None]  # how strong it is in each of them
PRED = (TRUE + STREAM.integers(-40, 41, TRUE.shape) * NOISE).clip(0, 255).astype(np.uint8)
FLAT = np.full((1, 2, 2, 3), 100, np.uint8)
LAB = color.to_storage(color.rgb_to_lab(TRUE))
PRIMARIES = color.to_storage(
    color.rgb_to_lab(np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8))
)
# outside sRGB: one with less light than none, one with more than all
BEYOND = np.array([[120, 250, 250], [250, 20, 20]], np.uint8)
L = STREAM.uniform(0, 100, (4, 5)).astype(np.float32)
MIDDLE = Point(4, 6, 20.0, -5.0, 3)
GREY = Point(3, 6, 0.0, 0.0, 2)  # covers a part of the one before; grey is a color, too
CORNERS = (Point(0, 1, 10.0, 30.0, 5), Point(8, 10, -40.0, 7.5, 4))
Points = Sequence[Point]
Square = tuple[slice, slice]


# 7.1


def _square(point: Point, before: int, border: int = 0) -> Square:
    """Return the square of a point, as an index of rows and columns.

    Args:
        point: one color hint.
        before: how far before the point its first row and column lie.
        border: the lowest first row and column; 0 keeps the square inside the picture.
    """
    top = point.row - before
    left = point.column - before
    rows = slice(max(top, border), top + point.side)
    columns = slice(max(left, border), left + point.side)
    return rows, columns


def _paint(
    points: Points, height: int, width: int, square_of: Callable[[Point], Square]
) -> color.Hints:
    """Place color hints by another rule of where a point's square is."""
    placed = color.no_hints(height, width)
    for point in points:
        square = square_of(point)
        placed.mask[square] = True
        placed.ab[square] = (point.a, point.b)
    return placed


def _from_the_corner(points: Points, height: int, width: int) -> color.Hints:
    return _paint(points, height, width, lambda point: _square(point, 0))


def _over_the_border(points: Points, height: int, width: int) -> color.Hints:
    return _paint(points, height, width, lambda point: _square(point, point.side // 2, -99))


def _columns_first(points: Points, height: int, width: int) -> color.Hints:
    turned = [point._replace(row=point.column, column=point.row) for point in points]
    return _paint(turned, height, width, lambda point: _square(point, point.side // 2))


def _mask_of_colors(points: Points, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    ab = color.place_hints(points, height, width).ab
    return np.any(ab, axis=-1), ab


PLACE_HINTS = Exercise(
    number="7.1",
    title="from points to planes",
    reference=color.place_hints,
    cases=(
        ((MIDDLE,), 9, 12),
        ((), 9, 12),
        ((MIDDLE, GREY), 9, 12),
        ((GREY, MIDDLE), 9, 12),
        (CORNERS, 9, 12),
    ),
    hints=(
        "Begin with a mask of False and with colors of 0, and fill one square per point, in their "
        "order. Where is its first row, if `point.row` is in the middle? And what does a slice do "
        "that begins at -1?",
        "`top = point.row - point.side // 2`, and `left` in the same way; the square is "
        "`[max(top, 0) : top + point.side, max(left, 0) : left + point.side]`. There the mask "
        "becomes True and the colors become `(point.a, point.b)`.",
    ),
    mistakes=(
        Mistake(
            function=_from_the_corner,
            message="The point is the square's corner here. It should be its middle: "
            "begin `point.side // 2` before it.",
        ),
        Mistake(
            function=_over_the_border,
            message="At the border a square would begin at -2, and a slice from -2 begins at the "
            "other end: `max(top, 0)`.",
        ),
        Mistake(
            function=_columns_first,
            message="Rows come first: `[rows, columns]`. Here they are swapped.",
        ),
        Mistake(
            function=lambda points, height, width: color.place_hints(points[::-1], height, width),
            message="Where two color hints overlap, the later one counts: "
            "fill the squares in the order of the points.",
        ),
        Mistake(
            function=_mask_of_colors,
            message="You took the mask from the colors. That loses a color hint which says that "
            "something is grey, (0, 0): that is why there is a mask.",
        ),
    ),
)


# 7.2


def _squared_error(pred: Rgb8, true: Rgb8) -> PerFace:
    """Compute the mean squared error of each picture."""
    return ((pred.astype(float) - true) ** 2).mean(axis=(1, 2, 3))


def _bytes_subtracted(pred: Rgb8, true: Rgb8) -> PerFace:
    return 10 * np.log10(255**2 / ((pred - true) ** 2).mean(axis=(1, 2, 3)))


PSNR = Exercise(
    number="7.2",
    title="PSNR",
    reference=perception.psnr,
    cases=(
        (FLAT, FLAT + np.uint8(10)),
        (FLAT, FLAT),
        (0 * FLAT, 2 * FLAT),
        (PRED, TRUE),
    ),
    hints=(
        "Floats first: bytes can't be negative. Then the mean squared error of each picture, "
        "and 255 squared divided by it.",
        "`10 * np.log10(255**2 / ((pred.astype(float) - true) ** 2).mean(axis=(1, 2, 3)))`",
    ),
    mistakes=(
        Mistake(
            function=_bytes_subtracted,
            message="Bytes can't be negative, and their squares don't fit: 100 - 110 became 246. "
            "Turn them into floats first.",
        ),
        Mistake(
            function=lambda pred, true: 10 * np.log10(255**2 / _squared_error(pred, true).mean()),
            message="This is one number for all pictures, from their mean error. "
            "One per picture is asked for: keep the first axis.",
        ),
        Mistake(
            function=lambda pred, true: 20 * np.log10(255**2 / _squared_error(pred, true)),
            message="Twice too much: it is 10 times the logarithm of the *squared* ratio, "
            "or 20 times that of the ratio.",
        ),
        Mistake(
            function=lambda pred, true: 10 * np.log(255**2 / _squared_error(pred, true)),
            message="`np.log` is the natural logarithm. Decibels go by tens: `np.log10`.",
        ),
        Mistake(
            function=lambda pred, true: 10 * np.log10(255 / _squared_error(pred, true)),
            message="The error is squared, so what you compare it with must be squared, too: "
            "255 squared.",
        ),
    ),
)


# 7.3


def _light(lab: LabCode) -> np.ndarray:
    """Compute the amounts of red, green and blue light."""
    return color.lab_to_linear(color.from_storage(lab))


def _exposure(light: np.ndarray, plate: str) -> np.ndarray:
    return light @ np.array(damage.PLATES[plate], np.float32)


def _of_coded_values(lab: LabCode, plate: str) -> np.ndarray:
    rgb = color.lab_to_rgb(color.from_storage(lab)) / 255
    return color.lightness(rgb @ np.array(damage.PLATES[plate])).astype(np.float32)


def _share_of_light(lab: LabCode, plate: str) -> np.ndarray:
    return 100 * _exposure(_light(lab), plate).clip(0, 1)


def _blue_first(lab: LabCode, plate: str) -> np.ndarray:
    return color.lightness(_exposure(_light(lab)[..., ::-1], plate).clip(0, 1))


def _not_clipped(lab: LabCode, plate: str) -> np.ndarray:
    return color.lightness(_exposure(_light(lab), plate))


PLATE_LIGHTNESS = Exercise(
    number="7.3",
    title="what a plate sees",
    reference=damage.plate_lightness,
    cases=(
        (PRIMARIES, "blue-sensitive"),
        (PRIMARIES, "orthochromatic"),
        *((LAB, plate) for plate in damage.PLATES),
        (BEYOND, "blue-sensitive"),
    ),
    hints=(
        "`color.lab_to_linear(color.from_storage(lab))` are the amounts of red, green and blue "
        "light, (..., 3). Weigh them with the plate's three numbers and add; then ask "
        "`color.lightness` how light that is.",
        "`exposure = color.lab_to_linear(color.from_storage(lab)) @ "
        "np.array(data.PLATES[plate], np.float32)`, and then `color.lightness` of it, "
        "clipped to 0 and 1.",
    ),
    mistakes=(
        Mistake(
            function=_of_coded_values,
            message="You weighed the coded values of red, green and blue. "
            "It is light that adds up: `color.lab_to_linear`.",
        ),
        Mistake(
            function=_share_of_light,
            message="This is the share of light that the plate takes. `color.lightness` says how "
            "light that looks: 18 % of it is halfway.",
        ),
        Mistake(
            function=_blue_first,
            message="Red and blue are swapped: "
            "the three numbers are for red, green and blue, in this order.",
        ),
        Mistake(
            function=_not_clipped,
            message="A code can lie just outside what a screen shows: there a channel is below 0 "
            "or above 1. Clip before `color.lightness`.",
        ),
    ),
)


# 7.4


FADE = Exercise(
    number="7.4",
    title="fading",
    reference=damage.fade,
    cases=(
        (np.array([[0.0, 75.0, 100.0]]), 0.5),
        (L, 0.0),
        (L, 0.3),
        (L, 1.0),
    ),
    hints=(
        "Each tone goes part of its way to the pale grey: how far is it to go, and which share of "
        "that does it go?",
        "`L + loss * (75 - L)`",
    ),
    mistakes=(
        Mistake(
            function=lambda L, loss: (1 - loss) * L,
            message="This way everything fades to black. "
            "Paper and silver meet at a pale grey, L 75.",
        ),
        Mistake(
            function=lambda L, loss: damage.PALE + loss * (L - damage.PALE),
            message="`loss` is what is *lost* of the contrast: at 0 the picture stays as it is.",
        ),
        Mistake(
            function=lambda L, loss: L + loss * (100 - L),
            message="This way everything fades to white. "
            "Paper and silver meet at a pale grey, L 75.",
        ),
        Mistake(
            function=lambda L, loss: L + loss * damage.PALE,
            message="This adds the same to every tone, black and white alike: contrast stays.",
        ),
    ),
)


EXERCISES = (PLACE_HINTS, PSNR, PLATE_LIGHTNESS, FADE)
