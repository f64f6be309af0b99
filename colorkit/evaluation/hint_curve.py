"""What color hints are worth: PSNR against their number, of a model that takes them and of Levin's optimization on the same hints."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from .. import color
from ..data.splits import Split
from . import baselines, comparison, statistics

COUNTS = (0, 1, 3, 10, 30, 100)
# PSNR in dB by hints; Zhang et al. 2017, on 1,000 pictures of ImageNet, by the authors' file psnrs_siggraph.npy: of other pictures than
# faces, so that only its shape compares
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
    """What colors by color hints: a run of such a model."""

    name: str

    def predict(self, L: np.ndarray, hints: np.ndarray) -> np.ndarray:
        """L code, uint8 (N, 112, 112, 1), and hint planes, float32 (N, 112, 112, 3), to a*, b*, float32 (N, 112, 112, 2), CIELAB units."""
        ...


class Hinted(baselines.Oracle):
    """A model that is given hints of the truth: for each face the same ones as `baselines.Levin` spreads.

    Args:
        name: for tables.
        run: of a model that takes hints.
        judged: the split about which it will be asked.
        count: hints for each face, 0 or more.
        seed: of where they are.
    """

    def __init__(self, name: str, run: TakesHints, judged: Split, count: int, seed: int = 0):
        super().__init__(judged)
        self.name, self.run, self.count, self.seed = name, run, count, seed

    def predict(self, L: np.ndarray) -> np.ndarray:
        """uint8 (N, 112, 112, 1), faces of the judged split, to a*, b*, float32 (N, 112, 112, 2), CIELAB units.

        Raises:
            ValueError: a face is not in that split.
            KitError: the run's model takes no hints, or isn't trained yet.
        """
        told = [
            baselines.oracle_hints(face, ab, self.count, self.seed)
            for face, ab in zip(L, self.truth(L), strict=True)
        ]
        return self.run.predict(L, np.stack([color.hint_planes(each) for each in told]))


def measure_hint_curve(
    run: TakesHints, judged: Split, counts: Sequence[int] = COUNTS, seed: int = 0
) -> list[dict[str, Any]]:
    """PSNR of the pictures against the number of hints.

    Args:
        run: of a model that takes hints.
        judged: the faces.
        counts: of hints, in ascending order; 0 is for none.
        seed: of where the hints are.

    Returns:
        Of each count: "count"; "model" and "levin", PSNR in dB; and "ahead", how much the model's is higher, person by person. Each is a
        list of the mean over people and the two ends of its 95 % interval. Levin's optimization needs a hint: without one, "levin" and
        "ahead" are None.
    """

    def psnr(predictor: comparison.Predictor) -> np.ndarray:
        values = comparison.measure(predictor, judged, {"psnr": comparison.MEASURES["psnr"]})[
            "psnr"
        ]
        return comparison.mean_by_person(values, judged.identities)

    rows = []
    for count in counts:
        model = psnr(Hinted(run.name, run, judged, count, seed))
        levin = psnr(baselines.Levin(judged, count, seed)) if count else None
        ahead = None if levin is None else model - levin
        rows.append(
            {"count": count, "model": _mean(model), "levin": _mean(levin), "ahead": _mean(ahead)}
        )
    return rows


def _mean(values: np.ndarray | None) -> list[float] | None:
    """A mean and its interval."""
    return None if values is None else [float(values.mean()), *statistics.bootstrap(values)]
