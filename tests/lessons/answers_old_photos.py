"""Right and wrong answers to the exercises of lesson 7.

The right ones go into a copy of the lesson, so each of them stands by itself.
"""

import numpy as np

from colorkit import color, data


def my_place_hints(points, height, width):
    mask = np.zeros((height, width), bool)
    ab = np.zeros((height, width, 2), np.float32)
    for point in points:
        top = point.row - point.side // 2
        left = point.column - point.side // 2
        square = np.s_[max(top, 0) : top + point.side, max(left, 0) : left + point.side]
        mask[square] = True
        ab[square] = (point.a, point.b)
    return mask, ab


def my_psnr(pred, true):
    return 10 * np.log10(255**2 / ((pred.astype(float) - true) ** 2).mean(axis=(1, 2, 3)))


def my_plate_lightness(lab, plate):
    light = color.lab_to_linear(color.from_storage(lab))
    exposure = sum(
        weight * light[..., channel] for channel, weight in enumerate(data.PLATES[plate])
    )
    return color.lightness(np.clip(exposure, 0, 1))


def my_fade(L, loss):
    return (1 - loss) * L + loss * 75


RIGHT = {"7.1": my_place_hints, "7.2": my_psnr, "7.3": my_plate_lightness, "7.4": my_fade}


def filled(points, height, width, first=lambda side: side // 2, least=0):
    mask = np.zeros((height, width), bool)
    ab = np.zeros((height, width, 2), np.float32)
    for row, column, a, b, side in points:
        top = row - first(side)
        left = column - first(side)
        square = np.s_[max(top, least) : top + side, max(left, least) : left + side]
        mask[square] = True
        ab[square] = (a, b)
    return mask, ab


def mirrored(point):
    return point._replace(row=point.column, column=point.row)


def first_come(points, height, width):
    mask, ab = my_place_hints((), height, width)
    for point in points:
        new, color_ = my_place_hints((point,), height, width)
        ab[new & ~mask] = color_[new & ~mask]
        mask |= new
    return mask, ab


def known_by_color(points, height, width):
    _, ab = my_place_hints(points, height, width)
    return ab[..., 0] != 0, ab


def light(lab):
    return color.lab_to_linear(color.from_storage(lab))


def of_codes(lab, plate):
    rgb = color.lab_to_rgb(color.from_storage(lab)) / 255
    return color.lightness(rgb @ np.array(data.PLATES[plate])).astype(np.float32)


def backwards(lab, plate):
    return color.lightness(
        np.clip(light(lab) @ np.array(data.PLATES[plate][::-1], np.float32), 0, 1)
    )


def short_integers(pred, true):
    error = (pred.astype(np.int16) - true.astype(np.int16)) ** 2
    return 10 * np.log10(255**2 / error.mean(axis=(1, 2, 3)))


def mse(pred, true):
    return ((pred / 1.0 - true) ** 2).mean(axis=(1, 2, 3))


WRONG = {
    "7.1": [
        (
            lambda points, height, width: filled(points, height, width, lambda side: 0),
            "should be its middle",
        ),
        (
            lambda points, height, width: filled(points, height, width, least=-100),
            "begins at the other end",
        ),
        (
            lambda points, height, width: my_place_hints(
                [mirrored(point) for point in points], height, width
            ),
            "Rows come first",
        ),
        (first_come, "the later one counts"),
        (known_by_color, "that is why there is a mask"),
        (
            lambda points, height, width: my_place_hints(points, height, width)[0],
            "expected 2 items, got 9",
        ),
    ],
    "7.2": [
        (
            lambda pred, true: 10 * np.log10(255**2 / ((pred - true) ** 2).mean(axis=(1, 2, 3))),
            "100 - 110 became 246",
        ),
        (
            lambda pred, true: 10 * np.log10(255**2 / mse(pred, true).mean()),
            "one number for all pictures",
        ),
        (short_integers, r"expected 2.11 at \[0\], got nan"),
        (lambda pred, true: np.maximum(my_psnr(pred, true), 3), r"expected 2.11 at \[0\], got 3"),
        (lambda pred, true: 20 * np.log10(255**2 / mse(pred, true)), "Twice too much"),
        (lambda pred, true: 10 * np.log(255**2 / mse(pred, true)), "natural logarithm"),
        (lambda pred, true: 10 * np.log10(1 / mse(pred, true)), "expected 28.13 at .*, got -20"),
        (
            lambda pred, true: 20 * np.log10(np.sqrt(mse(pred, true)) / 255),
            "expected 28.13 at .*, got -28.13",
        ),
    ],
    "7.3": [
        (of_codes, "It is light that adds up"),
        (
            lambda lab, plate: (
                100 * np.clip(light(lab) @ np.array(data.PLATES[plate], np.float32), 0, 1)
            ),
            "18 % of it",
        ),
        (backwards, "Red and blue are swapped"),
        (
            lambda lab, plate: color.lightness(
                light(lab) @ np.array(data.PLATES[plate], np.float32)
            ),
            "Clip before",
        ),
        (lambda lab, plate: color.from_storage(lab)[..., 0], "expected .*, got"),
    ],
    "7.4": [
        (lambda L, loss: L - loss * L, "fades to black"),
        (lambda L, loss: loss * L + (1 - loss) * 75, "is \\*lost\\* of the contrast"),
        (lambda L, loss: L + loss * (100 - L), "fades to white"),
        (lambda L, loss: L + loss * 75, "contrast stays"),
        (lambda L, loss: L + loss * (L.mean() - L), "expected .*, got"),
    ],
}
