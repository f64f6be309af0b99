"""The programs run where nothing forks, no POSIX module is found, and texts are cp1252.

So they do on Windows; tests/windows_like makes Linux so, for the kit's own files.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import KIT, encode, picture
from nbformat.v4 import new_code_cell, new_notebook

TINY = ["--set", "encoder=4,8,8", "decoder=8,4,4", "dense=4"]
ANSWER = """
from colorkit.exercises import check
import numpy as np
def my_to_linear(srgb):
    print("sRGB → linear")
    return np.where(srgb > 0.04045, ((srgb + 0.055) / 1.055) ** 2.4, srgb / 12.92)
check("1.1", my_to_linear)
"""


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory) -> dict[str, str]:
    """The variables of a process that runs as on Windows in Western Europe."""
    room = tmp_path_factory.mktemp("windows")
    command = ["localedef", "-i", "en_US", "-f", "CP1252", "--no-archive", room / "en_US.CP1252"]
    subprocess.run(command, check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {
        "LOCPATH": str(room),
        "LC_ALL": "en_US.CP1252",
        "PYTHONPATH": os.pathsep.join([str(KIT / "tests" / "windows_like"), str(KIT)]),
        "COLORKIT_HOME": str(room / "home"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


@pytest.fixture
def run(surroundings, tmp_path):
    """Run Python with some arguments in a folder of its own; return what it printed."""

    def run(*arguments: object) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=tmp_path,
            env=surroundings,
            capture_output=True,
            encoding="cp1252",
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.needs("locales")
def test_the_surroundings_are_those_of_windows(run):
    code = (
        "import locale, multiprocessing, os, sys; print(locale.getencoding(), sys.stdout.encoding, "
        "hasattr(os, 'fork'), multiprocessing.get_start_method())"
    )
    assert run("-c", code).split() == ["CP1252", "cp1252", "False", "spawn"]


@pytest.mark.needs("locales")
@pytest.mark.parametrize("program", ["-m colorkit", "tools/publish.py", "tools/grade.py"])
def test_a_program_starts(run, program):
    words = program.split()
    words[-1] = KIT / words[-1] if words[-1].endswith(".py") else words[-1]
    assert "usage: " in run(*words, "--help")


@pytest.mark.needs("locales")
@pytest.mark.weekly
@pytest.mark.slow
def test_the_commands_work(run, surroundings, tmp_path):
    (tmp_path / "a.png").write_bytes(encode(picture()))
    run("-m", "colorkit", "prepare", "--limit", "40", "--processes", "2")
    run("-m", "colorkit", "train", "cnn", "--profile", "smoke", "--epochs", "1", *TINY)
    (trained,) = Path(surroundings["COLORKIT_HOME"], "runs").iterdir()
    run("-m", "colorkit", "show", trained)
    run("-m", "colorkit", "check-data")
    run("-m", "colorkit", "evaluate", trained, "--grid", "grid.png", "--json", "a.json")
    assert "a.png -> out" in run("-m", "colorkit", "colorize", "a.png", "--out", "out")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))


@pytest.mark.needs("locales")
@pytest.mark.weekly
@pytest.mark.slow
def test_a_submission_is_graded(run, tmp_path):
    """Its function prints a letter that cp1252 lacks."""
    (tmp_path / "in").mkdir()
    notebook = json.dumps(new_notebook(cells=[new_code_cell(ANSWER)]))
    (tmp_path / "in" / "a.ipynb").write_text(notebook, encoding="utf-8")
    run(KIT / "tools" / "grade.py", "in", "--out", "class.csv")
    table = (tmp_path / "class.csv").read_text(encoding="utf-8-sig").splitlines()
    assert table[1].startswith("a.ipynb,1,")
    assert table[1].split(",").count("correct") == 1


@pytest.mark.needs("locales")
def test_publishing_keeps_every_letter(run, tmp_path):
    """Read in cp1252, the lessons' arrows became three odd letters each."""
    for name in ("README.md", "tools/publish.py", "tools/checkout.py", "notebooks/02_cnn.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((KIT / name).read_bytes())
    before = (tmp_path / "notebooks" / "02_cnn.ipynb").read_text(encoding="utf-8")
    run(tmp_path / "tools" / "publish.py", "school/lessons")
    after = (tmp_path / "notebooks" / "02_cnn.ipynb").read_text(encoding="utf-8")
    assert "school/lessons" in after
    odd = [letter for letter in before if not letter.isascii()]
    assert [letter for letter in after if not letter.isascii()] == odd
    assert "→" in odd
