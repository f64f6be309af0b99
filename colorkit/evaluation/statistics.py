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


def ratio_with_interval(
    values: np.ndarray, reference: np.ndarray, seed: int = 0
) -> tuple[float, float]:
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


def skill_with_interval(
    errors: np.ndarray, reference: np.ndarray, seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of a skill (`metrics.skill`), of the mean squared errors (N,) of the same faces."""
    low, high = ratio_with_interval(errors, reference, seed)
    return 1 - high, 1 - low


def compare_errors(one: np.ndarray, other: np.ndarray, seed: int = 0) -> str:
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


SOURCES = ("tone", "person", "light")


def variance_components(values: np.ndarray, tones: np.ndarray) -> dict[str, dict[str, float]]:
    """Split the variance of a measurement, of which each person has one in each light.

    A value is taken as the sum of its tone's part, its person's part and its light's part, independent of each other. The mean squares
    between tones, between the people of a tone, and between the lights of a person are set to what they are expected to be (Searle,
    Casella and McCulloch 1992, chapter 3). What is called light is all that differs between the pictures of one person.

    Args:
        values: (people, lights), in any unit.
        tones: (people,), equally many people of each tone.

    Returns:
        sd: the standard deviation of each part, in the unit of the values; a variance that came out below 0 counts as 0.
        share: each part's variance, as a share of their sum.
        eta_squared: each part's sum of squares, as a share of that of all values. (It needs no model, and gives the smaller sources too
            much: a mean over few lights still holds some of their chance.)

    Raises:
        ValueError: the tones don't have equally many people, or there are fewer than two tones, people of a tone, or lights.
    """
    values = np.asarray(values, np.float64)
    _, counts = np.unique(tones, return_counts=True)
    shape = (len(counts), int(counts[0]), values.shape[1])
    if len(set(counts)) > 1 or min(shape) < 2:
        raise ValueError(
            f"wanted equally many people, two or more, of two or more tones, and two or more lights; got {counts.tolist()}"
        )
    table = values[np.argsort(tones, kind="stable")].reshape(shape)  # tone, person, light
    people, means = table.mean(axis=2), table.mean(axis=(1, 2))
    squares = np.array(
        [
            shape[1] * shape[2] * ((means - table.mean()) ** 2).sum(),
            shape[2] * ((people - means[:, None]) ** 2).sum(),
            ((table - people[..., None]) ** 2).sum(),
        ]
    )
    freedom = np.array(
        [shape[0] - 1, shape[0] * (shape[1] - 1), shape[0] * shape[1] * (shape[2] - 1)]
    )
    tone, person, light = squares / freedom  # mean squares; each is expected to hold those after it
    parts = np.maximum(
        [(tone - person) / (shape[1] * shape[2]), (person - light) / shape[2], light], 0
    )
    return {
        "sd": _named(np.sqrt(parts)),
        "share": _named(_shares(parts)),
        "eta_squared": _named(_shares(squares)),
    }


def _shares(parts: np.ndarray) -> np.ndarray:
    """Parts of their sum; all 0 where nothing varies."""
    return parts / (parts.sum() or 1)


def _named(parts: np.ndarray) -> dict[str, float]:
    return dict(zip(SOURCES, parts.tolist(), strict=True))
