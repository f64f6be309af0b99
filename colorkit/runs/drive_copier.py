"""Copy a run's checkpoints to Drive in a thread of its own, while training continues.

Trouble with Drive never stops training: it is reported once, until it changes.
"""

import contextlib
import errno
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ..errors import KitError, first_line
from ..machine import console
from .checkpoints import Store
from .drive_uploads import Uploads
from .places import Place
from .storage import DamagedError

LATEST = "LATEST"  # on Drive: names the newest checkpoint that was copied and read back


class DriveCopier:
    """The thread that keeps Drive up to date.

    It copies the newest checkpoint only: those that came while it was busy are left out.

    Attributes:
        local: store on this machine, where training saves.
        remote: store on Drive.
        uploads: what is known of Drive's uploads.
    """

    def __init__(self, local: Store, remote: Store):
        self.local = local
        self.remote = remote
        self.uploads = Uploads(local, remote)
        self._about: dict[str, Any] = {}  # what run.json says of the run that is copied
        self._newest: Place | None = None  # what Drive should have
        self._sent: Place | None = None  # what Drive has
        self._trouble = ""  # the trouble that was reported last; nothing when all is well
        # Held around everything that changes Drive, or must not see it half changed.
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "to-drive")
        self._copies: list[Future] = []

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Wait for the copy in progress, and let no other begin meanwhile."""
        with self._lock:
            yield

    def start(self, about: dict[str, Any]) -> None:
        """Say which run is copied from now on; `about` is its `run.json`."""
        self._about = about

    def forget(self) -> None:
        """Leave uncopied what was saved so far. Call this while paused."""
        self._newest = None
        self._sent = None
        self.uploads.forget()

    def resume(self, place: Place | None) -> None:
        """Make Drive have what training resumes from, with the next copy. Call this while paused.

        Args:
            place: newest checkpoint of the run; None when it has none.
        """
        self._newest = place
        self._sent = None

    def copy_soon(self, place: Place) -> None:
        """Have a new checkpoint copied, without waiting for it."""
        self._newest = place
        done = [copying for copying in self._copies if copying.done()]
        self._copies = [copying for copying in self._copies if copying not in done]
        self._copies.append(self._thread.submit(self._catch_up))
        for copying in done:
            copying.result()  # raises, once, what was a fault of the kit and not of Drive

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the copies that were asked for.

        Args:
            timeout: seconds to wait for each of them; None for as long as it takes.

        Raises:
            Exception: a fault of the kit. Trouble with Drive is reported instead.
        """
        for copying in self._copies:
            copying.result(timeout)

    def finish(self) -> bool:
        """Wait until Drive has the newest checkpoint; if it can't have it, say so.

        Returns:
            Whether Drive has it.
        """
        try:
            self.wait()
        finally:
            self._copies = []  # so that a fault is raised once
        self._catch_up()
        if self._newest is not None:
            self.local.prune(self._newest)  # now without the one that was held for its copy
        if self._trouble:
            console.say(
                f"what was trained is on this machine only ({self.local.folder}): "
                "mount Drive again and run this cell again"
            )
        return not self._trouble

    def announce(self) -> None:
        """Write `run.json` on Drive now, if Drive allows; otherwise with the first copy.

        Raises:
            KitError: Drive has another run.
        """
        try:
            self._write_about()
        except (OSError, DamagedError) as bad:
            self.report(bad)

    def report(self, bad: Exception) -> None:
        """Print why Drive can't be used; stay silent while the reason stays the same."""
        trouble = _describe(bad)
        if trouble != self._trouble:
            console.say(
                f"{trouble} ({first_line(bad)}): "
                "checkpoints stay on this machine until that is fixed, then they are copied"
            )
        self._trouble = trouble

    def _catch_up(self) -> None:
        """Copy the newest checkpoint of this machine to Drive, unless Drive has it."""
        with self.paused(), self.local.holding(lambda: self._newest) as place:
            if place is None or place == self._sent:
                return
            try:
                self._send(place)
            except (OSError, DamagedError, KitError) as bad:
                self.report(bad)
                return
            if self._trouble:
                console.say(f"Drive is back: {place.name} is copied")
            self._sent = place
            self._trouble = ""

    def _send(self, place: Place) -> None:
        """Copy a checkpoint, read it back, and only then name it the latest and prune.

        Raises:
            KitError: Drive has another run or a newer checkpoint, or this one is damaged.
            DamagedError, OSError: Drive can't be read or written.
        """
        self._write_about()
        there = self.remote.places()
        newer = [other for other in there if other > place]
        for other in newer:
            # This happens when Drive could not be reached, or did not show it, as this session
            # began.
            if self.remote.problem(other) is None:
                raise KitError(f"it has {other.name} already: run this cell again to take it")
        # Said before this machine writes anything that it could take for another one's later.
        seen = self.uploads.confirm()
        if place not in there or self.remote.problem(place):
            try:
                self.remote.copy_from(self.local, place)
            except DamagedError as bad:
                raise KitError(f"{place.name} of this machine is damaged: {bad}") from None
        self.remote.write_small(LATEST, place.name.encode())
        # Of what is newer, files may be missing that another machine is still uploading.
        self.remote.prune(place, spared=[seen, *newer])

    def _write_about(self) -> None:
        """Write `run.json` on Drive if there is none yet; leave another run's as it is.

        Raises:
            KitError: another run is there.
            DamagedError, OSError: it can't be read, or not now; or Drive is full.
        """
        there = self.remote.about()
        if there is None:
            self.remote.write_about(self._about)
        elif there.get("id") != self._about.get("id"):
            raise KitError(
                "another run of this name was begun on Drive: run this cell again to take that one"
            )


def _describe(bad: Exception) -> str:
    """Name the kind of trouble that an exception means."""
    if not isinstance(bad, OSError):
        return "nothing is copied to Drive"
    if bad.errno in (errno.ENOSPC, errno.EDQUOT):
        return "Drive is full"
    return "Drive can't be reached"
