"""The exercises of lesson 7."""

import numpy as np

from .. import color
from ..color.hints import Point
from ..data import damage
from ..evaluation import perception
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(7)
TRUE = STREAM.integers(0, 256, (3, 5, 4, 3), dtype=np.uint8)  # three small pictures
PRED = np.clip(
    TRUE + STREAM.integers(-40, 41, TRUE.shape) * np.array([0.1, 0.5, 1])[:, None, None, None],
    0,
    255,
).astype(np.uint8)
FLAT = np.full((1, 2, 2, 3), 100, np.uint8)
LAB = color.to_storage(color.rgb_to_lab(TRUE))
PRIMARIES = color.to_storage(
    color.rgb_to_lab(np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8))
)
L = STREAM.uniform(0, 100, (4, 5)).astype(np.float32)
MIDDLE = Point(4, 6, 20.0, -5.0, 3)
GREY = Point(3, 6, 0.0, 0.0, 2)  # covers a part of the one before; grey is a color too
CORNERS = (Point(0, 1, 10.0, 30.0, 5), Point(8, 10, -40.0, 7.5, 4))


def _square(point, first, start=0) -> tuple:
    """A square of a point whose first row and column lie `first` before it; `start` 0 keeps it inside the picture."""
    top, left = point.row - first, point.column - first
    return np.s_[max(top, start) : top + point.side, max(left, start) : left + point.side]


def _painted(
    points, height, width, square=lambda point: _square(point, point.side // 2)
) -> color.Hints:
    """Hints by another rule of where a point's square is."""
    placed = color.no_hints(height, width)
    for point in points:
        placed.mask[square(point)], placed.ab[square(point)] = True, (point.a, point.b)
    return placed


def _mask_of_colors(points, height, width) -> tuple:
    ab = color.place_hints(points, height, width).ab
    return ab.any(axis=-1), ab


def _error(pred, true) -> np.ndarray:
    """The mean squared error of each picture."""
    return ((pred.astype(float) - true) ** 2).mean(axis=(1, 2, 3))


def _light(lab) -> np.ndarray:
    """Amounts of red, green and blue light."""
    return color.lab_to_linear(color.from_storage(lab))


def _weigh(light, plate) -> np.ndarray:
    return np.clip(light @ np.array(damage.PLATES[plate], np.float32), 0, 1)


EXERCISES = (
    Exercise(
        "7.1",
        "from points to planes",
        color.place_hints,
        (
            ((MIDDLE,), 9, 12),
            ((), 9, 12),
            ((MIDDLE, GREY), 9, 12),
            ((GREY, MIDDLE), 9, 12),
            (CORNERS, 9, 12),
        ),
        (
            "Begin with a mask of False and with colors of 0, and fill one square a point, in their order. Where is its first row, if "
            "`point.row` is in the middle? And what does a slice do that begins at -1?",
            "`top = point.row - point.side // 2`, `left` likewise; the square is `[max(top, 0) : top + point.side, max(left, 0) : left + "
            "point.side]`, and there the mask becomes True and the colors `(point.a, point.b)`.",
        ),
        (
            Mistake(
                lambda points, height, width: _painted(
                    points, height, width, lambda point: _square(point, 0)
                ),
                "The point is the square's corner here. It should be its middle: begin `point.side // 2` before it.",
            ),
            Mistake(
                lambda points, height, width: _painted(
                    points, height, width, lambda point: _square(point, point.side // 2, -99)
                ),
                "At the border a square would begin at -2, and a slice from -2 begins at the other end: `max(top, 0)`.",
            ),
            Mistake(
                lambda points, height, width: _painted(
                    points,
                    height,
                    width,
                    lambda point: _square(
                        point._replace(row=point.column, column=point.row), point.side // 2
                    ),
                ),
                "Rows come first: `[rows, columns]`. Here they are exchanged.",
            ),
            Mistake(
                lambda points, height, width: color.place_hints(points[::-1], height, width),
                "Where two hints meet, the later one counts: fill the squares in the order of the points.",
            ),
            Mistake(
                _mask_of_colors,
                "You took the mask from the colors. A hint that something is grey, (0, 0), is lost so: that is why there is a mask.",
            ),
        ),
    ),
    Exercise(
        "7.2",
        "PSNR",
        perception.psnr,
        ((FLAT, FLAT + np.uint8(10)), (FLAT, FLAT), (PRED, TRUE)),
        (
            "Floats first: bytes can't be negative. Then the mean squared error of each picture, and 255 squared divided by it.",
            "`10 * np.log10(255**2 / ((pred.astype(float) - true) ** 2).mean(axis=(1, 2, 3)))`",
        ),
        (
            Mistake(
                lambda pred, true: (
                    10 * np.log10(255**2 / ((pred - true) ** 2).mean(axis=(1, 2, 3)))
                ),
                "Bytes can't be negative, and their squares don't fit: 100 - 110 became 246. Make floats of them first.",
            ),
            Mistake(
                lambda pred, true: 10 * np.log10(255**2 / _error(pred, true).mean()),
                "This is one number for all pictures, from their mean error. Asked is one a picture: keep the first axis.",
            ),
            Mistake(
                lambda pred, true: 20 * np.log10(255**2 / _error(pred, true)),
                "Twice too much: it is 10 times the logarithm of the *squared* ratio, or 20 times that of the ratio.",
            ),
            Mistake(
                lambda pred, true: 10 * np.log(255**2 / _error(pred, true)),
                "`np.log` is the natural logarithm. Decibels are by tens: `np.log10`.",
            ),
            Mistake(
                lambda pred, true: 10 * np.log10(255 / _error(pred, true)),
                "The error is squared, so what it is held against must be too: 255 squared.",
            ),
        ),
    ),
    Exercise(
        "7.3",
        "what a plate sees",
        damage.plate_lightness,
        (
            (PRIMARIES, "blue-sensitive"),
            (PRIMARIES, "orthochromatic"),
            *((LAB, plate) for plate in damage.PLATES),
            (
                np.array([[120, 250, 250], [250, 20, 20]], np.uint8),
                "blue-sensitive",
            ),  # outside sRGB: less light than none, more than all
        ),
        (
            "`color.lab_to_linear(color.from_storage(lab))` are the amounts of red, green and blue light, (..., 3). Weigh them with the "
            "plate's three numbers and add; then ask `color.lightness` how light that is.",
            "`exposure = color.lab_to_linear(color.from_storage(lab)) @ np.array(damage.PLATES[plate], np.float32)`, and then "
            "`color.lightness` of it, clipped to 0 and 1.",
        ),
        (
            Mistake(
                lambda lab, plate: color.lightness(
                    (color.lab_to_rgb(color.from_storage(lab)) / 255)
                    @ np.array(damage.PLATES[plate])
                ).astype(np.float32),
                "You weighed the coded values of red, green and blue. It is light that adds up: `color.lab_to_linear`.",
            ),
            Mistake(
                lambda lab, plate: 100 * _weigh(_light(lab), plate),
                "This is the share of light that the plate takes. `color.lightness` says how light that looks: 18 % of it is half way.",
            ),
            Mistake(
                lambda lab, plate: color.lightness(_weigh(_light(lab)[..., ::-1], plate)),
                "Red and blue are exchanged: the three numbers are for red, green and blue, in this order.",
            ),
            Mistake(
                lambda lab, plate: color.lightness(
                    _light(lab) @ np.array(damage.PLATES[plate], np.float32)
                ),
                "A code can lie just outside what a screen shows: there a channel is below 0 or above 1. Clip before `color.lightness`.",
            ),
        ),
    ),
    Exercise(
        "7.4",
        "fading",
        damage.fade,
        ((np.array([[0.0, 75.0, 100.0]]), 0.5), (L, 0.0), (L, 0.3), (L, 1.0)),
        (
            "Each tone goes a part of its way to the pale grey: how far is it to go, and which share of that does it go?",
            "`L + loss * (75 - L)`",
        ),
        (
            Mistake(
                lambda L, loss: (1 - loss) * L,
                "So everything fades to black. Paper and silver meet at a pale grey, L 75.",
            ),
            Mistake(
                lambda L, loss: damage.PALE + loss * (L - damage.PALE),
                "`loss` is what is *lost* of the contrast: at 0 the picture stays as it is.",
            ),
            Mistake(
                lambda L, loss: L + loss * (100 - L),
                "So everything fades to white. Paper and silver meet at a pale grey, L 75.",
            ),
            Mistake(
                lambda L, loss: L + loss * damage.PALE,
                "This adds the same to every tone, black and white alike: contrast stays.",
            ),
        ),
    ),
)
