"""The Makefile works wherever the checkout lies, and the package is found from every folder."""

import os
import shutil
import subprocess
import sys

import pytest
from helpers import KIT

LOG = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word" >> log.txt; done
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout in a folder whose name has a space, an umlaut and a quote, without the package."""
    folder = tmp_path / "my kit's ü"
    folder.mkdir()
    shutil.copy(KIT / "Makefile", folder)
    return folder


def make(folder, *arguments: str) -> str:
    """Run make as a user does; return what it printed."""
    # The tests may be run by make, with variables of its own.
    variables = {
        name: text
        for name, text in os.environ.items()
        if name not in ("COLORKIT_HOME", "VENV") and not name.startswith("MAKE")
    }
    command = ["make", "--silent", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return done.stdout


@pytest.mark.needs("shell")
def test_the_lessons_are_written_into_a_folder_of_any_name(checkout):
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(LOG, encoding="utf-8")
    python.chmod(0o755)
    make(checkout, "run", "--old-file", ".venv/ready")
    words = (checkout / "log.txt").read_text(encoding="utf-8").splitlines()
    prepared = ["-m", "colorkit", "prepare"]
    out = str(checkout / "out" / "lessons")
    assert words == [*prepared, "tools/run_lessons.py", "--out", out]


@pytest.mark.needs("shell")
def test_the_package_is_found_from_every_folder(checkout, tmp_path):
    for name in ("colorkit", ".ci", "requirements.txt", "requirements-dev.txt"):
        (checkout / name).symlink_to(KIT / name)
    environment = checkout / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    steps = make(checkout, "venv", "--just-print", "--always-make")
    (step,) = (line for line in steps.splitlines() if "colorkit.pth" in line)
    subprocess.run(step, shell=True, cwd=checkout, check=True)
    command = [environment / "bin" / "python", "-c", "import colorkit; print(colorkit.__file__)"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == f"{checkout / 'colorkit' / '__init__.py'}\n"
