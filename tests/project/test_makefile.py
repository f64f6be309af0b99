"""The Makefile's targets are the tasks, wherever the checkout lies."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from helpers import KIT

from tools.tasks.__main__ import NAMES
from tools.tasks.settings import DEFAULTS

pytestmark = pytest.mark.needs("shell")

LOG = """#!/bin/sh
[ "$1" = --version ] && echo Python 3.12.1 && exit
for word in "$@"; do printf '%s\\n' "$word" >> log.txt; done
echo "$COLORKIT_HOME" >> log.txt
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout in a folder whose name has a space, an umlaut and a quote, without the package.

    Its environment's Python writes what it is given into log.txt.
    """
    folder = tmp_path / "my kit's ü"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(KIT / name, folder)
    shutil.copytree(KIT / ".ci", folder / ".ci")
    shutil.copytree(KIT / "tools" / "tasks", folder / "tools" / "tasks")
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(LOG, encoding="utf-8")
    python.chmod(0o755)
    (folder / ".venv" / "ready").touch()
    return folder


def make(folder, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """Run make as a user does."""
    # The tests may be run by make, with variables of its own.
    inherited = {
        name: text
        for name, text in os.environ.items()
        if name not in DEFAULTS and not name.startswith("MAKE")
    }
    path = os.pathsep.join([f"{sys.base_prefix}/bin", os.environ["PATH"]])
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**inherited, "PATH": path, **variables},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def read_log(folder) -> list[str]:
    return (folder / "log.txt").read_text(encoding="utf-8").splitlines()


def test_the_lessons_are_written_into_a_folder_of_any_name(checkout):
    assert make(checkout, "run").returncode == 0
    out = str(checkout / "out")
    prepared = ["-m", "colorkit", "prepare", out]
    assert read_log(checkout) == [*prepared, "tools/run_lessons.py", "--out", f"{out}/lessons", out]


def test_variables_reach_the_task_from_the_command_line_and_from_the_environment(checkout):
    done = make(checkout, "unit", "MARKS=weekly and not slow", "ONLY=", WORKERS="0", ONLY="cnn")
    assert done.returncode == 0
    words = read_log(checkout)
    assert words[words.index("--numprocesses") + 1] == "0"
    assert words[words.index("-k") + 1] == ""
    assert words[-2] == "weekly and not slow"


def test_every_task_is_a_target():
    text = (KIT / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^TASKS = (.+)$", text, re.MULTILINE)
    assert targets.split() == NAMES


def test_make_starts_with_any_python_that_runs(checkout, tmp_path):
    """A pyenv's python3 may only fail."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("make", "sh"):
        (programs / name).symlink_to(shutil.which(name))
    (programs / "python3").write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    (programs / "python3").chmod(0o755)
    (programs / "python").symlink_to(sys.executable)
    done = make(checkout, "venv", PATH=str(programs))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_wrong_word_is_one_line_of_the_task_runner(checkout):
    done = make(checkout, "venv", "CONSTRAINTS=no such file.txt")
    first, _ = done.stderr.splitlines()  # make's own line is the second
    assert first == "tasks: CONSTRAINTS=no such file.txt: No such file or directory"
