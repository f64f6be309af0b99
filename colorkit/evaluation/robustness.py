"""Measure how errors grow on old photographs, and what old plates do to faces."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from ..data import damage, tones
from ..data.old_photos import STRENGTHS, Damage, age
from ..data.splits import Split
from . import baselines, metrics
from .comparison import Predictor, measure
from .keyed import Keyed
from .statistics import Estimate, mean_by_person, mean_with_interval

Strength = float | str  # a number in the unit of old_photos.STRENGTHS, or the name of a plate

# what is tried of each kind of damage, the other kinds being absent
STEPS: dict[str, tuple[Strength, ...]] = {
    "plate": tuple(damage.PLATES),
    "shift": (0, 4, 8, 16),
    "zoom": (0, 0.1, 0.2, 0.4),
    "defocus": (0, 1, 2, 4),
    "vignette": (0, 0.25, 0.5, 1),
    "grain": (0, 4, 8, 16),
    "fade": (0, 0.25, 0.5, 0.75),
    "marks": (0, 4, 16, 64),
}


@dataclass(frozen=True)
class DamagePoint(Keyed):
    """A predictor's errors at one strength of one kind of damage.

    Attributes:
        strength: strength of the damage.
        mse: mean squared error, ab units squared.
        skill: skill against the mean color on the same photographs.
        worse: mean change of a person's MSE from the clean picture, ab units squared.
    """

    strength: Strength
    mse: Estimate
    skill: Estimate
    worse: Estimate


@dataclass(frozen=True)
class DamageCurve(Keyed):
    """One predictor's errors over the strengths of one kind of damage."""

    name: str
    points: list[DamagePoint]


@dataclass(frozen=True)
class ErrorGrowth(Keyed):
    """All predictors' errors over the strengths of one kind of damage.

    Attributes:
        damage: field of Damage.
        unit: unit of the strengths.
        predictors: a curve for each predictor, baselines first.
    """

    damage: str
    unit: str
    predictors: list[DamageCurve]


def error_growth(
    predictors: Iterable[Predictor],
    train: Split,
    split: Split,
    steps: dict[str, tuple[Strength, ...]] = STEPS,
) -> list[ErrorGrowth]:
    """Measure predictors on old photographs of a split, beside the baselines. Lesson 7.6.

    Args:
        predictors: runs, each with a name of its own.
        train: clean training faces, on which the baselines are fitted.
        split: clean faces to damage and measure on.
        steps: strengths to try for each field of Damage.

    Returns:
        One result for each kind of damage.

    Example:
        >>> growth = error_growth([run], train, test, {"fade": (0, 0.5)})  # doctest: +SKIP
        >>> growth[0].predictors[-1].points[1].worse.value  # doctest: +SKIP
    """
    fitted = [baseline.fit(train) for baseline in baselines.BASELINES]
    predictors = list(predictors)
    tried = {Damage()}
    for kind, strengths in steps.items():
        tried |= {_alone(kind, strength) for strength in strengths}
    errors = {how: _errors(how, fitted, predictors, split) for how in tried}
    return [_growth(kind, strengths, errors) for kind, strengths in steps.items()]


def _alone(kind: str, strength: Strength) -> Damage:
    """Return one kind of damage, the other kinds being absent."""
    absent = asdict(Damage())
    return Damage(**absent | {kind: strength})


Errors = dict[str, np.ndarray]  # by the predictor's name: (people,), MSE


def _errors(
    how: Damage, fitted: Sequence[Predictor], predictors: Sequence[Predictor], split: Split
) -> Errors:
    """Measure everybody on photographs with one damage; the oracle follows the baselines."""
    photos = age(split, how)
    errors = {}
    for predictor in [*fitted, baselines.OneTrueColor(photos), *predictors]:
        by_picture = measure(predictor, photos, ("mse",))["mse"]
        errors[predictor.name] = mean_by_person(by_picture, split.identities)
    return errors


def _growth(
    kind: str, strengths: tuple[Strength, ...], errors: dict[Damage, Errors]
) -> ErrorGrowth:
    clean = errors[Damage()]
    curves = []
    for name in clean:
        points = [
            _point(name, strength, errors[_alone(kind, strength)], clean) for strength in strengths
        ]
        curves.append(DamageCurve(name, points))
    unit = STRENGTHS[kind].unit if kind in STRENGTHS else "sensitivity"
    return ErrorGrowth(kind, unit, curves)


def _point(name: str, strength: Strength, errors: Errors, clean: Errors) -> DamagePoint:
    own = errors[name]
    return DamagePoint(
        strength=strength,
        mse=mean_with_interval(own),
        skill=metrics.skill_with_interval(own, errors[baselines.MeanColor.name]),
        worse=mean_with_interval(own - clean[name]),
    )


@dataclass(frozen=True)
class PlateChange(Keyed):
    """How much lighter one plate shows one group of people than L does.

    Attributes:
        plate: name of the plate.
        group: name of the group.
        people: number of people in it.
        skin, lips: mean change of L, below 0 for darker.
    """

    plate: str
    group: str
    people: int
    skin: Estimate
    lips: Estimate


def errors_on_plates(split: Split, labels: np.ndarray, order: Iterable[str]) -> list[PlateChange]:
    """Measure how much lighter skin and lips are on a plate than in L, by group. Lesson 7.5.

    Args:
        split: faces.
        labels: str (N,), the group of each face (such as tones.by_drawn(tones.drawn(split))).
        order: the groups; those without faces are left out.

    Returns:
        One result for each plate and group.

    Example:
        >>> rows = errors_on_plates(test, np.full(len(test), "all"), ["all"])  # doctest: +SKIP
        >>> rows[1].lips.value  # doctest: +SKIP
    """
    order = list(order)
    rows = []
    for plate in damage.PLATES:
        photos = age(split, Damage(plate=plate))
        shown = np.concatenate([photos.L, split.lab[..., 1:]], axis=-1)  # (N, H, W, 3)
        skin = (tones.skin(shown) - tones.skin(split.lab))[:, 0]  # (N,), of L
        lips = (tones.lips(shown) - tones.lips(split.lab))[:, 0]
        for group in order:
            own = labels == group
            if not own.any():
                continue
            identities = split.identities[own]
            rows.append(
                PlateChange(
                    plate=plate,
                    group=group,
                    people=len(set(identities)),
                    skin=mean_with_interval(mean_by_person(skin[own], identities)),
                    lips=mean_with_interval(mean_by_person(lips[own], identities)),
                )
            )
    return rows
