"""The decoder's transposed convolution, in the form that suits the backend.

A transposed convolution is an ordinary one with zeros spread between its input's pixels. TensorFlow has a kernel of its own for it. JAX
does as the definition says, and the gradient of its weights takes longer than all the rest of the CNN (benchmarks/README.md).
"""

import keras
from keras import ops


def conv2d_transpose(filters: int, name: str, use_bias: bool = False) -> keras.layers.Conv2DTranspose:
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
        kernel = _phases(_phases(ops.transpose(self.kernel, (0, 1, 3, 2)), 0), 1)  # (4, 4, C, F): [last, this] x [even, odd], twice
        kernel = ops.reshape(kernel, (2, 2, 2, 2, channels, self.filters))
        kernel = ops.reshape(ops.transpose(kernel, (0, 2, 4, 1, 3, 5)), (2, 2, channels, 4 * self.filters))
        x = ops.conv(ops.pad(inputs, ((0, 0), (1, 0), (1, 0), (0, 0))), kernel)  # (B, H, W, 4F)
        x = ops.reshape(x, (-1, height, width, 2, 2, self.filters))
        x = ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, 2 * height, 2 * width, self.filters))
        return x + self.bias if self.use_bias else x


def _phases(kernel, axis: int):
    """Three taps along an axis to four: what [the last pixel, this one] give to the [even, odd] one."""
    first, second, third = ops.split(kernel, 3, axis)
    return ops.concatenate([third, ops.zeros_like(first), first, second], axis)
