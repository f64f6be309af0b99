"""Damage a picture as lenses, plates, silver grains and time damage a photograph.

Each function takes one picture and returns it unchanged at strength 0. All random numbers come from
the caller's stream, so the same stream gives the same damage.
"""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from .. import color
from ..arrays import LabCode
from ..color.lab import RGB_TO_XYZ

Lightness: TypeAlias = NDArray[np.float32]
"""L of one picture, float32 (H, W), 0 to 100."""

# How sensitive a plate is to red, green and blue light. The weights sum to 1, so a print that is
# exposed for white shows every grey as it is.
PLATES = {
    "panchromatic": tuple(RGB_TO_XYZ[1]),  # after 1906; sees as the eye does: gives L
    "orthochromatic": (0.0, 0.5, 0.5),  # 1873 to 1906
    "blue-sensitive": (0.0, 0.0, 1.0),  # before 1873: wet collodion, daguerreotypes
}
PALE = 75.0  # L of paper and silver when both have faded
# A blur's disc is sampled this often along a pixel's side. The number is odd, so one sample lies
# exactly in the middle and the smallest disc is not empty.
FINE = 9


def reframe(picture: LabCode, shift: float, zoom: float, stream: np.random.Generator) -> LabCode:
    """Move a face away from where crops are aligned, and make it larger or smaller.

    Mirrored edges fill what lay outside the picture. Codes between pixels are interpolated as they
    are, not as amounts of light.

    Args:
        picture: stored CIELAB, (H, W, 3); color moves together with lightness.
        shift: distance in pixels, in a random direction. Both coordinates are rounded to whole
            pixels, so a shift without a zoom resamples nothing.
        zoom: share by which the face grows or shrinks: 0.2 makes it 1.2 times as large or 1.2 times
            as small, with equal chance.
        stream: source of the random numbers.
    """
    angle = stream.uniform(0, 2 * np.pi)
    power = stream.choice((-1.0, 1.0))
    if not (shift or zoom):
        return picture
    height, width = picture.shape[:2]
    middle = ((width - 1) / 2, (height - 1) / 2)
    rotation = cv2.getRotationMatrix2D(middle, 0, (1 + zoom) ** power)
    matrix = np.asarray(rotation, np.float64)  # (2, 3)
    direction = np.array([np.cos(angle), np.sin(angle)])
    matrix[:, 2] += np.round(shift * direction)
    moved = cv2.warpAffine(
        picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(moved, np.uint8)


def defocus(L: Lightness, radius: float) -> Lightness:
    """Put the lens out of focus: spread each point's light evenly over a disc.

    Args:
        L: the picture.
        radius: radius of the disc in pixels. Below about half a pixel the light hardly leaves its
            own pixel.

    Example:
        >>> import numpy as np
        >>> edge = np.zeros((8, 8), np.float32)
        >>> edge[:, 4:] = 100
        >>> bool(0 < defocus(edge, 2)[4, 3] < 100)
        True
    """
    if not radius:
        return L
    light = color.luminance(L)
    # this border keeps the mean
    spread = cv2.filter2D(light, -1, disc(radius), borderType=cv2.BORDER_REFLECT)
    return color.lightness(spread)


def disc(radius: float) -> NDArray[np.float32]:
    """Compute the point spread function of `defocus`.

    Args:
        radius: radius of the disc in pixels.

    Returns:
        float32 (2 r + 1, 2 r + 1), where r is the radius rounded up; the sum is 1.

    Example:
        >>> disc(1.5).shape
        (5, 5)
    """
    reach = int(np.ceil(radius))
    side = 2 * reach + 1  # pixels
    samples = (np.arange(FINE * side) + 0.5) / FINE - 0.5 - reach  # (FINE side,)
    inside = np.hypot(samples, samples[:, None]) <= radius  # (FINE side, FINE side)
    pixels = inside.reshape(side, FINE, side, FINE)
    share = pixels.mean((1, 3), dtype=np.float32)  # (side, side)
    return share / share.sum()


def vignette(L: Lightness, loss: float) -> Lightness:
    """Darken the picture toward its corners.

    The light falls off with the squared distance from the middle, as the law of cos^4 says for a
    narrow angle of view.

    Args:
        L: the picture.
        loss: share of the light that is lost in the corners, 0 to 1.

    Example:
        >>> import numpy as np
        >>> round(vignette(np.full((3, 3), 100, np.float32), 0.5)[0, 0].item(), 1)
        76.1
    """
    if not loss:
        return L
    height, width = L.shape
    squared_distance = _half_squares(height)[:, None] + _half_squares(width)  # (H, W)
    return color.lightness(color.luminance(L) * (1 - loss * squared_distance))


def _half_squares(size: int) -> NDArray[np.float32]:
    """Compute half the squared distance from the middle: float32 (size,), 0.5 at both ends."""
    return 0.5 * np.linspace(-1, 1, size, dtype=np.float32) ** 2


def grain(L: Lightness, spread: float, stream: np.random.Generator) -> Lightness:
    """Add Gaussian noise, as from silver grains that are smaller than a pixel.

    Where grains cover the share u of a place, chance changes that share by sqrt(u (1 - u)) (the
    Boolean model: Newson et al. 2017). So the noise is strongest in the mid-tones, and black and
    white have none. Here u is L / 100.

    Args:
        L: the picture.
        spread: standard deviation of the noise at L = 50, in units of L.
        stream: source of the random numbers.

    Example:
        >>> import numpy as np
        >>> grain(np.full((2, 2), 100, np.float32), 8, np.random.default_rng(0)).tolist()
        [[100.0, 100.0], [100.0, 100.0]]
    """
    u = np.clip(L / 100, 0, 1)
    deviation = spread * 2 * np.sqrt(u * (1 - u))  # (H, W)
    noise = stream.standard_normal(L.shape, np.float32) * deviation
    return np.clip(L + noise, 0, 100)


def fade(L: Lightness, loss: float) -> Lightness:
    """Fade a print: pull all tones toward one pale grey. Lesson 7.6.

    Args:
        L: the picture.
        loss: share of the contrast that is lost, 0 to 1.

    Example:
        >>> import numpy as np
        >>> fade(np.array([[0, 75, 100]], np.float32), 0.5).tolist()
        [[37.5, 75.0, 87.5]]
    """
    return L + loss * (PALE - L)


def mark(L: Lightness, count: int, stream: np.random.Generator) -> Lightness:
    """Draw scratches and specks of dust, each black or white with equal chance.

    The first marks of a stream are the same for any count.

    Args:
        L: the picture.
        count: number of marks. About half are scratches: straight, a pixel wide, a quarter of the
            picture's size to all of it long. The others are specks with a radius of 1 to 2 pixels.
        stream: source of the random numbers.

    Example:
        >>> import numpy as np
        >>> grey = np.full((9, 9), 50, np.float32)
        >>> bool((mark(grey, 3, np.random.default_rng(0)) != grey).any())
        True
    """
    for _ in range(count):
        middle = stream.uniform((0, 0), L.shape)
        tone = 100 * int(stream.integers(2))
        strength = stream.uniform(0.4, 0.9)
        if stream.random() < 0.5:
            half = stream.uniform(0.125, 0.5) * max(L.shape)
            angle = stream.uniform(0, np.pi)
            cover = _stroke(L.shape, middle, half, angle, radius=0.5)
        else:
            cover = _stroke(L.shape, middle, 0, 0, radius=stream.uniform(1, 2))
        L = L + cover * strength * (tone - L)
    return L


def _stroke(
    shape: tuple[int, int], middle: np.ndarray, half: float, angle: float, radius: float
) -> NDArray[np.float32]:
    """Compute how much of each pixel a round pen covers.

    Args:
        shape: height and width of the picture.
        middle: row and column of the stroke's middle.
        half: half the stroke's length in pixels; 0 for a disc.
        angle: direction of the stroke, radians.
        radius: radius of the pen in pixels.

    Returns:
        float32 (H, W), 0 to 1.
    """
    height, width = shape
    rows = np.arange(height)[:, None] - middle[0]  # (H, 1)
    columns = np.arange(width) - middle[1]  # (W,)
    along = rows * np.sin(angle) + columns * np.cos(angle)  # (H, W)
    along = np.clip(along, -half, half)
    away = np.hypot(rows - along * np.sin(angle), columns - along * np.cos(angle))
    return np.clip(radius + 0.5 - away, 0, 1).astype(np.float32)


def plate_lightness(lab: LabCode, plate: str) -> NDArray[np.float32]:
    """Compute how light a print from a plate is. Lessons 7.5 and 7.8.

    The print's tone curve renders greys true.

    Args:
        lab: the picture, (..., 3).
        plate: one of PLATES.

    Returns:
        float32 (...), 0 to 100, in units of L; for "panchromatic" L itself.

    Example:
        >>> import numpy as np
        >>> red = np.array([136, 208, 195], np.uint8)  # L 53, a* 80, b* 67
        >>> [round(plate_lightness(red, plate).item()) for plate in PLATES]
        [53, 0, 0]
    """
    weights = np.array(PLATES[plate], np.float32)
    exposure = color.lab_to_linear(color.from_storage(lab)) @ weights  # (..., 3) to (...)
    # a code may lie just outside the gamut, where a channel is below 0 or above 1
    return color.lightness(np.clip(exposure, 0, 1))
