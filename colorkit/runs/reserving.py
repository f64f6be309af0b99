"""Keep a run's folder to one process while it is trained or moved."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import KitError, unwritable
from ..machine import disk


@contextlib.contextmanager
def reserved(folder: Path) -> Iterator[None]:
    """Lock a folder, and make sure that it can be written.

    On Windows, and on a disk that knows no locks, nothing is locked.

    Raises:
        KitError: another process has locked it, or it can't be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(disk.locked(folder, wait=False))
            with tempfile.TemporaryFile(dir=folder):
                pass
        except BlockingIOError:
            raise KitError(
                f"{folder} is being trained by another process: "
                "wait until that ends, or give another --run"
            ) from None
        except OSError as bad:
            raise unwritable(folder, bad, "run again, or give another --run") from None
        yield
