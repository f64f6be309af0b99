"""The layers of the U-Net that Keras lacks: a table by L, mirrored faces, color classes, and attention to hints."""

import keras
import numpy as np
from keras import layers, ops

from ..color import given_lightness
from . import losses

# Where attention to hints starts: what was best by PSNR on 30 validation faces, with 1 to 100 hints, with nothing learned yet
LOUD, POWER = 8.0, 1.5
NEAR = 2 / 3  # of the way to the next place: within it, nearer is no better
LIGHT = 25.0
LEAST = 1 / 256  # of a place, that a hint covers; one pixel is 1/16
NEVER = -1e9


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
        self.table = self.add_weight(
            shape=(given_lightness.CODES, self.columns),
            initializer="zeros",
            trainable=False,
            name="table",
        )

    def call(self, L):
        """L code (B, H, W, 1) to its row, (B, H, W, columns)."""
        code = ops.cast(ops.clip(ops.round(L), 0, given_lightness.CODES - 1), "int32")
        return ops.take(self.table, code[..., 0], axis=0)

    def get_config(self):
        """What a saved model needs to make the layer again."""
        return super().get_config() | {"columns": self.columns}


@keras.saving.register_keras_serializable("colorkit")
class FlipCoin(layers.Layer):
    """A coin for each face: in training heads for half of them, otherwise tails."""

    def __init__(self, **options):
        super().__init__(**options)
        self.seed_generator = (
            keras.random.SeedGenerator()
        )  # its state is a variable of the model: a resumed run tosses on

    def call(self, L, training=False):
        """L (B, H, W, 1) to (B, 1, 1, 1): 1 for heads, 0 for tails."""
        if not training:
            return ops.zeros_like(L[:, :1, :1])
        return ops.cast(
            keras.random.uniform(ops.shape(L[:, :1, :1]), seed=self.seed_generator) < 0.5, "float32"
        )


@keras.saving.register_keras_serializable("colorkit")
class FlipFaces(layers.Layer):
    """Mirror the faces whose coin fell heads. Once before the network and once after it: the truth stays as it is."""

    def call(self, x, coin):
        """(B, H, W, C) and (B, 1, 1, 1) to (B, H, W, C)."""
        return ops.where(coin > 0.5, ops.flip(x, axis=2), x)


@keras.saving.register_keras_serializable("colorkit")
class ColorClasses(layers.Layer):
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
        self.centers = self.add_weight(
            shape=(self.count, 2), initializer="zeros", trainable=False, name="centers"
        )
        self.class_weights = self.add_weight(
            shape=(self.count,), initializer="ones", trainable=False, name="class_weights"
        )

    def call(self, logits):
        """(B, h, w, count) to a*, b*, (B, h, w, 2), CIELAB units: the annealed mean at a temperature of 1."""
        return losses.annealed_mean(logits, self.centers, 1.0)

    def get_config(self):
        """What a saved model needs to make the layer again."""
        return super().get_config() | {"count": self.count}


@keras.saving.register_keras_serializable("colorkit")
class HintResidual(layers.Layer):
    """Hints as they are told to the network: how far each is from what L tells by itself.

    Args:
        unit: in which that is given, CIELAB units.
    """

    def __init__(self, unit: float, **options):
        super().__init__(**options)
        self.unit = unit

    def call(self, hints, given_L):
        """a*, b* and mask (B, H, W, 3) and a*, b* (B, H, W, 2), CIELAB units, to (B, H, W, 3): two differences, 0 without a hint; mask."""
        mask = hints[..., 2:]
        return ops.concatenate([mask * (hints[..., :2] - given_L) / self.unit, mask], axis=-1)

    def get_config(self):
        """What a saved model needs to make the layer again."""
        return super().get_config() | {"unit": self.unit}


@keras.saving.register_keras_serializable("colorkit")
class HintAttention(layers.Layer):
    """Attention to the hints (Vaswani et al. 2017): each place takes on what was told of places that are near and alike, or nothing.

    Near counts by a power of the distance, as in Shepard's interpolation (1968): its reach is long where hints are few and short where they
    are many. Alike are places of like lightness, as for Levin et al. (2004), and those that a product of what the network sees calls so.
    How loud hints are against a weight of 1 for "nothing", that power, and what lightness counts, each place decides by what it sees.

    Args:
        channels: of that product.
    """

    def __init__(self, channels: int, **options):
        super().__init__(**options)
        self.channels = channels

    def build(self, seen_shape, told_shape, L_shape):
        """Make the two views of a place, as one that asks and as one that is asked, and its manner of asking."""
        options = {"dtype": self.dtype_policy}
        self.asking, self.asked = (
            layers.Dense(self.channels, use_bias=False, name=name, **options)
            for name in ("asking", "asked")
        )
        self.manner = layers.Dense(3, kernel_initializer="zeros", name="manner", **options)
        for part in (self.asking, self.asked, self.manner):
            part.build(seen_shape)
        places = np.stack(
            np.meshgrid(*(np.arange(size) for size in seen_shape[1:3]), indexing="ij"), axis=-1
        ).reshape(-1, 2)
        square = ((places[:, None] - places) ** 2).sum(-1)
        self.far = np.log1p(square / NEAR**2).astype(np.float32)

    def call(self, seen, told, L):
        """What the network sees (B, H, W, C), what was told, `Told` averaged (B, H, W, 3), and L, -1..1, to differences (B, H, W, 2)."""
        _, height, width, _ = seen.shape

        def flat(x):  # (B, H, W, K) to (B, H * W, K)
            return ops.reshape(x, (-1, height * width, x.shape[-1]))

        L, share, manner = flat(L), flat(told[..., 2:]), flat(self.manner(seen))
        loud, power, light = (
            LOUD + manner[..., :1],
            POWER * ops.exp(manner[..., 1:2]),
            LIGHT * ops.exp(manner[..., 2:]),
        )
        # loud - light * (L_p - L_q)^2 as a product of what hangs on p and what hangs on q
        query = ops.concatenate(
            [
                flat(self.asking(seen)) / self.channels**0.5,
                2 * light * L,
                -light,
                loud - light * L**2,
            ],
            axis=-1,
        )
        key = ops.concatenate([flat(self.asked(seen)), L, L**2, ops.ones_like(L)], axis=-1)
        logits = ops.matmul(query, ops.swapaxes(key, 1, 2)) - power * self.far
        logits = ops.where(ops.swapaxes(share, 1, 2) > 0, logits, NEVER)
        weights = ops.softmax(ops.pad(logits, ((0, 0), (0, 0), (1, 0))), axis=-1)[
            ..., 1:
        ]  # the first is nothing's, with a logit of 0
        return ops.reshape(
            ops.matmul(weights, flat(told[..., :2]) / ops.maximum(share, LEAST)),
            (-1, height, width, 2),
        )

    def get_config(self):
        """What a saved model needs to make the layer again."""
        return super().get_config() | {"channels": self.channels}


def conv2d_transpose(
    filters: int, name: str, use_bias: bool = False
) -> keras.layers.Conv2DTranspose:
    """A transposed convolution that doubles height and width: 3x3 kernels; (B, H, W, C) to (B, 2H, 2W, filters)."""
    kind = keras.layers.Conv2DTranspose if keras.backend.backend() == "tensorflow" else ByPhases
    return kind(filters, 3, strides=2, padding="same", use_bias=use_bias, name=name)


@keras.saving.register_keras_serializable("colorkit")
class ByPhases(keras.layers.Conv2DTranspose):
    """The same layer, weights and values (to rounding), as one convolution at the input's size.

    Of a doubled row, the even pixels see the kernel's taps 2 and 0 on the input's last pixel and this one, the odd pixels its tap 1 on this
    one. A 2x2 convolution makes all four (even or odd row, even or odd column) as channels, which then take their places (Shi et al. 2016,
    "Is the deconvolution layer the same as a convolutional layer?", arXiv:1609.07009).
    """

    def call(self, inputs):
        """(B, H, W, C) to (B, 2H, 2W, filters)."""
        _, height, width, channels = inputs.shape
        kernel = _phases(
            _phases(ops.transpose(self.kernel, (0, 1, 3, 2)), 0), 1
        )  # (4, 4, C, F): [last, this] x [even, odd], twice
        kernel = ops.reshape(kernel, (2, 2, 2, 2, channels, self.filters))
        kernel = ops.reshape(
            ops.transpose(kernel, (0, 2, 4, 1, 3, 5)), (2, 2, channels, 4 * self.filters)
        )
        x = ops.conv(ops.pad(inputs, ((0, 0), (1, 0), (1, 0), (0, 0))), kernel)  # (B, H, W, 4F)
        x = ops.reshape(x, (-1, height, width, 2, 2, self.filters))
        x = ops.reshape(
            ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, 2 * height, 2 * width, self.filters)
        )
        return x + self.bias if self.use_bias else x


def _phases(kernel, axis: int):
    """Three taps along an axis to four: what [the last pixel, this one] give to the [even, odd] one."""
    first, second, third = ops.split(kernel, 3, axis)
    return ops.concatenate([third, ops.zeros_like(first), first, second], axis)
