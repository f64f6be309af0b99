"""A lesson that ran elsewhere is compared with the committed one: what failed, and what differs."""

import compare_lessons
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from colorkit.errors import KitError

pytestmark = pytest.mark.newest

CHECKED = {"tags": ["nbval-check-output"]}


def stream(text: str, name: str = "stdout") -> nbformat.NotebookNode:
    return new_output("stream", name=name, text=text)


def cell(source: str, *outputs, checked: bool = False) -> nbformat.NotebookNode:
    return new_code_cell(source, outputs=list(outputs), metadata=CHECKED if checked else {})


LESSON = [
    new_markdown_cell("# Lesson"),
    cell("setup()", stream("home: out\n")),
    cell("print(1)\nprint(2)", stream("1\n2\n"), checked=True),
]


def write(path, *cells):
    nbformat.write(new_notebook(cells=[*map(nbformat.from_dict, cells)]), path)
    return path


@pytest.fixture
def find(tmp_path):
    """Compare a run of some cells with a lesson of three; return the lines without the path."""
    lesson = write(tmp_path / "02_cnn.ipynb", *LESSON)

    def of(*cells) -> list[str]:
        run = write(tmp_path / "02_cnn_output.ipynb", *cells)
        lines = compare_lessons.find_problems(lesson, run)
        return [line.removeprefix(f"{run}") for line in lines]

    return of


def test_a_run_like_the_lesson_has_no_problem(find):
    """Other cells, other text where it isn't checked, and a stream in pieces are no problem."""
    unzip = cell("!unzip -q colorkit-lessons.zip")
    setup = cell("setup()", stream("home: /content/drive/MyDrive/colorkit\n"))
    pieces = cell("print(1)\nprint(2)", stream("1\n"), stream("2\n"))
    assert find(unzip, setup, pieces) == []


SOURCE = "print(1)\nprint(2)"
GOOD = stream("1\n2\n")
WRONG = {
    "other text": (
        cell(SOURCE, stream("1\n3\n")),
        r", code cell 1: expected '1\n2\n', got '1\n3\n'",
    ),
    "no text": (cell(SOURCE), r", code cell 1: expected '1\n2\n', got ''"),
    "missing": (
        cell("print(7)"),
        r": the checked cell that begins 'print(1)\nprint(2)' is missing",
    ),
    "stderr": (
        cell(SOURCE, GOOD, stream("E0000 remapper\n", "stderr")),
        ", code cell 1: stderr has 'E0000 remapper'",
    ),
    "failed": (
        cell(SOURCE, GOOD, new_output("error", ename="KitError", evalue="no")),
        ", code cell 1: KitError: 'no'",
    ),
}


@pytest.mark.parametrize(("last", "problem"), WRONG.values(), ids=WRONG)
def test_what_went_wrong_is_named(find, last, problem):
    assert find(last) == [problem]


@pytest.mark.parametrize("name", ["02_cnn_output", "Copy of 02_cnn (1)", "02_cnn"])
def test_a_run_belongs_to_the_lesson_in_its_name(tmp_path, name):
    assert compare_lessons.find_lesson(tmp_path / f"{name}.ipynb").name == "02_cnn.ipynb"


def test_a_name_without_a_lesson_is_refused(tmp_path):
    with pytest.raises(KitError, match=r"expected a lesson's name .* \(01_data_prep, 02_cnn, "):
        compare_lessons.find_lesson(tmp_path / "Untitled.ipynb")


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"cells": 3, "nbformat": 4}'])
def test_what_is_no_notebook_is_one_line(tmp_path, capsys, text):
    path = tmp_path / "02_cnn_output.ipynb"
    path.write_text(text, encoding="utf-8")
    assert compare_lessons.main([str(path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"compare_lessons: {path}: expected a notebook (")


def test_the_committed_lessons_agree_with_themselves(capsys):
    lessons = compare_lessons.LESSONS
    assert compare_lessons.main([str(path) for path in lessons]) == 0
    assert capsys.readouterr().out == f"{len(lessons)} compared, 0 differences\n"


def test_a_difference_is_the_exit_status(tmp_path, capsys):
    path = write(tmp_path / "02_cnn_output.ipynb", cell("1/0"))
    assert compare_lessons.main([str(path)]) == 1
    *missing, last = capsys.readouterr().out.splitlines()
    assert all("the checked cell that begins" in line for line in missing)
    assert last == f"1 compared, {len(missing)} differences"
