"""How the errors of models that learned from clean faces grow when they are shown old photographs, and what old plates do to faces."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..data import damage, tones
from ..data.old_photos import STRENGTHS, Damage, age
from ..data.splits import Split
from . import baselines, metrics, statistics
from .baselines import OneTrueColor
from .comparison import MEASURES, Predictor, mean_by_person, measure

MSE = {"mse": MEASURES["mse"]}
STEPS: dict[
    str, tuple
] = {  # what is tried of each kind of damage, nothing else being damaged; the units are in old_photos.STRENGTHS
    "plate": tuple(damage.PLATES),
    "shift": (0, 4, 8, 16),
    "zoom": (0, 0.1, 0.2, 0.4),
    "defocus": (0, 1, 2, 4),
    "vignette": (0, 0.25, 0.5, 1),
    "grain": (0, 4, 8, 16),
    "fade": (0, 0.25, 0.5, 0.75),
    "marks": (0, 4, 16, 64),
}


def error_growth(
    predictors: Iterable[Predictor], train: Split, split: Split, steps: dict[str, tuple] = STEPS
) -> list[dict[str, Any]]:
    """Measure the baselines (fitted on clean `train`), the yardstick of one true color, and the predictors on old photographs of `split`.

    Args:
        predictors: runs, by name.
        train, split: clean faces.
        steps: of each field of Damage, what is tried.

    Returns:
        What json.dumps takes. For each kind of damage: damage, unit, and predictors, of each name and points. A point has strength, and,
        each as a list of the value and the two ends of its 95 % interval, mse; skill, against the mean color on the same photographs; and
        worse, the mean change of a person's MSE from the clean picture.
    """
    fitted, predictors = [baseline.fit(train) for baseline in baselines.BASELINES], list(predictors)

    def errors(how: Damage) -> dict[str, np.ndarray]:
        photos = age(split, how)
        judged = [*fitted, OneTrueColor(photos), *predictors]
        return {
            each.name: mean_by_person(measure(each, photos, MSE)["mse"], split.identities)
            for each in judged
        }

    found = {
        how: errors(how)
        for how in {
            Damage(),
            *(Damage(**{kind: step}) for kind, tried in steps.items() for step in tried),
        }
    }
    return [
        {
            "damage": kind,
            "unit": STRENGTHS[kind].unit if kind in STRENGTHS else "sensitivity",
            "predictors": [
                {
                    "name": name,
                    "points": [
                        _point(name, step, found[Damage(**{kind: step})], found[Damage()])
                        for step in tried
                    ],
                }
                for name in found[Damage()]
            ],
        }
        for kind, tried in steps.items()
    ]


def _point(
    name: str, step: float | str, errors: dict[str, np.ndarray], clean: dict[str, np.ndarray]
) -> dict[str, Any]:
    own, reference = errors[name], errors[baselines.MeanColor.name]
    return {
        "strength": step,
        "mse": _mean(own),
        "skill": [metrics.skill(own, reference), *statistics.skill_with_interval(own, reference)],
        "worse": _mean(own - clean[name]),
    }


def _mean(values: np.ndarray) -> list[float]:
    return [float(values.mean()), *statistics.bootstrap(values)]


def errors_on_plates(
    split: Split, labels: np.ndarray, order: Iterable[str]
) -> list[dict[str, Any]]:
    """How much lighter or darker skin and lips are on a plate than in L, by group.

    Args:
        split: faces.
        labels: str (N,), the group of each face (such as tones.by_drawn(tones.drawn(split))).
        order: the groups; those without faces are left out.

    Returns:
        A row for each plate and group: plate, group, people, and of skin and lips the mean change of L, below 0 for darker, with the two
        ends of its 95 % interval.
    """
    rows = []
    for plate in damage.PLATES:
        photos = age(split, Damage(plate=plate))
        shown = np.concatenate([photos.L, split.lab[..., 1:]], axis=-1)
        changes = {
            name: (of(shown) - of(split.lab))[:, 0]
            for name, of in (("skin", tones.skin), ("lips", tones.lips))
        }
        for group in order:
            if (own := labels == group).any():
                who = split.identities[own]
                means = {
                    name: _mean(mean_by_person(change[own], who))
                    for name, change in changes.items()
                }
                rows.append({"plate": plate, "group": group, "people": len(set(who))} | means)
    return rows
