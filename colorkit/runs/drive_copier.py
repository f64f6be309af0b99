"""The thread that copies a run's checkpoints to Drive, while training goes on. No trouble with Drive stops it: that is said once."""

import errno
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from ..errors import KitError, first_line
from .checkpoints import Place, Store
from .storage import DamagedError

LATEST = "LATEST"  # on Drive: names the newest checkpoint that was copied and read back


class DriveCopier:
    """Keeps Drive up to date.

    Attributes:
        about: what `run.json` says of the run that is copied.
        lock: around everything that changes Drive, or must not see it half changed.
        newest: what Drive should have.
        sent: what it has.
    """

    def __init__(self, local: Store, remote: Store):
        self.local, self.remote = local, remote
        self.about: dict = {}
        self.lock = threading.Lock()
        self.newest: Place | None = None
        self.sent: Place | None = None
        self._told = ""  # what trouble there is
        self._thread = ThreadPoolExecutor(1, "to-drive")
        self._copies: list[Future] = []

    def bring(self, place: Place) -> None:
        """Have a new checkpoint copied; don't wait."""
        self.newest = place
        done = [copying for copying in self._copies if copying.done()]
        self._copies = [copying for copying in self._copies if copying not in done]
        self._copies.append(self._thread.submit(self._catch_up))
        for copying in done:
            copying.result()  # raises, once, what was no trouble with Drive but a fault of the kit

    def finish(self) -> None:
        """Wait until Drive has the newest checkpoint; where it can't have it, say so."""
        copies, self._copies = self._copies, []
        for copying in copies:
            copying.result()
        self._catch_up()
        if self.newest is not None:
            self.local.prune(self.newest)  # what was held while it was copied
        if self._told:
            print(
                f"what was trained is on this machine only ({self.local.folder}): mount Drive again and run this cell again",
                flush=True,
            )

    def announce(self) -> None:
        """Write `run.json` on Drive where there is none yet; what another run has there is not touched.

        Raises:
            KitError: another run is there.
            DamagedError, OSError: it can't be read, or not now; Drive is full.
        """
        there = self.remote.about()
        if there is None:
            self.remote.write_about(self.about)
        elif there.get("id") != self.about.get("id"):
            raise KitError(
                "another run of this name was begun on Drive: run this cell again to take that one"
            )

    def say(self, bad: Exception) -> None:
        """Tell why Drive can't be used: once until that changes."""
        full = isinstance(bad, OSError) and bad.errno in (errno.ENOSPC, errno.EDQUOT)
        what = (
            "Drive is full"
            if full
            else "Drive can't be reached"
            if isinstance(bad, OSError)
            else "nothing is copied to Drive"
        )
        if what != self._told:
            print(
                f"{what} ({first_line(bad)}): checkpoints stay on this machine until that is mended, then they are copied",
                flush=True,
            )
        self._told = what

    def _catch_up(self) -> None:
        """Copy the newest checkpoint of this machine to Drive, unless it is there."""
        with self.lock, self.local.holding(lambda: self.newest) as place:
            if place in (None, self.sent):
                return
            try:
                self._send(place)
            except (OSError, DamagedError, KitError) as bad:
                self.say(bad)
                return
            if self._told:
                print(f"Drive is back: {place.name} is copied", flush=True)
            self.sent, self._told = place, ""

    def _send(self, place: Place) -> None:
        """Copy, read back, and only then name it the latest and remove older ones."""
        self.announce()
        there = self.remote.places()
        for other in there:
            if (
                other > place and self.remote.problem(other) is None
            ):  # when this session began, Drive could not be seen
                raise KitError(f"it has {other.name} already: run this cell again to take it")
        if place not in there or self.remote.problem(place):
            try:
                self.remote.adopt(self.local, place)
            except DamagedError as bad:
                raise KitError(f"{place.name} of this machine is damaged: {bad}") from None
        self.remote.write_small(LATEST, place.name.encode())
        self.remote.prune(place)
