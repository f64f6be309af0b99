"""Choose the Python that makes an environment: each candidate is run and says its version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NamedTuple, NoReturn  # noqa: UP035 (for Python 3.8)

from .programs import KIT, TaskError

DOWNLOADS = "https://www.python.org/downloads/"
VERSION = r"3\.\d+"
WINDOWS = sys.platform == "win32"


class Python(NamedTuple):
    """A Python that runs: the words that start it, and its version, as in "3.13"."""

    command: list
    version: str

    def __str__(self) -> str:
        return f"{self.version} ({' '.join(self.command)})"


def supported() -> list[str]:
    """Return the versions that pyproject.toml promises, the newest first."""
    text = (KIT / "pyproject.toml").read_text(encoding="utf-8")
    first, end = re.findall(r'^requires-python = ">=3\.(\d+),<3\.(\d+)"', text, re.MULTILINE)[0]
    return [f"3.{minor}" for minor in reversed(range(int(first), int(end)))]


def intended(constraints: str) -> list[str]:
    """Return the versions that a file of constraints is made for, the best first.

    Its line `# Python: 3.13, 3.12` names them. Without one it is made for all, and none is best.

    Raises:
        TaskError: the file can't be read.
    """
    try:
        text = (KIT / constraints).read_text(encoding="utf-8")
    except OSError as bad:
        raise TaskError(f"CONSTRAINTS={constraints}: {bad.strerror}") from None
    lines = re.findall(r"^# Python: (.+)$", text, re.MULTILINE)
    return lines[0].split(", ") if lines else []


def ask(command: list[str]) -> Python | None:
    """Run a Python to learn its version; None if it doesn't run.

    A pyenv has a program for each version that it knows, but those not selected only fail.
    """
    try:
        done = subprocess.run(
            [*command, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except OSError:
        return None
    found = re.match(r"Python (\d+\.\d+)", done.stdout)
    return Python(command, found.group(1)) if found and not done.returncode else None


def candidates(versions: list[str]) -> Iterator[list[str]]:
    """Yield what may start a Python of these versions: on the path, a pyenv's, any Python.

    The Python of an environment is left out, because it may be the one to make anew.
    """
    for command in everywhere(versions):
        if not (Path(command[0]).parent.parent / "pyvenv.cfg").exists():
            yield command


def everywhere(versions: list[str]) -> Iterator[list[str]]:
    """Yield the candidates, environments' too."""
    for version in versions:
        yield from on_the_path(f"python{version}")
        if WINDOWS and shutil.which("py"):
            yield ["py", f"-{version}"]
    for version in versions:
        yield from of_pyenv(version)
    for name in ("python3", "python"):
        yield from on_the_path(name)
    yield [sys.executable]


def on_the_path(name: str) -> Iterator[list[str]]:
    """Yield every program of a name: the first may be one that only fails."""
    for folder in os.get_exec_path():
        program = shutil.which(name, path=folder)
        if program:
            yield [program]


def of_pyenv(version: str) -> Iterator[list[str]]:
    """Yield a pyenv's Pythons of a version, the newest first."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [path for path in root.glob("versions/*") if released(version, path.name)]
    for folder in sorted(folders, key=lambda path: int(path.name.split(".")[-1]), reverse=True):
        yield [str(folder / ("python.exe" if WINDOWS else "bin/python"))]


def released(version: str, name: str) -> bool:
    """Tell whether a pyenv's name is that of a release of a version: no 3.13.0rc1, no 3.13.0t."""
    return bool(re.fullmatch(rf"{re.escape(version)}\.\d+", name))


def find(versions: list[str]) -> Python | None:
    """Find a Python of one of these versions that runs."""
    found = (python for command in candidates(versions) if (python := ask(command)))
    return next((python for python in found if python.version in versions), None)


def choose(named: str, constraints: str) -> Python:
    """Choose the Python for a new environment.

    Args:
        named: what PYTHON= says: a version, a name or a path; "" to look for one.
        constraints: the file that locks the versions of the packages; "" for none.

    Raises:
        TaskError: there is none that the kit, or the file, can use.
    """
    best = intended(constraints) if constraints else []
    if not named:
        return (
            look_for(best, constraints) if best else find(supported()) or report_none(supported())
        )
    chosen = take_named(named)
    if best and chosen.version not in best:
        made_for = f"{constraints} is for Python {listed(best)}"
        raise TaskError(f"{made_for}, got {chosen}: name one of them, as in PYTHON={best[0]}")
    return chosen


def look_for(best: list[str], constraints: str) -> Python:
    """Look for the Python that a file of constraints is for, and say which other is taken.

    Raises:
        TaskError: there is none of these versions.
    """
    found = (python for version in best if (python := find([version])))
    chosen = next(found, None) or report_none(best)
    if chosen.version != best[0]:
        print(f"{constraints} is for Python {best[0]}, which wasn't found: taking {chosen}")
    return chosen


def take_named(named: str) -> Python:
    """Return the Python that PYTHON= names.

    Raises:
        TaskError: it doesn't run, or the kit can't use it.
    """
    if re.fullmatch(VERSION, named):
        refuse_unsupported(named, named)
        return find([named]) or report_none([named])
    python = ask([named])
    if python is None:
        example = f"PYTHON={supported()[0]} or PYTHON=/path/to/python"
        raise TaskError(f"PYTHON={named} doesn't run: name a Python that does, as in {example}")
    refuse_unsupported(named, python.version)
    return python


def refuse_unsupported(named: str, version: str) -> None:
    """Refuse a Python that is too new or too old.

    Raises:
        TaskError: it is.
    """
    versions = supported()
    if version not in versions:
        newer = numbers(version) > numbers(versions[0])
        why = "for which there is no TensorFlow" if newer else "which is too old for the kit"
        raise TaskError(f"PYTHON={named} is Python {version}, {why}: {remedy(versions)}")


def report_none(versions: list[str]) -> NoReturn:
    """Report that no Python of these versions was found, and which others were.

    Raises:
        TaskError: always.
    """
    others = {str(python): None for command in candidates(versions) if (python := ask(command))}
    only = f", only {', '.join(others)}" if others else ""
    raise TaskError(f"no Python {listed(versions)} was found{only}: {remedy(versions)}")


def remedy(versions: list[str]) -> str:
    """Say how to get a Python of one of these versions."""
    name = f"name it, as in PYTHON={versions[0]} or PYTHON=/path/to/python"
    return f"install Python {listed(versions)} ({DOWNLOADS}), and {name}"


def listed(versions: list[str]) -> str:
    """List versions as a sentence does."""
    *first, last = versions
    return f"{', '.join(first)} or {last}" if first else last


def numbers(version: str) -> tuple[int, ...]:
    """Return a version's numbers, which can be compared."""
    return tuple(int(number) for number in version.split("."))
