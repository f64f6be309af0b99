"""How vivid a colorizer is, and two ways to make one more so: a temperature for color classes, a factor for everything else."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from .. import color
from ..data.splits import Split
from ..models import unet
from . import fid_kid, metrics, perception
from .comparison import Predictor

VIVID = 0.95  # of the truth's colorfulness: what is asked for on the validation split
TEMPERATURES = (0.05, 5.0)  # between which one is looked for
FACTORS = (0.5, 8.0)
STEPS = 12  # of a bisection


def ratio(ab: np.ndarray, split: Split) -> float:
    """Mean colorfulness as a share of the truth's.

    Args:
        ab: a*, b* predicted for the split's faces, float32 (N, 112, 112, 2), CIELAB units.
        split: has the L that they belong to, and the truth.
    """
    return perception.colorfulness_ratio(
        perception.colorfulness(color.compose(split.L, ab)), perception.colorfulness(split.rgb)
    )


def solve(rising: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Where a rising function has the wanted value, between two ends (on a logarithmic scale); an end if it is beyond."""
    for _ in range(STEPS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low * high) ** 0.5


def temperature(model: keras.Model, split: Split, wanted: float = VIVID) -> float:
    """At which temperature a model with the head "classes" is nearest to the wanted colorfulness, a share of the truth's.

    Args:
        model: of a run.
        split: the validation faces, never those that are judged.
    """
    said = unet.class_logits(model, split.L)
    low, high = TEMPERATURES
    return 1 / solve(
        lambda cold: ratio(unet.decode_classes(model, said, 1 / cold), split),
        wanted,
        1 / high,
        1 / low,
    )


def factor(ab: np.ndarray, split: Split, wanted: float = VIVID) -> float:
    """By how much predicted colors must be multiplied for the wanted colorfulness; arguments as of `ratio`."""
    return solve(lambda times: ratio(times * ab, split), wanted, *FACTORS)


@dataclass(frozen=True)
class Scaled:
    """A colorizer whose output is multiplied: the simple way to more color.

    Attributes:
        name: for tables.
        model: a run or a baseline.
        factor: 1 leaves the colors as they are.
    """

    name: str
    model: Predictor
    factor: float

    def predict(self, L: np.ndarray) -> np.ndarray:
        """L code, uint8 (N, 112, 112, 1), to a*, b*, float32 (N, 112, 112, 2), CIELAB units."""
        return self.factor * self.model.predict(L)


def judge(predictor: Predictor, split: Split) -> dict[str, float]:
    """What is said of a colorizer where error and color are weighed.

    Returns:
        mse; colorfulness, as a share of the truth's; fid and kid, how far its pictures are from the true ones as a set, by
        fid_kid.color_features.
    """
    ab = predictor.predict(split.L)
    pictures, truth = (
        fid_kid.color_features(color.compose(split.L, ab)),
        fid_kid.color_features(split.rgb),
    )
    return {
        "mse": float(metrics.mse(ab, split.ab).mean()),
        "colorfulness": ratio(ab, split),
        "fid": fid_kid.fid(pictures, truth),
        "kid": fid_kid.kid(pictures, truth),
    }
