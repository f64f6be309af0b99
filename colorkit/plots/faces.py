"""Pictures of faces in rows and columns."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .. import color
from ..data.splits import Split
from ..evaluation import metrics
from ..evaluation.comparison import Predictor
from . import output

FAR = 40  # CIELAB units: values and errors beyond get the last color of a map
PLANES = (  # of CIELAB: title, palette, and the values of its ends
    ("L: black to white", "gray", 0, 100),
    ("a*: green to red", "PiYG_r", -40, 40),
    ("b*: blue to yellow", "cividis", -40, 40),
)


def _grid(
    rows: int, columns: int, cell: float, names: list[str] | None = None
) -> tuple[Figure, np.ndarray]:
    """A grid of axes without ticks for pictures, `cell` inches wide each; `names` of the rows stand left of it."""
    size = (cell * columns + (output.NAME if names else 0), (cell + 0.18) * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    plt.close(figure)  # the figure is given back, not shown behind the caller's back
    for axis in axes.flat:
        axis.set_xticks([])
        axis.set_yticks([])
        for side in axis.spines.values():
            side.set_color("lightgrey")  # a white picture needs an edge on a white page
    for axis, name in zip(axes[:, 0], names or [], strict=False):
        axis.set_ylabel(
            textwrap.fill(name, 16, break_long_words=False),
            fontsize=9,
            rotation=0,
            ha="right",
            va="center",
        )
    return figure, axes


def face_grid(rgb: np.ndarray, titles: list[str] | None = None, columns: int = 8) -> Figure:
    """Faces in rows.

    Args:
        rgb: uint8 (N, H, W, 3), sRGB.
        titles: a line over each.
        columns: how many a row.
    """
    columns = min(columns, len(rgb))
    figure, axes = _grid(-(-len(rgb) // columns), columns, cell=min(output.WIDTH / columns, 1.6))
    for number, picture in enumerate(rgb):
        axis = axes.flat[number]
        axis.imshow(picture)
        if titles:
            axis.set_title(titles[number], fontsize=8)
    return figure


def planes(rgb: np.ndarray, lab: np.ndarray) -> Figure:
    """One face and its three CIELAB planes.

    Args:
        rgb: uint8 (H, W, 3), sRGB.
        lab: float32 (H, W, 3), CIELAB.
    """
    figure, axes = _grid(1, 4, cell=output.WIDTH / 4)
    axes[0, 0].imshow(rgb)
    axes[0, 0].set_title("picture", fontsize=9)
    for axis, plane, (title, palette, low, high) in zip(
        axes[0, 1:], np.moveaxis(lab, -1, 0), PLANES, strict=True
    ):
        image = axis.imshow(plane, cmap=palette, vmin=low, vmax=high)
        axis.set_title(title, fontsize=9)
        bar = figure.colorbar(
            image, ax=axis, orientation="horizontal", fraction=0.06, pad=0.02, shrink=0.88
        )  # or two scales would meet
        bar.ax.tick_params(labelsize=8)
    return figure


def comparison_grid(
    split: Split, predictors: list[Predictor], labels: list[str] | None = None, count: int = 6
) -> Figure:
    """The report's figure 4: true color, the grey input, and each predictor, with the MSE of each picture under it.

    Args:
        split: the first `count` faces are shown.
        predictors: runs or baselines.
        labels: what to call them; their names otherwise.
        count: how many faces, one a column.
    """
    faces = split.take(count)
    rows = [("true", faces.rgb, None), ("grey input", color.compose(faces.L), None)]
    for predictor, label in zip(predictors, labels or [p.name for p in predictors], strict=True):
        pred = predictor.predict(faces.L)
        rows.append((label, color.compose(faces.L, pred), metrics.mse(pred, faces.ab)))
    figure, axes = _grid(
        len(rows),
        len(faces),
        min((output.WIDTH - output.NAME) / len(faces), output.CELL),
        [label for label, *_ in rows],
    )
    for line, (_, pictures, errors) in zip(axes, rows, strict=True):
        for number, axis in enumerate(line):
            axis.imshow(pictures[number])
            if errors is not None:
                axis.set_xlabel(f"MSE {errors[number]:.0f}", fontsize=8, labelpad=2)
    return figure


def error_maps(split: Split, predictors: list[Predictor]) -> Figure:
    """Where each predictor errs: the true faces, and for each of them and each predictor a map of the distance from the true color.

    Args:
        split: a few faces, one a column.
        predictors: runs or baselines, one a row.
    """
    names = ["true", *(predictor.name for predictor in predictors)]
    figure, axes = _grid(
        len(names), len(split), min((output.WIDTH - output.NAME) / len(split), output.CELL), names
    )
    for axis, picture in zip(axes[0], split.rgb, strict=True):
        axis.imshow(picture)
    for line, predictor in zip(axes[1:], predictors, strict=True):
        for axis, distance in zip(
            line, np.hypot(*np.moveaxis(predictor.predict(split.L) - split.ab, -1, 0)), strict=True
        ):
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
