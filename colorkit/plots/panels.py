"""The pictures of the panels. Each answers a question about plain values, and comes with its alt text and a line that says its numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import NullFormatter

from .. import color
from ..data import faces
from ..evaluation import metrics
from ..models import cnn
from ..models.configs import STAGES
from . import output
from .faces import FAR, PLANES

REACH = 60  # CIELAB units: how far the a*, b* plane is drawn; few colors of faces lie beyond
# Palettes of signed errors: neutral at 0, below it green and blue, above it red and yellow, as in PLANES. Errors of 10 either way differ
# by 20 CIELAB units or more, simulated for each kind of color blindness (Machado et al. 2009) too.
SIGNED = {
    "a*": ("PiYG_r", "green", "red"),
    "b*": (
        LinearSegmentedColormap.from_list(
            "blue to yellow", ("#08306b", "#6baed6", "#f7f7f7", "#e3b505", "#6b4e00")
        ),
        "blue",
        "yellow",
    ),
}
LEARNS, FROZEN, GONE = "#D55E00", "#56B4E9", "white"
HATCHES = {LEARNS: "//", FROZEN: "", GONE: ""}
CHANCE = float(np.log(2))  # the cross-entropy of a judge who guesses
EPOCHS_SHOWN = 12


class Drawn(NamedTuple):
    """A figure, what it shows in words, and the numbers behind it in a line."""

    figure: Figure
    alt: str
    line: str


def row_of_axes(
    columns: int, height: float, width: float = output.WIDTH, **options
) -> tuple[Figure, np.ndarray]:
    """A figure and so many axes side by side; it is given back, not shown."""
    figure, axes = plt.subplots(
        1, columns, figsize=(width, height), layout="constrained", **options
    )
    plt.close(figure)
    return figure, np.atleast_1d(axes)


def around_a_color(
    lab: np.ndarray, place: tuple[int, int], threshold: float, guess: np.ndarray
) -> Drawn:
    """Which colors count as right for a pixel: a ring around its true color in the a*, b* plane.

    Args:
        lab: a face, float32 (H, W, 3), CIELAB.
        place: row and column of the pixel.
        threshold: CIELAB units.
        guess: (2,), a*, b* of one guess for all pixels, such as the mean color.
    """
    figure, axes = row_of_axes(5, 2.6)
    L, *ab = (float(value) for value in lab[place])
    axes[0].imshow(color.lab_to_rgb(lab))
    axes[0].set_title("the pixel", fontsize=9)
    for axis, plane, (name, palette, low, high) in zip(
        axes[1:4], np.moveaxis(lab, -1, 0), PLANES, strict=True
    ):
        image = axis.imshow(plane, cmap=palette, vmin=low, vmax=high)
        axis.set_title(name, fontsize=9)
        figure.colorbar(
            image, ax=axis, orientation="horizontal", fraction=0.06, pad=0.02
        ).ax.tick_params(labelsize=8)
    for axis in axes[:4]:
        axis.plot(place[1], place[0], "o", mfc="none", mec="black", ms=11, mew=3)
        axis.plot(place[1], place[0], "o", mfc="none", mec="white", ms=11, mew=1.5)
        axis.set(xticks=[], yticks=[])
    color_plane(axes[4], L, {"true": ab, "mean color": guess})
    for shade, width in (
        ("black", 2.5),
        ("white", 1.2),
    ):  # a light line in a dark one is seen on every color
        axes[4].add_patch(Circle(ab, threshold, fill=False, ec=shade, lw=width))
        corner = [value - threshold for value in ab]
        axes[4].add_patch(
            Rectangle(corner, 2 * threshold, 2 * threshold, fill=False, ec=shade, lw=width, ls="--")
        )
    off = np.abs(np.asarray(guess, float) - ab)
    within = {
        "a*": off[0] <= threshold,
        "b*": off[1] <= threshold,
        "distance": np.hypot(*off) <= threshold,
    }
    said = ", ".join(
        f"{name} {'within' if near else 'not within'}" for name, near in within.items()
    )
    line = (
        f"Row {place[0]}, column {place[1]}: L {L:.0f}, a* {ab[0]:.0f}, b* {ab[1]:.0f}. The mean color (a* {guess[0]:.0f}, "
        f"b* {guess[1]:.0f}) is {np.hypot(*off):.1f} away; at threshold {threshold:.0f}: {said}."
    )
    return Drawn(
        figure,
        f"A face, its planes L, a* and b*, and the a*, b* plane with a square and a circle around one pixel's color. {line}",
        line,
    )


def color_plane(axis: Axes, L: float, marks: dict[str, Sequence[float]]) -> None:
    """The colors of one lightness, and some of them marked.

    Args:
        axis: to draw in.
        L: the lightness, 0..100.
        marks: name -> a*, b*, CIELAB units; at most three.
    """
    grid = np.linspace(-REACH, REACH, 81, dtype=np.float32)
    lab = np.stack([np.full((81, 81), L, np.float32), *np.meshgrid(grid, grid)], axis=-1)
    axis.imshow(color.lab_to_rgb(lab), origin="lower", extent=(-REACH, REACH, -REACH, REACH))
    for (name, ab), (marker, size) in zip(
        marks.items(), (("o", 6), ("X", 8), ("D", 6)), strict=False
    ):
        axis.plot(*ab, marker, mfc="white", mec="black", ms=size, label=name)
    axis.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH))
    axis.set_title(f"colors of L {L:.0f}", fontsize=9)
    axis.set_xlabel("a*", fontsize=9)
    axis.set_ylabel("b*", fontsize=9)
    axis.tick_params(labelsize=8)
    axis.legend(fontsize=7, loc="lower left")


def errors_of_a_face(lab: np.ndarray, pred: np.ndarray, which: str, label: str) -> Drawn:
    """A prediction beside the truth, and where it errs.

    Args:
        lab: the true face, float32 (H, W, 3), CIELAB.
        pred: a*, b* predicted for it, float32 (H, W, 2), CIELAB units.
        which: "distance", "a*" or "b*": the error that is mapped; the last two with their sign.
        label: who predicts.
    """
    true = lab[..., 1:]
    error = {
        "distance": np.hypot(*np.moveaxis(pred - true, -1, 0)),
        "a*": (pred - true)[..., 0],
        "b*": (pred - true)[..., 1],
    }[which]
    figure, axes = row_of_axes(4, 2.6)
    grey = np.concatenate([lab[..., :1], 0 * true], axis=-1)
    predicted = np.concatenate([lab[..., :1], pred], axis=-1)
    for axis, picture, title in zip(
        axes, (lab, grey, predicted), ("true", "grey input", label), strict=False
    ):
        axis.imshow(color.lab_to_rgb(picture))
        axis.set_title(title, fontsize=9)
    if which in SIGNED:
        palette, below, above = SIGNED[which]
        image = axes[3].imshow(error, cmap=palette, vmin=-FAR, vmax=FAR)
        title, scale = (
            f"{which}: predicted less true",
            f"too {below}  ←  CIELAB units  →  too {above}",
        )
    else:
        image = axes[3].imshow(error, cmap="cividis", vmin=0, vmax=FAR)
        title, scale = "distance from the true color", "CIELAB units"
    axes[3].set_title(title, fontsize=9)
    bar = figure.colorbar(image, ax=axes[3], fraction=0.046)
    bar.set_label(scale, fontsize=8)
    bar.ax.tick_params(labelsize=8)
    for axis in axes:
        axis.set_axis_off()
    mse = metrics.mse(pred[None], true[None])[0]
    shares = ", ".join(
        f"{rule} {metrics.threshold_accuracy(pred[None], true[None], rule)[0]:.0%}"
        for rule in metrics.RULES
    )
    chroma = metrics.chroma(np.stack([true, pred]))
    line = (
        f"{label}: MSE {mse:.1f}, mean distance {np.hypot(*np.moveaxis(pred - true, -1, 0)).mean():.1f}; within 10: {shares}; "
        f"mean chroma {chroma[1]:.1f}, in truth {chroma[0]:.1f}."
    )
    return Drawn(
        figure,
        f"A face in true color, in grey, as predicted, and a map of its errors. {line}",
        line,
    )


def stages(weights: list[int], cut: int, learns_from: int | None) -> Drawn:
    """ResNet-50 as five stages: which are left, and which of them learn.

    Args:
        weights: how many weights of each stage can learn.
        cut: the last stage that is left.
        learns_from: the first that learns; None for none.
    """
    figure, (axis,) = row_of_axes(1, 2.6)
    places = cnn.halved(faces.SIZE, len(STAGES))
    top = 1.25 * max(weights) / 1e6
    for stage, count in enumerate(weights, 1):
        learns = learns_from is not None and stage >= learns_from
        shade, said = (
            (GONE, "cut off")
            if stage > cut
            else (LEARNS, "learns")
            if learns
            else (FROZEN, "frozen")
        )
        style = "--" if stage > cut else "-"
        axis.bar(
            stage,
            count / 1e6,
            color=shade,
            hatch=HATCHES[shade],
            edgecolor="black",
            ls=style,
            width=0.6,
        )
        axis.text(
            stage,
            count / 1e6 + 0.02 * top,
            f"{said}\n{count / 1e6:.2f} million",
            ha="center",
            va="bottom",
            fontsize=8,
        )
        axis.text(
            stage,
            -0.03 * top,
            f"stage {stage}\n{places[stage]} x {places[stage]} places",
            ha="center",
            va="top",
            fontsize=8,
        )
    axis.set(xlim=(0.5, len(STAGES) + 0.5), ylim=(0, top), xticks=[])
    axis.set_ylabel("weights, millions", fontsize=9)
    axis.tick_params(labelsize=8)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    left = sum(weights[:cut])
    learn = sum(weights[learns_from - 1 : cut]) if learns_from else 0
    line = (
        f"The encoder ends with {places[cut]} x {places[cut]} places of {64 * 2**cut:,} features; {learn / 1e6:.2f} of its "
        f"{left / 1e6:.2f} million weights learn."
    )
    return Drawn(
        figure,
        f"ResNet-50's five stages as bars as high as their weights are many: learning, frozen, or cut off. {line}",
        line,
    )


def turns_and_terms(order: list[list[str]], lambda_l2: float, error: float) -> Drawn:
    """Who learns when, and how large the two terms of the generator's loss are.

    Args:
        order: the turns of each epoch, as turns.of_epoch gives them; the first 12 epochs are drawn.
        lambda_l2: weight of the color term.
        error: the mean squared error that it weighs, CIELAB units squared.
    """
    epochs = len(order)
    figure, (left, right) = row_of_axes(2, 2.4, width_ratios=(3, 2))
    rows = {
        "generator": ("generator",),
        "pretraining": ("generator",),
        "discriminator": ("judge",),
        "both": ("generator", "judge"),
    }
    for epoch, passes in enumerate(order[:EPOCHS_SHOWN]):
        for place, turn in enumerate(passes):
            for who in rows[turn]:
                corner = (epoch + 1 + place / len(passes), 0.1 if who == "judge" else 1.1)
                shade, hatch = (
                    ("#0072B2", "")
                    if who == "judge"
                    else ("#E69F00", ".." if turn == "pretraining" else "")
                )
                left.add_patch(
                    Rectangle(
                        corner, 1 / len(passes), 0.8, fc=shade, hatch=hatch, ec="black", lw=0.8
                    )
                )
    shown = min(epochs, EPOCHS_SHOWN)
    left.set(
        xlim=(1, shown + 1),
        ylim=(0, 2),
        yticks=[0.5, 1.5],
        yticklabels=["judge", "generator"],
        xticks=range(1, shown + 1),
    )
    left.set_title("who learns (dots: by squared error alone)", fontsize=9)
    left.set_xlabel(
        "epoch" if shown == epochs else f"epoch, the first {shown} of {epochs}", fontsize=9
    )
    term = lambda_l2 * error
    right.barh(
        [0, 1],
        [CHANCE, max(term, 1e-9)],
        color=["#0072B2", "#E69F00"],
        hatch=["", "//"],
        edgecolor="black",
        height=0.6,
    )
    right.set(
        xscale="log",
        xlim=(0.01, 300),
        yticks=[0, 1],
        yticklabels=["cross-entropy\nat chance", "lambda x L2"],
    )
    right.xaxis.set_major_formatter("{x:g}")  # 0.1 and not a power of 10
    right.xaxis.set_minor_formatter(NullFormatter())
    right.set_title("the generator's two loss terms", fontsize=9)
    right.set_xlabel("size (log scale)", fontsize=9)
    for axis in (left, right):
        axis.tick_params(labelsize=8)
    passes = [turn for turns_ in order for turn in turns_]
    judged = sum(turn in ("discriminator", "both") for turn in passes)
    line = (
        f"In {epochs} epochs the generator has {sum(turn != 'discriminator' for turn in passes)} passes over the data, the judge "
        f"{judged}. At lambda {lambda_l2:g} and an error of {error:.0f} the L2 term is {term:.2f}: {term / CHANCE:.1f} times a "
        f"cross-entropy of {CHANCE:.2f}."
    )
    return Drawn(
        figure,
        f"Left, which epochs the generator and the judge learn in; right, the two terms of the generator's loss. {line}",
        line,
    )


def pair(pictures: np.ndarray, number: int, count: int) -> Drawn:
    """Two pictures of a face, of which one is true; nothing says which.

    Args:
        pictures: left and right, uint8 (2, H, W, 3), sRGB.
        number, count: which pair this is, of how many.
    """
    figure, axes = row_of_axes(2, 4.5)
    for axis, picture, side in zip(axes, pictures, ("left", "right"), strict=True):
        axis.imshow(picture)
        axis.set_title(side, fontsize=11)
        axis.set_axis_off()
    alt = "Two pictures of one face, left and right: one has its true colors, the other those that a model gave it."
    return Drawn(figure, alt, f"Pair {number} of {count}: which picture is the true one?")
