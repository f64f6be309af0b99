"""Photographs of any size and of the usual kinds: found, read upright as 8-bit sRGB with their alpha, and written as PNG.

A color profile is not applied: the numbers of the file are taken for sRGB.
"""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from .. import files
from ..errors import KitError, first_line

FORMATS = (
    "PNG",
    "JPEG",
    "WEBP",
    "TIFF",
    "BMP",
    "GIF",
)  # of Pillow's many those of photographs; some others start programs
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"}
MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}  # Pillow's names for what 8 bits a channel hold
SIXTEEN = ";16"  # stands in Pillow's name of how 16-bit channels are stored
ORIENTATION = 0x0112  # the EXIF tag
TURNS = {  # its values: whether rows and columns are exchanged, then in which direction rows and columns are read
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, 1, -1),
    7: (True, -1, -1),
    8: (True, -1, 1),
}
COMPRESSION = 1  # of zlib's 9: the others take several times as long for a tenth of the bytes

warnings.simplefilter(
    "error", Image.DecompressionBombWarning
)  # Pillow's limit on a picture's pixels, 89 million, is the kit's


class Photo(NamedTuple):
    """A photograph: uint8 (H, W, 3), sRGB, and its alpha, uint8 (H, W), or None where all of it is opaque."""

    rgb: np.ndarray
    alpha: np.ndarray | None


def find(paths: Iterable[Path]) -> list[Path]:
    """Those paths that are no folders, and the pictures right in those that are, by name; hidden files and other kinds are passed over.

    Raises:
        KitError: there is none.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found |= dict.fromkeys(
            sorted(filter(_is_picture, path.iterdir())) if path.is_dir() else [path]
        )
    if not found:
        raise KitError(
            f"no pictures in {', '.join(map(str, paths))}: wanted files that end in {', '.join(sorted(SUFFIXES))}"
        )
    return list(found)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and not path.is_dir()


def read(path: Path) -> Photo:
    """Read a photograph, upright as EXIF says.

    16 bits are rounded to 8, grey and palettes become RGB, and what a camera's file holds beside its picture is left out.

    Raises:
        KitError: no file, no whole picture, an animation, of another kind (CMYK, floats), or of more than 89 million pixels.
    """
    if not path.is_file():  # also a pipe, which would be waited for
        raise KitError(f"{path}: is no file here; look at its name")
    try:
        with open(path, "rb") as stream, Image.open(stream, formats=FORMATS) as image:
            _refuse_others(path, image)
            deep = SIXTEEN in str(image.tile)
            image.load()
            pixels = _read_deep(path) if deep else _read_shallow(image)
            upright = _turn(pixels, image.getexif().get(ORIENTATION))
    except KitError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        limit = Image.MAX_IMAGE_PIXELS // 10**6
        raise KitError(f"{path}: has more than {limit} million pixels; make it smaller") from None
    except Exception as bad:  # a damaged file makes decoders raise whatever there is
        raise KitError(
            f"{path}: can't be read as a picture ({first_line(bad)}); save it again as PNG or JPEG"
        ) from None
    rgb, alpha = upright[..., :3], upright[..., 3:]
    return Photo(
        np.ascontiguousarray(rgb), np.ascontiguousarray(alpha[..., 0]) if alpha.size else None
    )


def _refuse_others(path: Path, image: Image.Image) -> None:
    """Raise KitError for what is no single picture in grey or RGB; asked before anything is decoded."""
    pictures = getattr(image, "n_frames", 1)
    if (
        pictures > 1 and image.format != "MPO"
    ):  # a phone's JPEG, with a depth map or a preview behind the picture
        raise KitError(f"{path}: holds {pictures} pictures; save the one that is meant by itself")
    if image.mode not in MODES and SIXTEEN not in str(image.tile):
        raise KitError(
            f"{path}: is neither grey nor RGB, of 8 or 16 bits, but {image.mode}; save it again as RGB"
        )


def _read_shallow(image: Image.Image) -> np.ndarray:
    """uint8 (H, W, 3), or 4 where something is transparent."""
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _read_deep(path: Path) -> np.ndarray:
    """The same of 16 bits, from which Pillow would cut off the lower ones."""
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("these 16 bits can't be decoded")
    if pixels.ndim == 2:
        return cv2.cvtColor(cv2.convertScaleAbs(pixels, alpha=1 / 257), cv2.COLOR_GRAY2RGB)
    order = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return cv2.cvtColor(cv2.convertScaleAbs(pixels, alpha=1 / 257), order)


def _turn(pixels: np.ndarray, orientation: int | None) -> np.ndarray:
    """Pixels as EXIF says that they must be seen."""
    exchanged, rows, columns = TURNS.get(orientation, (False, 1, 1))
    return (pixels.swapaxes(0, 1) if exchanged else pixels)[::rows, ::columns]


def over_white(photo: Photo) -> np.ndarray:
    """The photograph without its alpha, as it looks on white: uint8 (H, W, 3)."""
    if photo.alpha is None:
        return photo.rgb
    alpha = cv2.merge([photo.alpha] * 3)
    return cv2.add(cv2.multiply(photo.rgb, alpha, scale=1 / 255), 255 - alpha)


def write(path: Path, photo: Photo) -> None:
    """Write a photograph as PNG, whole or not at all; OSError where that can't be done."""
    pixels = photo.rgb if photo.alpha is None else np.dstack(photo)
    with files.atomic_open(path) as stream:
        Image.fromarray(pixels).save(stream, "PNG", compress_level=COMPRESSION)
