"""The discriminators of a GAN: the report's gives a picture one logit, the other one each of its patches."""

import keras
from keras import layers, ops

from ..data.faces import SIZE
from .fields import check_choice


def build_discriminator(
    sees: str = "lab", filters: tuple[int, ...] = (32, 64, 128, 128)
) -> keras.Model:
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
    return keras.Model(
        inputs, layers.Dense(1, dtype="float32", name="logit")(x), name="discriminator"
    )


def lab_inputs(sees: str) -> tuple[list, keras.KerasTensor]:
    """What a discriminator is shown: the inputs L and ab, and the two side by side in about -1..1, (B, 112, 112, 3)."""
    check_choice("sees", sees, ("lab", "ab"))
    L = keras.Input((SIZE, SIZE, 1), name="L")
    ab = keras.Input((SIZE, SIZE, 2), name="ab")
    x = layers.Rescaling(1 / 110, dtype="float32", name="scale_ab")(ab)
    # "ab" multiplies L by 0 instead of leaving it out: Keras 3.13 refuses an input that leads nowhere
    lightness = layers.Rescaling(
        *((1 / 127.5, -1) if sees == "lab" else (0.0, 0.0)), dtype="float32", name="scale_L"
    )(L)
    return [L, ab], layers.Concatenate(name="lab")([lightness, x])


KERNEL = 4  # pixels a side, of every convolution


class SpectralConv2D(layers.Conv2D):
    """A convolution under spectral normalization (Miyato et al. 2018): its kernel, as a matrix, is divided by its largest singular value.

    So no layer stretches differences, and a discriminator that is sure is not steep all the same. The singular value is found by power
    iteration, a step whenever the layer is run in training and may learn. Its vector is a variable: a resumed run iterates on.

    (keras.layers.SpectralNormalization overwrites the kernel: in the generator's turn too, when the discriminator should hold still. On
    JAX, which drops what `call` assigns to a weight that learns, it predicts with a kernel that isn't normalized.)
    """

    def build(self, shape):
        """Make the kernel, and a vector of the features to start the iteration with."""
        super().build(shape)
        options = {
            "trainable": False,
            "autocast": False,
            "aggregation": "only_first_replica",
        }  # every device finds the same one
        self.vector = self.add_weight(
            shape=(self.filters, 1),
            initializer="random_normal",
            name="vector",
            dtype="float32",
            **options,
        )

    def call(self, inputs, training=False):
        """(B, H, W, C) to (B, h, w, filters)."""
        if training and self.trainable:
            matrix = self._matrix(self.kernel)
            left = ops.normalize(ops.matmul(matrix, self.vector), axis=0)
            self.vector.assign(ops.stop_gradient(ops.matmul(ops.transpose(matrix), left)))
        return super().call(inputs)

    def convolution_op(self, inputs, kernel):
        """Convolve with the normalized kernel. The gradient goes through the norm too: what only stretches the kernel changes nothing."""
        norm = ops.norm(ops.matmul(self._matrix(kernel), ops.normalize(self.vector, axis=0)))
        return super().convolution_op(inputs, kernel / ops.cast(norm, kernel.dtype))

    def _matrix(self, kernel):
        """Kernel (h, w, C, filters) to (h * w * C, filters), in float32: 16 bits are too coarse to iterate in."""
        return ops.cast(ops.reshape(kernel, (-1, self.filters)), "float32")


def build_patch(sees: str = "lab", filters: tuple[int, ...] = (32, 64, 128, 128)) -> keras.Model:
    """Build the patch discriminator (Isola et al. 2017): L code (B, 112, 112, 1) and a*, b* (B, 112, 112, 2) to logits (B, h, w, 1).

    Each logit, above 0 for "real", is of one patch of the picture; with four convolutions there are 14 x 14, each of 70 x 70 pixels. So it
    judges texture and local color, and gives as many answers a picture to learn from. Every convolution is under spectral normalization.

    Args:
        sees: "lab" or "ab", as discriminators.build_discriminator.
        filters: of each convolution before the one that gives the logits. All halve the size but the last.
    """
    inputs, x = lab_inputs(sees)
    for stage, count in enumerate(filters, 1):
        strides = 1 if stage == len(filters) else 2
        x = SpectralConv2D(count, KERNEL, strides=strides, padding="same", name=f"conv{stage}")(x)
        x = layers.LeakyReLU(0.2, name=f"conv{stage}_relu")(x)
    return keras.Model(
        inputs,
        SpectralConv2D(1, KERNEL, padding="same", dtype="float32", name="logit")(x),
        name="discriminator",
    )


BUILDERS = {"report": build_discriminator, "patch": build_patch}
