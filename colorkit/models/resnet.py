"""Build the report's ResNet-50 model: the encoder of keras.applications, and the CNN's decoder.

The encoder may end after one of its stages, may be frozen up to one of them, and starts with
ImageNet's weights.
"""

import dataclasses
import functools
import math
import re

import keras
import numpy as np
from keras import layers

from .. import color
from ..arrays import LabCode
from ..data.faces import SIZE
from . import cnn, configs, imagenet

# Means of ImageNet's blue, green and red. The weights were trained on pictures less these.
MEANS = (103.939, 116.779, 123.68)


def build_encoder(
    cut: int = 5, learns_from: int | None = 1, bn_momentum: float = 0.9
) -> keras.Model:
    """Build the encoder, untrained: (B, 112, 112, 3), 0..255 less `MEANS`, to features.

    Args:
        cut: stage after which it ends, 2 to 5: at 28, 14, 7 or 4 places a side, with 256, 512,
            1024 or 2048 features.
        learns_from: first stage that learns; None for an encoder that is frozen altogether.
        bn_momentum: momentum of all batch normalizations; keras.applications sets 0.99, too slow
            for short runs.
    """
    encoder = keras.applications.ResNet50(
        include_top=False, weights=None, input_shape=(SIZE, SIZE, 3), name="resnet50"
    )
    if cut < len(configs.STAGES):
        end = encoder.get_layer(configs.STAGES[cut - 1])
        encoder = keras.Model(encoder.input, end.output, name="resnet50")
    for layer in encoder.layers:
        layer.trainable = learns_from is not None and stage_of(layer) >= learns_from
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = bn_momentum
    return encoder


def stage_of(layer: keras.layers.Layer) -> int:
    """Read the stage, 1 to 5, of one of ResNet-50's layers from its name.

    Layers without such a name have no weights; they count as the first stage.
    """
    found = re.match(r"conv(\d)_", layer.name)
    return int(found[1]) if found else 1


@functools.cache  # a panel asks at every move
def weights_of_stages() -> list[int]:
    """Count the weights of each stage that can learn; moving averages can't."""
    sizes = [0] * len(configs.STAGES)
    for layer in build_encoder().layers:
        for weight in layer.trainable_weights:
            sizes[stage_of(layer) - 1] += math.prod(weight.shape)
    return sizes


def load_imagenet(model: keras.Model) -> bool:
    """Give a ResNet-50 model's encoder its ImageNet weights. Lesson 3.2.

    Returns:
        False, after a line that says so, if they couldn't be fetched.

    Example:
        >>> load_imagenet(build_resnet())  # doctest: +SKIP
        True
    """
    weights, problem = _fetch()
    if weights is None:
        print(f"ImageNet weights could not be fetched, the encoder starts untrained ({problem})")
        return False
    encoder = model.get_layer("resnet50")
    # An encoder that is cut has the first layers of the whole one, in the same order.
    encoder.set_weights(weights[: len(encoder.weights)])
    return True


@functools.cache  # one attempt a process: each costs seconds, and a lesson builds several models
def _fetch() -> tuple[list[np.ndarray] | None, str]:
    """Fetch ResNet-50's ImageNet weights; return None and the reason if that fails."""
    network, problem = imagenet.fetch(keras.applications.ResNet50, input_shape=(SIZE, SIZE, 3))
    if network is None:
        return None, problem
    return network.get_weights(), ""


def build_resnet(config: configs.ResNetConfig = configs.ResNetConfig()) -> keras.Model:
    """Build the ResNet-50 model: code of L to a*, b*, as the CNN. Lesson 3.1.

    Its encoder is untrained, see `load_imagenet`. The L plane is repeated to make the three
    channels that ResNet-50 expects. Its own preprocessing swaps red and blue and subtracts
    ImageNet's means; with three equal channels only the subtraction is left.

    Example:
        >>> model = build_resnet(ResNetConfig(cut=4))  # doctest: +SKIP
    """
    learns_from = config.learns_from if config.fine_tune else None
    encoder = build_encoder(config.cut, learns_from, config.bn_momentum)
    decoder = configs.Decoder.part(config)
    decoder = dataclasses.replace(decoder, decoder=config.decoder[-config.cut :])
    offset = [-mean for mean in MEANS]
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = layers.Concatenate(dtype="float32", name="three_channels")([L, L, L])  # (B, 112, 112, 3)
    x = layers.Rescaling(1.0, offset=offset, dtype="float32", name="imagenet_means")(x)
    x = encoder(x)  # (B, 4, 4, 2048) after stage 5
    x = cnn.conv_block(x, config.features, decoder, kernel=1, name="mix")
    return keras.Model(L, cnn.decode_features(x, decoder), name="resnet")


def start(model: keras.Model, config: configs.ResNetConfig, lab: LabCode | None) -> str:
    """Let a new model start at the mean color, with ImageNet's weights if the config has them.

    Returns:
        What the encoder starts as: "imagenet" or "untrained".
    """
    if lab is not None:
        cnn.start_at_mean_color(model, color.mean_ab(lab))
    if config.weights == "imagenet" and load_imagenet(model):
        return "imagenet"
    return "untrained"
