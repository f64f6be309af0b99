"""Know which checkpoint on Drive has surely been uploaded: one that another machine has seen.

What a machine writes to Drive is uploaded later, and it can't find out whether that has happened.
So a checkpoint that came from another machine is kept until a newer one has been seen that way,
even where two newer ones are there: these may be on their writer's disk only.
"""

import json
import uuid
from typing import Any

from ..errors import unwritable
from .checkpoints import Store
from .places import Place, place_of
from .run_folder import RunFolder, encode

# On Drive: `machine` wrote the newest checkpoint; `seen` is the one that a machine found which had
# not written it. Older versions of the kit neither read nor write this.
UPLOADED = "UPLOADED.json"
MACHINE = ".machine"  # beside the runs on a machine's own disk: the machine's id


class Uploads:
    """What one machine knows of the uploads of one run.

    Attributes:
        local: store on this machine.
        remote: store on Drive.
    """

    def __init__(self, local: Store, remote: Store):
        self.local = local
        self.remote = remote
        self._found: Place | None = None

    def forget(self) -> None:
        """Forget what was found on Drive: another run takes its place."""
        self._found = None

    def found(self, place: Place, fetched: bool) -> None:
        """Note what the run continues from.

        Args:
            place: a checkpoint that Drive lists.
            fetched: whether it came from Drive, rather than being here already.

        Raises:
            KitError: this machine's disk refuses.
            OSError: Drive can't be reached.
        """
        writer = self._read().get("machine")
        # A run of an older version names no writer, and a machine may have lost its id. Then only
        # what was not on this machine came from another one.
        mine = self._machine(make=fetched)
        if mine != writer and (fetched or (mine and writer)):
            self._found = place

    def confirm(self) -> Place | None:
        """Write down on Drive what has been seen, and that this machine writes what is newer.

        Returns:
            The checkpoint to keep, since another machine than its writer has seen it; None when
            there is none.

        Raises:
            KitError: this machine's disk refuses.
            OSError: Drive can't be reached or written.
        """
        there = self._read()
        seen = self._found
        if seen is None or self.remote.problem(seen) is not None:
            seen = place_of(str(there.get("seen")))
        here = {"machine": self._machine(make=True), "seen": seen.name if seen else None}
        if here != there:
            self.remote.write_small(UPLOADED, encode(here))
        self._found = None
        return seen

    def _read(self) -> dict[str, Any]:
        """Read what is written down; nothing where that is missing or damaged."""
        try:
            return dict(json.loads(self.remote.disk.read(self.remote.folder / UPLOADED) or b"{}"))
        except (ValueError, TypeError):
            return {}

    def _machine(self, make: bool) -> str:
        """Read this machine's id.

        Args:
            make: whether to give an id to a machine that has none. Its id is empty otherwise.

        Raises:
            KitError: this machine's disk refuses.
        """
        runs = RunFolder(self.local.folder.parent, self.local.disk)
        try:
            known = runs.disk.read(runs.folder / MACHINE) or b""
            if make and not known:
                known = uuid.uuid4().hex.encode()
                runs.disk.make_folder(runs.folder)
                runs.write_small(MACHINE, known)
        except OSError as bad:
            raise unwritable(runs.folder, bad, "run this again") from None
        return known.decode(errors="replace")
