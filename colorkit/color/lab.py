"""Convert sRGB to CIELAB and back, and to the 8-bit code in which the splits store CIELAB.

The white point is D65, the observer 2 degrees. Matrix and transfer function are those of
IEC 61966-2-1, CIELAB is that of CIE 15:2004.

Everything is computed in float. OpenCV's own CIELAB is off by up to 2.2 units in a* and b* for
8-bit pictures, and by up to 0.4 for float ones. Its look-up, matrix and power functions are exact
and fast, so they are used here: all colors agree with scikit-image to 0.0002.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ..arrays import Ab, Lab, LabCode, LCode, Rgb8

RGB_TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])  # X, Y, Z of D65
RGB_TO_SCALED = (RGB_TO_XYZ / WHITE[:, None]).astype(np.float32)  # matrix @ rgb = xyz / white
SCALED_TO_RGB = np.linalg.inv(RGB_TO_XYZ / WHITE[:, None]).astype(np.float32)

# Below the knee, CIELAB replaces the cube root with a line, so that black has a finite slope.
KNEE = 0.008856
SLOPE = np.float32(7.787)
OFFSET = np.float32(16 / 116)
LINE_BELOW_KNEE = np.array(  # of x, y, z and 1
    [[SLOPE, 0, 0, OFFSET], [0, SLOPE, 0, OFFSET], [0, 0, SLOPE, OFFSET]], np.float32
)
F_TO_LAB = np.array(  # L, a, b from f(x), f(y), f(z) and 1
    [[0, 116, 0, -16], [500, -500, 0, 0], [0, 200, -200, 0]], np.float32
)

L_SCALE = 2.55  # L 0 to 100 is stored as 0 to 255; lessons 7.5, 7.6 and 7.8
AB_SHIFT = 128  # a, b are stored as round(value) + 128
LAB_TO_CODE = np.array(  # of L, a, b and 1
    [[L_SCALE, 0, 0, 0], [0, 1, 0, AB_SHIFT], [0, 0, 1, AB_SHIFT]], np.float32
)


def to_linear(srgb: np.ndarray) -> NDArray[np.float64]:
    """Undo the sRGB transfer function: turn coded values into amounts of light. Lesson 1.2.

    Source: IEC 61966-2-1.

    Args:
        srgb: coded values, float, any shape, 0 to 1.

    Returns:
        Amounts of light, float64 of the same shape, 0 to 1.

    Example:
        >>> import numpy as np
        >>> to_linear(np.array([0.0, 0.5, 1.0])).round(3).tolist()
        [0.0, 0.214, 1.0]
    """
    return np.where(srgb > 0.04045, ((srgb + 0.055) / 1.055) ** 2.4, srgb / 12.92)


def _from_linear(linear: np.ndarray) -> np.ndarray:
    """Apply the sRGB transfer function; input and output 0 to 1, negative light counts as none."""
    linear = np.maximum(linear, 0)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


# the amount of light of each 8-bit value, (256,)
LINEAR = to_linear(np.arange(256) / 255).astype(np.float32)


def rgb_to_lab(rgb: Rgb8) -> Lab:
    """Convert sRGB to CIELAB. Lessons 1.2, 7.5 and 7.8.

    Args:
        rgb: sRGB, (..., 3).

    Returns:
        CIELAB, (..., 3). In the sRGB gamut, a* is -86 to 98 and b* -108 to 94.

    Raises:
        ValueError: the array is not uint8, or its last axis is not 3. RGBA must be composited
            first, as faces.decode_face does.

    Example:
        >>> import numpy as np
        >>> np.rint(rgb_to_lab(np.array([255, 0, 0], np.uint8))).tolist()  # red
        [53.0, 80.0, 67.0]
    """
    if rgb.dtype != np.uint8 or rgb.shape[-1:] != (3,):
        raise ValueError(f"rgb_to_lab expected uint8 (..., 3), got {rgb.dtype} {rgb.shape}")
    values = np.ascontiguousarray(rgb).reshape(1, -1)
    linear = cv2.LUT(values, LINEAR)
    linear = linear.reshape(1, -1, 3)  # (1, N, 3): for OpenCV a picture of one row
    xyz = cv2.transform(linear, RGB_TO_SCALED)  # each 0 to 1
    f = cv2.pow(xyz, 1 / 3)
    np.copyto(f, cv2.transform(xyz, LINE_BELOW_KNEE), where=xyz <= KNEE)
    lab = np.asarray(cv2.transform(f, F_TO_LAB), np.float32)
    return lab.reshape(rgb.shape)


def lightness(light: np.ndarray) -> np.ndarray:
    """Compute the lightness L of amounts of light. Lesson 7.5.

    Args:
        light: Y, float, any shape, 0 (none) to 1 (white).

    Returns:
        L, float of the same shape, 0 to 100.

    Example:
        >>> import numpy as np
        >>> lightness(np.array([0.18, 1.0])).round(1).tolist()  # middle grey, white
        [49.5, 100.0]
    """
    return 116 * np.where(light > KNEE, np.cbrt(light), SLOPE * light + OFFSET) - 16


def luminance(L: np.ndarray) -> np.ndarray:
    """Undo `lightness`: compute the amount of light of each L.

    Args:
        L: float, any shape, 0 to 100.

    Returns:
        Y, float of the same shape, 0 to 1.

    Example:
        >>> import numpy as np
        >>> luminance(np.array([0.0, 49.5, 100.0])).round(2).tolist()
        [0.0, 0.18, 1.0]
    """
    return _cube((L + 16) / 116)


def _cube(f: np.ndarray) -> np.ndarray:
    """Undo CIELAB's cube root, and the line that replaces it below the knee."""
    return np.where(f**3 > KNEE, f**3, (f - OFFSET) / SLOPE)


def lab_to_linear(lab: np.ndarray) -> NDArray[np.float32]:
    """Convert CIELAB to amounts of red, green and blue light. Lesson 7.5.

    Args:
        lab: CIELAB, float (..., 3).

    Returns:
        float32 (..., 3), 0 to 1 for a color of the sRGB gamut, below or above for others.

    Raises:
        ValueError: the last axis is not 3.

    Example:
        >>> import numpy as np
        >>> np.rint(100 * lab_to_linear(np.array([49.5, 0, 0]))).tolist()  # middle grey, percent
        [18.0, 18.0, 18.0]
    """
    if lab.shape[-1:] != (3,):
        raise ValueError(f"CIELAB is (..., 3), got {lab.shape}")
    lab = lab.astype(np.float32)
    fy = (lab[..., 0] + 16) / 116
    fx = fy + lab[..., 1] / 500
    fz = fy - lab[..., 2] / 200
    f = np.stack([fx, fy, fz], axis=-1)
    xyz = _cube(f).reshape(1, -1, 3)  # (1, N, 3): for OpenCV a picture of one row
    # NumPy's `@` does the same. Its threads wait for each other, which is slow on a busy machine.
    linear = np.asarray(cv2.transform(xyz, SCALED_TO_RGB), np.float32)
    return linear.reshape(lab.shape)


def lab_to_rgb(lab: np.ndarray) -> Rgb8:
    """Convert CIELAB to sRGB. Lessons 1.2, 4.1 and 7.8.

    A color outside the sRGB gamut is clipped channel by channel, which also changes its L. What is
    no number (NaN), as from a model that has diverged, becomes black.

    Args:
        lab: CIELAB, float (..., 3).

    Returns:
        sRGB, (..., 3).

    Raises:
        ValueError: the last axis is not 3.

    Example:
        >>> import numpy as np
        >>> lab_to_rgb(np.array([70.0, 5.0, 10.0])).tolist()
        [188, 167, 153]
    """
    srgb = np.clip(_from_linear(lab_to_linear(lab)), 0, 1)
    return np.round(np.nan_to_num(srgb) * 255).astype(np.uint8)


def to_storage(lab: np.ndarray) -> LabCode:
    """Store CIELAB in 8 bits: round(L * 2.55), round(a) + 128, round(b) + 128. Lesson 1.2.

    Args:
        lab: CIELAB, float (..., 3).

    Returns:
        Codes, (..., 3). The sRGB gamut fits: a*, b* of -108 to 98 become 20 to 226.

    Example:
        >>> import numpy as np
        >>> to_storage(np.array([50.0, 10.4, -10.6])).tolist()
        [128, 138, 117]
    """
    row = np.ascontiguousarray(lab, np.float32).reshape(1, -1, 3)  # (1, N, 3)
    code = cv2.transform(row, LAB_TO_CODE)
    rounded = cv2.addWeighted(code, 1, code, 0, 0, dtype=cv2.CV_8U)  # also clips to 0 to 255
    return np.asarray(rounded, np.uint8).reshape(lab.shape)


def from_storage(code: LabCode) -> Lab:
    """Undo `to_storage`, up to 0.2 in L and 0.5 in a* and b*. Lesson 1.2.

    Args:
        code: stored CIELAB, (..., 3).

    Returns:
        CIELAB, (..., 3).

    Example:
        >>> import numpy as np
        >>> from_storage(np.array([255, 138, 117], np.uint8)).tolist()
        [100.0, 10.0, -11.0]
    """
    shift = np.array([0, AB_SHIFT, AB_SHIFT], np.float32)
    scale = np.array([L_SCALE, 1, 1], np.float32)
    return (code.astype(np.float32) - shift) / scale


def decode_ab(ab_code: NDArray[np.uint8]) -> Ab:
    """Turn stored a* and b* into CIELAB units.

    Args:
        ab_code: codes of a* and b*, uint8, any shape: the last two channels of stored CIELAB.

    Returns:
        a* and b*, float32 of the same shape, CIELAB units.

    Example:
        >>> import numpy as np
        >>> decode_ab(np.array([138, 117], np.uint8)).tolist()
        [10.0, -11.0]
    """
    return ab_code.astype(np.float32) - AB_SHIFT


def compose(L_code: LCode | NDArray[np.float32], ab: Ab | None = None) -> Rgb8:
    """Join a model's input and its output into a picture. Lessons 5.5, 6.1 and 7.2.

    Args:
        L_code: code of L, uint8 or float (..., 1), 0 to 255.
        ab: a* and b*, (..., 2), CIELAB units; None leaves the picture grey.

    Returns:
        sRGB, (..., 3).

    Example:
        >>> import numpy as np
        >>> compose(np.array([128], np.uint8), np.array([20.0, 10.0])).tolist()
        [157, 106, 103]
    """
    L = L_code.astype(np.float32) / L_SCALE
    if ab is None:
        ab = np.zeros((*L_code.shape[:-1], 2), np.float32)
    lab = np.concatenate([L, ab], axis=-1)  # (..., 3)
    return lab_to_rgb(lab)
