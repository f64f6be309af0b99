"""Pictures of faces, of learning and of networks. Each function gives a Matplotlib figure; `show` displays one with its alt text."""

import base64
import html
import io
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from . import color, files, metrics
from .evaluation import Predictor
from .splits import Split

WIDTH = 9.0  # inches: fits Colab's column
NAME = 1.3  # inches: for the names of rows
CELL = 1.05  # inches: of a face in a grid, at most, so that a lesson stays small
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito: told apart by color-blind readers
MARKERS = "osD^vP"
DASHES = ("-", "--", "-.", (0, (6, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)))  # through its gaps a line shows another that it covers
FAR = 40  # CIELAB units: values and errors beyond get the last color of a map
DOTS = (":", "-.", (0, (7, 2)))  # of baselines
PLANES = (  # of CIELAB: title, palette, and the values of its ends
    ("L: black to white", "gray", 0, 100),
    ("a*: green to red", "PiYG_r", -40, 40),
    ("b*: blue to yellow", "cividis", -40, 40),
)
LABELS = {"mse": "MSE (ab units squared)", "accuracy": "within 10 (per channel)"}


def show(figure: Figure, alt: str) -> None:
    """Display a figure in a notebook together with the text that a screen reader reads instead of it."""
    display(figure, metadata={"image/png": {"alt": alt}})


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, whole or not at all."""
    with files.atomic_open(path) as stream:
        figure.savefig(stream, format="png", dpi=100)


def to_html(figure: Figure, alt: str) -> str:
    """A figure as an <img> that holds its PNG, with its alt text."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<img class="colorkit-picture" style="max-width: 100%" alt="{html.escape(alt, quote=True)}" src="data:image/png;base64,{data}">'


def _grid(rows: int, columns: int, cell: float, names: list[str] | None = None) -> tuple[Figure, np.ndarray]:
    """A grid of axes without ticks for pictures, `cell` inches wide each; `names` of the rows stand left of it."""
    size = (cell * columns + (NAME if names else 0), (cell + 0.18) * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    plt.close(figure)  # the figure is given back, not shown behind the caller's back
    for axis in axes.flat:
        axis.set_xticks([])
        axis.set_yticks([])
        for side in axis.spines.values():
            side.set_color("lightgrey")  # a white picture needs an edge on a white page
    for axis, name in zip(axes[:, 0], names or [], strict=False):
        axis.set_ylabel(textwrap.fill(name, 16, break_long_words=False), fontsize=9, rotation=0, ha="right", va="center")
    return figure, axes


def face_grid(rgb: np.ndarray, titles: list[str] | None = None, columns: int = 8) -> Figure:
    """Faces in rows.

    Args:
        rgb: uint8 (N, H, W, 3), sRGB.
        titles: a line over each.
        columns: how many a row.
    """
    columns = min(columns, len(rgb))
    figure, axes = _grid(-(-len(rgb) // columns), columns, cell=min(WIDTH / columns, 1.6))
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
    figure, axes = _grid(1, 4, cell=WIDTH / 4)
    axes[0, 0].imshow(rgb)
    axes[0, 0].set_title("picture", fontsize=9)
    for axis, plane, (title, palette, low, high) in zip(axes[0, 1:], np.moveaxis(lab, -1, 0), PLANES, strict=True):
        image = axis.imshow(plane, cmap=palette, vmin=low, vmax=high)
        axis.set_title(title, fontsize=9)
        bar = figure.colorbar(image, ax=axis, orientation="horizontal", fraction=0.06, pad=0.02, shrink=0.88)  # or two scales would meet
        bar.ax.tick_params(labelsize=8)
    return figure


def comparison_grid(split: Split, predictors: list[Predictor], labels: list[str] | None = None, count: int = 6) -> Figure:
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
    figure, axes = _grid(len(rows), len(faces), min((WIDTH - NAME) / len(faces), CELL), [label for label, *_ in rows])
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
    figure, axes = _grid(len(names), len(split), min((WIDTH - NAME) / len(split), CELL), names)
    for axis, picture in zip(axes[0], split.rgb, strict=True):
        axis.imshow(picture)
    for line, predictor in zip(axes[1:], predictors, strict=True):
        for axis, distance in zip(line, np.hypot(*np.moveaxis(predictor.predict(split.L) - split.ab, -1, 0)), strict=True):
            image = axis.imshow(distance, cmap="cividis", vmin=0, vmax=FAR)
            axis.set_xlabel(f"mean {distance.mean():.0f}", fontsize=8, labelpad=2)
    figure.colorbar(image, ax=axes, orientation="horizontal", shrink=0.5, aspect=40, label="distance in the a*, b* plane")
    return figure


def curves(histories: dict[str, list[dict]], references: dict[str, float]) -> Figure:
    """The report's figure 5: MSE above, threshold accuracy below, one column a run, training and validation.

    Args:
        histories: label -> history of a run (Run.history).
        references: name -> MSE of each baseline on the validation faces (evaluation.references), lines without which no curve says much.
    """
    height = 4.6
    figure, axes = plt.subplots(2, len(histories), figsize=(WIDTH, height), squeeze=False, sharey="row", sharex="col", layout="constrained")
    plt.close(figure)
    for column, (label, history) in zip(axes.T, histories.items(), strict=True):
        epochs = [record["epoch"] for record in history]
        for axis, metric in zip(column, ("mse", "accuracy"), strict=True):
            for key, shade, marker, label_ in ((metric, COLORS[0], "o-", "training"), ("val_" + metric, COLORS[1], "s--", "validation")):
                axis.plot(epochs, [record[key] for record in history], marker, color=shade, markersize=4, label=label_)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            axis.grid(alpha=0.3)
        for dots, (name, value) in zip(DOTS, references.items(), strict=False):
            column[0].axhline(value, color="black", ls=dots, lw=1.2, label=name)
        column[0].set_title(textwrap.fill(label, 90 // len(histories), break_long_words=False), fontsize=10)
        column[1].set_xlabel("epoch")
    for axis, metric in zip(axes[:, 0], ("mse", "accuracy"), strict=True):
        axis.set_ylabel(LABELS[metric])
    axes[1, 0].yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    _legend_above(figure, axes[0, 0])
    return figure


def _legend_above(figure: Figure, axis: Axes) -> None:
    """Name an axis's lines above all axes, where the legend hides nothing."""
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8)


class LiveCurves:
    """The curves of a run while it trains, redrawn in their place after every epoch: Run.train's `watch`.

    Args:
        label: what to call the run.
        references: as `curves` takes them.
    """

    def __init__(self, label: str, references: dict[str, float]):
        self.label, self.references = label, references
        self._shown = None

    def __call__(self, history: list[dict]) -> None:
        """Draw the history so far."""
        shown = {self.label: history}, self.references
        figure, alt = curves(*shown), describe(*shown)
        options = {"metadata": {"image/png": {"alt": alt}}}
        if self._shown is None:
            self._shown = display(figure, display_id=True, **options)
        else:
            self._shown.update(figure, **options)


def describe(histories: dict[str, list[dict]], references: dict[str, float]) -> str:
    """What `curves` shows of the same, in words: the alt text of that figure."""
    parts = []
    for label, history in histories.items():
        first, last = history[0], history[-1]
        parts.append(
            f"{label}: validation MSE goes from {first['val_mse']:.0f} to {last['val_mse']:.0f}, training MSE from "
            f"{first['mse']:.0f} to {last['mse']:.0f}, in {len(history)} epochs"
        )
    parts += [f"{name}, a line: {value:.0f}" for name, value in references.items()]
    return "Curves of MSE and threshold accuracy per epoch. " + "; ".join(parts) + "."


def lines(series: dict[str, list[float]], ylabel: str, references: dict[str, float] | None = None) -> Figure:
    """Several series over the epochs in one plot, each with its own color, marker and dashes; references are dotted lines."""
    figure, axis = plt.subplots(figsize=(WIDTH * 0.7, 3.2), layout="constrained")
    plt.close(figure)
    for number, (label, values) in enumerate(series.items()):
        look = {"color": COLORS[number], "ls": DASHES[number], "marker": MARKERS[number], "mec": "black", "mew": 0.6}
        axis.plot(range(1, len(values) + 1), values, markersize=6, label=label, **look)
    for label, value in (references or {}).items():
        axis.axhline(value, color="black", ls=":", lw=1.2, label=label)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axis.set_xlabel("epoch")
    axis.set_ylabel(ylabel)
    axis.grid(alpha=0.3)
    _legend_above(figure, axis)
    return figure
