"""Measure how well predicted a*, b* match the truth, in CIELAB units.

The functions work per image on NumPy arrays. `keras_metrics` gives two of the same numbers during
training, as means over a pass. `perception` compares the pictures.
"""

from types import ModuleType
from typing import Any

import keras
import numpy as np
from keras import ops

from ..arrays import Ab, PerFace
from ..color import classes
from ..models import losses
from . import statistics
from .statistics import Estimate

FARTHEST = 150  # the last threshold of `auc`
THRESHOLD = 10.0  # about 4 % of the 8-bit range of a* and b*; report, section 3.2
RULES = ("per-channel", "both", "euclidean")
"""Rules of `threshold_accuracy`. Lesson 5.2."""


def mse(pred: Ab, true: Ab) -> PerFace:
    """Compute the mean squared error over pixels and both channels, per image. Lessons 4.7 and 5.5.

    Args:
        pred, true: predicted and true a*, b*.

    Returns:
        One value an image, ab units squared. (The sum over the two channels would be twice that.)

    Raises:
        ValueError: the shapes differ.

    Example:
        >>> mse(np.zeros((1, 2, 2, 2)), np.full((1, 2, 2, 2), 3.0)).tolist()
        [9.0]
    """
    _check_shapes(pred, true)
    squares = ((pred - true) ** 2).reshape(len(pred), -1)  # (N, H * W * 2)
    return squares.mean(1, dtype=np.float64).astype(np.float32)


def threshold_accuracy(pred: Ab, true: Ab, rule: str = "per-channel") -> PerFace:
    """Compute the share of color within 10 units of the truth, per image. Lessons 2.5 and 5.2.

    Args:
        pred, true: predicted and true a*, b*.
        rule: "per-channel" counts a* and b* separately (the report's rule), "both" requires both to
            be within 10, "euclidean" uses their distance (Zhang et al. 2016). An error of (8, 8)
            gives 1, 1 and 0.

    Returns:
        One value an image, 0 to 1.

    Raises:
        ValueError: the shapes differ, or the rule is unknown (the message lists the rules).

    Example:
        >>> threshold_accuracy(np.zeros((1, 2, 2, 2)), np.full((1, 2, 2, 2), 8.0)).tolist()
        [1.0]
    """
    _check_shapes(pred, true)
    within = _within(np.abs(pred - true), rule, np)
    return within.reshape(len(within), -1).mean(1, dtype=np.float32)


def auc(pred: Ab, true: Ab) -> PerFace:
    """Compute Zhang's raw accuracy (Zhang et al. 2016), per image. Lesson 5.2.

    It is the share of pixels within t of the truth, averaged over t = 0, 1, ... 150.

    Args:
        pred, true: predicted and true a*, b*. What counts is their distance in the a*, b* plane.

    Returns:
        One value an image, 0 to 1: the area under the curve of share over threshold. An error of d
        everywhere gives (151 - ceil(d)) / 151.

    Raises:
        ValueError: the shapes differ.

    Example:
        >>> round(auc(np.zeros((1, 2, 2, 2)), np.full((1, 2, 2, 2), 8.0)).item(), 4)
        0.9205
    """
    _check_shapes(pred, true)
    distance = np.sqrt(((pred - true) ** 2).sum(axis=-1))  # (N, H, W)
    # the number of thresholds, of 151, at which each pixel counts
    reached = np.clip(FARTHEST + 1 - np.ceil(distance), 0, None)  # (N, H, W)
    means = reached.reshape(len(reached), -1).mean(1, dtype=np.float64)
    return (means / (FARTHEST + 1)).astype(np.float32)


def rebalanced_auc(pred: Ab, true: Ab, weights: np.ndarray) -> PerFace:
    """Compute Zhang's AuC with rare colors counting more, per image.

    It is `auc` with each pixel weighted by the class of its true color. (The paper's table has
    lambda = 0, which would give a color that no training face shows a weight without limit.
    `classes` has 0.5, like the paper's loss.)

    Args:
        pred, true: predicted and true a*, b*.
        weights: float32 (729,), fitted on the training faces (classes.weights).

    Returns:
        One value an image, 0 to 1. An error of d everywhere gives (151 - ceil(d)) / 151 here, too.

    Raises:
        ValueError: the shapes differ.

    Example:
        >>> pred, true = np.zeros((1, 2, 2, 2)), np.full((1, 2, 2, 2), 8.0)
        >>> round(rebalanced_auc(pred, true, np.ones(729)).item(), 4)
        0.9205
    """
    _check_shapes(pred, true)
    averages = []
    for one, other in zip(pred, true, strict=True):
        pixels = auc(one.reshape(-1, 1, 1, 2), other.reshape(-1, 1, 1, 2))  # each as an image
        own_weights = weights[classes.numbers(other).ravel()]  # (H * W,)
        averages.append(np.average(pixels, weights=own_weights))
    return np.array(averages, np.float32)


def chroma(ab: Ab) -> PerFace:
    """Compute how vivid the colors of each image are. Lessons 6.1, 6.5 and 6.6.

    Args:
        ab: a*, b*.

    Returns:
        Mean distance of the pixels from grey, CIELAB units: 0 is grey. The most vivid color of
        sRGB, a blue, has 133.8.

    Example:
        >>> chroma(np.array([3.0, -4.0]).reshape(1, 1, 1, 2)).tolist()
        [5.0]
    """
    distance = np.hypot(ab[..., 0], ab[..., 1])  # (N, H, W)
    return distance.reshape(len(ab), -1).mean(1, dtype=np.float64).astype(np.float32)


def skill(errors: np.ndarray, reference: np.ndarray) -> float:
    """Compute the share of a reference predictor's error that is avoided. Lesson 5.1.

    Args:
        errors, reference: (N,), mean squared errors of the same faces: the predictor's, and the
            other's (mostly mean color's).

    Returns:
        1 - mean(errors) / mean(reference): 1 is perfect, 0 is no better, below 0 is worse. (The
        mean of each face's own skill would be another number, in which a face of little color
        counts without limit.)

    Example:
        >>> skill([1.0, 3.0], [2.0, 6.0])
        0.5
    """
    return float(1 - np.mean(errors, dtype=np.float64) / np.mean(reference, dtype=np.float64))


def skill_with_interval(errors: np.ndarray, reference: np.ndarray) -> Estimate:
    """Compute a skill and its 95 % interval; each resample takes a face's error and reference.

    Args:
        errors, reference: (N,), mean squared errors of the same faces, as in `skill`.

    Example:
        >>> skill_with_interval([1.0, 2.0], [2.0, 4.0])
        Estimate(value=0.5, low=0.5, high=0.5)
    """
    low, high = statistics.ratio_interval(errors, reference)
    return Estimate(skill(errors, reference), 1 - high, 1 - low)


def _check_shapes(pred: Ab, true: Ab) -> None:
    if pred.shape != true.shape or pred.ndim != 4:
        raise ValueError(
            f"pred {pred.shape} and true {true.shape} must have one shape (N, H, W, 2)"
        )


def _within(error: Any, rule: str, xp: ModuleType) -> Any:
    """Decide which errors count as close.

    Args:
        error: absolute errors, (..., 2), an array or a tensor.
        rule: one of RULES.
        xp: numpy or keras.ops, which share the names used here.

    Returns:
        bool (..., 2) by the rule "per-channel", else (...).
    """
    if rule == "per-channel":
        return error <= THRESHOLD
    if rule == "both":
        return xp.max(error, axis=-1) <= THRESHOLD
    if rule == "euclidean":
        return xp.sum(error**2, axis=-1) <= THRESHOLD**2
    raise ValueError(f"unknown rule {rule!r}; one of {', '.join(RULES)}")


def _accuracy(code: Any, pred: Any) -> Any:
    """Compute the per-channel threshold accuracy of each image, on tensors."""
    within = _within(ops.abs(pred - losses.decode_ab(code)), "per-channel", ops)  # (N, H, W, 2)
    return ops.mean(ops.cast(within, "float32"), axis=(1, 2, 3))


def keras_metrics() -> list[keras.metrics.Metric]:
    """Return fresh Keras metrics `mse` and `accuracy` (per-channel rule).

    They give means over the images of a pass, by the rules of the functions above. Their truth is
    storage code, as batches give it.
    """
    return [
        keras.metrics.MeanMetricWrapper(losses.l2, name="mse"),
        keras.metrics.MeanMetricWrapper(_accuracy, name="accuracy"),
    ]
