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
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

KIT = Path(__file__).resolve().parent.parent  # the checkout; lessons 5.9 and 6.9
TRIAL = 4096  # bytes that are written on trial
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

    A rename after that never gives the final name to half a file.
    """
    with open(path, "rb") as stream:
        os.fsync(stream.fileno())


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
