"""A run's checkpoints on two sides: this machine's disk, where training saves them, and Drive, where they are copied.

Drive may be slow, full or gone: training goes on without it, says so once, and the copy is caught up when Drive is back. And what can't
be seen is never taken for what isn't there: without Drive, a run that this machine doesn't know is refused and not begun anew.
"""

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path

from .. import files
from ..errors import KitError, first_line
from ..machine import drive
from .checkpoints import NAME, Checkpoint, Place, Store
from .drive_copier import LATEST, DriveCopier
from .storage import DamagedError, Drive, UnseenError


class DriveMirror:
    """Looks like a Store.

    Attributes:
        local, remote: its two sides.
    """

    def __init__(self, local: Store, remote: Store):
        self.local, self.remote = local, remote
        self._courier = DriveCopier(local, remote)

    @property
    def folder(self) -> Path:
        """Where the run is for its owner: on Drive."""
        return self.remote.folder

    def exists(self) -> bool:
        """Whether there is a run on either side.

        Raises:
            KitError: Drive can't be seen, and this machine doesn't know the run.
        """
        if self.local.exists():
            return True
        with self._needing_drive():
            return self.remote.exists()

    def about(self) -> dict | None:
        """What `run.json` says of the run; None when there is none on either side.

        A run of this machine that isn't the one on Drive (which was begun anew elsewhere) is set aside.

        Raises:
            KitError: Drive can't be seen, and this machine doesn't know the run; or this machine's disk is full.
            DamagedError: `run.json` can't be read, and this machine doesn't know the run.
        """
        try:
            here = self.local.about()
        except DamagedError:
            here = {}  # of no run that could go on: set aside below where Drive knows better
        try:
            there = self.remote.about()
        except (OSError, DamagedError) as bad:
            if not here:
                raise (
                    bad if isinstance(bad, DamagedError) else drive.unseen(self.folder, bad)
                ) from None
            self._courier.say(bad)
            there = None
        if there is not None and (here is None or here.get("id") != there.get("id")):
            self._take_over(there)
            here = there
        self._courier.about = here or {}
        return here

    def _take_over(self, there: dict) -> None:
        """Make the run on Drive this machine's; what this machine has is another one, or none."""
        with self._courier.lock, self._writing_here():
            self._courier.newest = self._courier.sent = None
            if self.local.exists():
                print(
                    f"{self.local.folder} holds another run than Drive: it is kept in {self.local.set_aside()}"
                )
            self.local.write_about(there)

    def write_about(self, value: dict) -> None:
        """Write `run.json` of a run that begins: on this machine, and on Drive as soon as that can be.

        Raises:
            KitError: this machine's disk is full; or Drive shows another run now.
        """
        with self._courier.lock:
            self._courier.about = value
            with self._writing_here():
                self.local.write_about(value)
            try:
                self._courier.announce()
            except (OSError, DamagedError) as bad:
                self._courier.say(bad)

    def set_aside(self) -> Path:
        """Move the run to `aside/` on both sides; return where it is for its owner.

        Raises:
            KitError: Drive can't be seen, or this machine's disk refuses; the run can still be gone on with.
        """
        moved = []
        with self._courier.lock:
            with (
                self._needing_drive()
            ):  # first: what this machine alone has is not let go of before that is done
                if self.remote.exists():
                    moved.append(self.remote.set_aside())
            with self._writing_here():
                if self.local.exists():
                    moved.append(self.local.set_aside())
            self._courier.newest = self._courier.sent = None
        return moved[0]

    def newest(self) -> Place | None:
        """The newest place that verifies on either side, brought to this machine; says what was passed over, and which side it is from.

        Raises:
            KitError: there are checkpoints on Drive, but none that can be read, and this machine has none.
        """
        with self._courier.lock:
            self._courier.newest, self._courier.sent = self._find(), None
            return self._courier.newest

    def _find(self) -> Place | None:
        here = self.local.newest()
        try:
            there = self._on_drive()
            for place in there:
                if here is not None and place <= here:
                    break
                if self._fetch(place):
                    print(
                        f"{place.name} is taken from Drive; this machine has {here.name if here else 'none'}"
                    )
                    return place
        except OSError as bad:
            if here is None:
                raise drive.unseen(self.folder, bad) from None
            self._courier.say(bad)
            return here
        if here is None and there:
            raise KitError(
                f"no checkpoint in {self.folder} can be used now: run this again later, or move the folder away to begin anew"
            )
        if here not in there and here is not None:
            print(
                f"{here.name} is taken from this machine; Drive has {there[0].name if there else 'none'}"
            )
        return here

    def _on_drive(self) -> list[Place]:
        """The places on Drive, newest first: those it lists, and the one that LATEST names, which a list out of date may lack."""
        latest = NAME.fullmatch(
            (self.remote.disk.read(self.folder / LATEST) or b"").decode(errors="replace")
        )
        named = {Place(int(latest[1]), int(latest[2]))} if latest else set()
        return sorted(named.union(self.remote.places()), reverse=True)

    def _fetch(self, place: Place) -> bool:
        """Copy a checkpoint from Drive; whether it verified."""
        try:
            with self._writing_here():
                self.local.adopt(self.remote, place)
        except DamagedError as bad:
            self.remote.distrust(place)
            print(f"{self.folder / place.name} is passed over: {bad}")
            return False
        return True

    def load(self, place: Place) -> Checkpoint:
        """The checkpoint of a place that `newest` gave or that was saved."""
        return self.local.load(place)

    def state(self, place: Place) -> dict:
        """Its JSON state alone."""
        return self.local.state(place)

    def save(self, place: Place, arrays: dict, state: dict) -> None:
        """Save on this machine; the copy on Drive follows by itself.

        Raises:
            OSError: this machine's disk is full.
        """
        self.local.save(place, arrays, state)
        self._courier.bring(place)

    def finish(self) -> None:
        """Wait until Drive has the newest checkpoint; where it can't have it, say so."""
        self._courier.finish()

    @contextlib.contextmanager
    def _needing_drive(self) -> Iterator[None]:
        try:
            yield
        except OSError as bad:
            raise drive.unseen(self.folder, bad) from None

    @contextlib.contextmanager
    def _writing_here(self) -> Iterator[None]:
        try:
            yield
        except UnseenError:  # not this machine's disk, but Drive, which was copied from
            raise
        except OSError as bad:
            raise KitError(
                f"{self.local.folder} can't be written ({first_line(bad)}): make room and run this again"
            ) from None


def open_store(folder: Path) -> Store | DriveMirror:
    """The store of a run: where its folder is on Drive, a mirror, whose local side lies on a disk of this machine."""
    return _mirror(Path(os.path.realpath(folder))) if drive.on_drive(folder) else Store(folder)


@functools.cache  # one for each folder: a cell that was stopped and run again must not copy twice at once, nor say twice that Drive is gone
def _mirror(folder: Path) -> DriveMirror:
    local = drive.scratch_folder() / "runs" / f"{folder.name}-{files.sha256_of(str(folder))[:8]}"
    return DriveMirror(Store(local), Store(folder, Drive()))
