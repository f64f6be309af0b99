"""Define the layers that Keras lacks.

For the U-Net: a table by lightness, mirrored faces, color classes, and attention to color hints.
For the decoders: a transposed convolution that is fast on every backend.

The layers' own names in a model, such as `listen` or `asking`, are keys of the shipped weights.
"""

from typing import Any

import keras
from keras import layers, ops

from ..color import given_lightness
from . import losses
from .arranging import flatten_places, log_distances, split_phases

# Where attention to hints starts. These values gave the best PSNR on 30 validation faces with
# 1 to 100 hints, before anything was learned.
START_LOUDNESS = 8.0
START_POWER = 1.5
START_LIGHT = 25.0

# Within this distance a nearer hint counts no more; 1 is the distance of two neighboring places.
NEAR = 2 / 3

# The smallest share of a place that a hint is taken to cover; one pixel of 4 x 4 covers 1/16.
MIN_COVERAGE = 1 / 256

# The logit of a place without a hint: its weight after the softmax is exactly 0.
NO_HINT = -1e9


@keras.saving.register_keras_serializable("colorkit")
class GivenL(layers.Layer):
    """A lookup in a table by lightness: what the training pixels of each L code have in common.

    The table is a baseline inside the network, and it isn't trained.

    Args:
        columns: number of values in each row.
    """

    def __init__(self, columns: int, **options: object):
        super().__init__(**options)
        self.columns = columns

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create the table, filled later by `unet.start_at_given_lightness`."""
        self.table = self.add_weight(
            shape=(given_lightness.CODES, self.columns),
            initializer="zeros",
            trainable=False,
            name="table",
        )

    def call(self, L: keras.KerasTensor) -> keras.KerasTensor:
        """Look up the row of each L code: (B, H, W, 1) to (B, H, W, columns)."""
        code = ops.clip(ops.round(L), 0, given_lightness.CODES - 1)
        code = ops.cast(code[..., 0], "int32")  # (B, H, W)
        return ops.take(self.table, code, axis=0)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to create the layer again."""
        return super().get_config() | {"columns": self.columns}


@keras.saving.register_keras_serializable("colorkit")
class FlipCoin(layers.Layer):
    """A coin for each face: in training it shows heads for half of them, otherwise always tails."""

    def __init__(self, **options: object):
        super().__init__(**options)
        # The generator's state is a variable of the model, so a resumed run tosses on.
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, L: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Toss the coins: L (B, H, W, 1) to (B, 1, 1, 1), 1 for heads and 0 for tails."""
        corner = L[:, :1, :1]  # (B, 1, 1, 1)
        if not training:
            return ops.zeros_like(corner)
        chance = keras.random.uniform(ops.shape(corner), seed=self.seed_generator)
        return ops.cast(chance < 0.5, "float32")


@keras.saving.register_keras_serializable("colorkit")
class FlipFaces(layers.Layer):
    """Mirror the faces whose coin shows heads.

    Used once before the network and once after it, so the truth needs no mirroring.
    """

    def call(self, x: keras.KerasTensor, coin: keras.KerasTensor) -> keras.KerasTensor:
        """Mirror (B, H, W, C) by the coins (B, 1, 1, 1)."""
        return ops.where(coin > 0.5, ops.flip(x, axis=2), x)


@keras.saving.register_keras_serializable("colorkit")
class ColorClasses(layers.Layer):
    """The color classes of a model: turns their logits into a*, b*, the mean over the centers.

    Args:
        count: number of classes.

    Attributes:
        centers: a*, b* of each class, (count, 2), CIELAB units.
        class_weights: weight of a pixel of each class in the loss, (count,).
    """

    def __init__(self, count: int, **options: object):
        super().__init__(**options)
        self.count = count

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create both tables, filled later by `unet.start_at_given_lightness`."""
        self.centers = self.add_weight(
            shape=(self.count, 2), initializer="zeros", trainable=False, name="centers"
        )
        self.class_weights = self.add_weight(
            shape=(self.count,), initializer="ones", trainable=False, name="class_weights"
        )

    def call(self, logits: keras.KerasTensor) -> keras.KerasTensor:
        """Compute the annealed mean at temperature 1: (B, h, w, count) to a*, b*, (B, h, w, 2)."""
        return losses.annealed_mean(logits, self.centers, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to create the layer again."""
        return super().get_config() | {"count": self.count}


@keras.saving.register_keras_serializable("colorkit")
class HintResidual(layers.Layer):
    """Color hints as the network sees them: how far each is from the color that L suggests.

    Args:
        unit: CIELAB units that become 1 in the output.
    """

    def __init__(self, unit: float, **options: object):
        super().__init__(**options)
        self.unit = unit

    def call(self, hints: keras.KerasTensor, given_L: keras.KerasTensor) -> keras.KerasTensor:
        """Subtract the expected color from the hints.

        Args:
            hints: hint planes, a*, b* and mask, (B, H, W, 3).
            given_L: a*, b* expected from L alone, (B, H, W, 2), CIELAB units.

        Returns:
            Two differences, 0 where there is no hint, and the mask: (B, H, W, 3).
        """
        mask = hints[..., 2:]  # (B, H, W, 1)
        difference = mask * (hints[..., :2] - given_L) / self.unit  # (B, H, W, 2)
        return ops.concatenate([difference, mask], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to create the layer again."""
        return super().get_config() | {"unit": self.unit}


@keras.saving.register_keras_serializable("colorkit")
class HintAttention(layers.Layer):
    """Attention to color hints (Vaswani et al. 2017): each place copies hinted colors, or none.

    The logit with which place p attends to the hint at place q is

        logit(p, q) = query_p . key_q / sqrt(C)
                    + loudness_p
                    - light_p (L_p - L_q)^2
                    - power_p log(1 + d(p, q)^2 / NEAR^2)

    and a softmax over all hints and one null entry, whose logit is 0, gives the weights:

        weight(p, q) = exp(logit(p, q)) / (1 + sum over the hints r of exp(logit(p, r)))

    The output at p is the weighted sum of the hints' values. Its terms, in words: the product of
    query and key lets the network decide which places are alike. The loudness is the bias of all
    hints against the null entry. Places of like lightness share color (Levin et al. 2004). The
    last term makes a hint's weight fall with a power of the distance d, as in Shepard's
    interpolation (1968): it reaches far where hints are few, and not where they are many.

    Loudness, light and power are three gates, which each place computes from its features:
    START_LOUDNESS + g_1, START_LIGHT exp(g_3) and START_POWER exp(g_2), with g = 0 at the start.

    Args:
        channels: C, the length of a query and of a key.
    """

    def __init__(self, channels: int, **options: object):
        super().__init__(**options)
        self.channels = channels

    def build(
        self,
        features_shape: tuple[int | None, int, int, int],
        hints_shape: tuple[int | None, int, int, int],
        L_shape: tuple[int | None, int, int, int],
    ) -> None:
        """Create the projections to query, key and gates, and the distances of all places."""
        policy = self.dtype_policy
        self.query = layers.Dense(self.channels, use_bias=False, name="asking", dtype=policy)
        self.key = layers.Dense(self.channels, use_bias=False, name="asked", dtype=policy)
        self.gates = layers.Dense(3, kernel_initializer="zeros", name="manner", dtype=policy)
        for projection in (self.query, self.key, self.gates):
            projection.build(features_shape)
        _, height, width, _ = features_shape
        self.log_distance = log_distances(height, width, NEAR)  # (P, P)

    def call(
        self, features: keras.KerasTensor, hints: keras.KerasTensor, L: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Copy hinted colors to every place; P is the number of places, H * W.

        Args:
            features: what the network sees, (B, H, W, C').
            hints: what `HintResidual` gives, averaged over each place, (B, H, W, 3).
            L: lightness, -1 to 1, (B, H, W, 1).

        Returns:
            Color differences in the unit of the hints, (B, H, W, 2).
        """
        _, height, width, _ = features.shape
        query = flatten_places(self.query(features)) / self.channels**0.5  # (B, P, C)
        key = flatten_places(self.key(features))  # (B, P, C)
        gates = flatten_places(self.gates(features))  # (B, P, 3)
        loudness = START_LOUDNESS + gates[..., :1]  # (B, P, 1)
        power = START_POWER * ops.exp(gates[..., 1:2])  # (B, P, 1)
        light = START_LIGHT * ops.exp(gates[..., 2:])  # (B, P, 1)
        L = flatten_places(L)  # (B, P, 1)

        # loudness - light (L_p - L_q)^2 is a product, too, of what belongs to p and to q:
        # 2 light L_p times L_q, -light times L_q^2, and loudness - light L_p^2 times 1.
        query = ops.concatenate([query, 2 * light * L, -light, loudness - light * L**2], axis=-1)
        key = ops.concatenate([key, L, L**2, ops.ones_like(L)], axis=-1)  # (B, P, C + 3)
        logits = ops.matmul(query, ops.swapaxes(key, 1, 2))  # (B, P, P)
        logits = logits - power * self.log_distance  # (B, P, P)

        coverage = flatten_places(hints[..., 2:])  # (B, P, 1)
        hinted = ops.swapaxes(coverage, 1, 2) > 0  # (B, 1, P)
        logits = ops.where(hinted, logits, NO_HINT)  # (B, P, P)
        logits = ops.pad(logits, ((0, 0), (0, 0), (1, 0)))  # (B, P, 1 + P), the null entry first
        weights = ops.softmax(logits, axis=-1)[..., 1:]  # (B, P, P)

        # Averaged over a place, a hint is diluted by the pixels that have none: undo that.
        value = flatten_places(hints[..., :2]) / ops.maximum(coverage, MIN_COVERAGE)  # (B, P, 2)
        copied = ops.matmul(weights, value)  # (B, P, 2)
        return ops.reshape(copied, (-1, height, width, 2))

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model needs to create the layer again."""
        return super().get_config() | {"channels": self.channels}


def conv2d_transpose(filters: int, name: str, use_bias: bool = False) -> layers.Conv2DTranspose:
    """Create a 3x3 transposed convolution that doubles both sides.

    On TensorFlow it is Keras' own layer, elsewhere `ByPhases`, which is faster there.
    """
    on_tensorflow = keras.backend.backend() == "tensorflow"
    kind = layers.Conv2DTranspose if on_tensorflow else ByPhases
    return kind(filters, 3, strides=2, padding="same", use_bias=use_bias, name=name)


@keras.saving.register_keras_serializable("colorkit")
class ByPhases(layers.Conv2DTranspose):
    """Keras' 3x3 transposed convolution, computed as one convolution at the input's size.

    Its weights are the same, and so are its values, to rounding. In a doubled row, an even pixel
    sees the kernel's taps 2 and 0 on the input's previous pixel and the current one; an odd pixel
    sees tap 1 on the current one. A 2x2 convolution computes all four phases (even or odd row,
    even or odd column) as channels, which then take their places (Shi et al. 2016, "Is the
    deconvolution layer the same as a convolutional layer?", arXiv:1609.07009).
    """

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Double both sides: (B, H, W, C) to (B, 2H, 2W, F)."""
        _, height, width, channels = inputs.shape
        kernel = ops.transpose(self.kernel, (0, 1, 3, 2))  # (3, 3, C, F)
        kernel = split_phases(kernel, 0)  # (4, 3, C, F): [previous, current] x [even, odd]
        kernel = split_phases(kernel, 1)  # (4, 4, C, F)
        kernel = ops.reshape(kernel, (2, 2, 2, 2, channels, self.filters))
        kernel = ops.transpose(kernel, (0, 2, 4, 1, 3, 5))  # (2, 2, C, 2, 2, F)
        kernel = ops.reshape(kernel, (2, 2, channels, 4 * self.filters))
        x = ops.pad(inputs, ((0, 0), (1, 0), (1, 0), (0, 0)))  # (B, H + 1, W + 1, C)
        x = ops.conv(x, kernel)  # (B, H, W, 4F)
        x = ops.reshape(x, (-1, height, width, 2, 2, self.filters))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))  # (B, H, 2, W, 2, F)
        x = ops.reshape(x, (-1, 2 * height, 2 * width, self.filters))
        return x + self.bias if self.use_bias else x
