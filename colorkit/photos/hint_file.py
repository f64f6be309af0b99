"""Read color hints from a file: a CSV with the header `x,y,color`.

Each row names a pixel of a photograph and the color that somebody wants there.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import color
from ..arrays import HintPlanes, Rgb8
from ..data.faces import SIZE
from ..errors import KitError, first_line, unreadable
from . import full_size, image_files
from .full_size import Box

HEADER = ["x", "y", "color"]
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
PIXEL = re.compile(r"-?[0-9]{1,9}")


class _Row(NamedTuple):
    """A hint in a file: its line, its pixel, and its color, sRGB (3,)."""

    line: int
    x: int
    y: int
    rgb: Rgb8


class HintFile(NamedTuple):
    """The color hints of a file.

    Attributes:
        planes: the hints by `color.hint_planes`, (1, 112, 112, 3), as a model takes them.
        notes: a line for each hint that the picture will not show in full.
    """

    planes: HintPlanes
    notes: list[str]


def planes(path: Path, photograph: Path, box: Box | None = None) -> HintPlanes:
    """Read the color hints of a file, as a model takes them, (1, 112, 112, 3): see `read`."""
    return read(path, photograph, box).planes


def read(path: Path, photograph: Path, box: Box | None = None) -> HintFile:
    """Read the color hints of a file, for a photograph or a box in it.

    x and y count from 0 at the upper left corner of the upright photograph, at its full size. The
    color is #rrggbb in sRGB, of which only a* and b* are used: L is the photograph's own. A hint is
    a square of 5 of the model's pixels. A later one covers an earlier one.

    Args:
        path: the file.
        photograph: the photograph that the hints belong to.
        box: the part that the model sees; None for the whole photograph.

    Returns:
        The hints, with a note for each one that lies in the edge of the box, where color fades.

    Raises:
        KitError: the photograph or the file can't be read, the box goes beyond the photograph, the
            file has no hints, or one of its lines can't be used. The message says which line it is.

    Example:
        >>> hints = read(Path("hints.csv"), Path("grandmother.jpg"))  # doctest: +SKIP
    """
    photo = image_files.read(photograph)
    full_size.check(photo, box, f"{photograph}:")
    full = full_size.whole(photo)
    part = box or full
    rows = list(_read_rows(path))
    for row in rows:
        _check_inside(row, full, "picture", path)
        _check_inside(row, part, "box", path)
    if not rows:
        header = ",".join(HEADER)
        raise KitError(
            f"{path} has no hints: write a line such as 120,80,#c08060 below the header {header}"
        )
    hints = color.place_hints([_point(row, part) for row in rows], SIZE, SIZE)
    middle = full_size.unfaded(full, part)
    notes = [_note(row, middle, path) for row in rows if not _is_inside(row, middle)]
    return HintFile(color.hint_planes(hints)[None], notes)


def _point(row: _Row, part: Box) -> color.Point:
    """Place a hint in the model's square."""
    _, a, b = color.rgb_to_lab(row.rgb).tolist()
    return color.Point(*full_size.place(row.x, row.y, part), a, b)


def _note(row: _Row, middle: Box, path: Path) -> str:
    """Say that a hint lies where the color of a box fades out, and where it would not."""
    return (
        f"{path}, line {row.line}: x={row.x}, y={row.y} is in the edge of the box, where its color "
        f"fades out; a hint is followed exactly with {_ranges(middle)}"
    )


def _check_inside(row: _Row, area: Box, name: str, path: Path) -> None:
    """Raise KitError unless a hint lies in an area of the photograph."""
    if not _is_inside(row, area):
        raise KitError(
            f"{path}, line {row.line}: x={row.x}, y={row.y} is outside the {name}: "
            f"expected {_ranges(area)}"
        )


def _is_inside(row: _Row, area: Box) -> bool:
    """Tell whether a hint lies in an area of the photograph."""
    across = area.x <= row.x < area.x + area.width
    down = area.y <= row.y < area.y + area.height
    return across and down


def _ranges(area: Box) -> str:
    """Name the pixels of an area."""
    right = area.x + area.width - 1
    bottom = area.y + area.height - 1
    return f"x from {area.x} to {right} and y from {area.y} to {bottom}"


def _read_rows(path: Path) -> Iterator[_Row]:
    """Yield the hints of a file."""
    if not path.is_file():
        raise KitError(f"{path}: is not a file; check the name")
    header = ",".join(HEADER)
    try:
        # Spreadsheets may write a byte order mark first, which "utf-8-sig" skips.
        with open(path, encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, skipinitialspace=True, strict=True)
            first = next(rows, [])
            if [name.strip().lower() for name in first] != HEADER:
                raise _wrong_header(path, ",".join(first))
            for values in rows:
                if any(map(str.strip, values)):  # spreadsheets write empty rows, too
                    yield _parse(values, rows.line_num, path)
    except (UnicodeDecodeError, csv.Error) as bad:
        raise KitError(
            f"{path}: can't be read as CSV ({_why(path, bad)}); "
            f"save it as CSV in UTF-8 with the header {header}"
        ) from None
    except OSError as bad:
        raise unreadable(path, bad) from None


def _why(path: Path, bad: UnicodeDecodeError | csv.Error) -> str:
    """Say why a file is no CSV."""
    if _is_utf_16(path):
        return "it is text in UTF-16, not in UTF-8"
    return "it is not text in UTF-8" if isinstance(bad, UnicodeDecodeError) else first_line(bad)


def _is_utf_16(path: Path) -> bool:
    """Tell whether a file begins with the byte order mark of UTF-16, as some spreadsheets write."""
    with open(path, "rb") as stream:
        return stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _wrong_header(path: Path, found: str) -> KitError:
    """Return the error for a first line that is not the header."""
    header = ",".join(HEADER)
    others = re.split("[;\t]", found.lower()) == HEADER
    remedy = "; separate the values with commas" if others else ""
    return KitError(f"{path}, line 1: expected the header {header}, got {found[:40]!r}{remedy}")


def _parse(values: list[str], line: int, path: Path) -> _Row:
    """Turn the values of a row into a hint."""
    where = f"{path}, line {line}"
    if len(values) != len(HEADER):
        raise KitError(f"{where}: expected three values, {','.join(HEADER)}, got {len(values)}")
    x, y, code = (value.strip() for value in values)
    for name, value in (("x", x), ("y", y)):
        if not PIXEL.fullmatch(value):
            raise KitError(f"{where}: {name} is {value[:20]!r}, expected a whole number of pixels")
    if not COLOR.fullmatch(code):
        raise KitError(f"{where}: the color is {code[:20]!r}, expected one such as #c08060")
    rgb = np.frombuffer(bytes.fromhex(code[1:]), np.uint8)
    return _Row(line, int(x), int(y), rgb)
