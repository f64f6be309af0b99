"""Decide when a difference is more than chance.

There is the chance of which faces were measured, and the chance of the training.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from colorkit import evaluation


class Difference(NamedTuple):
    """The difference of two conditions.

    Attributes:
        mean: mean over seeds and faces of the first minus the second.
        faces: ends of its 95 % interval if other faces had been measured (bootstrap over faces; the
            runs stay).
        seeds: ends of its 95 % interval if other seeds had been trained (Student's t over the
            seeds; the faces stay). None where there is only one seed.
    """

    mean: float
    faces: tuple[float, float] | None
    seeds: tuple[float, float] | None

    @property
    def said(self) -> str:
        """What may be said: "lower" or "higher" where no interval holds 0, else "cannot tell".

        A single seed can't tell.
        """
        if self.seeds is None:
            return "cannot tell"
        ends = [*self.seeds, *(self.faces or ())]
        if max(ends) < 0:
            return "lower"
        if min(ends) > 0:
            return "higher"
        return "cannot tell"

    def __str__(self) -> str:
        parts = [f"{name} {low:+.2f} to {high:+.2f}" for name, (low, high) in self._named()]
        return f"{self.mean:+.2f} ({'; '.join(parts)})"

    def _named(self) -> list[tuple[str, tuple[float, float]]]:
        """Return the intervals that there are, with their names."""
        both = (("faces", self.faces), ("seeds", self.seeds))
        return [(name, ends) for name, ends in both if ends]


def over_seeds(values: list[float] | np.ndarray) -> tuple[float, float] | None:
    """Compute the 95 % interval of a mean over seeds, by Student's t; None for a single seed."""
    values = np.asarray(values, np.float64)
    if len(values) < 2:
        return None
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def by_face(one: np.ndarray, other: np.ndarray) -> Difference:
    """Compare two conditions measured on the same faces: (seeds, faces) each."""
    change = np.asarray(one, np.float64) - np.asarray(other, np.float64)
    return Difference(
        float(change.mean()),
        evaluation.bootstrap(change.mean(axis=0)),
        over_seeds(change.mean(axis=1)),
    )


def by_run(one: np.ndarray, other: np.ndarray) -> Difference:
    """Compare two conditions in a value that a whole run has: (seeds,) each."""
    change = np.asarray(one, np.float64) - np.asarray(other, np.float64)
    return Difference(float(change.mean()), None, over_seeds(change))
