"""The exercises of lesson 6."""

import numpy as np

from ..color import classes
from ..models import losses
from ..training import averaging
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(6)
CENTERS = np.float32([[0, 0], [10, 0], [0, 10], [10, 10], [20, 0], [30, 40], [-20, 10], [0, -10]])
ONE = np.float32([[3, 1]])
COLORS = STREAM.uniform(-15, 25, (2, 3, 2)).astype(np.float32)
LOGITS = STREAM.normal(0, 2, (2, 3, 8)).astype(np.float32)
SURE = np.float32([[1000, 990, 0, 0, 0, 0, 0, -1000]])  # as 100 would be at a temperature of 0.1
RARE = np.array([0.9, 0.09, 0.01])
MANY = STREAM.dirichlet(np.ones(12))
OLD = [
    STREAM.normal(0, 1, shape).astype(np.float32) for shape in ((3, 4), (4,), (4, 2))
]  # a small network's weights
NEW = [STREAM.normal(0, 2, part.shape).astype(np.float32) for part in OLD]


def _squared(ab, centers) -> np.ndarray:
    return ((ab[..., None, :] - centers) ** 2).sum(axis=-1)


def _shared(ab, centers, near, count=losses.NEAREST) -> np.ndarray:
    """A rule for squared distances, for the nearest so many centers, made to sum to 1."""
    squared = _squared(ab, centers)
    kept = np.where(squared <= np.sort(squared, axis=-1)[..., [count - 1]], near(squared), 0)
    return kept / kept.sum(axis=-1, keepdims=True)


def _gaussian(squared) -> np.ndarray:
    return np.exp(-squared / (2 * classes.SIGMA**2))


def _not_normalized(ab, centers) -> np.ndarray:
    squared = _squared(ab, centers)
    return np.where(
        squared <= np.sort(squared, axis=-1)[..., [losses.NEAREST - 1]], _gaussian(squared), 0
    )


def _mixed(probable, uniform) -> np.ndarray:
    return (1 - uniform) * probable + uniform / len(probable)


def _over_pixels(weights, probable) -> np.ndarray:
    return weights / (probable @ weights)


def _softmax(logits) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


EXERCISES = (
    Exercise(
        "6.1",
        "soft encoding",
        losses.soft_encode,
        ((ONE, CENTERS), (COLORS, CENTERS)),
        (
            "First the squared distance of every color from every center: `ab[..., None, :] - centers` has the shape (..., K, 2); square "
            "it, and sum over the last axis. Then the Gaussian, then 0 for all but the five nearest, and at last divide by the sum.",
            "With the squared distances in `squared`: `fifth = np.sort(squared, axis=-1)[..., 4:5]`, `near = np.where(squared <= fifth, "
            "np.exp(-squared / 50), 0)`; return `near / near.sum(axis=-1, keepdims=True)`.",
        ),
        (
            Mistake(
                lambda ab, centers: _shared(ab, centers, _gaussian, len(centers)),
                "Here every center gets a share. All but the five nearest should get 0.",
            ),
            Mistake(
                _not_normalized,
                "The shares of a color should sum to 1: divide by their sum over the last axis.",
            ),
            Mistake(
                lambda ab, centers: _shared(
                    ab, centers, lambda squared: np.exp(-np.sqrt(squared) / (2 * classes.SIGMA**2))
                ),
                "A Gaussian has the *squared* distance in it: don't take the root.",
            ),
            Mistake(
                lambda ab, centers: _shared(
                    ab, centers, lambda squared: np.exp(-squared / classes.SIGMA**2)
                ),
                "Divide by two times sigma squared, 2 * 5 * 5 = 50.",
            ),
            Mistake(
                lambda ab, centers: _shared(ab, centers, _gaussian, 1),
                "The nearest center has it all: that is *hard* encoding. The four next ones get their shares too.",
            ),
            Mistake(
                lambda ab, centers: _shared(ab, centers, np.ones_like),
                "The five nearest share alike here. The nearer, the more: by the Gaussian of the distance.",
            ),
        ),
    ),
    Exercise(
        "6.2",
        "rare colors count more",
        classes.rebalance,
        ((np.array([0.5, 0.25, 0.25]), 1.0), (RARE, 0.5), (RARE, 0.9), (MANY, 0.1)),
        (
            "Three steps: mix the probabilities with an equal one for all classes; take the inverse; divide by the mean weight of a "
            "*pixel*, in which each class counts as often as it occurs.",
            "`weights = 1 / ((1 - uniform) * probable + uniform / len(probable))`; the mean over the pixels is `probable @ weights`.",
        ),
        (
            Mistake(
                lambda probable, uniform=0.5: 1 / _mixed(probable, uniform),
                "The mean weight of a pixel should be 1, or the loss changes its size with the palette: divide by `probable @ weights`.",
            ),
            Mistake(
                lambda probable, uniform=0.5: (
                    1 / _mixed(probable, uniform) / np.mean(1 / _mixed(probable, uniform))
                ),
                "You made the mean over the *classes* 1. Pixels are counted: a common class counts often, `probable @ weights`.",
            ),
            Mistake(
                lambda probable, uniform=0.5: _over_pixels(
                    1 / _mixed(probable, 1 - uniform), probable
                ),
                "The two shares are swapped: `uniform` is the share of the equal one, and with 1 all classes weigh the same.",
            ),
            Mistake(
                lambda probable, uniform=0.5: _over_pixels(
                    1 / ((1 - uniform) * probable + uniform), probable
                ),
                "An equal probability for K classes is 1 / K for each, not 1.",
            ),
            Mistake(
                lambda probable, uniform=0.5: _over_pixels(_mixed(probable, uniform), probable),
                "This way the common colors weigh more. Take the inverse.",
            ),
        ),
    ),
    Exercise(
        "6.3",
        "a temperature",
        losses.annealed_mean,
        (
            (LOGITS, CENTERS, 1.0),
            (LOGITS, CENTERS, 0.38),
            (LOGITS, CENTERS, 2.0),
            (SURE, CENTERS, 1.0),
        ),
        (
            "Divide the logits by the temperature, make probabilities of them (softmax: e to the power of each, divided by their sum), and "
            "take the mean of the centers with these weights: `probabilities @ centers`.",
            "Before you raise e to the power of logits, take away their largest, `logits.max(axis=-1, keepdims=True)`: the probabilities "
            "stay what they are, and nothing becomes too large for the computer.",
        ),
        (
            Mistake(
                lambda logits, centers, temperature: _softmax(logits * temperature) @ centers,
                "Divide by the temperature, don't multiply: below 1 it sharpens.",
            ),
            Mistake(
                lambda logits, centers, temperature: _softmax(logits) @ centers / temperature,
                "You divided the *color*. The temperature belongs to the logits, before they become probabilities.",
            ),
            Mistake(
                lambda logits, centers, temperature: centers[logits.argmax(axis=-1)],
                "This is the most probable color, the limit for a temperature towards 0. Asked is the mean of all centers.",
            ),
            Mistake(
                lambda logits, centers, temperature: _softmax(logits) @ centers,
                "The temperature makes no difference here: divide the logits by it.",
            ),
            Mistake(
                lambda logits, centers, temperature: (
                    _softmax(logits) ** (1 / temperature) @ centers
                ),
                "After the power the probabilities no longer sum to 1: divide by their sum again, or anneal the logits.",
            ),
        ),
    ),
    Exercise(
        "6.4",
        "averaged weights",
        averaging.update,
        (
            ([np.float32([1, 2])], [np.float32([3, 6])], 0.5),
            (OLD, NEW, 0.99),
            (OLD, NEW, 0.0),
        ),
        (
            "Array by array: `decay` of the old average, and the rest of the new weights. `zip(average, weights)` gives the pairs.",
            "`[decay * old + (1 - decay) * new for old, new in zip(average, weights)]`",
        ),
        (
            Mistake(
                lambda average, weights, decay: averaging.update(weights, average, decay),
                "The two are swapped: `decay` is the share of the *old* average that stays, so at 0.99 it hardly moves.",
            ),
            Mistake(
                lambda average, weights, decay: [
                    decay * old + new for old, new in zip(average, weights, strict=True)
                ],
                "The shares should sum to 1: the new weights count with 1 - decay.",
            ),
            Mistake(
                lambda average, weights, decay: [
                    (old + new) / 2 for old, new in zip(average, weights, strict=True)
                ],
                "Half and half, whatever `decay` says: it is the share of the old average.",
            ),
            Mistake(
                lambda average, weights, decay: sum(
                    (decay * old + (1 - decay) * new).sum()
                    for old, new in zip(average, weights, strict=True)
                ),
                "Give back a list of arrays, one for each array of weights.",
            ),
        ),
    ),
)
