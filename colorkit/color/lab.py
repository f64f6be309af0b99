"""Color spaces: sRGB to CIELAB and back, and the 8-bit code in which the splits store CIELAB.

White point D65, 2 degree observer; matrix and transfer function of IEC 61966-2-1, CIELAB of CIE 15:2004. Everything is
computed in float. OpenCV's own CIELAB is off by up to 2.2 units in a* and b* for 8-bit pictures, by up to 0.4 for float ones;
its look-up, matrix and power functions, used here for their speed, are exact: all colors agree with scikit-image to 0.0002.
"""

import cv2
import numpy as np

RGB_TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])  # X, Y, Z of D65
RGB_TO_SCALED = (RGB_TO_XYZ / WHITE[:, None]).astype(np.float32)  # matrix @ rgb = xyz / white
SCALED_TO_RGB = np.linalg.inv(RGB_TO_XYZ / WHITE[:, None]).astype(np.float32)

KNEE = (
    0.008856  # below it CIELAB replaces the cube root by a line, so that black has a finite slope
)
SLOPE, OFFSET = np.float32(7.787), np.float32(16 / 116)
DARK = np.array(
    [[SLOPE, 0, 0, OFFSET], [0, SLOPE, 0, OFFSET], [0, 0, SLOPE, OFFSET]], np.float32
)  # that line, of x, y, z and 1
F_TO_LAB = np.array(
    [[0, 116, 0, -16], [500, -500, 0, 0], [0, 200, -200, 0]], np.float32
)  # L, a, b of f(x), f(y), f(z) and 1

L_SCALE = 2.55  # L 0..100 is stored as 0..255
AB_SHIFT = 128  # a, b are stored as round(value) + 128
LAB_TO_CODE = np.array([[L_SCALE, 0, 0, 0], [0, 1, 0, AB_SHIFT], [0, 0, 1, AB_SHIFT]], np.float32)


def to_linear(srgb: np.ndarray) -> np.ndarray:
    """Undo the sRGB transfer function (IEC 61966-2-1): from coded values to amounts of light.

    Args:
        srgb: float, any shape, 0 to 1.

    Returns:
        float64 of the same shape, 0 to 1.
    """
    return np.where(srgb > 0.04045, ((srgb + 0.055) / 1.055) ** 2.4, srgb / 12.92)


def _from_linear(linear: np.ndarray) -> np.ndarray:
    """Apply the sRGB transfer function. Input and output 0 to 1; negative light counts as none."""
    linear = np.maximum(linear, 0)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


LINEAR = to_linear(np.arange(256) / 255).astype(
    np.float32
)  # an 8-bit value has only 256 linear ones


def rgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """Convert sRGB to CIELAB.

    Args:
        rgb: uint8 (..., 3), sRGB.

    Returns:
        float32 (..., 3): L 0..100, a* -86..98, b* -108..94 (the limits of the sRGB gamut).

    Raises:
        ValueError: not uint8, or the last axis is not 3 (RGBA must be composited first, see faces.decode_face).
    """
    if rgb.dtype != np.uint8 or rgb.shape[-1:] != (3,):
        raise ValueError(f"rgb_to_lab wants uint8 (..., 3), got {rgb.dtype} {rgb.shape}")
    linear = cv2.LUT(np.ascontiguousarray(rgb).reshape(1, -1), LINEAR)
    xyz = cv2.transform(
        linear.reshape(1, -1, 3), RGB_TO_SCALED
    )  # each 0..1, for OpenCV a picture of one row
    f = cv2.pow(xyz, 1 / 3)
    np.copyto(f, cv2.transform(xyz, DARK), where=xyz <= KNEE)
    return cv2.transform(f, F_TO_LAB).reshape(rgb.shape)


def lightness(light: np.ndarray) -> np.ndarray:
    """L of an amount of light: float Y, any shape, 0 (none) to 1 (white), to float L of the same shape, 0..100."""
    return 116 * np.where(light > KNEE, np.cbrt(light), SLOPE * light + OFFSET) - 16


def luminance(L: np.ndarray) -> np.ndarray:
    """Undo `lightness`: float L, any shape, 0..100, to float Y of the same shape, 0 to 1."""
    return _cubed((L + 16) / 116)


def _cubed(f: np.ndarray) -> np.ndarray:
    """Undo CIELAB's cube root, and the line that replaces it below the knee."""
    return np.where(f**3 > KNEE, f**3, (f - OFFSET) / SLOPE)


def lab_to_linear(lab: np.ndarray) -> np.ndarray:
    """Convert CIELAB to amounts of red, green and blue light.

    Args:
        lab: float (..., 3): L 0..100, a* and b* in CIELAB units.

    Returns:
        float32 (..., 3), 0 to 1 for a color of the sRGB gamut, below or above for others.

    Raises:
        ValueError: the last axis is not 3.
    """
    if lab.shape[-1:] != (3,):
        raise ValueError(f"CIELAB is (..., 3), got {lab.shape}")
    lab = lab.astype(np.float32)
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], axis=-1)
    return cv2.transform(_cubed(f).reshape(1, -1, 3), SCALED_TO_RGB).reshape(
        lab.shape
    )  # as `@`, but its threads don't wait for each other


def lab_to_rgb(lab: np.ndarray) -> np.ndarray:
    """Convert CIELAB to sRGB. A color outside the sRGB gamut is clipped channel by channel, which also changes its L.

    Args:
        lab: float (..., 3): L 0..100, a* and b* in CIELAB units.

    Returns:
        uint8 (..., 3), sRGB.

    Raises:
        ValueError: the last axis is not 3.
    """
    return np.round(np.clip(_from_linear(lab_to_linear(lab)), 0, 1) * 255).astype(np.uint8)


def to_storage(lab: np.ndarray) -> np.ndarray:
    """Code CIELAB in 8 bits: round(L * 2.55), round(a) + 128, round(b) + 128.

    Args:
        lab: float (..., 3), L 0..100, a* and b* in CIELAB units.

    Returns:
        uint8 (..., 3). The sRGB gamut fits: a*, b* of -108..98 become 20..226.
    """
    row = np.ascontiguousarray(lab, np.float32).reshape(1, -1, 3)
    code = cv2.transform(row, LAB_TO_CODE)
    return cv2.addWeighted(code, 1, code, 0, 0, dtype=cv2.CV_8U).reshape(
        lab.shape
    )  # rounds, and clips to 0..255


def from_storage(code: np.ndarray) -> np.ndarray:
    """Undo `to_storage`: uint8 (..., 3) to float32 CIELAB (..., 3), off by at most 0.2 in L and 0.5 in a*, b*."""
    return (code.astype(np.float32) - np.array([0, AB_SHIFT, AB_SHIFT], np.float32)) / np.array(
        [L_SCALE, 1, 1], np.float32
    )


def compose(L: np.ndarray, ab: np.ndarray | None = None) -> np.ndarray:
    """Join a model's input and its output into a picture.

    Args:
        L: (..., 1), the storage code of L, 0..255.
        ab: (..., 2), a* and b* in CIELAB units; None leaves the picture grey.

    Returns:
        uint8 (..., 3), sRGB.
    """
    lightness = L.astype(np.float32) / L_SCALE
    if ab is None:
        ab = np.zeros((*L.shape[:-1], 2), np.float32)
    return lab_to_rgb(np.concatenate([lightness, ab], axis=-1))
