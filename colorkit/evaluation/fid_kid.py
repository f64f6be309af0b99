"""How much one set of pictures looks like another as a whole: FID and KID, two distances between what a network, or a rule, sees in them.

Neither asks whether a face got its own colors back, only whether the faces could be of one kind.
"""

import functools

import keras
import numpy as np

from .. import color
from ..errors import KitError
from ..models import imagenet

SIZE = 299  # pixels a side: what InceptionV3 was trained on
FIELDS = 4  # a side, of a picture's color features


def fid(features: np.ndarray, others: np.ndarray) -> float:
    """Frechet distance of two sets, each taken for a Gaussian (Heusel et al. 2017): how far their means and covariances are apart.

    Args:
        features, others: (N, D) and (M, D), of two rows or more, such as `inception_features`.

    Returns:
        |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), 0 or more, in the features' units squared; less is better. Few rows make it too
        large, and not for all models alike: compare it for sets of one size only, of thousands.

    Raises:
        ValueError: fewer rows, or other shapes.
    """
    one, other = _rows(features, others)
    apart = one.mean(0) - other.mean(0)
    # A and B have C1 = A'A and C2 = B'B. The trace of (C1 C2)^(1/2) is the sum of the singular values of AB': exact where C1 C2 is
    # singular too, as it is with fewer rows than columns, and where a square root of the matrix fails.
    A, B = ((rows - rows.mean(0)) / np.sqrt(len(rows) - 1) for rows in (one, other))
    shared = np.linalg.svd(
        np.linalg.qr(A, mode="r") @ np.linalg.qr(B, mode="r").T, compute_uv=False
    ).sum()
    return float(apart @ apart + (A**2).sum() + (B**2).sum() - 2 * shared)


def kid(features: np.ndarray, others: np.ndarray) -> float:
    """Kernel distance of two sets (Binkowski et al. 2018): their squared maximum mean discrepancy, unbiased, kernel (x y / D + 1)^3.

    Args:
        features, others: (N, D) and (M, D), of two rows or more, such as `inception_features`.

    Returns:
        About 0 for sets of one kind, by chance below 0 as well; less is better. Right on average whatever the number of rows. All pairs of
        rows are used; the paper's mean over small subsets expects the same and scatters more.

    Raises:
        ValueError: fewer rows, or other shapes.
    """
    one, other = _rows(features, others)
    return float(_alike(one, one) + _alike(other, other) - 2 * _alike(one, other))


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """The kernel's mean over all pairs of rows; within a set no row is paired with itself."""
    kernel = (one @ other.T / one.shape[1] + 1) ** 3
    if one is not other:
        return kernel.mean()
    return (kernel.sum() - kernel.trace()) / (len(one) * (len(one) - 1))


def _rows(features: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    one, other = np.asarray(features, np.float64), np.asarray(others, np.float64)
    if (
        one.ndim != 2
        or other.ndim != 2
        or one.shape[1] != other.shape[1]
        or min(len(one), len(other)) < 2
    ):
        raise ValueError(
            f"features {one.shape} and others {other.shape} must be (N, D) and (M, D), of two rows or more"
        )
    return one, other


def color_features(rgb: np.ndarray) -> np.ndarray:
    """Fixed features of a picture's color, which no network had to learn: mean and spread of a* and b* in 4 x 4 fields.

    Args:
        rgb: uint8 (N, H, W, 3), sRGB, with sides that are multiples of 4.

    Returns:
        float32 (N, 64), CIELAB units. Their distances compare with those of no other features.
    """
    ab = color.rgb_to_lab(rgb)[..., 1:]
    side = ab.shape[1] // FIELDS
    fields = ab.reshape(len(ab), FIELDS, side, FIELDS, -1, 2)
    return np.concatenate(
        [fields.mean((2, 4)).reshape(len(ab), -1), fields.std((2, 4)).reshape(len(ab), -1)], axis=1
    )


def inception_features(rgb: np.ndarray, batch_size: int = 32) -> np.ndarray:
    """What InceptionV3 of keras.applications, trained on ImageNet, sees in pictures: its last features, averaged over places.

    Args:
        rgb: uint8 (N, H, W, 3), sRGB; enlarged to 299 x 299 bilinearly.
        batch_size: pictures at a time.

    Returns:
        float32 (N, 2048). These are not the features of the original FID, whose network had other weights: say "FID with Keras'
        InceptionV3", and compare it with none but its like.

    Raises:
        KitError: the weights, which are downloaded once (88 MB), can't be had.
    """
    return _inception().predict(rgb, batch_size=batch_size, verbose=0)


@functools.cache
def _inception() -> keras.Model:
    """Pictures of any size, 0 to 255, to features."""
    network, reason = imagenet.fetch(
        keras.applications.InceptionV3, input_shape=(SIZE, SIZE, 3), pooling="avg"
    )
    if network is None:
        raise KitError(
            f"InceptionV3's ImageNet weights could not be fetched ({reason}): FID and KID need them, and so the internet"
        )
    pictures = keras.Input((None, None, 3))
    enlarged = keras.layers.Resizing(SIZE, SIZE)(pictures)
    return keras.Model(
        pictures, network(keras.applications.inception_v3.preprocess_input(enlarged))
    )
