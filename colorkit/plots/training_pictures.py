"""Draw what a choice of hyper-parameters means: the pictures of the training panel."""

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullFormatter

from ..data import faces
from ..models import cnn
from ..models.configs import STAGES
from . import output
from .panels import Drawn

LEARNS, FROZEN, GONE = "#D55E00", "#56B4E9", "white"
HATCHES = {LEARNS: "//", FROZEN: "", GONE: ""}
GENERATOR, JUDGE = "#E69F00", "#0072B2"
CHANCE = float(np.log(2))  # the cross-entropy of a judge who guesses
EPOCHS_SHOWN = 12


def stages(weights: Sequence[int], cut: int, learns_from: int | None) -> Drawn:
    """Draw the five stages of ResNet-50 as bars: which ones are left, and which ones learn.

    Args:
        weights: number of weights in each stage that can learn.
        cut: the last stage that is left.
        learns_from: the first stage that learns; None if none does.
    """
    figure, axes = output.canvas(1, 1, height=2.6)
    axis = axes[0, 0]
    sides = cnn.halved(faces.SIZE, len(STAGES))
    top = 1.25 * max(weights) / 1e6
    for stage, count in enumerate(weights, 1):
        if stage > cut:
            shade, said, dashes = GONE, "cut off", "--"
        elif learns_from is not None and stage >= learns_from:
            shade, said, dashes = LEARNS, "learns", "-"
        else:
            shade, said, dashes = FROZEN, "frozen", "-"
        millions = count / 1e6
        hatch = HATCHES[shade]
        axis.bar(stage, millions, color=shade, hatch=hatch, edgecolor="black", ls=dashes, width=0.6)
        above = f"{said}\n{millions:.2f} million"
        axis.text(stage, millions + 0.02 * top, above, ha="center", va="bottom", fontsize=8)
        below = f"stage {stage}\n{sides[stage]} x {sides[stage]} places"
        axis.text(stage, -0.03 * top, below, ha="center", va="top", fontsize=8)
    axis.set(xlim=(0.5, len(STAGES) + 0.5), ylim=(0, top), xticks=[])
    axis.set_ylabel("weights, millions", fontsize=9)
    axis.tick_params(labelsize=8)
    for edge in ("top", "right"):
        axis.spines[edge].set_visible(False)

    left = sum(weights[:cut]) / 1e6
    learning = 0.0
    if learns_from is not None:
        learning = sum(weights[learns_from - 1 : cut]) / 1e6
    line = (
        f"The encoder ends with {sides[cut]} x {sides[cut]} places of {64 * 2**cut:,} features; "
        f"{learning:.2f} of its {left:.2f} million weights learn."
    )
    alt = (
        "ResNet-50's five stages as bars as high as their weights are many: "
        f"learning, frozen, or cut off. {line}"
    )
    return Drawn(figure, alt, line)


def turns_and_terms(order: list[list[str]], lambda_l2: float, error: float) -> Drawn:
    """Draw who learns when, and how large the two terms of the generator's loss are.

    Args:
        order: turns of each epoch, see turns.of_epoch; the first 12 epochs are drawn.
        lambda_l2: weight of the color term.
        error: the mean squared error that it multiplies, CIELAB units squared.
    """
    figure, axes = output.canvas(1, 2, height=2.4, width_ratios=(3, 2))
    left, right = axes[0]
    term = lambda_l2 * error
    _draw_turns(left, order)
    _draw_terms(right, term)
    for axis in (left, right):
        axis.tick_params(labelsize=8)

    turns = list(itertools.chain.from_iterable(order))
    generated = sum(turn != "discriminator" for turn in turns)
    judged = sum(turn in ("discriminator", "both") for turn in turns)
    line = (
        f"In {len(order)} epochs the generator has {generated} passes over the data, "
        f"the judge {judged}. "
        f"At lambda {lambda_l2:g} and an error of {error:.0f} the L2 term is {term:.2f}: "
        f"{term / CHANCE:.1f} times a cross-entropy of {CHANCE:.2f}."
    )
    alt = (
        "Left, which epochs the generator and the judge learn in; "
        f"right, the two terms of the generator's loss. {line}"
    )
    return Drawn(figure, alt, line)


def _draw_turns(axis: Axes, order: list[list[str]]) -> None:
    """Draw a box for each turn: the judge's in the lower row, the generator's in the upper one."""
    epochs = len(order)
    shown = min(epochs, EPOCHS_SHOWN)
    for epoch, turns in enumerate(order[:shown], 1):
        width = 1 / len(turns)
        for number, turn in enumerate(turns):
            left = epoch + number / len(turns)
            if turn in ("generator", "pretraining", "both"):
                hatch = ".." if turn == "pretraining" else ""
                _add_box(axis, (left, 1.1), width, GENERATOR, hatch)
            if turn in ("discriminator", "both"):
                _add_box(axis, (left, 0.1), width, JUDGE)
    axis.set(
        xlim=(1, shown + 1),
        ylim=(0, 2),
        yticks=[0.5, 1.5],
        yticklabels=["judge", "generator"],
        xticks=range(1, shown + 1),
    )
    axis.set_title("who learns (dots: by squared error alone)", fontsize=9)
    label = "epoch"
    if shown < epochs:
        label = f"epoch, the first {shown} of {epochs}"
    axis.set_xlabel(label, fontsize=9)


def _add_box(
    axis: Axes, corner: tuple[float, float], width: float, shade: str, hatch: str = ""
) -> None:
    axis.add_patch(Rectangle(corner, width, 0.8, fc=shade, hatch=hatch, ec="black", lw=0.8))


def _draw_terms(axis: Axes, term: float) -> None:
    """Draw the two terms of the generator's loss as bars: the cross-entropy at chance, and L2."""
    axis.barh(
        [0, 1],
        [CHANCE, max(term, 1e-9)],  # a logarithmic scale has no 0
        color=[JUDGE, GENERATOR],
        hatch=["", "//"],
        edgecolor="black",
        height=0.6,
    )
    axis.set(
        xscale="log",
        xlim=(0.01, 300),
        yticks=[0, 1],
        yticklabels=["cross-entropy\nat chance", "lambda x L2"],
    )
    axis.xaxis.set_major_formatter("{x:g}")  # 0.1 and not a power of 10
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.set_title("the generator's two loss terms", fontsize=9)
    axis.set_xlabel("size (log scale)", fontsize=9)
