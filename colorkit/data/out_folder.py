"""Let new splits grow beside the old ones, and replace those only when all is there."""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from .. import files
from ..errors import KitError
from ..machine import disk, interrupts
from .splits_manifest import PART, SPLITS_MANIFEST, SplitsManifest, all_files, read_manifest

PICKLE = b"\x80"  # begins every pickle
FIRST_KEY = b"\x8c\x03lab"  # then follows soon, in a pickled part, its first key
# new splits grow in a folder of this name, beside the old ones
UNFINISHED = ".unfinished-"
# after this many seconds without a new file, the process that filled such a folder was killed
STALE = 3600


@contextlib.contextmanager
def growing(out: Path) -> Iterator[Path]:
    """Make a folder in `out` for this call alone, and remove it at the end.

    The folders of killed processes are removed too. If `out` is new and stays empty, it goes again.

    Raises:
        KitError: `out` can't be written, or holds somebody's own files under the splits' names.
    """
    _refuse_foreign(out)
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


def _refuse_foreign(out: Path) -> None:
    """Raise KitError where a file would be replaced that the kit did not write.

    The kit's own are the files that a manifest of the kit lists beside them, and parts that an
    interrupted call left. A damaged manifest is the kit's if such a part lies beside it.
    """
    try:
        present = [path for path in sorted(out.iterdir()) if PART.fullmatch(path.name)]
    except OSError:  # there is no such folder, or it can't be read: writing says why
        return
    manifest = out / SPLITS_MANIFEST
    try:
        listed = {os.path.basename(entry["name"]) for entry in all_files(read_manifest(out))}
        is_ours = True
    except KitError:
        listed = set()
        is_ours = any(map(_is_part, present))
    foreign = [path for path in present if path.name not in listed and not _is_part(path)]
    if os.path.lexists(manifest) and not is_ours:
        foreign.append(manifest)
    if foreign:
        raise KitError(
            f"{foreign[0]} was not written by this kit and would be replaced: "
            "move it, or choose another --out"
        )


def _is_part(path: Path) -> bool:
    """Return whether a file begins as the parts do that `prepare` writes."""
    try:
        if not path.is_file():
            return False
        with open(path, "rb") as stream:
            start = stream.read(64)
    except OSError:
        return False
    return start.startswith(PICKLE) and FIRST_KEY in start


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
    with interrupts.held(), disk.writing(out), disk.locked(out, wait=True):
        (out / SPLITS_MANIFEST).unlink(missing_ok=True)
        for old in list(out.iterdir()):
            if PART.fullmatch(old.name):
                old.unlink(missing_ok=True)
        for path in growing.glob("*.pkl"):
            path.replace(out / path.name)
        files.write_json(out / SPLITS_MANIFEST, manifest)
