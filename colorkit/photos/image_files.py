"""Read photographs upright, as 8-bit sRGB with their alpha, and write them as PNG.

They may have any size and any of the usual formats. A color profile is not applied: the numbers of
the file are treated as sRGB.
"""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from .. import files
from ..arrays import Rgb8
from ..errors import KitError, first_line
from ..machine import memory
from . import deep, jpeg, kinds, png, tiff
from .finding import unreadable
from .quiet import quiet

MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}  # Pillow's modes of 8 bits a channel or less
DEEP_PNG = ";16B"  # ends Pillow's name for the storage of 16-bit channels in a PNG
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
    with telling_memory(path):
        with quiet():
            pixels, orientation = _read_stored(path)
        upright = _turn(pixels, orientation)
        rgb = np.ascontiguousarray(upright[..., :3])
        if upright.shape[-1] == 3:
            return Photo(rgb, None)
        return Photo(rgb, np.ascontiguousarray(upright[..., 3]))


@contextlib.contextmanager
def telling_memory(path: Path) -> Iterator[None]:
    """Raise KitError if the memory is too small for a photograph: others may fit."""
    try:
        yield
    except Exception as bad:
        if not memory.is_full(bad):
            raise
        raise KitError(
            f"{path}: is too large for the memory: close other programs, or make it smaller"
        ) from None


def _read_stored(path: Path) -> tuple[NDArray[np.uint8], int]:
    """Read a picture as it is stored: its pixels and its orientation, as `_decode` does.

    Raises:
        KitError: that is not possible.
    """
    head = b""
    try:
        with _open(path) as stream:
            head = stream.read(kinds.HEAD)
            stream.seek(0)
            return _decode_pixels(path, stream)
    except KitError:
        raise
    except Image.DecompressionBombError:  # Pillow's own limit
        raise _too_large(path) from None
    except Exception as bad:  # a damaged file makes decoders raise all kinds of errors
        if memory.is_full(bad):
            raise
        if isinstance(bad, OSError) and bad.errno is not None:
            raise unreadable(path, bad) from None
        says_nothing = isinstance(bad, UnidentifiedImageError) or not str(bad)
        reason = kinds.why_unidentified(head) if says_nothing else first_line(bad)
        raise KitError(
            f"{path}: can't be read as a picture ({reason}); save it again as PNG or JPEG"
        ) from None


def _open(path: Path) -> IO[bytes]:
    """Open a file. A pipe is none; reading it would wait forever."""
    if not path.is_file():
        raise KitError(f"{path}: is not a file; check the name")
    return open(path, "rb")


def _decode_pixels(path: Path, stream: IO[bytes]) -> tuple[NDArray[np.uint8], int]:
    """Decode a picture as `_decode` does, but let nothing that lies beside the pixels hinder it.

    Pillow refuses a PNG whose texts or profile are damaged or larger than a megabyte.
    """
    try:
        return _decode(path, stream)
    except (KitError, Image.DecompressionBombError):
        raise
    except Exception as bad:
        stream.seek(0)
        if memory.is_full(bad) or stream.read(len(png.SIGNATURE)) != png.SIGNATURE:
            raise
        stream.seek(0)
        return _decode(path, io.BytesIO(png.without_metadata(stream.read())))


def _decode(path: Path, stream: IO[bytes]) -> tuple[NDArray[np.uint8], int]:
    """Decode a picture.

    Returns:
        Its pixels as they are stored, (H, W, 3), or 4 if something is transparent, and EXIF's value
        for its orientation.
    """
    tags = tiff.read_tags(stream)
    if tags is not None:
        tiff.refuse_others(tags)
        if tiff.is_deep(tags):
            _refuse_large(path, *tiff.read_size(tags))
            _refuse_several(path, 2 if tags.next else 1)
            return deep.read_tiff(stream, tiff.read_layout(tags)), UPRIGHT
    with _identify(stream, tags) as image:
        _refuse_large(path, *image.size)
        # MPO is a phone's JPEG, with a depth map or a preview behind the picture.
        _refuse_several(path, 1 if image.format == "MPO" else getattr(image, "n_frames", 1))
        sixteen = image.format == "PNG" and DEEP_PNG in str(image.tile)
        if image.mode not in MODES and not sixteen:
            raise KitError(
                f"{path}: expected grey or RGB of 8 or 16 bits, got {image.mode}; "
                "save it again as RGB"
            )
        image.load()
        orientation = _read_orientation(image)
        if sixteen:
            pixels = deep.read_png(stream, image.info.get("transparency"))
        else:
            pixels = _read_shallow(image)
        _refuse_damaged(path, stream, pixels)
        return pixels, orientation


def _refuse_damaged(path: Path, stream: IO[bytes], pixels: NDArray[np.uint8]) -> None:
    """Raise KitError for a JPEG or PNG that was decoded, though a part is missing or damaged."""
    stream.seek(0)
    data = stream.read()
    cut = data.startswith(jpeg.SIGNATURE) and jpeg.is_cut(data, pixels)
    if cut or (data.startswith(png.SIGNATURE) and png.is_damaged(data)):
        raise KitError(
            f"{path}: a part of the picture is missing or damaged; copy it again from where it "
            "came, or save what is left as PNG"
        )


def _identify(stream: IO[bytes], tags: tiff.Tags | None) -> ImageFile.ImageFile:
    """Open a picture with Pillow, which decodes nothing yet."""
    try:
        return Image.open(stream, formats=kinds.formats())
    except UnidentifiedImageError:
        if tags is None:
            raise
        raise ValueError(tiff.describe(tags)) from None


def _read_orientation(image: Image.Image) -> int:
    """Return EXIF's value for the orientation of a picture.

    EXIF that is damaged says nothing, but the picture may be good.
    """
    try:
        return image.getexif().get(ORIENTATION, UPRIGHT)
    except Exception:  # Pillow raises all kinds of errors here
        return UPRIGHT


def _refuse_large(path: Path, width: int, height: int) -> None:
    """Raise KitError for a picture of too many pixels, before anything is decoded."""
    if width * height > MAX_PIXELS:
        raise _too_large(path)


def _too_large(path: Path) -> KitError:
    """Return the error for a picture of too many pixels."""
    limit = MAX_PIXELS // 10**6
    return KitError(f"{path}: has more than {limit} million pixels; make it smaller")


def _refuse_several(path: Path, pictures: int) -> None:
    """Raise KitError for a file of several pictures, before anything is decoded."""
    if pictures > 1:
        raise KitError(f"{path}: holds {pictures} pictures; save the one you mean as its own file")


def _read_shallow(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels of a picture of 8 bits: (H, W, 3), or 4 if something is transparent."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return np.asarray(image.convert(mode))


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
