"""Read what the header of a PNG or WebP claims, before anything is decoded.

A header may claim gigabytes of pixels, so a picture's size is checked here first.
"""

import struct
from typing import NamedTuple

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"  # the signature and the chunk that must follow it


class Claims(NamedTuple):
    """What a picture says of itself.

    Attributes:
        size: width and height in pixels.
        animated: whether it holds several frames.
    """

    size: tuple[int, int]
    animated: bool


def read_claims(data: bytes) -> Claims | None:
    """Return what the header of a PNG or WebP claims; None unless the header is whole."""
    try:
        if data.startswith(PNG):
            size = struct.unpack(">II", data[16:24])
            return Claims(size, b"acTL" in _png_chunks(data))
        if data.startswith(b"RIFF"):
            return _webp_claims(data)
    except struct.error:  # cut short
        pass
    return None


def _webp_claims(data: bytes) -> Claims | None:
    """Return what the first chunk of a WebP claims: lossy, lossless or extended."""
    kind = data[8:16]
    if kind == b"WEBPVP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return Claims((width & 0x3FFF, height & 0x3FFF), False)
    if kind == b"WEBPVP8L":
        (bits,) = struct.unpack("<I", data[21:25])
        width = (bits & 0x3FFF) + 1
        height = (bits >> 14 & 0x3FFF) + 1
        return Claims((width, height), False)
    if kind == b"WEBPVP8X":
        flags, low_width, high_width, low_height, high_height = struct.unpack(
            "<B3xHBHB", data[20:30]
        )
        width = (high_width << 16 | low_width) + 1
        height = (high_height << 16 | low_height) + 1
        return Claims((width, height), bool(flags & 2))
    return None


def _png_chunks(data: bytes) -> set[bytes]:
    """Return the kinds of chunks in a PNG, all of which must be whole.

    OpenCV reserves the memory that a chunk claims, even gigabytes, before it looks for its bytes.

    Raises:
        struct.error: a chunk goes beyond the end, or the last one is missing.
    """
    kinds: set[bytes] = set()
    place = 8
    while b"IEND" not in kinds:
        length, kind = struct.unpack_from(">I4s", data, place)
        struct.unpack_from(">I", data, place + 8 + length)  # the checksum that ends the chunk
        kinds.add(kind)
        place += 12 + length
    return kinds
