"""The report's CNN, and the decoder that it shares with the ResNet-50 model.

All take L as its storage code 0..255, (B, 112, 112, 1), and scale it themselves. The colorizers give a*, b* in CIELAB units,
(B, 112, 112, 2), whatever their head. Layers that touch LAB are float32 in every precision: 16 bits resolve a* only to 0.06 or 0.5.
"""

import keras
import numpy as np
from keras import layers

from .. import color
from ..arrays import LabCode
from ..data.faces import SIZE
from . import configs
from .layers import conv2d_transpose

TANH_RANGE = 128.0  # a tanh head reaches -128..128


def halved(size: int, times: int) -> list[int]:
    """The sizes of a picture that convolutions with strides of 2 and padding halve so often, rounding up; the first is `size` itself."""
    sizes = [size]
    for _ in range(times):
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def build_cnn(config: configs.CNNConfig = configs.CNNConfig()) -> keras.Model:
    """Build the CNN: (B, 112, 112, 1), L code, to (B, 112, 112, 2), CIELAB units."""
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="scale")(L)  # -1..1
    for stage, filters in enumerate(config.encoder, 1):
        x = conv_block(x, filters, config, strides=2, name=f"encoder{stage}_down")
        x = conv_block(x, filters, config, strides=1, name=f"encoder{stage}")
    return keras.Model(L, decode_features(x, config, config.decoder), name="cnn")


def start_at_mean_color(model: keras.Model, ab: np.ndarray) -> None:
    """Set the output layer's bias so that the untrained colorizer answers with about this color, instead of spending a short run's first
    epochs on finding it.

    Args:
        model: a colorizer of this module.
        ab: (2,), a* and b* in CIELAB units; the training faces' mean.
    """
    tanh = "ab_tanh" in {layer.name for layer in model.layers}
    output = model.get_layer("ab_tanh" if tanh else "ab")
    output.bias.assign(np.arctanh(ab / TANH_RANGE) if tanh else ab)


def start(model: keras.Model, config: configs.CNNConfig, lab: LabCode | None) -> None:
    """Let a new model start at the mean color of its training faces, where they are known."""
    if lab is not None:
        start_at_mean_color(model, color.mean_ab(lab))


def conv_block(
    x, filters: int, config: configs.CNNConfig, name: str, kernel: int = 3, strides: int = 1
):
    """Convolution, batch normalization, ReLU. The normalization has its own offset, so the convolution needs no bias beside it."""
    x = layers.Conv2D(
        filters, kernel, strides=strides, padding="same", use_bias=not config.batch_norm, name=name
    )(x)
    return _normalize(x, config, name)


def _normalize(x, config: configs.CNNConfig, name: str):
    if config.batch_norm:
        x = layers.BatchNormalization(momentum=config.bn_momentum, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def decode_features(x, config: configs.CNNConfig, filters_of: tuple[int, ...]):
    """Features (B, h, w, C) to a*, b* (B, 112, 112, 2): transposed convolutions, then the head."""
    x = _drop(x, config, "bottleneck")
    sizes = halved(SIZE, len(filters_of))
    for stage, filters in enumerate(filters_of, 1):
        x = conv2d_transpose(filters, f"decoder{stage}", use_bias=not config.batch_norm)(x)
        if (
            more := x.shape[1] - sizes[-1 - stage]
        ) > 0:  # 7 was rounded up to 4 on the way down; 4 doubled is 8: drop what was invented
            x = layers.Cropping2D(((0, more), (0, more)), name=f"crop{stage}")(x)
        x = _drop(_normalize(x, config, f"decoder{stage}"), config, "decoder", stage)
    if config.head in ("conv", "relu"):
        activation = "relu" if config.head == "relu" else None
        return layers.Conv2D(
            2, 3, padding="same", activation=activation, dtype="float32", name="ab"
        )(x)
    for number, units in enumerate(
        config.dense, 1
    ):  # Dense acts on the last axis: per pixel, as a 1x1 convolution would
        x = layers.Dense(units, activation="relu", name=f"dense{number}")(x)
    x = _drop(x, config, "dense")
    if config.head == "tanh":
        x = layers.Dense(2, activation="tanh", dtype="float32", name="ab_tanh")(x)
        return layers.Rescaling(TANH_RANGE, dtype="float32", name="ab")(x)
    return layers.Dense(2, dtype="float32", name="ab")(x)


def _drop(x, config: configs.CNNConfig, place: str, stage: int | None = None):
    if not config.dropout or place not in config.dropout_at:
        return x
    return layers.Dropout(config.dropout, name=f"dropout_{place}{stage or ''}")(x)
