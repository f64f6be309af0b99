"""Build the report's CNN, and the decoder that it shares with the ResNet-50 model.

Both take the code of L, 0..255, (B, 112, 112, 1), and scale it themselves. They give a*, b* in
CIELAB units, (B, 112, 112, 2), whatever their head. Layers that touch LAB are float32 in every
precision: 16 bits resolve a* only to 0.06 or 0.5.
"""

import keras
import numpy as np
from keras import layers

from .. import color
from ..arrays import LabCode
from ..data.faces import SIZE
from .configs import CNNConfig, Decoder
from .layers import conv2d_transpose

# A tanh head reaches -128..128.
TANH_RANGE = 128.0


def halved(size: int, times: int) -> list[int]:
    """List the sizes of a picture that is halved several times, rounding up. Lesson 3.1.

    Convolutions with strides of 2 and padding halve it so.

    Args:
        size: size at the start, the first of the list.
        times: how often it is halved.

    Example:
        >>> halved(7, 2)
        [7, 4, 2]
    """
    sizes = [size]
    for _ in range(times):
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def build_cnn(config: CNNConfig = CNNConfig()) -> keras.Model:
    """Build the CNN: code of L, (B, 112, 112, 1), to a*, b*, (B, 112, 112, 2).

    Lessons 2.1, 4.5 and 4.8.

    Example:
        >>> model = build_cnn(CNNConfig(encoder=(8, 16), decoder=(16, 8)))  # doctest: +SKIP
    """
    decoder = Decoder.part(config)
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="scale")(L)  # -1..1
    for stage, filters in enumerate(config.encoder, 1):
        x = conv_block(x, filters, decoder, strides=2, name=f"encoder{stage}_down")
        x = conv_block(x, filters, decoder, strides=1, name=f"encoder{stage}")
    return keras.Model(L, decode_features(x, decoder), name="cnn")


def start_at_mean_color(model: keras.Model, ab: np.ndarray) -> None:
    """Set the output layer's bias so that the untrained model predicts about this color.

    A short run then needn't spend its first epochs on finding it. Lesson 4.8.

    Args:
        model: colorizer with the decoder of this module.
        ab: a* and b* in CIELAB units, (2,): the training faces' mean.

    Example:
        >>> start_at_mean_color(model, train.ab.mean((0, 1, 2)))  # doctest: +SKIP
    """
    names = {layer.name for layer in model.layers}
    if "ab_tanh" in names:
        model.get_layer("ab_tanh").bias.assign(np.arctanh(ab / TANH_RANGE))
    else:
        model.get_layer("ab").bias.assign(ab)


def start(model: keras.Model, config: CNNConfig, lab: LabCode | None) -> None:
    """Let a new model start at the mean color of its training faces, if they are known."""
    if lab is not None:
        start_at_mean_color(model, color.mean_ab(lab))


def conv_block(
    x: keras.KerasTensor,
    filters: int,
    config: Decoder,
    name: str,
    kernel: int = 3,
    strides: int = 1,
) -> keras.KerasTensor:
    """Apply convolution, batch normalization and ReLU.

    The normalization has its own offset, so the convolution needs no bias beside it.
    """
    use_bias = not config.batch_norm
    x = layers.Conv2D(
        filters, kernel, strides=strides, padding="same", use_bias=use_bias, name=name
    )(x)
    return _normalize(x, config, name)


def _normalize(x: keras.KerasTensor, config: Decoder, name: str) -> keras.KerasTensor:
    if config.batch_norm:
        x = layers.BatchNormalization(momentum=config.bn_momentum, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def decode_features(x: keras.KerasTensor, config: Decoder) -> keras.KerasTensor:
    """Turn features (B, h, w, C) into a*, b* (B, 112, 112, 2): transposed convolutions, a head."""
    x = _drop(x, config, "bottleneck")
    stages = len(config.decoder)
    sizes = halved(SIZE, stages)
    for stage, filters in enumerate(config.decoder, 1):
        name = f"decoder{stage}"
        x = conv2d_transpose(filters, name, use_bias=not config.batch_norm)(x)  # (B, 2h, 2w, C)
        x = _crop(x, sizes[stages - stage], f"crop{stage}")
        x = _normalize(x, config, name)
        x = _drop(x, config, "decoder", stage)
    if config.head in ("conv", "relu"):
        activation = "relu" if config.head == "relu" else None
        head = layers.Conv2D(
            2, 3, padding="same", activation=activation, dtype="float32", name="ab"
        )
        return head(x)
    # A dense layer acts on the last axis: on each pixel, as a 1x1 convolution would.
    for number, units in enumerate(config.dense, 1):
        x = layers.Dense(units, activation="relu", name=f"dense{number}")(x)
    x = _drop(x, config, "dense")
    if config.head == "tanh":
        x = layers.Dense(2, activation="tanh", dtype="float32", name="ab_tanh")(x)
        return layers.Rescaling(TANH_RANGE, dtype="float32", name="ab")(x)
    return layers.Dense(2, dtype="float32", name="ab")(x)


def _crop(x: keras.KerasTensor, size: int, name: str) -> keras.KerasTensor:
    """Crop to the size on the way down: 7 was rounded up to 4 there, and 4 doubled is 8."""
    more = x.shape[1] - size
    if more <= 0:
        return x
    return layers.Cropping2D(((0, more), (0, more)), name=name)(x)


def _drop(
    x: keras.KerasTensor, config: Decoder, place: str, stage: int | None = None
) -> keras.KerasTensor:
    if not config.dropout or place not in config.dropout_at:
        return x
    return layers.Dropout(config.dropout, name=f"dropout_{place}{stage or ''}")(x)
