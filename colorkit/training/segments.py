"""Legs: the parts of an epoch between which a run can be saved, and how their figures become those of the epoch.

Legs are cut by batches and not by time, so that an epoch's figures don't depend on when it was saved or interrupted.
"""

from typing import NamedTuple

BATCHES = 100  # a leg: seconds on a GPU, and far more than it costs to start one


class Segment(NamedTuple):
    """Batches `start` to `stop` of an epoch, and whose turn it is."""

    turn: str
    start: int
    stop: int


class Result(NamedTuple):
    """What one learner of a leg gave: its turn, how many faces it saw, and the means of its figures over them."""

    turn: str
    faces: int
    figures: dict[str, float]


def cut_segments(turn: str, batches: int) -> list[Segment]:
    """The legs of one pass over so many batches."""
    return [
        Segment(turn, start, min(start + BATCHES, batches)) for start in range(0, batches, BATCHES)
    ]


def mean_results(results: list[Result], turn: str) -> dict[str, float]:
    """The figures of a turn, over all its faces; empty when it had none."""
    own = [result for result in results if result.turn == turn]
    if len(own) == 1:
        return own[0].figures
    faces = sum(result.faces for result in own)
    return {
        name: sum(result.figures[name] * result.faces for result in own) / faces
        for name in (own[0].figures if own else ())
    }
