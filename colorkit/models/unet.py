"""Build a small U-Net that colors in a tenth of the report's time.

It predicts a*, b* at a quarter of the size, as a correction to the color that L suggests by itself.
L goes in whole, as patches of 4 x 4 pixels. Color at a quarter of the size looks the same, which is
how JPEG and television save room; and at 28 x 28 a convolution costs a sixteenth of what it costs
at 112 x 112.

It has two heads. "regress" learns a*, b* by L2 or L1. "classes" learns how probable each class of
color is (Zhang et al. 2016); the temperature at which probabilities become a color can be chosen
afterward. Input and output are those of all the kit's colorizers (see cnn).
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops

from .. import color
from ..arrays import Ab, LabCode, LCode
from ..color import classes as color_classes
from ..color.classes import commonest
from ..data.faces import SIZE
from ..machine import devices
from . import losses
from .configs import GROUPS, UNetConfig
from .layers import ColorClasses, FlipCoin, FlipFaces, GivenL, HintAttention, HintResidual

# L's size divided by the color's.
SHRINK = 4

# CIELAB units of an output of 1. The network's outputs are about 1, where Adam's steps suit them;
# colors are tens of units.
OUTPUT_SCALE = 10.0

# The least probability with which a class starts.
RARE = 1e-6

# Faces decoded at a time.
FACES_AT_A_TIME = 64


def build_unet(config: UNetConfig = UNetConfig()) -> keras.Model:
    """Build the U-Net: code of L, (B, 112, 112, 1), to a*, b*, (B, 112, 112, 2). Lesson 6.2.

    `start_at_given_lightness` must then fill its tables. With `hints` it has a second input,
    "hints": a*, b* and the mask, float32 (B, 112, 112, 3), see color.hint_planes.

    Example:
        >>> model = build_unet(UNetConfig(head="classes"))  # doctest: +SKIP
    """
    if config.hints:
        return _build_hinted(config)
    return _build_classes(config) if config.head == "classes" else _build_regress(config)


def _build_regress(config: UNetConfig) -> keras.Model:
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = _see_flipped(_scale(L), L, config)  # (B, 28, 28, C)
    x = layers.Conv2D(2, 1, kernel_initializer="zeros", dtype="float32", name="correction")(x)
    given_L = GivenL(2, dtype="float32", name="given_L")(L)  # (B, 112, 112, 2)
    return keras.Model(L, _add(x, given_L), name="unet")


def _build_classes(config: UNetConfig) -> keras.Model:
    count = config.classes  # K
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = _see_flipped(_scale(L), L, config)  # (B, 28, 28, C)
    x = layers.Conv2D(count, 1, kernel_initializer="zeros", dtype="float32", name="correction")(x)
    mean_L = layers.AveragePooling2D(SHRINK, dtype="float32", name="mean_L")(L)  # (B, 28, 28, 1)
    given_L = GivenL(count, dtype="float32", name="given_L")(mean_L)  # (B, 28, 28, K)
    logits = layers.Add(dtype="float32", name="logits")([x, given_L])
    x = ColorClasses(count, dtype="float32", name="palette")(logits)  # (B, 28, 28, 2)
    return keras.Model(L, _enlarge(x, "ab"), name="unet")


def _build_hinted(config: UNetConfig) -> keras.Model:
    """Build the U-Net that takes hints beside L.

    They enter once more at the end, where color is copied from them: there it needn't pass all
    those normalizations.
    """
    L = keras.Input((SIZE, SIZE, 1), name="L")
    hints = keras.Input((SIZE, SIZE, 3), name="hints")
    given_L = GivenL(2, dtype="float32", name="given_L")(L)  # (B, 112, 112, 2)
    hinted = HintResidual(OUTPUT_SCALE, dtype="float32", name="told")(hints, given_L)
    scaled = _scale(L)
    x = layers.Concatenate(dtype="float32", name="L_and_told")([scaled, hinted])  # (B, 112, 112, 4)
    x = _see_flipped(x, L, config)  # (B, 28, 28, C)
    hinted = layers.AveragePooling2D(SHRINK, dtype="float32", name="mean_told")(hinted)
    mean_L = layers.AveragePooling2D(SHRINK, dtype="float32", name="mean_L")(scaled)
    filters = config.filters[0]
    copied = HintAttention(filters, dtype="float32", name="listen")(x, hinted, mean_L)
    x = layers.Concatenate(name="seen_and_heard")([x, copied, hinted])  # (B, 28, 28, C + 5)
    x = _conv(x, filters, "decoder0")
    x = layers.Conv2D(2, 1, kernel_initializer="zeros", dtype="float32", name="correction")(x)
    x = layers.Add(dtype="float32", name="corrected")([x, copied])  # (B, 28, 28, 2)
    return keras.Model([L, hints], _add(x, given_L), name="unet")


def _scale(L: keras.KerasTensor) -> keras.KerasTensor:
    """Scale the code of L to -1..1."""
    return layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="scale")(L)


def _see_flipped(
    x: keras.KerasTensor, L: keras.KerasTensor, config: UNetConfig
) -> keras.KerasTensor:
    """Run the U on faces of which some are mirrored in training, and mirror these back."""
    coin = FlipCoin(dtype="float32", name="coin")(L)
    x = FlipFaces(dtype="float32", name="mirror")(x, coin)
    x = _see(x, config)
    return FlipFaces(name="mirror_back")(x, coin)


def _see(x: keras.KerasTensor, config: UNetConfig) -> keras.KerasTensor:
    """Run the U itself: (B, 112, 112, C) to (B, 28, 28, filters[0])."""
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


def _add(x: keras.KerasTensor, given_L: keras.KerasTensor) -> keras.KerasTensor:
    """Enlarge a small picture of corrections, and add it to the color that L suggests."""
    x = layers.Rescaling(OUTPUT_SCALE, dtype="float32", name="units")(x)  # CIELAB units
    x = _enlarge(x, "enlarge")  # (B, 112, 112, 2)
    return layers.Add(dtype="float32", name="ab")([x, given_L])


def _enlarge(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Enlarge a small picture bilinearly, (B, 28, 28, 2) to (B, 112, 112, 2)."""
    return layers.UpSampling2D(SHRINK, interpolation="bilinear", dtype="float32", name=name)(x)


def _conv(
    x: keras.KerasTensor, filters: int, name: str, kernel: int = 3, strides: int = 1
) -> keras.KerasTensor:
    """Apply convolution, group normalization and ReLU.

    Groups are normalized face by face: there are no moving averages, which short runs would fail to
    fill.
    """
    x = layers.Conv2D(
        filters, kernel, strides=strides, padding="same", kernel_initializer="he_normal", name=name
    )(x)
    x = layers.GroupNormalization(GROUPS, name=f"{name}_gn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _join(x: keras.KerasTensor, skip: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Double the size of what was seen from farther away; add what the encoder saw at that size."""
    x = layers.Conv2D(skip.shape[-1], 1, name=f"{name}_mix")(x)
    x = layers.UpSampling2D(2, name=f"{name}_up")(x)
    more = x.shape[1] - skip.shape[1]
    if more > 0:  # 7 was rounded up to 4 on the way down
        x = layers.Cropping2D(((0, more), (0, more)), name=f"{name}_crop")(x)
    x = layers.Add(name=f"{name}_skip")([x, skip])
    return _conv(x, skip.shape[-1], name)


def start_at_given_lightness(model: keras.Model, config: UNetConfig, lab: LabCode) -> None:
    """Fill the tables from the training faces.

    An untrained "regress" then predicts mean color given L. An untrained "classes" knows how common
    each class is among the pixels of that L, times the weight of the class.

    Args:
        model: model that `build_unet` built.
        config: config it was built from.
        lab: training faces as codes, (N, H, W, 3).
    """
    table = model.get_layer("given_L").table
    if config.head == "regress":
        table.assign(color.mean_ab_given_L(lab))
        return
    chosen = commonest(lab, config.classes)  # (K,)
    weights = color_classes.weights(lab, config.uniform)[chosen]  # (K,)
    palette = model.get_layer("palette")
    palette.centers.assign(color_classes.centers(chosen))
    palette.class_weights.assign(weights)
    shares = color.classes_given_L(lab)[:, chosen] * weights  # (256, K)
    table.assign(np.log(np.maximum(shares, RARE)))


def start(model: keras.Model, config: UNetConfig, lab: LabCode | None) -> None:
    """Fill a new model's tables from its training faces, if they are known."""
    if lab is not None:
        start_at_given_lightness(model, config, lab)


def class_logits(model: keras.Model, L: LCode) -> np.ndarray:
    """Compute the class logits of a model with the head "classes". Lesson 6.6.

    Returns:
        float32 (N, 28, 28, K).

    Example:
        >>> logits = class_logits(run.model, test.L)  # doctest: +SKIP
    """
    logits = model.get_layer("logits").output
    return devices.predict(keras.Model(model.input, logits), L)


def decode_classes(model: keras.Model, logits: np.ndarray, temperature: float) -> Ab:
    """Turn class logits into colors at a temperature. Lesson 6.7.

    Nothing is trained again for it, and the network doesn't run again.

    Args:
        model: model that gave the logits.
        logits: float32 (N, 28, 28, K).
        temperature: above 0; see losses.annealed_mean.

    Raises:
        ValueError: the temperature is 0 or below.

    Example:
        >>> ab = decode_classes(run.model, logits, 0.4)  # doctest: +SKIP
    """
    if not temperature > 0:
        raise ValueError(f"temperature={temperature}: expected more than 0")
    centers = model.get_layer("palette").centers
    enlarge = model.get_layer("ab")
    decoded = []
    for first in range(0, len(logits), FACES_AT_A_TIME):
        part = logits[first : first + FACES_AT_A_TIME]
        small = losses.annealed_mean(part, centers, temperature)  # (n, 28, 28, 2)
        decoded.append(ops.convert_to_numpy(enlarge(small)))  # (n, 112, 112, 2)
    return np.concatenate(decoded)


@dataclass(frozen=True)
class AtTemperature:
    """A model with the head "classes" at a temperature, as evaluations take it. Lesson 6.6.

    Attributes:
        name: name for tables.
        model: model of a run.
        temperature: above 0: at 1 what the model itself predicts, below it more vivid.

    Example:
        >>> vivid = AtTemperature("vivid", run.model, 0.4)  # doctest: +SKIP
    """

    name: str
    model: keras.Model
    temperature: float

    def predict(self, L: LCode) -> Ab:
        """Predict color."""
        return decode_classes(self.model, class_logits(self.model, L), self.temperature)
