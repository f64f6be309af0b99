"""Let new splits grow beside the old ones, and replace those only when all is there."""

import contextlib
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from .. import files
from ..machine import disk, interrupts
from .splits_manifest import SPLIT_NAMES, SPLITS_MANIFEST, SplitsManifest

PART = re.compile(rf"({'|'.join(SPLIT_NAMES)})(-\d+)?\.pkl")  # the file of a split, or a part of it
# new splits grow in a folder of this name, beside the old ones
UNFINISHED = ".unfinished-"
# after this many seconds without a new file, the process that filled such a folder was killed
STALE = 3600


@contextlib.contextmanager
def growing(out: Path) -> Iterator[Path]:
    """Make a folder in `out` for this call alone, and remove it at the end.

    The folders of killed processes are removed too. If `out` is new and stays empty, it goes again.

    Raises:
        KitError: `out` can't be written.
    """
    room = out / f"{UNFINISHED}{secrets.token_hex(4)}"
    is_new = False
    try:
        with disk.writing(out):
            is_new = not out.exists()
            room.mkdir(parents=True)
        _remove_stale(out)
        yield room
    finally:
        with interrupts.held():
            shutil.rmtree(room, ignore_errors=True)
            if is_new:
                with contextlib.suppress(OSError):
                    out.rmdir()


def require_writable(out: Path) -> None:
    """Raise KitError where no splits can be written, before the work begins."""
    with growing(out):
        pass


def _remove_stale(out: Path) -> None:
    """Remove what killed processes left."""
    for left in out.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(FileNotFoundError):  # another process has just removed it
            if time.time() - left.stat().st_mtime > STALE:
                shutil.rmtree(left, ignore_errors=True)


def replace(growing: Path, out: Path, manifest: SplitsManifest) -> None:
    """Replace the old files by new ones.

    The old manifest goes first and the new one comes last, so a mixture is never taken for splits.

    Raises:
        KitError: `out` can't be written.
    """
    with interrupts.held(), disk.writing(out):
        (out / SPLITS_MANIFEST).unlink(missing_ok=True)
        for old in list(out.iterdir()):
            if PART.fullmatch(old.name):
                old.unlink()
        for path in growing.glob("*.pkl"):
            path.replace(out / path.name)
        files.write_json(out / SPLITS_MANIFEST, manifest)
