"""Stand in for what disks of Windows and macOS do otherwise: case of names, junctions."""

import builtins
import functools
import io
import os
import types
from pathlib import Path

import pytest

from colorkit.files import JUNCTION, caseless

ONE_PATH = ("stat", "lstat", "open", "listdir", "scandir", "mkdir", "rmdir", "unlink", "access")
TWO_PATHS = ("rename", "replace")
LSTAT, LISTDIR = os.lstat, os.listdir


def ignore_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the system find a file by a name that differs from its own in upper and lower case."""
    for name in ONE_PATH + TWO_PATHS:
        call = getattr(os, name)
        monkeypatch.setattr(os, name, _spelled(call, 2 if name in TWO_PATHS else 1))
    opening = _spelled(io.open, 1)
    monkeypatch.setattr(io, "open", opening)
    monkeypatch.setattr(builtins, "open", opening)


def make_junctions(monkeypatch: pytest.MonkeyPatch, *places: Path) -> None:
    """Make some folders look like junctions, by which Windows links folders."""
    lstat = os.lstat

    def look(path, **named):
        about = lstat(path, **named)
        if os.fspath(path) not in map(str, places):
            return about
        return types.SimpleNamespace(st_mode=about.st_mode, st_reparse_tag=JUNCTION)

    monkeypatch.setattr(os, "lstat", look)


def _spelled(call, count: int):
    """Make a call spell its first arguments, which are paths, as they are on the disk."""

    @functools.wraps(call)
    def respelled(*given, **named):
        paths = [_on_disk(each) for each in given[:count]]
        return call(*paths, *given[count:], **named)

    return respelled


def _on_disk(path):
    """Return the path with each name as it is on the disk, if it is there."""
    if not isinstance(path, str | os.PathLike):
        return path  # a descriptor
    text = os.fspath(path)
    if not isinstance(text, str) or _is_there(text):
        return path
    folder, name = os.path.split(text)
    if not name:
        return path
    folder = _on_disk(folder) if folder else folder
    try:
        names = LISTDIR(folder or ".")
    except OSError:
        names = []
    own = next((each for each in names if caseless(each) == caseless(name)), name)
    return os.path.join(folder, own)


def _is_there(text: str) -> bool:
    try:
        LSTAT(text)
    except (OSError, ValueError):
        return False
    return True
