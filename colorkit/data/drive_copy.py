"""Copy splits from Drive to this machine's disk, once.

Drive is slow, drops out, and would be read again in every epoch.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tqdm import tqdm

from .. import files
from ..errors import KitError, first_line
from ..machine import disk
from .splits_manifest import FileEntry

KEPT = "run again; what was copied is kept"
BLOCK = 8 << 20  # bytes copied at a time, and the most that an interruption can cost


def copy(source: Path, target: Path, entries: list[FileEntry], last: str) -> Path:
    """Copy files and verify each copy.

    Whatever an earlier, interrupted call copied is not copied again.

    Args:
        source: folder on Drive.
        target: folder on the local disk; made if it does not exist.
        entries: the files' entries in the manifest.
        last: name of the manifest. It is copied when all files are there, so its presence says that
            they are.

    Returns:
        `target`.

    Raises:
        KitError: Drive stopped answering, the disk has no room or can't be written, or a copy
            differs from its hash.
    """
    if (target / last).exists():
        return target
    total = sum(entry["bytes"] for entry in entries)
    with disk.writing(target, KEPT):
        target.mkdir(parents=True, exist_ok=True)
        here = sum(path.stat().st_size for path in target.iterdir())
    disk.require_room(target, total - here, "the splits that are not there yet")
    with tqdm(total=total, desc="from Drive", unit="B", unit_scale=True, disable=None) as bar:
        for entry in entries:
            name = Path(entry["name"]).name  # never outside its folder
            _copy_file(source / name, target / name, entry, bar)
    with _reading(source):
        manifest = (source / last).read_bytes()
    with disk.writing(target, KEPT):
        files.write_bytes(target / last, manifest)
    return target


def _copy_file(source: Path, target: Path, entry: FileEntry, bar: tqdm) -> None:
    """Copy one file, from where an earlier call stopped, and verify it."""
    if target.exists():
        bar.update(entry["bytes"])
        return
    partial = target.with_name(target.name + ".part")
    done = partial.stat().st_size if partial.exists() else 0
    bar.update(done)
    with _reading(source.parent), open(source, "rb") as reading:
        reading.seek(done)
        with disk.writing(target.parent, KEPT), open(partial, "ab") as writing:
            while block := _read_block(reading, source.parent):
                writing.write(block)
                bar.update(len(block))
    if partial.stat().st_size != entry["bytes"] or files.sha256(partial) != entry["sha256"]:
        partial.unlink()
        raise KitError(
            f"{source} did not arrive as its manifest says: run again; "
            "if that doesn't help, copy the splits to Drive again"
        )
    with disk.writing(target.parent, KEPT):
        files.sync(partial)
        partial.replace(target)


def _read_block(reading: IO[bytes], folder: Path) -> bytes:
    """Read the next block of a file in a folder on Drive."""
    with _reading(folder):
        return reading.read(BLOCK)


@contextlib.contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Turn an error of the system inside the block into one line about Drive."""
    try:
        yield
    except OSError as bad:
        raise KitError(
            f"{folder} stopped answering ({first_line(bad)}): "
            "mount Drive again and run again; what was copied is kept"
        ) from None
