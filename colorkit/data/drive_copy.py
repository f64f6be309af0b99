"""Copy splits from Drive to this machine's disk, once.

Drive is slow, drops out, and would be read again in every epoch.
"""

import errno
import shutil
from pathlib import Path

from tqdm import tqdm

from .. import files
from ..errors import KitError, first_line
from .splits_manifest import FileEntry

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
        KitError: Drive stopped answering, the disk is full, or a copy differs from its hash.
    """
    if (target / last).exists():
        return target
    total = sum(entry["bytes"] for entry in entries)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tqdm(total=total, desc="from Drive", unit="B", unit_scale=True, disable=None) as bar:
            for entry in entries:
                name = Path(entry["name"]).name  # never outside its folder
                _copy_file(source / name, target / name, entry, bar)
        files.write_bytes(target / last, (source / last).read_bytes())
    except OSError as bad:
        raise KitError(_remedy(bad, source, target)) from None
    return target


def _copy_file(source: Path, target: Path, entry: FileEntry, bar: tqdm) -> None:
    """Copy one file, from where an earlier call stopped, and verify it."""
    if target.exists():
        bar.update(entry["bytes"])
        return
    partial = target.with_name(target.name + ".part")
    done = partial.stat().st_size if partial.exists() else 0
    bar.update(done)
    with open(source, "rb") as reading, open(partial, "ab") as writing:
        reading.seek(done)
        while block := reading.read(BLOCK):
            writing.write(block)
            bar.update(len(block))
    if partial.stat().st_size != entry["bytes"] or files.sha256(partial) != entry["sha256"]:
        partial.unlink()
        raise KitError(
            f"{source} did not arrive as its manifest says: run again; "
            "if that doesn't help, copy the splits to Drive again"
        )
    files.sync(partial)
    partial.replace(target)


def _remedy(bad: OSError, source: Path, target: Path) -> str:
    """Say what failed, the local disk or Drive, and what to do."""
    if bad.errno == errno.ENOSPC:
        free = shutil.disk_usage(target if target.exists() else target.anchor).free
        return (
            f"the disk of {target} is full ({free / 1e9:.1f} GB free): "
            "make room there and run again; what was copied is kept"
        )
    return (
        f"{source} stopped answering ({first_line(bad)}): "
        "mount Drive again and run again; what was copied is kept"
    )
