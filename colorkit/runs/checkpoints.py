"""Keep the checkpoints of a run in a folder: each is whole and verified, or it isn't there at all.

A checkpoint is a folder such as `ckpt-00004-000` (4 epochs done, no segment of the next). It holds
`arrays.npz`, `state.json` (all that isn't an array) and `manifest.json` (the SHA-256 of both).
It is written under a temporary name, synced, read back, then renamed. The two newest good ones
are kept. This module knows nothing of models or colors.
"""

import contextlib
import io
import json
import threading
import zipfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import first_line
from ..machine import console
from .places import Place, place_told_by
from .run_folder import RunFolder, encode
from .storage import DamagedError, Disk, MisplacedError

KEEP = 2
PART = ".part"  # how the name of a checkpoint ends until it is whole; it begins with a dot
LOOKS = 5  # how often to look for what another process replaces meanwhile
ARRAYS = "arrays.npz"
STATE = "state.json"
MANIFEST = "manifest.json"


class Checkpoint(NamedTuple):
    """What was saved: how far the run was, the arrays by name, and the JSON state."""

    place: Place
    arrays: dict[str, np.ndarray]
    state: dict[str, Any]


class Store(RunFolder):
    """The checkpoints in one folder of one disk."""

    def __init__(self, folder: Path, disk: Disk | None = None):
        super().__init__(folder, disk)
        self._held: Place | None = None
        # Checkpoints that did not verify: they never count among the two that are kept.
        self._damaged: set[Place] = set()
        self._left: set[str] = set()  # names of what couldn't be removed, which was said
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
                STATE: write(part / STATE, lambda stream: stream.write(encode(state))),
            }
            write(part / MANIFEST, lambda stream: stream.write(encode(hashes)))

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
            self.disk.write(part / MANIFEST, lambda stream: stream.write(encode(hashes)))

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
            if name.startswith(".ckpt-") and name.endswith(PART):  # a writer failed or was killed
                self._remove(name)
        part = self.folder / f".{place.name}{PART}"
        self.disk.make_folder(part)
        fill(part)
        try:
            self._verify(part, place)
        except DamagedError as bad:
            raise OSError(f"what was written reads back differently: {bad}") from None
        # One that is there already did not verify, or training would not have come here again.
        if place in self.places():
            self._remove(place.name)
        if place.name in self._left:
            self.disk.rename(self.folder / place.name, self.folder / f"{place.name}.moved")
        self.disk.rename(part, self.folder / place.name)
        self._damaged.discard(place)

    def prune(self, place: Place, spared: Collection[Place | None] = ()) -> None:
        """Keep `place` and the good one before it; remove older ones and all damaged ones.

        Args:
            place: the newest checkpoint.
            spared: others that stay, whatever they are.
        """
        with self._lock:
            there = self.places()
            good = [other for other in there if other <= place and other not in self._damaged]
            kept = good[:KEEP]
            for other in there:
                if other in kept or other in spared or other == self._held:
                    continue
                if other < place or other in self._damaged:
                    self._remove(other.name)

    def _remove(self, name: str) -> None:
        """Remove what isn't needed any more; leave what can't be removed, and say so once.

        It may be no checkpoint at all, and what was to be saved is safe without this.

        Raises:
            OSError: the whole disk can't be reached.
        """
        try:
            self.disk.remove(self.folder / name)
        except OSError as bad:
            self.disk.check()
            if name not in self._left:
                console.say(f"{self.folder / name} can't be removed ({first_line(bad)}): it stays")
            self._left.add(name)

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

    def finish(self) -> str:
        """Do nothing: when `save` has returned, the work is done. (DriveMirror has to copy.)"""
        return ""

    def newest(self) -> Place | None:
        """Find the newest checkpoint that verifies; print which ones are passed over.

        Those that another process has replaced meanwhile are looked for again.

        Returns:
            Its place; None when none verifies.
        """
        said: set[Place] = set()
        for _ in range(LOOKS):
            there = self.places()
            for place in there:
                problem = self.problem(place)
                if problem is None:
                    return place
                if place not in said and place in self.places():
                    console.say(f"{self.folder / place.name} is passed over: {problem}")
                    said.add(place)
            if self.places() == there:
                break
        return None

    def load(self, place: Place) -> Checkpoint:
        """Load a checkpoint that verified.

        Raises:
            DamagedError: another process has removed or changed it since.
        """
        try:
            with np.load(self.folder / place.name / ARRAYS, allow_pickle=False) as arrays:
                return Checkpoint(place, dict(arrays), self.state(place))
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as bad:
            raise DamagedError(f"{place.name}: {first_line(bad)}") from None

    def state(self, place: Place) -> dict[str, Any]:
        """Load the JSON state of a checkpoint, without its arrays.

        Raises:
            DamagedError: another process has removed or changed it since it verified.
        """
        try:
            return json.loads((self.folder / place.name / STATE).read_bytes())
        except (OSError, ValueError) as bad:
            raise DamagedError(f"{place.name}: {first_line(bad)}") from None

    def problem(self, place: Place) -> str | None:
        """Say why a checkpoint can't be used; None when its files match its manifest.

        Raises:
            UnreachableError: the disk can't be reached now, which says nothing of the checkpoint.
        """
        try:
            self._verify(self.folder / place.name, place)
        except MisplacedError as bad:
            return str(bad)
        except DamagedError as bad:
            self.distrust(place)
            return str(bad)
        self._damaged.discard(place)  # on Drive, what was missing may have come since
        return None

    def distrust(self, place: Place) -> None:
        """Remember that a checkpoint did not verify."""
        self._damaged.add(place)

    def _verify(self, folder: Path, place: Place) -> None:
        """Raise DamagedError unless a checkpoint's files match its manifest, and it its place."""
        for name, expected in self._read_manifest(folder).items():
            with self.disk.classifying_errors():
                if self.disk.sha256(folder / name) != expected:
                    raise DamagedError(f"{name} differs from its manifest")
        with self.disk.classifying_errors():
            told = place_told_by(json.loads(self.disk.read(folder / STATE) or b"null"))
        if told not in (None, place):
            raise MisplacedError(f"it is {told.name} under another name")

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
