"""Say how far chance alone may have moved a number.

Intervals of means and ratios come from the bootstrap (Efron 1979): faces are resampled with
replacement. Each resample's mean is one that a different set of test faces could have produced. The
interval of a share is Wilson's.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

DRAWS = 1000
ENDS = (2.5, 97.5)  # percentiles: 95 % of the resamples lie between them


class Estimate(NamedTuple):
    """A value and its 95 % interval, which JSON keeps as a list of three.

    Attributes:
        value: the value; None where it is infinite.
        low, high: ends of the interval; None where there is none.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


def bootstrap(values: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Compute the 95 % interval of a mean. Lessons 5.6 and 6.9.

    Args:
        values: (N,), one value for each identity, in any unit.
        seed: seed of the 1,000 resamples.

    Returns:
        Low and high end, in the same unit.

    Example:
        >>> bootstrap([4.0, 4.0, 4.0])
        (4.0, 4.0)
    """
    values = np.asarray(values, np.float64)
    drawn = np.random.default_rng(seed).integers(len(values), size=(DRAWS, len(values)))
    means = values[drawn].mean(axis=1)  # (1000,)
    low, high = np.percentile(means, ENDS)
    return float(low), float(high)


def mean_with_interval(values: np.ndarray) -> Estimate:
    """Compute a mean and its 95 % interval.

    Args:
        values: (N,), one value for each identity, in any unit.

    Example:
        >>> mean_with_interval([4.0, 4.0, 4.0])
        Estimate(value=4.0, low=4.0, high=4.0)
    """
    low, high = bootstrap(values)
    return Estimate(float(np.mean(values, dtype=np.float64)), low, high)


def ratio_interval(values: np.ndarray, reference: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Compute the 95 % interval of mean(values) / mean(reference).

    Each resample takes a face's value together with its reference.

    Args:
        values, reference: (N,), values of the same faces, in one unit.
        seed: seed of the 1,000 resamples.

    Returns:
        Low and high end.

    Example:
        >>> ratio_interval([1.0, 2.0], [2.0, 4.0])
        (0.5, 0.5)
    """
    values = np.asarray(values, np.float64)
    reference = np.asarray(reference, np.float64)
    drawn = np.random.default_rng(seed).integers(len(values), size=(DRAWS, len(values)))
    ratios = values[drawn].sum(axis=1) / reference[drawn].sum(axis=1)  # (1000,)
    low, high = np.percentile(ratios, ENDS)
    return float(low), float(high)


def compare_errors(one: np.ndarray, other: np.ndarray, seed: int = 0) -> str:
    """Decide which of two predictors errs less on the same faces. Lessons 5.7, 6.9 and 7.7.

    Args:
        one, other: (N,), the errors of each face, in the same order.
        seed: seed of the resamples.

    Returns:
        "lower" or "higher", where the whole interval of the mean of `one` minus `other` is below or
        above 0; else "cannot tell".

    Example:
        >>> compare_errors([1.0, 2.0, 3.0], [2.0, 3.0, 5.0])
        'lower'
    """
    low, high = bootstrap(np.asarray(one, np.float64) - other, seed)
    if high < 0:
        return "lower"
    if low > 0:
        return "higher"
    return "cannot tell"


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Compute the 95 % interval of a share (Wilson 1927).

    It stays within 0 and 1, and has a width even where all or none hit.

    Args:
        hits: how often it happened.
        count: number of independent trials, 1 or more.

    Returns:
        Low and high end, 0 to 1.

    Example:
        >>> [round(end, 3) for end in wilson(3, 20)]
        [0.052, 0.36]
    """
    interval = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def mean_by_group(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Compute the mean of each group's values.

    Args:
        values: (N,), in any unit.
        group: int (N,), number of the group of each value, 0 to G - 1.

    Returns:
        float64 (G,).

    Example:
        >>> mean_by_group([4, 1, 6], [0, 1, 0]).tolist()
        [5.0, 1.0]
    """
    sums = np.bincount(group, np.asarray(values, np.float64))
    return sums / np.bincount(group)


def mean_by_person(values: np.ndarray, identities: np.ndarray) -> np.ndarray:
    """Compute the mean of each person's pictures, because it is people that chance draws.

    Args:
        values: (N,), one value for each picture, in any unit.
        identities: str (N,), who is shown.

    Returns:
        float64 (people,), in order of first appearance.

    Example:
        >>> mean_by_person([4, 1, 6], ["b", "a", "b"]).tolist()
        [5.0, 1.0]
    """
    _, first, person = np.unique(identities, return_index=True, return_inverse=True)
    return mean_by_group(values, person)[np.argsort(first)]


@dataclass(frozen=True)
class Sources:
    """One number for each source of variance: the tone, the person, and the light."""

    tone: float
    person: float
    light: float

    @property
    def largest(self) -> str:
        """Name the source with the largest number."""
        names = [field.name for field in fields(self)]
        return max(names, key=lambda name: getattr(self, name))


@dataclass(frozen=True)
class VarianceComponents:
    """The variance of a measurement, split by source.

    Attributes:
        sd: standard deviation of each part, in the unit of the values; a variance that came out
            below 0 counts as 0.
        share: variance of each part, as a share of their sum.
        eta_squared: sum of squares of each part, as a share of that of all values. (It needs no
            model. It overrates the smaller sources: a mean over few lights still holds some of
            their chance.)
    """

    sd: Sources
    share: Sources
    eta_squared: Sources


def variance_components(values: np.ndarray, tones: np.ndarray) -> VarianceComponents:
    """Split the variance of a measurement that each person has once in each light.

    A value is taken as the sum of three independent parts: its tone's, its person's and its
    light's. Three mean squares are set to their expected values: between tones, between the people
    of a tone, and between the lights of a person (Searle, Casella and McCulloch 1992, chapter 3).
    Light stands for all that differs between the pictures of one person.

    Args:
        values: (people, lights), in any unit.
        tones: (people,), each tone with the same number of people.

    Raises:
        ValueError: the tones differ in their number of people, or there are fewer than two tones,
            people of a tone, or lights.

    Example:
        >>> found = variance_components([[0, 2], [4, 6], [10, 12], [14, 16]], [1, 1, 2, 2])
        >>> round(found.sd.tone**2, 6), round(found.sd.person**2, 6), round(found.sd.light**2, 6)
        (46.0, 7.0, 2.0)
    """
    table = _by_tone(np.asarray(values, np.float64), tones)  # (T, P, L)
    tone_count, people, lights = table.shape
    squares = _sums_of_squares(table)
    freedom = [tone_count - 1, tone_count * (people - 1), tone_count * people * (lights - 1)]
    # mean squares; each is expected to hold the parts after it, too
    tone, person, light = squares / np.array(freedom)
    parts = np.maximum([(tone - person) / (people * lights), (person - light) / lights, light], 0)
    return VarianceComponents(
        sd=Sources(*np.sqrt(parts).tolist()),
        share=Sources(*_shares(parts).tolist()),
        eta_squared=Sources(*_shares(squares).tolist()),
    )


def _by_tone(values: np.ndarray, tones: np.ndarray) -> np.ndarray:
    """Arrange (people, lights) as (tones, people of a tone, lights)."""
    _, counts = np.unique(tones, return_counts=True)
    shape = (len(counts), int(counts[0]), values.shape[1])
    if len(set(counts)) > 1 or min(shape) < 2:
        raise ValueError(
            "expected two or more tones, each with the same number of people (two or more), and "
            f"two or more lights; got {counts.tolist()} people and {values.shape[1]} lights"
        )
    order = np.argsort(tones, kind="stable")
    return values[order].reshape(shape)


def _sums_of_squares(table: np.ndarray) -> np.ndarray:
    """Sum the squares between tones, between people of a tone, and between lights of a person."""
    _, people, lights = table.shape
    person_means = table.mean(axis=2)  # (T, P)
    tone_means = table.mean(axis=(1, 2))  # (T,)
    between_tones = ((tone_means - table.mean()) ** 2).sum()
    between_people = ((person_means - tone_means[:, None]) ** 2).sum()
    between_lights = ((table - person_means[..., None]) ** 2).sum()
    return np.array([people * lights * between_tones, lights * between_people, between_lights])


def _shares(parts: np.ndarray) -> np.ndarray:
    """Divide parts by their sum; all are 0 where nothing varies."""
    return parts / (parts.sum() or 1)
