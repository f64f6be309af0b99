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

from . import baselines, classes, devices, losses
from .faces import SIZE
from .models import check_choice, check_counts, check_range, later

HEADS = ("regress", "classes")
SHRINK = 4  # L's size / the color's
GROUPS = 8  # of channels, each normalized by itself
SPREAD = 10.0  # CIELAB units: a step of Adam is of one size, and colors lie tens of units apart
RARE = 1e-6  # the least that a class's logit starts with, as a probability
CHUNK = 64  # faces decoded at a time


@dataclass(frozen=True)
class UNetConfig:
    """The U-Net of lesson 6.

    Attributes:
        filters: of each level, at 28, 14, 7 and 4 places a side; multiples of 8.
        head: "regress" for a*, b* by `loss`, "classes" for the probabilities of color classes.
        classes: with "classes", how many: the most common ones of the training faces, of 261.
        uniform: with "classes", the paper's lambda: 1 lets all pixels count the same, towards 0 those of rare colors count ever more. The
            paper's 0.5 overshot here: at equal colorfulness 0.9 had the lower error on the validation split.
        loss: with "regress", "l2" for the mean of what is possible, "l1" for its median.
    """

    filters: tuple[int, ...] = (24, 48, 96, 128)
    head: str = "regress"
    classes: int = 64
    uniform: float = 0.9
    loss: str = later("l2")

    def __post_init__(self):
        check_choice("head", self.head, HEADS)
        check_counts("filters", self.filters)
        if not 2 <= len(self.filters) <= 4 or any(count % GROUPS for count in self.filters):
            raise ValueError(f"filters={self.filters}: wanted 2 to 4 multiples of {GROUPS}")
        check_counts("classes", (self.classes,))
        check_range("classes", self.classes, 2, int(classes.in_gamut().sum()) + 1)
        if not 0 < self.uniform <= 1:
            raise ValueError(f"uniform={self.uniform}: wanted more than 0 and at most 1")
        check_choice("loss", self.loss, tuple(losses.OF_COLOR))
        if self.loss != "l2" and self.head != "regress":
            raise ValueError(f"loss={self.loss!r} goes with head='regress' only, not with {self.head!r}")


@keras.saving.register_keras_serializable("colorkit")
class GivenL(layers.Layer):
    """The baseline as a layer: what the training pixels of each L tell, from a table that does not learn.

    Args:
        columns: of the table.
    """

    def __init__(self, columns: int, **options):
        super().__init__(**options)
        self.columns = columns

    def build(self, shape):
        """Make room for the table; `start_at` fills it."""
        self.table = self.add_weight(shape=(baselines.CODES, self.columns), initializer="zeros", trainable=False, name="table")

    def call(self, L):
        """L code (B, H, W, 1) to its row, (B, H, W, columns)."""
        code = ops.cast(ops.clip(ops.round(L), 0, baselines.CODES - 1), "int32")
        return ops.take(self.table, code[..., 0], axis=0)

    def get_config(self):
        """What a saved model needs to make the layer again."""
        return super().get_config() | {"columns": self.columns}


@keras.saving.register_keras_serializable("colorkit")
class Coin(layers.Layer):
    """A coin for each face: in training heads for half of them, otherwise tails."""

    def __init__(self, **options):
        super().__init__(**options)
        self.seed_generator = keras.random.SeedGenerator()  # its state is a variable of the model: a resumed run tosses on

    def call(self, L, training=False):
        """L (B, H, W, 1) to (B, 1, 1, 1): 1 for heads, 0 for tails."""
        if not training:
            return ops.zeros_like(L[:, :1, :1])
        return ops.cast(keras.random.uniform(ops.shape(L[:, :1, :1]), seed=self.seed_generator) < 0.5, "float32")


@keras.saving.register_keras_serializable("colorkit")
class Mirror(layers.Layer):
    """Mirror the faces whose coin fell heads. Once before the network and once after it: the truth stays as it is."""

    def call(self, x, coin):
        """(B, H, W, C) and (B, 1, 1, 1) to (B, H, W, C)."""
        return ops.where(coin > 0.5, ops.flip(x, axis=2), x)


@keras.saving.register_keras_serializable("colorkit")
class Palette(layers.Layer):
    """The color classes of a model: from their logits to a*, b*, by the mean over the centers.

    Args:
        count: how many classes.

    Attributes:
        centers: (count, 2), a*, b*, CIELAB units.
        class_weights: (count,), what a pixel of each weighs in the loss.
    """

    def __init__(self, count: int, **options):
        super().__init__(**options)
        self.count = count

    def build(self, shape):
        """Make room for both; `start_at` fills them."""
        self.centers = self.add_weight(shape=(self.count, 2), initializer="zeros", trainable=False, name="centers")
        self.class_weights = self.add_weight(shape=(self.count,), initializer="ones", trainable=False, name="class_weights")

    def call(self, logits):
        """(B, h, w, count) to a*, b*, (B, h, w, 2), CIELAB units: the annealed mean at a temperature of 1."""
        return losses.annealed_mean(logits, self.centers, 1.0)

    def get_config(self):
        """What a saved model needs to make the layer again."""
        return super().get_config() | {"count": self.count}


def build_unet(config: UNetConfig = UNetConfig()) -> keras.Model:
    """Build the U-Net: (B, 112, 112, 1), L code, to (B, 112, 112, 2), CIELAB units. `start_at` must fill its tables."""
    L = keras.Input((SIZE, SIZE, 1), name="L")
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="scale")(L)  # -1..1
    coin = Coin(dtype="float32", name="coin")(L)
    x = Mirror(dtype="float32", name="mirror")(x, coin)
    x = _conv(x, config.filters[0], "patches", kernel=SHRINK, strides=SHRINK)  # (B, 28, 28, C)
    x = _conv(x, config.filters[0], "encoder1")
    skips = []
    for level, filters in enumerate(config.filters[1:], 2):
        skips.append(x)
        x = _conv(x, filters, f"encoder{level}_down", strides=2)
        x = _conv(x, filters, f"encoder{level}")
    for level in range(len(skips), 0, -1):
        x = _join(x, skips[level - 1], f"decoder{level}")
    x = Mirror(name="mirror_back")(x, coin)
    if config.head == "classes":
        x = layers.Conv2D(config.classes, 1, kernel_initializer="zeros", dtype="float32", name="correction")(x)
        mean_L = layers.AveragePooling2D(SHRINK, dtype="float32", name="mean_L")(L)
        x = layers.Add(dtype="float32", name="logits")([x, GivenL(config.classes, dtype="float32", name="given_L")(mean_L)])
        x = Palette(config.classes, dtype="float32", name="palette")(x)
        return keras.Model(L, layers.UpSampling2D(SHRINK, interpolation="bilinear", dtype="float32", name="ab")(x), name="unet")
    x = layers.Conv2D(2, 1, kernel_initializer="zeros", dtype="float32", name="correction")(x)
    x = layers.Rescaling(SPREAD, dtype="float32", name="units")(x)
    x = layers.UpSampling2D(SHRINK, interpolation="bilinear", dtype="float32", name="enlarge")(x)
    return keras.Model(L, layers.Add(dtype="float32", name="ab")([x, GivenL(2, dtype="float32", name="given_L")(L)]), name="unet")


def _conv(x, filters: int, name: str, kernel: int = 3, strides: int = 1):
    """Convolution, group normalization, ReLU. Groups are normalized face by face: no moving averages, no trap of short runs."""
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", kernel_initializer="he_normal", name=name)(x)
    return layers.ReLU(name=f"{name}_relu")(layers.GroupNormalization(GROUPS, name=f"{name}_gn")(x))


def _join(x, skip, name: str):
    """Double the size of what was seen from farther away, and add it to what the encoder saw at that size."""
    x = layers.UpSampling2D(2, name=f"{name}_up")(layers.Conv2D(skip.shape[-1], 1, name=f"{name}_mix")(x))
    if (more := x.shape[1] - skip.shape[1]) > 0:  # 7 was rounded up to 4 on the way down
        x = layers.Cropping2D(((0, more), (0, more)), name=f"{name}_crop")(x)
    return _conv(layers.Add(name=f"{name}_skip")([x, skip]), skip.shape[-1], name)


def start_at(model: keras.Model, config: UNetConfig, lab: np.ndarray) -> None:
    """Fill the tables by the training faces. An untrained "regress" then predicts mean color given L, and "classes" says how common each is
    among the pixels of that L, times its weight.

    Args:
        model: of `build_unet`.
        config: it was built by.
        lab: uint8 (N, H, W, 3), CIELAB as storage code; of the training faces.
    """
    table = model.get_layer("given_L").table
    if config.head == "regress":
        table.assign(baselines.mean_ab_given_L(lab))
        return
    chosen, palette = classes.commonest(lab, config.classes), model.get_layer("palette")
    weights = classes.weights(lab, config.uniform)[chosen]
    palette.centers.assign(classes.centers(chosen))
    palette.class_weights.assign(weights)
    table.assign(np.log(np.maximum(baselines.classes_given_L(lab)[:, chosen] * weights, RARE)))


def logits(model: keras.Model, L: np.ndarray) -> np.ndarray:
    """What a model with the head "classes" says of the classes: L code (N, 112, 112, 1) to float32 (N, 28, 28, K)."""
    return devices.predict(keras.Model(model.input, model.get_layer("logits").output), L)


def decode(model: keras.Model, logits: np.ndarray, temperature: float) -> np.ndarray:
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
    parts = (logits[start : start + CHUNK] for start in range(0, len(logits), CHUNK))
    return np.concatenate([ops.convert_to_numpy(enlarge(losses.annealed_mean(part, centers, temperature))) for part in parts])


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
        return decode(self.model, logits(self.model, L), self.temperature)
