"""What survives a disconnect: a run, its checkpoints, and their copy on Drive."""

from .run import Run, find, side_by_side, start

__all__ = ["Run", "find", "side_by_side", "start"]
