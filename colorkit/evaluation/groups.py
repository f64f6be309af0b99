"""Compare groups of faces: means with their intervals, and whether groups differ beyond chance.

People are counted, not pictures: the pictures of one person in one group are averaged first.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from . import metrics
from .statistics import Estimate, mean_by_group, mean_with_interval

FEWEST = 5  # a group of fewer people has no interval and is left out of the comparison
DEALS = 1000
SIGNIFICANT = 0.05  # groups are called unequal where p is below
ROUNDING = 1e-9  # sums in another order differ in their last digits


class Measured(NamedTuple):
    """What was measured of each picture, or of each person.

    Attributes:
        errors: (N,), MSE, CIELAB units squared.
        reference: (N,), the MSE of the mean color of the group's own training faces; NaN where the
            group had none.
        distances: (N,), mean color difference, CIEDE2000.
    """

    errors: np.ndarray
    reference: np.ndarray
    distances: np.ndarray


@dataclass(frozen=True)
class GroupRow:
    """What was measured of one group.

    With few people the intervals are too narrow: a few people show little of how different people
    are.

    Attributes:
        group: name of the group.
        people, pictures: number of people and of pictures in it.
        mse: mean squared error, CIELAB units squared.
        skill: skill against the mean color of the group's own training faces; None where it had
            none.
        delta_e: mean color difference, CIEDE2000.
    """

    group: str
    people: int
    pictures: int
    mse: Estimate
    skill: Estimate | None
    delta_e: Estimate


class GroupValue(NamedTuple):
    """A group's name and its value."""

    group: str
    value: float


@dataclass(frozen=True)
class Spread:
    """How far apart groups are, and how far chance alone would set them apart.

    Attributes:
        lowest, highest: the two groups that are farthest apart.
        difference: their difference.
        by_chance: what the difference stays below in 95 % of the deals.
        p: share of the deals, with the real one among them, whose difference is at least as large.
        unequal: whether p is below 0.05.
    """

    lowest: GroupValue
    highest: GroupValue
    difference: float
    by_chance: float
    p: float
    unequal: bool


def people_of(
    measured: Measured, labels: np.ndarray, identities: np.ndarray
) -> tuple[Measured, np.ndarray]:
    """Average the pictures of each person in each group.

    Args:
        measured: measurements of each picture.
        labels: str (N,), the group of each picture.
        identities: str (N,), who is shown.

    Returns:
        The measurements of each person, and each person's group. A person with pictures in two
        groups is in both.
    """
    pairs = np.stack([labels, identities], axis=1)  # (N, 2)
    different, number = np.unique(pairs, axis=0, return_inverse=True)
    number = number.ravel()  # some versions of NumPy return (N, 1)
    people = Measured(*(mean_by_group(values, number) for values in measured))
    return people, different[:, 0]


def by_group(
    measured: Measured, labels: np.ndarray, identities: np.ndarray, order: tuple[str, ...]
) -> list[GroupRow]:
    """Summarize the measurements of each group that has faces.

    Args:
        measured, labels, identities: those of each picture, as in `people_of`.
        order: the groups.
    """
    people, group_of = people_of(measured, labels, identities)
    rows = []
    for group in order:
        own = Measured(*(values[group_of == group] for values in people))
        if len(own.errors) == 0:
            continue
        pictures = int((labels == group).sum())
        rows.append(
            GroupRow(
                group=group,
                people=len(own.errors),
                pictures=pictures,
                mse=_mean(own.errors),
                skill=_skill(own),
                delta_e=_mean(own.distances),
            )
        )
    return rows


def _mean(values: np.ndarray) -> Estimate:
    """Compute a group's mean, with an interval if the group has enough people."""
    if len(values) < FEWEST:
        return Estimate(float(values.mean()))
    return mean_with_interval(values)


def _skill(own: Measured) -> Estimate | None:
    """Compute a group's skill, with an interval if the group has enough people."""
    if not np.isfinite(own.reference).all():
        return None
    if len(own.errors) < FEWEST:
        return Estimate(metrics.skill(own.errors, own.reference))
    return metrics.skill_with_interval(own.errors, own.reference)


def spread_over_groups(
    measured: Measured, labels: np.ndarray, identities: np.ndarray, quantity: str
) -> Spread | None:
    """Test whether groups differ by more than chance.

    It is a permutation test of the largest difference between two groups. The people are dealt to
    the groups at random, 1,000 times, and each group keeps its size. If the group of a face did not
    matter, the real groups would be such a deal, too. (A person's error is dealt together with its
    reference.)

    Args:
        measured, labels, identities: those of each picture, as in `people_of`.
        quantity: "mse" or "skill".

    Returns:
        The spread; None where fewer than two groups have 5 people (and training faces, for skill),
        so that nothing can be compared.

    Example:
        >>> errors = np.repeat([50.0, 80.0], 20)
        >>> measured = Measured(errors, np.full(40, 100.0), errors)
        >>> labels, people = np.repeat(["a", "b"], 20), np.arange(40).astype(str)
        >>> found = spread_over_groups(measured, labels, people, "mse")
        >>> found.difference, found.unequal
        (30.0, True)
    """
    people, group_of = people_of(measured, labels, identities)
    usable = _in_large_groups(group_of)
    if quantity == "skill":
        usable &= np.isfinite(people.reference)
    names, group = np.unique(group_of[usable], return_inverse=True)
    if len(names) < 2:
        return None
    deals = _deal(group)
    errors = people.errors[usable]
    if quantity == "skill":
        values = 1 - _group_values(deals, errors, people.reference[usable])
    else:
        values = _group_values(deals, errors, np.ones(len(errors)))
    real = values[0]
    low, high = int(real.argmin()), int(real.argmax())
    differences = np.ptp(values, axis=1)  # (1 + DEALS,)
    p = _p_value(differences)
    return Spread(
        lowest=GroupValue(str(names[low]), float(real[low])),
        highest=GroupValue(str(names[high]), float(real[high])),
        difference=float(differences[0]),
        by_chance=float(np.percentile(differences[1:], 95)),
        p=p,
        unequal=p < SIGNIFICANT,
    )


def _in_large_groups(group_of: np.ndarray) -> np.ndarray:
    """Mark the people whose group has enough people, bool (people,)."""
    _, group, counts = np.unique(group_of, return_inverse=True, return_counts=True)
    return counts[group] >= FEWEST


def _deal(group: np.ndarray) -> np.ndarray:
    """Deal people to groups at random; the first deal is the real one.

    Args:
        group: int (people,), the number of each person's group.

    Returns:
        int16 (1 + DEALS, people).
    """
    copies = np.tile(group.astype(np.int16), (1 + DEALS, 1))
    deals = np.random.default_rng(0).permuted(copies, axis=1)
    deals[0] = group
    return deals


def _group_values(deals: np.ndarray, errors: np.ndarray, divisors: np.ndarray) -> np.ndarray:
    """Divide the sum of each group's errors by the sum of its divisors, in each deal.

    Args:
        deals: int (1 + DEALS, people), the number of each person's group.
        errors: (people,), MSE.
        divisors: (people,), the reference MSE, or ones for a mean.

    Returns:
        (1 + DEALS, groups).
    """
    values = []
    for group in range(deals[0].max() + 1):
        members = deals == group  # (1 + DEALS, people)
        values.append((members @ errors) / (members @ divisors))
    return np.stack(values, axis=1)


def _p_value(differences: np.ndarray) -> float:
    """Compute the share of the deals that differ at least as much as the real one, the first."""
    return float((differences >= differences[0] - ROUNDING).mean())
