"""Make the environment that a task runs in, where it isn't there, or isn't up to date."""

from __future__ import annotations

import re
from pathlib import Path

from . import programs, pythons
from .programs import KIT, TaskError

READY = "ready"  # an empty file in an environment that has all packages
# The environment's Python finds the package from every folder. The file holds code, not a path:
# Python 3.11 and 3.12 read paths in the encoding of the locale.
FINDABLE = (
    "import os, pathlib, sysconfig; "
    "line = f'import sys; sys.path.append({ascii(os.getcwd())})'; "
    "path = pathlib.Path(sysconfig.get_path('purelib'), 'colorkit.pth'); "
    "path.write_text(line + os.linesep, encoding='ascii')"
)
PLATFORM = "import platform, sysconfig; print(sysconfig.get_platform(), platform.machine())"
# What has no TensorFlow, by what PLATFORM prints
IMPOSSIBLE = {
    r"macosx\S* x86_64": "Macs with Intel processors",
    r"win-arm64 .*": "Windows on Arm",
    r"win32 .*": "32-bit Python",
}


def python_of(folder: Path) -> Path:
    """Return the program of an environment's Python."""
    return folder / ("Scripts/python.exe" if pythons.WINDOWS else "bin/python")


def make(settings: dict[str, str]) -> Path:
    """Make or update the environment that VENV= names; return its Python.

    Raises:
        TaskError: it can't be made.
    """
    folder = KIT / settings["VENV"]
    constraints = settings["CONSTRAINTS"]
    create(folder, settings["PYTHON"], constraints)
    sources = [KIT / "requirements.txt", KIT / "requirements-dev.txt"]
    return install(folder, sources, constraints)


def make_torch(settings: dict[str, str]) -> Path:
    """Make the environment of PyTorch, a yardstick, which has one of its own; return its Python."""
    folder = KIT / ".venv-torch"
    create(folder, settings["PYTHON"], "")
    return install(folder, [KIT / "benchmarks" / "requirements.txt"], "")


def create(folder: Path, named: str, constraints: str) -> None:
    """Create an environment without packages, unless it is there and has the right Python.

    Args:
        folder: its folder.
        named: what PYTHON= says; "" takes what is there, or chooses one.
        constraints: the file that locks the versions of the packages; "" for none.

    Raises:
        TaskError: there is no Python for it, or the folder is something else.
    """
    present = pythons.ask([str(python_of(folder))])
    ready = present and (folder / READY).exists()
    best = pythons.intended(constraints) if constraints else []
    if ready and not named and present.version in (best[:1] or pythons.supported()):
        return
    chosen = pythons.choose(named, constraints)
    same = present and present.version == chosen.version
    if ready and same:
        return
    refuse_platform(chosen)
    if folder.exists() and not same:
        if not (folder / "pyvenv.cfg").exists() and any(folder.iterdir()):
            raise TaskError(f"{folder} is no environment: name another folder, as in VENV=.venv")
        was = f"has Python {present.version}" if present else "has no Python that runs"
        print(f"{folder} {was}: it is made anew with {chosen}")
    clear = [] if same else ["--clear"]
    programs.run([*chosen.command, "-m", "venv", *clear, str(folder)], {})


def refuse_platform(python: pythons.Python) -> None:
    """Refuse a machine for which there is no TensorFlow, before pip says so in its own words.

    Raises:
        TaskError: it is such a machine.
    """
    platform = programs.output([*python.command, "-c", PLATFORM])
    for pattern, machine in IMPOSSIBLE.items():
        if re.fullmatch(pattern, platform):
            raise TaskError(f"there is no TensorFlow for {machine}: open the lessons in Colab")


def install(folder: Path, sources: list[Path], constraints: str) -> Path:
    """Install packages into an environment, unless its mark is newer than their lists.

    Args:
        folder: the environment's folder.
        sources: the files of requirements.
        constraints: the file that locks the versions of the packages; "" for none.

    Returns:
        The environment's Python.
    """
    python = python_of(folder)
    mark = folder / READY
    lists = [*sources, KIT / constraints] if constraints else sources
    if mark.exists() and mark.stat().st_mtime >= max(path.stat().st_mtime for path in lists):
        return python
    locked = ["--constraint", str(KIT / constraints)] if constraints else []
    required = [word for path in sources for word in ("--requirement", str(path))]
    programs.run([str(python), "-m", "pip", "install", "--quiet", *locked, *required], {})
    programs.run([str(python), "-c", FINDABLE], {})
    mark.touch()
    return python
