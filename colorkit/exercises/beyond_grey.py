"""The exercises of lesson 6: soft encoding, rebalancing, a temperature, averaged weights."""

from collections.abc import Callable

import numpy as np

from ..color import classes
from ..models import losses
from ..training import averaging
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(6)
CENTERS = np.array(
    [[0, 0], [10, 0], [0, 10], [10, 10], [20, 0], [30, 40], [-20, 10], [0, -10]], np.float32
)
COLORS = STREAM.uniform(-15, 25, (2, 3, 2)).astype(np.float32)
LOGITS = STREAM.normal(0, 2, (2, 3, 8)).astype(np.float32)
SURE = np.array([[1000, 990, 0, 0, 0, 0, 0, -1000]], np.float32)  # as 100 at temperature 0.1
RARE = np.array([0.9, 0.09, 0.01])
MANY = STREAM.dirichlet(np.ones(12))
SHAPES = ((3, 4), (4,), (4, 2))  # a small network's weights
OLD = [STREAM.normal(0, 1, shape).astype(np.float32) for shape in SHAPES]
NEW = [STREAM.normal(0, 2, shape).astype(np.float32) for shape in SHAPES]
TINY = ([np.array([1, 2], np.float32)], [np.array([3, 6], np.float32)], 0.5)
Weights = list[np.ndarray]


# 6.1


def _squared(ab: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Compute the squared distance of every color from every center, (..., K)."""
    return ((ab[..., None, :] - centers) ** 2).sum(axis=-1)


def _keep_nearest(squared: np.ndarray, near: np.ndarray, count: int) -> np.ndarray:
    """Set the values of `near` to 0 for all but the nearest `count` centers."""
    farthest = np.sort(squared, axis=-1)[..., [count - 1]]  # (..., 1)
    return np.where(squared <= farthest, near, 0)


def _share(values: np.ndarray) -> np.ndarray:
    return values / values.sum(axis=-1, keepdims=True)


def _gaussian(squared: np.ndarray) -> np.ndarray:
    return np.exp(-squared / (2 * classes.SIGMA**2))


def _encode_by(
    near: Callable[[np.ndarray], np.ndarray], count: int = losses.NEAREST
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Return a soft encoding by another rule for squared distances, or among `count` centers."""

    def encode(ab: np.ndarray, centers: np.ndarray) -> np.ndarray:
        squared = _squared(ab, centers)
        return _share(_keep_nearest(squared, near(squared), count))

    return encode


def _not_normalized(ab: np.ndarray, centers: np.ndarray) -> np.ndarray:
    squared = _squared(ab, centers)
    return _keep_nearest(squared, _gaussian(squared), losses.NEAREST)


SOFT_ENCODE = Exercise(
    number="6.1",
    title="soft encoding",
    reference=losses.soft_encode,
    cases=((np.array([[3, 1]], np.float32), CENTERS), (COLORS, CENTERS)),
    hints=(
        "First the squared distance of every color from every center: "
        "`ab[..., None, :] - centers` has the shape (..., K, 2); square it, and sum over the last "
        "axis. Then the Gaussian, 0 for all but the five nearest, and a division by the sum.",
        "With the squared distances in `squared`: `fifth = np.sort(squared, axis=-1)[..., 4:5]`, "
        "`near = np.where(squared <= fifth, np.exp(-squared / 50), 0)`; "
        "return `near / near.sum(axis=-1, keepdims=True)`.",
    ),
    mistakes=(
        Mistake(
            function=_encode_by(_gaussian, len(CENTERS)),
            message="Here every center gets a share. All but the five nearest should get 0.",
        ),
        Mistake(
            function=_not_normalized,
            message="The shares of a color should sum to 1: divide by their sum, `axis=-1`.",
        ),
        Mistake(
            function=_encode_by(lambda squared: _gaussian(np.sqrt(squared))),
            message="A Gaussian has the *squared* distance in it: don't take the root.",
        ),
        Mistake(
            function=_encode_by(lambda squared: _gaussian(2 * squared)),
            message="Divide by two times sigma squared, 2 * 5 * 5 = 50.",
        ),
        Mistake(
            function=_encode_by(_gaussian, 1),
            message="The nearest center gets everything: that is *hard* encoding. "
            "The next four get their shares, too.",
        ),
        Mistake(
            function=_encode_by(np.ones_like),
            message="Here the five nearest get equal shares. A nearer one should get more: "
            "by the Gaussian of the distance.",
        ),
    ),
)


# 6.2


def _mixed(probable: np.ndarray, uniform: float) -> np.ndarray:
    return (1 - uniform) * probable + uniform / len(probable)


def _over_pixels(weights: np.ndarray, probable: np.ndarray) -> np.ndarray:
    """Divide weights by their mean over the pixels."""
    return weights / (probable @ weights)


def _not_divided(probable: np.ndarray, uniform: float = 0.5) -> np.ndarray:
    return 1 / _mixed(probable, uniform)


def _over_classes(probable: np.ndarray, uniform: float = 0.5) -> np.ndarray:
    weights = 1 / _mixed(probable, uniform)
    return weights / np.mean(weights)


def _swapped(probable: np.ndarray, uniform: float = 0.5) -> np.ndarray:
    return _over_pixels(1 / _mixed(probable, 1 - uniform), probable)


def _equal_to_1(probable: np.ndarray, uniform: float = 0.5) -> np.ndarray:
    return _over_pixels(1 / ((1 - uniform) * probable + uniform), probable)


def _not_inverted(probable: np.ndarray, uniform: float = 0.5) -> np.ndarray:
    return _over_pixels(_mixed(probable, uniform), probable)


REBALANCE = Exercise(
    number="6.2",
    title="rare colors count more",
    reference=classes.rebalance,
    cases=((np.array([0.5, 0.25, 0.25]), 1.0), (RARE, 0.5), (RARE, 0.9), (MANY, 0.1)),
    hints=(
        "Three steps: mix the probabilities with an equal one for all classes; take the inverse; "
        "divide by the mean weight of a *pixel*, in which each class counts as often as it occurs.",
        "`weights = 1 / ((1 - uniform) * probable + uniform / len(probable))`; "
        "the mean over the pixels is `probable @ weights`.",
    ),
    mistakes=(
        Mistake(
            function=_not_divided,
            message="The mean weight of a pixel should be 1, or the size of the loss changes with "
            "the palette: divide by `probable @ weights`.",
        ),
        Mistake(
            function=_over_classes,
            message="You made the mean over the *classes* 1. It should be 1 over the pixels: "
            "a common class counts often, `probable @ weights`.",
        ),
        Mistake(
            function=_swapped,
            message="The two shares are swapped: `uniform` is the share of the equal probability, "
            "and with 1 all classes weigh the same.",
        ),
        Mistake(
            function=_equal_to_1,
            message="An equal probability for K classes is 1 / K for each, not 1.",
        ),
        Mistake(
            function=_not_inverted,
            message="This way the common colors weigh more. Take the inverse.",
        ),
    ),
)


# 6.3


def _softmax(logits: np.ndarray) -> np.ndarray:
    return _share(np.exp(logits - logits.max(axis=-1, keepdims=True)))


def _multiplied(logits: np.ndarray, centers: np.ndarray, temperature: float) -> np.ndarray:
    return _softmax(logits * temperature) @ centers


def _color_divided(logits: np.ndarray, centers: np.ndarray, temperature: float) -> np.ndarray:
    return _softmax(logits) @ centers / temperature


def _most_probable(logits: np.ndarray, centers: np.ndarray, temperature: float) -> np.ndarray:
    return centers[logits.argmax(axis=-1)]


def _sum_not_1(logits: np.ndarray, centers: np.ndarray, temperature: float) -> np.ndarray:
    return _softmax(logits) ** (1 / temperature) @ centers


ANNEALED_MEAN = Exercise(
    number="6.3",
    title="a temperature",
    reference=losses.annealed_mean,
    cases=(
        *((LOGITS, CENTERS, temperature) for temperature in (1.0, 0.38, 2.0)),
        (SURE, CENTERS, 1.0),
        (np.concatenate([SURE, SURE - 2000]), CENTERS, 0.5),  # two places, far from each other
    ),
    hints=(
        "Divide the logits by the temperature, turn them into probabilities (softmax: e to the "
        "power of each, divided by their sum), and take the mean of the centers with these "
        "weights: `probabilities @ centers`.",
        "Before you raise e to the power of logits, subtract their largest, "
        "`logits.max(axis=-1, keepdims=True)`: the probabilities don't change, and none overflows.",
    ),
    mistakes=(
        Mistake(
            function=_multiplied,
            message="Divide by the temperature, don't multiply: below 1 it sharpens.",
        ),
        Mistake(
            function=_color_divided,
            message="You divided the *color*. The temperature belongs to the logits, "
            "before they become probabilities.",
        ),
        Mistake(
            function=_most_probable,
            message="This is the most probable color, the limit for a temperature toward 0. "
            "The mean of all centers is asked for.",
        ),
        Mistake(
            function=lambda logits, centers, temperature: _softmax(logits) @ centers,
            message="The temperature makes no difference here: divide the logits by it.",
        ),
        Mistake(
            function=_sum_not_1,
            message="After the power the probabilities no longer sum to 1: "
            "divide by their sum again, or anneal the logits.",
        ),
    ),
)


# 6.4


def _not_weighed(average: Weights, weights: Weights, decay: float) -> Weights:
    return [decay * old + new for old, new in zip(average, weights, strict=True)]


def _half_and_half(average: Weights, weights: Weights, decay: float) -> Weights:
    return [(old + new) / 2 for old, new in zip(average, weights, strict=True)]


def _one_number(average: Weights, weights: Weights, decay: float) -> float:
    return sum(part.sum() for part in averaging.update(average, weights, decay))


UPDATE = Exercise(
    number="6.4",
    title="averaged weights",
    reference=averaging.update,
    cases=(TINY, (OLD, NEW, 0.99), (OLD, NEW, 0.0)),
    hints=(
        "Array by array: `decay` of the old average, and the rest of the new weights. "
        "`zip(average, weights)` gives the pairs.",
        "`[decay * old + (1 - decay) * new for old, new in zip(average, weights)]`",
    ),
    mistakes=(
        Mistake(
            function=lambda average, weights, decay: averaging.update(weights, average, decay),
            message="The two are swapped: `decay` is the share of the *old* average that stays, "
            "so at 0.99 it hardly moves.",
        ),
        Mistake(
            function=_not_weighed,
            message="The shares should sum to 1: the new weights count with 1 - decay.",
        ),
        Mistake(
            function=_half_and_half,
            message="Half and half, whatever `decay` says: it is the share of the old average.",
        ),
        Mistake(
            function=_one_number,
            message="Return a list of arrays, one for each array of weights.",
        ),
    ),
)


EXERCISES = (SOFT_ENCODE, REBALANCE, ANNEALED_MEAN, UPDATE)
