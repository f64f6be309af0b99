"""One measurement of many faces, by group: means with their intervals, and whether the groups differ by more than chance.

What is counted are people: the pictures of one person in one group are averaged first.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from .. import color
from ..data import tones
from ..data.splits import Split
from . import baselines, metrics, statistics
from .comparison import MEASURES, Predictor, measure

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


def people_of(
    measured: Measured, labels: np.ndarray, identities: np.ndarray
) -> tuple[Measured, np.ndarray]:
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
    return Measured(
        *(np.bincount(place, np.asarray(values, np.float64)) / counts for values in measured)
    ), pairs[:, 0]


def by_group(
    measured: Measured, labels: np.ndarray, identities: np.ndarray, order: tuple[str, ...]
) -> list[dict[str, Any]]:
    """A row for each group that has faces.

    Args:
        measured, labels, identities: of each picture, as `by_person` takes them.
        order: the groups.

    Returns:
        group, people, pictures; mse, skill (against the mean color of the group's own training faces) and delta_e, each a list of the value
        and of the two ends of its 95 % interval, None for the ends with fewer than 5 people. skill is None where the group had no training
        face. With few people the interval is too narrow: they show little of how different people are.
    """
    people, group_of = people_of(measured, labels, identities)
    rows = []
    for group in order:
        own = Measured(*(values[group_of == group] for values in people))
        if count := len(own.errors):
            pictures = int((labels == group).sum())
            rows.append(
                {"group": group, "people": count, "pictures": pictures}
                | _measures_of(own, enough=count >= FEWEST)
            )
    return rows


def _measures_of(own: Measured, enough: bool) -> dict[str, list[float | None] | None]:
    none = (None, None)
    known = np.isfinite(own.reference).all()
    return {
        "mse": [float(own.errors.mean()), *(statistics.bootstrap(own.errors) if enough else none)],
        "skill": [
            metrics.skill(own.errors, own.reference),
            *(statistics.skill_with_interval(own.errors, own.reference) if enough else none),
        ]
        if known
        else None,
        "delta_e": [
            float(own.distances.mean()),
            *(statistics.bootstrap(own.distances) if enough else none),
        ],
    }


def spread_over_groups(
    measured: Measured, labels: np.ndarray, identities: np.ndarray, quantity: str
) -> dict[str, Any] | None:
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
    people, group_of = people_of(measured, labels, identities)
    names, place, counts = np.unique(group_of, return_inverse=True, return_counts=True)
    usable = (counts >= FEWEST)[place]
    if quantity == "skill":
        usable &= np.isfinite(people.reference)
    names, place = np.unique(group_of[usable], return_inverse=True)
    if len(names) < 2:
        return None
    errors = people.errors[usable]
    over = people.reference[usable] if quantity == "skill" else np.ones(len(errors))
    deals = np.random.default_rng(0).permuted(
        np.tile(place.astype(np.int16), (DEALS + 1, 1)), axis=1
    )
    deals[0] = place  # the real one
    values = np.stack(
        [
            (mine @ errors) / (mine @ over)
            for mine in (deals == group for group in range(len(names)))
        ],
        axis=1,
    )
    if quantity == "skill":
        values = 1 - values
    apart = np.ptp(values, axis=1)
    p = float(
        (apart >= apart[0] - 1e-9).mean()
    )  # sums in another order differ in their last digits
    low, high = int(values[0].argmin()), int(values[0].argmax())
    return {
        "lowest": [str(names[low]), float(values[0, low])],
        "highest": [str(names[high]), float(values[0, high])],
        "difference": float(apart[0]),
        "by_chance": float(np.percentile(apart[1:], 95)),
        "p": p,
        "unequal": p < DOUBT,
    }


LIGHTS = 5  # of each person in five_lights.zip
MEASURED = {name: MEASURES[name] for name in ("mse", "delta_e")}


class Grouping(NamedTuple):
    """One way to sort faces: its name, the groups in order, that of each training face (None: not known), that of each judged face."""

    name: str
    order: tuple[str, ...]
    training: np.ndarray | None
    labels: np.ndarray


def audit_report(predictors: Iterable[Predictor], train: Split, split: Split) -> dict[str, Any]:
    """Measure the mean color (fitted on `train`) and the predictors by tone, on `split` and on the kit's people in five lights.

    Skill is measured against the mean color of the group's *own* training faces. So no group looks well served only because one color
    fits its faces better than those of others, and a predictor that gives each group its mean color has skill 0 in all.

    Returns:
        What json.dumps takes, the same for the same faces and predictions: people, pictures: of `split`; drawn: whether the drawn tone is
        known (`split` holds the kit's own faces); groupings: of each its name and, of each predictor, name, rows (audit.by_group) and
        spread (of mse and of skill, audit.spread_over_groups); lights: see `_in_five_lights`.
    """
    found = [baselines.MeanColor.fit(train), *predictors]
    skin, skin_in_training = tones.skin(split.lab), tones.skin(train.lab)
    drawn, drawn_in_training = (_drawn_groups(faces) for faces in (split, train))
    ways = [
        Grouping(
            "Apparent tone (ITA)",
            tones.ITA_GROUPS,
            *(tones.by_ita(tones.ita(each)) for each in (skin_in_training, skin)),
        ),
        Grouping(
            "Apparent hue",
            tones.HUE_GROUPS,
            *(tones.by_hue(tones.hue(each)) for each in (skin_in_training, skin)),
        ),
    ]
    if drawn is not None:
        ways.append(Grouping("Drawn tone", tones.DRAWN_GROUPS, drawn_in_training, drawn))
    measured = [
        (predictor.name, *measure(predictor, split, MEASURED).values()) for predictor in found
    ]
    return {
        "people": len(set(split.identities)),
        "pictures": len(split),
        "drawn": drawn is not None,
        "groupings": [
            {"name": way.name, "predictors": _compare(measured, way, train, split)} for way in ways
        ],
        "lights": _in_five_lights(found, train, drawn_in_training),
    }


def _drawn_groups(split: Split) -> np.ndarray | None:
    drawn = tones.drawn(split)
    return None if drawn is None else tones.by_drawn(drawn)


def _compare(
    measured: list[tuple], way: Grouping, train: Split, split: Split
) -> list[dict[str, Any]]:
    """The rows and the spread of each predictor, of which `measured` has the name, and each picture's MSE and color difference."""
    reference, found = own_color_errors(way, train, split), []
    for name, errors, distances in measured:
        of = (Measured(errors, reference, distances), way.labels, split.identities)
        spread = {quantity: spread_over_groups(*of, quantity) for quantity in ("mse", "skill")}
        found.append({"name": name, "rows": by_group(*of, way.order), "spread": spread})
    return found


def own_color_errors(way: Grouping, train: Split, split: Split) -> np.ndarray:
    """The MSE of each picture, painted in the mean color of its group's training faces; NaN where there are none."""
    errors = np.full(len(split), np.nan)
    for group in way.order if way.training is not None else ():
        judged, training = way.labels == group, way.training == group
        if judged.any() and training.any():
            faces = Split(split.lab[judged], split.identities[judged])
            own = baselines.MeanColor(color.mean_ab(train.lab[training]))
            errors[judged] = metrics.mse(own.predict(faces.L), faces.ab)
    return errors


def _in_five_lights(
    predictors: list[Predictor], train: Split, drawn_in_training: np.ndarray | None
) -> dict[str, Any]:
    """What light alone does, and what tone does, when the same people stand in five lights.

    Returns:
        people, pictures; faces: of each person the drawn tone and the ITA in each light, degrees; correlation: of ITA and drawn tone, over
        the pictures; groups_a_person: how many people's ITA is in 1, 2, ... 5 groups; span: degrees, the median over the people of their
        highest less their lowest ITA; parts: name and variance_components of ITA, of hue and of each predictor's MSE; predictors: as in
        `report`, by drawn tone.
    """
    split, tone = tones.five_lights()
    tone_of = tone[::LIGHTS]
    skin = tones.skin(split.lab).reshape(-1, LIGHTS, 3).astype(np.float64)
    ita = tones.ita(skin)
    way = Grouping("Drawn tone", tones.DRAWN_GROUPS, drawn_in_training, tones.by_drawn(tone))
    measured = [
        (predictor.name, *measure(predictor, split, MEASURED).values()) for predictor in predictors
    ]
    varying = {"ITA, degrees": ita, "hue, degrees": tones.hue(skin)}
    varying |= {f"MSE of {name}": errors.reshape(-1, LIGHTS) for name, errors, _ in measured}
    several = [len(set(row)) for row in tones.by_ita(ita)]
    return {
        "people": len(tone_of),
        "pictures": len(split),
        "faces": [
            {"tone": int(t), "ita": [round(degrees, 2) for degrees in row]}
            for t, row in zip(tone_of, ita.tolist(), strict=True)
        ],
        "correlation": float(np.corrcoef(ita.ravel(), tone)[0, 1]),
        "groups_a_person": [several.count(number + 1) for number in range(LIGHTS)],
        "span": float(np.median(np.ptp(ita, axis=1))),
        "parts": [
            {"name": name} | statistics.variance_components(values, tone_of)
            for name, values in varying.items()
        ],
        "predictors": _compare(measured, way, train, split),
    }
