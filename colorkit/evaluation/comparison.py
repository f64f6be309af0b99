"""Measure runs and baselines side by side on one split, with an interval around every number."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from .. import color
from ..arrays import Ab, LCode, Rgb8
from ..color import classes
from ..data.splits import Split
from . import baselines, metrics, perception, statistics
from .keyed import Keyed
from .statistics import Estimate

# pictures that become sRGB at a time: all of DigiFace-1M's test faces would fill the memory
PICTURES_AT_A_TIME = 128


class Predictor(Protocol):
    """What can be evaluated: a run or a baseline."""

    name: str

    def predict(self, L: LCode) -> Ab:
        """Predict a*, b* of faces from the code of their L."""
        ...


class Trained(Predictor, Protocol):
    """What was trained epoch by epoch: a run."""

    @property
    def history(self) -> list[dict[str, float]]:
        """One record an epoch: its number and its metrics by name."""
        ...


class Compared(NamedTuple):
    """Some predicted faces beside the true ones.

    Attributes:
        pred, true: predicted and true a*, b*.
        pictures, truth: the same faces as pictures.
    """

    pred: Ab
    true: Ab
    pictures: Rgb8
    truth: Rgb8


Measure = Callable[[Compared], np.ndarray]  # gives (N,), one value a face


def _mse(faces: Compared) -> np.ndarray:
    return metrics.mse(faces.pred, faces.true)


def _per_channel(faces: Compared) -> np.ndarray:
    return metrics.threshold_accuracy(faces.pred, faces.true, "per-channel")


def _both(faces: Compared) -> np.ndarray:
    return metrics.threshold_accuracy(faces.pred, faces.true, "both")


def _euclidean(faces: Compared) -> np.ndarray:
    return metrics.threshold_accuracy(faces.pred, faces.true, "euclidean")


def _auc(faces: Compared) -> np.ndarray:
    return metrics.auc(faces.pred, faces.true)


def _psnr(faces: Compared) -> np.ndarray:
    return perception.psnr(faces.pictures, faces.truth)


def _ssim(faces: Compared) -> np.ndarray:
    return perception.ssim(faces.pictures, faces.truth)


def _delta_e(faces: Compared) -> np.ndarray:
    return perception.ciede2000(faces.pictures, faces.truth)


def _colorfulness(faces: Compared) -> np.ndarray:
    return perception.colorfulness(faces.pictures)


MEASURES: dict[str, Measure] = {
    "mse": _mse,
    "per-channel": _per_channel,
    "both": _both,
    "euclidean": _euclidean,
    "auc": _auc,
    "psnr": _psnr,
    "ssim": _ssim,
    "delta_e": _delta_e,
    "colorfulness": _colorfulness,
}


def measure(
    predictor: Predictor, split: Split, names: Sequence[str] = tuple(MEASURES)
) -> dict[str, np.ndarray]:
    """Measure a predictor on every face of a split.

    Args:
        predictor: a run or a baseline.
        split: N faces.
        names: keys of MEASURES; all of them by default.

    Returns:
        (N,) for each name, in the measure's own unit (docs/metrics.md).
    """
    return _measure(predictor, split, {name: MEASURES[name] for name in names})


def _measure(
    predictor: Predictor, split: Split, measures: dict[str, Measure]
) -> dict[str, np.ndarray]:
    pred = predictor.predict(split.L)
    parts: dict[str, list[np.ndarray]] = {name: [] for name in measures}
    for start in range(0, len(split), PICTURES_AT_A_TIME):
        chunk = slice(start, start + PICTURES_AT_A_TIME)
        faces = Split(split.lab[chunk], split.identities[chunk])
        pictures = color.compose(faces.L, pred[chunk])
        compared = Compared(pred[chunk], faces.ab, pictures, faces.rgb)
        for name, of in measures.items():
            parts[name].append(of(compared))
    return {name: np.concatenate(values) for name, values in parts.items()}


@dataclass(frozen=True, eq=False)
class Evaluated(Keyed):
    """What was measured of one predictor on one split.

    Attributes:
        name: the predictor's name.
        errors: float64 (people,), the MSE of each person, ab units squared.
        metrics: mean over people by name: each of MEASURES ("colorfulness" as a share of the
            truth's), "rebalanced_auc", and "skill" against mean color. A value is None where it is
            infinite, as the PSNR of equal pictures is.
    """

    name: str
    errors: np.ndarray
    metrics: dict[str, Estimate]

    @property
    def mse(self) -> float:
        """The mean squared error over people, ab units squared."""
        return float(self.errors.mean(dtype=np.float64))

    def to_json(self) -> dict[str, Any]:
        """Return what `evaluate --json` writes: name, errors, each metric's value, intervals."""
        values = {name: estimate.value for name, estimate in self.metrics.items()}
        intervals = {name: [estimate.low, estimate.high] for name, estimate in self.metrics.items()}
        row: dict[str, Any] = {"name": self.name, "errors": self.errors.tolist()}
        return row | values | {"intervals": intervals}


def evaluate(predictors: Iterable[Predictor], train: Split, split: Split) -> list[Evaluated]:
    """Measure predictors on a split, beside the baselines. Lessons 1.5 and 5.1.

    Args:
        predictors: runs, or others with `name` and `predict`.
        train: training faces, on which the baselines are fitted.
        split: faces to measure on; the oracle of one true color knows their truth.

    Returns:
        One result for each, baselines first.

    Example:
        >>> rows = evaluate([run], train, test)  # doctest: +SKIP
        >>> rows[-1].metrics["mse"].value  # doctest: +SKIP
    """
    measures = MEASURES | {"rebalanced_auc": _rebalanced_auc(train)}
    judged = [*baselines.fit_baselines(train, split), *predictors]
    by_person = [_by_person(predictor, split, measures) for predictor in judged]
    names = [predictor.name for predictor in judged]
    reference = by_person[names.index(baselines.MeanColor.name)]["mse"]
    truth = statistics.mean_by_person(perception.colorfulness(split.rgb), split.identities)
    return [
        _evaluated(name, values, reference, truth)
        for name, values in zip(names, by_person, strict=True)
    ]


def _rebalanced_auc(train: Split) -> Measure:
    weights = classes.weights(train.lab)

    def rebalanced_auc(faces: Compared) -> np.ndarray:
        return metrics.rebalanced_auc(faces.pred, faces.true, weights)

    return rebalanced_auc


def _by_person(
    predictor: Predictor, split: Split, measures: dict[str, Measure]
) -> dict[str, np.ndarray]:
    """Measure a predictor, and average the pictures of each person: (people,) for each name."""
    by_picture = _measure(predictor, split, measures)
    return {
        name: statistics.mean_by_person(values, split.identities)
        for name, values in by_picture.items()
    }


def _evaluated(
    name: str, values: dict[str, np.ndarray], reference: np.ndarray, truth: np.ndarray
) -> Evaluated:
    """Turn what was measured of each person into means with intervals.

    Args:
        name: the predictor's name.
        values: (people,) for each measure.
        reference: (people,), the mean color's MSE.
        truth: (people,), the colorfulness of the true pictures.
    """
    estimates = {
        what: _mean(of_people) for what, of_people in values.items() if what != "colorfulness"
    }
    estimates["skill"] = metrics.skill_with_interval(values["mse"], reference)
    colorful = values["colorfulness"]
    estimates["colorfulness"] = Estimate(
        perception.colorfulness_ratio(colorful, truth), *statistics.ratio_interval(colorful, truth)
    )
    return Evaluated(name, values["mse"], estimates)


def _mean(values: np.ndarray) -> Estimate:
    if not np.isfinite(values).all():
        return Estimate(None)
    return statistics.mean_with_interval(values)


def references(train: Split, judged: Split) -> dict[str, float]:
    """Compute the errors that every curve is compared with. Lessons 2, 3 and 4.

    Grey is left out: it is so far above the others that it would press the curves flat. It is in
    every table.

    Args:
        train: training faces, on which the baselines are fitted.
        judged: faces to measure on.

    Returns:
        The MSE of mean color, of mean color given L and of one true color, by name.

    Example:
        >>> references(train, val)["mean color"]  # doctest: +SKIP
    """
    shown = [
        predictor
        for predictor in baselines.fit_baselines(train, judged)
        if predictor.name != baselines.Grey.name
    ]
    return {
        predictor.name: float(metrics.mse(predictor.predict(judged.L), judged.ab).mean())
        for predictor in shown
    }
