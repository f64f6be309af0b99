"""Create, show and save figures: sizes, colors and line styles that all figures share."""

import base64
import copy
import html
import io
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from .. import files
from ..errors import KitError, unwritable

WIDTH = 9.0  # inches: fits Colab's column
NAME = 1.3  # inches: room for the names of rows
CELL = 1.05  # inches: largest face in a grid, so that a lesson's file stays small
# Okabe and Ito: color-blind readers can tell them apart
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = "osD^vP"
# the gaps of a line let another one show through that it covers
DASHES = ("-", "--", "-.", (0, (6, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)))
LABELS = {"mse": "MSE (ab units squared)", "accuracy": "within 10 (per channel)"}
# how a picture is written, by the ending of its name; a PDF would say when it was written
FORMS: dict[str, dict[str, Any]] = {
    ".png": {"format": "png"},
    ".jpg": {"format": "jpeg", "pil_kwargs": {"quality": 95}},
    ".jpeg": {"format": "jpeg", "pil_kwargs": {"quality": 95}},
    ".webp": {"format": "webp", "pil_kwargs": {"quality": 95}},
    ".pdf": {"format": "pdf", "metadata": {"CreationDate": None}},
}
OUTLINE = ("black", "white")  # a white line in a black one is visible on every color


def canvas(
    rows: int, columns: int, height: float, width: float = WIDTH, **options: Any
) -> tuple[Figure, np.ndarray]:
    """Create a figure with a grid of axes, without showing it.

    Args:
        rows, columns: size of the grid.
        height, width: size of the whole figure, inches.
        options: further arguments of `plt.subplots`.

    Returns:
        The figure, and its axes as an array (rows, columns).
    """
    figure, axes = plt.subplots(
        rows, columns, figsize=(width, height), squeeze=False, layout="constrained", **options
    )
    plt.close(figure)  # a notebook shows every figure that is left open
    return figure, axes


def outlined(axis: Axes, *shapes: Patch, widths: tuple[float, float] = (3, 1.2)) -> None:
    """Draw the outline of each shape as a white line in a black one, visible on every color.

    Args:
        axis: axes to draw in.
        shapes: rectangles and circles. All black lines are drawn before all white ones.
        widths: widths of the black and the white line, points.
    """
    for shade, width in zip(OUTLINE, widths, strict=True):
        for shape in shapes:
            line = copy.copy(shape)  # a patch can be added only once
            line.set(fill=False, edgecolor=shade, linewidth=width)
            axis.add_patch(line)


def outlined_mark(
    axis: Axes,
    place: tuple[int, int],
    marker: str = "o",
    size: float = 11,
    widths: tuple[float, float] = (3, 1.5),
) -> None:
    """Mark a pixel of a picture with a white line in a black one, visible on every color.

    Args:
        axis: axes that show the picture.
        place: row and column of the pixel.
        marker: Matplotlib's name of the mark; it isn't filled.
        size: size of the mark, points.
        widths: widths of the black and the white line, points.
    """
    row, column = place
    for shade, width in zip(OUTLINE, widths, strict=True):
        axis.plot(column, row, marker, mfc="none", mec=shade, ms=size, mew=width)


def line_look(number: int) -> dict[str, Any]:
    """Choose the color, dashes and marker of a line, as keyword arguments of `Axes.plot`.

    Args:
        number: number of the line, 0 to 5.
    """
    return {
        "color": COLORS[number],
        "ls": DASHES[number],
        "marker": MARKERS[number],
        "mec": "black",
        "mew": 0.6,
        "markersize": 6,
    }


def legend_above(figure: Figure, axis: Axes) -> None:
    """Name the lines of `axis` above all axes, where the legend hides nothing."""
    handles, names = axis.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3, fontsize=8)


def format_percent(share: float, _: int) -> str:
    """Format a tick of an axis of shares: 0.25 becomes "25%"."""
    return f"{100 * share:g}%"


def show(figure: Figure, alt: str) -> None:
    """Display a figure in a notebook together with its alt text. Lessons 1.1, 1.2 and 1.5.

    Args:
        figure: figure to show.
        alt: what the figure shows, in words; a screen reader reads it.

    Example:
        >>> plots.show(plots.face_grid(val.rgb), alt="Four faces.")  # doctest: +SKIP
    """
    display(figure, metadata={"image/png": {"alt": alt}})


def save(figure: Figure, path: Path) -> None:
    """Write a figure as the ending of its name says, whole or not at all. Lesson 5.3.

    Raises:
        KitError: there is no such form of pictures, or the file can't be written.

    Example:
        >>> plots.save(figure, env.home / "grid.png")  # doctest: +SKIP
    """
    options = FORMS[form_of(path)]
    try:
        with files.atomic_open(path) as stream:
            figure.savefig(stream, dpi=100, **options)
    except OSError as bad:
        raise unwritable(path, bad) from None


def form_of(path: Path) -> str:
    """Return the ending of a picture's name in small letters, a key of FORMS.

    Raises:
        KitError: the kit doesn't write such pictures.
    """
    ending = path.suffix.lower()
    if ending not in FORMS:
        endings = ", ".join(FORMS)
        raise KitError(f"{path}: expected a name that ends in {endings}, got {ending!r}")
    return ending


def to_html(figure: Figure, alt: str) -> str:
    """Return a figure as an HTML <img> that contains its PNG and its alt text."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    data = base64.b64encode(stream.getvalue()).decode()
    words = html.escape(alt, quote=True)
    return (
        f'<img class="colorkit-picture" style="max-width: 100%" alt="{words}" '
        f'src="data:image/png;base64,{data}">'
    )
