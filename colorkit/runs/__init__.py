"""Keep what must survive a disconnect: a run, its checkpoints, and their copy on Drive."""

from .home import PassedOver, find, open_all, side_by_side, start
from .run import Run

__all__ = ["PassedOver", "Run", "find", "open_all", "side_by_side", "start"]
