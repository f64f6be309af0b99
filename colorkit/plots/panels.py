"""Draw the pictures of the panels that look at faces, each with its alt text and its numbers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from .. import color
from ..arrays import Ab, Lab, Rgb8
from ..evaluation import metrics
from . import output
from .faces import FAR, PLANES

REACH = 60  # CIELAB units: half the side of the a*, b* plane; few colors of faces lie outside it
BLUE_TO_YELLOW = LinearSegmentedColormap.from_list(
    "blue to yellow", ("#08306b", "#6baed6", "#f7f7f7", "#e3b505", "#6b4e00")
)
# Palettes of signed errors, and the colors of their ends: a neutral color at 0, green and blue
# below it, red and yellow above it, as in PLANES. The colors of +10 and -10 differ by 20 CIELAB
# units or more, also for each kind of color blindness (simulated by Machado et al. 2009).
SIGNED: dict[str, tuple[str | Colormap, str, str]] = {
    "a*": ("PiYG_r", "green", "red"),
    "b*": (BLUE_TO_YELLOW, "blue", "yellow"),
}


class Drawn(NamedTuple):
    """A figure with its words.

    Attributes:
        figure: the figure.
        alt: what it shows, in words.
        line: the numbers behind it, in one line.
    """

    figure: Figure
    alt: str
    line: str


def around_a_color(lab: Lab, place: tuple[int, int], threshold: float, guess: np.ndarray) -> Drawn:
    """Draw a ring around the true color of a pixel: inside it, a prediction counts as right.

    The ring is drawn in the a*, b* plane, beside the face and its planes.

    Args:
        lab: a face (H, W, 3).
        place: row and column of the pixel.
        threshold: largest error that counts as right, CIELAB units.
        guess: a*, b* (2,) of one guess for all pixels, such as the mean color.
    """
    figure, axes = output.canvas(1, 5, height=2.6)
    *picture_axes, plane = axes[0]
    _draw_face_and_planes(figure, picture_axes, lab)
    for axis in picture_axes:
        output.outlined_mark(axis, place)
        axis.set(xticks=[], yticks=[])

    L, a, b = (float(value) for value in lab[place])
    color_plane(plane, L, {"true": (a, b), "mean color": guess})
    circle = Circle((a, b), threshold)
    corner = (a - threshold, b - threshold)
    square = Rectangle(corner, 2 * threshold, 2 * threshold, ls="--")
    output.outlined(plane, circle, square, widths=(2.5, 1.2))

    off_a = abs(float(guess[0]) - a)
    off_b = abs(float(guess[1]) - b)
    distance = np.hypot(off_a, off_b)
    said = []
    for name, error in {"a*": off_a, "b*": off_b, "distance": distance}.items():
        said.append(f"{name} within" if error <= threshold else f"{name} not within")
    row, column = place
    line = (
        f"Row {row}, column {column}: L {L:.0f}, a* {a:z.0f}, b* {b:z.0f}. "
        f"The mean color (a* {guess[0]:z.0f}, b* {guess[1]:z.0f}) is {distance:.1f} away; "
        f"at threshold {threshold:.0f}: {', '.join(said)}."
    )
    alt = (
        "A face, its planes L, a* and b*, and the a*, b* plane with a square and a circle "
        f"around one pixel's color. {line}"
    )
    return Drawn(figure, alt, line)


def _draw_face_and_planes(figure: Figure, axes: Sequence[Axes], lab: Lab) -> None:
    """Draw a face and its three CIELAB planes into four axes."""
    axes[0].imshow(color.lab_to_rgb(lab))
    axes[0].set_title("the pixel", fontsize=9)
    values = np.moveaxis(lab, -1, 0)  # (3, H, W)
    for axis, plane, (name, palette, low, high) in zip(axes[1:], values, PLANES, strict=True):
        image = axis.imshow(plane, cmap=palette, vmin=low, vmax=high)
        axis.set_title(name, fontsize=9)
        bar = figure.colorbar(image, ax=axis, orientation="horizontal", fraction=0.06, pad=0.02)
        bar.ax.tick_params(labelsize=8)


def color_plane(axis: Axes, L: float, marks: dict[str, Sequence[float] | np.ndarray]) -> None:
    """Draw the colors of one lightness, and marks on some of them.

    Args:
        axis: axes to draw in.
        L: the lightness, 0 to 100.
        marks: name -> a*, b* of at most three colors, CIELAB units.
    """
    grid = np.linspace(-REACH, REACH, 81, dtype=np.float32)
    a, b = np.meshgrid(grid, grid)
    lab = np.stack([np.full_like(a, L), a, b], axis=-1)  # (81, 81, 3)
    axis.imshow(color.lab_to_rgb(lab), origin="lower", extent=(-REACH, REACH, -REACH, REACH))
    looks = (("o", 6), ("X", 8), ("D", 6))
    for (name, ab), (marker, size) in zip(marks.items(), looks, strict=False):
        axis.plot(*ab, marker, mfc="white", mec="black", ms=size, label=name)
    axis.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH))
    axis.set_title(f"colors of L {L:.0f}", fontsize=9)
    axis.set_xlabel("a*", fontsize=9)
    axis.set_ylabel("b*", fontsize=9)
    axis.tick_params(labelsize=8)
    axis.legend(fontsize=7, loc="lower left")


def errors_of_a_face(lab: Lab, pred: Ab, which: str, label: str) -> Drawn:
    """Draw a prediction beside the truth, and a map of its errors.

    Args:
        lab: the true face (H, W, 3).
        pred: a*, b* predicted for it (H, W, 2).
        which: error that is mapped: "distance", or "a*" or "b*" with its sign.
        label: name of the model.
    """
    L = lab[..., :1]
    true = lab[..., 1:]
    faces = {
        "true": lab,
        "grey input": np.concatenate([L, 0 * true], axis=-1),
        label: np.concatenate([L, pred], axis=-1),
    }
    figure, axes = output.canvas(1, 4, height=2.6)
    *face_axes, error_axis = axes[0]
    for axis, (title, face) in zip(face_axes, faces.items(), strict=True):
        axis.imshow(color.lab_to_rgb(face))
        axis.set_title(title, fontsize=9)
    _draw_error(figure, error_axis, pred - true, which)
    for axis in axes[0]:
        axis.set_axis_off()
    line = _describe_errors(pred, true, label)
    alt = f"A face in true color, in grey, as predicted, and a map of its errors. {line}"
    return Drawn(figure, alt, line)


def _draw_error(figure: Figure, axis: Axes, error: Ab, which: str) -> None:
    """Draw a map of errors (H, W, 2): their distance, or one of their planes."""
    match which:
        case "distance":
            plane = np.hypot(error[..., 0], error[..., 1])
        case "a*":
            plane = error[..., 0]
        case "b*":
            plane = error[..., 1]
        case _:
            raise ValueError(f"unknown error {which!r}; one of distance, a*, b*")
    if which in SIGNED:
        palette, below, above = SIGNED[which]
        low = -FAR
        title = f"{which}: predicted less true"
        scale = f"too {below}  ←  CIELAB units  →  too {above}"
    else:
        palette = "cividis"
        low = 0
        title = "distance from the true color"
        scale = "CIELAB units"
    image = axis.imshow(plane, cmap=palette, vmin=low, vmax=FAR)
    axis.set_title(title, fontsize=9)
    bar = figure.colorbar(image, ax=axis, fraction=0.046)
    bar.set_label(scale, fontsize=8)
    bar.ax.tick_params(labelsize=8)


def _describe_errors(pred: Ab, true: Ab, label: str) -> str:
    """Describe the errors of one face (H, W, 2) in numbers."""
    error = pred - true
    distance = np.hypot(error[..., 0], error[..., 1]).mean()
    mse = metrics.mse(pred[None], true[None])[0]
    shares = []
    for rule in metrics.RULES:
        share = metrics.threshold_accuracy(pred[None], true[None], rule)[0]
        shares.append(f"{rule} {share:.0%}")
    chroma, true_chroma = metrics.chroma(np.stack([pred, true]))
    return (
        f"{label}: MSE {mse:.1f}, mean distance {distance:.1f}; within 10: {', '.join(shares)}; "
        f"mean chroma {chroma:.1f}, in truth {true_chroma:.1f}."
    )


def pair(pictures: Rgb8, number: int, count: int) -> Drawn:
    """Draw two pictures of a face, one of them true, without telling which.

    Args:
        pictures: the left and the right picture (2, H, W, 3).
        number: number of this pair, from 1.
        count: number of all pairs.
    """
    figure, axes = output.canvas(1, 2, height=4.5)
    for axis, picture, side in zip(axes[0], pictures, ("left", "right"), strict=True):
        axis.imshow(picture)
        axis.set_title(side, fontsize=11)
        axis.set_axis_off()
    alt = (
        "Two pictures of one face, left and right: one has its true colors, "
        "the other those that a model gave it."
    )
    return Drawn(figure, alt, f"Pair {number} of {count}: which picture is the true one?")
