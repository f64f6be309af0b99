"""Everything that was handed in is graded or has a row that says why not."""

import io
import os
import stat
import unicodedata
import zipfile

import handed_in
import nbformat
import pytest
from elsewhere import ignore_case, make_junctions
from nbformat.v4 import new_code_cell, new_notebook

from colorkit.errors import KitError

NOTEBOOK = nbformat.writes(new_notebook(cells=[new_code_cell("x = 1")])).encode()


def zipped(**members: bytes) -> bytes:
    """Make a zip of files by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def found(folder) -> dict[str, str]:
    """Return what is known of everything handed in: its problem, or "graded"."""
    return {
        one.name: "graded" if one.read and one.read() == NOTEBOOK else one.problem
        for one in handed_in.find(folder)
    }


def put(folder, **files: bytes):
    """Write files into a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_a_notebook_is_found_under_every_name_that_browsers_give_it(tmp_path):
    names = ["a.ipynb", "b.IPYNB", "c.ipynb.txt", "d.ipynb.json", "e.json", "f.Json", "g", "h.txt"]
    put(tmp_path, **dict.fromkeys(names, NOTEBOOK))
    put(tmp_path, **{"i.txt": b"\xef\xbb\xbf" + NOTEBOOK})
    kinds = found(tmp_path)
    assert kinds.pop("i.txt") == ""  # a notebook, with a mark before it
    assert kinds == dict.fromkeys(names, "graded")


def test_a_damaged_notebook_under_such_a_name_is_run_to_say_what_is_wrong(tmp_path):
    put(tmp_path, **{"a.ipynb.txt": b"<html>", "b.ipynb": b""})
    assert all(one.read for one in handed_in.find(tmp_path))


def test_what_is_no_notebook_is_named(tmp_path):
    files = {
        "a.ipynb": NOTEBOOK,
        "b.pdf": b"%PDF",
        "c.py": b"x = 1",
        "d.html": b"<html>",
        "e.docx": zipped(x=b"1"),
        "f.rar": b"Rar!",
        "g": b"x",
        "h.json": b'{"a": 1}',
        "i.txt": b" \n",
        "j.zip": b"PK\3\4",
        "k.zip": zipped(),
        "deeper/l.PDF": b"%PDF",
    }
    kinds = found(put(tmp_path, **files))
    assert kinds.pop("j.zip").startswith("no notebook: the zip can't be read (")
    assert kinds == {
        "a.ipynb": "graded",
        "b.pdf": "no notebook: .pdf",
        "c.py": "no notebook: .py",
        "d.html": "no notebook: .html",
        "e.docx": "no notebook: .docx",
        "f.rar": "no notebook: .rar",
        "g": "no notebook: a file without an ending",
        "h.json": "no notebook: .json",
        "i.txt": "no notebook: the file is empty",
        "k.zip": "no notebook: the zip is empty",
        "deeper/l.PDF": "no notebook: .pdf",
    }


def test_zips_of_one_student_and_of_a_class(tmp_path):
    mia = zipped(**{"lesson/01.ipynb": NOTEBOOK, "lesson/notes.txt": b"x"})
    files = {
        "mia.zip": mia,
        "class.ZIP": zipped(**{"mia/m.zip": mia, "zoe.ipynb.txt": NOTEBOOK, "eva.pdf": b"%PDF"}),
        "deep.zip": zipped(**{"a.zip": zipped(**{"b.zip": mia})}),
        "mac.zip": zipped(**{"a.ipynb": NOTEBOOK, "__MACOSX/._a.ipynb": b"x", ".DS_Store": b"x"}),
    }
    assert found(put(tmp_path, **files)) == {
        "mia.zip/lesson/01.ipynb": "graded",
        "mia.zip/lesson/notes.txt": "no notebook: .txt",
        "class.ZIP/mia/m.zip/lesson/01.ipynb": "graded",
        "class.ZIP/mia/m.zip/lesson/notes.txt": "no notebook: .txt",
        "class.ZIP/zoe.ipynb.txt": "graded",
        "class.ZIP/eva.pdf": "no notebook: .pdf",
        "deep.zip/a.zip/b.zip": "no notebook: a zip in a zip in a zip: unpack it",
        "mac.zip/a.ipynb": "graded",
    }


def test_a_hostile_zip_writes_nothing_and_costs_little(tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in, "MOST", 5)
    monkeypatch.setattr(handed_in, "ALL", 3 << 20)
    monkeypatch.setattr(handed_in, "LARGEST", 1 << 20)
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    links = io.BytesIO()
    with zipfile.ZipFile(links, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    locked = bytearray(zipped(**{"a.txt": b"x" * 100}))
    locked[6] |= 1  # the bits that say encrypted
    locked[locked.index(b"PK\1\2") + 8] |= 1
    files = {
        "many.zip": zipped(**{f"{n}.txt": b"x" for n in range(6)}),
        "bomb.zip": zipped(**{f"{n}.txt": bytes(1 << 20) for n in range(4)}),
        "large.zip": zipped(**{"a.txt": bytes((1 << 20) + 1)}),
        "climbs.zip": zipped(**{"../../up.ipynb": NOTEBOOK, "/root.ipynb": NOTEBOOK}),
        "links.zip": links.getvalue(),
        "locked.zip": bytes(locked),
    }
    kinds = found(put(tmp_path / "in", **files))
    limit = "no notebook: the zip holds more than 5 files or 0 GB"
    assert kinds == {
        "many.zip": limit,
        "bomb.zip": limit,
        "large.zip/a.txt": "no notebook: larger than 1 MB",
        "climbs.zip/../../up.ipynb": "graded",
        "climbs.zip//root.ipynb": "graded",
        "links.zip/link.ipynb": "no notebook: a link",
        "locked.zip/a.txt": "no notebook: locked with a password",
    }
    assert sorted(os.listdir(tmp_path)) == ["in"]


@pytest.mark.needs("links", "pipes")
def test_links_pipes_and_folders_that_can_t_be_read_are_named(tmp_path, monkeypatch):
    put(tmp_path, **{"a.ipynb": NOTEBOOK, "other/b.ipynb": NOTEBOOK, "shut/c.ipynb": NOTEBOOK})
    (tmp_path / "link").symlink_to(tmp_path / "other")
    (tmp_path / "gone.ipynb").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    no_file = "no notebook: there is no file behind this name"
    assert found(tmp_path) == {
        "a.ipynb": "graded",
        "other/b.ipynb": "graded",
        "shut": "no notebook: can't be read (Permission denied)",
        "link": "no notebook: a link to a folder, which is not followed",
        "gone.ipynb": no_file,
        "pipe.txt": no_file,
    }


@pytest.mark.needs("links")
def test_folders_that_the_teacher_linked_are_read_and_loops_have_an_end(tmp_path):
    put(tmp_path, **{"real/1.ipynb": NOTEBOOK, "in/ben/2.ipynb": NOTEBOOK})
    (tmp_path / "real" / "back").symlink_to(tmp_path / "in")
    folder = tmp_path / "in"
    (folder / "anna").symlink_to("../real")
    (folder / "loop").symlink_to(".")
    (folder / "up").symlink_to("..")
    (folder / "ben" / "deeper").symlink_to(tmp_path / "real")
    not_followed = "no notebook: a link to a folder, which is not followed"
    assert found(folder) == {
        "anna/1.ipynb": "graded",
        "anna/back": not_followed,
        "ben/2.ipynb": "graded",
        "ben/deeper": not_followed,
        "loop": not_followed,
        "up": not_followed,
    }


def test_a_file_that_can_t_be_read_is_named(tmp_path, monkeypatch):
    put(tmp_path, **{"a.ipynb": NOTEBOOK, "b.txt": b"{", "c.zip": b""})

    def refuse(path, *mode):
        if os.fspath(path).endswith((".txt", ".zip")):
            raise PermissionError(13, "Permission denied", str(path))
        return open(path, *mode)

    monkeypatch.setattr(handed_in, "open", refuse, raising=False)
    assert found(tmp_path) == {
        "a.ipynb": "graded",
        "b.txt": "no notebook: can't be read (Permission denied)",
        "c.zip": "no notebook: the zip can't be read (Permission denied)",
    }


@pytest.mark.needs("accents")
def test_names_of_people_and_two_that_look_the_same(tmp_path):
    composed = unicodedata.normalize("NFC", "José.ipynb")
    apart = unicodedata.normalize("NFD", composed)
    names = [composed, apart, "अनीता.ipynb", "สมชาย ใจดี.ipynb", "O’Brien.ipynb"]
    put(tmp_path, **dict.fromkeys(names, NOTEBOOK))
    shown = [composed, f"{composed} [2]", *names[2:]]
    assert found(tmp_path) == dict.fromkeys(shown, "graded")


@pytest.mark.needs("cases")
def test_the_table_is_known_in_whatever_case_it_is_typed(tmp_path, monkeypatch):
    put(tmp_path, **{"a.ipynb": NOTEBOOK, "Class.csv": b"file"})
    ignore_case(monkeypatch)
    assert [one.name for one in handed_in.find(tmp_path, tmp_path / "class.csv")] == ["a.ipynb"]


def test_a_junction_deeper_in_the_folder_is_not_followed(tmp_path, monkeypatch):
    put(tmp_path, **{"mia/a.ipynb": NOTEBOOK, "mia/away/b.ipynb": NOTEBOOK})
    make_junctions(monkeypatch, tmp_path / "mia" / "away")
    assert found(tmp_path) == {
        "mia/a.ipynb": "graded",
        "mia/away": "no notebook: a link to a folder, which is not followed",
    }


def test_very_many_other_files_of_a_folder_share_a_row(tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in, "MANY", 2)
    put(tmp_path, **{"a.ipynb": NOTEBOOK, "b/1.txt": b"1", "b/2.txt": b"2", "b/3.txt": b"3"})
    put(tmp_path, **{"c/1.txt": b"1", "c/2.txt": b"2"})
    assert found(tmp_path) == {
        "a.ipynb": "graded",
        "b/": "no notebook: 3 files (1.txt, 2.txt, ...)",
        "c/1.txt": "no notebook: .txt",
        "c/2.txt": "no notebook: .txt",
    }


def test_a_folder_without_a_notebook_is_told_with_what_there_is(tmp_path):
    put(tmp_path, **{"a.pdf": b"%PDF"})
    with pytest.raises(KitError, match=r"no notebook in .* \(1 other file\): their names should"):
        handed_in.find(tmp_path)
