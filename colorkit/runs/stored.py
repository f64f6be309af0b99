"""Read what a run has stored, and refuse what is no run, is damaged, or is of another run."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import KitError, first_line, remedy
from ..models.fields import UnknownFieldError
from ..training import run_config
from .checkpoints import LOOKS
from .journal import Journal
from .places import Place
from .run_folder import ABOUT
from .run_store import RunStore
from .storage import DamagedError
from .trained_on import TrainedOn

AGAIN = "run this again when no other process trains it"
ASIDE = "aside"  # the folder beside runs that keeps those that were started over


@contextlib.contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Turn an OSError in reading a run's folder into a KitError."""
    try:
        yield
    except OSError as bad:
        raise KitError(
            f"{folder} can't be read ({first_line(bad)}): {remedy(bad)} and run again"
        ) from None


def read_config(store: RunStore) -> run_config.Config:
    """Read the config of the run in a store.

    Raises:
        KitError: there is no run, or its config can't be read.
    """
    try:
        about = store.about()
        if about is None:
            raise KitError(_no_run(store.folder))
        return run_config.Config.from_json(about["config"])
    except UnknownFieldError as bad:
        raise _newer(store.folder / ABOUT, bad) from None
    except (ValueError, KeyError, TypeError, AttributeError) as bad:
        path = store.folder / ABOUT
        raise KitError(
            f"{path} can't be read ({first_line(bad)}): move the run away and train it again"
        ) from None


def _no_run(folder: Path) -> str:
    """Say that there is no run, and what to do about it."""
    try:
        inside = sorted(os.listdir(folder))
    except OSError:  # there is no such folder
        inside = []
    if any((folder / name / ABOUT).exists() for name in inside):
        return f"no run in {folder}, but in folders in it: name one of these, or {folder}/*"
    if inside or folder.name == ASIDE:
        return f"no run in {folder}: name a folder that `train` made, which holds {ABOUT}"
    return f"no run in {folder}: train one with `python -m colorkit train cnn --run {folder}`"


def _newer(path: Path, bad: UnknownFieldError) -> KitError:
    """Return the error for what holds more than this version of the kit knows."""
    return KitError(f"{path}: a newer version of the kit made it ({bad}): get the newer kit")


def read_newest(store: RunStore, config: run_config.Config) -> tuple[Journal, TrainedOn | None]:
    """Read the state of the newest checkpoint; an empty journal and None where there is none.

    Raises:
        KitError: see `read_state`; or another process replaces the checkpoints all the time.
    """
    for _ in range(LOOKS):
        place = store.newest()
        if place is None:
            return Journal(), None
        with contextlib.suppress(DamagedError):  # another process trains the run
            return read_state(store, place, config)
    raise KitError(f"{store.folder} changes while it is read: {AGAIN}")


def read_values(
    store: RunStore, config: run_config.Config, journal: Journal, trained_on: TrainedOn | None
) -> tuple[Journal, TrainedOn | None, dict[str, np.ndarray]]:
    """Read the values of a checkpoint, or of a newer one that has taken its place meanwhile.

    Returns:
        The journal, whom it was trained on, and the values by name, all of one checkpoint.

    Raises:
        KitError: see `read_newest`.
    """
    for _ in range(LOOKS):
        try:
            return journal, trained_on, store.load(journal.place).arrays
        except DamagedError:  # another process trains the run
            journal, trained_on = read_newest(store, config)
    raise KitError(f"{store.folder} changes while it is read: {AGAIN}")


def read_state(
    store: RunStore, place: Place, config: run_config.Config
) -> tuple[Journal, TrainedOn | None]:
    """Read the state of a checkpoint.

    Args:
        store: store of the run.
        place: place of the checkpoint.
        config: the run's own config.

    Returns:
        Its journal, and whom it was trained on; None in runs of older versions.

    Raises:
        KitError: another version of the kit made it, or it is of another run.
        DamagedError: it is not there any more.
    """
    state: dict[str, Any] = store.state(place)
    checkpoint = store.folder / place.name
    try:
        saved = run_config.Config.from_json(state["config"])
        journal = Journal.from_json(state["journal"])
        known = "trained_on" in state
        trained_on = TrainedOn.from_json(state["trained_on"]) if known else None
    except UnknownFieldError as bad:
        raise _newer(checkpoint, bad) from None
    except (ValueError, KeyError, TypeError, AttributeError) as bad:
        raise KitError(
            f"{checkpoint} can't be understood ({first_line(bad)}): "
            "another version of the kit made it"
        ) from None
    if saved != config:
        differences = run_config.differences(saved, config)
        raise KitError(f"{checkpoint} belongs to another run than {ABOUT} ({differences})")
    return journal, trained_on
