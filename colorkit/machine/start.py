"""Give the kit a place to work in: the first step of a lesson, before anything can be imported.

The setup cell runs this file where it finds the kit, which may be Google Drive or a data set on
Kaggle. So it uses the standard library alone.
"""

# so that a Python that is too old gets as far as the line that says so
from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Drive is slow and can be lost; data sets on Kaggle are read-only.
ELSEWHERE = (Path("/content/drive"), Path("/kaggle/input"))
# What the lessons read. The rest of the kit, and a teacher's notes beside it, stay where they are.
FOLDERS = ("colorkit", "data")
FILES = (
    "requirements.txt",
    "data_manifest.json",
    "docs/ledger.md",  # lesson 5.9
    "benchmarks/README.md",  # lesson 6.9
    *(
        f"benchmarks/ledger/class/{name}-{seed}.json"
        for name in ("cnn", "resnet")
        for seed in "012"
    ),
)
LESSON_PARTS = (*FOLDERS, *FILES)
LANDMARK = "colorkit/__main__.py"  # by which the setup cell knows the kit
UNUSED = "__pycache__"
THREADS = 32  # Drive answers many calls at a time, and takes long for each
AGAIN = "run this cell again, which keeps what has been copied so far"


def place_kit(kit: Path, home: Path) -> Path:
    """Return the folder from which the kit is imported: its own, or a copy on the machine's disk.

    Args:
        kit: where the setup cell found it.
        home: the folder that gets a copy, if one is made.

    Raises:
        RuntimeError: another package named colorkit is in use, a file that the lessons need can't
            be read, the copy can't be written, or something else is in its place.
    """
    leave_lost_folder(home)
    usual = home.absolute() / "colorkit-lessons"
    if any(place in kit.parents for place in ELSEWHERE):
        kit = usual if (usual / LANDMARK).exists() else copy_kit(kit, usual)
    elif kit not in (usual, Path.cwd(), Path.cwd().parent):
        print(f"the kit is in {kit}")
    refuse_other(kit)
    return kit


def leave_lost_folder(home: Path) -> None:
    """Go to another folder if the current one is gone, perhaps with the Drive that it was on."""
    try:
        os.stat(os.getcwd())
    except OSError:
        os.chdir(home)
        print(f"the current folder is gone: this notebook works in {home} now")


def refuse_other(kit: Path) -> None:
    """Raise RuntimeError if the session has imported a colorkit from elsewhere."""
    used = sys.modules.get("colorkit")
    if used and getattr(used, "__file__", None) != str(kit / "colorkit" / "__init__.py"):
        raise RuntimeError(
            f"This is another colorkit, {used}: run `%pip uninstall -y colorkit`, "
            "restart the session, run this cell again"
        )


def copy_kit(source: Path, target: Path) -> Path:
    """Copy what the lessons read; return the copy.

    It is made under another name and renamed when it is whole. If it breaks off, the next call
    keeps the files that are there and have not changed since.

    Args:
        source: the kit.
        target: the copy, which doesn't exist yet.

    Raises:
        RuntimeError: see place_kit.
    """
    if os.path.lexists(target):
        raise RuntimeError(
            f"{target} is in the way, and is not the kit: rename it, and run this cell again"
        )
    print(f"copying the kit from {source} ...")
    part = target.with_name(f".{target.name}.part")
    with ThreadPoolExecutor(THREADS) as pool:
        present = _list_files(source, pool)
        needed = _needed(source, present)
        copies = pool.map(lambda name: _copy(source / name, part / name, name in needed), present)
        unread = [line for line in copies if line]
    if unread:
        print(f"passed over, because it can't be read: {', '.join(unread)}")
    try:
        return part.rename(target)
    except OSError as bad:
        if (target / LANDMARK).exists():  # another notebook on this machine was first
            return target
        raise _unwritable(target, bad) from None


def _list_files(source: Path, pool: ThreadPoolExecutor) -> list[str]:
    """Return the paths, relative to the kit, of what is to be copied, folder by folder.

    A file that is not there is no file of this version of the kit. But of a lost Drive all files
    are "not found", so the package is listed last, and its folder must be there.
    """
    there = pool.map(lambda name: os.path.lexists(source / name), (*FILES, *FOLDERS))
    present = [name for name, seen in zip((*FILES, *FOLDERS), there, strict=True) if seen]
    found = [name for name in present if name in FILES]
    folders = ["colorkit", *(set(present) & set(FOLDERS) - {"colorkit"})]
    while folders:
        listed = list(pool.map(lambda name: _list_folder(source, name), folders))
        found += [name for files, _ in listed for name in files]
        folders = [name for _, inside in listed for name in inside]
    return found


def _list_folder(source: Path, folder: str) -> tuple[list[str], list[str]]:
    """Return the files and the folders in a folder of the kit, but for hidden and unused ones."""
    try:
        with os.scandir(source / folder) as entries:
            kept = [each for each in entries if each.name[0] != "." and each.name != UNUSED]
        inside = [each for each in kept if each.is_dir()]
    except OSError as bad:
        raise _unreadable(source / folder, bad) from None
    files = [each for each in kept if each not in inside]
    return _join(folder, files), _join(folder, inside)


def _join(folder: str, entries: Iterable[os.DirEntry]) -> list[str]:
    """Return the paths of what a folder holds, relative to the kit."""
    return [f"{folder}/{each.name}" for each in entries]


def _needed(source: Path, present: list[str]) -> set[str]:
    """Return those of the files to copy without which a lesson stops."""
    code = {name for name in present if name.endswith(".py")}
    try:
        manifest = json.loads((source / "data_manifest.json").read_bytes())
        data = {str(entry.get("path")) for entry in manifest["files"].values()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        data = set()  # lesson 1 says what is wrong with it, and _copy that it can't be read
    return code | data | set(FILES)


def _copy(source: Path, copy: Path, needed: bool) -> str:
    """Copy a file, unless that was done; return "", or the name and the reason if it can't be read.

    Raises:
        RuntimeError: a needed file can't be read, or the copy can't be written.
    """
    try:
        seen = os.stat(source)
        if _is_copy(copy, seen):
            return ""
        data = source.read_bytes()
    except OSError as bad:
        if needed:
            raise _unreadable(source, bad) from None
        return f"{source.name} ({bad.strerror})"
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        unfinished = copy.with_name(f".{copy.name}.{os.getpid()}.part")
        unfinished.write_bytes(data)
        os.utime(unfinished, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        unfinished.rename(copy)
    except OSError as bad:
        raise _unwritable(copy, bad) from None
    return ""


def _is_copy(copy: Path, seen: os.stat_result) -> bool:
    """Return whether a file has the size and the time of the one that was to be copied."""
    try:
        there = os.stat(copy)
    except OSError:
        return False
    return (there.st_size, there.st_mtime_ns) == (seen.st_size, seen.st_mtime_ns)


def _unreadable(path: Path, bad: OSError) -> RuntimeError:
    """Return the error for what the lessons need and can't be read."""
    return RuntimeError(
        f"{path} can't be read ({bad.strerror}), and the lessons need it: {AGAIN}; "
        "if that doesn't help, put a new copy of the kit there"
    )


def _unwritable(path: Path, bad: OSError) -> RuntimeError:
    """Return the error for a copy that can't be written, with its true reason."""
    room = "make room there and " if bad.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return RuntimeError(f"{path} can't be written ({bad.strerror}): {room}{AGAIN}")
