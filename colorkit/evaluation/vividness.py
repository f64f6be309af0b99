"""Measure how vivid a colorizer is, and make it more so.

There are two ways to more color: a temperature for color classes, a factor for everything else.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras

from .. import color
from ..arrays import Ab, LCode
from ..data.splits import Split
from ..models import unet
from . import fid_kid, metrics, perception
from .comparison import Predictor

# target colorfulness on the validation split, as a share of the truth's
VIVID = 0.95
TEMPERATURES = (0.05, 5.0)  # lowest and highest that are tried
FACTORS = (0.5, 8.0)
STEPS = 12  # of a bisection


def ratio(ab: Ab, split: Split) -> float:
    """Compute mean colorfulness as a share of the truth's. Lessons 6.5 and 6.7.

    Args:
        ab: a*, b* predicted for the split's faces.
        split: faces, with the L that the colors belong to and the truth.

    Example:
        >>> ratio(run.predict(val.L), val)  # doctest: +SKIP
    """
    pictures = color.compose(split.L, ab)
    return perception.colorfulness_ratio(
        perception.colorfulness(pictures), perception.colorfulness(split.rgb)
    )


def solve(rising: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Find where a rising function reaches a target, by bisection on a logarithmic scale.

    Args:
        rising: the function.
        target: value to reach.
        low, high: ends to search between; the nearer end is the answer where the target is beyond.

    Example:
        >>> round(solve(lambda x: x**2, 9, 0.5, 8), 2)
        3.0
    """
    for _ in range(STEPS):
        middle = (low * high) ** 0.5
        if rising(middle) < target:
            low = middle
        else:
            high = middle
    return (low * high) ** 0.5


def temperature(model: keras.Model, split: Split, wanted: float = VIVID) -> float:
    """Find the temperature at which a classifier of colors is as vivid as wanted. Lesson 6.6.

    Args:
        model: model of a run with the head "classes".
        split: validation faces, never those that are judged.
        wanted: target colorfulness, as a share of the truth's.

    Example:
        >>> temperature(run.model, val)  # doctest: +SKIP
    """
    logits = unet.class_logits(model, split.L)

    def ratio_at(inverse: float) -> float:
        return ratio(unet.decode_classes(model, logits, 1 / inverse), split)

    # colorfulness falls with the temperature, so it rises with its inverse
    lowest, highest = TEMPERATURES
    return 1 / solve(ratio_at, wanted, 1 / highest, 1 / lowest)


def factor(ab: Ab, split: Split, wanted: float = VIVID) -> float:
    """Find the factor by which predicted colors become as vivid as wanted. Lesson 6.7.

    Args:
        ab: a*, b* predicted for the split's faces.
        split: validation faces, never those that are judged.
        wanted: target colorfulness, as a share of the truth's.

    Example:
        >>> factor(run.predict(val.L), val)  # doctest: +SKIP
    """

    def ratio_at(times: float) -> float:
        return ratio(times * ab, split)

    return solve(ratio_at, wanted, *FACTORS)


@dataclass(frozen=True)
class Scaled:
    """A colorizer whose output is multiplied: the simple way to more color. Lesson 6.7.

    Attributes:
        name: name in tables.
        model: a run or a baseline.
        factor: 1 leaves the colors as they are.

    Example:
        >>> Scaled("L2, twice", run, 2.0).predict(val.L)  # doctest: +SKIP
    """

    name: str
    model: Predictor
    factor: float

    def predict(self, L: LCode) -> Ab:
        """Predict a*, b* of faces from the code of their L."""
        return self.factor * self.model.predict(L)


def judge(predictor: Predictor, split: Split) -> dict[str, float]:
    """Measure what counts where error and color are weighed. Lesson 6.9.

    Args:
        predictor: a run or a baseline.
        split: faces to measure on.

    Returns:
        mse; colorfulness, as a share of the truth's; fid and kid, how far its pictures are from the
        true ones as a set, by fid_kid.color_features.

    Example:
        >>> judge(run, test)["colorfulness"]  # doctest: +SKIP
    """
    ab = predictor.predict(split.L)
    features = fid_kid.color_features(color.compose(split.L, ab))
    true_features = fid_kid.color_features(split.rgb)
    return {
        "mse": float(metrics.mse(ab, split.ab).mean()),
        "colorfulness": ratio(ab, split),
        "fid": fid_kid.fid(features, true_features),
        "kid": fid_kid.kid(features, true_features),
    }
