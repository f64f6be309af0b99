"""Start a run in a home folder, find the runs that are there, and tell them apart."""

import os
import uuid
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import NamedTuple

from .. import files
from ..errors import KitError, first_line, unwritable
from ..machine import console, drive
from ..training import run_config
from .drive_earlier_runs import adopt
from .drive_mirror import open_store
from .run import Run
from .run_store import RunStore
from .storage import Disk
from .stored import ASIDE, reading


class PassedOver(NamedTuple):
    """A folder that was named and isn't used.

    Attributes:
        reason: a line that names it and says why.
        failed: whether a run that was asked for is missing now; False where a pattern such as
            runs/* has met something else.
    """

    reason: str
    failed: bool


def start(
    config: run_config.Config,
    profile_name: str,
    home: Path,
    folder: Path | None = None,
    fresh: bool = False,
) -> Run:
    """Open the run of this config, or make it. Lessons 2.5, 2.6 and 3.3.

    Args:
        config: everything that decides the result.
        profile_name: name of the profile, for the folder's name.
        home: home folder; the run goes to home/runs/<model>-<profile>-<digest of the config>.
        folder: another folder for the run.
        fresh: whether to start over; a run that is there is kept in `aside/` beside it.

    Raises:
        KitError: `folder` holds a run of another config; the message names the fields that differ.
            Or it can't be written, or with `fresh` another process trains its run.

    Example:
        >>> run = start(config, "demo", home)  # doctest: +SKIP
        >>> history = run.train(train, val, epochs=5)  # doctest: +SKIP
    """
    if folder is None:
        adopt(home)
        folder = home / "runs" / f"{config.model}-{profile_name}-{config.digest}"
    with reading(folder):
        store = open_store(folder)
        begun = store.exists()
    if begun and fresh:
        _set_aside(store)
        begun = False
    if not begun:
        _make(store, config)
    run = Run(folder, store)
    if run.config != config:
        differences = run_config.differences(run.config, config)
        raise KitError(
            f"{folder} holds another run ({differences}): "
            "give another --run, its own settings, or --fresh"
        )
    return run


def _set_aside(store: RunStore) -> None:
    """Keep the run that is there in `aside/`, unless somebody trains it right now."""
    try:
        with store.reserved():
            console.say(f"the run that was here is kept in {store.set_aside()}")
    except OSError as bad:
        raise unwritable(store.folder, bad) from None


def _make(store: RunStore, config: run_config.Config) -> None:
    """Make a run of this config, which nobody has trained yet."""
    try:
        store.write_about({"id": uuid.uuid4().hex, "config": config.to_json()})
    except OSError as bad:
        raise unwritable(store.folder, bad, "run again, or give another --run") from None


def find(home: Path) -> list[Run]:
    """Find all runs under `home` that finished at least one epoch. Lessons 4.7 and 7.6.

    A run that can't be opened is named in a line on stderr, and the others are found all the same.

    Returns:
        The runs, sorted by folder. Those on the same data have distinct names.

    Raises:
        KitError: `home` is on Drive, and Drive is gone.

    Example:
        >>> [run.name for run in find(home)]  # doctest: +SKIP
        ['cnn', 'cnn, head=conv']
    """
    drive.require_sight(home)
    adopt(home)
    try:
        names = Disk().names(home / "runs")
    except OSError as bad:  # globbing would take this for an empty folder
        raise KitError(f"{home} can't be read ({first_line(bad)}): run this again") from None
    found, passed_over = open_all(home / "runs" / name for name in names if name != ASIDE)
    drive.require_sight(home)  # gone meanwhile, it would make the runs look damaged
    console.complain(*(each.reason for each in passed_over if each.failed))
    return side_by_side(found)


def open_all(folders: Iterable[Path], build: bool = False) -> tuple[list[Run], list[PassedOver]]:
    """Open the runs among some folders and files; each run once, whatever leads to it.

    Args:
        folders: paths of folders and files.
        build: whether to build the networks, too, so that nothing is left that could fail.

    Returns:
        The runs that finished at least one epoch, and what is passed over.
    """
    found: list[Run] = []
    passed_over = []
    seen: set[Hashable] = set()
    for folder in folders:
        place = files.identity(folder)
        if place in seen:
            passed_over.append(PassedOver(f"{folder} is named twice: it counts once", False))
            continue
        seen.add(place)
        try:
            run = _open(folder, build)
        except KitError as bad:
            passed_over.append(PassedOver(str(bad), _is_missed(folder)))
            continue
        if run.epochs_done:
            found.append(run)
        else:
            reason = f"{folder} is passed over: it has no finished epoch yet"
            passed_over.append(PassedOver(reason, False))
    return found, passed_over


def _open(folder: Path, build: bool) -> Run:
    """Open a run, and build its networks if it has any to predict with."""
    run = Run(folder)
    if build and run.epochs_done:
        try:
            run.model  # noqa: B018  (asking for it builds it)
        except KitError as bad:
            raise KitError(f"{folder}: {bad}") from None
    return run


def _is_missed(folder: Path) -> bool:
    """Tell whether what can't be opened is a run, or is not there at all."""
    try:
        return not os.path.lexists(folder) or open_store(folder).exists()
    except (OSError, KitError):  # whether it is one can't be known
        return True


def side_by_side(runs: Iterable[Run]) -> list[Run]:
    """Return the runs with names that tell them apart, as far as they are on the same data."""
    given = list(runs)
    names = run_config.names([(run.folder.name, run.used_config) for run in given])
    return [run.renamed(name) for run, name in zip(given, names, strict=True)]
