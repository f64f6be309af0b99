"""An old copy of a lesson fits the moved kit again, with the student's answers in it."""

import ast
import importlib
import inspect
import json
import os
import subprocess
import sys

import names
import nbclient
import nbformat
import pytest
from helpers import KIT

from colorkit.exercises import LESSONS
from tools import update_notebook

BEFORE = sorted((KIT / "tests" / "lessons" / "before_the_move").glob("*.ipynb"))
MOVED = update_notebook.MOVED
OLD_STUBS = {
    "my_compare_errors": "my_verdict",
    "my_place_hints": "my_place",
    "my_plate_lightness": "my_lightness",
}


def code(notebook) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def right_answers(lesson: str) -> dict[str, str]:
    """The right answers of a lesson, under the names that its stubs had before the move."""
    answers = importlib.import_module(f"answers_{LESSONS[lesson[1]]}").RIGHT
    sources = {}
    for function in answers.values():
        old = OLD_STUBS.get(function.__name__, function.__name__)
        sources[old] = inspect.getsource(function).replace(function.__name__, old).rstrip()
    return sources


def answer(notebook, answers: dict[str, str]) -> None:
    """Write answers in place of the stubs of a lesson."""
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        for name, own in answers.items():
            if cell["cell_type"] == "code" and f"def {name}(" in text:
                (stub,) = (
                    node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)
                )
                lines = text.splitlines()
                text = "\n".join([*lines[: stub.lineno - 1], own, *lines[stub.end_lineno :]])
                cell["source"] = text.splitlines(keepends=True)


@pytest.fixture(params=BEFORE, ids=lambda path: path.stem)
def lesson(request, tmp_path):
    """An old lesson whose exercises a student has answered, and the answers."""
    notebook = json.loads(request.param.read_text(encoding="utf-8"))
    answers = right_answers(request.param.stem)
    answer(notebook, answers)
    path = tmp_path / request.param.name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path, answers


def test_an_answered_lesson_keeps_its_answers_and_imports_what_there_is(lesson):
    path, answers = lesson
    assert update_notebook.update_file(path) == []
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    text = "\n".join(code(notebook))
    for own in answers.values():
        assert own in text
    for used in names.used(text):
        folder, *path_to = used.split(".")
        place = importlib.import_module("colorkit")
        for part in (folder, *path_to):
            if not hasattr(place, part):
                importlib.import_module(f"{place.__name__}.{part}")
            place = getattr(place, part)


def test_the_setup_cell_is_today_s_with_the_student_s_choices(lesson):
    path, _ = lesson
    notebook = json.loads(path.read_text(encoding="utf-8"))
    (setup,) = (
        cell for cell in notebook["cells"] if update_notebook.FIRST in "".join(cell["source"])
    )
    own = 'REPOSITORY, TAG = "school/kit", "v2"'
    text = "".join(setup["source"]).replace("USE_DRIVE = True ", "USE_DRIVE = False ")
    setup["source"] = update_notebook.CHOICES.sub(
        lambda found: own if found[1] == "REPOSITORY, TAG" else found[0], text
    )
    path.write_text(json.dumps(notebook), encoding="utf-8")
    update_notebook.update_file(path)
    (new,) = (
        text
        for text in code(json.loads(path.read_text(encoding="utf-8")))
        if update_notebook.FIRST in text
    )
    assert own in new
    assert "USE_DRIVE = False  # @param" in new
    assert "__main__.py" in new
    assert "color.py" not in new


def test_all_but_code_stays_and_the_old_file_is_kept(lesson):
    path, _ = lesson
    before = path.read_bytes()
    old = json.loads(before)
    update_notebook.update_file(path)
    new = json.loads(path.read_text(encoding="utf-8"))
    assert path.with_suffix(".old.ipynb").read_bytes() == before
    assert {key: new[key] for key in new if key != "cells"} == {
        key: old[key] for key in old if key != "cells"
    }
    for one, other in zip(old["cells"], new["cells"], strict=True):
        assert {key: one[key] for key in one if key != "source"} == {
            key: other[key] for key in other if key != "source"
        }
        if one["cell_type"] == "markdown":
            assert one["source"] == other["source"]


def cells(*sources: str) -> dict:
    return {"cells": [{"cell_type": "code", "source": source} for source in sources]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "from colorkit import splits\na = splits.load(f, 'val')",
            "from colorkit import data\na = data.load_split(f, 'val')",
        ),
        (
            "from colorkit import splits\ndata = splits.digest(f)",
            "from colorkit import data as kit_data\ndata = kit_data.digest(f)",
        ),
        (
            "from colorkit import color as c\nc.compose(L)",
            "from colorkit import color\ncolor.compose(L)",
        ),
        (
            "from colorkit.gan import GAN, GANConfig",
            "from colorkit.training import GAN\nfrom colorkit.models import GANConfig",
        ),
        (
            "from colorkit.plots import describe",
            "from colorkit.plots import describe_curves as describe",
        ),
        ("from colorkit.checks import check, hint", "from colorkit.exercises import check, hint"),
        ("from colorkit.errors import KitError", "from colorkit.errors import KitError"),
        ("from colorkit import files\nfiles.KIT", "from colorkit import files\nfiles.KIT"),
        (
            "%pip list\nfrom colorkit import charts\ncharts.psnr_by_hints(r)",
            "%pip list\nfrom colorkit import plots\nplots.psnr_by_hints(r)",
        ),
        (
            "from colorkit import splits\n%time a, b = splits.ensure(c)\n"
            "if a:\n  %time splits.load(d)",
            "from colorkit import data\n%time a, b = data.load_splits(c)\n"
            "if a:\n  %time data.load_split(d)",
        ),
        (
            "%%time\nfrom colorkit import splits\nsplits.load(d)",
            "%%time\nfrom colorkit import data\ndata.load_split(d)",
        ),
        (
            "def f():\n    from colorkit import losses\n    return losses.l2",
            "def f():\n    from colorkit import models\n    return models.losses.l2",
        ),
        (
            "é = 1; from colorkit import metrics; metrics.mse(é, 2)",
            "é = 1; from colorkit import evaluation; evaluation.mse(é, 2)",
        ),
    ],
)
def test_a_cell(old, new):
    notebook = cells(old)
    assert update_notebook.update(notebook) == []
    assert code(notebook) == [new]


def test_a_folder_is_imported_once_where_its_first_module_was():
    notebook = cells(
        "from colorkit import metrics, gan",
        "from colorkit import intervals\nintervals.bootstrap(metrics.mse(a, b))\ngan.GAN",
    )
    assert update_notebook.update(notebook) == []
    assert code(notebook) == [
        "from colorkit import evaluation, training",
        "evaluation.bootstrap(evaluation.mse(a, b))\ntraining.GAN",
    ]


def test_what_can_t_be_rewritten_is_named_and_left():
    notebook = cells("from colorkit import trainers\ntrainers.values(t)", "def f(:")
    assert update_notebook.update(notebook) == [
        "code cell 2 is not valid Python (invalid syntax): left as it is",
        "code cell 1 uses trainers.values, which the kit no longer offers",
    ]
    assert code(notebook)[1] == "def f(:"


def test_a_line_of_ipython_that_uses_the_kit_is_named():
    notebook = cells("from colorkit import splits\n%timeit -n1 splits.load(d)\n!ls\n%pip list")
    assert update_notebook.update(notebook) == [
        "code cell 1 has a line that can't be rewritten, and is left as it is: "
        "%timeit -n1 splits.load(d)"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_editors_and_colab_save_is_a_lesson_too(tmp_path, encoding):
    """A byte order mark, half of a letter in an output, a cell without source."""
    notebook = json.loads(BEFORE[0].read_text(encoding="utf-8"))
    output = {"output_type": "stream", "name": "stdout", "text": ["cut \ud83d"]}
    notebook["cells"][-1] = {"cell_type": "code", "outputs": [output], "metadata": {}}
    path = tmp_path / BEFORE[0].name
    path.write_bytes(json.dumps(notebook).encode(encoding))
    done = run(path)
    assert (done.returncode, done.stderr) == (0, "")
    updated = json.loads(path.read_bytes())
    assert updated["cells"][-1]["outputs"] == [output]
    assert "data.load_splits" in path.read_text(encoding="utf-8")


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    lessons = [tmp_path / f"{number}.ipynb" for number in range(3)]
    for lesson in lessons:
        lesson.write_bytes(BEFORE[0].read_bytes())
    lessons[1].write_bytes(b'{"nbformat": 3, "worksheets": []}')
    done = run(*lessons)
    assert done.returncode == 1
    assert done.stderr == (
        f"{lessons[1]}: left as it is: expected a notebook of format 4, got format 3: open it in "
        "Jupyter or Colab and save it again\n"
    )
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        str(lessons[0]),
        str(lessons[2]),
    ]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": 1}', '{"cells": []}'])
def test_another_file_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "x.ipynb"
    path.write_text(text, encoding="utf-8")
    done = run(path)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "expected" in done.stderr
    assert path.read_text(encoding="utf-8") == text


def test_a_second_run_changes_nothing(tmp_path):
    path = tmp_path / BEFORE[0].name
    path.write_bytes(BEFORE[0].read_bytes())
    assert run(path).returncode == 0
    before = path.read_bytes()
    assert run(path).returncode == 1
    assert path.read_bytes() == before


def run(*paths):
    command = [sys.executable, str(KIT / "tools" / "update_notebook.py"), *map(str, paths)]
    return subprocess.run(command, capture_output=True, encoding="utf-8")


@pytest.mark.parametrize("module", MOVED)
def test_the_table_names_what_the_kit_offers(module):
    """Each name can be had where the table says, through a folder's door."""
    for new in MOVED[module].values():
        folder, *path = new.split(".")
        place = importlib.import_module(
            "colorkit" if folder == "colorkit" else f"colorkit.{folder}"
        )
        assert path[0] in place.__all__, new
        for part in path:
            place = getattr(place, part)


def test_the_table_has_all_that_lessons_used():
    used = json.loads((BEFORE[0].parent / "names.json").read_text(encoding="utf-8"))
    moved = [name.split(".") for lesson in used.values() for name in lesson if "." in name]
    unmoved = ("errors", "files", "profiles")
    assert [
        name for name in moved if name[0] not in unmoved and name[1] not in MOVED[name[0]]
    ] == []


@pytest.mark.slow
@pytest.mark.newest
def test_an_updated_lesson_runs(tmp_path, monkeypatch):
    """Lesson 1, answered: all its exercises are correct."""
    path = tmp_path / BEFORE[0].name
    notebook = json.loads(BEFORE[0].read_text(encoding="utf-8"))
    answer(notebook, right_answers(BEFORE[0].stem))
    path.write_text(json.dumps(notebook), encoding="utf-8")
    update_notebook.update_file(path)
    monkeypatch.setenv("COLORKIT_PROFILE", "smoke")
    notebook = nbformat.read(path, as_version=4)
    (KIT / "out").mkdir(exist_ok=True)
    nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(KIT / "notebooks")}}
    ).execute()
    printed = "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )
    assert "4 of 4 correct" in printed
    assert os.environ["COLORKIT_HOME"] != str(KIT / "out")
