"""Lesson 7's pictures: a face that is given color hints, and a photograph before and after."""

import numpy as np
from matplotlib.patches import Rectangle

from .. import color
from ..color.hints import Hints, Point
from ..evaluation import metrics, perception
from ..photos.full_size import Box
from .panels import Drawn, color_plane, row_of_axes

CELL = 2.4  # inches: of a photograph, so that a lesson stays small


def hinted_face(
    lab: np.ndarray, given: Hints, brush: Point, plain: np.ndarray, pred: np.ndarray, count: int
) -> Drawn:
    """A face as a model sees it with hints, its colors without and with them, and which color the next hint would have.

    Args:
        lab: the true face, float32 (H, W, 3), CIELAB.
        given: the hints that the model was given.
        brush: the next hint, where it would be and of which color.
        plain, pred: a*, b* predicted without and with the hints, float32 (H, W, 2), CIELAB units.
        count: how many hints were given.
    """
    L, true = np.split(lab, [1], axis=-1)
    seen, without, colored, truth = (
        color.lab_to_rgb(np.concatenate([L, ab], axis=-1)) for ab in (given.ab, plain, pred, true)
    )
    figure, axes = row_of_axes(5, 2.6)
    titles = ("the input", "without hints", f"with {_hints(count)}", "true")
    for axis, picture, title in zip(axes, (seen, without, colored, truth), titles, strict=False):
        axis.imshow(picture)
        axis.set_title(title, fontsize=9)
        axis.set(xticks=[], yticks=[])
    corner = (
        brush.column - brush.side // 2 - 0.5,
        brush.row - brush.side // 2 - 0.5,
    )  # a pixel's middle has whole numbers
    for shade, width in (
        ("black", 3),
        ("white", 1.2),
    ):  # light lines in dark ones are seen on every grey
        axes[0].plot(brush.column, brush.row, "+", mec=shade, ms=16, mew=width)
        axes[0].add_patch(Rectangle(corner, brush.side, brush.side, fill=False, ec=shade, lw=width))
    place = brush.row, brush.column
    chosen = (brush.a, brush.b)
    color_plane(
        axes[4],
        float(lab[(*place, 0)]),
        {"true": true[place], "predicted": pred[place], "next hint": chosen},
    )
    errors = metrics.mse(np.stack([pred, plain]), np.stack([true, true]))
    decibels = perception.psnr(np.stack([colored, without]), np.stack([truth, truth]))
    shown = color.is_in_gamut(np.array([lab[(*place, 0)], *chosen], np.float32))
    line = (
        f"{_hints(count).capitalize()}: MSE {errors[0]:.1f} (without {errors[1]:.1f}), PSNR {decibels[0]:.1f} dB (without "
        f"{decibels[1]:.1f}). At row {brush.row}, column {brush.column}, L {lab[(*place, 0)]:.0f}: true {_named(true[place])}; predicted "
        f"{_named(pred[place])}; the next hint, {brush.side} x {brush.side} pixels: {_named(chosen)}"
        f"{'' if shown else ', which no screen shows at this L'}."
    )
    alt = "A face in grey with its hints as colored squares, as predicted without and with them, in true color, and the a*, b* plane. "
    return Drawn(figure, alt + line, line)


def _hints(count: int) -> str:
    return f"{count or 'no'} hint{'' if count == 1 else 's'}"


def _named(ab) -> str:
    return f"a* {ab[0]:z.0f}, b* {ab[1]:z.0f}"  # z: no -0


def photograph(pictures: dict[str, np.ndarray], box: Box, line: str) -> Drawn:
    """A photograph in several versions side by side, the part that a model saw framed in the first.

    Args:
        pictures: title -> uint8 (H, W, 3), sRGB, all of one size.
        box: the part.
        line: the numbers behind it, which close the alt text.
    """
    figure, axes = row_of_axes(len(pictures), CELL + 0.3, CELL * len(pictures))
    for axis, (title, rgb) in zip(axes, pictures.items(), strict=True):
        axis.imshow(rgb)
        axis.set_title(title, fontsize=10)
        axis.set_axis_off()
    for shade, width in (("black", 3), ("white", 1.2)):
        axes[0].add_patch(
            Rectangle((box.x, box.y), box.width, box.height, fill=False, ec=shade, lw=width)
        )
    return Drawn(
        figure,
        f"A photograph side by side as {', '.join(pictures)}; a frame shows the part that the model saw. {line}",
        line,
    )
