"""Take a PNG apart into its chunks: which are needed for the pixels, and which are damaged."""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LENGTH, TYPE, CHECKSUM = 4, 4, 4  # bytes of a chunk beside its data
EXIF = b"eXIf"
END = b"IEND"
# Chunks that say what the picture is, though decoders may do without: transparency, animation
TELLING = (b"tRNS", b"acTL", b"fcTL", b"fdAT")


class Chunk(NamedTuple):
    """A chunk of a PNG: its type, and all of its bytes."""

    kind: bytes
    data: bytes


def chunks(data: bytes) -> Iterator[Chunk]:
    """Yield the chunks of a PNG. The last one is shorter than it says if the file is cut."""
    at = len(SIGNATURE)
    while at < len(data):
        end = at + LENGTH + TYPE + int.from_bytes(data[at : at + LENGTH], "big") + CHECKSUM
        yield Chunk(data[at + LENGTH : at + LENGTH + TYPE], data[at:end])
        at = end


def without_metadata(data: bytes) -> bytes:
    """Leave out of a PNG whatever is stored beside the picture, except EXIF that is whole."""
    return SIGNATURE + b"".join(chunk.data for chunk in chunks(data) if not _is_metadata(chunk))


def is_damaged(data: bytes) -> bool:
    """Tell whether a chunk that a PNG can't do without has another checksum than it says.

    Pillow doesn't look at those of the pixels.
    """
    for chunk in chunks(data):
        if chunk.kind[:1].isupper() and not _is_whole(chunk):
            return True
        if chunk.kind == END:  # anything may lie behind it
            return False
    return False


def _is_metadata(chunk: Chunk) -> bool:
    """Tell whether a chunk may be left out. What is no chunk may not: it is damage."""
    if chunk.kind == EXIF:
        return not _is_whole(chunk)
    ancillary = chunk.kind.isalpha() and chunk.kind[:1].islower()
    return ancillary and chunk.kind not in TELLING


def _is_whole(chunk: Chunk) -> bool:
    """Tell whether a chunk has the checksum that it says."""
    said = int.from_bytes(chunk.data[-CHECKSUM:], "big")
    return zlib.crc32(chunk.data[LENGTH:-CHECKSUM]) == said
