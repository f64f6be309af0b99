import itertools

import numpy as np
import pytest

from colorkit import evaluation, metrics


class Truth:
    """A predictor that is off by a constant."""

    def __init__(self, split, name: str, off: tuple[float, float]):
        self.split, self.name, self.off = split, name, np.array(off, np.float32)

    def predict(self, L):
        assert np.array_equal(L, self.split.L)
        return self.split.ab + self.off


@pytest.fixture(scope="module")
def rows(train, val):
    return evaluation.evaluate([Truth(val, "perfect", (0, 0)), Truth(val, "near", (8, 8))], train, val)


def test_baselines_come_first(rows):
    assert [row["name"] for row in rows] == ["grey", "mean color", "mean color given L", "perfect", "near"]


def test_baselines_come_even_without_a_predictor(train, val):
    assert [row["name"] for row in evaluation.evaluate([], train, val)] == ["grey", "mean color", "mean color given L"]


def test_skill_is_measured_against_mean_color(rows):
    grey, mean_color, _, perfect, near = (row["skill"] for row in rows)
    assert (mean_color, perfect) == (0, 1)
    assert near == pytest.approx(1 - 64 / rows[1]["mse"])
    assert grey == pytest.approx(1 - rows[0]["mse"] / rows[1]["mse"])
    assert grey < 0


def test_mean_color_is_fitted_on_train_not_on_what_is_judged(train, val, rows):
    color = train.ab.mean((0, 1, 2), dtype=np.float64)
    expected = np.mean((val.ab - color) ** 2)
    assert rows[1]["mse"] == pytest.approx(expected, rel=1e-4)
    assert rows[1]["mse"] != pytest.approx(np.mean((val.ab - val.ab.mean((0, 1, 2))) ** 2), rel=1e-4)


def test_shares_by_each_rule(rows):
    assert [rows[4][rule] for rule in metrics.RULES] == [1, 1, 0]
    assert rows[4]["mse"] == pytest.approx(64)


def test_intervals_and_the_error_of_each_face(val, rows):
    assert rows[4]["errors"] == pytest.approx([64] * len(val))
    assert (rows[4]["low"], rows[4]["high"]) == pytest.approx((64, 64))
    assert rows[1]["low"] < rows[1]["mse"] < rows[1]["high"]
    assert np.mean(rows[1]["errors"]) == pytest.approx(rows[1]["mse"])
    assert rows[4]["auc"] == pytest.approx((151 - 12) / 151)  # the distance is 11.3


def test_the_table(rows):
    lines = evaluation.to_markdown(rows).splitlines()
    assert len(lines) == 2 + 5
    assert {line.count("|") for line in lines} == {9}
    assert lines[-1] == f"| near | 64.0 | 64.0 to 64.0 | {rows[4]['skill']:+.0%} | 100.0% | 100.0% | 0.0% | 92.1% |"
    assert "+0%" in lines[3]


def test_each_is_compared_with_the_next_worse_one(rows):
    """Face by face: `near` is off by 64 on every face, mean color by very different amounts."""
    ordered = sorted(rows, key=lambda row: row["mse"])
    lines = evaluation.differences(rows)
    assert len(lines) == 4
    for line, (better, worse) in zip(lines, itertools.pairwise(ordered), strict=True):
        assert line.startswith(f"{better['name']} against {worse['name']}: {better['mse'] - worse['mse']:.1f} (")
    assert lines[0] == "perfect against near: -64.0 (-64.0 to -64.0), lower"
    assert evaluation.differences([rows[1], rows[1]])[0].endswith("0.0 (0.0 to 0.0), cannot tell")
