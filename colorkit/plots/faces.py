"""Draw faces, their CIELAB planes and the errors of their predictions in rows and columns."""

import math
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from .. import color
from ..arrays import Lab, PerFace, Rgb8
from ..data.splits import Split
from ..evaluation import metrics
from ..evaluation.comparison import Predictor
from . import output

FAR = 40  # CIELAB units: larger values and errors get the last color of a map
PLANES = (  # title, palette, and the values of its ends
    ("L: black to white", "gray", 0, 100),
    ("a*: green to red", "PiYG_r", -40, 40),
    ("b*: blue to yellow", "cividis", -40, 40),
)


def _grid(
    rows: int, columns: int, cell: float, names: Sequence[str] | None = None
) -> tuple[Figure, np.ndarray]:
    """Create a grid of axes without ticks, for pictures.

    Args:
        rows, columns: size of the grid.
        cell: width of a picture, inches.
        names: names of the rows, written to the left of them.
    """
    width = cell * columns
    if names:
        width += output.NAME
    figure, axes = output.canvas(rows, columns, height=(cell + 0.18) * rows, width=width)
    for axis in axes.flat:
        axis.set_xticks([])
        axis.set_yticks([])
        for side in axis.spines.values():
            side.set_color("lightgrey")  # a white picture needs an edge on a white page
    for axis, name in zip(axes[:, 0], names or [], strict=False):
        wrapped = textwrap.fill(name, 16, break_long_words=False)
        axis.set_ylabel(wrapped, fontsize=9, rotation=0, ha="right", va="center")
    return figure, axes


def _cell_for(columns: int) -> float:
    """Compute the width of a picture, inches, in a grid whose rows have names."""
    return min((output.WIDTH - output.NAME) / columns, output.CELL)


def face_grid(rgb: Rgb8, titles: Sequence[str] | None = None, columns: int = 8) -> Figure:
    """Draw faces in rows. Lessons 1.1, 4.1 and 5.5.

    Args:
        rgb: pictures (N, H, W, 3).
        titles: a line above each picture.
        columns: pictures in a row.

    Example:
        >>> plots.face_grid(val.rgb[:4], titles=list("abcd"))  # doctest: +SKIP
    """
    columns = min(columns, len(rgb))
    rows = math.ceil(len(rgb) / columns)
    figure, axes = _grid(rows, columns, cell=min(output.WIDTH / columns, 1.6))
    for number, picture in enumerate(rgb):
        axis = axes.flat[number]
        axis.imshow(picture)
        if titles:
            axis.set_title(titles[number], fontsize=8)
    return figure


def planes(rgb: Rgb8, lab: Lab) -> Figure:
    """Draw one face and its three CIELAB planes. Lesson 1.2.

    Args:
        rgb: the face (H, W, 3).
        lab: the same face in CIELAB (H, W, 3).

    Example:
        >>> plots.planes(face, color.rgb_to_lab(face))  # doctest: +SKIP
    """
    figure, axes = _grid(1, 4, cell=output.WIDTH / 4)
    axes[0, 0].imshow(rgb)
    axes[0, 0].set_title("picture", fontsize=9)
    values = np.moveaxis(lab, -1, 0)  # (3, H, W)
    for axis, plane, (title, palette, low, high) in zip(axes[0, 1:], values, PLANES, strict=True):
        image = axis.imshow(plane, cmap=palette, vmin=low, vmax=high)
        axis.set_title(title, fontsize=9)
        # a shrunken bar, or the scales of two neighbors would meet
        bar = figure.colorbar(
            image, ax=axis, orientation="horizontal", fraction=0.06, pad=0.02, shrink=0.88
        )
        bar.ax.tick_params(labelsize=8)
    return figure


def comparison_grid(
    split: Split,
    predictors: Sequence[Predictor],
    labels: Sequence[str] | None = None,
    count: int = 6,
) -> Figure:
    """Draw faces in true color, in grey and as predicted. Lessons 1.5, 2.5 and 3.3.

    This is the report's figure 4. The MSE of each predicted picture is written below it.

    Args:
        split: faces, of which the first `count` are shown, one in each column.
        predictors: runs or baselines, one in each row.
        labels: names of the rows; the predictors' own names by default.
        count: number of faces.

    Example:
        >>> plots.comparison_grid(test, [mean_color, run], labels=["mean", "CNN"])  # doctest: +SKIP
    """
    if not labels:
        labels = [predictor.name for predictor in predictors]
    faces = split.take(count)
    rows: list[tuple[str, Rgb8, PerFace | None]] = [
        ("true", faces.rgb, None),
        ("grey input", color.compose(faces.L), None),
    ]
    for predictor, label in zip(predictors, labels, strict=True):
        pred = predictor.predict(faces.L)
        rows.append((label, color.compose(faces.L, pred), metrics.mse(pred, faces.ab)))
    names = [name for name, _, _ in rows]
    figure, axes = _grid(len(rows), len(faces), _cell_for(len(faces)), names)
    for line, (_, pictures, errors) in zip(axes, rows, strict=True):
        for number, axis in enumerate(line):
            axis.imshow(pictures[number])
            if errors is not None:
                axis.set_xlabel(f"MSE {errors[number]:.0f}", fontsize=8, labelpad=2)
    return figure


def error_maps(split: Split, predictors: Sequence[Predictor]) -> Figure:
    """Draw faces, and below them a map of each predictor's distance from the true color.

    Args:
        split: a few faces, one in each column.
        predictors: runs or baselines, one in each row.
    """
    names = ["true", *(predictor.name for predictor in predictors)]
    figure, axes = _grid(len(names), len(split), _cell_for(len(split)), names)
    for axis, picture in zip(axes[0], split.rgb, strict=True):
        axis.imshow(picture)
    for line, predictor in zip(axes[1:], predictors, strict=True):
        error = predictor.predict(split.L) - split.ab
        distances = np.hypot(error[..., 0], error[..., 1])  # (N, H, W)
        for axis, distance in zip(line, distances, strict=True):
            image = axis.imshow(distance, cmap="cividis", vmin=0, vmax=FAR)
            axis.set_xlabel(f"mean {distance.mean():.0f}", fontsize=8, labelpad=2)
    figure.colorbar(
        image,
        ax=axes,
        orientation="horizontal",
        shrink=0.5,
        aspect=40,
        label="distance in the a*, b* plane",
    )
    return figure
