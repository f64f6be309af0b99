"""Publishing sets every badge, setup cell and link, or changes nothing."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import publish as publishing
import pytest
from helpers import KIT, link_folder

from colorkit import files
from colorkit.errors import KitError

pytestmark = pytest.mark.newest

LESSONS = [path.name for path in sorted((KIT / "notebooks").glob("*.ipynb"))]
ADDRESS = re.compile(r"colab\.research\.google\.com/github/(\S+?)/blob/(\S+?)/notebooks/")


@pytest.fixture
def copy(tmp_path):
    """A checkout with what publishing reads and writes."""
    tools = ("tools/publish.py", "tools/checkout.py")
    for name in ("README.md", *tools, *(f"notebooks/{lesson}" for lesson in LESSONS)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(KIT / name, tmp_path / name)
    link_folder(tmp_path / "colorkit", KIT / "colorkit")
    publish(tmp_path, "OWNER/REPOSITORY")  # the checkout under test may have been published
    return tmp_path


def publish(copy, *arguments: str, status: int = 0) -> str:
    """Run the tool; return what it printed, on stderr if it failed."""
    command = [sys.executable, str(copy / "tools" / "publish.py"), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def read_setup_cell(copy, lesson: str) -> str:
    """Return the code of a lesson's setup cell."""
    cells = nbformat.read(copy / "notebooks" / lesson, as_version=4).cells
    return next(cell.source for cell in cells if cell.cell_type == "code")


def read(copy) -> dict[str, str]:
    """Return the texts that publishing may change, by name."""
    return {
        name: (copy / name).read_text(encoding="utf-8")
        for name in ("README.md", *(f"notebooks/{lesson}" for lesson in LESSONS))
    }


def test_badges_and_setup_cells_lead_to_the_repository(copy):
    assert (
        publish(copy, "a-b/c.d_e", "--ref", "v1.2")
        == f"{len(LESSONS) + 1} files now open a-b/c.d_e at v1.2\n"
    )
    for text in read(copy).values():
        assert set(ADDRESS.findall(text)) == {("a-b/c.d_e", "v1.2")}
    for lesson in LESSONS:
        nbformat.validate(nbformat.read(copy / "notebooks" / lesson, as_version=4))
        assert "(https://github.com/a-b/c.d_e/blob/v1.2/docs/glossary.md)" in (
            copy / "notebooks" / lesson
        ).read_text(encoding="utf-8")
        assert 'REPOSITORY, TAG = "a-b/c.d_e", "v1.2"' in read_setup_cell(copy, lesson)


def test_the_locale_s_encoding_spoils_nothing(copy):
    """Windows' code page decodes every lesson without an error, into other letters."""
    command = [sys.executable, str(copy / "tools" / "publish.py"), "a/b"]
    latin = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    before = read(copy)
    subprocess.run(command, env=os.environ | latin, check=True, capture_output=True)
    publish(copy, "OWNER/REPOSITORY")
    assert read(copy) == before


def test_all_files_are_changed_or_none(copy, monkeypatch):
    """The disk is full at the third file."""
    before = read(copy)
    places = iter([None, None, OSError(28, "No space left on device"), None, None])
    write = files.write_bytes

    def fill(path, data):
        bad = next(places)
        if bad:
            raise bad
        write(path, data)

    monkeypatch.setattr(files, "write_bytes", fill)
    reason = r"can't be written \(No space left on device\): make room there and run again; no file"
    with pytest.raises(KitError, match=reason):
        publishing.publish(copy, "a/b", "v1")
    assert read(copy) == before


def test_published_back_nothing_has_changed(copy):
    before = read(copy)
    publish(copy, "a/b", "--ref", "v1")
    assert read(copy) != before
    publish(copy, "OWNER/REPOSITORY")
    assert read(copy) == before
    assert publish(copy, "OWNER/REPOSITORY") == "0 files now open OWNER/REPOSITORY at main\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("name",),
        ("a/b/c",),
        ("https://github.com/a/b",),
        ("a/b", "--ref", "x/y"),
        ("a/b", "--ref", 'x"'),
        ("a/b.git",),
        ("github.com/a",),
        ("../..",),
        ("a/..",),
        ("müller/kurs",),
        ("x-/y",),
        ("a/b", "--ref", ".."),
        ("a/b", "--ref=-b"),
        ("a/b", "--ref", "v1."),
    ],
)
def test_what_is_not_a_name_is_refused(copy, arguments):
    before = read(copy)
    assert "expected OWNER/NAME" in publish(copy, *arguments, status=2)
    assert read(copy) == before


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("REPOSITORY, TAG = ", "REPO, TAG = ", "expected 1 setup cell, got 0"),
        ("/blob/", "/b/", "expected a Colab badge, got none"),
        ('"cells": [', '<<<<<<< HEAD\n"cells": [', "expected a notebook (Expecting"),
    ],
)
def test_a_damaged_lesson_is_named_and_nothing_is_written(copy, old, new, problem):
    path = copy / "notebooks" / LESSONS[-1]
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    before = read(copy)
    message = publish(copy, "a/b", status=1)
    assert message.startswith("publish: nothing was changed: ")
    assert f"{LESSONS[-1]}: {problem}" in message
    assert message.count("\n") == 1
    assert read(copy) == before
