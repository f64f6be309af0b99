"""What lens, grain and time do to a photograph. Each function takes one picture, and gives it back as it is at strength 0.

A picture is its L, float32 (H, W), 0..100; what is random comes from the caller's stream, the same for the same stream.
"""

import cv2
import numpy as np

from .. import color
from ..color.lab import RGB_TO_XYZ

FINE = 9  # samples along a pixel's side, by which a blur's disc is drawn; odd, so that the smallest disc has one
PALE = 75.0  # L of paper and silver when both have faded


def reframe(
    picture: np.ndarray, shift: float, zoom: float, stream: np.random.Generator
) -> np.ndarray:
    """Move a face off the place where crops are aligned, and make it larger or smaller. Mirrored edges fill what was outside.

    Args:
        picture: uint8 (H, W, 3); color is moved together with lightness.
        shift: pixels, in a random direction, each way rounded to whole ones: a shift alone resamples nothing.
        zoom: 0.2 for 1.2 times as large or 1.2 times as small, a coin decides. (Codes between pixels are interpolated, not light.)
        stream: of random numbers.
    """
    angle, power = stream.uniform(0, 2 * np.pi), stream.choice((-1.0, 1.0))
    if not (shift or zoom):
        return picture
    factor, height, width = (1 + zoom) ** power, *picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, factor)
    matrix[:, 2] += np.round(shift * np.array([np.cos(angle), np.sin(angle)]))
    return cv2.warpAffine(
        picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def defocus(L: np.ndarray, radius: float) -> np.ndarray:
    """Put the lens out of focus: each point's light is spread evenly over a disc.

    Args:
        L: the picture.
        radius: of the disc, pixels. Below about half a pixel it hardly leaves its own.
    """
    if not radius:
        return L
    light = cv2.filter2D(
        color.luminance(L), -1, disc(radius), borderType=cv2.BORDER_REFLECT
    )  # this border keeps the mean
    return color.lightness(light)


def disc(radius: float) -> np.ndarray:
    """The point spread function of `defocus`: float32 (2 r + 1, 2 r + 1), r the radius rounded up; its sum is 1."""
    reach = int(np.ceil(radius))
    places = (np.arange(FINE * (2 * reach + 1)) + 0.5) / FINE - 0.5 - reach
    inside = np.hypot(places, places[:, None]) <= radius
    share = inside.reshape(2 * reach + 1, FINE, 2 * reach + 1, FINE).mean((1, 3), dtype=np.float32)
    return share / share.sum()


def vignette(L: np.ndarray, loss: float) -> np.ndarray:
    """Let light fall off with the squared distance from the middle, as the law of cos^4 has it for a narrow angle of view.

    Args:
        L: the picture.
        loss: the share of the light that is lost in the corners, 0 to 1.
    """
    if not loss:
        return L
    rows, columns = (np.linspace(-1, 1, size, dtype=np.float32) ** 2 / 2 for size in L.shape)
    return color.lightness(color.luminance(L) * (1 - loss * (rows[:, None] + columns)))


def grain(L: np.ndarray, spread: float, stream: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise: silver grains, smaller than a pixel and each where chance put it.

    Where grains cover the share u of a place, chance moves that share by sqrt(u (1 - u)) (the Boolean model: Newson et al. 2017). So
    the noise is greatest in the mid-tones, and black and white have none; u is taken as L / 100.

    Args:
        L: the picture.
        spread: standard deviation at L = 50, units of L.
        stream: of random numbers.
    """
    u = np.clip(L / 100, 0, 1)
    noise = stream.standard_normal(L.shape, np.float32) * (spread * 2 * np.sqrt(u * (1 - u)))
    return np.clip(L + noise, 0, 100)


def fade(L: np.ndarray, loss: float) -> np.ndarray:
    """Fade a print: all tones draw near to one pale grey.

    Args:
        L: the picture.
        loss: the share of the contrast that is lost, 0 to 1.
    """
    return L + loss * (PALE - L)


def mark(L: np.ndarray, count: int, stream: np.random.Generator) -> np.ndarray:
    """Draw scratches and specks of dust, each black or white, as a coin decides. The first marks of a stream are the same for any count.

    Args:
        L: the picture.
        count: how many. About half are scratches, straight, a pixel wide, and from a quarter of the picture's size up to all of it long;
            the others are specks of 1 to 2 pixels' radius.
        stream: of random numbers.
    """
    for _ in range(count):
        middle, tone, strength = (
            stream.uniform((0, 0), L.shape),
            100 * int(stream.integers(2)),
            stream.uniform(0.4, 0.9),
        )
        if stream.random() < 0.5:
            half, angle = stream.uniform(0.125, 0.5) * max(L.shape), stream.uniform(0, np.pi)
            cover = _stroke(L.shape, middle, half, angle, radius=0.5)
        else:
            cover = _stroke(L.shape, middle, 0, 0, radius=stream.uniform(1, 2))
        L = L + cover * strength * (tone - L)
    return L


def _stroke(
    shape: tuple[int, int], middle: np.ndarray, half: float, angle: float, radius: float
) -> np.ndarray:
    """How much of each pixel a round pen covers: float32 (H, W), 0 to 1.

    Args:
        shape: of the picture.
        middle: row and column of the stroke's middle.
        half: half its length, pixels; 0 for a disc.
        angle: of its direction, radians.
        radius: of the pen, pixels.
    """
    rows, columns = (
        axis - place for axis, place in zip(np.ogrid[: shape[0], : shape[1]], middle, strict=True)
    )
    along = np.clip(rows * np.sin(angle) + columns * np.cos(angle), -half, half)
    away = np.hypot(rows - along * np.sin(angle), columns - along * np.cos(angle))
    return np.clip(radius + 0.5 - away, 0, 1).astype(np.float32)


PLATES = {  # of a plate to red, green and blue light; each sums to 1, so that a print exposed for white shows every grey as it is
    "panchromatic": tuple(RGB_TO_XYZ[1]),  # after 1906; as the eye: gives L
    "orthochromatic": (0.0, 0.5, 0.5),  # 1873 to 1906
    "blue-sensitive": (0.0, 0.0, 1.0),  # before 1873: wet collodion, daguerreotypes
}


def plate_lightness(lab: np.ndarray, plate: str) -> np.ndarray:
    """How light a print from a plate is, whose tone curve renders greys true.

    Args:
        lab: uint8 (..., 3), CIELAB as storage code.
        plate: one of SENSITIVITY.

    Returns:
        float32 (...), 0..100, in units of L; for "panchromatic" L itself.
    """
    exposure = color.lab_to_linear(color.from_storage(lab)) @ np.array(PLATES[plate], np.float32)
    return color.lightness(
        np.clip(exposure, 0, 1)
    )  # codes may lie just outside the gamut, where a channel is below 0 or above 1
