"""Decode pictures of 16 bits a channel, rounded to 8. Pillow would cut off the lower bits.

OpenCV decodes them, but what its numbers mean is for the file to say.
"""

from typing import IO

import cv2
import numpy as np
from numpy.typing import NDArray

from . import png, tiff

PIXEL_CHUNKS = (b"IHDR", b"IDAT", b"IEND")
OPAQUE = 255

Pixels = NDArray[np.uint8]
Deep = NDArray[np.uint16]


def read_png(stream: IO[bytes], transparent: int | tuple[int, ...] | None) -> Pixels:
    """Decode a PNG of 16 bits a channel.

    OpenCV gets only the chunks that hold pixels: about the others, libpng would print its opinion.

    Args:
        stream: the file, anywhere.
        transparent: the one color that is transparent, grey or RGB; None if there is none.

    Returns:
        RGB, or RGBA if something may be transparent, (H, W, 3 or 4).

    Raises:
        ValueError: it can't be decoded.
    """
    stream.seek(0)
    chunks = png.chunks(stream.read())
    needed = b"".join(chunk.data for chunk in chunks if chunk.kind in PIXEL_CHUNKS)
    pixels = _decode(png.SIGNATURE + needed)
    rgb = _to_rgb(_round(pixels))
    if transparent is None:
        return rgb
    # OpenCV's order is blue, green, red.
    wanted = np.atleast_1d(np.asarray(transparent, np.uint16))[::-1]
    same = cv2.inRange(pixels, wanted.astype(np.float64), wanted.astype(np.float64))
    return np.dstack([rgb[..., :3], OPAQUE - np.asarray(same, np.uint8)])


def read_tiff(stream: IO[bytes], layout: tiff.Layout) -> Pixels:
    """Decode a TIFF of 16 bits a channel, upright: OpenCV turns this kind of file.

    Args:
        stream: the file, anywhere.
        layout: what its tags say.

    Returns:
        RGB, or RGBA if something may be transparent, (H, W, 3 or 4).

    Raises:
        ValueError: it can't be decoded.
    """
    stream.seek(0)
    pixels = _decode(stream.read())
    if np.atleast_3d(pixels).shape != (layout.height, layout.width, layout.channels):
        raise ValueError("its size or channels are not those that its tags say")
    if layout.inverted:
        pixels = np.invert(pixels, out=pixels)
    if layout.channels == 4 and layout.fourth == tiff.ASSOCIATED:
        return _divide(pixels)
    rgb = _to_rgb(_round(pixels))
    return rgb[..., :3] if layout.fourth == tiff.UNSPECIFIED else rgb


def _decode(data: bytes) -> Deep:
    """Decode a file into 16-bit grey, BGR or BGRA, (H, W) or (H, W, 3 or 4)."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise ValueError("these 16 bits can't be decoded")
    return np.asarray(pixels, np.uint16)


def _round(pixels: Deep) -> Pixels:
    """Round 16 bits to 8."""
    return np.asarray(cv2.convertScaleAbs(pixels, alpha=1 / 257), np.uint8)


def _to_rgb(pixels: Pixels) -> Pixels:
    """Put the channels of grey, BGR or BGRA into the order RGB or RGBA."""
    if pixels.ndim == 2:
        order = cv2.COLOR_GRAY2RGB
    elif pixels.shape[2] == 4:
        order = cv2.COLOR_BGRA2RGBA
    else:
        order = cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(pixels, order), np.uint8)


def _divide(pixels: Deep) -> Pixels:
    """Divide BGR by the alpha that it was multiplied with, and return RGBA of 8 bits.

    What is wholly transparent becomes black.
    """
    alpha = pixels[..., 3]
    rgb = [cv2.divide(pixels[..., k], alpha, scale=255, dtype=cv2.CV_8U) for k in (2, 1, 0)]
    return np.asarray(cv2.merge([*rgb, _round(alpha)]), np.uint8)
