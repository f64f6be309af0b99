"""Measure what color hints are worth: PSNR against their number.

A model that takes color hints is compared with Levin's optimization on the same hints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .. import color
from ..arrays import Ab, HintPlanes, LCode
from ..data.splits import Split
from . import baselines
from .comparison import Predictor, measure
from .keyed import Keyed
from .statistics import Estimate, mean_by_person, mean_with_interval

COUNTS = (0, 1, 3, 10, 30, 100)

# PSNR in dB by number of color hints, from the file psnrs_siggraph.npy of Zhang et al. 2017. It is
# the mean over 1,000 pictures of ImageNet. They are not faces, so only its shape compares.
PUBLISHED_PSNR = {
    0: 24.43,
    1: 25.37,
    2: 26.20,
    5: 27.39,
    10: 28.42,
    20: 29.34,
    50: 30.42,
    100: 31.13,
}


class TakesHints(Protocol):
    """A predictor that takes color hints, such as a run."""

    name: str

    def predict(self, L: LCode, hints: HintPlanes) -> Ab:
        """Predict a*, b* of faces from the code of their L and from color hints."""
        ...


class Hinted(baselines.Oracle):
    """A model that gets color hints of the truth.

    For each face they are the hints that `baselines.Levin` spreads.

    Args:
        name: name in tables.
        run: run of a model that takes color hints.
        judged: split whose faces it will be asked for.
        count: color hints for each face, 0 or more.
        seed: seed of their places.
    """

    def __init__(self, name: str, run: TakesHints, judged: Split, count: int, seed: int = 0):
        super().__init__(judged)
        self.name = name
        self.run = run
        self.count = count
        self.seed = seed

    def predict(self, L: LCode) -> Ab:
        """Predict a*, b* of faces of the judged split.

        Raises:
            ValueError: a face is not in that split.
            KitError: the run's model takes no color hints, or isn't trained yet.
        """
        planes = []
        for face, ab in zip(L, self.truth(L), strict=True):
            hints = baselines.oracle_hints(face, ab, self.count, self.seed)
            planes.append(color.hint_planes(hints))
        return self.run.predict(L, np.stack(planes))


@dataclass(frozen=True)
class HintPoint(Keyed):
    """PSNR at one number of color hints.

    Attributes:
        count: number of color hints.
        model: the model's PSNR, dB.
        levin: the PSNR of Levin's optimization, dB; None without a hint, because it needs one.
        ahead: how much higher the model's is, person by person, dB; None without a hint.
    """

    count: int
    model: Estimate
    levin: Estimate | None
    ahead: Estimate | None


def measure_hint_curve(
    run: TakesHints, judged: Split, counts: Sequence[int] = COUNTS, seed: int = 0
) -> list[HintPoint]:
    """Measure the PSNR of the pictures against the number of color hints. Lesson 7.3.

    Args:
        run: run of a model that takes color hints.
        judged: faces to measure on.
        counts: numbers of color hints, in ascending order; 0 is for none.
        seed: seed of their places.

    Returns:
        One result for each count.

    Example:
        >>> curve = measure_hint_curve(run, test.take(50))  # doctest: +SKIP
        >>> curve[1].ahead.value  # doctest: +SKIP
    """
    return [_measure_count(run, judged, count, seed) for count in counts]


def _measure_count(run: TakesHints, judged: Split, count: int, seed: int) -> HintPoint:
    model = _psnr(Hinted(run.name, run, judged, count, seed), judged)
    if count == 0:
        return HintPoint(count, mean_with_interval(model), levin=None, ahead=None)
    levin = _psnr(baselines.Levin(judged, count, seed), judged)
    return HintPoint(
        count,
        mean_with_interval(model),
        mean_with_interval(levin),
        mean_with_interval(model - levin),
    )


def _psnr(predictor: Predictor, judged: Split) -> np.ndarray:
    """Measure the PSNR of each person's pictures, (people,)."""
    by_picture = measure(predictor, judged, ("psnr",))["psnr"]
    return mean_by_person(by_picture, judged.identities)
