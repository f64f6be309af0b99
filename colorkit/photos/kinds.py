"""Tell what kind of picture a file is, by its first bytes, and which kinds can be read here."""

import functools
import importlib.util
from pathlib import Path

from PIL import features

from . import tiff

# Pillow reads many more formats. Some of them start other programs.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
USUAL = "PNG, JPEG, WebP, TIFF, BMP or GIF"
SUFFIXES = {
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".webp", ".tif", ".tiff"),
    *(".bmp", ".dib", ".gif", ".avif", ".heic", ".heif", ".hif"),
    # Not read, but nobody should wonder where they are
    *(".jp2", ".jxl", ".psd", ".tga", ".ppm", ".pgm", ".pnm"),
    *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf"),
}
PILLOW_NAMES = {"HEIC": "HEIF"}  # where it isn't the kind in capitals
HEAD = 64  # bytes that tell
STARTS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    **dict.fromkeys(tiff.MAGIC, "TIFF"),
    b"8BPS": "a Photoshop file",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"FUJIFILMCCD-RAW": "a camera's raw file",
}
# Brands of the box `ftyp`, which films begin with, too
BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "HEIC"),
    b"mif1": "HEIC",
    b"crx ": "a camera's raw file",
}


def tell_kind(head: bytes) -> str:
    """Tell the kind of a picture from the first bytes of its file; "" if it is no known one."""
    for start, kind in STARTS.items():
        if head.startswith(start):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    if head.startswith(b"BM") and head[6:10] == bytes(4):  # two letters alone may begin a text
        return "BMP"
    if head[4:8] == b"ftyp":
        length = int.from_bytes(head[:4], "big")
        brands = [head[at : at + 4] for at in (8, *range(16, min(length, HEAD), 4))]
        return next((BRANDS[brand] for brand in brands if brand in BRANDS), "")
    return ""


@functools.cache
def formats() -> tuple[str, ...]:
    """List the formats that Pillow may read here.

    AVIF is one where Pillow brings it along, HEIC where somebody has installed pillow-heif.
    """
    found: tuple[str, ...] = FORMATS
    if "avif" in features.modules and features.check_module("avif"):
        found += ("AVIF",)
    if importlib.util.find_spec("pillow_heif"):
        importlib.import_module("pillow_heif").register_heif_opener()
        found += ("HEIF",)
    return found


def is_picture(path: Path) -> bool:
    """Tell whether a path in a folder is a picture: by its name, or else by its first bytes."""
    if path.name.startswith(".") or path.is_dir():
        return False
    return path.suffix.lower() in SUFFIXES or bool(tell_kind(_read_head(path)))


def _read_head(path: Path) -> bytes:
    """Return the first bytes of a file; none if there are none or they can't be read."""
    try:
        if not path.is_file():  # reading a pipe would wait forever
            return b""
        with open(path, "rb") as stream:
            return stream.read(HEAD)
    except OSError:
        return b""


def why_unidentified(head: bytes) -> str:
    """Say why Pillow takes a file for no picture, given its first bytes."""
    kind = tell_kind(head)
    if PILLOW_NAMES.get(kind, kind.upper()) in formats():
        return f"it begins like {kind}, but what follows is damaged or of a rare kind"
    if kind:
        return f"{kind} is not supported here"
    return f"it is not {USUAL}" if head else "it is empty"
