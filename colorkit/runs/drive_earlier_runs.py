"""Copy to Drive the runs that were trained on this machine before Drive was used."""

import functools
from pathlib import Path
from typing import Any

from ..errors import KitError, first_line
from ..machine import console, environment
from .checkpoints import Store
from .drive_mirror import DriveMirror, open_store
from .journal import START
from .places import Place
from .storage import DamagedError, Disk
from .stored import ASIDE


def adopt(home: Path) -> None:
    """Copy the runs of this machine to a home folder on Drive that doesn't have them yet.

    A run that can't be copied, or whose name another run on Drive has, is named in a line.

    Args:
        home: home folder; nothing happens unless it is on Drive.
    """
    earlier = environment.earlier_home(home)
    if earlier is None:
        return
    for name in Disk().names(earlier / "runs"):
        folder = earlier / "runs" / name
        if name == ASIDE or not folder.is_dir():
            continue
        try:
            _adopt(Store(folder), home / "runs" / name)
        except (OSError, KitError, DamagedError) as bad:
            _say_once(f"{folder} stays on this machine only: {first_line(bad)}")


def _adopt(source: Store, target: Path) -> None:
    """Copy the newest checkpoint of a run, unless the run on Drive has come as far.

    Raises:
        KitError: Drive has another run of this name, or can't be reached.
        DamagedError, OSError: this machine's run can't be read.
    """
    about = source.about()
    mirror = open_store(target)
    if about is None or not isinstance(mirror, DriveMirror):
        return
    place = source.newest()
    if place is None or _has(mirror.local, about, place):
        return
    there = mirror.about()
    if there is None:
        mirror.write_about(about)
    elif there.get("id") != about.get("id"):
        raise KitError(
            f"Drive has another run of this name; to keep both, copy this folder to {target}-2"
        )
    elif (mirror.newest() or START) >= place:
        return
    mirror.local.copy_from(source, place)
    console.say(f"{target.name} was trained here before Drive was used: it is copied to Drive")
    mirror.copier.copy_soon(place)
    mirror.finish()


def _has(store: Store, about: dict[str, Any], place: Place) -> bool:
    """Return whether a store holds this run, at this place or further."""
    return bool(store.places()) and store.about() == about and store.places()[0] >= place


@functools.cache
def _say_once(line: str) -> None:
    """Print a line, the first time that it is given."""
    console.say(line)
