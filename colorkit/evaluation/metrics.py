"""How well predicted a*, b* match the truth, in CIELAB units (`perception` compares the pictures). The functions work per image on NumPy
arrays; `keras_metrics` gives two of the same numbers during training, as means over a pass.
"""

import keras
import numpy as np
from keras import ops

from ..color import classes
from ..models import losses

FARTHEST = 150  # the last threshold of `auc`
THRESHOLD = 10.0  # about 4 % of the 8-bit range of a* and b*; report, section 3.2
RULES = ("per-channel", "both", "euclidean")


def mse(pred: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Mean squared error over pixels and both channels, per image.

    Args:
        pred, true: a*, b* planes, float32 (N, H, W, 2), CIELAB units.

    Returns:
        float32 (N,), ab units squared. (The sum over the two channels would be twice as much.)

    Raises:
        ValueError: shapes differ.
    """
    _same_shape(pred, true)
    return ((pred - true) ** 2).reshape(len(pred), -1).mean(1, dtype=np.float64).astype(np.float32)


def threshold_accuracy(pred: np.ndarray, true: np.ndarray, rule: str = "per-channel") -> np.ndarray:
    """Share of color within 10 CIELAB units of the truth, per image.

    Args:
        pred, true: a*, b* planes, float32 (N, H, W, 2), CIELAB units.
        rule: "per-channel" counts a* and b* by themselves (the report's rule), "both" wants both within,
            "euclidean" their distance (Zhang et al. 2016). For an error of (8, 8): 1, 1 and 0.

    Returns:
        float32 (N,), 0 to 1.

    Raises:
        ValueError: shapes differ, or the rule is unknown (the message lists the rules).
    """
    _same_shape(pred, true)
    within = _within(np.abs(pred - true), rule, np)
    return within.reshape(len(within), -1).mean(1, dtype=np.float32)


def auc(pred: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Zhang's raw accuracy (Zhang et al. 2016): the share of pixels within t of the truth, the mean over t = 0, 1, ... 150; per image.

    Args:
        pred, true: a*, b* planes, float32 (N, H, W, 2), CIELAB units. What is within t is their distance in the a*, b* plane.

    Returns:
        float32 (N,), 0 to 1: the area under the curve of share over threshold. An error of d everywhere gives (151 - ceil(d)) / 151.

    Raises:
        ValueError: shapes differ.
    """
    _same_shape(pred, true)
    distance = np.sqrt(((pred - true) ** 2).sum(axis=-1))  # (N, H, W)
    reached = np.clip(
        FARTHEST + 1 - np.ceil(distance), 0, None
    )  # thresholds, of 151, at which a pixel counts
    return (reached.reshape(len(reached), -1).mean(1, dtype=np.float64) / (FARTHEST + 1)).astype(
        np.float32
    )


def rebalanced_auc(pred: np.ndarray, true: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Zhang's AuC with rare colors counting more: as `auc`, but each pixel weighs what its true color's class does; per image.

    Args:
        pred, true: a*, b* planes, float32 (N, H, W, 2), CIELAB units.
        weights: float32 (729,), fitted on the training faces (classes.weights).

    Returns:
        float32 (N,), 0 to 1. An error of d everywhere gives (151 - ceil(d)) / 151 here too. (The paper's table has lambda = 0,
        by which a color that no training face shows would weigh without limit; `classes` has 0.5, as the paper's loss.)

    Raises:
        ValueError: shapes differ.
    """
    _same_shape(pred, true)
    averages = []
    for one, other in zip(pred, true, strict=True):
        pixels = auc(one.reshape(-1, 1, 1, 2), other.reshape(-1, 1, 1, 2))  # each as an image
        averages.append(np.average(pixels, weights=weights[classes.numbers(other).ravel()]))
    return np.array(averages, np.float32)


def chroma(ab: np.ndarray) -> np.ndarray:
    """How vivid the colors of each image are: the mean distance of its pixels from grey.

    Args:
        ab: a*, b* planes, float32 (N, H, W, 2), CIELAB units.

    Returns:
        float32 (N,), CIELAB units; 0 is grey, and the most vivid color of sRGB, a blue, has 133.8.
    """
    return (
        np.hypot(ab[..., 0], ab[..., 1])
        .reshape(len(ab), -1)
        .mean(1, dtype=np.float64)
        .astype(np.float32)
    )


def skill(errors: np.ndarray, reference: np.ndarray) -> float:
    """What a predictor is better by than another, as a share of the other's error: 1 is perfect, 0 no better, below 0 worse.

    Args:
        errors, reference: (N,), mean squared errors of the same faces, the predictor's and (mean color's, mostly) the other's.

    Returns:
        1 - mean(errors) / mean(reference). (Not the mean of each face's own skill, in which a face of little color counts without limit.)
    """
    return float(1 - np.mean(errors, dtype=np.float64) / np.mean(reference, dtype=np.float64))


def _same_shape(pred: np.ndarray, true: np.ndarray) -> None:
    if pred.shape != true.shape or pred.ndim != 4:
        raise ValueError(
            f"pred {pred.shape} and true {true.shape} must have one shape (N, H, W, 2)"
        )


def _within(error, rule: str, xp):
    """Which errors count as close. `error`: absolute, (..., 2); `xp`: numpy or keras.ops, which share these names."""
    if rule == "per-channel":
        return error <= THRESHOLD  # (..., 2)
    if rule == "both":
        return xp.max(error, axis=-1) <= THRESHOLD  # (...)
    if rule == "euclidean":
        return xp.sum(error**2, axis=-1) <= THRESHOLD**2  # (...)
    raise ValueError(f"unknown rule {rule!r}; one of {', '.join(RULES)}")


def _accuracy(code, pred):
    within = _within(ops.abs(pred - losses.decode_ab(code)), "per-channel", ops)
    return ops.mean(ops.cast(within, "float32"), axis=(1, 2, 3))


def keras_metrics() -> list[keras.metrics.Metric]:
    """Fresh Keras metrics `mse` and `accuracy` (per-channel rule): means over the images of a pass, as in the functions above.

    Their truth is storage code, as batches give it.
    """
    return [
        keras.metrics.MeanMetricWrapper(losses.l2, name="mse"),
        keras.metrics.MeanMetricWrapper(_accuracy, name="accuracy"),
    ]
