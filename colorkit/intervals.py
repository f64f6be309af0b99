"""How far chance alone may have moved a mean: intervals by the bootstrap (Efron 1979), and what they allow to say; of a count, Wilson's.

Faces are drawn again, with putting back, as many as there are; the mean of each such draw is one that other test faces might have given.
"""

import numpy as np
from scipy.stats import binomtest

DRAWS = 1000
ENDS = (2.5, 97.5)  # percentiles: 95 % of the draws lie between them


def bootstrap(values: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of a mean.

    Args:
        values: (N,), one for each identity, in any unit.
        seed: of the 1,000 draws.

    Returns:
        Low and high end, in the same unit.
    """
    values = np.asarray(values, np.float64)
    drawn = np.random.default_rng(seed).integers(len(values), size=(DRAWS, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), ENDS)
    return float(low), float(high)


def ratio(values: np.ndarray, reference: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of mean(values) / mean(reference): each draw takes a face's value together with its reference.

    Args:
        values, reference: (N,), of the same faces, in one unit.
        seed: of the 1,000 draws.

    Returns:
        Low and high end.
    """
    values, reference = np.asarray(values, np.float64), np.asarray(reference, np.float64)
    drawn = np.random.default_rng(seed).integers(len(values), size=(DRAWS, len(values)))
    low, high = np.percentile(values[drawn].sum(axis=1) / reference[drawn].sum(axis=1), ENDS)
    return float(low), float(high)


def skill(errors: np.ndarray, reference: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of a skill (`metrics.skill`), of the mean squared errors (N,) of the same faces."""
    low, high = ratio(errors, reference, seed)
    return 1 - high, 1 - low


def verdict(one: np.ndarray, other: np.ndarray, seed: int = 0) -> str:
    """What may be said of two predictors' errors on the same faces, by the interval of their differences.

    Args:
        one, other: (N,), the errors of each face, in the same order.
        seed: of the draws.

    Returns:
        "lower" or "higher", where the whole interval of the mean of `one` minus `other` is below or above 0; else "cannot tell".
    """
    low, high = bootstrap(np.asarray(one, np.float64) - other, seed)
    return "lower" if high < 0 else "higher" if low > 0 else "cannot tell"


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which keeps within 0 and 1 and has a width even where all or none hit.

    Args:
        hits: how often it happened.
        count: of how many independent times, 1 or more.

    Returns:
        Low and high end, 0 to 1.
    """
    interval = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)
