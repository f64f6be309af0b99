"""One measurement of many faces, by group: means with their intervals, and whether the groups differ by more than chance.

What is counted are people: the pictures of one person in one group are averaged first.
"""

from typing import Any, NamedTuple

import numpy as np

from . import intervals, metrics

FEWEST = 5  # people below whom a group has no interval and takes no part in the comparison
DEALS = 1000
DOUBT = 0.05  # share of the deals that may lie as far apart before chance is believed


class Measured(NamedTuple):
    """What was measured, of each picture or each person.

    Attributes:
        errors: (N,), MSE, CIELAB units squared.
        reference: (N,), the MSE of the mean color of the group's own training faces; NaN where the group had none.
        distances: (N,), mean color difference, CIEDE2000.
    """

    errors: np.ndarray
    reference: np.ndarray
    distances: np.ndarray


def by_person(measured: Measured, labels: np.ndarray, identities: np.ndarray) -> tuple[Measured, np.ndarray]:
    """Average the pictures of each person in each group.

    Args:
        measured: of each picture.
        labels: str (N,), the group of each picture.
        identities: str (N,), who is shown.

    Returns:
        What was measured of each person, and their groups. Who has pictures in two groups is in both.
    """
    pairs, place = np.unique(np.stack([labels, identities], axis=1), axis=0, return_inverse=True)
    place = place.ravel()
    counts = np.bincount(place)
    return Measured(*(np.bincount(place, np.asarray(values, np.float64)) / counts for values in measured)), pairs[:, 0]


def by_group(measured: Measured, labels: np.ndarray, identities: np.ndarray, order: tuple[str, ...]) -> list[dict[str, Any]]:
    """A row for each group that has faces.

    Args:
        measured, labels, identities: of each picture, as `by_person` takes them.
        order: the groups.

    Returns:
        group, people, pictures; mse, skill (against the mean color of the group's own training faces) and delta_e, each a list of the value
        and of the two ends of its 95 % interval, None for the ends with fewer than 5 people. skill is None where the group had no training
        face. With few people the interval is too narrow: they show little of how different people are.
    """
    people, group_of = by_person(measured, labels, identities)
    rows = []
    for group in order:
        own = Measured(*(values[group_of == group] for values in people))
        if count := len(own.errors):
            pictures = int((labels == group).sum())
            rows.append({"group": group, "people": count, "pictures": pictures} | _figures(own, enough=count >= FEWEST))
    return rows


def _figures(own: Measured, enough: bool) -> dict[str, list[float | None] | None]:
    none = (None, None)
    known = np.isfinite(own.reference).all()
    return {
        "mse": [float(own.errors.mean()), *(intervals.bootstrap(own.errors) if enough else none)],
        "skill": [metrics.skill(own.errors, own.reference), *(intervals.skill(own.errors, own.reference) if enough else none)]
        if known
        else None,
        "delta_e": [float(own.distances.mean()), *(intervals.bootstrap(own.distances) if enough else none)],
    }


def spread(measured: Measured, labels: np.ndarray, identities: np.ndarray, quantity: str) -> dict[str, Any] | None:
    """Whether groups differ by more than chance: a permutation test of the largest difference between two of them.

    The people are dealt to the groups at random, 1,000 times, each group keeping its size. If the group of a face did not matter, the
    real groups would be such a deal too. (What is dealt is a person's error, together with the reference that it has.)

    Args:
        measured, labels, identities: of each picture, as `by_person` takes them.
        quantity: "mse" or "skill".

    Returns:
        lowest and highest: the two groups farthest apart, each a list of name and value; difference; by_chance: below which it is in 95 %
        of the deals; p: the share of deals (the real one counted too) in which it is as large or larger; unequal: whether p is below
        0.05. None where fewer than two groups have 5 people (and for skill, training faces): nothing can be compared.
    """
    people, group_of = by_person(measured, labels, identities)
    names, place, counts = np.unique(group_of, return_inverse=True, return_counts=True)
    usable = (counts >= FEWEST)[place]
    if quantity == "skill":
        usable &= np.isfinite(people.reference)
    names, place = np.unique(group_of[usable], return_inverse=True)
    if len(names) < 2:
        return None
    errors = people.errors[usable]
    over = people.reference[usable] if quantity == "skill" else np.ones(len(errors))
    deals = np.random.default_rng(0).permuted(np.tile(place.astype(np.int16), (DEALS + 1, 1)), axis=1)
    deals[0] = place  # the real one
    values = np.stack([(mine @ errors) / (mine @ over) for mine in (deals == group for group in range(len(names)))], axis=1)
    if quantity == "skill":
        values = 1 - values
    apart = np.ptp(values, axis=1)
    p = float((apart >= apart[0] - 1e-9).mean())  # sums in another order differ in their last digits
    low, high = int(values[0].argmin()), int(values[0].argmax())
    return {
        "lowest": [str(names[low]), float(values[0, low])],
        "highest": [str(names[high]), float(values[0, high])],
        "difference": float(apart[0]),
        "by_chance": float(np.percentile(apart[1:], 95)),
        "p": p,
        "unequal": p < DOUBT,
    }
