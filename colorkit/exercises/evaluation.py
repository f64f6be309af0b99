"""The exercises of lesson 5: skill, area under the curve, interval of a mean, a fair comparison."""

from collections.abc import Callable

import numpy as np

from ..arrays import Ab, PerFace
from ..evaluation import metrics, statistics
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(5)
ERRORS = STREAM.gamma(2, 30, 40)  # like squared errors of faces: many small, a few large
HARDER = ERRORS + 3 + STREAM.normal(0, 2, 40)  # a little worse on each face
AS_GOOD = ERRORS + STREAM.normal(0, 20, 40)
CLOSE = AS_GOOD + 2.95  # higher by the draws of seed 0, too close to tell by those of seed 1
TRUE, PRED = STREAM.normal(0, 25, (2, 3, 6, 6, 2)).astype(np.float32)
EIGHTS = np.full((2, 3, 3, 2), 8, np.float32)
FAR = np.array([[[[90, 120]]], [[[160, 120]]]], np.float32)  # 150 and 200 away from grey
TWO_WORSE = ERRORS + 5 * (np.arange(40) < 2)  # 0 is an end of the interval of the differences
Interval = tuple[float, float]


# 5.1


def _mean_of_skills(errors: PerFace, reference: PerFace) -> float:
    return float(np.mean(1 - errors / reference))


def _what_is_left(errors: PerFace, reference: PerFace) -> float:
    return float(np.mean(errors) / np.mean(reference))


SKILL = Exercise(
    number="5.1",
    title="skill",
    reference=metrics.skill,
    cases=(
        (np.array([30.0]), np.array([60.0])),
        (np.array([10.0, 80.0]), np.array([5.0, 120.0])),
        (HARDER, ERRORS),
    ),
    hints=(
        "One minus the ratio of two means. Which one is the reference?",
        "`1 - np.mean(errors) / np.mean(reference)`: take both means first, divide afterward.",
    ),
    mistakes=(
        Mistake(
            function=_mean_of_skills,
            message="You took each face's own skill, and then the mean. A face with hardly any "
            "color, where the mean color's error is 5, then counts as much as one where it is 120.",
        ),
        Mistake(
            function=_what_is_left,
            message="This is what is left of the error. Skill is what is gone: 1 minus it.",
        ),
        Mistake(
            function=lambda errors, reference: metrics.skill(reference, errors),
            message="The other way around: divide by the error of the *reference*.",
        ),
        Mistake(
            function=lambda errors, reference: 100 * metrics.skill(errors, reference),
            message="Give a share, not percent: 0.5 for half.",
        ),
    ),
)


# 5.2


def _distance(pred: Ab, true: Ab) -> np.ndarray:
    """Compute the distance of each pixel from the truth, (N, H, W)."""
    return np.hypot(*np.moveaxis(pred - true, -1, 0))


def _area(within: Callable[[int], np.ndarray]) -> PerFace:
    """Average over 151 thresholds a rule that says which pixels are within one, (N, H, W)."""
    thresholds = range(metrics.FARTHEST + 1)
    return np.mean([within(threshold).mean(axis=(1, 2)) for threshold in thresholds], axis=0)


def _each_channel(pred: Ab, true: Ab) -> PerFace:
    return _area(lambda t: (np.abs(pred - true) <= t).mean(axis=-1))


def _both_channels(pred: Ab, true: Ab) -> PerFace:
    return _area(lambda t: np.abs(pred - true).max(axis=-1) <= t)


def _squared_distance(pred: Ab, true: Ab) -> PerFace:
    return _area(lambda t: ((pred - true) ** 2).sum(axis=-1) <= t)


def _without_150(pred: Ab, true: Ab) -> PerFace:
    at_150 = (_distance(pred, true) <= metrics.FARTHEST).mean(axis=(1, 2))
    return (151 * metrics.auc(pred, true) - at_150) / 150


def _below_threshold(pred: Ab, true: Ab) -> PerFace:
    return _area(lambda t: _distance(pred, true) < t)


AUC = Exercise(
    number="5.2",
    title="every threshold at once",
    reference=metrics.auc,
    cases=(
        (np.zeros((1, 2, 2, 2), np.float32), np.zeros((1, 2, 2, 2), np.float32)),
        (EIGHTS, 0 * EIGHTS),
        (PRED, TRUE),
        (FAR, 0 * FAR),
    ),
    hints=(
        "A pixel's distance is the root of the sum of its two squared errors: sum over the last "
        "axis. For each t = 0, 1, ... 150 take the share of pixels whose distance is at most t; "
        "then take the mean of these 151 shares.",
        "`distance = np.sqrt(((pred - true) ** 2).sum(axis=-1))`, then the mean over `axis=0` of a "
        "list of `(distance <= t).mean(axis=(1, 2))` for `t in range(151)`.",
    ),
    mistakes=(
        Mistake(
            function=_each_channel,
            message="Here a* and b* are judged each by itself. "
            "The Euclidean rule takes the distance of the two.",
        ),
        Mistake(
            function=_both_channels,
            message="Here both must be within t. The distance is longer than either: "
            "(8, 8) is 11.3 away.",
        ),
        Mistake(
            function=_squared_distance,
            message="This compares *squared* distances with t: take the root.",
        ),
        Mistake(
            function=_without_150,
            message="150 is a threshold too: `range(151)` starts at 0 and includes it.",
        ),
        Mistake(
            function=lambda pred, true: 151 * metrics.auc(pred, true),
            message="This is the sum of the 151 shares. Their mean is asked for.",
        ),
        Mistake(
            function=_below_threshold,
            message="Within t includes t itself: `<=`. "
            "A perfect prediction counts at every threshold, including 0.",
        ),
    ),
)


# 5.3


def _means(values: PerFace, seed: int = 0, axis: int = 1) -> np.ndarray:
    """Compute the means of the resampled rows, or with axis 0 those of the columns."""
    rows = np.random.default_rng(seed).integers(len(values), size=(statistics.DRAWS, len(values)))
    return values[rows].mean(axis=axis)


def _where_faces_lie(values: PerFace, seed: int = 0) -> Interval:
    return tuple(np.percentile(values, [2.5, 97.5]))


def _interval_of_90(values: PerFace, seed: int = 0) -> Interval:
    return tuple(np.percentile(_means(values, seed), [5, 95]))


def _down_the_columns(values: PerFace, seed: int = 0) -> Interval:
    return tuple(np.percentile(_means(values, seed, axis=0), [2.5, 97.5]))


def _extremes(values: PerFace, seed: int = 0) -> Interval:
    means = _means(values, seed)
    return means.min(), means.max()


BOOTSTRAP = Exercise(
    number="5.3",
    title="how far chance goes",
    reference=statistics.bootstrap,
    cases=(
        (np.array([4.0, 4.0, 4.0]),),
        (np.arange(10.0),),
        (ERRORS,),
        (ERRORS, 1),
    ),
    hints=(
        "Call the 1,000 rows of places `drawn`. `values[drawn]` are the faces of 1,000 other test "
        "splits: take the mean of each row, and then look where 95 % of these means lie.",
        "With `drawn`, `np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])` gives both ends.",
    ),
    mistakes=(
        Mistake(
            function=_where_faces_lie,
            message="Between these ends lie 95 % of the *faces*. "
            "The question is where the *mean* would lie.",
        ),
        Mistake(
            function=_interval_of_90,
            message="Between the 5th and the 95th percentile lie 90 %. "
            "For 95 %, leave out half of 5 % on each side.",
        ),
        Mistake(
            function=_down_the_columns,
            message="You took the mean down the columns. "
            "Each *row* is one resample, with as many faces as the split.",
        ),
        Mistake(
            function=_extremes,
            message="These are the two most extreme draws of all: "
            "take the percentiles 2.5 and 97.5.",
        ),
    ),
)


# 5.4


def _two_intervals(one: PerFace, other: PerFace, seed: int = 0) -> str:
    """Compare two intervals, each with faces of its own: do they overlap?"""
    low, high = statistics.bootstrap(one, seed)
    other_low, other_high = statistics.bootstrap(other, seed)
    if high < other_low:
        return "lower"
    return "higher" if low > other_high else "cannot tell"


def _by_mean(one: PerFace, other: PerFace, seed: int = 0) -> str:
    return "lower" if np.mean(one) < np.mean(other) else "higher"


def _wrong_end(one: PerFace, other: PerFace, seed: int = 0) -> str:
    low, high = statistics.bootstrap(one - other, seed)
    if low < 0:
        return "lower"
    return "higher" if high > 0 else "cannot tell"


COMPARE_ERRORS = Exercise(
    number="5.4",
    title="which is better, if any",
    reference=statistics.compare_errors,
    cases=(
        (ERRORS, ERRORS + 5),
        (ERRORS + 5, ERRORS),
        (ERRORS, HARDER),
        (HARDER, ERRORS),
        (ERRORS, AS_GOOD),
        (AS_GOOD, ERRORS, 1),
        (ERRORS, ERRORS),
        (CLOSE, ERRORS),
        (CLOSE, ERRORS, 1),
        (ERRORS, TWO_WORSE),
        (TWO_WORSE, ERRORS),
    ),
    hints=(
        "Both were measured on the same faces. So subtract face by face first, and ask for *one* "
        "interval, that of the differences.",
        '`low, high = bootstrap(one - other, seed)`; "lower" if the whole interval is below 0, '
        '"higher" if it is above, else "cannot tell".',
    ),
    mistakes=(
        Mistake(
            function=_two_intervals,
            message="You took an interval of each and asked whether they overlap. That compares "
            "one group of faces with *another*; these are the same faces: subtract first.",
        ),
        Mistake(
            function=_wrong_end,
            message='For "lower" the *whole* interval must be below 0: look at its high end.',
        ),
        Mistake(
            function=lambda one, other, seed=0: statistics.compare_errors(one, other),
            message="Pass the seed on to `bootstrap`: it decides the draws.",
        ),
        Mistake(
            function=_by_mean,
            message="One mean is always the lower one, even by chance alone. "
            "What does the interval of the differences say?",
        ),
        Mistake(
            function=lambda one, other, seed=0: statistics.compare_errors(other, one, seed),
            message='The other way around: "lower" says that the errors of the *first* are lower.',
        ),
    ),
)


EXERCISES = (SKILL, AUC, BOOTSTRAP, COMPARE_ERRORS)
