import errno
import hashlib
import io
import json
import math
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from elsewhere import ignore_case, make_junctions

from colorkit import files


def test_a_block_that_raises_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")

    def interrupted():
        with files.atomic_open(path) as stream:
            stream.write(b"half of the new")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        interrupted()
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_reader_sees_the_old_file_until_the_block_ends(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with files.atomic_open(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_write_makes_the_folder(tmp_path):
    files.write_bytes(tmp_path / "deep" / "er" / "a.bin", b"\0\1")
    assert (tmp_path / "deep" / "er" / "a.bin").read_bytes() == b"\0\1"


def test_the_text_between_two_marks_is_replaced_and_nothing_else(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(
        "head\n<!-- a -->\nold\n<!-- end -->\n<!-- b -->\nother\n<!-- end -->\ntail\n",
        encoding="utf-8",
    )
    files.write_between(path, "<!-- a -->\n", "<!-- end -->\n", "new\n")
    assert (
        path.read_text(encoding="utf-8")
        == "head\n<!-- a -->\nnew\n<!-- end -->\n<!-- b -->\nother\n<!-- end -->\ntail\n"
    )
    with pytest.raises(ValueError, match="values to unpack"):
        files.write_between(path, "<!-- c -->\n", "<!-- end -->\n", "new\n")


def test_json_bytes(tmp_path):
    files.write_json(tmp_path / "a.json", {"b": [1, 2]})
    assert (tmp_path / "a.json").read_bytes() == b'{\n  "b": [\n    1,\n    2\n  ]\n}\n'


def test_sha256_of_a_file_longer_than_a_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "HASH_BLOCK", 10)
    data = bytes(range(256))
    (tmp_path / "a").write_bytes(data)
    assert files.sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()


def test_sha256_of_settings_depends_on_types_and_places_but_not_on_the_order_of_keys():
    assert files.sha256_of(0, "7") != files.sha256_of("0", "7")
    assert files.sha256_of("ab", "c") != files.sha256_of("a", "bc")
    assert files.sha256_of({"a": 1, "b": 2}) == files.sha256_of({"b": 2, "a": 1})


@pytest.mark.parametrize("letters", [251, 255])
def test_a_name_of_any_length_that_the_disk_allows_can_be_written(tmp_path, letters):
    path = tmp_path / ("x" * letters)
    files.write_bytes(path, b"whole")
    assert path.read_bytes() == b"whole"


def test_a_disk_s_refusal_names_the_file_and_not_the_temporary_one(tmp_path):
    def fill():
        with files.atomic_open(tmp_path / "a.bin") as stream:
            stream.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space") as full:
        fill()
    assert full.value.filename == str(tmp_path / "a.bin")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError) as folder:
        files.write_bytes(tmp_path / "folder", b"")
    assert (folder.value.filename, folder.value.filename2) == (str(tmp_path / "folder"), None)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.needs("links")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "drive").mkdir()
    link = tmp_path / "votes.csv"
    link.symlink_to(tmp_path / "drive" / "votes.csv")
    files.write_bytes(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "drive" / "votes.csv").read_bytes() == b"new"


@pytest.mark.needs("pipes")
def test_a_pipe_is_written_to_and_stays(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor() as pool:
        reading = pool.submit((tmp_path / "pipe").read_bytes)
        files.write_bytes(tmp_path / "pipe", b"rows")
    assert reading.result() == b"rows"
    assert (tmp_path / "pipe").is_fifo()


def test_trying_to_write_leaves_nothing(tmp_path):
    (tmp_path / "old").write_text("old", encoding="utf-8")
    for name in ("old", "new", "deep/er/new"):
        files.try_writing(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text(encoding="utf-8") == "old"


@pytest.mark.needs("links")
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("folder", IsADirectoryError),
        ("link", IsADirectoryError),
        ("file/new", NotADirectoryError),
        ("file/deep/new", NotADirectoryError),
        (300 * "x", OSError),
    ],
)
def test_what_can_not_be_written_is_found_before(tmp_path, name, error):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "file").touch()
    with pytest.raises(error):
        files.try_writing(tmp_path / name)


def test_a_disk_that_is_full_is_found_before(tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(OSError, match="No space"):
        files.try_writing(tmp_path / "deep" / "new")
    assert not any(tmp_path.iterdir())


@pytest.mark.needs("links")
def test_a_link_to_nothing_is_no_folder(tmp_path):
    (tmp_path / "link").symlink_to("missing")
    with pytest.raises(FileExistsError):
        files.try_folder(tmp_path / "link")


def test_a_folder_that_takes_no_files(tmp_path, monkeypatch):
    def fail(**_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    with pytest.raises(OSError, match="Read-only"):
        files.try_writing(tmp_path / "deep" / "new")


def test_json_has_null_for_what_is_no_number(tmp_path):
    numbers = {"a": [math.nan, 1.5], "b": {"c": (math.inf, -math.inf, np.float64("nan"))}}
    files.write_json(tmp_path / "a.json", numbers)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": [None, 1.5], "b": {"c": [None, None, None]}}
    assert "NaN" not in text


# Windows and macOS


def test_a_file_is_synced_through_a_handle_that_may_write(tmp_path, monkeypatch):
    """Windows answers EBADF for one that may only read."""
    synced = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.write(number, b"")))
    (tmp_path / "a").write_bytes(b"12")
    files.sync(tmp_path / "a")
    assert synced == [0]
    assert (tmp_path / "a").read_bytes() == b"12"


@pytest.mark.needs("cases")
def test_two_spellings_are_one_file_where_the_disk_says_so(tmp_path, monkeypatch):
    for name in ("a.png", "A.png", "b.png"):
        (tmp_path / name).touch()
    assert len({files.identity(path) for path in tmp_path.iterdir()}) == 3
    (tmp_path / "A.png").unlink()
    os.link(tmp_path / "a.png", tmp_path / "hard.png")
    ignore_case(monkeypatch)
    assert files.identity(tmp_path / "A.PNG") == files.identity(tmp_path / "a.png")
    assert files.identity(tmp_path / "hard.png") != files.identity(tmp_path / "a.png")
    assert files.identity(tmp_path / "none") == (os.path.realpath(tmp_path / "none"),)


@pytest.mark.needs("links")
def test_a_link_is_the_file_that_it_leads_to_or_one_of_its_own(tmp_path):
    (tmp_path / "a").touch()
    (tmp_path / "link").symlink_to("a")
    assert files.identity(tmp_path / "link") == files.identity(tmp_path / "a")
    assert files.identity(tmp_path / "link", follow=False) != files.identity(tmp_path / "a")
    assert files.is_link(tmp_path / "link")
    assert not files.is_link(tmp_path / "a")
    assert not files.is_link(tmp_path / "none")


def test_a_junction_is_a_link(tmp_path, monkeypatch):
    make_junctions(monkeypatch, tmp_path / "junction")
    (tmp_path / "junction").mkdir()
    assert files.is_link(tmp_path / "junction")
    assert not files.is_link(tmp_path)
