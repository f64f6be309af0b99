"""Cut an epoch into segments, and combine their metrics into those of the epoch.

A run can be saved between two segments. They are cut by batches and not by time, so that an
epoch's metrics don't depend on when it was saved or interrupted.
"""

from typing import NamedTuple

# Batches in a segment: a few seconds on a GPU, far more than starting a segment costs.
BATCHES = 100


class Segment(NamedTuple):
    """Batches `start` to `stop` of an epoch, and whose turn it is."""

    turn: str
    start: int
    stop: int


class Result(NamedTuple):
    """What one learner did in a segment.

    Attributes:
        turn: whose turn it was.
        faces: number of faces it saw.
        metrics: mean of each metric over those faces.
    """

    turn: str
    faces: int
    metrics: dict[str, float]


def cut_segments(turn: str, batches: int) -> list[Segment]:
    """Cut one pass over this many batches into segments."""
    starts = range(0, batches, BATCHES)
    return [Segment(turn, start, min(start + BATCHES, batches)) for start in starts]


def mean_results(results: list[Result], turn: str) -> dict[str, float]:
    """Average the metrics of a turn over all its faces; return an empty dict if it had none."""
    own = [result for result in results if result.turn == turn]
    if not own:
        return {}
    if len(own) == 1:  # exact to the last bit
        return own[0].metrics
    faces = sum(result.faces for result in own)
    means = {}
    for name in own[0].metrics:
        means[name] = sum(result.metrics[name] * result.faces for result in own) / faces
    return means
