"""Draw how runs learned, epoch by epoch."""

import textwrap
from typing import NamedTuple

from IPython.display import DisplayHandle, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from . import output

METRICS = ("mse", "accuracy")  # one row of axes each
DOTS = (":", "-.", (0, (7, 2)))  # dashes of the baselines


class Series(NamedTuple):
    """One line of a run's curves: the prefix of its metrics, its color, marker and name."""

    prefix: str
    color: str
    marker: str
    name: str


SERIES = (
    Series("", output.COLORS[0], "o-", "training"),
    Series("val_", output.COLORS[1], "s--", "validation"),
)


def curves(histories: dict[str, list[dict]], references: dict[str, float]) -> Figure:
    """Draw MSE and threshold accuracy per epoch, one column for each run. Lessons 2.6, 3.4 and 3.5.

    This is the report's figure 5: MSE above, accuracy below, each for training and validation.

    Args:
        histories: label of each run -> its history (Run.history).
        references: name of each baseline -> its MSE on the validation faces
            (comparison.references). Each becomes a line to compare the curves with.

    Example:
        >>> plots.curves({"CNN": run.history}, references)  # doctest: +SKIP
    """
    figure, axes = output.canvas(2, len(histories), height=4.6, sharey="row", sharex="col")
    for column, (label, history) in zip(axes.T, histories.items(), strict=True):
        for axis, metric in zip(column, METRICS, strict=True):
            _draw_history(axis, history, metric)
        for dots, (name, value) in zip(DOTS, references.items(), strict=False):
            column[0].axhline(value, color="black", ls=dots, lw=1.2, label=name)
        title = textwrap.fill(label, 90 // len(histories), break_long_words=False)
        column[0].set_title(title, fontsize=10)
        column[1].set_xlabel("epoch")
    for axis, metric in zip(axes[:, 0], METRICS, strict=True):
        axis.set_ylabel(output.LABELS[metric])
    axes[1, 0].yaxis.set_major_formatter(output.format_percent)
    output.legend_above(figure, axes[0, 0])
    return figure


def _draw_history(axis: Axes, history: list[dict], metric: str) -> None:
    """Draw one metric of a run: a line for training and one for validation."""
    epochs = [record["epoch"] for record in history]
    for prefix, color, marker, name in SERIES:
        values = [record[prefix + metric] for record in history]
        axis.plot(epochs, values, marker, color=color, markersize=4, label=name)
    _count_epochs(axis)


def _count_epochs(axis: Axes) -> None:
    """Give an axis of epochs whole numbers only, and a grid."""
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axis.grid(alpha=0.3)


class LiveCurves:
    """The curves of a run in training, redrawn after every epoch. Lessons 2.5, 3.3 and 4.6.

    Give it to Run.train as `watch`. The new figure takes the place of the old one.

    Args:
        label: name of the run.
        references: MSE of the baselines, as for `curves`.

    Example:
        >>> watch = plots.LiveCurves("CNN", references)  # doctest: +SKIP
        >>> run.train(train, val, epochs, watch)  # doctest: +SKIP
    """

    def __init__(self, label: str, references: dict[str, float]) -> None:
        self.label = label
        self.references = references
        self._shown: DisplayHandle | None = None

    def __call__(self, history: list[dict]) -> None:
        """Draw the history so far."""
        histories = {self.label: history}
        figure = curves(histories, self.references)
        alt = describe_curves(histories, self.references)
        options = {"metadata": {"image/png": {"alt": alt}}}
        if self._shown is None:
            self._shown = display(figure, display_id=True, **options)
        else:
            self._shown.update(figure, **options)


def describe_curves(histories: dict[str, list[dict]], references: dict[str, float]) -> str:
    """Describe in words what `curves` shows: its alt text. Lessons 2.6, 3.4 and 3.5.

    Args:
        histories, references: arguments of `curves`.

    Example:
        >>> plots.describe_curves({"CNN": run.history}, references)  # doctest: +SKIP
    """
    parts = []
    for label, history in histories.items():
        first = history[0]
        last = history[-1]
        parts.append(
            f"{label}: "
            f"validation MSE goes from {first['val_mse']:.0f} to {last['val_mse']:.0f}, "
            f"training MSE from {first['mse']:.0f} to {last['mse']:.0f}, "
            f"in {len(history)} epochs"
        )
    for name, value in references.items():
        parts.append(f"{name}, a line: {value:.0f}")
    return f"Curves of MSE and threshold accuracy per epoch. {'; '.join(parts)}."


def lines(
    series: dict[str, list[float]], ylabel: str, references: dict[str, float] | None = None
) -> Figure:
    """Draw series of numbers over the epochs in one plot. Lessons 4.7 and 4.8.

    Args:
        series: name of each series -> a value for each epoch. There can be six series, which
            differ in color, marker and dashes.
        ylabel: label of the vertical axis.
        references: name -> value of each dotted line.

    Example:
        >>> plots.lines({"real": [0.6, 0.7]}, "share", references={"a coin": 0.5})  # doctest: +SKIP
    """
    figure, axes = output.canvas(1, 1, height=3.2, width=0.7 * output.WIDTH)
    axis = axes[0, 0]
    for number, (label, values) in enumerate(series.items()):
        epochs = range(1, len(values) + 1)
        axis.plot(epochs, values, label=label, **output.line_look(number))
    for label, value in (references or {}).items():
        axis.axhline(value, color="black", ls=":", lw=1.2, label=label)
    _count_epochs(axis)
    axis.set_xlabel("epoch")
    axis.set_ylabel(ylabel)
    output.legend_above(figure, axis)
    return figure
