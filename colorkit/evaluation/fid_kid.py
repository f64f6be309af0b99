"""Measure how much one set of pictures looks like another as a whole: FID and KID.

Both are distances between features of the pictures: what a network sees in them, or a rule. Neither
asks whether a face got its own colors back, only whether the faces could be of one kind.
"""

import functools

import keras
import numpy as np

from .. import color
from ..arrays import Rgb8
from ..errors import KitError
from ..models import imagenet

SIZE = 299  # pixels a side: what InceptionV3 was trained on
FIELDS = 4  # a side, of a picture's color features


def fid(features: np.ndarray, others: np.ndarray) -> float:
    """Compute the Frechet distance of two sets (Heusel et al. 2017).

    Each set is taken for a Gaussian, and the distance says how far apart their means and
    covariances are.

    Args:
        features, others: (N, D) and (M, D), of two rows or more, such as `inception_features`.

    Returns:
        |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), 0 or more, in the features' units squared;
        less is better. Few rows make it too large, and not equally for all models: compare it only
        for sets of one size, of thousands.

    Raises:
        ValueError: fewer rows, or other shapes.

    Example:
        >>> rows = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 5.0]])
        >>> round(fid(rows, rows + 2), 6)
        8.0
    """
    one, other = _rows(features, others)
    shift = one.mean(0) - other.mean(0)  # (D,)
    # A and B have C1 = A'A and C2 = B'B. The trace of (C1 C2)^(1/2) is the sum of the singular
    # values of AB'. This is exact for singular covariances too (fewer rows than columns), where a
    # square root of the matrix fails.
    A = _centered(one)
    B = _centered(other)
    # NumPy's stubs expect a pair of arrays here, but mode "r" gives one array.
    transposed = np.linalg.qr(B, mode="r").T  # type: ignore[attr-defined]
    product = np.linalg.qr(A, mode="r") @ transposed
    shared = np.linalg.svd(product, compute_uv=False).sum()
    return float(shift @ shift + (A**2).sum() + (B**2).sum() - 2 * shared)


def _centered(rows: np.ndarray) -> np.ndarray:
    """Scale rows about their mean so that A'A is their covariance."""
    return (rows - rows.mean(0)) / np.sqrt(len(rows) - 1)


def kid(features: np.ndarray, others: np.ndarray) -> float:
    """Compute the kernel distance of two sets (Binkowski et al. 2018).

    It is their squared maximum mean discrepancy, unbiased, with the kernel (x y / D + 1)^3. All
    pairs of rows are used. (The paper's mean over small subsets has the same expectation, and
    scatters more.)

    Args:
        features, others: (N, D) and (M, D), of two rows or more, such as `inception_features`.

    Returns:
        About 0 for sets of one kind, by chance below 0 as well; less is better. It is right on
        average for any number of rows.

    Raises:
        ValueError: fewer rows, or other shapes.

    Example:
        >>> kid(np.array([[0.0], [0.0]]), np.array([[1.0], [1.0]]))
        7.0
    """
    one, other = _rows(features, others)
    return float(_alike(one, one) + _alike(other, other) - 2 * _alike(one, other))


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """Compute the kernel's mean over all pairs of rows; in one set no row is paired with itself."""
    kernel = (one @ other.T / one.shape[1] + 1) ** 3  # (N, M)
    if one is not other:
        return kernel.mean()
    return (kernel.sum() - kernel.trace()) / (len(one) * (len(one) - 1))


def _rows(features: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    one = np.asarray(features, np.float64)
    other = np.asarray(others, np.float64)
    two_dimensional = one.ndim == other.ndim == 2
    if not two_dimensional or one.shape[1] != other.shape[1] or min(len(one), len(other)) < 2:
        raise ValueError(
            f"features {one.shape} and others {other.shape} must be (N, D) and (M, D), of two rows "
            "or more"
        )
    return one, other


def color_features(rgb: Rgb8) -> np.ndarray:
    """Compute fixed features of a picture's color, for which no network had to be trained.

    Args:
        rgb: pictures, with sides that are multiples of 4.

    Returns:
        float32 (N, 64), CIELAB units: mean and spread of a* and b* in 4 x 4 fields. Their distances
        can't be compared with those of other features.

    Example:
        >>> color_features(np.full((1, 8, 8, 3), 90, np.uint8)).shape
        (1, 64)
    """
    ab = color.rgb_to_lab(rgb)[..., 1:]
    side = ab.shape[1] // FIELDS
    fields = ab.reshape(len(ab), FIELDS, side, FIELDS, -1, 2)
    means = fields.mean((2, 4)).reshape(len(ab), -1)  # (N, 32)
    spreads = fields.std((2, 4)).reshape(len(ab), -1)  # (N, 32)
    return np.concatenate([means, spreads], axis=1)


def inception_features(rgb: Rgb8, batch_size: int = 32) -> np.ndarray:
    """Compute what InceptionV3 of keras.applications, trained on ImageNet, sees in pictures.

    Args:
        rgb: pictures; they are enlarged to 299 x 299 bilinearly.
        batch_size: pictures at a time.

    Returns:
        float32 (N, 2048), its last features, averaged over places. These are not the features of
        the original FID, whose network had other weights. Say "FID with Keras' InceptionV3", and
        compare it only with others of that name.

    Raises:
        KitError: the weights (88 MB, downloaded once) can't be fetched.
    """
    return _inception().predict(rgb, batch_size=batch_size, verbose=0)


@functools.cache
def _inception() -> keras.Model:
    """Build the network from pictures of any size, 0 to 255, to features."""
    network, reason = imagenet.fetch(
        keras.applications.InceptionV3, input_shape=(SIZE, SIZE, 3), pooling="avg"
    )
    if network is None:
        raise KitError(
            f"InceptionV3's ImageNet weights could not be fetched ({reason}): FID and KID need "
            "them, and so the internet"
        )
    pictures = keras.Input((None, None, 3))
    enlarged = keras.layers.Resizing(SIZE, SIZE)(pictures)
    scaled = keras.applications.inception_v3.preprocess_input(enlarged)
    return keras.Model(pictures, network(scaled))
