"""Write TIFFs tag by tag, as tifffile and Pillow don't: what a scanner or a raw converter might."""

import struct

import numpy as np

SHORT, LONG = 3, 4  # types of a tag's values
NUMBERS = {
    "SUBFILE": 254,
    "BITS": 258,
    "PHOTOMETRIC": 262,
    "FILL_ORDER": 266,
    "SAMPLES": 277,
    "SUB_IFDS": 330,
    "DNG_VERSION": 50706,
}


def write_tiff(pixels: bytes, width: int, height: int, **tags: int | tuple[int, ...]) -> bytes:
    """Write a TIFF of one strip.

    Args:
        pixels: the bytes of the strip.
        width, height: its size, pixels.
        tags: further ones, by name; `BITS`, `PHOTOMETRIC` and `SAMPLES` are needed.
    """
    entries = {256: width, 257: height, 259: 1, 273: 8, 278: height, 279: len(pixels)}
    entries |= {NUMBERS[name]: value for name, value in tags.items()}
    pixels += bytes(len(pixels) % 2)
    directory = b""
    behind = b""
    end = 8 + len(pixels) + 2 + 12 * len(entries) + 4
    for number, value in sorted(entries.items()):
        values = value if isinstance(value, tuple) else (value,)
        if len(values) == 1:
            directory += struct.pack("<HHII", number, LONG, 1, *values)
        else:
            directory += struct.pack("<HHII", number, SHORT, len(values), end + len(behind))
            behind += struct.pack(f"<{len(values)}H", *values)
    head = struct.pack("<4sI", b"II*\0", 8 + len(pixels))
    return head + pixels + struct.pack("<H", len(entries)) + directory + bytes(4) + behind


def reverse_bits(data: bytes) -> bytes:
    """Reverse the order of the bits in each byte, as FillOrder 2 has them."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8)).reshape(-1, 8)
    return np.packbits(bits[:, ::-1]).tobytes()
