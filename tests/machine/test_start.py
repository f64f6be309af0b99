"""Test the copy of the kit that is made before anything can be imported."""

import errno
import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import nbformat
import numpy as np
import pytest
from drives import DriveFS
from helpers import KIT

from colorkit.machine import start

AGAIN = "run this cell again, which keeps what has been copied so far"


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """Give a kit with a file of each kind, on a stand-in for Drive."""
    drive = tmp_path / "drive"
    kit = drive / "MyDrive" / "kit"
    for name in (*start.FILES, "colorkit/__main__.py", "colorkit/color/lab.py", "data/own.zip"):
        (kit / name).parent.mkdir(parents=True, exist_ok=True)
        (kit / name).write_text(name, encoding="utf-8")
    manifest = {"files": {"faces": {"path": "data/faces.gdoc"}}}
    (kit / "data_manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    monkeypatch.setattr(start, "ELSEWHERE", (drive,))
    monkeypatch.delitem(sys.modules, "colorkit")
    monkeypatch.chdir(tmp_path)
    DriveFS(drive).play(monkeypatch.setattr)
    return kit


def copied(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# what is copied


def test_it_copies_what_lessons_read_and_nothing_else(kit, tmp_path):
    whole = copied(kit)
    for name in ("Notes.gdoc", "tests/test_x.py", "colorkit/__pycache__/x.pyc", "data/.x"):
        (kit / name).parent.mkdir(exist_ok=True)
        (kit / name).touch()
    assert start.place_kit(kit, tmp_path) == tmp_path / "colorkit-lessons"
    assert copied(tmp_path / "colorkit-lessons") == whole


def test_lessons_find_in_the_copy_whatever_they_open(tmp_path, monkeypatch):
    """Cells that read the kit's own files run on a copy of the real kit."""
    monkeypatch.setattr(start, "_list_folder", lambda *_: ([], []))  # FILES alone
    copy = start.copy_kit(KIT, tmp_path / "copy")
    shown: list[str] = []
    files = types.SimpleNamespace(KIT=copy)
    known = {"files": files, "np": np, "display": shown.append, "Markdown": str}
    cells = [
        cell.source
        for path in sorted((KIT / "notebooks").glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code" and "files.KIT" in cell.source
    ]
    assert len(cells) == 3
    for source in cells:
        exec(re.sub(r"^from colorkit.*$", "", source, flags=re.MULTILINE), dict(known))
    assert len(shown) >= 2
    assert all(len(text) > 100 for text in shown)


def test_the_kit_itself_reads_nothing_else():
    """What follows KIT in the package, and what the manifest's files lie in."""
    sources = [path.read_text(encoding="utf-8") for path in (KIT / "colorkit").rglob("*.py")]
    read = {name for text in sources for name in re.findall(r'\bKIT / "([^"]+)"', text)}
    assert read - {"out"} <= set(start.FILES)
    manifest = json.loads((KIT / "data_manifest.json").read_bytes())
    shipped = {each["path"] for each in manifest["files"].values() if (KIT / each["path"]).exists()}
    assert len(shipped) >= 4
    assert {name.partition("/")[0] for name in shipped} <= set(start.FOLDERS)


def test_it_needs_the_standard_library_alone():
    code = f"import runpy; print('place_kit' in runpy.run_path({start.__file__!r}))"
    command = [sys.executable, "-I", "-S", "-c", code]  # without installed packages, or this one
    assert (
        subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
        == "True\n"
    )


# what can't be read


def test_what_is_not_needed_is_passed_over(kit, tmp_path, capsys):
    for name in ("data/Sign-up.gsheet", "colorkit/Notes.gdoc"):
        (kit / name).touch()
    copy = start.place_kit(kit, tmp_path)
    assert capsys.readouterr().out.splitlines() == [
        f"copying the kit from {kit} ...",
        "passed over, because it can't be read: Notes.gdoc (Operation not supported), "
        "Sign-up.gsheet (Operation not supported)",
    ]
    assert not list(copy.rglob("*.g*"))


@pytest.mark.parametrize("name", ["data/faces.gdoc", "colorkit/models/cnn.eio"])
def test_what_is_needed_is_named_and_what_was_copied_is_kept(kit, tmp_path, name, monkeypatch):
    bad = kit / name
    if name.endswith(".eio"):
        bad.mkdir(parents=True)
    else:
        bad.touch()
    with pytest.raises(RuntimeError) as raised:
        start.place_kit(kit, tmp_path)
    reason = "Input/output error" if name.endswith(".eio") else "Operation not supported"
    assert str(raised.value) == (
        f"{bad} can't be read ({reason}), and the lessons need it: {AGAIN}; "
        "if that doesn't help, put a new copy of the kit there"
    )
    assert not (tmp_path / "colorkit-lessons").exists()


def test_a_copy_that_broke_off_goes_on_where_it_was(kit, tmp_path, monkeypatch):
    """Unless the file has changed since."""
    (kit / "data" / "faces.gdoc").touch()
    monkeypatch.setattr(start, "THREADS", 1)
    with pytest.raises(RuntimeError):
        start.place_kit(kit, tmp_path)
    part = tmp_path / ".colorkit-lessons.part"
    kept = copied(part)
    assert "requirements.txt" in kept
    (kit / "data" / "faces.gdoc").unlink()
    (kit / "requirements.txt").write_text("newer", encoding="utf-8")
    read: list[str] = []
    whole = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or whole(path))
    copy = start.place_kit(kit, tmp_path)
    assert copied(copy) == copied(kit)
    assert (copy / "requirements.txt").read_text(encoding="utf-8") == "newer"
    again = {Path(name).name for name in kept} - {"requirements.txt", "data_manifest.json"}
    assert not again & set(read)


def test_a_drive_that_is_lost_is_no_kit_without_files(kit, tmp_path, monkeypatch):
    """All its files are then "not found", as if they had never been there."""
    lost = OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    def scandir(path):
        raise lost

    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(RuntimeError, match=r"kit/colorkit can't be read \(Transport endpoint"):
        start.copy_kit(kit, tmp_path / "copy")


@pytest.mark.parametrize(
    ("number", "reason", "remedy"),
    [
        (errno.ENOSPC, "No space left on device", "make room there and run this cell again"),
        (errno.EROFS, "Read-only file system", "run this cell again"),
    ],
)
def test_a_disk_that_refuses_is_named_with_its_reason(
    kit, tmp_path, monkeypatch, number, reason, remedy
):
    def write(path, data):
        raise OSError(number, reason)

    monkeypatch.setattr(Path, "write_bytes", write)
    with pytest.raises(RuntimeError, match=rf"can't be written \({reason}\): {remedy}"):
        start.place_kit(kit, tmp_path)
    assert not (tmp_path / "colorkit-lessons").exists()


def test_something_else_in_its_place_is_left_alone(kit, tmp_path):
    other = tmp_path / "colorkit-lessons" / "notes.txt"
    other.parent.mkdir()
    other.touch()
    with pytest.raises(RuntimeError, match="colorkit-lessons is in the way, and is not the kit"):
        start.place_kit(kit, tmp_path)
    assert other.exists()


def test_two_notebooks_that_copy_at_a_time_both_get_the_copy(kit, tmp_path, monkeypatch):
    needed = start._needed

    def be_overtaken(*arguments):
        monkeypatch.setattr(start, "_needed", needed)
        start.copy_kit(kit, tmp_path / "colorkit-lessons")
        return needed(*arguments)

    monkeypatch.setattr(start, "_needed", be_overtaken)
    assert start.place_kit(kit, tmp_path) == tmp_path / "colorkit-lessons"
    assert copied(tmp_path / "colorkit-lessons") == copied(kit)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": [1]}', '{"files": {"a": 1}}'])
def test_a_manifest_with_a_slip_is_copied_for_lesson_1_to_report(kit, tmp_path, manifest):
    (kit / "data_manifest.json").write_text(manifest, encoding="utf-8")
    copy = start.place_kit(kit, tmp_path)
    assert (copy / "data_manifest.json").read_text(encoding="utf-8") == manifest


# another package of that name


def test_another_colorkit_in_use_is_refused(kit, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "colorkit", types.ModuleType("colorkit"))
    with pytest.raises(RuntimeError, match=r"This is another colorkit, <module 'colorkit'>: run "):
        start.place_kit(kit, tmp_path)
