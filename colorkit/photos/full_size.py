"""Go from a photograph to the small square that a model sees, and back.

The model's color is joined to the photograph's own L, at full size.
"""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .. import color
from ..arrays import Ab, LCode
from ..data.faces import SIZE
from ..errors import KitError
from . import image_files
from .image_files import Photo

# Pixels joined at a time: in float, a whole photograph would take eight times its memory.
PIXELS_AT_A_TIME = 1 << 18
FADES_PER_SIDE = 8  # a box's color fades over an eighth of its shorter side

Predict = Callable[[LCode], Ab]
"""A model as a function: code of L, (N, 112, 112, 1), to a* and b*, (N, 112, 112, 2)."""


class Box(NamedTuple):
    """A part of an upright photograph: its upper left corner, width and height, in pixels."""

    x: int
    y: int
    width: int
    height: int


def box(x: int, y: int, width: int, height: int) -> Box:
    """Make a box of a user's numbers. Lesson 7.8.

    Raises:
        KitError: the numbers don't make a box.

    Example:
        >>> box(40, 20, 64, 48)
        Box(x=40, y=20, width=64, height=48)
    """
    if min(x, y) < 0 or min(width, height) < 1:
        raise KitError(
            "a box has its corner at 0 or more and sides of 1 or more, "
            f"not {x} {y} {width} {height}"
        )
    return Box(x, y, width, height)


def whole(photo: Photo) -> Box:
    """Return the box that holds all of a photograph. Lesson 7.8.

    Example:
        >>> import numpy as np
        >>> whole(Photo(np.zeros((20, 30, 3), np.uint8), None))
        Box(x=0, y=0, width=30, height=20)
    """
    height, width = photo.rgb.shape[:2]
    return Box(0, 0, width, height)


def check(photo: Photo, box: Box | None, name: str = "the photograph") -> None:
    """Raise KitError if the box goes beyond the photograph; the line begins with the name."""
    full = whole(photo)
    if box and (box.x + box.width > full.width or box.y + box.height > full.height):
        raise KitError(f"{name} has {full.width} x {full.height} pixels; the box goes beyond them")


def unfaded(full: Box, part: Box) -> Box:
    """Find the middle of a box, which takes all of the predicted color; around it the color fades.

    Args:
        full: the whole photograph.
        part: the box.

    Example:
        >>> unfaded(Box(0, 0, 100, 100), Box(0, 20, 40, 40))  # which ends at the left edge
        Box(x=0, y=25, width=35, height=30)
    """
    across, down = _weights(full, part)
    columns = np.flatnonzero(across == 1)
    rows = np.flatnonzero(down == 1)
    return Box(part.x + int(columns[0]), part.y + int(rows[0]), len(columns), len(rows))


def colored(photo: Photo, predict: Predict, box: Box | None = None) -> tuple[Photo, float]:
    """Color one photograph at its own size. Lesson 7.8.

    Args:
        photo: the photograph.
        predict: the model.
        box: the part that the model sees and colors; None for the whole photograph.

    Returns:
        The colored photograph, and the share of its pixels that lost chroma, as of `join`.

    Raises:
        KitError: the box goes beyond the photograph.

    Example:
        >>> model = photos.load_shipped("vivid")  # doctest: +SKIP
        >>> in_color, lowered = colored(photos.read(path), model.predict)  # doctest: +SKIP
    """
    check(photo, box)
    seen = model_input(photo, box)[None]  # (1, 112, 112, 1)
    [ab] = predict(seen)
    return join(photo, ab, box)


def model_input(photo: Photo, box: Box | None = None) -> LCode:
    """Compute what the model sees of a photograph, or of a box in it.

    The longer side becomes 112 pixels, by averaging over areas. The shorter one is filled up by
    reflection, so that a face keeps its shape.

    Returns:
        Code of L, (112, 112, 1).

    Example:
        >>> import numpy as np
        >>> model_input(Photo(np.zeros((20, 30, 3), np.uint8), None)).shape
        (112, 112, 1)
    """
    box = box or whole(photo)
    part = _cut(photo, box)
    columns, rows = _inner(box.width, box.height)
    size = (_length(columns), _length(rows))
    shrinks = max(box.width, box.height) > SIZE
    averaging = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small = cv2.resize(image_files.over_white(part), size, interpolation=averaging)
    padding = (rows.start, SIZE - rows.stop, columns.start, SIZE - columns.stop)
    square = cv2.copyMakeBorder(small, *padding, cv2.BORDER_REFLECT)  # (112, 112, 3)
    rgb = np.asarray(square, np.uint8)
    return color.to_storage(color.rgb_to_lab(rgb))[..., :1]


def _cut(photo: Photo, box: Box) -> Photo:
    """Cut a box out of a photograph."""
    rows = slice(box.y, box.y + box.height)
    columns = slice(box.x, box.x + box.width)
    alpha = None if photo.alpha is None else photo.alpha[rows, columns]
    return Photo(photo.rgb[rows, columns], alpha)


def place(x: int, y: int, part: Box) -> tuple[int, int]:
    """Find where the model's square shows a pixel of the photograph.

    Args:
        x, y: the pixel, which lies inside `part`.
        part: the part that the model sees: a box, or `whole`.

    Returns:
        Row and column in the square.

    Example:
        >>> place(0, 0, Box(0, 0, 224, 112))  # a wide photograph, padded above and below
        (28, 0)
    """
    columns, rows = _inner(part.width, part.height)
    across = (x - part.x + 0.5) * _length(columns) / part.width
    down = (y - part.y + 0.5) * _length(rows) / part.height
    return rows.start + int(down), columns.start + int(across)


def _inner(width: int, height: int) -> tuple[slice, slice]:
    """Return the columns and rows of the model's square that a picture of this size takes."""
    longer = max(width, height)
    columns = _middle(round(SIZE * width / longer))
    rows = _middle(round(SIZE * height / longer))
    return columns, rows


def _middle(length: int) -> slice:
    """Return the middle of the square's side: so many pixels, and at least one."""
    length = max(1, length)
    start = (SIZE - length) // 2
    return slice(start, start + length)


def _length(part: slice) -> int:
    """Return how many pixels a slice holds."""
    return part.stop - part.start


def join(photo: Photo, ab: Ab, box: Box | None = None) -> tuple[Photo, float]:
    """Give a photograph the predicted color, at its own full-size L.

    Args:
        photo: the photograph.
        ab: the model's prediction for `model_input`: a* and b*, (112, 112, 2), CIELAB units.
        box: the part to color, with an edge that fades inside it; the rest doesn't change.

    Returns:
        The colored photograph, with the same alpha, and the share of the colored pixels whose
        predicted color is outside sRGB. These have less chroma than predicted.

    Example:
        >>> import numpy as np
        >>> photo = Photo(np.full((20, 30, 3), 128, np.uint8), None)
        >>> joined, lowered = join(photo, np.full((112, 112, 2), 20.0))
        >>> joined.rgb.shape, float(lowered)
        ((20, 30, 3), 0.0)
    """
    box = box or whole(photo)
    columns, rows = _inner(box.width, box.height)
    inner = np.asarray(ab[rows, columns], np.float32)
    wide = cv2.resize(inner, (box.width, _length(rows)))  # (h, W, 2)
    across, down = _weights(whole(photo), box)
    rgb = photo.rgb.copy()
    lowered = 0
    step = max(1, PIXELS_AT_A_TIME // box.width)
    for top in range(0, box.height, step):
        lines = np.arange(top, min(top + step, box.height))
        band = np.s_[box.y + lines[0] : box.y + lines[-1] + 1, box.x : box.x + box.width]
        lab = color.rgb_to_lab(photo.rgb[band])
        weight = (down[lines, None] * across)[..., None]  # (lines, W, 1)
        lab[..., 1:] += weight * (_stretch(wide, lines, box.height) - lab[..., 1:])
        lab, outside = color.fit_to_gamut(lab)
        lowered += int(np.count_nonzero(outside))
        rgb[band] = color.lab_to_rgb(lab)
    return Photo(rgb, photo.alpha), lowered / (box.width * box.height)


def _stretch(wide: np.ndarray, lines: np.ndarray, height: int) -> np.ndarray:
    """Stretch a picture (h, W, 2) linearly to a height, but compute only some lines of the result.

    All lines together are those of cv2.resize.
    """
    last = len(wide) - 1
    place = np.clip((lines + 0.5) * len(wide) / height - 0.5, 0, last)
    above = place.astype(int)
    below = np.minimum(above + 1, last)
    share = (place - above).astype(np.float32)[:, None, None]  # (lines, 1, 1)
    return wide[above] * (1 - share) + wide[below] * share


def _weights(size: Box, box: Box) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Compute how much of the predicted color each column and each row of the box takes.

    It is 1, but less toward those sides of the box that lie inside the photograph.
    """
    fade = min(box.width, box.height) // FADES_PER_SIDE
    across = _fade_inside(box.x, box.width, size.width, fade)
    down = _fade_inside(box.y, box.height, size.height, fade)
    return across, down


def _fade_inside(start: int, length: int, full: int, fade: int) -> NDArray[np.float32]:
    """Compute the weights along one side of a box, (length,), from its place in the photograph."""
    before = fade if start > 0 else 0
    after = fade if start + length < full else 0
    return _fade(length, before, after)


def _fade(length: int, before: int, after: int) -> NDArray[np.float32]:
    """Compute weights, (length,), that rise from above 0 at each end to 1 over so many pixels."""
    places = np.arange(1, length + 1, dtype=np.float32)
    rising = places / (before + 1)
    falling = places[::-1] / (after + 1)
    return np.minimum(1, np.minimum(rising, falling))
