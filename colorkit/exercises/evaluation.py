"""The exercises of lesson 5."""

import numpy as np

from ..evaluation import metrics, statistics
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(5)
ERRORS = STREAM.gamma(2, 30, 40)  # as squared errors of faces are: many small, a few large
HARDER = ERRORS + 3 + STREAM.normal(0, 2, 40)  # on each face a little worse
AS_GOOD = ERRORS + STREAM.normal(0, 20, 40)
CLOSE = AS_GOOD + 2.95  # by the draws of seed 0 higher, by those of seed 1 too close to tell
TRUE, PRED = STREAM.normal(0, 25, (2, 3, 6, 6, 2)).astype(np.float32)
EIGHTS = np.full((2, 3, 3, 2), 8, np.float32)


def _apart(one, other, seed=0) -> str:
    """Two intervals, each with faces of its own, and whether they overlap."""
    (low, high), (other_low, other_high) = (
        statistics.bootstrap(one, seed),
        statistics.bootstrap(other, seed),
    )
    return "lower" if high < other_low else "higher" if low > other_high else "cannot tell"


def _by_mean(one, other, seed=0) -> str:
    return "lower" if np.mean(one) < np.mean(other) else "higher"


def _means(values, seed=0, axis=1) -> np.ndarray:
    """The means of the draws, or, by axis 0, of the columns of places."""
    drawn = np.random.default_rng(seed).integers(len(values), size=(statistics.DRAWS, len(values)))
    return values[drawn].mean(axis=axis)


def _at_150(pred, true) -> np.ndarray:
    return (np.hypot(*np.moveaxis(pred - true, -1, 0)) <= metrics.FARTHEST).mean(axis=(1, 2))


def _wrong_end(one, other, seed=0) -> str:
    low, high = statistics.bootstrap(one - other, seed)
    return "lower" if low < 0 else "higher" if high > 0 else "cannot tell"


def _area(within) -> np.ndarray:
    """The mean over 151 thresholds of a rule that says which pixels are within one, (N, H, W)."""
    return np.mean(
        [within(threshold).mean(axis=(1, 2)) for threshold in range(metrics.FARTHEST + 1)], axis=0
    )


EXERCISES = (
    Exercise(
        "5.1",
        "skill",
        metrics.skill,
        (
            (np.array([30.0]), np.array([60.0])),
            (np.array([10.0, 80.0]), np.array([5.0, 120.0])),
            (HARDER, ERRORS),
        ),
        (
            "One minus the ratio of two means. Which one is the reference?",
            "`1 - np.mean(errors) / np.mean(reference)`: take both means first, divide afterwards.",
        ),
        (
            Mistake(
                lambda errors, reference: float(np.mean(1 - errors / reference)),
                "You took each face's own skill, and then the mean. A face with hardly any color, where mean color errs by 5, then "
                "decides as much as one where it errs by 120.",
            ),
            Mistake(
                lambda errors, reference: float(np.mean(errors) / np.mean(reference)),
                "This is what is left of the error. Skill is what is gone: 1 minus it.",
            ),
            Mistake(
                lambda errors, reference: metrics.skill(reference, errors),
                "The other way round: the *reference's* error is the whole.",
            ),
            Mistake(
                lambda errors, reference: 100 * metrics.skill(errors, reference),
                "As a share, not in percent: 0.5 for half.",
            ),
        ),
    ),
    Exercise(
        "5.2",
        "every threshold at once",
        metrics.auc,
        (
            (np.zeros((1, 2, 2, 2), np.float32), np.zeros((1, 2, 2, 2), np.float32)),
            (EIGHTS, 0 * EIGHTS),
            (PRED, TRUE),
        ),
        (
            "A pixel's distance is the root of the sum of its two squared errors: sum over the last axis. For each t = 0, 1, ... 150 "
            "take the share of pixels whose distance is at most t; then the mean of these 151 shares.",
            "`distance = np.sqrt(((pred - true) ** 2).sum(axis=-1))`, then the mean over `axis=0` of a list of `(distance <= "
            "t).mean(axis=(1, 2))` for `t in range(151)`.",
        ),
        (
            Mistake(
                lambda pred, true: _area(lambda t: (np.abs(pred - true) <= t).mean(axis=-1)),
                "Here a* and b* are judged each by itself. The Euclidean rule takes the distance of the two.",
            ),
            Mistake(
                lambda pred, true: _area(lambda t: np.abs(pred - true).max(axis=-1) <= t),
                "Here both must be within t. The distance is longer than either: (8, 8) is 11.3 away.",
            ),
            Mistake(
                lambda pred, true: _area(lambda t: ((pred - true) ** 2).sum(axis=-1) <= t),
                "This compares *squared* distances with t: take the root.",
            ),
            Mistake(
                lambda pred, true: (151 * metrics.auc(pred, true) - _at_150(pred, true)) / 150,
                "150 is a threshold too: `range(151)`, from 0 on.",
            ),
            Mistake(
                lambda pred, true: 151 * metrics.auc(pred, true),
                "This is the sum of the 151 shares. Asked is their mean.",
            ),
            Mistake(
                lambda pred, true: _area(lambda t: np.hypot(*np.moveaxis(pred - true, -1, 0)) < t),
                "Within t includes t itself: `<=`. A perfect prediction counts at every threshold, 0 too.",
            ),
        ),
    ),
    Exercise(
        "5.3",
        "how far chance goes",
        statistics.bootstrap,
        ((np.array([4.0, 4.0, 4.0]),), (np.arange(10.0),), (ERRORS,), (ERRORS, 1)),
        (
            "Call the 1,000 rows of places `drawn`. `values[drawn]` are the faces of 1,000 other test splits: take the mean of each row, "
            "and then look where 95 % of these means lie.",
            "With `drawn`, `np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])` gives both ends.",
        ),
        (
            Mistake(
                lambda values, seed=0: tuple(np.percentile(values, [2.5, 97.5])),
                "Between these ends lie 95 % of the *faces*. Asked is where the *mean* would lie.",
            ),
            Mistake(
                lambda values, seed=0: tuple(np.percentile(_means(values, seed), [5, 95])),
                "Between the 5th and the 95th percentile lie 90 %. For 95 %, half of 5 is left out on either side.",
            ),
            Mistake(
                lambda values, seed=0: tuple(
                    np.percentile(_means(values, seed, axis=0), [2.5, 97.5])
                ),
                "You took the mean down the columns. Each *row* is one draw of as many faces as there are.",
            ),
            Mistake(
                lambda values, seed=0: (_means(values, seed).min(), _means(values, seed).max()),
                "These are the two most extreme draws of all: take the percentiles 2.5 and 97.5.",
            ),
        ),
    ),
    Exercise(
        "5.4",
        "which is better, if any",
        statistics.compare_errors,
        (
            (ERRORS, ERRORS + 5),
            (ERRORS + 5, ERRORS),
            (ERRORS, HARDER),
            (HARDER, ERRORS),
            (ERRORS, AS_GOOD),
            (AS_GOOD, ERRORS, 1),
            (ERRORS, ERRORS),
            (CLOSE, ERRORS),
            (CLOSE, ERRORS, 1),
        ),
        (
            "Both were measured on the same faces. So subtract face by face first, and ask for *one* interval, that of the differences.",
            '`low, high = bootstrap(one - other, seed)`; "lower" if the whole interval is below 0, "higher" if it is above, else "cannot '
            'tell".',
        ),
        (
            Mistake(
                _apart,
                "You took an interval of each and asked whether they overlap. That compares one group of faces with *another*; these are "
                "the same faces: subtract first.",
            ),
            Mistake(
                _wrong_end,
                'For "lower" the *whole* interval must be below 0: look at its high end.',
            ),
            Mistake(
                lambda one, other, seed=0: statistics.compare_errors(one, other),
                "Hand the seed on to `bootstrap`: it decides the draws.",
            ),
            Mistake(
                _by_mean,
                "One mean is always the lower one, by chance alone too. What does the interval of the differences say?",
            ),
            Mistake(
                lambda one, other, seed=0: statistics.compare_errors(other, one, seed),
                'The other way round: "lower" says that the errors of the *first* are.',
            ),
        ),
    ),
)
