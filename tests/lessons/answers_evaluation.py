"""Right and wrong answers to the exercises of lesson 5.

The right ones go into a copy of the lesson, so each of them stands by itself.
"""

import numpy as np

from colorkit.evaluation.statistics import bootstrap


def my_skill(errors, reference):
    return 1 - np.mean(errors) / np.mean(reference)


def my_auc(pred, true):
    distance = np.hypot(pred[..., 0] - true[..., 0], pred[..., 1] - true[..., 1])
    return np.mean([(distance <= t).mean(axis=(1, 2)) for t in range(151)], axis=0)


def my_bootstrap(values, seed=0):
    drawn = np.random.default_rng(seed).integers(len(values), size=(1000, len(values)))
    return tuple(np.percentile(values[drawn].mean(axis=1), [2.5, 97.5]))


def my_compare_errors(one, other, seed=0):
    low, high = bootstrap(one - other, seed)
    if low <= 0 <= high:
        return "cannot tell"
    return "lower" if high < 0 else "higher"


RIGHT = {"5.1": my_skill, "5.2": my_auc, "5.3": my_bootstrap, "5.4": my_compare_errors}


def within(rule):
    """Return the area under the curve of a rule that says what is within t."""
    return lambda pred, true: np.mean([rule(pred - true, t) for t in range(151)], axis=0)


def means(values, seed=0):
    drawn = np.random.default_rng(seed).integers(len(values), size=(1000, len(values)))
    return values[drawn].mean(axis=1)


def by_formula(values, seed=0):
    half = 1.96 * np.std(values) / np.sqrt(len(values))
    return np.mean(values) - half, np.mean(values) + half


def draws_once_each(values, seed=0):
    stream = np.random.default_rng(seed)
    return tuple(
        np.percentile([stream.permutation(values).mean() for _ in range(1000)], [2.5, 97.5])
    )


def overlap(one, other, seed=0):
    low, high = my_bootstrap(one, seed)
    other_low, other_high = my_bootstrap(other, seed)
    return "lower" if high < other_low else "higher" if low > other_high else "cannot tell"


def lower_up_to_0(one, other, seed=0):
    low, high = bootstrap(one - other, seed)
    return "lower" if high <= 0 > low else "higher" if low > 0 else "cannot tell"


def higher_from_0(one, other, seed=0):
    low, high = bootstrap(one - other, seed)
    return "lower" if high < 0 else "higher" if low >= 0 < high else "cannot tell"


def below_0_too(pred, true):
    """Count the thresholds that a pixel reaches, and less than none where it is too far away."""
    distance = np.hypot(pred[..., 0] - true[..., 0], pred[..., 1] - true[..., 1])
    return (151 - np.ceil(distance)).mean(axis=(1, 2)) / 151


def most_faces(one, other, seed=0):
    return "lower" if (one < other).mean() > 0.5 else "higher"


WRONG = {
    "5.1": [
        (lambda errors, reference: np.mean(1 - errors / reference), "each face's own skill"),
        (
            lambda errors, reference: np.mean(errors) / np.mean(reference),
            "Skill is what is gone|expected 0.5, got",
        ),
        (
            lambda errors, reference: 1 - np.mean(reference) / np.mean(errors),
            "The other way around",
        ),
        (lambda errors, reference: 100 * my_skill(errors, reference), "not percent"),
        (
            lambda errors, reference: 1 - errors / np.mean(reference),
            r"expected shape \(\), got \(1,\)",
        ),
    ],
    "5.2": [
        (within(lambda error, t: (np.abs(error) <= t).mean(axis=(1, 2, 3))), "each by itself"),
        (
            within(lambda error, t: (np.abs(error) <= t).all(axis=-1).mean(axis=(1, 2))),
            "Here both must be within",
        ),
        (
            within(lambda error, t: ((error**2).sum(axis=-1) <= t).mean(axis=(1, 2))),
            "take the root",
        ),
        (
            within(lambda error, t: (np.sqrt((error**2).sum(axis=-1)) < t).mean(axis=(1, 2))),
            "includes t itself",
        ),
        (below_0_too, r"expected 0 at \[1\], got -0.3245"),
        (lambda pred, true: my_auc(pred, true).mean(), r"expected shape \(1,\), got \(\)"),
        (lambda pred, true: 151 * my_auc(pred, true), r"expected 1 at \[0\], got 151"),
    ],
    "5.3": [
        (
            lambda values, seed=0: tuple(np.percentile(values, [2.5, 97.5])),
            "95 % of the \\*faces\\*",
        ),
        (lambda values, seed=0: tuple(np.percentile(means(values, seed), [5, 95])), "lie 90 %"),
        (
            lambda values, seed=0: (means(values, seed).min(), means(values, seed).max()),
            "most extreme draws",
        ),
        (by_formula, "in item 0: expected .*, got"),
        (draws_once_each, "in item 0: expected .*, got 4.5"),
        (lambda values, seed=0: my_bootstrap(values), r"seed = 1"),
    ],
    "5.4": [
        (overlap, "these are the same faces"),
        (
            lambda one, other, seed=0: "lower" if one.mean() < other.mean() else "higher",
            "by chance alone",
        ),
        (lambda one, other, seed=0: my_compare_errors(other, one, seed), "The other way around"),
        (lower_up_to_0, "expected 'cannot tell', got 'lower'"),
        (higher_from_0, "expected 'cannot tell', got 'higher'"),
        (most_faces, "expected 'cannot tell'"),
        (lambda one, other, seed=0: my_bootstrap(one - other, seed), "expected 'lower'"),
    ],
}
