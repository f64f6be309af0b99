"""Draw lesson 6's figures: color classes, a face at a temperature, and what color costs."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .. import color
from ..arrays import Ab, Lab, Rgb8
from ..color.classes import GRID
from ..evaluation import metrics, perception
from . import output
from .panels import REACH, Drawn

LIGHT = 65  # L of the plane's colors as they are drawn
MARKS = ("o", "X", "^", "s")
COUNTED = 0.01  # probability from which a class is counted in the line of text
EDGE = 2  # classes' places at the rim of a face, where a ring would be cut off


class ClassChart(NamedTuple):
    """Color classes and their probabilities. Lessons 6.1, 6.3 and 6.4.

    Attributes:
        centers: a*, b* of the classes (K, 2), CIELAB units.
        shares: probabilities (K,), whose sum is 1.
        marks: name -> a*, b* (2,) of a color to point out.

    Example:
        >>> chart = plots.ClassChart(centers, counts / counts.sum(), {})  # doctest: +SKIP
    """

    centers: np.ndarray
    shares: np.ndarray
    marks: dict[str, np.ndarray]


def annealed(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Compute class probabilities from logits; a temperature below 1 sharpens them.

    Args:
        logits: float (..., K).
        temperature: more than 0.

    Returns:
        Probabilities, float (..., K).

    Example:
        >>> annealed(np.log([0.2, 0.8]), temperature=0.5).round(3).tolist()
        [0.059, 0.941]
    """
    powers = np.exp((logits - logits.max(axis=-1, keepdims=True)) / temperature)
    return powers / powers.sum(axis=-1, keepdims=True)


def least_sure(shares: np.ndarray, centers: np.ndarray) -> tuple[int, int]:
    """Find the place of a face whose color is least certain, away from the edge.

    Args:
        shares: probability of each class at each place (H, W, K).
        centers: a*, b* of the classes (K, 2), CIELAB units.

    Returns:
        Row and column of the place with the largest variance of a* and b*.

    Example:
        >>> shares = np.zeros((7, 7, 2))
        >>> shares[..., 0] = 1
        >>> shares[3, 4] = 0.5
        >>> least_sure(shares, np.array([[0, 0], [20, 10]]))
        (3, 4)
    """
    squares = (centers**2).sum(axis=-1)  # (K,)
    mean = shares @ centers  # (H, W, 2)
    variance = shares @ squares - (mean**2).sum(axis=-1)  # (H, W)
    inner = variance[EDGE:-EDGE, EDGE:-EDGE]
    row, column = np.unravel_index(inner.argmax(), inner.shape)
    return EDGE + int(row), EDGE + int(column)


def class_probabilities(panels: dict[str, ClassChart]) -> Drawn:
    """Draw color classes as squares in the a*, b* plane. Lessons 6.1, 6.3 and 6.4.

    The area of a square is proportional to the probability of its class.

    Args:
        panels: title -> classes of each panel.

    Example:
        >>> drawn = plots.class_probabilities({"all faces": chart})  # doctest: +SKIP
        >>> plots.show(drawn.figure, alt=drawn.alt)  # doctest: +SKIP
    """
    figure, axes = output.canvas(1, len(panels), height=3.4)
    said = []
    for axis, (title, chart) in zip(axes[0], panels.items(), strict=True):
        _draw_classes(axis, chart)
        axis.set_title(title, fontsize=9)
        said.append(f"{title}: {_describe_classes(chart)}")
    line = " ".join(said)
    alt = f"Squares in the a*, b* plane, the larger the more probable that color. {line}"
    return Drawn(figure, alt, line)


def _draw_classes(axis: Axes, chart: ClassChart) -> None:
    """Draw classes as squares in their colors, and the marked colors over them."""
    sides = GRID * np.sqrt(chart.shares / chart.shares.max())
    lab = np.insert(chart.centers, 0, LIGHT, axis=-1).astype(np.float32)  # (K, 3)
    shades = color.lab_to_rgb(lab) / 255
    for center, side, shade in zip(chart.centers, sides, shades, strict=True):
        axis.add_patch(Rectangle(center - side / 2, side, side, fc=shade, ec="black", lw=0.4))
    for mark, (name, ab) in zip(MARKS, chart.marks.items(), strict=False):
        axis.plot(*ab, mark, mfc="white", mec="black", ms=8, label=name)
    axis.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal", facecolor="#eeeeee")
    axis.set_xlabel("a*", fontsize=9)
    axis.set_ylabel("b*", fontsize=9)
    axis.tick_params(labelsize=8)
    if chart.marks:
        axis.legend(fontsize=7, loc="lower left")


def _describe_classes(chart: ClassChart) -> str:
    best = chart.shares.argmax()
    marks = "".join(f"; {name} {_format_ab(ab)}" for name, ab in chart.marks.items())
    return (
        f"{(chart.shares >= COUNTED).sum()} classes have 1 % or more, the most probable, "
        f"{_format_ab(chart.centers[best])}, has {chart.shares[best]:.0%}{marks}."
    )


def _format_ab(ab: np.ndarray) -> str:
    return f"({ab[0]:z.0f}, {ab[1]:z.0f})"


def at_temperature(
    lab: Lab,
    plain: Ab,
    pred: Ab,
    palette: ClassChart,
    place: tuple[int, int],
    heat: float,
) -> Drawn:
    """Draw a face in true color, by L2, and by color classes at a temperature.

    Beside it are the probabilities of the classes at one place of the face.

    Args:
        lab: the true face (H, W, 3).
        plain: a*, b* predicted by L2 (H, W, 2).
        pred: a*, b* predicted by classes (H, W, 2).
        palette: the classes at the place, with their probabilities at the temperature.
        place: row and column of the place, pixels.
        heat: the temperature.
    """
    colors = {"true": lab[..., 1:], "L2": plain, f"classes, T = {heat:g}": pred}
    L = lab[..., :1]
    faces = [np.concatenate([L, ab], axis=-1) for ab in colors.values()]
    pictures = color.lab_to_rgb(np.stack(faces))  # (3, H, W, 3)
    figure, axes = output.canvas(1, 4, height=2.7)
    *face_axes, plane = axes[0]
    for axis, picture, title in zip(face_axes, pictures, colors, strict=True):
        axis.imshow(picture)
        output.outlined_mark(axis, place)
        axis.set_title(title, fontsize=9)
        axis.set_axis_off()
    _draw_classes(plane, palette)
    plane.set_title("colors in the ring", fontsize=9)
    row, column = place
    line = (
        f"{_describe_colors(colors, pictures)} "
        f"In the ring (row {row}, column {column}) {_describe_classes(palette)}"
    )
    alt = (
        f"A face in true color, by L2, and by classes at temperature {heat:g}; "
        f"squares in the a*, b* plane for one place of it. {line}"
    )
    return Drawn(figure, alt, line)


def _describe_colors(colors: dict[str, Ab], pictures: Rgb8) -> str:
    """Describe chroma, MSE and colorfulness of predicted faces, the last one first.

    Args:
        colors: name -> a*, b* (H, W, 2); the first one is the truth.
        pictures: the same faces as pictures (N, H, W, 3).
    """
    planes = np.stack(list(colors.values()))  # (N, H, W, 2)
    truth = np.broadcast_to(planes[0], planes.shape)
    chroma = metrics.chroma(planes)
    errors = metrics.mse(planes, truth)
    colorfulness = perception.colorfulness(pictures)
    shares = colorfulness / max(colorfulness[0], 1e-9)
    names = list(colors)
    said = []
    for number in range(len(names) - 1, 0, -1):
        said.append(
            f"{names[number]}: mean chroma {chroma[number]:.1f}, MSE {errors[number]:.1f}, "
            f"{shares[number]:.0%} of the truth's colorfulness."
        )
    said.append(f"In truth the mean chroma is {chroma[0]:.1f}.")
    return " ".join(said)


def class_costs(
    ways: dict[str, list[tuple[float, float]]], points: dict[str, tuple[float, float]]
) -> Drawn:
    """Draw what color costs: mean squared error over colorfulness. Lesson 6.7.

    Args:
        ways: name of a colorizer -> its colorfulness, as a share of the truth's, and its MSE,
            at several settings.
        points: the same for colorizers with one setting only.

    Example:
        >>> plots.class_costs({"scaled": [(0.8, 50.0), (1.2, 60.0)]}, {})  # doctest: +SKIP
    """
    figure, axes = output.canvas(1, 1, height=3.6, width=0.75 * output.WIDTH)
    axis = axes[0, 0]
    shown = ways | {name: [pair] for name, pair in points.items()}
    for number, (name, pairs) in enumerate(shown.items()):
        colorfulness, errors = np.array(pairs).T
        look = output.line_look(number % len(output.COLORS))
        axis.plot(colorfulness, errors, label=name, **look)
    axis.axvline(1, color="black", ls=":", lw=1.2, label="the truth's colorfulness")
    axis.xaxis.set_major_formatter(output.format_percent)
    axis.set(xlabel="colorfulness, as a share of the truth's", ylabel=output.LABELS["mse"])
    axis.grid(alpha=0.3)
    output.legend_above(figure, axis)
    said = []
    for name, pairs in ways.items():
        said.append(f"{name} from {_format_cost(pairs[0])} to {_format_cost(pairs[-1])}")
    for name, pair in points.items():
        said.append(f"{name} {_format_cost(pair)}")
    line = f"Colorfulness and MSE: {'; '.join(said)}."
    alt = f"Lines and marks over colorfulness; the more color, the higher the error. {line}"
    return Drawn(figure, alt, line)


def _format_cost(pair: tuple[float, float]) -> str:
    colorfulness, error = pair
    return f"{colorfulness:.0%}, {error:.1f}"
