"""Architecture diagrams, drawn from a Keras model itself (the report's figures 1 to 3)."""

import itertools
import math

import keras
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .plots import WIDTH

KINDS = {  # the layers that get a box, and their colors (Okabe and Ito); the rest (normalization, ReLU, scaling) only pass things on
    keras.layers.InputLayer: ("input", "#BBBBBB"),
    keras.layers.Conv2DTranspose: ("transposed convolution", "#E69F00"),
    keras.layers.Conv2D: ("convolution", "#0072B2"),
    keras.layers.Dense: ("dense, per pixel", "#009E73"),
    keras.layers.GlobalAveragePooling2D: ("mean over the picture", "#CC79A7"),
    keras.Model: ("ResNet-50", "#D55E00"),
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
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose | keras.Model)]
    chain = list(itertools.takewhile(lambda layer: type(layer) is keras.layers.Conv2D, layers))
    if not chain or isinstance(layers[0], keras.Model):
        return ""
    size = receptive_field([(layer.kernel_size[0], layer.strides[0]) for layer in chain])
    return f"; a place of {chain[-1].name} sees {size}x{size} pixels"


def _size(model: keras.Model) -> str:
    return f"{model.count_params():,} parameters, {learning(model):,} of them learn"


def _kind(layer: keras.layers.Layer) -> tuple[str, str] | None:
    return next((look for kind, look in KINDS.items() if isinstance(layer, kind)), None)


def boxes(model: keras.Model) -> list[tuple[str, str, tuple[int, ...]]]:
    """The layers worth a box, in order: what they are called in the legend, their color, and their output's shape without the batch."""
    found = []
    for layer in model.layers:
        look = _kind(layer)
        if look is not None:
            found.append((*look, tuple(layer.output.shape[1:])))
    return found


def architecture(model: keras.Model) -> Figure:
    """Draw a model: one box a layer, as high as its picture, labelled with the picture's size and its channels."""
    found = boxes(model)
    figure, axis = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    plt.close(figure)
    for place, (_, shade, shape) in enumerate(found):
        size = shape[0] if len(shape) == 3 else 1
        height = 0.12 + 0.88 * (size / 112) ** 0.5  # square root, or 4x4 would be a dot
        axis.add_patch(Rectangle((place + 0.15, -height / 2), 0.7, height, facecolor=shade, edgecolor="black", lw=0.6))
        label = f"{size}x{size}" if len(shape) == 3 else "1"
        axis.text(place + 0.5, -height / 2 - 0.03, label, ha="center", va="top", fontsize=7)
        axis.text(place + 0.5, height / 2 + 0.03, str(shape[-1]), ha="center", va="bottom", fontsize=8, weight="bold")
    seen = {name: shade for name, shade, _ in found}
    handles = [Rectangle((0, 0), 1, 1, facecolor=shade, edgecolor="black", lw=0.6) for shade in seen.values()]
    axis.legend(handles, seen, loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=len(seen), fontsize=8, frameon=False)
    axis.set_title(f"{model.name}: {_size(model)}; above a box its channels, below it its size", fontsize=9)
    axis.set_xlim(0, len(found))
    axis.set_ylim(-0.62, 0.62)
    axis.set_axis_off()
    return figure


def describe(model: keras.Model) -> str:
    """The diagram in words: its alt text."""
    steps = ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, _, shape in boxes(model))
    return f"Diagram of {model.name}, {_size(model)}: {steps}{_seen(model)}."
