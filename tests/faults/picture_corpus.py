"""Write PNG and WebP by hand: unusual pictures that are used, and bad ones, with the reason."""

import struct
import zlib

import cv2
import numpy as np
from helpers import encode, picture
from zip_corpus import GOOD, MEGABYTE, NOISE

from colorkit.data import faces


def chunk(kind: bytes, data: bytes, crc: int | None = None, length: int | None = None) -> bytes:
    crc = zlib.crc32(kind + data) if crc is None else crc
    return (
        struct.pack(">I", len(data) if length is None else length)
        + kind
        + data
        + struct.pack(">I", crc)
    )


def header(
    width: int = 112,
    height: int = 112,
    bits: int = 8,
    kind: int = 2,
    interlace: int = 0,
    **lies: int,
) -> bytes:
    return chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlace), **lies
    )


def rows(pixels: np.ndarray) -> bytes:
    """Encode pixels as a PNG does before compression: each row after a 0, for no filter."""
    return b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(pixels))


def adam7(pixels: np.ndarray) -> bytes:
    """Encode pixels in the seven passes of an interlaced PNG."""
    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    return b"".join(rows(pixels[y::down, x::right]) for x, y, right, down in passes)


def png(
    data: bytes, head: bytes | None = None, before: bytes = b"", after: bytes = b"", **claims: int
) -> bytes:
    parts = (
        b"\x89PNG\r\n\x1a\n",
        head or header(**claims),
        before,
        chunk(b"IDAT", zlib.compress(data)),
        chunk(b"IEND", b""),
        after,
    )
    return b"".join(parts)


def packed(values: np.ndarray, bits: int) -> np.ndarray:
    """Pack values below 2**bits, several to a byte."""
    every = 8 // bits
    return sum(
        values[:, k::every].astype(int) << (8 - bits * (k + 1)) for k in range(every)
    ).astype(np.uint8)


def webp(pixels: np.ndarray, quality: int = 101) -> bytes:
    """Encode a lossy WebP, or with a quality of 101 a lossless one."""
    order = [2, 1, 0, 3][: pixels.shape[2]]
    good, data = cv2.imencode(
        ".webp", np.ascontiguousarray(pixels[..., order]), [cv2.IMWRITE_WEBP_QUALITY, quality]
    )
    assert good
    return data.tobytes()


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def canvas(flags: int = 0, width: int = 112, height: int = 112) -> tuple[bytes, bytes]:
    return b"VP8X", struct.pack("<B3x", flags) + (width - 1).to_bytes(3, "little") + (
        height - 1
    ).to_bytes(3, "little")


def frame(still: bytes, width: int = 112, height: int = 112) -> tuple[bytes, bytes]:
    sizes = b"".join(value.to_bytes(3, "little") for value in (0, 0, width - 1, height - 1, 100))
    return b"ANMF", sizes + b"\0" + still[12:]


def jpeg_or(form: str) -> bytes:
    return encode(picture(5), form)


def over_white(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., None].astype(np.float32) / 255
    return np.round(rgb * share + 255 * (1 - share)).astype(np.uint8)


INDICES = np.random.default_rng(1).integers(0, 256, (112, 112)).astype(np.uint8)
PALETTE = np.random.default_rng(2).integers(0, 256, (256, 3), np.uint8)
ALPHA = np.where(INDICES < 40, INDICES, 255).astype(np.uint8)
RGBA = np.dstack([NOISE, ALPHA])
SMOOTH = picture(6)
LOSSY = webp(SMOOTH, 80)
LOSSLESS = webp(SMOOTH)
BIG_LOSSLESS = webp(np.zeros((4000, 4000, 3), np.uint8))  # 700 bytes
SIXTEEN = NOISE.astype(">u2") * 257
PLTE = chunk(b"PLTE", PALETTE.tobytes())
WEIGHTY = chunk(b"tEXt", b"k\0" + b"x" * 900_000)
ZEROS = zlib.compress(bytes(100 * MEGABYTE), 1)  # half a megabyte
ACTL = chunk(b"acTL", struct.pack(">II", 2, 0))
FCTL = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 112, 112, 0, 0, 1, 1, 0, 0))
TEXT, COUNT = "can't be decoded: not a whole PNG or WebP", "expected 8-bit RGB or RGBA, got "

# what is used: bytes, the pixels that must come out, how many were not opaque
USED = {
    "color": (png(rows(NOISE)), NOISE, 0),
    "color, opaque": (
        png(rows(np.dstack([NOISE, np.full((112, 112), 255, np.uint8)])), kind=6),
        NOISE,
        0,
    ),
    "half transparent": (
        png(rows(RGBA), kind=6),
        over_white(NOISE, ALPHA),
        int((ALPHA < 255).sum()),
    ),
    "wholly transparent": (
        png(rows(np.dstack([NOISE, np.zeros_like(ALPHA)])), kind=6),
        np.full_like(NOISE, 255),
        112 * 112,
    ),
    "one transparent color": (
        png(rows(SMOOTH), before=chunk(b"tRNS", struct.pack(">HHH", *map(int, SMOOTH[0, 0])))),
        np.where((SMOOTH[0, 0] == SMOOTH).all(axis=-1, keepdims=True), np.uint8(255), SMOOTH),
        int((SMOOTH[0, 0] == SMOOTH).all(axis=-1).sum()),
    ),
    "palette": (png(rows(INDICES), kind=3, before=PLTE), PALETTE[INDICES], 0),
    **{
        f"palette of {1 << bits}": (
            png(
                rows(packed(INDICES >> (8 - bits), bits)),
                kind=3,
                bits=bits,
                before=chunk(b"PLTE", PALETTE[: 1 << bits].tobytes()),
            ),
            PALETTE[INDICES >> (8 - bits)],
            0,
        )
        for bits in (1, 2, 4)
    },
    "palette with transparency": (
        png(rows(INDICES), kind=3, before=PLTE + chunk(b"tRNS", bytes(range(40)))),
        over_white(PALETTE[INDICES], ALPHA),
        int((ALPHA < 255).sum()),
    ),
    "palette of greys": (
        png(
            rows(INDICES),
            kind=3,
            before=chunk(b"PLTE", np.repeat(np.arange(256, dtype=np.uint8), 3).tobytes()),
        ),
        np.dstack([INDICES] * 3),
        0,
    ),
    "interlaced": (png(adam7(NOISE), interlace=1), NOISE, 0),
    "interlaced, half transparent": (
        png(adam7(RGBA), kind=6, interlace=1),
        over_white(NOISE, ALPHA),
        int((ALPHA < 255).sum()),
    ),
    "more rows than claimed": (png(rows(np.vstack([NOISE, NOISE]))), NOISE, 0),
    "garbage after it": (png(rows(NOISE), after=b"garbage" * 999), NOISE, 0),
    "another picture after it": (png(rows(NOISE), after=png(rows(SMOOTH))), NOISE, 0),
    "900 KB of text": (png(rows(NOISE), before=WEIGHTY), NOISE, 0),
    "a text that is a bomb": (png(rows(NOISE), before=chunk(b"zTXt", b"k\0\0" + ZEROS)), NOISE, 0),
    "a color profile that is a bomb": (
        png(rows(NOISE), before=chunk(b"iCCP", b"k\0\0" + ZEROS)),
        NOISE,
        0,
    ),
    "a gamma": (png(rows(NOISE), before=chunk(b"gAMA", struct.pack(">I", 100_000))), NOISE, 0),
    "a background": (
        png(rows(RGBA), kind=6, before=chunk(b"bKGD", bytes(6))),
        over_white(NOISE, ALPHA),
        int((ALPHA < 255).sum()),
    ),
    "an orientation": (
        png(
            rows(NOISE),
            before=chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
        ),
        NOISE,
        0,
    ),
    "pixels that are a bomb": (png(bytes(100 * MEGABYTE)), np.zeros_like(NOISE), 0),
    "lossless WebP": (LOSSLESS, SMOOTH, 0),
    "lossless WebP, half transparent": (webp(RGBA), None, int((ALPHA < 255).sum())),
    "lossy WebP": (LOSSY, SMOOTH, 0),
    "lossy WebP, half transparent": (
        webp(np.dstack([SMOOTH, ALPHA]), 90),
        over_white(SMOOTH, ALPHA),
        int((ALPHA < 255).sum()),
    ),
    "extended WebP": (riff(canvas(), (b"VP8L", LOSSLESS[20:])), SMOOTH, 0),
    "WebP, garbage after it": (LOSSLESS + b"garbage" * 99, SMOOTH, 0),
}

# what is not: bytes, the reason
UNUSED = {
    "empty": (b"", TEXT),
    "a signature": (faces.PNG[:8], TEXT),
    **{
        f"PNG cut to {cut}": (GOOD[:cut], TEXT)
        for cut in (1, 7, 12, 16, 20, 24, 25, 29, 33, 37, 41, 45, 99, 9_999, 30_000)
    },
    **{f"PNG without its last {cut}": (GOOD[:-cut], TEXT) for cut in (1, 4, 8, 12, 13, 16, 20)},
    "grey": (png(rows(INDICES), kind=0), COUNT + "uint8 (112, 112)"),
    "grey, one transparent": (png(rows(INDICES), kind=0, before=chunk(b"tRNS", b"\0\5")), COUNT),
    "grey with alpha": (png(rows(NOISE[..., :2]), kind=4), COUNT + "grey with alpha"),
    "grey with alpha, 16 bits": (
        png(rows(SIXTEEN[..., :2]), kind=4, bits=16),
        COUNT + "grey with alpha",
    ),
    **{
        f"grey, {bits} bits": (
            png(rows(packed(INDICES >> (8 - bits), bits)), kind=0, bits=bits),
            COUNT,
        )
        for bits in (1, 2, 4)
    },
    "grey, 16 bits": (png(rows(SIXTEEN[..., 0]), kind=0, bits=16), COUNT + "uint16"),
    "color, 16 bits": (png(rows(SIXTEEN), bits=16), COUNT + "uint16"),
    "alpha, 16 bits": (
        png(rows(np.dstack([SIXTEEN, SIXTEEN[..., :1]])), kind=6, bits=16),
        COUNT + "uint16",
    ),
    "a pixel": (png(rows(NOISE[:1, :1]), width=1, height=1), "got 1 x 1"),
    "no pixel": (png(b"", width=0, height=0), "got 0 x 0"),
    "a row too many": (png(rows(np.vstack([NOISE, NOISE[:1]])), height=113), "got 112 x 113"),
    "turned": (png(rows(NOISE[:, :90]), width=90), "got 90 x 112"),
    "60000 x 60000": (png(rows(NOISE), width=60_000, height=60_000), "got 60000 x 60000"),
    "2147483647 x 1": (png(rows(NOISE), width=2**31 - 1, height=1), "got 2147483647 x 1"),
    "4294967295 x 4294967295": (
        png(rows(NOISE), width=2**32 - 1, height=2**32 - 1),
        "got 4294967295 x 4294967295",
    ),
    "fewer rows than claimed": (png(rows(NOISE[:50])), TEXT),
    "wider rows than claimed": (png(rows(np.hstack([NOISE, NOISE]))), TEXT),
    "no rows": (png(b""), TEXT),
    "a wrong checksum of the header": (png(rows(NOISE), head=header(crc=1)), TEXT),
    "a header too long": (png(rows(NOISE), head=header(length=14)), TEXT),
    "a text before the header": (
        png(rows(NOISE), head=chunk(b"tEXt", struct.pack(">II", 112, 112) + b"k\0text") + header()),
        TEXT,
    ),
    "two headers": (png(rows(NOISE), before=header(width=60_000, height=60_000)), TEXT),
    "a color type there is not": (png(rows(NOISE), kind=7), TEXT),
    "9 bits": (png(rows(NOISE), bits=9), TEXT),
    "an interlacing there is not": (png(rows(NOISE), interlace=2), TEXT),
    "a palette that is missing": (png(rows(INDICES), kind=3), TEXT),
    "pixels that are not deflated": (
        faces.PNG[:8] + header() + chunk(b"IDAT", b"x" * 999) + chunk(b"IEND", b""),
        TEXT,
    ),
    "pixels with a wrong checksum": (
        faces.PNG[:8]
        + header()
        + chunk(b"IDAT", zlib.compress(rows(NOISE)), crc=1)
        + chunk(b"IEND", b""),
        TEXT,
    ),
    "pixels said to be gigabytes": (
        faces.PNG[:8] + header() + chunk(b"IDAT", b"x" * 999, length=2**32 - 100),
        TEXT,
    ),
    "text said to be gigabytes": (
        png(rows(NOISE), before=chunk(b"tEXt", b"k\0x", length=2**31 - 1)),
        TEXT,
    ),
    "no pixels": (faces.PNG[:8] + header() + chunk(b"IEND", b""), TEXT),
    "an end said to be gigabytes": (GOOD[:-12] + chunk(b"IEND", b"", length=2**31 - 1), TEXT),
    "more than a megabyte": (
        png(rows(NOISE), before=WEIGHTY + WEIGHTY),
        "more than 1,048,576 bytes can't be a face of 112 x 112 pixels",
    ),
    "an animation": (
        png(rows(NOISE), before=ACTL + FCTL),
        "expected one picture, got an animation",
    ),
    "an animation without frames": (
        png(rows(NOISE), before=ACTL),
        "expected one picture, got an animation",
    ),
    **{f"a {form[1:]} file": (jpeg_or(form), TEXT) for form in (".jpg", ".bmp", ".tiff", ".ppm")},
    "a GIF": (b"GIF89a" + struct.pack("<HH", 112, 112) + bytes(99), TEXT),
    "an SVG": (b'<svg width="112" height="112"/>', TEXT),
    "a page": (b"<html>quota exceeded</html>" * 99, TEXT),
    "a JPEG behind a PNG's signature": (faces.PNG[:8] + jpeg_or(".jpg"), TEXT),
    "zeros": (bytes(5000), TEXT),
    **{
        f"lossy WebP cut to {cut}": (LOSSY[:cut], TEXT)
        for cut in (4, 12, 15, 16, 20, 24, 29, 30, 31, 60, len(LOSSY) - 2)
    },
    **{
        f"lossless WebP cut to {cut}": (LOSSLESS[:cut], TEXT)
        for cut in (20, 21, 24, 25, 26, 30, 60, len(LOSSLESS) - 2)
    },
    "lossy WebP, 16383 x 16383": (
        LOSSY[:26] + struct.pack("<HH", 16383, 16383) + LOSSY[30:],
        "got 16383 x 16383",
    ),
    "lossless WebP, 16384 x 16384": (
        LOSSLESS[:21] + b"\xff\xff\xff\x0f" + LOSSLESS[25:],
        "got 16384 x 16384",
    ),
    "extended WebP, 16777216 x 16777216": (
        riff(canvas(0, 1 << 24, 1 << 24), (b"VP8L", LOSSLESS[20:])),
        "got 16777216 x 16777216",
    ),
    "lossless WebP, 4000 x 4000": (BIG_LOSSLESS, "got 4000 x 4000"),
    "extended WebP around a larger one": (riff(canvas(), (b"VP8L", BIG_LOSSLESS[20:])), TEXT),
    "WebP without a chunk": (
        b"RIFF" + struct.pack("<I", len(BIG_LOSSLESS)) + b"WEBP" + BIG_LOSSLESS[20:],
        TEXT,
    ),
    "WebP of an unknown chunk": (riff((b"JUNK", LOSSY[20:])), TEXT),
    "extended WebP without a picture": (riff(canvas()), TEXT),
    "a sound": (b"RIFF" + struct.pack("<I", 99) + b"WAVEfmt " + bytes(99), TEXT),
    "an animated WebP": (
        riff(canvas(2), (b"ANIM", bytes(6)), frame(LOSSLESS), frame(LOSSY)),
        "expected one picture, got an animation",
    ),
    "an animated WebP that does not say so": (
        riff(canvas(), (b"ANIM", bytes(6)), frame(LOSSLESS)),
        TEXT,
    ),
    "an animated WebP of large frames": (
        riff(canvas(2), (b"ANIM", bytes(6)), frame(BIG_LOSSLESS, 4000, 4000)),
        "got an animation",
    ),
}

GIGABYTES = [
    *(
        "60000 x 60000",
        "2147483647 x 1",
        "4294967295 x 4294967295",
        "pixels said to be gigabytes",
        "text said to be gigabytes",
    ),
    *(
        "an end said to be gigabytes",
        "lossy WebP, 16383 x 16383",
        "lossless WebP, 16384 x 16384",
        "WebP without a chunk",
    ),
    *(
        "extended WebP, 16777216 x 16777216",
        "lossless WebP, 4000 x 4000",
        "an animated WebP of large frames",
        "an animation",
    ),
]
