"""Look after what a submitted notebook started and wrote: what it holds, and how it is removed."""

import contextlib
import ctypes
import os
import secrets
import signal
import sys
import time
from pathlib import Path

import psutil
from checkout import KIT as KIT

from colorkit import files

PATIENCE = 10  # seconds until a killed process must be gone
MOST_FILES = 500_000  # a folder with more files is taken for one without end
# Windows has no signals: a process that was killed has the exit status that its killer chose.
KILLED_BY_STATUS = os.name == "nt"
BECOME_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


def adopt_orphans() -> None:
    """Become the parent of what a descendant leaves behind, where the system can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(BECOME_SUBREAPER, 1, 0, 0, 0)


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """Return all that a process started, and what these started; nothing if it is gone."""
    with contextlib.suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def held_memory(processes: list[psutil.Process]) -> int:
    """Return the bytes that processes hold together; what they share may count several times."""
    held = 0
    for one in processes:
        with contextlib.suppress(psutil.Error):
            held += one.memory_info().rss
    return held


def own_memory(processes: list[psutil.Process]) -> int:
    """Return the bytes that processes hold together, with what they share counted once.

    This takes longer, and only Linux knows it.
    """
    held = 0
    for one in processes:
        with contextlib.suppress(psutil.Error):
            full = one.memory_full_info()
            held += getattr(full, "pss", full.rss)
    return held


def describe_end(status: int) -> str:
    """Describe how a process ended that did not come to its end."""
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"its process ended ({how})"


def written(folder: Path) -> float:
    """Return the bytes that the files in a folder take on the disk; infinity if there's no end."""
    size = 0
    files = 0
    waiting = [str(folder)]  # os.walk of Python 3.11 fails where folders are nested very deeply
    while waiting and files <= MOST_FILES:
        for entry in _entries(waiting.pop()):
            files += 1
            if _is_folder(entry):
                waiting.append(entry.path)
                continue
            with contextlib.suppress(OSError):
                about = entry.stat(follow_symlinks=False)
                size += getattr(about, "st_blocks", about.st_size // 512) * 512
    return size if files <= MOST_FILES else float("inf")


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    """List what is in a folder; nothing if it is gone or can't be read."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return list(entries)
    return []


def remove(folder: Path) -> None:
    """Remove a folder, however deeply folders are nested in it; what can't be removed stays.

    (shutil.rmtree fails on some thousand levels, and on paths that are longer than the system
    allows. Here each folder moves to the top before it is emptied.)
    """
    waiting = _empty(folder)
    while waiting:
        inner = waiting.pop()
        for deeper in _empty(inner):
            raised = folder / secrets.token_hex(8)
            with contextlib.suppress(OSError):
                deeper.rename(raised)
                waiting.append(raised)
        with contextlib.suppress(OSError):
            inner.rmdir()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _empty(folder: Path) -> list[Path]:
    """Remove the files in a folder; return the folders in it, of which each can be emptied then."""
    folders = []
    for entry in _entries(folder):
        with contextlib.suppress(OSError):
            if _is_folder(entry):
                os.chmod(entry.path, 0o700)  # a notebook may have taken its own rights away
                folders.append(Path(entry.path))
            else:
                _unlink(entry.path)
    return folders


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Tell whether something is a folder, and no link to one."""
    return entry.is_dir(follow_symlinks=False) and not files.is_link(entry.path)


def _unlink(path: str) -> None:
    """Remove a file or a link, even if the file is read-only, which matters on Windows alone."""
    if os.name == "nt" and not files.is_link(path):
        os.chmod(path, 0o700)
    os.unlink(path)


def end_all(roots: list[psutil.Process], folder: Path) -> list[psutil.Process]:
    """Kill processes and all that they started, whatever session they moved to.

    Args:
        roots: the processes.
        folder: their folder, by which children whose parents are gone are found.

    Returns:
        The processes that would not go.
    """
    family = {one for root in roots for one in [root, *descendants(root)]}
    end = time.monotonic() + PATIENCE
    while left := [one for one in family | set(_find_in(folder)) if _lives(one)]:
        if time.monotonic() > end:
            break
        for one in left:
            family |= {one, *descendants(one)}
        _kill_groups(left)
        for one in left:
            with contextlib.suppress(psutil.Error):
                one.kill()
        time.sleep(0.05)
    return left


def _kill_groups(processes: list[psutil.Process]) -> None:
    """Kill whole groups of processes at once: one by one, they could start others meanwhile."""
    if not hasattr(os, "killpg"):
        return
    for one in processes:
        with contextlib.suppress(OSError):
            group = os.getpgid(one.pid)
            if group != os.getpgrp() and one.is_running():
                os.killpg(group, signal.SIGKILL)


def _find_in(folder: Path) -> list[psutil.Process]:
    """Find the other processes that run in a folder or have it in their environment.

    These are children whose parents are gone.
    """
    found = []
    for one in psutil.process_iter(["cwd", "environ"]):
        places = [one.info["cwd"] or "", *(one.info["environ"] or {}).values()]
        if one.pid != os.getpid() and any(str(folder) in place for place in places):
            found.append(one)
    return found


def _lives(process: psutil.Process) -> bool:
    """Tell whether a process still does something; a zombie only waits for its parent."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
