"""Compare colorized pictures with the true ones as people see them, per image.

Here are PSNR, SSIM, CIEDE2000 and colorfulness. Pictures are sRGB, so colors outside its gamut are
clipped already. `metrics` measures the errors in a*, b* themselves.
"""

from collections.abc import Callable

import numpy as np
from skimage.color import deltaE_ciede2000
from skimage.metrics import structural_similarity

from .. import color
from ..arrays import Rgb8

PEAK = 255  # of 8 bits
SSIM_OPTIONS = {
    "gaussian_weights": True,
    "sigma": 1.5,
    "use_sample_covariance": False,
    "data_range": PEAK,
    "channel_axis": -1,
}


def psnr(pred: Rgb8, true: Rgb8) -> np.ndarray:
    """Compute the peak signal-to-noise ratio, per image. Lessons 6.2 and 7.3.

    It holds the full range of values against the root mean squared error of R, G and B.

    Args:
        pred, true: predicted and true pictures.

    Returns:
        float64 (N,), dB: more is better, and equal pictures have inf. A table shows the mean over
        images. (The pooled squared error of all images would give a lower value.)

    Raises:
        ValueError: not uint8, or the shapes differ.

    Example:
        >>> dark, light = np.zeros((1, 4, 4, 3), np.uint8), np.full((1, 4, 4, 3), 255, np.uint8)
        >>> psnr(dark, light).tolist()
        [0.0]
    """

    def decibels(one: Rgb8, other: Rgb8) -> float:
        squared_error = np.mean((one.astype(np.float64) - other) ** 2)
        with np.errstate(divide="ignore"):
            return 10 * np.log10(PEAK**2 / squared_error)

    return _per_image(decibels, pred, true)


def ssim(pred: Rgb8, true: Rgb8) -> np.ndarray:
    """Compute the structural similarity (Wang et al. 2004), per image.

    It says how well means, contrasts and patterns agree in windows of 11 x 11 pixels. As in the
    paper, windows are Gaussian with sigma 1.5, and covariances are those of a population.

    Args:
        pred, true: predicted and true pictures, 11 pixels a side or more.

    Returns:
        float64 (N,), the mean over windows and over R, G and B: -1 to 1, and 1 for equal pictures.
        A colorizer is given L, which holds most of the structure, so all have high values.

    Raises:
        ValueError: not uint8, the shapes differ, or the pictures are too small.

    Example:
        >>> picture = np.arange(12 * 12 * 3, dtype=np.uint8).reshape(1, 12, 12, 3)
        >>> ssim(picture, picture).tolist()
        [1.0]
    """
    return _per_image(_ssim, pred, true)


def _ssim(one: Rgb8, other: Rgb8) -> float:
    return structural_similarity(one, other, **SSIM_OPTIONS)


def delta_e(lab: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Compute how different two colors look, by CIEDE2000 (CIE 142-2001; Sharma et al. 2005).

    kL, kC and kH are 1. (CIELAB's own distance overrates differences between vivid colors.)

    Args:
        lab, other: CIELAB, float (..., 3).

    Returns:
        (...), 0 or more; people can just see a difference of about 1.

    Example:
        >>> round(delta_e(np.array([50, 2.5, 0]), np.array([73, 25, -18])).item(), 4)
        27.1492
    """
    return deltaE_ciede2000(lab, other)


def ciede2000(pred: Rgb8, true: Rgb8) -> np.ndarray:
    """Compute how different the colors of two pictures look, per image.

    Args:
        pred, true: predicted and true pictures.

    Returns:
        float64 (N,), the mean of `delta_e` over pixels: 0 or more; less is better.

    Raises:
        ValueError: not uint8, or the shapes differ.

    Example:
        >>> grey = np.full((1, 4, 4, 3), 90, np.uint8)
        >>> ciede2000(grey, grey).tolist()
        [0.0]
    """
    return _per_image(_ciede2000, pred, true)


def _ciede2000(one: Rgb8, other: Rgb8) -> float:
    differences = delta_e(color.rgb_to_lab(one), color.rgb_to_lab(other))  # (H, W)
    return differences.mean(dtype=np.float64)


def colorfulness(rgb: Rgb8) -> np.ndarray:
    """Compute how colorful a picture looks (Hasler and Suesstrunk 2003), per image.

    It is made of the spread and the mean of the opponent colors. As in the paper, red-green and
    yellow-blue keep their signs. (A widespread recipe drops them.)

    Args:
        rgb: pictures.

    Returns:
        float64 (N,): 0 is grey, uniform noise has 138.26 (113 by the other recipe).

    Raises:
        ValueError: not uint8, or another shape.

    Example:
        >>> colorfulness(np.full((1, 4, 4, 3), 90, np.uint8)).tolist()
        [0.0]
    """
    return _per_image(_colorfulness, rgb)


def _colorfulness(picture: Rgb8) -> float:
    red, green, blue = picture.reshape(-1, 3).T.astype(np.float64)
    opponent = np.stack([red - green, (red + green) / 2 - blue])  # (2, H * W)
    spread = np.hypot(*opponent.std(axis=1))
    strength = np.hypot(*opponent.mean(axis=1))
    return spread + 0.3 * strength


def colorfulness_ratio(values: np.ndarray, truth: np.ndarray) -> float:
    """Compute colorfulness as a share of the truth's: below 1 is duller, above 1 gaudier.

    Args:
        values, truth: (N,), `colorfulness` of the predicted and of the true pictures.

    Returns:
        mean(values) / mean(truth). (The mean of each face's own ratio would be another number, in
        which a nearly grey face counts without limit.)

    Example:
        >>> colorfulness_ratio([10.0, 10.0], [30.0, 10.0])
        0.5
    """
    return float(np.mean(values) / np.mean(truth))


def _per_image(measure: Callable[..., float], *sets: Rgb8) -> np.ndarray:
    """Measure image by image.

    All images at once, as floats, with everything that the formulas keep, would take gigabytes.
    """
    shape = sets[0].shape
    alike = all(pictures.dtype == np.uint8 and pictures.shape == shape for pictures in sets)
    if not alike or len(shape) != 4 or shape[-1] != 3:
        said = " and ".join(f"{pictures.dtype} {pictures.shape}" for pictures in sets)
        raise ValueError(f"expected pictures, uint8 (N, H, W, 3), all of one shape; got {said}")
    return np.array([measure(*images) for images in zip(*sets, strict=True)], np.float64)
