"""Say how far a run came; a checkpoint has its name from that."""

import re
from typing import Any, NamedTuple

NAME = re.compile(r"ckpt-(\d{5,})-(\d{3,})")

# How Drive names a second folder that it was given of one name
DUPLICATE = re.compile(rf"({NAME.pattern}) \(\d+\)")


class Place(NamedTuple):
    """How far a run came: the epochs done, and the segments done of the epoch after them."""

    epochs: int
    segments: int = 0

    @property
    def name(self) -> str:
        """The folder name of its checkpoint."""
        return f"ckpt-{self.epochs:05d}-{self.segments:03d}"


def place_of(name: str) -> Place | None:
    """Read a place from the folder name of its checkpoint; return None for another name."""
    match = NAME.fullmatch(name)
    return Place(int(match[1]), int(match[2])) if match else None


def place_of_duplicate(name: str) -> Place | None:
    """Read a place from the name of a second folder of it on Drive; None for another name."""
    match = DUPLICATE.fullmatch(name)
    return place_of(match[1]) if match else None


def place_told_by(state: Any) -> Place | None:
    """Read a place from the state that a checkpoint stores; return None where it tells none."""
    try:
        journal = state["journal"]
        return Place(len(journal["history"]), journal["legs"])
    except (KeyError, TypeError):
        return None
