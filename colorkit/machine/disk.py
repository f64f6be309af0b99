"""Write to a disk, and say in words why it refuses and how much room it lacks."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..errors import KitError, unwritable

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    HAS_LOCKS = False
else:
    HAS_LOCKS = True


@contextlib.contextmanager
def writing(path: str | os.PathLike[str], then: str = "run again") -> Iterator[None]:
    """Turn an error of the system into one line. Put nothing but writing into the block.

    Args:
        path: what is written, as the user knows it.
        then: what to do once the reason is gone; may go on with what is kept.

    Raises:
        KitError: `path` can't be written; it says why and what to do.
    """
    try:
        yield
    except OSError as bad:
        raise unwritable(path, bad, then) from None


@contextlib.contextmanager
def locked(folder: Path, wait: bool) -> Iterator[None]:
    """Lock a folder, where the disk has locks; on Windows nothing is locked.

    The folder itself is locked, so no file is left, and the lock ends with the process, however
    that ends.

    Args:
        folder: an existing folder.
        wait: whether to wait while another process has the lock.

    Raises:
        BlockingIOError: another process has it, and `wait` is False.
        OSError: the folder can't be opened.
    """
    if not HAS_LOCKS:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:  # a disk without locks
            pass
        yield
    finally:
        os.close(descriptor)


def forget(path: Path) -> None:
    """Let the system forget what it keeps of a file in memory; macOS and Windows can't.

    Raises:
        OSError: the file can't be opened.
    """
    if hasattr(os, "posix_fadvise"):
        with open(path, "rb") as stream:
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def require_room(folder: Path, needed: int, what: str) -> None:
    """Refuse work whose result doesn't fit, before it begins.

    Args:
        folder: an existing folder on the disk that is to hold the result.
        needed: bytes of the result.
        what: name of the result, in the plural.

    Raises:
        KitError: the disk has less room than that.
    """
    usage = shutil.disk_usage(folder)
    # a disk of size 0 doesn't know its size
    if usage.total and usage.free < needed:
        raise KitError(
            f"{folder} has {_megabytes(usage.free)} free, but {what} take {_megabytes(needed)}: "
            "make room there, or choose another folder"
        )


def _megabytes(count: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{count / 1e6:,.1f} MB"
