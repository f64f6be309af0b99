"""Keep a run's folder to one process while it is trained or moved."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import KitError, unwritable

if sys.platform != "win32":
    import fcntl


@contextlib.contextmanager
def reserved(folder: Path) -> Iterator[None]:
    """Lock a folder, and make sure that it can be written.

    The folder itself is locked, so no file is left, and the lock ends with the process, however
    that ends. On Windows, and on a disk that knows no locks, nothing is locked.

    Raises:
        KitError: another process has locked it, or it can't be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(_locked(folder))
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as bad:
            raise unwritable(folder, bad, "run again, or give another --run") from None
        yield


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock a folder where that is possible; raise KitError if another process has done so."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a disk without locks
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise KitError(
                    f"{folder} is being trained by another process: "
                    "wait until that ends, or give another --run"
                ) from None
        yield
    finally:
        os.close(descriptor)
