"""How a run learned, epoch by epoch."""

import textwrap

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from . import output

DOTS = (":", "-.", (0, (7, 2)))  # of baselines


def curves(histories: dict[str, list[dict]], references: dict[str, float]) -> Figure:
    """The report's figure 5: MSE above, threshold accuracy below, one column a run, training and validation.

    Args:
        histories: label -> history of a run (Run.history).
        references: name -> MSE of each baseline on the validation faces (comparison.references), lines without which no curve says much.
    """
    height = 4.6
    figure, axes = plt.subplots(
        2,
        len(histories),
        figsize=(output.WIDTH, height),
        squeeze=False,
        sharey="row",
        sharex="col",
        layout="constrained",
    )
    plt.close(figure)
    for column, (label, history) in zip(axes.T, histories.items(), strict=True):
        epochs = [record["epoch"] for record in history]
        for axis, metric in zip(column, ("mse", "accuracy"), strict=True):
            for key, shade, marker, label_ in (
                (metric, output.COLORS[0], "o-", "training"),
                ("val_" + metric, output.COLORS[1], "s--", "validation"),
            ):
                axis.plot(
                    epochs,
                    [record[key] for record in history],
                    marker,
                    color=shade,
                    markersize=4,
                    label=label_,
                )
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            axis.grid(alpha=0.3)
        for dots, (name, value) in zip(DOTS, references.items(), strict=False):
            column[0].axhline(value, color="black", ls=dots, lw=1.2, label=name)
        column[0].set_title(
            textwrap.fill(label, 90 // len(histories), break_long_words=False), fontsize=10
        )
        column[1].set_xlabel("epoch")
    for axis, metric in zip(axes[:, 0], ("mse", "accuracy"), strict=True):
        axis.set_ylabel(output.LABELS[metric])
    axes[1, 0].yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    _legend_above(figure, axes[0, 0])
    return figure


def _legend_above(figure: Figure, axis: Axes) -> None:
    """Name an axis's lines above all axes, where the legend hides nothing."""
    figure.legend(
        *axis.get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8
    )


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
        figure, alt = curves(*shown), describe_curves(*shown)
        options = {"metadata": {"image/png": {"alt": alt}}}
        if self._shown is None:
            self._shown = display(figure, display_id=True, **options)
        else:
            self._shown.update(figure, **options)


def describe_curves(histories: dict[str, list[dict]], references: dict[str, float]) -> str:
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


def lines(
    series: dict[str, list[float]], ylabel: str, references: dict[str, float] | None = None
) -> Figure:
    """Several series over the epochs in one plot, each with its own color, marker and dashes; references are dotted lines."""
    figure, axis = plt.subplots(figsize=(output.WIDTH * 0.7, 3.2), layout="constrained")
    plt.close(figure)
    for number, (label, values) in enumerate(series.items()):
        look = {
            "color": output.COLORS[number],
            "ls": output.DASHES[number],
            "marker": output.MARKERS[number],
            "mec": "black",
            "mew": 0.6,
        }
        axis.plot(range(1, len(values) + 1), values, markersize=6, label=label, **look)
    for label, value in (references or {}).items():
        axis.axhline(value, color="black", ls=":", lw=1.2, label=label)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axis.set_xlabel("epoch")
    axis.set_ylabel(ylabel)
    axis.grid(alpha=0.3)
    _legend_above(figure, axis)
    return figure
