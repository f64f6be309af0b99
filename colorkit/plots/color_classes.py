"""Lesson 6's figures: how probable each color is, a face at a temperature, and what color costs in error."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .. import color
from ..color.classes import GRID
from ..evaluation import metrics, perception
from . import output
from .panels import REACH, Drawn

LIGHT = 65  # L in which the plane's colors are drawn
MARKS = ("o", "X", "^", "s")
SEEN = 0.01  # a class that has less is not counted in words
EDGE = 2  # places at the rim of a face, where a ring would be cut off


class ClassChart(NamedTuple):
    """Color classes and how probable each is.

    Attributes:
        centers: (K, 2), a*, b*, CIELAB units.
        shares: (K,), whose sum is 1.
        marks: colors to point out, by name: (2,), a*, b*.
    """

    centers: np.ndarray
    shares: np.ndarray
    marks: dict[str, np.ndarray]


def annealed(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Class logits (..., K) to probabilities (..., K), sharpened below a temperature of 1."""
    powers = np.exp((logits - logits.max(axis=-1, keepdims=True)) / temperature)
    return powers / powers.sum(axis=-1, keepdims=True)


def least_sure(shares: np.ndarray, centers: np.ndarray) -> tuple[int, int]:
    """Where a face's colors are least certain, not too near its edge: row and column of the largest variance of a* and b*.

    Args:
        shares: (H, W, K), how probable each class is at each place.
        centers: (K, 2), a*, b*, CIELAB units.
    """
    variance = shares @ (centers**2).sum(axis=-1) - ((shares @ centers) ** 2).sum(axis=-1)
    inner = variance[EDGE:-EDGE, EDGE:-EDGE]
    return tuple(EDGE + int(index) for index in np.unravel_index(inner.argmax(), inner.shape))


def class_probabilities(panels: dict[str, ClassChart]) -> Drawn:
    """Color classes in the a*, b* plane, each a square whose area is its probability; a panel for each palette."""
    figure, axes = plt.subplots(
        1, len(panels), figsize=(output.WIDTH, 3.4), squeeze=False, layout="constrained"
    )
    plt.close(figure)
    for axis, (title, palette) in zip(axes[0], panels.items(), strict=True):
        _draw(axis, palette)
        axis.set_title(title, fontsize=9)
    line = " ".join(f"{title}: {_said(palette)}" for title, palette in panels.items())
    return Drawn(
        figure,
        f"Squares in the a*, b* plane, the larger the more probable that color. {line}",
        line,
    )


def _draw(axis: Axes, palette: ClassChart) -> None:
    sides = GRID * np.sqrt(palette.shares / palette.shares.max())
    lab = np.insert(palette.centers, 0, LIGHT, axis=-1).astype(np.float32)
    for center, side, shade in zip(
        palette.centers, sides, color.lab_to_rgb(lab) / 255, strict=True
    ):
        axis.add_patch(Rectangle(center - side / 2, side, side, fc=shade, ec="black", lw=0.4))
    for mark, (name, ab) in zip(MARKS, palette.marks.items(), strict=False):
        axis.plot(*ab, mark, mfc="white", mec="black", ms=8, label=name)
    axis.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal", facecolor="#eeeeee")
    axis.set_xlabel("a*", fontsize=9)
    axis.set_ylabel("b*", fontsize=9)
    axis.tick_params(labelsize=8)
    if palette.marks:
        axis.legend(fontsize=7, loc="lower left")


def _said(palette: ClassChart) -> str:
    best = palette.shares.argmax()
    marks = "".join(f"; {name} {_pair(ab)}" for name, ab in palette.marks.items())
    return (
        f"{(palette.shares >= SEEN).sum()} classes have 1 % or more, the most probable, {_pair(palette.centers[best])}, has "
        f"{palette.shares[best]:.0%}{marks}."
    )


def _pair(ab: np.ndarray) -> str:
    return f"({round(float(ab[0]))}, {round(float(ab[1]))})"  # rounded to whole numbers, of which none is -0


def at_temperature(
    lab: np.ndarray,
    plain: np.ndarray,
    pred: np.ndarray,
    palette: ClassChart,
    place: tuple[int, int],
    heat: float,
) -> Drawn:
    """A face in truth, by L2, and by color classes at a temperature; and the probabilities at one of its places.

    Args:
        lab: the true face, float32 (H, W, 3), CIELAB.
        plain, pred: a*, b* by L2 and by classes, float32 (H, W, 2), CIELAB units.
        palette: the classes at the place, as the temperature makes them.
        place: row and column.
        heat: the temperature.
    """
    figure, axes = plt.subplots(1, 4, figsize=(output.WIDTH, 2.7), layout="constrained")
    plt.close(figure)
    abs_ = {"true": lab[..., 1:], "L2": plain, f"classes, T = {heat:g}": pred}
    pictures = color.lab_to_rgb(
        np.stack([np.concatenate([lab[..., :1], ab], axis=-1) for ab in abs_.values()])
    )
    for axis, picture, title in zip(axes, pictures, abs_, strict=False):
        axis.imshow(picture)
        for shade, width in (
            ("black", 3),
            ("white", 1.5),
        ):  # a light ring in a dark one is seen on every color
            axis.plot(place[1], place[0], "o", mfc="none", mec=shade, ms=11, mew=width)
        axis.set_title(title, fontsize=9)
        axis.set_axis_off()
    _draw(axes[3], palette)
    axes[3].set_title("colors in the ring", fontsize=9)
    line = f"{_numbers(abs_, pictures)} In the ring (row {place[0]}, column {place[1]}) {_said(palette)}"
    alt = f"A face in true color, by L2, and by classes at temperature {heat:g}; squares in the a*, b* plane for one place of it. {line}"
    return Drawn(figure, alt, line)


def _numbers(abs_: dict[str, np.ndarray], pictures: np.ndarray) -> str:
    """Chroma, MSE and colorfulness of the faces; the first is the truth."""
    names, planes = list(abs_), np.stack(list(abs_.values()))
    chroma, errors = (
        metrics.chroma(planes),
        metrics.mse(planes, np.broadcast_to(planes[0], planes.shape)),
    )
    shares = perception.colorfulness(pictures)
    shares = shares / max(shares[0], 1e-9)
    said = [
        f"{name}: mean chroma {chroma[i]:.1f}, MSE {errors[i]:.1f}, {shares[i]:.0%} of the truth's colorfulness."
        for i, name in list(enumerate(names))[:0:-1]
    ]
    return f"{' '.join(said)} In truth the mean chroma is {chroma[0]:.1f}."


def class_costs(
    ways: dict[str, list[tuple[float, float]]], points: dict[str, tuple[float, float]]
) -> Drawn:
    """What color costs: mean squared error over colorfulness.

    Args:
        ways: by name, several settings of one colorizer: colorfulness as a share of the truth's, and MSE.
        points: the same of colorizers that have no such setting.
    """
    figure, axis = plt.subplots(figsize=(0.75 * output.WIDTH, 3.6), layout="constrained")
    plt.close(figure)
    for number, (name, pairs) in enumerate(
        (ways | {name: [pair] for name, pair in points.items()}).items()
    ):
        look = {
            "color": output.COLORS[number % 6],
            "ls": output.DASHES[number % 6],
            "marker": output.MARKERS[number % 6],
            "mec": "black",
        }
        axis.plot(*np.array(pairs).T, **look, mew=0.6, markersize=6, label=name)
    axis.axvline(1, color="black", ls=":", lw=1.2, label="the truth's colorfulness")
    axis.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    axis.set(xlabel="colorfulness, as a share of the truth's", ylabel=output.LABELS["mse"])
    axis.grid(alpha=0.3)
    figure.legend(
        *axis.get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8
    )
    said = [
        f"{name} from {_point(pairs[0])} to {_point(pairs[-1])}" for name, pairs in ways.items()
    ]
    said += [f"{name} {_point(pair)}" for name, pair in points.items()]
    line = f"Colorfulness and MSE: {'; '.join(said)}."
    return Drawn(
        figure,
        f"Lines and marks over colorfulness; the more color, the higher the error. {line}",
        line,
    )


def _point(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.0%}, {pair[1]:.1f}"
