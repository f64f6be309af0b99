"""PNGs of 16 bits: every color type comes out right, and nothing is printed."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from colorkit.photos import image_files

SAMPLES = np.random.default_rng(0).integers(0, 65536, (9, 11, 4)).astype(np.uint16)
SAMPLES[0, 0] = SAMPLES[0, 1]  # so that the transparent color occurs twice
SAMPLES[1, 1] = SAMPLES[0, 0] ^ 1  # and one that is the same in its upper 8 bits
GREY, GREY_ALPHA, RGB, RGBA = 0, 4, 2, 6  # color types
CHANNELS = {GREY: 1, GREY_ALPHA: 2, RGB: 3, RGBA: 4}


def chunk(kind: bytes, data: bytes) -> bytes:
    """Write a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def save(path: Path, kind: int, extra: bytes = b"") -> Path:
    """Write a PNG of 16 bits of a color type, with further chunks before its pixels."""
    pixels = SAMPLES[..., : CHANNELS[kind]].astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, kind, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + extra
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return path


def expect_rgb(kind: int) -> np.ndarray:
    """Return the pixels of such a PNG, rounded to 8 bits."""
    color = SAMPLES[..., :3] if kind in (RGB, RGBA) else SAMPLES[..., :1]
    return np.broadcast_to(np.round(color / 257).astype(np.uint8), (9, 11, 3))


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_color_type(tmp_path, kind):
    photo = image_files.read(save(tmp_path / "a.png", kind))
    assert np.array_equal(photo.rgb, expect_rgb(kind))
    if kind in (GREY, RGB):
        assert photo.alpha is None
    else:
        alpha = SAMPLES[..., CHANNELS[kind] - 1]
        assert np.array_equal(photo.alpha, np.round(alpha / 257))


@pytest.mark.parametrize("kind", [GREY, RGB])
def test_one_transparent_color(tmp_path, kind):
    """It is compared in all 16 bits."""
    channels = SAMPLES[..., : CHANNELS[kind]]
    mark = chunk(b"tRNS", channels[0, 0].astype(">u2").tobytes())
    photo = image_files.read(save(tmp_path / "a.png", kind, mark))
    same = (channels == channels[0, 0]).all(-1)
    assert same.sum() >= 2
    assert not same[1, 1]
    assert np.array_equal(photo.alpha, np.where(same, 0, 255))
    assert np.array_equal(photo.rgb, expect_rgb(kind))


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"iCCP", b"bad\0\0" + zlib.compress(b"no profile")),
        chunk(b"gAMA", struct.pack(">I", 100_000)),
        chunk(b"sBIT", b"\x0a\x0a\x0a"),
        chunk(b"eXIf", b"garbage"),
        chunk(b"tIME", b"\xff" * 7),
    ],
    ids=["profile", "gamma", "10 bits of them", "EXIF", "time"],
)
def test_other_chunks_change_nothing_and_print_nothing(tmp_path, capfd, extra):
    photo = image_files.read(save(tmp_path / "a.png", RGB, extra))
    assert np.array_equal(photo.rgb, expect_rgb(RGB))
    assert photo.alpha is None
    assert capfd.readouterr() == ("", "")
