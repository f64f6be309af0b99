"""Keep the checkpoints of a run in a folder: each is whole and verified, or it isn't there at all.

A checkpoint is a folder such as `ckpt-00004-000` (4 epochs done, no segment of the next). It holds
`arrays.npz`, `state.json` (all that isn't an array) and `manifest.json` (the SHA-256 of both).
It is written under a temporary name, synced, read back, then renamed. The two newest good ones
are kept. This module knows nothing of models or colors.
"""

import contextlib
import io
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import first_line
from ..machine import console
from .reserving import reserved
from .storage import DamagedError, Disk, UnreachableError

KEEP = 2
NAME = re.compile(r"ckpt-(\d{5,})-(\d{3,})")
LEFTOVER = re.compile(r"\.ckpt-.*\.part")
ARRAYS = "arrays.npz"
STATE = "state.json"
MANIFEST = "manifest.json"
ABOUT = "run.json"


class Place(NamedTuple):
    """How far a run came: the epochs done, and the segments done of the epoch after them."""

    epochs: int
    segments: int = 0

    @property
    def name(self) -> str:
        """The folder name of its checkpoint."""
        return f"ckpt-{self.epochs:05d}-{self.segments:03d}"


class Checkpoint(NamedTuple):
    """What was saved: how far the run was, the arrays by name, and the JSON state."""

    place: Place
    arrays: dict[str, np.ndarray]
    state: dict[str, Any]


class Store:
    """The checkpoints in one folder of one disk.

    Attributes:
        folder: folder of the run.
        disk: the file calls.
    """

    def __init__(self, folder: Path, disk: Disk | None = None):
        self.folder = folder
        self.disk = disk or Disk()
        self._held: Place | None = None
        # Checkpoints that did not verify: they never count among the two that are kept.
        self._damaged: set[Place] = set()
        # One thread saves and another one copies, so what is held needs a lock.
        self._lock = threading.Lock()

    def save(self, place: Place, arrays: dict[str, np.ndarray], state: dict[str, Any]) -> None:
        """Save a checkpoint; once it is safely stored, remove all older ones but one.

        Raises:
            OSError: the disk is full or gone; what was there before is still there.
        """

        def fill(part: Path) -> None:
            write = self.disk.write
            hashes = {
                ARRAYS: write(part / ARRAYS, lambda stream: _save_arrays(stream, arrays)),
                STATE: write(part / STATE, lambda stream: stream.write(_encode(state))),
            }
            write(part / MANIFEST, lambda stream: stream.write(_encode(hashes)))

        self._write_checkpoint(place, fill)
        self.prune(place)

    def copy_from(self, other: "Store", place: Place) -> None:
        """Copy a checkpoint of another store here.

        Raises:
            DamagedError: the other store's checkpoint differs from its manifest.
            UnreachableError: the other store's disk can't be reached.
            OSError: this disk is full or gone.
        """

        def fill(part: Path) -> None:
            source = other.folder / place.name
            hashes = other._read_manifest(source)
            for name, expected in hashes.items():
                self._copy_file(other, source / name, part / name, expected)
            self.disk.write(part / MANIFEST, lambda stream: stream.write(_encode(hashes)))

        self._write_checkpoint(place, fill)

    def _copy_file(self, other: "Store", source: Path, target: Path, expected: str) -> None:
        """Copy a file of another store; raise DamagedError when its SHA-256 isn't the expected."""
        blocks = other._read_blocks(source)
        digest = self.disk.write(target, lambda stream: stream.writelines(blocks))
        if digest != expected:
            raise DamagedError(f"{source.name} differs from its manifest")

    def _write_checkpoint(self, place: Place, fill: Callable[[Path], None]) -> None:
        """Fill a folder under a temporary name, read it back, then give it its own name."""
        for name in self.disk.names(self.folder):
            if LEFTOVER.fullmatch(name):  # a writer failed or was killed
                self.disk.remove(self.folder / name)
        part = self.folder / f".{place.name}.part"
        self.disk.make_folder(part)
        fill(part)
        try:
            self._verify(part)
        except DamagedError as bad:
            raise OSError(f"what was written reads back differently: {bad}") from None
        # One that is there already did not verify, or training would not have come here again.
        if place in self.places():
            self.disk.remove(self.folder / place.name)
        self.disk.rename(part, self.folder / place.name)
        self._damaged.discard(place)

    def prune(self, place: Place) -> None:
        """Keep `place` and the good one before it; remove older ones and all damaged ones."""
        with self._lock:
            there = self.places()
            good = [other for other in there if other <= place and other not in self._damaged]
            kept = good[:KEEP]
            for other in there:
                if other in kept or other == self._held:
                    continue
                if other < place or other in self._damaged:
                    self.disk.remove(self.folder / other.name)

    @contextlib.contextmanager
    def holding(self, choose: Callable[[], Place | None]) -> Iterator[Place | None]:
        """Keep the checkpoint that `choose()` names from being removed while it is copied."""
        # Chosen and held in one step: between two, it could be removed.
        with self._lock:
            self._held = choose()
        try:
            yield self._held
        finally:
            self._held = None

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
            error = UnreachableError if self.disk.flaky else DamagedError
            raise error(f"{ABOUT} is not found beside its checkpoints")
        try:
            return dict(json.loads(data))
        except (ValueError, TypeError) as bad:
            raise DamagedError(f"{ABOUT}: {first_line(bad)}") from None

    def write_about(self, value: dict[str, Any]) -> None:
        """Write `run.json`, whole or not at all."""
        self.disk.make_folder(self.folder)
        self.write_small(ABOUT, _encode(value))

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

    def finish(self) -> None:
        """Do nothing: when `save` has returned, the work is done. (DriveMirror has to copy.)"""

    def newest(self) -> Place | None:
        """Find the newest checkpoint that verifies; print which ones are passed over.

        Returns:
            Its place; None when none verifies.
        """
        for place in self.places():
            problem = self.problem(place)
            if problem is None:
                return place
            console.say(f"{self.folder / place.name} is passed over: {problem}")
        return None

    def load(self, place: Place) -> Checkpoint:
        """Load a checkpoint that verified."""
        with np.load(self.folder / place.name / ARRAYS, allow_pickle=False) as arrays:
            return Checkpoint(place, dict(arrays), self.state(place))

    def state(self, place: Place) -> dict[str, Any]:
        """Load the JSON state of a checkpoint, without its arrays."""
        return json.loads((self.folder / place.name / STATE).read_bytes())

    def places(self) -> list[Place]:
        """List the places of all checkpoints, good or not, newest first."""
        matches = [NAME.fullmatch(name) for name in self.disk.names(self.folder)]
        found = [Place(int(match[1]), int(match[2])) for match in matches if match]
        return sorted(found, reverse=True)

    def problem(self, place: Place) -> str | None:
        """Say why a checkpoint can't be used; None when its files match its manifest.

        Raises:
            UnreachableError: the disk can't be reached now, which says nothing of the checkpoint.
        """
        try:
            self._verify(self.folder / place.name)
        except DamagedError as bad:
            self.distrust(place)
            return str(bad)
        return None

    def distrust(self, place: Place) -> None:
        """Remember that a checkpoint did not verify."""
        self._damaged.add(place)

    def _verify(self, folder: Path) -> None:
        """Raise DamagedError unless the files of a checkpoint match its manifest."""
        for name, expected in self._read_manifest(folder).items():
            with self.disk.classifying_errors():
                if self.disk.sha256(folder / name) != expected:
                    raise DamagedError(f"{name} differs from its manifest")

    def _read_manifest(self, folder: Path) -> dict[str, str]:
        """Read the SHA-256 of a checkpoint's two files."""
        with self.disk.classifying_errors():
            data = self.disk.read(folder / MANIFEST)
            if data is None:
                raise DamagedError(f"incomplete ({MANIFEST} is not there)")
            try:
                hashes = json.loads(data)
                return {name: hashes[name] for name in (ARRAYS, STATE)}
            except (ValueError, KeyError, TypeError) as bad:
                raise DamagedError(f"incomplete ({MANIFEST}: {first_line(bad)})") from None

    def _read_blocks(self, path: Path) -> Iterator[bytes]:
        """Read a checkpoint's file, a block at a time."""
        with self.disk.classifying_errors():
            yield from self.disk.blocks(path)


def _save_arrays(stream: io.RawIOBase, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays as an npz file, each under its name."""
    # NumPy's stubs allow for an array named allow_pickle, its option. No array has that name.
    np.savez(stream, **arrays)  # type: ignore[arg-type]


def _encode(value: dict[str, Any]) -> bytes:
    """Encode a dict as the bytes of a JSON file."""
    return (json.dumps(value, indent=2) + "\n").encode()
