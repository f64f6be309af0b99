"""Draw lesson 7's pictures: a face with color hints, and a photograph before and after."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .. import color
from ..arrays import Ab, Lab, Rgb8
from ..color.hints import Hints, Point
from ..evaluation import metrics, perception
from ..photos.full_size import Box
from . import output
from .panels import Drawn, color_plane

CELL = 2.4  # inches: width of a photograph, so that a lesson's file stays small


def hinted_face(lab: Lab, given: Hints, brush: Point, plain: Ab, pred: Ab, count: int) -> Drawn:
    """Draw a face with its color hints, its colors without and with them, and the next hint.

    Args:
        lab: the true face (H, W, 3).
        given: the color hints that the model was given.
        brush: place and color of the next hint.
        plain: a*, b* predicted without the hints (H, W, 2).
        pred: a*, b* predicted with the hints (H, W, 2).
        count: number of hints that were given.
    """
    L = lab[..., :1]
    true = lab[..., 1:]
    seen, without, colored, truth = (
        color.lab_to_rgb(np.concatenate([L, ab], axis=-1)) for ab in (given.ab, plain, pred, true)
    )
    figure, axes = output.canvas(1, 5, height=2.6)
    *picture_axes, plane = axes[0]
    pictures = {
        "the input": seen,
        "without hints": without,
        f"with {_count_hints(count)}": colored,
        "true": truth,
    }
    for axis, (title, picture) in zip(picture_axes, pictures.items(), strict=True):
        axis.imshow(picture)
        axis.set_title(title, fontsize=9)
        axis.set(xticks=[], yticks=[])
    _draw_brush(axes[0, 0], brush)

    place = (brush.row, brush.column)
    lightness = float(L[place][0])
    chosen = (brush.a, brush.b)
    marks = {"true": true[place], "predicted": pred[place], "next hint": chosen}
    color_plane(plane, lightness, marks)

    errors = metrics.mse(np.stack([pred, plain]), np.stack([true, true]))
    decibels = perception.psnr(np.stack([colored, without]), np.stack([truth, truth]))
    shown = color.is_in_gamut(np.array([lightness, *chosen], np.float32))
    line = (
        f"{_count_hints(count).capitalize()}: MSE {errors[0]:.1f} (without {errors[1]:.1f}), "
        f"PSNR {decibels[0]:.1f} dB (without {decibels[1]:.1f}). "
        f"At row {brush.row}, column {brush.column}, L {lightness:.0f}: "
        f"true {_format_ab(true[place])}; predicted {_format_ab(pred[place])}; "
        f"the next hint, {brush.side} x {brush.side} pixels: {_format_ab(chosen)}"
    )
    line += "." if shown else ", which no screen shows at this L."
    alt = (
        "A face in grey with its hints as colored squares, as predicted without and with them, "
        f"in true color, and the a*, b* plane. {line}"
    )
    return Drawn(figure, alt, line)


def _draw_brush(axis: Axes, brush: Point) -> None:
    """Mark the next hint with a cross and with its square."""
    output.outlined_mark(axis, (brush.row, brush.column), marker="+", size=16, widths=(3, 1.2))
    # a pixel's middle has whole numbers, so its corner is half a pixel away
    top = brush.row - brush.side // 2 - 0.5
    left = brush.column - brush.side // 2 - 0.5
    output.outlined(axis, Rectangle((left, top), brush.side, brush.side))


def _count_hints(count: int) -> str:
    ending = "" if count == 1 else "s"
    return f"{count or 'no'} hint{ending}"


def _format_ab(ab: Sequence[float] | np.ndarray) -> str:
    return f"a* {ab[0]:z.0f}, b* {ab[1]:z.0f}"


def photograph(pictures: dict[str, Rgb8], box: Box, line: str) -> Drawn:
    """Draw versions of a photograph side by side. Lesson 7.8.

    A frame in the first version shows the part that the model saw.

    Args:
        pictures: title -> picture (H, W, 3), all of one size.
        box: the part that the model saw.
        line: the numbers behind the pictures; the alt text ends with them.

    Example:
        >>> versions = {"grey": grey.rgb, "colored": result.rgb}  # doctest: +SKIP
        >>> plots.photograph(versions, box, "MSE 80.")  # doctest: +SKIP
    """
    width = CELL * len(pictures)
    figure, axes = output.canvas(1, len(pictures), height=CELL + 0.3, width=width)
    for axis, (title, rgb) in zip(axes[0], pictures.items(), strict=True):
        axis.imshow(rgb)
        axis.set_title(title, fontsize=10)
        axis.set_axis_off()
    output.outlined(axes[0, 0], Rectangle((box.x, box.y), box.width, box.height))
    alt = (
        f"A photograph side by side as {', '.join(pictures)}; "
        f"a frame shows the part that the model saw. {line}"
    )
    return Drawn(figure, alt, line)
