"""Build the discriminators of a GAN: the report's judges a picture, the other one its patches."""

import keras
from keras import layers, ops

from ..data.faces import SIZE
from .fields import check_choice

# Pixels a side of every convolution's kernel.
KERNEL = 4


def build_discriminator(
    sees: str = "lab", filters: tuple[int, ...] = (32, 64, 128, 128)
) -> keras.Model:
    """Build the report's discriminator: code of L, and a*, b*, to one logit (B, 1). Lesson 4.4.

    A logit above 0 means "real". There is no batch normalization: a batch of real pictures and one
    of generated pictures have different statistics, and these would give a picture's batch away.
    The sigmoid that turns a logit into a probability is part of the loss, which is safer in
    float32.

    Args:
        sees: "lab", or "ab" for the report's first attempt, which didn't see L.
        filters: filters of each convolution; each halves the size.

    Example:
        >>> judge = build_discriminator(sees="ab")  # doctest: +SKIP
    """
    inputs, x = lab_inputs(sees)
    for stage, count in enumerate(filters, 1):
        x = layers.Conv2D(count, KERNEL, strides=2, padding="same", name=f"down{stage}")(x)
        x = LeakyReLU(0.2, name=f"down{stage}_relu")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)  # (B, filters[-1])
    logit = layers.Dense(1, dtype="float32", name="logit")(x)  # (B, 1)
    return keras.Model(inputs, logit, name="discriminator")


def lab_inputs(sees: str) -> tuple[list[keras.KerasTensor], keras.KerasTensor]:
    """Create the inputs L and ab, and the picture that a discriminator sees.

    Returns:
        The inputs, and both side by side, scaled to about -1..1, (B, 112, 112, 3).
    """
    check_choice("sees", sees, ("lab", "ab"))
    L = keras.Input((SIZE, SIZE, 1), name="L")
    ab = keras.Input((SIZE, SIZE, 2), name="ab")
    if sees == "lab":
        scale = 1 / 127.5
        offset = -1.0
    else:  # multiplied by 0, not left out: Keras 3.13 refuses an input that leads nowhere
        scale = 0.0
        offset = 0.0
    scaled_ab = layers.Rescaling(1 / 110, dtype="float32", name="scale_ab")(ab)
    scaled_L = layers.Rescaling(scale, offset, dtype="float32", name="scale_L")(L)
    return [L, ab], layers.Concatenate(name="lab")([scaled_L, scaled_ab])


def build_patch(sees: str = "lab", filters: tuple[int, ...] = (32, 64, 128, 128)) -> keras.Model:
    """Build the patch discriminator (Isola et al. 2017): L and a*, b* to logits. Lesson 6.8.

    Each logit of its map, (B, h, w, 1), judges one patch of the picture; above 0 means "real". With
    four convolutions there are 14 x 14 of them, for patches of 70 x 70 pixels. So it judges texture
    and local color, and gives the generator that many answers for each picture. Every convolution
    is under spectral normalization.

    Args:
        sees: "lab" or "ab", as for `build_discriminator`.
        filters: filters of each convolution before the one that gives the logits. All but the last
            halve the size.

    Example:
        >>> judge = build_patch()  # doctest: +SKIP
    """
    inputs, x = lab_inputs(sees)
    for stage, count in enumerate(filters, 1):
        strides = 1 if stage == len(filters) else 2
        x = SpectralConv2D(count, KERNEL, strides=strides, padding="same", name=f"conv{stage}")(x)
        x = LeakyReLU(0.2, name=f"conv{stage}_relu")(x)
    logits = SpectralConv2D(1, KERNEL, padding="same", dtype="float32", name="logit")(x)
    return keras.Model(inputs, logits, name="discriminator")


class LeakyReLU(layers.LeakyReLU):
    """A leaky ReLU that TensorFlow's graph optimizer leaves alone.

    TensorFlow 2.20 tries to fuse its own leaky ReLU with the convolution before it, although the
    gradient needs what lies between them, fails, and logs an error (meta_optimizer.cc, "remapper
    failed"). The values and gradients are the same to the last bit.
    """

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Multiply what is negative by the slope; any shape."""
        return ops.where(inputs > 0, inputs, self.negative_slope * inputs)


class SpectralConv2D(layers.Conv2D):
    """A convolution under spectral normalization (Miyato et al. 2018).

    Its kernel, as a matrix, is divided by its largest singular value. So no layer stretches
    differences, and a discriminator that is sure isn't steep. The singular value is found by power
    iteration, one step whenever the layer runs in training and may learn. The iteration's vector is
    a variable: a resumed run goes on from it.

    (keras.layers.SpectralNormalization overwrites the kernel, even in the generator's turn, when
    the discriminator should hold still. On JAX, which drops what `call` assigns to a weight that
    learns, it predicts with a kernel that isn't normalized.)
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create the kernel, and the random vector with which the iteration starts."""
        super().build(shape)
        self.vector = self.add_weight(
            shape=(self.filters, 1),
            initializer="random_normal",
            name="vector",
            dtype="float32",
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",  # every device computes the same one
        )

    def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Convolve (B, H, W, C) to (B, h, w, filters); in training, iterate one step first."""
        if training and self.trainable:
            matrix = self._matrix(self.kernel)  # (N, filters)
            left = ops.normalize(ops.matmul(matrix, self.vector), axis=0)  # (N, 1)
            right = ops.matmul(ops.transpose(matrix), left)  # (filters, 1)
            self.vector.assign(ops.stop_gradient(right))
        return super().call(inputs)

    def convolution_op(
        self, inputs: keras.KerasTensor, kernel: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Convolve with the normalized kernel.

        The gradient goes through the norm, too: merely stretching the kernel changes nothing.
        """
        direction = ops.normalize(self.vector, axis=0)  # (filters, 1)
        norm = ops.norm(ops.matmul(self._matrix(kernel), direction))
        return super().convolution_op(inputs, kernel / ops.cast(norm, kernel.dtype))

    def _matrix(self, kernel: keras.KerasTensor) -> keras.KerasTensor:
        """Reshape a kernel (h, w, C, filters) to (h * w * C, filters), in float32.

        16 bits are too coarse to iterate in.
        """
        return ops.cast(ops.reshape(kernel, (-1, self.filters)), "float32")


BUILDERS = {"report": build_discriminator, "patch": build_patch}
