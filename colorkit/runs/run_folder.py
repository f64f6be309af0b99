"""Keep what a run's folder holds beside its checkpoints, and the folder itself."""

import contextlib
import itertools
import json
from pathlib import Path
from typing import Any

from ..errors import first_line
from .places import Place, place_of
from .reserving import reserved
from .storage import DamagedError, Disk, IncompleteRunError

ABOUT = "run.json"


class RunFolder:
    """The folder of a run on one disk.

    Attributes:
        folder: the folder.
        disk: the file calls.
    """

    def __init__(self, folder: Path, disk: Disk | None = None):
        self.folder = folder
        self.disk = disk or Disk()

    def places(self) -> list[Place]:
        """List the places of all checkpoints, good or not, newest first."""
        found = map(place_of, self.disk.names(self.folder))
        return sorted((place for place in found if place is not None), reverse=True)

    def exists(self) -> bool:
        """Find out whether there is a run, whatever its state.

        This asks in two ways, because a disk may answer one of them from an outdated memory.

        Raises:
            OSError: the disk can't be reached.
        """
        return self.disk.read(self.folder / ABOUT) is not None or bool(self.places())

    def about(self) -> dict[str, Any] | None:
        """Read `run.json`, which says which run this is; return None when there is no run.

        Raises:
            DamagedError: it can't be read, or is missing beside checkpoints.
            OSError: the disk can't be reached.
        """
        with self.disk.classifying_errors():
            data = self.disk.read(self.folder / ABOUT)
        if data is None:
            if not self.places():
                return None
            error = IncompleteRunError if self.disk.flaky else DamagedError
            raise error(f"{ABOUT} is not found beside its checkpoints")
        try:
            return dict(json.loads(data))
        except (ValueError, TypeError) as bad:
            raise DamagedError(f"{ABOUT}: {first_line(bad)}") from None

    def write_about(self, value: dict[str, Any]) -> None:
        """Write `run.json`, whole or not at all."""
        self.disk.make_folder(self.folder)
        self.write_small(ABOUT, encode(value))

    def write_small(self, name: str, data: bytes) -> None:
        """Write a small file beside the checkpoints, whole or not at all."""
        part = self.folder / f".{name}.part"
        digest = self.disk.write(part, lambda stream: stream.write(data))
        if self.disk.sha256(part) != digest:
            raise OSError(f"{name} reads back differently from what was written")
        self.disk.rename(part, self.folder / name)

    def reserved(self) -> contextlib.AbstractContextManager[None]:
        """Keep the run to this process while it is trained or moved; see reserving.reserved."""
        return reserved(self.folder)

    def set_aside(self) -> Path:
        """Move the whole run to a free name in `aside/` beside it; nothing is deleted."""
        aside = self.folder.parent / "aside"
        self.disk.make_folder(aside)
        taken = self.disk.names(aside)
        names = (f"{self.folder.name}-{number}" for number in itertools.count(1))
        target = aside / next(name for name in names if name not in taken)
        self.disk.rename(self.folder, target)
        return target


def encode(value: dict[str, Any]) -> bytes:
    """Encode a dict as the bytes of a JSON file."""
    return (json.dumps(value, indent=2) + "\n").encode()
