"""Audit colorizers by skin tone: as pictures show it, as it was drawn, and in five lights."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from .. import color
from ..data import tones
from ..data.splits import Split
from . import baselines, groups, metrics, statistics
from .comparison import Predictor, measure
from .groups import GroupRow, Measured, Spread
from .keyed import Keyed
from .statistics import VarianceComponents

LIGHTS = 5  # pictures of each person in five_lights.zip
ITA = "ITA, degrees"
HUE = "hue, degrees"


class Grouping(NamedTuple):
    """One way to sort faces.

    Attributes:
        name: name of the way.
        order: names of the groups, in order.
        training: str (M,), the group of each training face; None where it is not known.
        labels: str (N,), the group of each judged face.
    """

    name: str
    order: tuple[str, ...]
    training: np.ndarray | None
    labels: np.ndarray


@dataclass(frozen=True)
class PredictorAudit(Keyed):
    """What was measured of one predictor, by group.

    Attributes:
        name: the predictor's name.
        rows: one row for each group that has faces.
        spread: how far apart the groups are, by quantity, "mse" and "skill"; None where nothing can
            be compared.
    """

    name: str
    rows: list[GroupRow]
    spread: dict[str, Spread | None]


@dataclass(frozen=True)
class GroupingAudit(Keyed):
    """What was measured by one way to sort faces: of mean color first, then of the others."""

    name: str
    predictors: list[PredictorAudit]


@dataclass(frozen=True)
class PersonInLights:
    """One person of five_lights.zip: the drawn tone, 1 to 10, and ITA in each light, degrees."""

    tone: int
    ita: list[float]


@dataclass(frozen=True)
class FiveLights:
    """What light alone does, and what tone does, to the same people in five lights.

    Attributes:
        people, pictures: number of people and of pictures.
        faces: each person's tone and ITA.
        correlation: correlation of ITA and drawn tone, over the pictures.
        groups_a_person: how many people's ITA is in 1, 2, ... 5 groups.
        span: median over the people of their highest ITA minus their lowest, degrees.
        parts: variance components of ITA, of hue, and of each predictor's MSE, by name.
        predictors: measurements by drawn tone.
    """

    people: int
    pictures: int
    faces: list[PersonInLights]
    correlation: float
    groups_a_person: list[int]
    span: float
    parts: dict[str, VarianceComponents]
    predictors: list[PredictorAudit]


@dataclass(frozen=True)
class AuditReport(Keyed):
    """An audit, which is the same for the same faces and predictions.

    Attributes:
        people, pictures: number of people and of pictures in the judged split.
        drawn: whether the drawn tone is known, because the split holds the kit's own faces.
        groupings: measurements by each way to sort faces; by drawn tone last, where it is known.
        lights: the same people in five lights.
    """

    people: int
    pictures: int
    drawn: bool
    groupings: list[GroupingAudit]
    lights: FiveLights

    def to_json(self) -> dict[str, Any]:
        """Return what `evaluate --json` writes."""
        report = asdict(self)
        parts = report["lights"]["parts"]
        report["lights"]["parts"] = [{"name": name} | part for name, part in parts.items()]
        return report


def audit_report(predictors: Iterable[Predictor], train: Split, split: Split) -> AuditReport:
    """Measure mean color and predictors by skin tone. Lesson 5.8.

    Skill is measured against the mean color of the group's *own* training faces. So no group looks
    well served only because one color fits its faces better than those of others. A predictor that
    gives each group its own mean color has skill 0 in all groups.

    Args:
        predictors: runs, or others with `name` and `predict`.
        train: training faces, on which mean color is fitted.
        split: faces to measure on. The kit's people in five lights are measured, too.

    Example:
        >>> report = audit_report([run], train, test)  # doctest: +SKIP
        >>> report.groupings[0].predictors[-1].spread["mse"].unequal  # doctest: +SKIP
    """
    judged = [baselines.MeanColor.fit(train), *predictors]
    drawn_in_training = _drawn_groups(train)
    ways = _apparent_ways(train, split)
    drawn = _drawn_groups(split)
    if drawn is not None:
        ways.append(Grouping("Drawn tone", tones.DRAWN_GROUPS, drawn_in_training, drawn))
    measured = [_measure(predictor, split) for predictor in judged]
    return AuditReport(
        people=len(set(split.identities)),
        pictures=len(split),
        drawn=drawn is not None,
        groupings=[GroupingAudit(way.name, _by_group(measured, way, train, split)) for way in ways],
        lights=_in_five_lights(judged, train, drawn_in_training),
    )


def _drawn_groups(split: Split) -> np.ndarray | None:
    drawn = tones.drawn(split)
    return None if drawn is None else tones.by_drawn(drawn)


def _apparent_ways(train: Split, split: Split) -> list[Grouping]:
    """Group faces by the apparent tone and by the apparent hue of their skin."""
    skin = tones.skin(split.lab)
    skin_in_training = tones.skin(train.lab)
    by_tone = Grouping(
        name="Apparent tone (ITA)",
        order=tones.ITA_GROUPS,
        training=tones.by_ita(tones.ita(skin_in_training)),
        labels=tones.by_ita(tones.ita(skin)),
    )
    by_hue = Grouping(
        name="Apparent hue",
        order=tones.HUE_GROUPS,
        training=tones.by_hue(tones.hue(skin_in_training)),
        labels=tones.by_hue(tones.hue(skin)),
    )
    return [by_tone, by_hue]


class _Pictures(NamedTuple):
    """A predictor's name, and the MSE and the color difference of each picture, (N,)."""

    name: str
    errors: np.ndarray
    distances: np.ndarray


def _measure(predictor: Predictor, split: Split) -> _Pictures:
    found = measure(predictor, split, ("mse", "delta_e"))
    return _Pictures(predictor.name, found["mse"], found["delta_e"])


def _by_group(
    measured: list[_Pictures], way: Grouping, train: Split, split: Split
) -> list[PredictorAudit]:
    """Summarize each predictor by group."""
    reference = own_color_errors(way, train, split)
    found = []
    for each in measured:
        values = Measured(each.errors, reference, each.distances)
        rows = groups.by_group(values, way.labels, split.identities, way.order)
        spread = {
            quantity: groups.spread_over_groups(values, way.labels, split.identities, quantity)
            for quantity in ("mse", "skill")
        }
        found.append(PredictorAudit(each.name, rows, spread))
    return found


def own_color_errors(way: Grouping, train: Split, split: Split) -> np.ndarray:
    """Measure each picture, painted in the mean color of its group's training faces.

    Args:
        way: how faces are sorted.
        train: training faces.
        split: faces to measure on.

    Returns:
        (N,), MSE, CIELAB units squared; NaN where the group had no training faces.
    """
    errors = np.full(len(split), np.nan)
    if way.training is None:
        return errors
    for group in way.order:
        judged = way.labels == group
        training = way.training == group
        if judged.any() and training.any():
            faces = Split(split.lab[judged], split.identities[judged])
            own = baselines.MeanColor(color.mean_ab(train.lab[training]))
            errors[judged] = metrics.mse(own.predict(faces.L), faces.ab)
    return errors


def _in_five_lights(
    predictors: Sequence[Predictor], train: Split, drawn_in_training: np.ndarray | None
) -> FiveLights:
    """Measure the kit's people in five lights, whose pictures lie side by side."""
    split, tone = tones.five_lights()
    tone_of = tone[::LIGHTS]  # (people,)
    skin = tones.skin(split.lab).reshape(-1, LIGHTS, 3).astype(np.float64)
    ita = tones.ita(skin)  # (people, LIGHTS)
    measured = [_measure(predictor, split) for predictor in predictors]
    varying = {ITA: ita, HUE: tones.hue(skin)}
    for each in measured:
        varying[f"MSE of {each.name}"] = each.errors.reshape(-1, LIGHTS)
    way = Grouping("Drawn tone", tones.DRAWN_GROUPS, drawn_in_training, tones.by_drawn(tone))
    return FiveLights(
        people=len(tone_of),
        pictures=len(split),
        faces=[
            PersonInLights(int(own_tone), [round(degrees, 2) for degrees in own_ita])
            for own_tone, own_ita in zip(tone_of, ita.tolist(), strict=True)
        ],
        correlation=float(np.corrcoef(ita.ravel(), tone)[0, 1]),
        groups_a_person=_groups_a_person(ita),
        span=float(np.median(np.ptp(ita, axis=1))),
        parts={
            name: statistics.variance_components(values, tone_of)
            for name, values in varying.items()
        },
        predictors=_by_group(measured, way, train, split),
    )


def _groups_a_person(ita: np.ndarray) -> list[int]:
    """Count the people whose ITA is in 1, 2, ... 5 groups; ITA is (people, LIGHTS)."""
    group_counts = [len(set(row)) for row in tones.by_ita(ita)]
    return [group_counts.count(number) for number in range(1, LIGHTS + 1)]
