"""Architecture diagrams, drawn from a Keras model itself (the report's figures 1 to 3)."""

import itertools
import math
from typing import NamedTuple

import keras
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .output import WIDTH


class Look(NamedTuple):
    """What a box is called in the legend, its color and its hatching: color is never the only channel."""

    name: str
    shade: str
    hatch: str = ""


KINDS = {  # the layers that get a box, in colors of Okabe and Ito; the rest (normalization, ReLU, scaling) only pass things on
    keras.layers.InputLayer: Look("input", "#BBBBBB"),
    keras.layers.Conv2DTranspose: Look("transposed convolution", "#E69F00", "//"),
    keras.layers.Conv2D: Look("convolution", "#0072B2", "--"),
    keras.layers.Dense: Look("dense", "#009E73", ".."),
    keras.layers.GlobalAveragePooling2D: Look("mean over the picture", "#CC79A7", "xx"),
    keras.Model: Look("ResNet-50", "#D55E00", "\\\\"),
}


def receptive_field(convolutions: list[tuple[int, int]]) -> int:
    """How many pixels wide the piece of the input is that one place sees after some convolutions.

    Args:
        convolutions: kernel size and strides of each, the first one first.
    """
    size, apart = 1, 1  # pixels: of what is seen, and from one place to the next
    for kernel, strides in convolutions:
        size += (kernel - 1) * apart
        apart *= strides
    return size


def learning(model: keras.Model) -> int:
    """How many of a model's values training changes: no frozen ones, and no moving averages of batch normalization."""
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def _seen(model: keras.Model) -> str:
    """What one place at the end of the first chain of convolutions sees; nothing for a model that contains another."""
    layers = [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose | keras.Model)
    ]
    chain = list(itertools.takewhile(lambda layer: type(layer) is keras.layers.Conv2D, layers))
    if not chain or isinstance(layers[0], keras.Model):
        return ""
    size = receptive_field([(layer.kernel_size[0], layer.strides[0]) for layer in chain])
    return f"; a place of {chain[-1].name} sees {size}x{size} pixels"


def _size(model: keras.Model) -> str:
    return f"{model.count_params():,} parameters, {learning(model):,} of them learn"


def _look(layer: keras.layers.Layer) -> Look | None:
    look = next((look for kind, look in KINDS.items() if isinstance(layer, kind)), None)
    if isinstance(layer, keras.layers.Dense) and len(layer.output.shape) == 4:
        return look._replace(name="dense, per pixel")
    return look


def boxes(model: keras.Model) -> list[tuple[Look, tuple[int, ...]]]:
    """The layers worth a box, in order: how each is drawn, and its output's shape without the batch."""
    return [
        (look, tuple(layer.output.shape[1:]))
        for layer in model.layers
        if (look := _look(layer)) is not None
    ]


def architecture(model: keras.Model) -> Figure:
    """Draw a model: one box a layer, as high as its picture, labelled with the picture's size and its channels."""
    found = boxes(model)
    figure, axis = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    plt.close(figure)
    for place, (look, shape) in enumerate(found):
        size = shape[0] if len(shape) == 3 else 1
        height = 0.12 + 0.88 * (size / 112) ** 0.5  # square root, or 4x4 would be a dot
        axis.add_patch(_box(look, (place + 0.15, -height / 2), 0.7, height))
        label = f"{size}x{size}" if len(shape) == 3 else "1"
        axis.text(place + 0.5, -height / 2 - 0.03, label, ha="center", va="top", fontsize=8)
        axis.text(
            place + 0.5,
            height / 2 + 0.03,
            str(shape[-1]),
            ha="center",
            va="bottom",
            fontsize=8,
            weight="bold",
        )
    looks = list(dict.fromkeys(look for look, _ in found))
    handles, names = [_box(look) for look in looks], [look.name for look in looks]
    axis.legend(
        handles,
        names,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.02),
        ncols=len(looks),
        fontsize=8,
        frameon=False,
        handleheight=1.2,
    )
    axis.set_title(
        f"{model.name}: {_size(model)}; above a box its channels, below it its size", fontsize=9
    )
    axis.set_xlim(0, len(found))
    axis.set_ylim(-0.62, 0.62)
    axis.set_axis_off()
    return figure


def _box(
    look: Look, corner: tuple[float, float] = (0, 0), width: float = 1, height: float = 1
) -> Rectangle:
    return Rectangle(
        corner, width, height, facecolor=look.shade, hatch=look.hatch, edgecolor="black", lw=0.6
    )


def describe_architecture(model: keras.Model) -> str:
    """The diagram in words: its alt text."""
    steps = ", ".join(f"{look.name} {'x'.join(map(str, shape))}" for look, shape in boxes(model))
    return f"Diagram of {model.name}, {_size(model)}: {steps}{_seen(model)}."
