"""Write files that are whole or absent, and hash them.

A file is written under a temporary name, synced to the disk, and then renamed.
"""

import contextlib
import errno
import hashlib
import json
import math
import os
import secrets
import stat
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

KIT = Path(__file__).resolve().parent.parent  # the checkout; lessons 5.9 and 6.9
TRIAL = 4096  # bytes that are written on trial
JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: what Windows calls a link between folders
HASH_BLOCK = 1 << 20  # bytes hashed at a time, so that memory stays flat for files of any size


@contextlib.contextmanager
def atomic_open(path: Path) -> Iterator[IO[bytes]]:
    """Open `path` for writing so that a reader sees the old file or the whole new one.

    The temporary file lies in the same folder, because a rename is atomic only within one file
    system. Its name is short, so that every name that the disk allows can be written. It is removed
    if the block raises. A link stays a link: the file that it leads to is replaced. A device or a
    pipe, such as /dev/stdout, is written to directly.

    Raises:
        OSError: the disk refuses; it names `path`, not the temporary file.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        with open(path, "wb") as stream:
            yield stream
        return
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{secrets.token_hex(6)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except OSError as bad:
        # Writing and syncing name no file, and nobody knows the temporary one.
        if bad.filename in (None, str(temporary)):
            bad.filename = str(path)
            bad.filename2 = None
        raise
    finally:
        with contextlib.suppress(OSError):  # it is gone, or the failure above says why
            temporary.unlink()


def try_writing(path: Path) -> None:
    """Find out, before any work is done for it, whether a file can be written. Nothing is left.

    Raises:
        OSError: it can't: `path` is a folder, its own folder can't be written or made, the disk is
            full, or it doesn't allow the name.
    """
    with contextlib.suppress(FileNotFoundError):
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):  # a device or a pipe, which is written to directly
            return
    try_folder(path.absolute().parent)


def try_folder(folder: Path) -> None:
    """Write a little into a folder, to see that it is possible. Nothing is left.

    Raises:
        OSError: it isn't, or the folder can't be made.
    """
    made = [each for each in (folder, *folder.parents) if not os.path.lexists(each)]
    try:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)  # another program may make it, too
        with tempfile.TemporaryFile(dir=folder) as stream:
            stream.write(bytes(TRIAL))
    finally:
        for each in made:
            with contextlib.suppress(OSError):  # another program uses it by now
                each.rmdir()


def sync(path: Path) -> None:
    """Make the system write a file to the disk.

    A rename after that never gives the final name to half a file. The file is opened for writing,
    because Windows syncs no other.
    """
    with open(path, "r+b") as stream:
        os.fsync(stream.fileno())


def is_link(path: str | os.PathLike[str]) -> bool:
    """Tell whether a path is a link, or a junction, which is how Windows links folders.

    A program that removes or searches what is in a folder must not follow either.
    """
    try:
        about = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISLNK(about.st_mode) or getattr(about, "st_reparse_tag", 0) == JUNCTION


def identity(path: str | os.PathLike[str], follow: bool = True) -> tuple[str | int, ...]:
    """Return what all ways to spell the path of one file or folder have in common.

    On most disks of Windows and macOS, A.png and a.png are one file.

    Args:
        path: the file or folder; of one that is not there, it is the path without links.
        follow: whether a link stands for what it leads to; else it is a file of its own.
    """
    folder, name = os.path.split(os.path.abspath(path))
    place = os.path.realpath(path) if follow else os.path.join(os.path.realpath(folder), name)
    try:
        about = os.lstat(place)
    except OSError:
        return (place,)
    # The name is a part of it, because several names of one file (hard links) stay apart.
    return (about.st_dev, about.st_ino, caseless(os.path.basename(place)))


def caseless(name: str) -> str:
    """Return a file's name as a disk may see it.

    Some don't tell A.png from a.png, or an accented letter from a letter and an accent.
    """
    apart = unicodedata.normalize("NFD", name)
    return unicodedata.normalize("NFD", apart.casefold())


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with atomic_open(path) as stream:
        stream.write(data)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON with a final newline; equal values give equal bytes.

    JSON knows neither NaN nor infinity: they become null.
    """
    text = json.dumps(_finite(value), indent=2, allow_nan=False) + "\n"
    write_bytes(path, text.encode())


def _finite(value: Any) -> Any:
    """Return a value with None for each number in it that is NaN or infinite."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_between(path: Path, start: str, end: str, text: str) -> None:
    """Replace what a text file holds between two marks.

    Args:
        path: the text file.
        start: the mark before the text, which the file holds once.
        end: the mark after it.
        text: the new text.

    Raises:
        ValueError: the first mark is missing or occurs more than once.
    """
    before, rest = path.read_text(encoding="utf-8").split(start)
    after = rest.split(end, 1)[1]
    write_bytes(path, (before + start + text + end + after).encode())


def sha256(path: Path) -> str:
    """Compute the hex SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sha256_of(*parts: Any) -> str:
    """Compute the hex SHA-256 of values, written as one JSON list. Lesson 1.3.

    The hash of the same settings is the same on every machine.

    Example:
        >>> sha256_of(0, "mara")[:8]
        'dba93500'
    """
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
