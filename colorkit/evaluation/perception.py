"""Colorized pictures as they are seen, compared with the true ones: PSNR, SSIM, CIEDE2000, colorfulness; per image.

Pictures are sRGB, so colors outside its gamut are clipped already. The errors in a*, b* by themselves are in `metrics`.
"""

from collections.abc import Callable

import numpy as np
from skimage.color import deltaE_ciede2000
from skimage.metrics import structural_similarity

from .. import color

PEAK = 255  # of 8 bits


def psnr(pred: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio: the full range of values beside the root mean squared error of R, G and B, in decibels; per image.

    Args:
        pred, true: uint8 (N, H, W, 3), sRGB.

    Returns:
        float64 (N,), dB; more is better, and equal pictures have inf. A table's value is the mean over images; the pooled squared error of
        all images would give a lower one.

    Raises:
        ValueError: not uint8, or shapes differ.
    """

    def of(one: np.ndarray, other: np.ndarray) -> float:
        with np.errstate(divide="ignore"):
            return 10 * np.log10(PEAK**2 / np.mean((one.astype(np.float64) - other) ** 2))

    return _per_image(of, pred, true)


def ssim(pred: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Structural similarity (Wang et al. 2004): how well means, contrasts and patterns agree in windows of 11 x 11 pixels; per image.

    Args:
        pred, true: uint8 (N, H, W, 3), sRGB, 11 pixels a side or more.

    Returns:
        float64 (N,), -1 to 1, which is for equal pictures: the mean over windows and over R, G and B. As in the paper: Gaussian windows,
        sigma 1.5, population covariances. A colorizer is given L, where most of the structure is, so all have high values.

    Raises:
        ValueError: not uint8, shapes differ, or too small.
    """
    options = {
        "gaussian_weights": True,
        "sigma": 1.5,
        "use_sample_covariance": False,
        "data_range": PEAK,
        "channel_axis": -1,
    }
    return _per_image(lambda one, other: structural_similarity(one, other, **options), pred, true)


def delta_e(lab: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How different two colors look, by CIEDE2000 with kL = kC = kH = 1 (CIE 142-2001; Sharma et al. 2005).

    Args:
        lab, other: CIELAB, float (..., 3).

    Returns:
        (...), 0 or more; about 1 can just be told apart. (CIELAB's own distance overrates differences between vivid colors.)
    """
    return deltaE_ciede2000(lab, other)


def ciede2000(pred: np.ndarray, true: np.ndarray) -> np.ndarray:
    """How different the colors of two pictures look: the mean of `delta_e` over pixels; per image.

    Args:
        pred, true: uint8 (N, H, W, 3), sRGB.

    Returns:
        float64 (N,), 0 or more; less is better.

    Raises:
        ValueError: not uint8, or shapes differ.
    """
    return _per_image(
        lambda one, other: delta_e(color.rgb_to_lab(one), color.rgb_to_lab(other)).mean(
            dtype=np.float64
        ),
        pred,
        true,
    )


def colorfulness(rgb: np.ndarray) -> np.ndarray:
    """How colorful a picture looks (Hasler and Suesstrunk 2003): spread and mean of its opponent colors; per image.

    Args:
        rgb: uint8 (N, H, W, 3), sRGB.

    Returns:
        float64 (N,): 0 is grey, uniform noise has 138.26. As in the paper, red-green and yellow-blue keep their signs. (A widespread recipe
        drops them; it gives the same noise 113.)

    Raises:
        ValueError: not uint8, or another shape.
    """

    def of(picture: np.ndarray) -> float:
        red, green, blue = picture.reshape(-1, 3).T.astype(np.float64)
        opponent = np.stack([red - green, (red + green) / 2 - blue])
        return np.hypot(*opponent.std(axis=1)) + 0.3 * np.hypot(*opponent.mean(axis=1))

    return _per_image(of, rgb)


def colorfulness_ratio(values: np.ndarray, truth: np.ndarray) -> float:
    """Colorfulness as a share of the truth's: below 1 is duller, above 1 gaudier.

    Args:
        values, truth: (N,), `colorfulness` of the predicted and of the true pictures.

    Returns:
        mean(values) / mean(truth). (Not the mean of each face's own ratio, in which a nearly grey face counts without limit.)
    """
    return float(np.mean(values) / np.mean(truth))


def _per_image(measure: Callable[..., float], *sets: np.ndarray) -> np.ndarray:
    """Measure image by image: all of them at once as floats, with all that the formulas keep of them, would take gigabytes."""
    first = sets[0]
    if (
        any(pictures.dtype != np.uint8 or pictures.shape != first.shape for pictures in sets)
        or first.ndim != 4
        or first.shape[-1] != 3
    ):
        said = " and ".join(f"{pictures.dtype} {pictures.shape}" for pictures in sets)
        raise ValueError(f"wanted pictures, uint8 (N, H, W, 3), all of one shape; got {said}")
    return np.array([measure(*images) for images in zip(*sets, strict=True)], np.float64)
