"""The store behind a run: checkpoints, each whole and verified or not there at all. Knows nothing of models or colors.

A checkpoint is a folder `ckpt-00004-000` (4 epochs done, 0 legs of the next) of `arrays.npz`, `state.json` (what isn't an array) and
`manifest.json` (the SHA-256 of both). It is written under a temporary name, synced, read back, then renamed. The two newest good ones stay.
"""

import contextlib
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import first_line
from .storage import DamagedError, Disk, UnseenError

KEEP = 2
NAME = re.compile(r"ckpt-(\d{5,})-(\d{3,})")
LEFTOVER = re.compile(r"\.ckpt-.*\.part")
ARRAYS, STATE, MANIFEST, ABOUT = "arrays.npz", "state.json", "manifest.json", "run.json"


class Place(NamedTuple):
    """How far a run came: whole epochs, and legs of the epoch after them."""

    epochs: int
    legs: int = 0

    @property
    def name(self) -> str:
        """Its checkpoint's folder."""
        return f"ckpt-{self.epochs:05d}-{self.legs:03d}"


class Checkpoint(NamedTuple):
    """What was saved: how far the run was, the arrays by name, and the JSON state."""

    place: Place
    arrays: dict[str, np.ndarray]
    state: dict


class Store:
    """Checkpoints in a folder of one disk.

    Attributes:
        folder: where they are.
        disk: the file calls.
    """

    def __init__(self, folder: Path, disk: Disk | None = None):
        self.folder, self.disk = folder, disk or Disk()
        self._held: Place | None = None
        self._damaged: set[Place] = (
            set()
        )  # what did not verify: never counted among the two that are kept
        self._lock = threading.Lock()  # around what is held: saving and copying are in two threads

    def save(self, place: Place, arrays: dict[str, np.ndarray], state: dict) -> None:
        """Save a checkpoint; only after it is safely there, all but the one before it go.

        Raises:
            OSError: the disk is full or gone; what was there before still is.
        """

        def fill(part: Path) -> None:
            hashes = {
                ARRAYS: self.disk.write(part / ARRAYS, lambda stream: np.savez(stream, **arrays))
            }
            hashes[STATE] = self.disk.write(part / STATE, lambda stream: stream.write(_json(state)))
            self.disk.write(part / MANIFEST, lambda stream: stream.write(_json(hashes)))

        self._put(place, fill)
        self.prune(place)

    def adopt(self, other: "Store", place: Place) -> None:
        """Copy a checkpoint of another store here.

        Raises:
            DamagedError: the other's differs from its manifest.
            UnseenError: the other's disk can't be seen.
            OSError: this disk is full or gone.
        """

        def fill(part: Path) -> None:
            source = other.folder / place.name
            hashes = other._manifest(source)
            for name, wanted in hashes.items():
                blocks = other._blocks(source / name)
                if (
                    self.disk.write(
                        part / name, lambda stream, blocks=blocks: stream.writelines(blocks)
                    )
                    != wanted
                ):
                    raise DamagedError(f"{name} differs from its manifest")
            self.disk.write(part / MANIFEST, lambda stream: stream.write(_json(hashes)))

        self._put(place, fill)

    def _put(self, place: Place, fill: Callable[[Path], None]) -> None:
        """Fill a folder under a temporary name, read it back, then give it its own name."""
        for name in self.disk.names(self.folder):
            if LEFTOVER.fullmatch(name):  # of a writer that failed or was killed
                self.disk.remove(self.folder / name)
        part = self.folder / f".{place.name}.part"
        self.disk.make_folder(part)
        fill(part)
        try:
            self._verify(part)
        except DamagedError as bad:
            raise OSError(f"what was written reads back otherwise: {bad}") from None
        if (
            place in self.places()
        ):  # one that did not verify, else training would not have come here again
            self.disk.remove(self.folder / place.name)
        self.disk.rename(part, self.folder / place.name)
        self._damaged.discard(place)

    def prune(self, place: Place) -> None:
        """Remove what is older than `place` and the good one before it, and what did not verify."""
        with self._lock:
            there = self.places()
            kept = [other for other in there if other <= place and other not in self._damaged][
                :KEEP
            ]
            for other in there:
                if (
                    other not in kept
                    and other != self._held
                    and (other < place or other in self._damaged)
                ):
                    self.disk.remove(self.folder / other.name)

    @contextlib.contextmanager
    def holding(self, choose: Callable[[], Place | None]) -> Iterator[Place | None]:
        """Keep the checkpoint that `choose()` names from being removed while it is copied."""
        with self._lock:  # chosen and held in one step, or it could be removed in between
            self._held = choose()
        try:
            yield self._held
        finally:
            self._held = None

    def exists(self) -> bool:
        """Whether there is a run, whatever its state. Two looks: one of them may be answered from a memory that is out of date.

        Raises:
            OSError: the disk can't be seen.
        """
        return self.disk.read(self.folder / ABOUT) is not None or bool(self.places())

    def about(self) -> dict | None:
        """What `run.json` says of the run; None when there is no run.

        Raises:
            DamagedError: it can't be read, or is missing beside checkpoints.
            OSError: the disk can't be seen.
        """
        with self.disk.judging():
            data = self.disk.read(self.folder / ABOUT)
        if data is None:
            if not self.places():
                return None
            raise (UnseenError if self.disk.fickle else DamagedError)(
                f"{ABOUT} is not found beside its checkpoints"
            )
        try:
            return dict(json.loads(data))
        except (ValueError, TypeError) as bad:
            raise DamagedError(f"{ABOUT}: {first_line(bad)}") from None

    def write_about(self, value: dict) -> None:
        """Write `run.json`, whole or not at all."""
        self.disk.make_folder(self.folder)
        self.write_small(ABOUT, _json(value))

    def write_small(self, name: str, data: bytes) -> None:
        """Write a small file beside the checkpoints: under a temporary name, read back, then renamed."""
        part = self.folder / f".{name}.part"
        digest = self.disk.write(part, lambda stream: stream.write(data))
        if self.disk.sha256(part) != digest:
            raise OSError(f"{name} reads back otherwise than it was written")
        self.disk.rename(part, self.folder / name)

    def set_aside(self) -> Path:
        """Move the whole run to `aside/` beside it, under a name that is free; nothing is deleted."""
        aside = self.folder.parent / "aside"
        self.disk.make_folder(aside)
        taken = self.disk.names(aside)
        names = (f"{self.folder.name}-{number}" for number in itertools.count(1))
        target = aside / next(name for name in names if name not in taken)
        self.disk.rename(self.folder, target)
        return target

    def finish(self) -> None:
        """Nothing is left to do when a save has returned (a Mirror still has to copy)."""

    def newest(self) -> Place | None:
        """The newest place whose checkpoint verifies, or None where there is none; says which ones it passed over."""
        for place in self.places():
            problem = self.problem(place)
            if problem is None:
                return place
            print(f"{self.folder / place.name} is passed over: {problem}")
        return None

    def load(self, place: Place) -> Checkpoint:
        """The checkpoint of a place that verified."""
        with np.load(self.folder / place.name / ARRAYS, allow_pickle=False) as arrays:
            return Checkpoint(place, dict(arrays), self.state(place))

    def state(self, place: Place) -> dict:
        """Its JSON state alone, without reading the arrays into memory."""
        return json.loads((self.folder / place.name / STATE).read_bytes())

    def places(self) -> list[Place]:
        """Of every checkpoint that is there, good or not, newest first."""
        matches = [NAME.fullmatch(name) for name in self.disk.names(self.folder)]
        return sorted(
            (Place(int(match[1]), int(match[2])) for match in matches if match), reverse=True
        )

    def problem(self, place: Place) -> str | None:
        """Why a checkpoint can't be used; None when its files match its manifest.

        Raises:
            UnseenError: the disk can't be seen now: that says nothing of the checkpoint.
        """
        try:
            self._verify(self.folder / place.name)
        except DamagedError as bad:
            self.distrust(place)
            return str(bad)
        return None

    def distrust(self, place: Place) -> None:
        """Know that a checkpoint did not verify."""
        self._damaged.add(place)

    def _verify(self, folder: Path) -> None:
        """Raise Damaged unless the files of a checkpoint match its manifest."""
        for name, wanted in self._manifest(folder).items():
            with self.disk.judging():
                if self.disk.sha256(folder / name) != wanted:
                    raise DamagedError(f"{name} differs from its manifest")

    def _manifest(self, folder: Path) -> dict[str, str]:
        """The SHA-256 of its two files."""
        with self.disk.judging():
            data = self.disk.read(folder / MANIFEST)
            if data is None:
                raise DamagedError(f"incomplete ({MANIFEST} is not there)")
            try:
                hashes = json.loads(data)
                return {name: hashes[name] for name in (ARRAYS, STATE)}
            except (ValueError, KeyError, TypeError) as bad:
                raise DamagedError(f"incomplete ({MANIFEST}: {first_line(bad)})") from None

    def _blocks(self, path: Path) -> Iterator[bytes]:
        """What a file of a checkpoint holds."""
        with self.disk.judging():
            yield from self.disk.blocks(path)


def _json(value: dict) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
