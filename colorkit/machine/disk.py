"""Write to a disk, and say in words why it refuses and how much room it lacks."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..errors import KitError, unwritable


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
