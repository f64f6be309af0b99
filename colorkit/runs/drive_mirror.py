"""Keep a run's checkpoints on this machine's disk, where training saves them, and on Drive.

Drive may be slow, full or gone. Training continues without it, says so once, and the copy is
caught up when Drive is back. What can't be reached is never taken for missing: without Drive,
a run that this machine doesn't know is refused, and not started over.
"""

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .. import files
from ..errors import KitError, unwritable
from ..machine import console, drive, unmounting
from .checkpoints import Checkpoint, Store
from .drive_copier import LATEST, DriveCopier
from .places import Place, place_of, place_of_duplicate
from .run_store import RunStore
from .storage import DamagedError, Drive, IncompleteRunError, MisplacedError, UnreachableError

UPLOADED_LATER = (
    "copied to Drive; before you disconnect, run colorkit.before_disconnect(), so that Drive "
    "uploads it"
)
# What to do about a run on Drive that can't be used as it is there.
WAYS_ON = (
    "if another machine has just disconnected, wait a few minutes for its uploads and run this "
    "again; to start over, run it once with fresh=True in runs.start(...) in the lesson's cell, or "
    "with --fresh on the command line, which keeps this run in aside/"
)


class DriveMirror:
    """A RunStore with two sides, this machine's disk and Drive.

    Attributes:
        local: store on this machine.
        remote: store on Drive.
        copier: what copies from the one to the other.
    """

    def __init__(self, local: Store, remote: Store):
        self.local = local
        self.remote = remote
        self.copier = DriveCopier(local, remote)

    @property
    def folder(self) -> Path:
        """The folder of the run, as its owner knows it: on Drive."""
        return self.remote.folder

    def exists(self) -> bool:
        """Find out whether there is a run on either side.

        Raises:
            KitError: Drive can't be reached, and this machine doesn't know the run.
        """
        if self.local.exists():
            return True
        with self._reading_drive():
            return self.remote.exists()

    def about(self) -> dict[str, Any] | None:
        """Read `run.json`; return None when there is no run on either side.

        If Drive has another run (one that was begun elsewhere), this machine's is set aside.

        Raises:
            KitError: Drive can't be reached or its `run.json` can't be used, and this machine
                doesn't know the run; or this machine's disk is full.
        """
        try:
            here = self.local.about()
        except DamagedError:
            here = {}  # a run that can't continue: it is set aside below if Drive has a good one
        try:
            there = self.remote.about()
        except (OSError, DamagedError) as bad:
            if not here:
                raise self._unusable(bad) from None
            self.copier.report(bad)
            there = None
        if there is not None and (here is None or here.get("id") != there.get("id")):
            self._take_over(there)
            here = there
        self.copier.start(here or {})
        return here

    def _unusable(self, bad: OSError | DamagedError) -> KitError:
        """Return the error for a `run.json` on Drive that can't be read."""
        if isinstance(bad, (DamagedError, IncompleteRunError)):
            return KitError(f"{self.folder} can't be used now ({bad}): {WAYS_ON}")
        return drive.unseen(self.folder, bad)

    def _take_over(self, there: dict[str, Any]) -> None:
        """Make Drive's run this machine's own; set aside the other run that is here, if any."""
        with self.copier.paused(), self._writing_locally():
            self.copier.forget()
            if self.local.exists():
                aside = self.local.set_aside()
                console.say(
                    f"{self.local.folder} holds a different run than Drive: it is kept in {aside}"
                )
            self.local.write_about(there)

    def write_about(self, value: dict[str, Any]) -> None:
        """Write `run.json` of a new run on this machine, and on Drive as soon as possible.

        Raises:
            KitError: this machine's disk is full; or Drive shows another run now.
        """
        with self.copier.paused():
            self.copier.start(value)
            with self._writing_locally():
                self.local.write_about(value)
            self.copier.announce()

    @contextlib.contextmanager
    def reserved(self) -> Iterator[None]:
        """Keep this machine's side to this process; on Drive, the copier tells runs apart."""
        with self._writing_locally():  # a new machine has no folder yet
            self.local.disk.make_folder(self.local.folder)
        with self.local.reserved():
            yield

    def set_aside(self) -> Path:
        """Move the run to `aside/` on both sides.

        Returns:
            The new folder on Drive; if Drive had no such run, the one on this machine.

        Raises:
            KitError: Drive can't be reached, or this machine's disk refuses; the run can still
                be continued.
        """
        moved = []
        with self.copier.paused():
            # Drive first: what only this machine has is not given up before that is done.
            with self._reading_drive():
                if self.remote.exists():
                    moved.append(self.remote.set_aside())
            with self._writing_locally():
                if self.local.exists():
                    moved.append(self.local.set_aside())
            self.copier.forget()
        return moved[0]

    def newest(self) -> Place | None:
        """Find the newest checkpoint that verifies on either side, and bring it to this machine.

        What is passed over is printed, and which side the checkpoint comes from.

        Raises:
            KitError: Drive has checkpoints, but none that can be read, and this machine has none.
        """
        with self.copier.paused():
            place = self._find_newest()
            self.copier.resume(place)
            return place

    def _find_newest(self) -> Place | None:
        """Find the newest checkpoint; on Drive, only among those newer than this machine's."""
        here = self.local.newest()
        problems = []
        try:
            there = self._places_on_drive(here)
            for place in there:
                if here is not None and place <= here:
                    break
                problem = self._fetch(place)
                if not problem:
                    had = here.name if here else "none"
                    console.say(f"{place.name} is taken from Drive; this machine has {had}")
                    self.copier.uploads.found(place, fetched=True)
                    return place
                problems.append(f"{place.name}: {problem}")
            if here in there:
                self.copier.uploads.found(here, fetched=False)
        except OSError as bad:
            if here is None:
                raise drive.unseen(self.folder, bad) from None
            self.copier.report(bad)
            return here
        if here is None and there:
            listed = "; ".join(problems)
            raise KitError(f"no checkpoint in {self.folder} can be used now ({listed}): {WAYS_ON}")
        if here is not None and here not in there:
            has = there[0].name if there else "none"
            console.say(f"{here.name} is taken from this machine; Drive has {has}")
        return here

    def _places_on_drive(self, here: Place | None) -> list[Place]:
        """List the places of the checkpoints on Drive, newest first.

        The one that LATEST names is among them, even when Drive's own listing is out of date.

        Args:
            here: newest checkpoint of this machine. Duplicates of newer ones on Drive are printed.
        """
        pointer = self.remote.disk.read(self.folder / LATEST) or b""
        latest = place_of(pointer.decode(errors="replace"))
        named = {latest} if latest else set()
        for name in self.remote.disk.names(self.folder):
            place = place_of_duplicate(name)
            if place is not None and (here is None or place > here):
                console.say(f"{self.folder / name} is passed over: Drive had two of this name")
                named.add(place)
        return sorted(named.union(self.remote.places()), reverse=True)

    def _fetch(self, place: Place) -> str:
        """Copy a checkpoint from Drive; return why it can't be used, nothing if it verified."""
        try:
            with self._writing_locally():
                self.local.copy_from(self.remote, place)
        except DamagedError as bad:
            if not isinstance(bad, MisplacedError):
                self.remote.distrust(place)
            console.say(f"{self.folder / place.name} is passed over: {bad}")
            return str(bad)
        return ""

    def load(self, place: Place) -> Checkpoint:
        """Load a checkpoint that `newest` found or that was saved."""
        return self.local.load(place)

    def state(self, place: Place) -> dict[str, Any]:
        """Load the JSON state of such a checkpoint, without its arrays."""
        return self.local.state(place)

    def save(self, place: Place, arrays: dict[str, np.ndarray], state: dict[str, Any]) -> None:
        """Save a checkpoint on this machine; the copy on Drive follows by itself.

        Raises:
            OSError: this machine's disk is full.
        """
        self.local.save(place, arrays, state)
        self.copier.copy_soon(place)
        unmounting.complete_before_unmounting(self.copier.finish)

    def finish(self) -> str:
        """Wait until Drive has the newest checkpoint; if it can't have it, say so.

        Returns:
            What to do so that Drive uploads it; nothing where it isn't copied.
        """
        return UPLOADED_LATER if self.copier.finish() else ""

    @contextlib.contextmanager
    def _reading_drive(self) -> Iterator[None]:
        """Turn an OSError into a KitError that says to mount Drive again."""
        try:
            yield
        except OSError as bad:
            raise drive.unseen(self.folder, bad) from None

    @contextlib.contextmanager
    def _writing_locally(self) -> Iterator[None]:
        """Turn an OSError of this machine's disk into a KitError with its reason."""
        try:
            yield
        except UnreachableError:  # not this machine's disk, but Drive, which was copied from
            raise
        except OSError as bad:
            raise unwritable(self.local.folder, bad, "run this again") from None


def open_store(folder: Path) -> RunStore:
    """Open the store of a run: a mirror if its folder is on Drive, else the folder itself."""
    if drive.on_drive(folder):
        return _open_mirror(Path(os.path.realpath(folder)))
    return Store(folder)


# One mirror a folder: a cell that was stopped and run again must not copy twice at once, nor
# say twice that Drive is gone.
@functools.cache
def _open_mirror(folder: Path) -> DriveMirror:
    """Mirror a folder of Drive; the local side is on a disk of this machine."""
    name = f"{folder.name}-{files.sha256_of(str(folder))[:8]}"
    local = drive.scratch_folder() / "runs" / name
    return DriveMirror(Store(local), Store(folder, Drive()))
