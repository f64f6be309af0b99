"""Draw the architecture of a Keras model from the model itself (the report's figures 1 to 3)."""

import itertools
import math
from typing import NamedTuple

import keras
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from . import output

SIZE = 112  # pixels: side of the largest box


class Look(NamedTuple):
    """The look of one kind of box: its name in the legend, its color and its hatching.

    Readers who can't tell the boxes apart by color can do so by the hatching.
    """

    name: str
    shade: str
    hatch: str = ""


# The layers that get a box, in colors of Okabe and Ito.
# The others (normalization, ReLU, scaling) only pass their input on and get none.
KINDS = {
    keras.layers.InputLayer: Look("input", "#BBBBBB"),
    keras.layers.Conv2DTranspose: Look("transposed convolution", "#E69F00", "//"),
    keras.layers.Conv2D: Look("convolution", "#0072B2", "--"),
    keras.layers.Dense: Look("dense", "#009E73", ".."),
    keras.layers.GlobalAveragePooling2D: Look("mean over the picture", "#CC79A7", "xx"),
    keras.Model: Look("ResNet-50", "#D55E00", "\\\\"),
}


def receptive_field(convolutions: list[tuple[int, int]]) -> int:
    """Compute how much of the input one place sees after some convolutions. Lesson 2.1.

    Args:
        convolutions: kernel size and strides of each, the first one first.

    Returns:
        Width of the seen piece, pixels.

    Example:
        >>> receptive_field([(3, 2), (3, 1)])
        7
    """
    size = 1  # pixels: what one place sees
    apart = 1  # pixels: from one place to the next
    for kernel, strides in convolutions:
        size += (kernel - 1) * apart
        apart *= strides
    return size


def learning(model: keras.Model) -> int:
    """Count the values of a model that training changes. Lesson 3.3.

    Frozen weights and the moving averages of batch normalization don't count.

    Example:
        >>> learning(models.build_cnn())  # doctest: +SKIP
    """
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def _is_convolution(layer: keras.layers.Layer) -> bool:
    """Return whether a layer is a plain convolution (a transposed one isn't)."""
    return type(layer) is keras.layers.Conv2D


def _describe_receptive_field(model: keras.Model) -> str:
    """Describe what one place sees at the end of the first chain of convolutions.

    Returns:
        The description; "" for a model that doesn't begin with a convolution.
    """
    kinds = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, keras.Model)
    layers = [layer for layer in model.layers if isinstance(layer, kinds)]
    chain = list(itertools.takewhile(_is_convolution, layers))
    if not chain:
        return ""
    size = receptive_field([(layer.kernel_size[0], layer.strides[0]) for layer in chain])
    return f"; a place of {chain[-1].name} sees {size}x{size} pixels"


def _describe_size(model: keras.Model) -> str:
    return f"{model.count_params():,} parameters, {learning(model):,} of them learn"


def _find_look(layer: keras.layers.Layer) -> Look | None:
    """Find how a layer is drawn; None for one without a box."""
    for kind, look in KINDS.items():
        if isinstance(layer, kind):
            if kind is keras.layers.Dense and len(layer.output.shape) == 4:
                return look._replace(name="dense, per pixel")
            return look
    return None


def boxes(model: keras.Model) -> list[tuple[Look, tuple[int, ...]]]:
    """List the layers that get a box, in order.

    Returns:
        For each layer how it is drawn, and the shape of its output without the batch.
    """
    found = []
    for layer in model.layers:
        look = _find_look(layer)
        if look is not None:
            found.append((look, tuple(layer.output.shape[1:])))
    return found


def architecture(model: keras.Model) -> Figure:
    """Draw a model as a row of boxes, one for each layer. Lessons 2.1, 3.1 and 4.4.

    Taller boxes stand for larger feature maps. The number of channels is written above a box, the
    size of its feature map below it.

    Example:
        >>> cnn = models.build_cnn()  # doctest: +SKIP
        >>> plots.show(plots.architecture(cnn), plots.describe_architecture(cnn))  # doctest: +SKIP
    """
    found = boxes(model)
    figure, axes = output.canvas(1, 1, height=3.2)
    axis = axes[0, 0]
    for place, (look, shape) in enumerate(found):
        _draw_box(axis, place, look, shape)
    looks = list(dict.fromkeys(look for look, _ in found))
    axis.legend(
        [_make_box(look) for look in looks],
        [look.name for look in looks],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.02),
        ncols=len(looks),
        fontsize=8,
        frameon=False,
        handleheight=1.2,
    )
    size = _describe_size(model)
    axis.set_title(f"{model.name}: {size}; above a box its channels, below it its size", fontsize=9)
    axis.set_xlim(0, len(found))
    axis.set_ylim(-0.62, 0.62)
    axis.set_axis_off()
    return figure


def _draw_box(axis: Axes, place: int, look: Look, shape: tuple[int, ...]) -> None:
    """Draw a layer's box with its channels above it and its picture's size below it."""
    is_picture = len(shape) == 3
    size = shape[0] if is_picture else 1
    label = f"{size}x{size}" if is_picture else "1"
    height = 0.12 + 0.88 * (size / SIZE) ** 0.5  # with the square root 4x4 is more than a dot
    middle = place + 0.5
    axis.add_patch(_make_box(look, (place + 0.15, -height / 2), 0.7, height))
    axis.text(middle, -height / 2 - 0.03, label, ha="center", va="top", fontsize=8)
    channels = str(shape[-1])
    axis.text(
        middle, height / 2 + 0.03, channels, ha="center", va="bottom", fontsize=8, weight="bold"
    )


def _make_box(
    look: Look, corner: tuple[float, float] = (0, 0), width: float = 1, height: float = 1
) -> Rectangle:
    return Rectangle(
        corner, width, height, facecolor=look.shade, hatch=look.hatch, edgecolor="black", lw=0.6
    )


def describe_architecture(model: keras.Model) -> str:
    """Describe in words what `architecture` shows: its alt text. Lessons 2.1, 3.1 and 4.4.

    Example:
        >>> plots.describe_architecture(models.build_cnn())  # doctest: +SKIP
    """
    steps = []
    for look, shape in boxes(model):
        sizes = "x".join(str(size) for size in shape)
        steps.append(f"{look.name} {sizes}")
    return (
        f"Diagram of {model.name}, {_describe_size(model)}: {', '.join(steps)}"
        f"{_describe_receptive_field(model)}."
    )
