"""Say what a machine must offer for some tests, and why they are skipped where it doesn't.

    @pytest.mark.needs("pipes")

A test is skipped only for something that its system does not have at all.
"""

import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

POSIX = os.name == "posix"


def _has(module: str) -> bool:
    """Tell whether there is a module."""
    return importlib.util.find_spec(module) is not None


def _can_link() -> bool:
    """Tell whether this user may make symbolic links: Windows asks for a right of its own."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            Path(folder, "link").symlink_to(folder)
        except (OSError, NotImplementedError):
            return False
    return True


def _tells_apart(one: str, other: str) -> bool:
    """Tell whether two names are of two files."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, one).touch()
        return not Path(folder, other).exists()


def _can_make_locales() -> bool:
    """Tell whether glibc's localedef and its sources are here."""
    sources = Path("/usr/share/i18n/charmaps").glob("CP1252*")
    return sys.platform == "linux" and shutil.which("localedef") is not None and any(sources)


# By its name: whether it is here, and why a test can't do without.
NEEDS = {
    "accents": (_tells_apart("\u00e9", "e\u0301"), "an accent typed in two ways is one name here"),
    "any name": (sys.platform == "linux", "file names must be text here"),
    "cases": (_tells_apart("a", "A"), "names that differ in case only are one file here"),
    "devices": (POSIX, "there are no files in /dev here"),
    "full device": (os.path.exists("/dev/full"), "there is no device that is always full here"),
    "glibc": (sys.platform == "linux", "memory is managed by another library here"),
    "limits": (_has("resource"), "a process can't limit itself here"),
    "links": (_can_link(), "symbolic links can't be made here"),
    "locales": (_can_make_locales(), "a test can't make a locale here"),
    "locks": (_has("fcntl"), "folders have no locks here"),
    "pipes": (hasattr(os, "mkfifo"), "pipes have no names in folders here"),
    "rights": (POSIX, "chmod doesn't close a folder here"),
    "shell": (POSIX, "there is no POSIX shell here"),
    "signals": (POSIX, "a program can't handle what ends it here"),
    "terminal": (_has("termios"), "a test can't make a terminal here"),
}


def add_marker(config: pytest.Config) -> None:
    """Make the marker known to pytest."""
    config.addinivalue_line("markers", "needs(...): skipped where a system lacks this (needs.py)")


def skip_without(item: pytest.Item) -> None:
    """Skip a test if this machine lacks what it needs."""
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            is_here, reason = NEEDS[name]
            if not is_here:
                pytest.skip(reason)
