"""Color hints in a file: a CSV with the header `x,y,color`, each row a pixel of a photograph and the color that somebody wants there."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .. import color
from ..data.faces import SIZE
from ..errors import KitError, first_line
from . import full_size, image_files
from .full_size import Box

HEADER = ["x", "y", "color"]
COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def planes(path: Path, photograph: Path, box: Box | None = None) -> np.ndarray:
    """The hints of a file, for a photograph or a box in it, as a model takes them (see hints.hint_planes).

    Args:
        path: the file. x and y count from 0 at the left upper corner of the upright photograph at its full size; of #rrggbb in sRGB the
            a* and b* are taken, as L is the photograph's own. A hint is a square of 5 of the model's pixels; a later one covers an earlier.
        photograph: to which it belongs.
        box: the part that the model sees.

    Returns:
        float32 (1, 112, 112, 3).

    Raises:
        KitError: the file can't be read, has no hints, or a line that can't be used, of which the number is said; or no photograph.
    """
    full = full_size.whole(image_files.read(photograph))
    part = box or full
    points = []
    for line, x, y, rgb in _rows(path):
        for name, area in (("picture", full), ("box", part)):
            if not (area.x <= x < area.x + area.width and area.y <= y < area.y + area.height):
                columns, rows = (
                    f"{area.x} to {area.x + area.width - 1}",
                    f"{area.y} to {area.y + area.height - 1}",
                )
                raise KitError(
                    f"{path}, line {line}: x={x}, y={y} is outside the {name}: wanted x of {columns} and y of {rows}"
                )
        _, a, b = color.rgb_to_lab(rgb).tolist()
        points.append(color.Point(*full_size.place(x, y, part), a, b))
    if not points:
        raise KitError(
            f"{path} has no hints: write a line such as 120,80,#c08060 below the header {','.join(HEADER)}"
        )
    return color.hint_planes(color.place_hints(points, SIZE, SIZE))[None]


def _rows(path: Path) -> Iterator[tuple[int, int, int, np.ndarray]]:
    """Of each row its line, x, y, and its color, uint8 (3,), sRGB."""
    if not path.is_file():
        raise KitError(f"{path}: is no file here; look at its name")
    try:
        with open(
            path, encoding="utf-8-sig", newline=""
        ) as stream:  # spreadsheets may write a mark before the first letter
            rows = csv.reader(stream, skipinitialspace=True, strict=True)
            if (header := next(rows, [])) != HEADER:
                raise KitError(
                    f"{path}, line 1: is {','.join(header)[:40]!r}, wanted the header {','.join(HEADER)}"
                )
            for row in rows:
                if row:
                    yield rows.line_num, *_row(row, f"{path}, line {rows.line_num}")
    except (UnicodeDecodeError, csv.Error) as bad:
        raise KitError(
            f"{path}: can't be read as CSV ({first_line(bad)}); save it as text with the header {','.join(HEADER)}"
        ) from None


def _row(row: list[str], where: str) -> tuple[int, int, np.ndarray]:
    if len(row) != len(HEADER):
        raise KitError(f"{where}: has {len(row)} values, wanted three: {','.join(HEADER)}")
    x, y, code = (value.strip() for value in row)
    for name, value in (("x", x), ("y", y)):
        if not re.fullmatch(r"-?[0-9]{1,9}", value):
            raise KitError(f"{where}: {name} is {value[:20]!r}, wanted a whole number of pixels")
    if not COLOR.fullmatch(code):
        raise KitError(f"{where}: the color is {code[:20]!r}, wanted one such as #c08060")
    return int(x), int(y), np.frombuffer(bytes.fromhex(code[1:]), np.uint8)
