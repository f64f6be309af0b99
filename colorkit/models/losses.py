"""Compute the losses that Keras doesn't have, or has in another unit.

Truth comes as codes of a* and b*: uint8 goes to the device, where it is decoded. The losses by
color classes follow Zhang et al. 2016, "Colorful image colorization": soft encoding, rebalanced
cross-entropy, annealed mean.
"""

import keras
from keras import ops

from ..color.classes import SIGMA
from ..color.lab import AB_SHIFT

# Number of class centers among which a color is shared.
NEAREST = 5


def decode_ab(code: keras.KerasTensor) -> keras.KerasTensor:
    """Decode a*, b*: codes of any number type, (..., 2), to float32 CIELAB units."""
    return ops.cast(code, "float32") - AB_SHIFT


def l2(code: keras.KerasTensor, pred: keras.KerasTensor) -> keras.KerasTensor:
    """Compute the mean squared error of each image. Lesson 2.4.

    Args:
        code: true a*, b* as codes, (B, H, W, 2).
        pred: predicted a*, b*, (B, H, W, 2), CIELAB units.

    Returns:
        float32 (B,), CIELAB units squared.

    Example:
        >>> import numpy as np
        >>> code = np.full((1, 2, 2, 2), 138, np.uint8)  # a* = b* = 10
        >>> round(float(l2(code, np.full((1, 2, 2, 2), 7.0, np.float32))[0]), 4)
        9.0
    """
    return ops.mean((pred - decode_ab(code)) ** 2, axis=(1, 2, 3))


def l1(code: keras.KerasTensor, pred: keras.KerasTensor) -> keras.KerasTensor:
    """Compute the mean absolute error of each image, as `l2`, in CIELAB units."""
    return ops.mean(ops.abs(pred - decode_ab(code)), axis=(1, 2, 3))


# By the names that a config has for them.
OF_COLOR = {"l2": l2, "l1": l1}


def discriminator_loss(real: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Compute the cross-entropy of a discriminator's logits against one label for each picture.

    Args:
        real: label, float32 (B, 1), 1 for "real" and 0 for "generated".
        logits: float32 (B, 1), or a map (B, h, w, 1), above 0 for "real".

    Returns:
        float32 (B,): the mean over the logits of a picture; ln 2 at chance.
    """
    logits = ops.reshape(logits, (ops.shape(logits)[0], -1))  # (B, h * w)
    labels = ops.broadcast_to(real, ops.shape(logits))  # (B, h * w)
    return ops.mean(ops.binary_crossentropy(labels, logits, from_logits=True), axis=-1)


def soft_encode(ab: keras.KerasTensor, centers: keras.KerasTensor) -> keras.KerasTensor:
    """Share each color among the class centers nearest to it (section 2.2). Lesson 6.3.

    The shares follow a Gaussian of the distance, with a sigma of 5, among 5 centers.

    Args:
        ab: a*, b*, float32 (..., 2), CIELAB units.
        centers: float32 (K, 2), CIELAB units.

    Returns:
        float32 (..., K), with a sum of 1 over K. Centers as near as the fifth one count, too, so
        that none is preferred by its position.

    Example:
        >>> import numpy as np
        >>> centers = np.float32([[0, 0], [10, 0], [90, 0]])
        >>> np.round(soft_encode(np.float32([5, 0]), centers), 2).tolist()
        [0.5, 0.5, 0.0]
    """
    distances = ops.sum((ops.expand_dims(ab, -2) - centers) ** 2, axis=-1)  # squared, (..., K)
    count = min(NEAREST, centers.shape[0])
    nearest = -ops.top_k(-distances, count)[0]  # (..., count), ascending
    # Measured from the nearest distance, the nearest center has 1 even far beyond all centers.
    near = ops.exp((nearest[..., :1] - distances) / (2 * SIGMA**2))  # (..., K)
    near = ops.where(distances <= nearest[..., -1:], near, 0.0)
    return near / ops.sum(near, axis=-1, keepdims=True)


def rebalanced_cross_entropy(
    code: keras.KerasTensor,
    logits: keras.KerasTensor,
    centers: keras.KerasTensor,
    weights: keras.KerasTensor,
) -> keras.KerasTensor:
    """Compute a cross-entropy in which pixels of rare colors count more. Lesson 6.4.

    Each pixel counts by the weight of its true color's class (equation 2).

    Args:
        code: true a*, b* as codes, (B, s * H, s * W, 2), first averaged over s x s pixels.
        logits: class logits, float32 (B, H, W, K).
        centers: float32 (K, 2), CIELAB units.
        weights: weight of each class, float32 (K,).

    Returns:
        float32 (B,): the mean over the pixels of weight * -sum(truth * log(softmax(logits))).

    Example:
        >>> loss = rebalanced_cross_entropy(code, logits, centers, weights)  # doctest: +SKIP
    """
    _, height, width, _ = logits.shape
    rows, columns = code.shape[1] // height, code.shape[2] // width  # s, s
    blocks = ops.reshape(decode_ab(code), (-1, height, rows, width, columns, 2))
    ab = ops.mean(blocks, axis=(2, 4))  # (B, H, W, 2)
    truth = soft_encode(ab, centers)  # (B, H, W, K)
    weight = ops.take(weights, ops.argmax(truth, axis=-1))  # (B, H, W)
    log_likelihood = ops.sum(truth * ops.log_softmax(logits, axis=-1), axis=-1)  # (B, H, W)
    return ops.mean(-weight * log_likelihood, axis=(1, 2))


def annealed_mean(
    logits: keras.KerasTensor, centers: keras.KerasTensor, temperature: float
) -> keras.KerasTensor:
    """Compute the color that class logits stand for (equation 5). Lesson 6.6.

    It is the mean of the centers, after the temperature has sharpened the probabilities.

    Args:
        logits: float32 (..., K).
        centers: float32 (K, 2), CIELAB units.
        temperature: above 0. At 1 the mean, which has the lowest squared error but is dull; toward
            0 the most probable center, which is vivid and may jump from pixel to pixel.

    Returns:
        a*, b*, float32 (..., 2), CIELAB units.

    Example:
        >>> import numpy as np
        >>> centers = np.float32([[-20, 0], [20, 0]])
        >>> np.round(annealed_mean(np.float32([0, 0]), centers, 1.0), 2).tolist()
        [0.0, 0.0]
    """
    shares = ops.softmax(logits / temperature, axis=-1)  # (..., K)
    return ops.matmul(shares, centers)
