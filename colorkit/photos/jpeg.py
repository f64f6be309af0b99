"""Find out whether a part of a JPEG is missing, though its end is marked.

libjpeg fills what is missing with one color, or lets it be less sharp, and tells nobody.
"""

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image

SIGNATURE = b"\xff\xd8\xff"
# A marker: not a 255 of the compressed pixels, which a zero follows, and no restart
MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
START = 2  # bytes of the marker that a JPEG begins with
LENGTH = 2  # bytes of a segment's length, which counts itself
SCAN, END = 0xDA, 0xD9
FRAMES = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)  # of coefficients, sequential or progressive
PROGRESSIVE = (0xC2, 0xCA)
COEFFICIENTS = 64  # of a block
NOISE = bytes(range(1, 255)) * 4  # without a marker


class _Segment(NamedTuple):
    """A segment of a JPEG: its marker, where that begins, and its data."""

    marker: int
    start: int
    data: bytes


def is_cut(data: bytes, pixels: np.ndarray) -> bool:
    """Tell whether a part of a JPEG is missing.

    Args:
        data: the file.
        pixels: what it was decoded into, (H, W, 3).
    """
    segments = list(_segments(data))
    if not _has_all_scans(segments):
        return True
    # In the place of missing rows, the decoder puts one color.
    ends_in_one_color = not (pixels[-1] != pixels[-1, 0]).any()
    progressive = any(segment.marker in PROGRESSIVE for segment in segments)
    return (ends_in_one_color or progressive) and _is_short(data, segments[-1].start, pixels)


def _segments(data: bytes) -> Iterator[_Segment]:
    """Yield the segments of a JPEG up to its end; previews may lie inside and behind it."""
    at = START
    while found := MARKER.search(data, at):
        marker = found[1][0]
        at = found.end() + int.from_bytes(data[found.end() : found.end() + LENGTH], "big")
        yield _Segment(marker, found.start(), data[found.end() + LENGTH : at])
        if marker == END:
            return


def _has_all_scans(segments: list[_Segment]) -> bool:
    """Tell whether there is every bit of every coefficient; a progressive JPEG brings them late."""
    expected = 0
    sent: set[tuple[int, int]] = set()
    for marker, _, data in segments:
        if marker in FRAMES:
            expected = COEFFICIENTS * data[5]
        if marker == SCAN:
            first, last, bits = data[-3:]
            lowest_bit = bits & 15
            if lowest_bit == 0:
                components = data[1 : 1 + 2 * data[0] : 2]
                sent |= {(each, k) for each in components for k in range(first, last + 1)}
    return len(sent) >= expected


def _is_short(data: bytes, end: int, pixels: np.ndarray) -> bool:
    """Tell whether the last scan is too short.

    The JPEG is decoded again, with noise before its end: if all of the picture is there, nothing
    reads that.
    """
    with Image.open(io.BytesIO(data[:end] + NOISE + data[end:]), formats=["JPEG"]) as image:
        return not np.array_equal(np.asarray(image.convert("RGB")), pixels)
