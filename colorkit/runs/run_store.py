"""Say what every store of a run can do, wherever the run is kept."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .checkpoints import Checkpoint
from .places import Place


class RunStore(Protocol):
    """Where a run is kept: a Store in one folder, or a DriveMirror."""

    @property
    def folder(self) -> Path:
        """The folder of the run, as its owner knows it."""
        ...

    def exists(self) -> bool:
        """Find out whether there is a run, whatever its state."""
        ...

    def about(self) -> dict[str, Any] | None:
        """Read `run.json`, which says which run this is; return None when there is no run."""
        ...

    def write_about(self, value: dict[str, Any]) -> None:
        """Write the `run.json` of a new run."""
        ...

    def reserved(self) -> AbstractContextManager[None]:
        """Keep the run to this process while it is trained or moved; see Store.reserved."""
        ...

    def set_aside(self) -> Path:
        """Move the run to `aside/`, and return its new folder."""
        ...

    def newest(self) -> Place | None:
        """Find the newest checkpoint that verifies; None when there is none."""
        ...

    def load(self, place: Place) -> Checkpoint:
        """Load a checkpoint that verified."""
        ...

    def state(self, place: Place) -> dict[str, Any]:
        """Load the JSON state of a checkpoint, without its arrays."""
        ...

    def save(self, place: Place, arrays: dict[str, np.ndarray], state: dict[str, Any]) -> None:
        """Save a checkpoint."""
        ...

    def finish(self) -> str:
        """Wait until everything that was saved is where it belongs.

        Returns:
            What is left for the student to do, in a line; nothing where that is all.
        """
        ...
