"""Measure what color hints are worth.

A model gets the hints that Levin's optimization spreads, and both are measured as usual.
"""

import numpy as np
import pytest

from colorkit import color
from colorkit.data.splits import Split
from colorkit.evaluation import baselines, hint_curve, perception


class Copier:
    """Stands in for a run: keeps what it is given, and paints the hints where they are."""

    name = "copier"

    def predict(self, L, hints):
        self.L, self.hints = L, hints
        return hints[..., :2]


@pytest.fixture
def spread(monkeypatch) -> list[color.Hints]:
    """What reaches `levin`, which paints the hints where they are."""
    seen = []
    monkeypatch.setattr(baselines, "levin", lambda L, told: seen.append(told) or told.ab)
    return seen


def test_a_model_is_given_what_levin_is_given(val, spread):
    run = Copier()
    for count, seed in ((1, 0), (7, 3)):
        spread.clear()
        pred = hint_curve.Hinted("model", run, val, count, seed).predict(val.L[::-1])
        levin = baselines.Levin(val, count, seed).predict(val.L[::-1])
        assert np.array_equal(run.L, val.L[::-1])
        assert np.array_equal(run.hints, np.stack([color.hint_planes(told) for told in spread]))
        assert np.array_equal(pred, levin)
        assert run.hints.any((1, 2, 3)).all()


def test_no_hints_and_another_split(train, val):
    run = Copier()
    assert not hint_curve.Hinted("model", run, val, 0).predict(val.L).any()
    with pytest.raises(ValueError, match=r"^model: face 0 is not in the split that it knows"):
        hint_curve.Hinted("model", run, val, 1).predict(train.L)


def test_the_curve_is_psnr_by_person(val, spread):
    """Two people, one with three pictures: each counts as one."""
    judged = Split(val.lab, np.array(["one", "one", "one", "two"]))
    rows = hint_curve.measure_hint_curve(Copier(), judged, (0, 2), seed=1)
    assert [row.count for row in rows] == [0, 2]
    assert (rows[0].levin, rows[0].ahead) == (None, None)
    for row in rows:
        pred = hint_curve.Hinted("", Copier(), judged, row.count, 1).predict(judged.L)
        values = perception.psnr(color.compose(judged.L, pred), judged.rgb)
        people = [values[:3].mean(), values[3]]
        assert row.model.value == pytest.approx(np.mean(people))
        # of two people, either may be drawn twice
        assert (row.model.low, row.model.high) == pytest.approx((min(people), max(people)))
    assert rows[1].levin == rows[1].model
    assert rows[1].ahead == (0, 0, 0)


def test_ahead_is_the_difference_person_by_person(val, monkeypatch):
    monkeypatch.setattr(baselines, "levin", lambda L, told: np.zeros(told.ab.shape, np.float32))
    (row,) = hint_curve.measure_hint_curve(Copier(), val, (40,))
    mean, low, high = row.ahead
    assert mean == pytest.approx(row.model.value - row.levin.value)
    assert low < mean < high
    assert mean > 0  # hints in their places are nearer to the truth than grey
