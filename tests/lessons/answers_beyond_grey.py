"""Right and wrong answers to the exercises of lesson 6.

The right ones go into a copy of the lesson, so each of them stands by itself.
"""

import numpy as np


def my_soft_encode(ab, centers):
    squared = ((ab[..., None, :] - centers) ** 2).sum(axis=-1)
    fifth = np.sort(squared, axis=-1)[..., 4:5]
    near = np.where(squared <= fifth, np.exp(-squared / (2 * 5**2)), 0)
    return near / near.sum(axis=-1, keepdims=True)


def my_rebalance(probable, uniform=0.5):
    weights = 1 / ((1 - uniform) * probable + uniform / len(probable))
    return weights / (probable * weights).sum()


def my_annealed_mean(logits, centers, temperature):
    powers = np.exp((logits - logits.max(axis=-1, keepdims=True)) / temperature)
    return (powers / powers.sum(axis=-1, keepdims=True)) @ centers


def my_update(average, weights, decay):
    return [decay * old + (1 - decay) * new for old, new in zip(average, weights, strict=True)]


RIGHT = {"6.1": my_soft_encode, "6.2": my_rebalance, "6.3": my_annealed_mean, "6.4": my_update}


def shared(near, count=5):
    """Return a soft encoding by another rule, or among `count` centers."""

    def encode(ab, centers):
        squared = ((ab[..., None, :] - centers) ** 2).sum(axis=-1)
        kept = np.where(
            squared <= np.sort(squared, axis=-1)[..., count - 1 : count], near(squared), 0
        )
        return kept / kept.sum(axis=-1, keepdims=True)

    return encode


def not_normalized(ab, centers):
    squared = ((ab[..., None, :] - centers) ** 2).sum(axis=-1)
    return np.exp(-squared / 50) * (squared <= np.sort(squared, axis=-1)[..., 4:5])


def over_all(ab, centers):
    near = np.exp(-((ab[..., None, :] - centers) ** 2).sum(axis=-1) / 50)
    return near / near.sum()


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def overflowing(logits, centers, temperature):
    powers = np.exp(logits / temperature)
    return powers / powers.sum(axis=-1, keepdims=True) @ centers


def largest_of_all(logits, centers, temperature):
    powers = np.exp((logits - logits.max()) / temperature)
    return powers / powers.sum(axis=-1, keepdims=True) @ centers


def largest_not_divided(logits, centers, temperature):
    powers = np.exp(logits / temperature - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) @ centers


def in_place(average, weights, decay):
    for old, new in zip(average, weights, strict=True):
        old *= decay
        old += (1 - decay) * new
    return average


WRONG = {
    "6.1": [
        (shared(lambda squared: np.exp(-squared / 50), 8), "every center gets a share"),
        (not_normalized, "should sum to 1"),
        (shared(lambda squared: np.exp(-np.sqrt(squared) / 50)), "don't take the root"),
        (shared(lambda squared: np.exp(-squared / 25)), "two times sigma squared"),
        (shared(np.ones_like, 1), "that is \\*hard\\* encoding"),
        (over_all, "expected .*, got"),
        (
            lambda ab, centers: ((ab - centers) ** 2).sum(axis=-1),
            r"expected shape \(1, 8\), got \(8,\)",
        ),
    ],
    "6.2": [
        (
            lambda probable, uniform=0.5: 1 / ((1 - uniform) * probable + uniform / len(probable)),
            "mean weight of a pixel should be 1",
        ),
        (
            lambda probable, uniform=0.5: my_rebalance(probable, 1 - uniform),
            "two shares are swapped",
        ),
        (
            lambda probable, uniform=0.5: (
                len(probable)
                * my_rebalance(probable, uniform)
                / my_rebalance(probable, uniform).sum()
            ),
            "\\*classes\\*",
        ),
        (lambda probable, uniform=0.5: 1 / probable / (probable @ (1 / probable)), "expected 1"),
        (lambda probable, uniform=0.5: probable, r"expected 1 at \[1\], got 0.25"),
    ],
    "6.3": [
        (
            lambda logits, centers, temperature: softmax(logits * temperature) @ centers,
            "don't multiply",
        ),
        (
            lambda logits, centers, temperature: softmax(logits) @ centers / temperature,
            "You divided the \\*color\\*",
        ),
        (
            lambda logits, centers, temperature: centers[logits.argmax(axis=-1)],
            "the most probable color",
        ),
        (
            lambda logits, centers, temperature: softmax(logits) ** (1 / temperature) @ centers,
            "no longer sum to 1",
        ),
        (largest_of_all, r"expected .* at \[1, 0\], got nan.*\(2, 8\)"),
        (largest_not_divided, r"expected .* at \[0, 0\], got nan.*temperature = 0.5"),
        (overflowing, "expected .*, got nan.*1000"),
        (
            lambda logits, centers, temperature: softmax(logits / temperature),
            r"expected shape \(2, 3, 2\), got \(2, 3, 8\)",
        ),
    ],
    "6.4": [
        (
            lambda average, weights, decay: my_update(weights, average, decay),
            "The two are swapped|expected",
        ),
        (
            lambda average, weights, decay: [
                decay * old + new for old, new in zip(average, weights, strict=True)
            ],
            "1 - decay",
        ),
        (in_place, "changed its own arguments"),
        (
            lambda average, weights, decay: decay * average[0] + (1 - decay) * weights[0],
            "expected 1 item, got 2",
        ),
    ],
}
