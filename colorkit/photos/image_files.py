"""Find photographs, read them upright as 8-bit sRGB with their alpha, and write them as PNG.

They may have any size and any of the usual formats. A color profile is not applied: the numbers of
the file are treated as sRGB.
"""

import threading
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import IO, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from .. import files
from ..arrays import Rgb8
from ..errors import KitError, first_line

# Pillow reads many more formats. Some of them start other programs.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"}
MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}  # Pillow's modes of 8 bits a channel or less
SIXTEEN = ";16"  # occurs in Pillow's name for the storage of 16-bit channels
MAX_PIXELS = 1024**3 // (4 * 3)  # 89 million: as RGB, a quarter of a gigabyte
ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT = 1  # its value for a picture that is upright as it is
# What each other value asks for: whether rows and columns are exchanged, then the direction
# in which the rows and the columns are read.
TURNS = {
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, 1, -1),
    7: (True, -1, -1),
    8: (True, -1, 1),
}
COMPRESSION = 1  # of zlib's 9: the others take several times as long for a tenth of the bytes

_HEADERS = threading.Lock()  # warnings are ignored by one thread at a time


class Photo(NamedTuple):
    """A photograph. Lesson 7.8.

    Attributes:
        rgb: sRGB, (H, W, 3).
        alpha: uint8 (H, W), or None if all of it is opaque.

    Example:
        >>> Photo(np.zeros((4, 6, 3), np.uint8), alpha=None).rgb.shape
        (4, 6, 3)
    """

    rgb: Rgb8
    alpha: NDArray[np.uint8] | None


def find(paths: Iterable[Path]) -> list[Path]:
    """List the paths that are not folders, and the pictures directly inside those that are.

    Pictures of a folder are sorted by name. Hidden files and other kinds of files are left out.

    Raises:
        KitError: there are none.
    """
    found: dict[Path, None] = {}  # a set that keeps the order
    for path in paths:
        found |= dict.fromkeys(_pictures_in(path) if path.is_dir() else [path])
    if not found:
        places = ", ".join(map(str, paths))
        endings = ", ".join(sorted(SUFFIXES))
        raise KitError(f"no pictures in {places}: expected files that end in {endings}")
    return list(found)


def _pictures_in(folder: Path) -> list[Path]:
    """List the pictures directly inside a folder, by name."""
    return sorted(path for path in folder.iterdir() if _is_picture(path))


def _is_picture(path: Path) -> bool:
    """Tell whether a path in a folder is a picture, by its name."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and not path.is_dir()


def read(path: Path) -> Photo:
    """Read a photograph, upright as EXIF says. Lesson 7.8.

    16 bits are rounded to 8, and grey and palettes become RGB. Whatever else a camera stores beside
    the picture is left out.

    Raises:
        KitError: the file is missing, is not a whole picture, is an animation or of another kind
            (CMYK, floats), or has more than 89 million pixels.

    Example:
        >>> read(Path("grandmother.jpg")).rgb.shape  # doctest: +SKIP
        (1200, 800, 3)
    """
    if not path.is_file():  # a pipe is not a file either; reading it would wait forever
        raise KitError(f"{path}: is not a file; check the name")
    try:
        with open(path, "rb") as stream, _read_header(stream) as image:
            _refuse_large(path, image)
            _refuse_others(path, image)
            deep = SIXTEEN in str(image.tile)
            image.load()
            pixels = _read_deep(path) if deep else _read_shallow(image)
            upright = _turn(pixels, image.getexif().get(ORIENTATION, UPRIGHT))
    except KitError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):  # Pillow's own limits
        raise _too_large(path) from None
    except Exception as bad:  # a damaged file makes decoders raise all kinds of errors
        raise KitError(
            f"{path}: can't be read as a picture ({first_line(bad)}); save it again as PNG or JPEG"
        ) from None
    rgb = np.ascontiguousarray(upright[..., :3])
    if upright.shape[-1] == 3:
        return Photo(rgb, None)
    return Photo(rgb, np.ascontiguousarray(upright[..., 3]))


def _read_header(stream: IO[bytes]) -> ImageFile.ImageFile:
    """Open a picture, of which nothing is decoded yet.

    Pillow warns about large pictures, which `read` refuses in its own words. Python's warning
    filters belong to the whole process, so they are changed only for this moment.
    """
    with _HEADERS, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(stream, formats=FORMATS)


def _refuse_large(path: Path, image: Image.Image) -> None:
    """Raise KitError for a picture of too many pixels, before anything is decoded."""
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(path)


def _too_large(path: Path) -> KitError:
    """Return the error for a picture of too many pixels."""
    limit = MAX_PIXELS // 10**6
    return KitError(f"{path}: has more than {limit} million pixels; make it smaller")


def _refuse_others(path: Path, image: ImageFile.ImageFile) -> None:
    """Raise KitError unless this is a single picture in grey or RGB, before it is decoded."""
    pictures = getattr(image, "n_frames", 1)
    # MPO is a phone's JPEG, with a depth map or a preview behind the picture.
    if pictures > 1 and image.format != "MPO":
        raise KitError(f"{path}: holds {pictures} pictures; save the one you mean as its own file")
    if image.mode not in MODES and SIXTEEN not in str(image.tile):
        raise KitError(
            f"{path}: expected grey or RGB of 8 or 16 bits, got {image.mode}; save it again as RGB"
        )


def _read_shallow(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels of a picture of 8 bits: (H, W, 3), or 4 if something is transparent."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return np.asarray(image.convert(mode))


def _read_deep(path: Path) -> NDArray[np.uint8]:
    """Return the pixels of a picture of 16 bits, rounded to 8: (H, W, 3) or (H, W, 4).

    Pillow would cut off the lower bits.
    """
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("these 16 bits can't be decoded")
    shallow = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    if pixels.ndim == 2:
        to_rgb = cv2.COLOR_GRAY2RGB
    elif pixels.shape[2] == 4:
        to_rgb = cv2.COLOR_BGRA2RGBA
    else:
        to_rgb = cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(shallow, to_rgb), np.uint8)


def _turn(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn pixels upright, as EXIF says."""
    exchanged, rows, columns = TURNS.get(orientation, (False, 1, 1))
    if exchanged:
        pixels = pixels.swapaxes(0, 1)  # (W, H, C)
    return pixels[::rows, ::columns]


def over_white(photo: Photo) -> Rgb8:
    """Composite a photograph on white: sRGB, (H, W, 3)."""
    if photo.alpha is None:
        return photo.rgb
    alpha = cv2.merge([photo.alpha] * 3)  # (H, W, 3)
    colored = cv2.multiply(photo.rgb, alpha, scale=1 / 255)
    return np.asarray(cv2.add(colored, 255 - alpha), np.uint8)


def write(path: Path, photo: Photo) -> None:
    """Write a photograph as PNG, whole or not at all.

    Raises:
        OSError: that is not possible.
    """
    pixels = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
    with files.atomic_open(path) as stream:
        Image.fromarray(pixels).save(stream, "PNG", compress_level=COMPRESSION)
