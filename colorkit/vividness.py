"""How colorful predictions are beside the truth, and at which temperature a model with color classes is as colorful as is wanted."""

from collections.abc import Callable

import keras
import numpy as np

from . import color, perception, unet
from .splits import Split

VIVID = 0.95  # of the truth's colorfulness: what the kit aims at on the validation split
STEPS = 12  # of a bisection
TEMPERATURES = (0.05, 5.0)  # between which one is looked for


def vividness(ab: np.ndarray, split: Split) -> float:
    """Mean colorfulness of predictions, float (N, 112, 112, 2) in CIELAB units, as a share of the truth's."""
    return perception.colorfulness_ratio(perception.colorfulness(color.compose(split.L, ab)), perception.colorfulness(split.rgb))


def solve(rising: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Where a rising function has the wanted value, between two ends (on a logarithmic scale); an end if it is beyond."""
    for _ in range(STEPS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low * high) ** 0.5


def temperature(model: keras.Model, wanted: float, val: Split) -> float:
    """At which temperature a model with the head "classes" comes nearest to a share of the truth's colorfulness on the validation split."""
    said, (low, high) = unet.logits(model, val.L), TEMPERATURES
    return 1 / solve(lambda cold: vividness(unet.decode(model, said, 1 / cold), val), wanted, 1 / high, 1 / low)
