"""The borrowed encoder: ResNet-50 of keras.applications, up to one of its stages, frozen up to one of them, with ImageNet's weights."""

import functools
import math
import re

import keras
import numpy as np
from keras import layers

from .. import color
from ..arrays import LabCode
from ..data.faces import SIZE
from ..errors import first_line
from . import cnn, configs

MEANS = (
    103.939,
    116.779,
    123.68,
)  # blue, green, red: what the weights were trained to have subtracted


def build_encoder(
    cut: int = 5, learns_from: int | None = 1, bn_momentum: float = 0.9
) -> keras.Model:
    """Build the encoder, untrained: (B, 112, 112, 3), 0..255 less `MEANS`, to features such as (B, 4, 4, 2048).

    Args:
        cut: after which stage it ends, 2 to 5: at 28, 14, 7 or 4 places a side, with 256, 512, 1024 or 2048 features.
        learns_from: the first stage that learns; None for an encoder that is frozen altogether.
        bn_momentum: of all its batch normalizations; keras.applications sets 0.99, too slow for short runs.
    """
    encoder = keras.applications.ResNet50(
        include_top=False, weights=None, input_shape=(SIZE, SIZE, 3), name="resnet50"
    )
    if cut < len(configs.STAGES):
        encoder = keras.Model(
            encoder.input, encoder.get_layer(configs.STAGES[cut - 1]).output, name="resnet50"
        )
    for layer in encoder.layers:
        layer.trainable = learns_from is not None and stage_of(layer) >= learns_from
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = bn_momentum
    return encoder


def stage_of(layer: keras.layers.Layer) -> int:
    """The stage, 1 to 5, of one of ResNet-50's layers: their names begin with it. Those that have no weights may count as the first."""
    found = re.match(r"conv(\d)_", layer.name)
    return int(found[1]) if found else 1


@functools.cache  # a panel asks at every move
def weights_of_stages() -> list[int]:
    """How many weights of each stage can learn; a batch normalization's moving averages can't."""
    sizes = [0] * len(configs.STAGES)
    for layer in build_encoder().layers:
        sizes[stage_of(layer) - 1] += sum(
            math.prod(weight.shape) for weight in layer.trainable_weights
        )
    return sizes


def load_imagenet(model: keras.Model) -> bool:
    """Give a ResNet-50 model's encoder its ImageNet weights. Where they can't be fetched, say so in one line and return False."""
    weights, problem = _fetch()
    if weights is None:
        print(f"ImageNet weights could not be fetched, the encoder starts untrained ({problem})")
        return False
    encoder = model.get_layer("resnet50")
    encoder.set_weights(
        weights[: len(encoder.weights)]
    )  # a cut encoder has the first of its layers, in their order
    return True


@functools.cache  # one attempt a process: each costs seconds, and a lesson builds several models
def _fetch() -> tuple[list[np.ndarray] | None, str]:
    """ResNet-50's ImageNet weights, or None and why not."""
    try:
        return keras.applications.ResNet50(
            include_top=False, weights="imagenet", input_shape=(SIZE, SIZE, 3)
        ).get_weights(), ""
    except Exception as bad:  # Keras wraps whatever the network did in a bare Exception
        return None, first_line(bad).rsplit(" -- ")[-1]


def build_resnet(config: configs.ResNetConfig = configs.ResNetConfig()) -> keras.Model:
    """Build the ResNet-50 model, its encoder untrained (resnet.load_imagenet fills it): same input and output as the CNN.

    One L plane is repeated to the three channels that ResNet-50 wants. Its own preprocessing swaps red and blue and subtracts ImageNet's
    means; with three equal channels only the subtraction is left.
    """
    encoder = build_encoder(
        config.cut, config.learns_from if config.fine_tune else None, config.bn_momentum
    )
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = layers.Concatenate(dtype="float32", name="three_channels")([L, L, L])
    x = layers.Rescaling(
        1.0, offset=[-mean for mean in MEANS], dtype="float32", name="imagenet_means"
    )(x)
    x = encoder(x)  # (B, 4, 4, 2048) after stage 5
    x = cnn.conv_block(x, config.features, config, kernel=1, name="mix")
    return keras.Model(
        L, cnn.decode_features(x, config, config.decoder[-config.cut :]), name="resnet"
    )


def start(model: keras.Model, config: configs.ResNetConfig, lab: LabCode | None) -> str:
    """Let a new model start at the mean color, with ImageNet's weights where the config has them.

    Returns:
        What the encoder starts as: "imagenet" or "untrained".
    """
    if lab is not None:
        cnn.start_at_mean_color(model, color.mean_ab(lab))
    if config.weights == "imagenet" and load_imagenet(model):
        return "imagenet"
    return "untrained"
