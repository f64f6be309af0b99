"""Runs and baselines measured on one split, side by side, with what chance may have done to every figure."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

import numpy as np

from .. import color
from ..color import classes
from ..data.splits import Split
from . import baselines, metrics, perception, statistics

PICTURES_AT_A_TIME = 128  # pictures that become sRGB at once: of all of DigiFace-1M's test faces, in float64, they would fill the memory


class Predictor(Protocol):
    """What can be evaluated: a run, a baseline."""

    name: str

    def predict(self, L: np.ndarray) -> np.ndarray:
        """L code, uint8 (N, 112, 112, 1), to a*, b*, float32 (N, 112, 112, 2), CIELAB units."""
        ...


class Trained(Predictor, Protocol):
    """What was trained epoch by epoch: a run."""

    history: list[dict[str, float]]


class Compared(NamedTuple):
    """Some predicted faces beside the true ones.

    Attributes:
        pred, true: a*, b*, float32 (N, 112, 112, 2), CIELAB units.
        pictures, truth: the same as pictures, uint8 (N, 112, 112, 3), sRGB.
    """

    pred: np.ndarray
    true: np.ndarray
    pictures: np.ndarray
    truth: np.ndarray


MEASURES: dict[str, Callable[[Compared], np.ndarray]] = {  # each gives (N,), one value a face
    "mse": lambda it: metrics.mse(it.pred, it.true),
    **{
        rule: lambda it, rule=rule: metrics.threshold_accuracy(it.pred, it.true, rule)
        for rule in metrics.RULES
    },
    "auc": lambda it: metrics.auc(it.pred, it.true),
    "psnr": lambda it: perception.psnr(it.pictures, it.truth),
    "ssim": lambda it: perception.ssim(it.pictures, it.truth),
    "delta_e": lambda it: perception.ciede2000(it.pictures, it.truth),
    "colorfulness": lambda it: perception.colorfulness(it.pictures),
}


def measure(
    predictor: Predictor,
    split: Split,
    measures: dict[str, Callable[[Compared], np.ndarray]] = MEASURES,
) -> dict[str, np.ndarray]:
    """Measure a predictor on every face of a split.

    Args:
        predictor: a run or a baseline.
        split: N faces.
        measures: what; all of MEASURES if nothing else is said.

    Returns:
        Of each measure (N,), in its own unit (docs/metrics.md).
    """
    pred, parts = predictor.predict(split.L), []
    for start in range(0, len(split), PICTURES_AT_A_TIME):
        chunk = np.s_[start : start + PICTURES_AT_A_TIME]
        faces = Split(split.lab[chunk], split.identities[chunk])
        compared = Compared(pred[chunk], faces.ab, color.compose(faces.L, pred[chunk]), faces.rgb)
        parts.append({name: of(compared) for name, of in measures.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in measures}


def mean_by_person(values: np.ndarray, identities: np.ndarray) -> np.ndarray:
    """The mean of each person's pictures: (N,) and who is shown to (people,), in order of first appearance. Chance draws people."""
    _, first, place = np.unique(identities, return_index=True, return_inverse=True)
    means = np.bincount(place, np.asarray(values, np.float64)) / np.bincount(place)
    return means[np.argsort(first)]


def evaluate(predictors: Iterable[Predictor], train: Split, split: Split) -> list[dict[str, Any]]:
    """Measure the baselines (fitted on `train`), the yardstick of one true color, and the predictors on `split`.

    Returns:
        A row for each, baselines first: name; errors (the MSE of each person, ab units squared); skill (against mean color); the mean of
        each of MEASURES, colorfulness as a share of the truth's; rebalanced_auc; and intervals, of each figure the two ends of its 95 %
        interval. None where a figure is infinite, as the PSNR of equal pictures.
    """
    own = MEASURES | {"rebalanced_auc": _rebalanced_auc(train)}
    truth = mean_by_person(perception.colorfulness(split.rgb), split.identities)
    found = [
        (
            predictor.name,
            {
                name: mean_by_person(values, split.identities)
                for name, values in measure(predictor, split, own).items()
            },
        )
        for predictor in [*baselines.fit_baselines(train, split), *predictors]
    ]
    reference = dict(found)[baselines.MeanColor.name]["mse"]
    return [_row(name, values, reference, truth) for name, values in found]


def _rebalanced_auc(train: Split) -> Callable[[Compared], np.ndarray]:
    weights = classes.weights(train.lab)
    return lambda it: metrics.rebalanced_auc(it.pred, it.true, weights)


def _row(
    name: str, values: dict[str, np.ndarray], reference: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    """A predictor's figures, of what was measured of each person; `reference` is the mean color's MSE, `truth` the true colorfulness."""
    figures = {
        what: (values[what].mean(), *statistics.bootstrap(values[what]))
        if np.isfinite(values[what]).all()
        else (None, None, None)
        for what in values
        if what != "colorfulness"
    }
    figures["skill"] = (
        metrics.skill(values["mse"], reference),
        *statistics.skill_with_interval(values["mse"], reference),
    )
    vivid = perception.colorfulness_ratio(values["colorfulness"], truth)
    figures["colorfulness"] = (
        vivid,
        *statistics.ratio_with_interval(values["colorfulness"], truth),
    )
    return {
        "name": name,
        "errors": values["mse"].tolist(),
        **{what: None if value is None else float(value) for what, (value, *_) in figures.items()},
        "intervals": {what: ends for what, (_, *ends) in figures.items()},
    }


def references(train: Split, judged: Split) -> dict[str, float]:
    """What every curve is held against: the MSE on `judged` of mean color, mean color given L and one true color, by name.

    (Grey is left out: so far above the others, it would press the curves flat. It is in every table.)
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
