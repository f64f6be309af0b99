"""Hints in a file: where the model sees them, and the messages about files that can't be used."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorkit import color
from colorkit.errors import KitError
from colorkit.photos import full_size, hint_file, image_files
from colorkit.photos.full_size import Box

RED, GREEN = ("#c02020", "#20c020")


@pytest.fixture
def photo(tmp_path) -> Path:
    """A wide photograph that a camera held on its side: upright it is 300 x 200."""
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.full((300, 200, 3), 128, np.uint8)).save(path, exif=exif)
    return path


@pytest.fixture
def file(tmp_path):
    """Write a file of hints."""

    def write(*lines: str, mark: str = "") -> Path:
        path = tmp_path / "hints.csv"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8" + mark)
        return path

    return write


def decode_color(code: str) -> np.ndarray:
    """Return a* and b* of #rrggbb."""
    return color.rgb_to_lab(np.frombuffer(bytes.fromhex(code[1:]), np.uint8))[1:]


def test_each_is_a_square_of_its_color_where_the_model_sees_its_pixel(file, photo):
    path = file("x,y,color", f"60,50,{RED}", "", f"240, 150, {GREEN.upper()}")
    found = hint_file.planes(path, photo)
    assert (found.dtype, found.shape) == (np.float32, (1, 112, 112, 3))
    side = color.Point(0, 0, 0, 0).side
    assert found[..., 2].sum() == 2 * side**2
    for x, y, code in ((60, 50, RED), (240, 150, GREEN)):
        row, column = full_size.place(x, y, Box(0, 0, 300, 200))
        assert found[0, row, column] == pytest.approx([*decode_color(code), 1], abs=1e-4)
        rows = slice(row - side // 2, row + side // 2 + 1)
        columns = slice(column - side // 2, column + side // 2 + 1)
        square = found[0, rows, columns]
        assert (square == found[0, row, column]).all()


def test_in_a_box_they_go_where_the_box_is_seen(file, photo):
    box = Box(40, 30, 56, 56)
    found = hint_file.planes(file("x,y,color", f"50,70,{RED}"), photo, box)
    rows, columns = (np.flatnonzero(found[0, ..., 2].any(axis)) for axis in (1, 0))
    # The model has two pixels for each pixel of the box.
    assert (rows.mean(), columns.mean()) == (81, 21)


def test_a_spreadsheet_s_mark_is_passed_over(file, photo):
    assert hint_file.planes(file("x,y,color", f"60,50,{RED}", mark="-sig"), photo).any()


HEADER = "x,y,color"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], r"line 1: expected the header x,y,color, got ''"),
        (["x;y;color", "1;2;#ffffff"], r"got 'x;y;color'; separate the values with commas"),
        (["x\ty\tcolor"], r"got 'x\\ty\\tcolor'; separate the values with commas"),
        (["X;y;colour"], r"line 1: expected the header x,y,color, got 'X;y;colour'$"),
        (["60,50,#c02020"], r"line 1: expected the header x,y,color, got '60,50,#c02020'"),
        ([HEADER], r"has no hints: write a line such as 120,80,#c08060 below the header"),
        ([HEADER, ""], r"has no hints"),
        (
            [HEADER, "1,2,#c02020", "300,5,#c02020"],
            r"line 3: x=300, y=5 is outside the picture: expected x from 0 to 299 and y from 0 to",
        ),
        ([HEADER, "5,200,#c02020"], r"line 2: x=5, y=200 is outside the picture"),
        ([HEADER, "-1,5,#c02020"], r"line 2: x=-1, y=5 is outside the picture"),
        ([HEADER, "5,-1,#c02020"], r"line 2: x=5, y=-1 is outside the picture"),
        ([HEADER, "", "1.5,2,#c02020"], r"line 3: x is '1.5', expected a whole number of pixels"),
        ([HEADER, "1,,#c02020"], r"line 2: y is '', expected a whole number of pixels"),
        ([HEADER, "1,٣,#c02020"], r"line 2: y is '٣', expected a whole number"),
        ([HEADER, "1,2,red"], r"line 2: the color is 'red', expected one such as #c08060"),
        ([HEADER, "1,2,c02020"], r"line 2: the color is 'c02020'"),
        ([HEADER, "1,2,#c0202"], r"line 2: the color is '#c0202'"),
        ([HEADER, "1,2"], r"line 2: expected three values, x,y,color, got 2"),
        ([HEADER, "1,2,#c02020,5"], r"line 2: expected three values, x,y,color, got 4"),
        ([HEADER, '1,2,"#c02020'], r"can't be read as CSV"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_place(file, photo, lines, message):
    with pytest.raises(KitError, match=rf"hints\.csv.*{message}") as caught:
        hint_file.planes(file(*lines), photo)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "lines", [["X,Y,Color", "60,50,#c02020"], ["x , y,color ", "60,50,#c02020", ",,", " , ,"]]
)
def test_how_spreadsheets_write_a_header_and_empty_rows(file, photo, lines):
    expected = hint_file.planes(file(HEADER, "60,50,#c02020"), photo)
    assert np.array_equal(hint_file.planes(file(*lines), photo), expected)


def test_a_file_that_the_system_does_not_give(file, photo, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    path = file(HEADER)
    monkeypatch.setattr(hint_file, "open", refuse, raising=False)
    with pytest.raises(
        KitError, match=r"hints\.csv can't be read \(Permission denied\): change its"
    ):
        hint_file.planes(path, photo)


def test_outside_the_box(file, photo):
    for x, y in ((39, 40), (96, 40), (50, 29), (50, 86)):
        message = (
            f"line 2: x={x}, y={y} is outside the box: expected x from 40 to 95 and y from 30 to"
        )
        with pytest.raises(KitError, match=f"{message} 85"):
            hint_file.planes(file(HEADER, f"{x},{y},{RED}"), photo, Box(40, 30, 56, 56))


def test_other_files(tmp_path, photo, file):
    with pytest.raises(KitError, match=r"none\.csv: is not a file; check the name"):
        hint_file.planes(tmp_path / "none.csv", photo)
    message = (
        r"photo\.jpg: can't be read as CSV \(it is not text in UTF-8\); "
        "save it as CSV in UTF-8 with the header x,y,color"
    )
    with pytest.raises(KitError, match=message):
        hint_file.planes(photo, photo)
    with pytest.raises(KitError, match=r"none\.png: is not a file"):
        hint_file.planes(file(HEADER, f"1,2,{RED}"), tmp_path / "none.png")


def test_text_of_a_spreadsheet_in_utf_16(tmp_path, photo):
    path = tmp_path / "hints.csv"
    path.write_text(f"{HEADER}\n60,50,{RED}\n", encoding="utf-16")
    message = r"can't be read as CSV \(it is text in UTF-16, not in UTF-8\); save it as CSV in UTF"
    with pytest.raises(KitError, match=message):
        hint_file.planes(path, photo)


def test_a_box_that_goes_beyond_the_picture_is_said_first(file, photo):
    with pytest.raises(KitError, match=r"photo\.jpg: has 300 x 200 pixels; the box goes beyond"):
        hint_file.planes(file(HEADER, f"60,50,{RED}"), photo, Box(0, 0, 301, 20))


def test_a_hint_in_the_edge_of_a_box_gets_a_note(file, photo):
    """There, the picture shows less than the hint's color; what the note names shows all of it."""
    box = Box(40, 0, 80, 100)  # its upper side is the picture's, and doesn't fade
    inside = [(50, 0), (109, 0), (50, 89), (109, 89)]
    edge = [(49, 0), (110, 0), (50, 90), (40, 99), (119, 50)]
    lines = [f"{x},{y},{RED}" for x, y in inside + edge]
    path = file(HEADER, *lines)
    notes = hint_file.read(path, photo, box).notes
    assert notes == [
        f"{path}, line {line}: x={x}, y={y} is in the edge of the box, where its color fades out; "
        "a hint is followed exactly with x from 50 to 109 and y from 0 to 89"
        for line, (x, y) in enumerate(edge, 2 + len(inside))
    ]
    read = image_files.read(photo)
    joined, _ = full_size.join(read, np.full((112, 112, 2), decode_color(RED) / 2), box)
    full = joined.rgb[0, 60]
    for x, y in inside:
        assert np.array_equal(joined.rgb[y, x], full)
    for x, y in edge:
        assert np.abs(joined.rgb[y, x].astype(int) - full).max() > 1


def test_no_box_no_note(file, photo):
    for box in (None, Box(0, 0, 300, 200)):
        assert hint_file.read(file(HEADER, f"0,0,{RED}", f"299,199,{RED}"), photo, box).notes == []
