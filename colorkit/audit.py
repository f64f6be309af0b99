"""The audit by apparent skin tone: does a colorizer serve all tones alike, and what does an apparent tone measure?"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from . import baselines, groups, metrics, tones, variance
from .evaluation import MEASURES, Predictor, measure
from .groups import Measured
from .splits import Split

LIGHTS = 5  # of each person in five_lights.zip
MEASURED = {name: MEASURES[name] for name in ("mse", "delta_e")}


class Grouping(NamedTuple):
    """One way to sort faces: its name, the groups in order, that of each training face (None: not known), that of each judged face."""

    name: str
    order: tuple[str, ...]
    training: np.ndarray | None
    labels: np.ndarray


def report(predictors: Iterable[Predictor], train: Split, split: Split) -> dict[str, Any]:
    """Measure the mean color (fitted on `train`) and the predictors by tone, on `split` and on the kit's people in five lights.

    Skill is measured against the mean color of the group's *own* training faces. So no group looks well served only because one color
    fits its faces better than those of others, and a predictor that gives each group its mean color has skill 0 in all.

    Returns:
        What json.dumps takes, the same for the same faces and predictions: people, pictures: of `split`; drawn: whether the drawn tone is
        known (`split` holds the kit's own faces); groupings: of each its name and, of each predictor, name, rows (groups.by_group) and
        spread (of mse and of skill, groups.spread); lights: see `_in_five_lights`.
    """
    found = [baselines.MeanColor.fit(train), *predictors]
    skin, skin_in_training = tones.skin(split.lab), tones.skin(train.lab)
    drawn, drawn_in_training = (_drawn_groups(faces) for faces in (split, train))
    ways = [
        Grouping("Apparent tone (ITA)", tones.ITA_GROUPS, *(tones.by_ita(tones.ita(each)) for each in (skin_in_training, skin))),
        Grouping("Apparent hue", tones.HUE_GROUPS, *(tones.by_hue(tones.hue(each)) for each in (skin_in_training, skin))),
    ]
    if drawn is not None:
        ways.append(Grouping("Drawn tone", tones.DRAWN_GROUPS, drawn_in_training, drawn))
    measured = [(predictor.name, *measure(predictor, split, MEASURED).values()) for predictor in found]
    return {
        "people": len(set(split.identities)),
        "pictures": len(split),
        "drawn": drawn is not None,
        "groupings": [{"name": way.name, "predictors": _compare(measured, way, train, split)} for way in ways],
        "lights": _in_five_lights(found, train, drawn_in_training),
    }


def _drawn_groups(split: Split) -> np.ndarray | None:
    drawn = tones.drawn(split)
    return None if drawn is None else tones.by_drawn(drawn)


def _compare(measured: list[tuple], way: Grouping, train: Split, split: Split) -> list[dict[str, Any]]:
    """The rows and the spread of each predictor, of which `measured` has the name, and each picture's MSE and color difference."""
    reference, found = own_color_errors(way, train, split), []
    for name, errors, distances in measured:
        of = (Measured(errors, reference, distances), way.labels, split.identities)
        spread = {quantity: groups.spread(*of, quantity) for quantity in ("mse", "skill")}
        found.append({"name": name, "rows": groups.by_group(*of, way.order), "spread": spread})
    return found


def own_color_errors(way: Grouping, train: Split, split: Split) -> np.ndarray:
    """The MSE of each picture, painted in the mean color of its group's training faces; NaN where there are none."""
    errors = np.full(len(split), np.nan)
    for group in way.order if way.training is not None else ():
        judged, training = way.labels == group, way.training == group
        if judged.any() and training.any():
            faces = Split(split.lab[judged], split.identities[judged])
            own = baselines.MeanColor(baselines.mean_ab(train.lab[training]))
            errors[judged] = metrics.mse(own.predict(faces.L), faces.ab)
    return errors


def _in_five_lights(predictors: list[Predictor], train: Split, drawn_in_training: np.ndarray | None) -> dict[str, Any]:
    """What light alone does, and what tone does, when the same people stand in five lights.

    Returns:
        people, pictures; faces: of each person the drawn tone and the ITA in each light, degrees; correlation: of ITA and drawn tone, over
        the pictures; groups_a_person: how many people's ITA is in 1, 2, ... 5 groups; span: degrees, the median over the people of their
        highest less their lowest ITA; parts: name and variance.components of ITA, of hue and of each predictor's MSE; predictors: as in
        `report`, by drawn tone.
    """
    split, tone = tones.five_lights()
    tone_of = tone[::LIGHTS]
    skin = tones.skin(split.lab).reshape(-1, LIGHTS, 3).astype(np.float64)
    ita = tones.ita(skin)
    way = Grouping("Drawn tone", tones.DRAWN_GROUPS, drawn_in_training, tones.by_drawn(tone))
    measured = [(predictor.name, *measure(predictor, split, MEASURED).values()) for predictor in predictors]
    varying = {"ITA, degrees": ita, "hue, degrees": tones.hue(skin)}
    varying |= {f"MSE of {name}": errors.reshape(-1, LIGHTS) for name, errors, _ in measured}
    several = [len(set(row)) for row in tones.by_ita(ita)]
    return {
        "people": len(tone_of),
        "pictures": len(split),
        "faces": [{"tone": int(t), "ita": [round(degrees, 2) for degrees in row]} for t, row in zip(tone_of, ita.tolist(), strict=True)],
        "correlation": float(np.corrcoef(ita.ravel(), tone)[0, 1]),
        "groups_a_person": [several.count(number + 1) for number in range(LIGHTS)],
        "span": float(np.median(np.ptp(ita, axis=1))),
        "parts": [{"name": name} | variance.components(values, tone_of) for name, values in varying.items()],
        "predictors": _compare(measured, way, train, split),
    }


def to_markdown(report: dict[str, Any]) -> str:
    """A `report` as a page of Markdown: for each way of grouping a heading, a table, and what may be said."""
    page = [
        "## Audit by apparent skin tone",
        f"{report['people']} people, {report['pictures']} pictures. *Apparent* tone is the color of the skin's pixels: skin, light and "
        "camera at once. It says what a picture shows, and nothing about a person. Skill is measured against the mean color of a group's "
        "own training faces. Intervals are of 95 %. *By chance* is what 95 % of 1,000 random groupings of these people stay below. "
        "*Cannot tell* does not mean equal.",
    ]
    for grouping in report["groupings"]:
        page += [f"### {grouping['name']}", *tables(grouping["predictors"])]
    if not report["drawn"]:
        page += ["### Drawn tone", "Not known: these are not the kit's own faces, of which alone it is written down."]
    return "\n\n".join([*page, "### One face, five lights", *_lights(report["lights"])]) + "\n"


def tables(predictors: list[dict[str, Any]]) -> list[str]:
    """Of the predictors of a grouping of `report`: one table, and a list of what may be said of each, in Markdown."""
    table = [
        "| predictor | group | people | MSE | interval | skill | interval | delta E | interval |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    said = []
    for each in predictors:
        for row in each["rows"]:
            cells = " | ".join(_cells(row[quantity], quantity) for quantity in ("mse", "skill", "delta_e"))
            table.append(f"| {each['name']} | {row['group']} | {row['people']} | {cells} |")
        said += [f"- {each['name']}, {word}: {verdict(each['spread'][word.lower()], word.lower())}" for word in ("MSE", "skill")]
    return ["\n".join(table), "\n".join(said)]


def _cells(value: list[float | None] | None, quantity: str) -> str:
    """A value and its interval, or why there is none."""
    if value is None:
        return "no training faces |"
    middle, *ends = (end if end is None else _shown(end, quantity) for end in value)
    return f"{middle} | {'too few' if ends[0] is None else ' to '.join(ends)}"


def _shown(value: float, quantity: str) -> str:
    return f"{round(value, 2) + 0:+.0%}" if quantity == "skill" else f"{value:.1f}"  # + 0: or there would be a -0%


def verdict(spread: dict[str, Any] | None, quantity: str) -> str:
    """What may be said of "equal for all", in words.

    Args:
        spread: as groups.spread gives it.
        quantity: "mse" or "skill", of which it is.
    """
    if spread is None:
        return "nothing to compare: fewer than two groups have enough faces"
    (low, least), (high, most) = spread["lowest"], spread["highest"]
    apart, chance = (
        f"{100 * spread[key]:.0f} points" if quantity == "skill" else _shown(spread[key], quantity) for key in ("difference", "by_chance")
    )
    said = "not equal" if spread["unequal"] else "cannot tell"
    ends = f"{_shown(least, quantity)} ({low}) to {_shown(most, quantity)} ({high})"
    return f"{said}: {ends}, {apart} apart; by chance up to {chance} (p = {spread['p']:.3f})"


def _lights(lights: dict[str, Any]) -> list[str]:
    table = ["| measured | from tone | from the person | from light | light moves it by |", "|---|---:|---:|---:|---:|"]
    for part in lights["parts"]:
        shares = " | ".join(f"{part['share'][source]:.0%}" for source in variance.SOURCES)
        table.append(f"| {part['name']} | {shares} | {part['sd']['light']:.1f} |")
    ita, hue = (part["share"] for part in lights["parts"][:2])
    return [
        f"{lights['people']} people of the ten drawn tones, on none of whom anything was trained: each in one pose and five lights. Where "
        "the variance comes from (last column: standard deviation, in the unit of what is measured):",
        "\n".join(table),
        f"- Most of ITA's variance is from {max(ita, key=ita.get)}, most of hue's from {max(hue, key=hue.get)}. ITA and drawn tone "
        f"correlate by r = {lights['correlation']:.2f}.\n"
        f"- Among people of one drawn tone, {ita['light'] / (ita['light'] + ita['person']):.0%} of ITA's variance is from light.\n"
        f"- Of {lights['people']} people, {lights['groups_a_person'][0]} are in one ITA group in all five lights. The median person's "
        f"ITA spans {lights['span']:.0f} degrees.\n"
        "- These pictures were exposed with the albedo known (`renderer/develop.py`), as no camera can: expect a larger part "
        "from light in photographs.",
        *tables(lights["predictors"]),
    ]
