import itertools
import json

import numpy as np
import pytest

from colorkit import plots
from colorkit.color import mean_ab
from colorkit.data import splits
from colorkit.evaluation import comparison, metrics, statistics


class Truth:
    """A predictor that is off by a constant."""

    def __init__(self, split, name: str, off: tuple[float, float]):
        self.split, self.name, self.off = split, name, np.array(off, np.float32)

    def predict(self, L):
        assert np.array_equal(L, self.split.L)
        return self.split.ab + self.off


@pytest.fixture(scope="module")
def rows(train, val):
    return comparison.evaluate(
        [Truth(val, "perfect", (0, 0)), Truth(val, "near", (8, 8))], train, val
    )


FIRST = ["grey", "mean color", "mean color given L", "one true color per image"]
METRICS = {
    "mse",
    "skill",
    *metrics.RULES,
    "auc",
    "rebalanced_auc",
    "psnr",
    "ssim",
    "delta_e",
    "colorfulness",
}


def find_row(rows, name: str) -> comparison.Evaluated:
    return next(row for row in rows if row.name == name)


def value(rows, name: str, metric: str) -> float | None:
    return find_row(rows, name).metrics[metric].value


def test_baselines_come_first(rows):
    assert [row.name for row in rows] == [*FIRST, "perfect", "near"]


def test_baselines_come_even_without_a_predictor(train, val):
    assert [row.name for row in comparison.evaluate([], train, val)] == FIRST


def test_a_table_without_a_baseline_is_refused(rows):
    for name in FIRST[:3]:
        with pytest.raises(ValueError, match=f"missing: {name}"):
            plots.evaluation_tables([row for row in rows if row.name != name])


def test_skill_is_measured_against_mean_color(rows):
    mean_color = find_row(rows, "mean color")
    assert (value(rows, "mean color", "skill"), value(rows, "perfect", "skill")) == (0, 1)
    assert value(rows, "near", "skill") == pytest.approx(1 - 64 / mean_color.mse)
    assert value(rows, "grey", "skill") == pytest.approx(
        1 - value(rows, "grey", "mse") / mean_color.mse
    )
    assert value(rows, "grey", "skill") < 0


def test_mean_color_is_fitted_on_train_not_on_what_is_judged(train, val, rows):
    color = train.ab.mean((0, 1, 2), dtype=np.float64)
    expected = np.mean((val.ab - color) ** 2)
    assert rows[1].mse == pytest.approx(expected, rel=1e-4)
    assert rows[1].mse != pytest.approx(np.mean((val.ab - val.ab.mean((0, 1, 2))) ** 2), rel=1e-4)


def test_the_oracle_knows_the_faces_that_are_judged(val, rows):
    expected = np.mean((val.ab - val.ab.mean((1, 2), keepdims=True)) ** 2)
    assert value(rows, FIRST[-1], "mse") == pytest.approx(expected, rel=1e-4)


def test_figures_of_known_errors(val, rows):
    near = {name: found.value for name, found in find_row(rows, "near").metrics.items()}
    perfect = {name: found.value for name, found in find_row(rows, "perfect").metrics.items()}
    assert [near[rule] for rule in metrics.RULES] == [1, 1, 0]
    assert near["mse"] == pytest.approx(64)
    share = (151 - 12) / 151  # the distance is 11.3
    assert (near["auc"], near["rebalanced_auc"]) == pytest.approx((share, share))
    assert [perfect[what] for what in ("mse", "delta_e", "ssim", "colorfulness")] == pytest.approx(
        [0, 0, 1, 1]
    )
    assert value(rows, "grey", "colorfulness") == pytest.approx(0, abs=0.02)
    assert near["delta_e"] > 3
    assert near["psnr"] < 40


def test_every_figure_has_an_interval_around_it(rows):
    for each in rows:
        assert set(each.metrics) == METRICS
        for what, (found, low, high) in each.metrics.items():
            assert low is None or low - 1e-9 <= found <= high + 1e-9, (each.name, what)
    found, low, high = find_row(rows, "mean color").metrics["mse"]
    assert low < found < high
    assert find_row(rows, "near").metrics["mse"] == pytest.approx((64, 64, 64))


def test_what_is_infinite_is_none_and_so_can_be_written_as_json(rows):
    assert find_row(rows, "perfect").metrics["psnr"] == (None, None, None)
    written = [row.to_json() for row in rows]
    perfect = next(row for row in written if row["name"] == "perfect")
    assert (perfect["psnr"], perfect["intervals"]["psnr"]) == (None, [None, None])
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    assert "| infinite |" in plots.evaluation_tables(rows)


def test_the_tables(rows):
    first, second = (table.splitlines() for table in plots.evaluation_tables(rows).split("\n\n"))
    assert len(first) == len(second) == 2 + len(rows)
    assert {line.count("|") for line in first} == {8}
    assert {line.count("|") for line in second} == {7}
    assert first[-1].startswith(
        f"| near | 64.0 (64.0 to 64.0) | {value(rows, 'near', 'skill'):+.0%} ("
    )
    everything = "100.0% (100.0% to 100.0%)"
    assert second[-1].startswith(
        f"| near | {everything} | {everything} | 0.0% (0.0% to 0.0%) | 92.1% ("
    )
    assert "| +0% (+0% to +0%) |" in first[3]


def test_several_pictures_of_a_person_count_as_one(train, val):
    """Chance draws people: a person shown twice is no more evidence."""
    twice = splits.Split(
        np.concatenate([val.lab, val.lab]), np.concatenate([val.identities, val.identities])
    )
    once, both = (
        [row.to_json() for row in comparison.evaluate([], train, faces)] for faces in (val, twice)
    )
    assert json.dumps(once) == json.dumps(both)


def test_means_of_people_are_in_order_of_first_appearance():
    assert statistics.mean_by_person(
        np.array([4, 1, 6, 3]), np.array(["b", "a", "b", "c"])
    ).tolist() == [5, 1, 3]


def test_chunks_do_not_matter(val, monkeypatch):
    whole = comparison.measure(Truth(val, "near", (8, 8)), val)
    monkeypatch.setattr(comparison, "PICTURES_AT_A_TIME", 3)
    parts = comparison.measure(Truth(val, "near", (8, 8)), val)
    assert all(np.array_equal(whole[what], parts[what]) for what in whole)


def test_each_is_compared_with_the_next_worse_one(rows):
    """Face by face: `near` is off by 64 on every face, mean color by very different amounts."""
    ordered = sorted(rows, key=lambda row: row.mse)
    lines = plots.difference_lines(rows)
    assert len(lines) == len(rows) - 1
    for line, (better, worse) in zip(lines, itertools.pairwise(ordered), strict=True):
        names = f"{better.name} against {worse.name}"
        assert line.startswith(f"{names}: {better.mse - worse.mse:.1f} (")
    assert plots.difference_lines([find_row(rows, "near"), find_row(rows, "perfect")]) == [
        "perfect against near: -64.0 (-64.0 to -64.0), lower"
    ]
    assert plots.difference_lines([rows[1], rows[1]])[0].endswith("0.0 (0.0 to 0.0), cannot tell")


def test_references_are_the_errors_on_the_faces_that_are_judged(train, val):
    found = comparison.references(train, val)
    assert list(found) == ["mean color", "mean color given L", "one true color per image"]
    assert found["mean color"] == pytest.approx(
        ((val.ab - mean_ab(train.lab)) ** 2).mean(), rel=1e-5
    )
    assert found["one true color per image"] < found["mean color"]
