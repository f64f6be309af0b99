"""A small U-Net that colors in a tenth of the report's time: it predicts a*, b* at a quarter of the size, and adds what L tells by itself.

L goes in whole, as patches of 4 x 4 pixels. Color is drawn coarser than lightness and nobody sees it: that is how JPEG and television save
room. At 28 x 28 a convolution costs a sixteenth of what it costs at 112 x 112.

Two heads. "regress" learns a*, b* by L2 or L1. "classes" learns how probable each class of color is (Zhang et al. 2016); the temperature
at which probabilities become a color can be chosen afterwards. Input and output are those of all the kit's colorizers (see models).
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops

from .. import color
from ..arrays import LabCode
from ..color import classes as color_classes
from ..color.classes import commonest
from ..data.faces import SIZE
from ..machine import devices
from . import configs, losses
from .layers import ColorClasses, FlipCoin, FlipFaces, GivenL, HintAttention, HintResidual

SHRINK = 4  # L's size / the color's
SPREAD = 10.0  # CIELAB units: a step of Adam is of one size, and colors lie tens of units apart
RARE = 1e-6  # the least that a class's logit starts with, as a probability
FACES_AT_A_TIME = 64  # faces decoded at a time


def build_unet(config: configs.UNetConfig = configs.UNetConfig()) -> keras.Model:
    """Build the U-Net: (B, 112, 112, 1), L code, to (B, 112, 112, 2), CIELAB units. `start_at` must fill its tables.

    With `hints` it has a second input, "hints": a*, b* in CIELAB units and the mask, float32 (B, 112, 112, 3), see color.hint_planes.
    """
    return _build_hinted(config) if config.hints else _build_plain(config)


def _build_plain(config: configs.UNetConfig) -> keras.Model:
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="scale")(L)  # -1..1
    coin = FlipCoin(dtype="float32", name="coin")(L)
    x = FlipFaces(dtype="float32", name="mirror")(x, coin)
    x = FlipFaces(name="mirror_back")(_see(x, config), coin)
    if config.head == "classes":
        x = layers.Conv2D(
            config.classes, 1, kernel_initializer="zeros", dtype="float32", name="correction"
        )(x)
        mean_L = layers.AveragePooling2D(SHRINK, dtype="float32", name="mean_L")(L)
        x = layers.Add(dtype="float32", name="logits")(
            [x, GivenL(config.classes, dtype="float32", name="given_L")(mean_L)]
        )
        x = ColorClasses(config.classes, dtype="float32", name="palette")(x)
        return keras.Model(
            L,
            layers.UpSampling2D(SHRINK, interpolation="bilinear", dtype="float32", name="ab")(x),
            name="unet",
        )
    x = layers.Conv2D(2, 1, kernel_initializer="zeros", dtype="float32", name="correction")(x)
    return keras.Model(L, _add(x, GivenL(2, dtype="float32", name="given_L")(L)), name="unet")


def _build_hinted(config: configs.UNetConfig) -> keras.Model:
    """Hints go in beside L; and once more at the end, where color is copied from them and needn't pass all those normalizations."""
    L, hints = keras.Input((SIZE, SIZE, 1), name="L"), keras.Input((SIZE, SIZE, 3), name="hints")
    given_L = GivenL(2, dtype="float32", name="given_L")(L)
    told = HintResidual(SPREAD, dtype="float32", name="told")(hints, given_L)
    scaled = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="scale")(L)
    x = layers.Concatenate(dtype="float32", name="L_and_told")([scaled, told])
    coin = FlipCoin(dtype="float32", name="coin")(L)
    x = FlipFaces(dtype="float32", name="mirror")(x, coin)
    x = FlipFaces(name="mirror_back")(_see(x, config), coin)
    told = layers.AveragePooling2D(SHRINK, dtype="float32", name="mean_told")(told)
    mean_L = layers.AveragePooling2D(SHRINK, dtype="float32", name="mean_L")(scaled)
    heard = HintAttention(config.filters[0], dtype="float32", name="listen")(x, told, mean_L)
    x = _conv(
        layers.Concatenate(name="seen_and_heard")([x, heard, told]), config.filters[0], "decoder0"
    )
    x = layers.Conv2D(2, 1, kernel_initializer="zeros", dtype="float32", name="correction")(x)
    x = layers.Add(dtype="float32", name="corrected")([x, heard])
    return keras.Model([L, hints], _add(x, given_L), name="unet")


def _see(x, config: configs.UNetConfig):
    """The U itself: (B, 112, 112, C) to (B, 28, 28, filters[0])."""
    x = _conv(x, config.filters[0], "patches", kernel=SHRINK, strides=SHRINK)  # (B, 28, 28, C)
    x = _conv(x, config.filters[0], "encoder1")
    skips = []
    for level, filters in enumerate(config.filters[1:], 2):
        skips.append(x)
        x = _conv(x, filters, f"encoder{level}_down", strides=2)
        x = _conv(x, filters, f"encoder{level}")
    for level in range(len(skips), 0, -1):
        x = _join(x, skips[level - 1], f"decoder{level}")
    return x


def _add(x, given_L):
    """A small picture of corrections, in units of SPREAD, enlarged and added to what L tells."""
    x = layers.Rescaling(SPREAD, dtype="float32", name="units")(x)
    x = layers.UpSampling2D(SHRINK, interpolation="bilinear", dtype="float32", name="enlarge")(x)
    return layers.Add(dtype="float32", name="ab")([x, given_L])


def _conv(x, filters: int, name: str, kernel: int = 3, strides: int = 1):
    """Convolution, group normalization, ReLU. Groups are normalized face by face: no moving averages, no trap of short runs."""
    x = layers.Conv2D(
        filters, kernel, strides=strides, padding="same", kernel_initializer="he_normal", name=name
    )(x)
    return layers.ReLU(name=f"{name}_relu")(
        layers.GroupNormalization(configs.GROUPS, name=f"{name}_gn")(x)
    )


def _join(x, skip, name: str):
    """Double the size of what was seen from farther away, and add it to what the encoder saw at that size."""
    x = layers.UpSampling2D(2, name=f"{name}_up")(
        layers.Conv2D(skip.shape[-1], 1, name=f"{name}_mix")(x)
    )
    if (more := x.shape[1] - skip.shape[1]) > 0:  # 7 was rounded up to 4 on the way down
        x = layers.Cropping2D(((0, more), (0, more)), name=f"{name}_crop")(x)
    return _conv(layers.Add(name=f"{name}_skip")([x, skip]), skip.shape[-1], name)


def start_at_given_lightness(
    model: keras.Model, config: configs.UNetConfig, lab: np.ndarray
) -> None:
    """Fill the tables by the training faces. An untrained "regress" then predicts mean color given L, and "classes" says how common each is
    among the pixels of that L, times its weight.

    Args:
        model: of `build_unet`.
        config: it was built by.
        lab: uint8 (N, H, W, 3), CIELAB as storage code; of the training faces.
    """
    table = model.get_layer("given_L").table
    if config.head == "regress":
        table.assign(color.mean_ab_given_L(lab))
        return
    chosen, palette = commonest(lab, config.classes), model.get_layer("palette")
    weights = color_classes.weights(lab, config.uniform)[chosen]
    palette.centers.assign(color_classes.centers(chosen))
    palette.class_weights.assign(weights)
    table.assign(np.log(np.maximum(color.classes_given_L(lab)[:, chosen] * weights, RARE)))


def start(model: keras.Model, config: configs.UNetConfig, lab: LabCode | None) -> None:
    """Fill a new model's tables by its training faces, where they are known."""
    if lab is not None:
        start_at_given_lightness(model, config, lab)


def class_logits(model: keras.Model, L: np.ndarray) -> np.ndarray:
    """What a model with the head "classes" says of the classes: L code (N, 112, 112, 1) to float32 (N, 28, 28, K)."""
    return devices.predict(keras.Model(model.input, model.get_layer("logits").output), L)


def decode_classes(model: keras.Model, logits: np.ndarray, temperature: float) -> np.ndarray:
    """The colors of class logits at a temperature: nothing is trained anew, nor is the network run again.

    Args:
        model: that gave them.
        logits: float32 (N, 28, 28, K).
        temperature: above 0; see losses.annealed_mean.

    Returns:
        a*, b*, float32 (N, 112, 112, 2), CIELAB units.

    Raises:
        ValueError: the temperature is 0 or below.
    """
    if not temperature > 0:
        raise ValueError(f"temperature={temperature}: wanted more than 0")
    centers, enlarge = model.get_layer("palette").centers, model.get_layer("ab")
    parts = (
        logits[start : start + FACES_AT_A_TIME] for start in range(0, len(logits), FACES_AT_A_TIME)
    )
    return np.concatenate(
        [
            ops.convert_to_numpy(enlarge(losses.annealed_mean(part, centers, temperature)))
            for part in parts
        ]
    )


@dataclass(frozen=True)
class AtTemperature:
    """A model with the head "classes" at a temperature, as evaluations take it.

    Attributes:
        name: for tables.
        model: of a run.
        temperature: above 0: at 1 what the model itself predicts, below it more vivid.
    """

    name: str
    model: keras.Model
    temperature: float

    def predict(self, L: np.ndarray) -> np.ndarray:
        """L code, uint8 (N, 112, 112, 1), to a*, b*, float32 (N, 112, 112, 2), CIELAB units."""
        return decode_classes(self.model, class_logits(self.model, L), self.temperature)
