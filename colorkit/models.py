"""The report's networks: a CNN, the same decoder on a ResNet-50 encoder, and the GAN's discriminator.

All take L as its storage code 0..255, (B, 112, 112, 1), and scale it themselves. The colorizers give a*, b* in CIELAB units,
(B, 112, 112, 2), whatever their head. Layers that touch LAB are float32 in every precision: 16 bits resolve a* only to 0.06 or 0.5.
"""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import layers

from . import resnet50, upsampling
from .faces import SIZE

HEADS = ("dense", "conv", "relu", "tanh")
DROPOUT_PLACES = ("bottleneck", "decoder", "dense")
TANH_RANGE = 128.0  # a tanh head reaches -128..128


@dataclass(frozen=True)
class CNNConfig:
    """The CNN of report section 3.3.

    Attributes:
        encoder: filters of each stage; a stage halves the size, then convolves once more.
        decoder: filters of each transposed convolution; each doubles the size, so as many as encoder stages.
        dense: units of the per-pixel dense layers before the output.
        head: "dense" ends in a linear dense layer, "conv" in a 3x3 convolution instead of all dense layers (the report's first attempt),
            "relu" in that convolution with a ReLU, which makes negative a* and b* impossible, "tanh" in a dense layer with tanh, times 128.
        dropout: share of features dropped in training, 0 for none.
        dropout_at: where: "bottleneck", "decoder", "dense", or several.
        batch_norm: normalize after every convolution but the last; without it the convolutions have a bias instead.
        bn_momentum: how slowly the moving averages of batch normalization follow. Keras' default of 0.99 needs hundreds of steps to catch
            up; short runs need 0.9.
    """

    encoder: tuple[int, ...] = (16, 64, 128)
    decoder: tuple[int, ...] = (64, 32, 16)
    dense: tuple[int, ...] = (32, 16)
    head: str = "dense"
    dropout: float = 0.0
    dropout_at: tuple[str, ...] = ("bottleneck",)
    batch_norm: bool = True
    bn_momentum: float = 0.9

    def __post_init__(self):
        check_choice("head", self.head, HEADS)
        for place in self.dropout_at:
            check_choice("dropout_at", place, DROPOUT_PLACES)
        for name in ("encoder", "decoder", "dense"):
            check_counts(name, getattr(self, name))
        check_range("dropout", self.dropout, 0, 1)
        check_range("bn_momentum", self.bn_momentum, 0, 1)
        self._check_sizes()

    def _check_sizes(self) -> None:
        """Raise ValueError unless the decoder doubles as often as the encoder halves, and 112 can be halved so often."""
        if not 1 <= len(self.encoder) <= 4 or len(self.decoder) != len(self.encoder):
            raise ValueError(f"encoder={self.encoder}, decoder={self.decoder}: wanted 1 to 4 stages, and as many in both")


@dataclass(frozen=True)
class ResNetConfig(CNNConfig):
    """The ResNet-50 model of report section 3.4. `encoder` is unused: ResNet-50 is the encoder.

    Attributes:
        weights: "imagenet", or "none" for an encoder that starts untrained.
        fine_tune: train the encoder too; False freezes it.
        learns_from: with fine_tune, the first of the encoder's five stages that learns; those before it stay frozen.
        cut: after which of its stages the encoder ends, 2 to 5, at 28, 14, 7 or 4 places a side. The decoder's last stages double as often.
        features: the features of each place, 2048 after stage 5, are first mixed down to so many by a 1x1 convolution.
    """

    encoder: tuple[int, ...] = ()
    decoder: tuple[int, ...] = (128, 64, 64, 32, 16)
    weights: str = "imagenet"
    fine_tune: bool = True
    learns_from: int = 1
    cut: int = 5
    features: int = 256

    def __post_init__(self):
        super().__post_init__()
        check_choice("weights", self.weights, ("imagenet", "none"))
        check_counts("features", (self.features,))
        check_counts("learns_from, cut", (self.learns_from, self.cut))
        check_range("cut", self.cut, 2, len(resnet50.STAGES) + 1)
        check_range("learns_from", self.learns_from, 1, self.cut + 1)

    def _check_sizes(self) -> None:
        """Raise ValueError unless the decoder comes from 4 x 4 back to 112 x 112."""
        if len(self.decoder) != 5:
            raise ValueError(f"decoder={self.decoder}: wanted 5 stages, for 4, 7, 14, 28, 56, 112")


def later(default: Any) -> Any:
    """A field of a config that there was not always. With its default it is left out of the digest: older runs keep their folders."""
    return field(default=default, metadata={"later": True})


def check_choice(field: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise ValueError, naming the field and what it may be, unless `value` is one of `allowed`."""
    if value not in allowed:
        raise ValueError(f"{field}={value!r} is unknown; one of {', '.join(allowed)}")


def check_counts(field: str, values: tuple[int, ...]) -> None:
    """Raise ValueError, naming the field, unless all values are whole numbers of 1 or more."""
    if any(type(value) is not int or value < 1 for value in values):
        raise ValueError(f"{field}={values}: wanted whole numbers of 1 or more")


def check_range(field: str, value: float, low: float, high: float) -> None:
    """Raise ValueError, naming the field, unless low <= value < high."""
    if not low <= value < high:
        raise ValueError(f"{field}={value}: wanted at least {low} and less than {high}")


def halved(size: int, times: int) -> list[int]:
    """The sizes of a picture that convolutions with strides of 2 and padding halve so often, rounding up; the first is `size` itself."""
    sizes = [size]
    for _ in range(times):
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def build_cnn(config: CNNConfig = CNNConfig()) -> keras.Model:
    """Build the CNN: (B, 112, 112, 1), L code, to (B, 112, 112, 2), CIELAB units."""
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="scale")(L)  # -1..1
    for stage, filters in enumerate(config.encoder, 1):
        x = _conv(x, filters, config, strides=2, name=f"encoder{stage}_down")
        x = _conv(x, filters, config, strides=1, name=f"encoder{stage}")
    return keras.Model(L, _decode(x, config, config.decoder), name="cnn")


def build_resnet(config: ResNetConfig = ResNetConfig()) -> keras.Model:
    """Build the ResNet-50 model, its encoder untrained (resnet50.load_imagenet fills it): same input and output as the CNN.

    One L plane is repeated to the three channels that ResNet-50 wants. Its own preprocessing swaps red and blue and subtracts ImageNet's
    means; with three equal channels only the subtraction is left.
    """
    encoder = resnet50.build(config.cut, config.learns_from if config.fine_tune else None, config.bn_momentum)
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = layers.Concatenate(dtype="float32", name="three_channels")([L, L, L])
    x = layers.Rescaling(1.0, offset=[-mean for mean in resnet50.MEANS], dtype="float32", name="imagenet_means")(x)
    x = encoder(x)  # (B, 4, 4, 2048) after stage 5
    x = _conv(x, config.features, config, kernel=1, name="mix")
    return keras.Model(L, _decode(x, config, config.decoder[-config.cut :]), name="resnet")


def start_at(model: keras.Model, ab: np.ndarray) -> None:
    """Set the output layer's bias so that the untrained colorizer answers with about this color, instead of spending a short run's first
    epochs on finding it.

    Args:
        model: a colorizer of this module.
        ab: (2,), a* and b* in CIELAB units; the training faces' mean.
    """
    tanh = "ab_tanh" in {layer.name for layer in model.layers}
    output = model.get_layer("ab_tanh" if tanh else "ab")
    output.bias.assign(np.arctanh(ab / TANH_RANGE) if tanh else ab)


def build_discriminator(sees: str = "lab", filters: tuple[int, ...] = (32, 64, 128, 128)) -> keras.Model:
    """Build the discriminator: L code (B, 112, 112, 1) and a*, b* (B, 112, 112, 2) to a logit (B, 1), above 0 for "real".

    No batch normalization: a batch of real and one of generated pictures have different statistics, and which of them a picture came
    with would give it away. The sigmoid that makes a probability of the logit is part of the loss, which is safer in float32.

    Args:
        sees: "lab", or "ab" for the report's first attempt, which did not see L.
        filters: of each halving convolution.
    """
    inputs, x = lab_inputs(sees)
    for stage, count in enumerate(filters, 1):
        x = layers.Conv2D(count, 4, strides=2, padding="same", name=f"down{stage}")(x)
        x = layers.LeakyReLU(0.2, name=f"down{stage}_relu")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)  # (B, filters[-1])
    return keras.Model(inputs, layers.Dense(1, dtype="float32", name="logit")(x), name="discriminator")


def lab_inputs(sees: str) -> tuple[list, keras.KerasTensor]:
    """What a discriminator is shown: the inputs L and ab, and the two side by side in about -1..1, (B, 112, 112, 3)."""
    check_choice("sees", sees, ("lab", "ab"))
    L = keras.Input((SIZE, SIZE, 1), name="L")
    ab = keras.Input((SIZE, SIZE, 2), name="ab")
    x = layers.Rescaling(1 / 110, dtype="float32", name="scale_ab")(ab)
    # "ab" multiplies L by 0 instead of leaving it out: Keras 3.13 refuses an input that leads nowhere
    lightness = layers.Rescaling(*((1 / 127.5, -1) if sees == "lab" else (0.0, 0.0)), dtype="float32", name="scale_L")(L)
    return [L, ab], layers.Concatenate(name="lab")([lightness, x])


def _conv(x, filters: int, config: CNNConfig, name: str, kernel: int = 3, strides: int = 1):
    """Convolution, batch normalization, ReLU. The normalization has its own offset, so the convolution needs no bias beside it."""
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=not config.batch_norm, name=name)(x)
    return _normalize(x, config, name)


def _normalize(x, config: CNNConfig, name: str):
    if config.batch_norm:
        x = layers.BatchNormalization(momentum=config.bn_momentum, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _decode(x, config: CNNConfig, filters_of: tuple[int, ...]):
    """Features (B, h, w, C) to a*, b* (B, 112, 112, 2): transposed convolutions, then the head."""
    x = _drop(x, config, "bottleneck")
    sizes = halved(SIZE, len(filters_of))
    for stage, filters in enumerate(filters_of, 1):
        x = upsampling.conv2d_transpose(filters, f"decoder{stage}", use_bias=not config.batch_norm)(x)
        if (more := x.shape[1] - sizes[-1 - stage]) > 0:  # 7 was rounded up to 4 on the way down; 4 doubled is 8: drop what was invented
            x = layers.Cropping2D(((0, more), (0, more)), name=f"crop{stage}")(x)
        x = _drop(_normalize(x, config, f"decoder{stage}"), config, "decoder", stage)
    if config.head in ("conv", "relu"):
        activation = "relu" if config.head == "relu" else None
        return layers.Conv2D(2, 3, padding="same", activation=activation, dtype="float32", name="ab")(x)
    for number, units in enumerate(config.dense, 1):  # Dense acts on the last axis: per pixel, as a 1x1 convolution would
        x = layers.Dense(units, activation="relu", name=f"dense{number}")(x)
    x = _drop(x, config, "dense")
    if config.head == "tanh":
        x = layers.Dense(2, activation="tanh", dtype="float32", name="ab_tanh")(x)
        return layers.Rescaling(TANH_RANGE, dtype="float32", name="ab")(x)
    return layers.Dense(2, dtype="float32", name="ab")(x)


def _drop(x, config: CNNConfig, place: str, stage: int | None = None):
    if not config.dropout or place not in config.dropout_at:
        return x
    return layers.Dropout(config.dropout, name=f"dropout_{place}{stage or ''}")(x)
