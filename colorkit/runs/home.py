"""Start a run in a home folder, find the runs that are there, and tell them apart."""

import uuid
from collections.abc import Iterable
from pathlib import Path

from ..errors import KitError, first_line
from ..machine import drive
from ..training import run_config
from .drive_mirror import open_store
from .run import Run
from .storage import Disk


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

    Example:
        >>> run = start(config, "demo", home)  # doctest: +SKIP
        >>> history = run.train(train, val, epochs=5)  # doctest: +SKIP
    """
    if folder is None:
        folder = home / "runs" / f"{config.model}-{profile_name}-{config.digest}"
    store = open_store(folder)
    begun = store.exists()
    if begun and fresh:
        print(f"the run that was here is kept in {store.set_aside()}")
        begun = False
    if not begun:
        store.write_about({"id": uuid.uuid4().hex, "config": config.to_json()})
    run = Run(folder, store)
    if run.config != config:
        differences = run_config.differences(run.config, config)
        raise KitError(
            f"{folder} holds another run ({differences}): "
            "give another --run, its own settings, or --fresh"
        )
    return run


def find(home: Path) -> list[Run]:
    """Find all runs under `home` that finished at least one epoch. Lessons 4.7 and 7.6.

    Returns:
        The runs, sorted by folder. Those on the same data have distinct names.

    Raises:
        KitError: `home` is on Drive, and Drive is gone.

    Example:
        >>> [run.name for run in find(home)]  # doctest: +SKIP
        ['cnn', 'cnn, head=conv']
    """
    drive.require_sight(home)
    try:
        names = Disk().names(home / "runs")
    except OSError as bad:  # globbing would take this for an empty folder
        raise KitError(f"{home} can't be read ({first_line(bad)}): run this again") from None
    found = []
    for name in names:
        folder = home / "runs" / name
        store = open_store(folder)
        if store.exists():
            found.append(Run(folder, store))
    return side_by_side(run for run in found if run.epochs_done)


def side_by_side(runs: Iterable[Run]) -> list[Run]:
    """Return the runs with names that tell them apart, as far as they are on the same data."""
    given = list(runs)
    names = run_config.names([(run.folder.name, run.config) for run in given])
    return [run.renamed(name) for run, name in zip(given, names, strict=True)]
