"""Losses that Keras lacks, or has in another unit. Truth comes as its storage code: uint8 goes to the device, where it is decoded.

By color classes after Zhang et al. 2016, "Colorful image colorization": soft encoding, rebalanced cross-entropy, annealed mean.
"""

from keras import ops

from ..color.classes import SIGMA
from ..color.lab import AB_SHIFT

NEAREST = 5  # class centers among which a color is shared


def decode_ab(code):
    """a*, b* of the storage code: any number type, (..., 2), to float32 CIELAB units."""
    return ops.cast(code, "float32") - AB_SHIFT


def l2(code, pred):
    """Mean squared error per image: storage code and prediction (B, H, W, 2) to (B,), CIELAB units squared."""
    return ops.mean((pred - decode_ab(code)) ** 2, axis=(1, 2, 3))


def l1(code, pred):
    """Mean absolute error per image: storage code and prediction (B, H, W, 2) to (B,), CIELAB units."""
    return ops.mean(ops.abs(pred - decode_ab(code)), axis=(1, 2, 3))


OF_COLOR = {"l2": l2, "l1": l1}  # by name, as a config has it


def discriminator_loss(real, logits):
    """Cross-entropy of a discriminator's logits, all of which should say the same of a picture; per image.

    Args:
        real: float32 (B, 1), 1 where they should say "real", 0 where "generated".
        logits: float32 (B, 1), or a map (B, h, w, 1), above 0 for "real".

    Returns:
        float32 (B,): the mean over the logits of a picture; ln 2 at chance.
    """
    logits = ops.reshape(logits, (ops.shape(logits)[0], -1))  # (B, h * w)
    return ops.mean(
        ops.binary_crossentropy(
            ops.broadcast_to(real, ops.shape(logits)), logits, from_logits=True
        ),
        axis=-1,
    )


def soft_encode(ab, centers):
    """Share each color among the class centers nearest to it, each by a Gaussian of its distance (section 2.2; sigma 5, 5 centers).

    Args:
        ab: a*, b*, float32 (..., 2), CIELAB units.
        centers: float32 (K, 2), CIELAB units.

    Returns:
        float32 (..., K), whose sum over K is 1. Centers that are as near as the fifth count too, so that none is preferred by its number.
    """
    distances = ops.sum((ops.expand_dims(ab, -2) - centers) ** 2, axis=-1)  # squared, (..., K)
    nearest = -ops.top_k(-distances, min(NEAREST, centers.shape[0]))[0]  # ascending
    near = ops.exp(
        (nearest[..., :1] - distances) / (2 * SIGMA**2)
    )  # from the nearest one's: far beyond all centers, too, one has 1
    near = ops.where(distances <= nearest[..., -1:], near, 0.0)
    return near / ops.sum(near, axis=-1, keepdims=True)


def rebalanced_cross_entropy(code, logits, centers, weights):
    """Cross-entropy of class logits, in which each pixel counts by the weight of its true color's class (equation 2).

    Args:
        code: storage code (B, s * H, s * W, 2) of the true color, which is first averaged over s x s pixels.
        logits: float32 (B, H, W, K).
        centers: float32 (K, 2), CIELAB units.
        weights: float32 (K,).

    Returns:
        float32 (B,): the mean over the pixels, of their weight times -sum(truth * log(softmax(logits))).
    """
    _, height, width, _ = logits.shape
    blocks = ops.reshape(
        decode_ab(code), (-1, height, code.shape[1] // height, width, code.shape[2] // width, 2)
    )
    truth = soft_encode(ops.mean(blocks, axis=(2, 4)), centers)  # (B, H, W, K)
    weight = ops.take(weights, ops.argmax(truth, axis=-1))  # (B, H, W)
    return ops.mean(
        -weight * ops.sum(truth * ops.log_softmax(logits, axis=-1), axis=-1), axis=(1, 2)
    )


def annealed_mean(logits, centers, temperature: float):
    """The color that class logits stand for: the mean of the centers, once the probabilities are sharpened (equation 5).

    Args:
        logits: float32 (..., K).
        centers: float32 (K, 2), CIELAB units.
        temperature: above 0. At 1 the mean, which has the lowest squared error but is dull; towards 0 the most probable center, which is
            vivid and may jump from pixel to pixel.

    Returns:
        float32 (..., 2), CIELAB units.
    """
    return ops.matmul(ops.softmax(logits / temperature, axis=-1), centers)
