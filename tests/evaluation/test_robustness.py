"""Measure errors by strength of damage.

The numbers are the kit's own measures of the photographs, with the baselines beside them.
"""

import numpy as np
import pytest

from colorkit.data import tones
from colorkit.data.old_photos import STRENGTHS, Damage, age
from colorkit.data.splits import Split
from colorkit.evaluation import baselines, comparison, metrics, robustness

STEPS = {"plate": ("panchromatic", "blue-sensitive"), "shift": (0, 12), "fade": (0, 0.7)}


class ByLightness:
    """Paints by lightness alone, steeply: what fades is painted wrong."""

    name = "by lightness"

    def predict(self, L):
        return np.repeat(L.astype(np.float32) - 128, 2, axis=-1)


@pytest.fixture(scope="module")
def report(train, val):
    return robustness.error_growth([ByLightness()], train, val, STEPS)


def points(report, damage: str, name: str) -> list[robustness.DamagePoint]:
    (panel,) = (each for each in report if each.damage == damage)
    (found,) = (each for each in panel.predictors if each.name == name)
    return found.points


def test_a_panel_each_with_unit_and_all_baselines(report):
    assert [panel.damage for panel in report] == list(STEPS)
    assert [panel.unit for panel in report] == [
        "sensitivity",
        "pixels off center",
        "share of contrast lost",
    ]
    names = ["grey", "mean color", "mean color given L", "one true color per image", "by lightness"]
    assert [[each.name for each in panel.predictors] for panel in report] == [names] * 3
    assert [point.strength for point in points(report, "plate", "grey")] == list(STEPS["plate"])


def test_the_points_are_the_kit_s_own_measures(report, train, val):
    photos = age(val, Damage(fade=0.7))
    rows = {row.name: row for row in comparison.evaluate([ByLightness()], train, photos)}
    for name, row in rows.items():
        point = points(report, "fade", name)[1]
        assert point.mse == pytest.approx(row.metrics["mse"])
        assert point.skill == pytest.approx(row.metrics["skill"], abs=1e-9)


def test_what_is_worse_is_counted_person_by_person(report, val):
    clean, faded = (
        metrics.mse(ByLightness().predict(photos.L), photos.ab)
        for photos in (val, age(val, Damage(fade=0.7)))
    )
    value, low, high = points(report, "fade", "by lightness")[1].worse
    assert value == pytest.approx((faded - clean).mean(), rel=1e-5)
    assert low < value < high
    assert points(report, "fade", "by lightness")[0].worse == (0, 0, 0)


def test_what_does_not_look_is_hurt_by_no_damage_that_leaves_the_frame(report):
    for name in ("grey", "mean color", "one true color per image"):
        assert points(report, "fade", name)[1].worse == (0, 0, 0)
        assert points(report, "shift", name)[1].worse.value != 0  # its truth has moved
    assert points(report, "fade", "mean color given L")[1].worse.value != 0


def test_every_kind_of_damage_is_tried_from_none_on():
    assert set(robustness.STEPS) == {"plate", *STRENGTHS}
    assert {Damage(**{kind: steps[0]}) for kind, steps in robustness.STEPS.items()} == {Damage()}
    for kind, steps in robustness.STEPS.items():
        assert kind == "plate" or list(steps) == sorted(steps)


def test_skin_and_lips_on_plates(val):
    """A face has one color but for its lips: what changes is how the plate sees the two."""
    lab = np.empty((2, 112, 112, 3), np.uint8)
    lab[:] = (170, 140, 146)
    lab[:, tones.LIPS[0], tones.LIPS[1]] = (120, 154, 144)
    rows = robustness.errors_on_plates(
        Split(lab, np.array(["1", "2"])), np.array(["light", "light"]), ("dark", "light")
    )
    assert [(row.plate, row.group, row.people) for row in rows] == [
        (plate, "light", 2) for plate in ("panchromatic", "orthochromatic", "blue-sensitive")
    ]
    assert rows[0].skin == rows[0].lips == (0, 0, 0)
    shown = (
        age(Split(lab, np.array(["1", "2"])), Damage(plate="orthochromatic")).L.astype(float) / 2.55
    )
    skin, lips = shown[0, 64, 38, 0] - 170 / 2.55, shown[0, 94, 55, 0] - 120 / 2.55
    assert rows[1].skin == pytest.approx((skin, skin, skin), abs=1e-4)
    assert rows[1].lips == pytest.approx((lips, lips, lips), abs=1e-4)
    assert rows[1].lips.value < rows[1].skin.value < 0


def test_a_person_s_pictures_count_once(val):
    lab = val.lab[[0, 0, 0, 1]]
    rows = robustness.errors_on_plates(
        Split(lab, np.array(["a", "a", "a", "b"])), np.array(["x"] * 4), ("x",)
    )
    each = []
    for number in (0, 1):
        alone = Split(val.lab[[number]], np.array(["a"]))
        found = robustness.errors_on_plates(alone, np.array(["x"]), ("x",))
        each.append(found[1].skin.value)
    assert rows[1].people == 2
    assert rows[1].skin.value == pytest.approx(np.mean(each), abs=1e-4)


def test_the_baselines_are_fitted_on_the_clean_training_faces(report, train, val):
    pred = baselines.MeanColorGivenL.fit(train).predict(age(val, Damage(fade=0.7)).L)
    assert points(report, "fade", "mean color given L")[1].mse.value == pytest.approx(
        metrics.mse(pred, val.ab).mean(), rel=1e-5
    )
