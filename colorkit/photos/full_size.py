"""A photograph and the small square that a model knows: what the model sees of it, and its color joined to the photograph's own L."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from .. import color
from ..data.faces import SIZE
from ..errors import KitError
from . import image_files
from .image_files import Photo

BAND = 1 << 18  # pixels joined at once: in float a photograph would take eight times its memory
SOFT = 8  # a box's color fades over an eighth of its shorter side


class Box(NamedTuple):
    """A part of an upright photograph: its left upper corner, width and height, in pixels."""

    x: int
    y: int
    width: int
    height: int


def box(x: int, y: int, width: int, height: int) -> Box:
    """A box of somebody's numbers; KitError where they make none."""
    if min(x, y) < 0 or min(width, height) < 1:
        raise KitError(
            f"a box has its corner at 0 or more and sides of 1 or more, not {x} {y} {width} {height}"
        )
    return Box(x, y, width, height)


def whole(photo: Photo) -> Box:
    """All of a photograph."""
    height, width = photo.rgb.shape[:2]
    return Box(0, 0, width, height)


def check(photo: Photo, box: Box | None, name: str = "the photograph") -> None:
    """Raise KitError where the box goes beyond the photograph; the line begins with the name."""
    full = whole(photo)
    if box and (box.x + box.width > full.width or box.y + box.height > full.height):
        raise KitError(f"{name} has {full.width} x {full.height} pixels; the box goes beyond them")


def colored(
    photo: Photo, predict: Callable[[np.ndarray], np.ndarray], box: Box | None = None
) -> tuple[Photo, float]:
    """Color one photograph at its own size.

    Args:
        photo: the photograph.
        predict: the model: L code, uint8 (N, 112, 112, 1), to a*, b*, float32 (N, 112, 112, 2), CIELAB units.
        box: the part that the model sees and colors; all of it if nothing else is said.

    Returns:
        As of `join`.

    Raises:
        KitError: the box goes beyond the photograph.
    """
    check(photo, box)
    return join(photo, predict(model_input(photo, box)[None])[0], box)


def model_input(photo: Photo, box: Box | None = None) -> np.ndarray:
    """What the model sees of a photograph, or of a box in it: L code, uint8 (112, 112, 1).

    The longer side becomes 112 pixels by averaging over areas, and the shorter is filled up by reflection: a face keeps its shape.
    """
    x, y, width, height = box or whole(photo)
    part = Photo(
        *(None if plane is None else plane[y : y + height, x : x + width] for plane in photo)
    )
    columns, rows = _inner(width, height)
    averaging = cv2.INTER_AREA if max(width, height) > SIZE else cv2.INTER_LINEAR
    small = cv2.resize(
        image_files.over_white(part), (_length(columns), _length(rows)), interpolation=averaging
    )
    padding = (rows.start, SIZE - rows.stop, columns.start, SIZE - columns.stop)
    square = cv2.copyMakeBorder(small, *padding, cv2.BORDER_REFLECT)
    return color.to_storage(color.rgb_to_lab(square))[..., :1]


def place(x: int, y: int, part: Box) -> tuple[int, int]:
    """Row and column in the model's square of a pixel of the photograph, which lies in the part that the model sees: a box, or `whole`."""
    columns, rows = _inner(part.width, part.height)
    column = columns.start + int((x - part.x + 0.5) * _length(columns) / part.width)
    return rows.start + int((y - part.y + 0.5) * _length(rows) / part.height), column


def _inner(width: int, height: int) -> tuple[slice, slice]:
    """Columns and rows of the model's square that a picture of this size takes."""
    lengths = (max(1, round(SIZE * side / max(width, height))) for side in (width, height))
    return tuple(slice((SIZE - length) // 2, (SIZE - length) // 2 + length) for length in lengths)


def _length(part: slice) -> int:
    return part.stop - part.start


def join(photo: Photo, ab: np.ndarray, box: Box | None = None) -> tuple[Photo, float]:
    """Give a photograph the predicted color at its own full-size L.

    Args:
        photo: the photograph.
        ab: what the model made of `model_input`: a*, b*, float (112, 112, 2), CIELAB units.
        box: color this part only, with an edge that fades inside it; all else stays as it is.

    Returns:
        The colored photograph, its alpha unchanged; and the share of those pixels whose predicted color is outside sRGB.
    """
    box = box or whole(photo)
    x, y, width, height = box
    columns, rows = _inner(width, height)
    wide = cv2.resize(np.float32(ab[rows, columns]), (width, _length(rows)))
    across, down = _weights(photo, box)
    rgb, lowered, step = photo.rgb.copy(), 0, max(1, BAND // width)
    for top in range(0, height, step):
        lines = np.arange(top, min(top + step, height))
        part = np.s_[y + lines[0] : y + lines[-1] + 1, x : x + width]
        lab = color.rgb_to_lab(photo.rgb[part])
        weight = (down[lines, None] * across)[..., None]
        lab[..., 1:] += weight * (_stretch(wide, lines, height) - lab[..., 1:])
        lab, outside = color.fit_to_gamut(lab)
        lowered += np.count_nonzero(outside)
        rgb[part] = color.lab_to_rgb(lab)
    return Photo(rgb, photo.alpha), lowered / (width * height)


def _stretch(wide: np.ndarray, lines: np.ndarray, height: int) -> np.ndarray:
    """Some lines of a picture (h, W, 2) that is stretched to a height, linearly, as cv2.resize would make all of them at once."""
    place = np.clip((lines + 0.5) * len(wide) / height - 0.5, 0, len(wide) - 1)
    above = place.astype(int)
    share = (place - above).astype(np.float32)[:, None, None]
    return wide[above] * (1 - share) + wide[np.minimum(above + 1, len(wide) - 1)] * share


def _weights(photo: Photo, box: Box) -> tuple[np.ndarray, np.ndarray]:
    """How much of the predicted color each column and each row of the box takes: 1, but less towards sides inside the photograph."""
    size, soft = whole(photo), min(box.width, box.height) // SOFT
    spans = ((box.x, box.width, size.width), (box.y, box.height, size.height))
    return tuple(
        _fade(length, soft * (start > 0), soft * (start + length < full))
        for start, length, full in spans
    )


def _fade(length: int, before: int, behind: int) -> np.ndarray:
    """Weights, float32 (length,): from above 0 at an end to 1 after so many pixels."""
    places = np.arange(1, length + 1, dtype=np.float32)
    return np.minimum(1, np.minimum(places / (before + 1), places[::-1] / (behind + 1)))
