"""Keep what must survive a disconnect: a run, its checkpoints, and their copy on Drive."""

from .home import find, side_by_side, start
from .run import Run

__all__ = ["Run", "find", "side_by_side", "start"]
