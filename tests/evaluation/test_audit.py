"""Audit a few of the kit's faces: fair and unfair predictors must come out as such."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from colorkit import plots
from colorkit.cli import evaluate
from colorkit.color import compose
from colorkit.data import tones
from colorkit.data.splits import Split
from colorkit.evaluation import audit, baselines, comparison, groups, metrics, perception

KEPT = Path(__file__).with_name("evaluate.json")

pytestmark = [pytest.mark.slow, pytest.mark.newest]


class Knows:
    """A predictor that finds each face by its L.

    It is off by a constant; on faces drawn with the tones `badly`, by a larger one.
    """

    def __init__(self, name: str, *known: Split, off: float = 0, badly: tuple[int, ...] = ()):
        self.name = name
        self.answers = {}
        for split in known:
            for L, ab, identity in zip(split.L, split.ab, split.identities, strict=True):
                wrong = off + 12 * (1 + int(identity) % 10 in badly)
                self.answers[L.tobytes()] = ab + np.float32(wrong)

    def predict(self, L: np.ndarray) -> np.ndarray:
        return np.stack([self.answers[face.tobytes()] for face in L])


@pytest.fixture(scope="module")
def five() -> Split:
    return tones.five_lights()[0]


@pytest.fixture(scope="module")
def predictors(train, five) -> list[Knows]:
    return [
        Knows("perfect", train, five),
        Knows("unfair", train, five, off=8, badly=(9, 10)),
    ]


@pytest.fixture(scope="module")
def report(predictors, train, val) -> audit.AuditReport:
    """32 faces are judged; the four that train have drawn tones of two groups at the most."""
    return audit.audit_report(predictors, val, train)


def rows_of(grouping, name: str) -> list[groups.GroupRow]:
    """Find one predictor's rows in a grouping, or in the five lights."""
    (found,) = [each.rows for each in grouping.predictors if each.name == name]
    return found


def find_grouping(report: audit.AuditReport, name: str) -> audit.GroupingAudit:
    return next(each for each in report.groupings if each.name == name)


def test_three_ways_of_grouping_and_the_baseline_first(report):
    assert [each.name for each in report.groupings] == [
        "Apparent tone (ITA)",
        "Apparent hue",
        "Drawn tone",
    ]
    for each in [*report.groupings, report.lights]:
        assert [predictor.name for predictor in each.predictors] == [
            "mean color",
            "perfect",
            "unfair",
        ]
        assert sum(row.people for row in each.predictors[0].rows) == (
            100 if each is report.lights else 32
        )


def test_a_perfect_predictor(report):
    for each in [*report.groupings, report.lights]:
        for row in rows_of(each, "perfect"):
            assert (row.mse.value, row.delta_e.value) == (0, 0)
            assert row.skill is None or row.skill.value == 1


def test_mean_color_is_that_of_the_training_faces(report, train, val):
    """The expected numbers are computed without the kit's evaluation.

    The drawn tone follows from an identity's number.
    """
    pairs = np.array([int(identity) % 10 // 2 for identity in train.identities])
    color = val.ab.mean((0, 1, 2), dtype=np.float64)
    for number, row in enumerate(rows_of(find_grouping(report, "Drawn tone"), "mean color")):
        assert row.group == tones.DRAWN_GROUPS[number]
        assert row.mse.value == pytest.approx(
            ((train.ab[pairs == number] - color) ** 2).mean(), rel=1e-4
        )


def test_skill_is_measured_against_the_mean_color_of_the_group_s_own_training_faces(
    report, train, val
):
    pairs, training = (
        np.array([int(identity) % 10 // 2 for identity in split.identities])
        for split in (train, val)
    )
    found = rows_of(find_grouping(report, "Drawn tone"), "unfair")
    assert {row.group for row in found if row.skill} == {
        tones.DRAWN_GROUPS[pair] for pair in set(training)
    }
    for pair in set(training):
        own = val.ab[training == pair].mean((0, 1, 2), dtype=np.float64)
        reference = ((train.ab[pairs == pair] - own) ** 2).mean()
        wrong = 400 if pair == 4 else 64
        assert found[pair].skill.value == pytest.approx(1 - wrong / reference, abs=1e-4)


def test_painting_each_group_in_its_own_color_has_no_skill(train):
    """In training itself; where each group's color is known, the mean color of all is below 0."""
    found = audit.audit_report([], train, train)
    for each in found.groupings:
        for row in rows_of(each, "mean color"):
            assert row.skill.value < 0.001
        (spread,) = [predictor.spread for predictor in each.predictors]
        for quantity in ("mse", "skill"):
            large = [row for row in rows_of(each, "mean color") if row.people >= 5]
            values = [getattr(row, quantity).value for row in large]
            assert spread[quantity].lowest.value == pytest.approx(min(values))
            assert spread[quantity].highest.value == pytest.approx(max(values))


def test_the_unfair_one_is_found_out_and_the_fair_one_is_not(report):
    spread = {each.name: each.spread["mse"] for each in report.lights.predictors}
    assert spread["unfair"].unequal
    assert spread["unfair"].highest == ("Monk 9-10", pytest.approx(400))
    assert spread["unfair"].lowest.value == pytest.approx(64)
    assert spread["perfect"].p == 1


def test_by_apparent_tone_the_groups_are_those_of_the_pictures(report, train):
    names = tones.by_ita(tones.ita(tones.skin(train.lab)))
    found = rows_of(find_grouping(report, "Apparent tone (ITA)"), "unfair")
    assert {row.group: row.people for row in found} == {
        name: int((names == name).sum()) for name in names
    }


def test_delta_e_is_that_of_the_pictures(report, train):
    """Off by 8 in a* and b* on all faces but those of the two darkest tones."""
    pairs = np.array([int(identity) % 10 // 2 for identity in train.identities])
    faces = Split(train.lab[pairs == 1], train.identities[pairs == 1])
    rows = rows_of(find_grouping(report, "Drawn tone"), "unfair")
    (row,) = [row for row in rows if row.group == "Monk 3-4"]
    assert row.delta_e.value == pytest.approx(
        perception.ciede2000(compose(faces.L, faces.ab + 8), faces.rgb).mean(), rel=1e-5
    )


def test_in_five_lights(report):
    lights = report.lights
    assert (lights.people, lights.pictures, sum(lights.groups_a_person)) == (100, 500, 100)
    assert list(lights.parts) == [
        "ITA, degrees", "hue, degrees", "MSE of mean color", "MSE of perfect", "MSE of unfair",
    ]  # fmt: skip
    ita = np.array([face.ita for face in lights.faces])
    assert lights.span == pytest.approx(np.median(ita.max(axis=1) - ita.min(axis=1)), abs=0.02)
    tone = np.array([face.tone for face in lights.faces])
    assert lights.correlation == pytest.approx(
        np.corrcoef(ita.ravel(), tone.repeat(5))[0, 1], abs=1e-4
    )
    one_group = sum(len(set(tones.by_ita(row))) == 1 for row in ita)
    assert lights.groups_a_person[0] == one_group


def test_what_ita_and_hue_measure_on_the_kit_s_faces(report):
    """ITA measures the drawn tone, over all ten; hue and the mean color's errors, the light.

    One person is in several ITA groups.
    """
    share = {name: part.share for name, part in report.lights.parts.items()}
    assert share["ITA, degrees"].tone > 0.7
    assert share["hue, degrees"].light > 0.6
    assert share["MSE of mean color"].light > 0.5
    assert share["MSE of unfair"].tone == pytest.approx(1, abs=0.12)  # errors of two tones alone
    assert report.lights.groups_a_person[0] < 50


def test_without_the_kit_s_own_faces_the_drawn_tone_is_not_reported(train, val):
    other = Split(np.flip(val.lab, axis=2), val.identities)
    found = audit.audit_report([], train, other)
    assert not found.drawn
    assert [each.name for each in found.groupings] == ["Apparent tone (ITA)", "Apparent hue"]
    assert "### Drawn tone\n\nNot known" in plots.audit_page(found)
    assert rows_of(found.lights, "mean color")[0].skill is not None
    trained_elsewhere = audit.audit_report([], other, train)
    for each in (find_grouping(trained_elsewhere, "Drawn tone"), trained_elsewhere.lights):
        assert {row.skill for row in rows_of(each, "mean color")} == {None}


def test_the_same_inputs_give_the_same_bytes(train, val):
    first, second = (
        json.dumps(audit.audit_report([], val, train).to_json(), allow_nan=False) for _ in range(2)
    )
    assert first == second


FLOAT = re.compile(r"-?\d+(?:\.\d+(?:e[+-]?\d+)?|e[+-]?\d+)")


def test_the_json_stays_as_scripts_read_it(predictors, report, train, val):
    """evaluate.json was written before results had classes of their own.

    All bytes must be the same, but for the last digits of numbers, which depend on the machine.
    """
    rows = comparison.evaluate(predictors, val, train)
    text = json.dumps(evaluate.to_json("train", len(train), rows, report), indent=2) + "\n"
    kept = KEPT.read_text(encoding="utf-8")
    assert FLOAT.sub("#", text) == FLOAT.sub("#", kept)
    numbers, kept_numbers = (np.array(FLOAT.findall(each), float) for each in (text, kept))
    assert len(numbers) > 1300
    assert numbers == pytest.approx(kept_numbers, rel=1e-4, abs=1e-4)


def test_the_json_without_an_audit_has_no_key_for_it():
    found = evaluate.to_json("val", 4, [], None)
    assert found == {"split": "val", "images": 4, "rows": []}


def test_the_page(report):
    page = plots.audit_page(report)
    titles = [line for line in page.splitlines() if line.startswith("#")]
    assert titles == [
        "## Audit by apparent skin tone",
        "### Apparent tone (ITA)",
        "### Apparent hue",
        "### Drawn tone",
        "### One face, five lights",
    ]
    tables = [block.splitlines() for block in page.split("\n\n") if block.startswith("|")]
    assert len(tables) == 5
    for table in tables:
        assert len({line.count("|") for line in table}) == 1
    assert "nan" not in page
    assert "None" not in page
    assert "| unfair | Monk 1-2 | 20 | 64.0 | 64.0 to 64.0 | " in page
    ends = "64.0 (Monk 1-2) to 400.0 (Monk 9-10)"
    assert f"- unfair, MSE: not equal: {ends}, 336.0 apart; by chance up to " in page
    assert "no training faces" in page
    assert page.count("apart; by chance up to") + page.count("nothing to compare") == 4 * 3 * 2


SPREAD = groups.Spread(
    lowest=groups.GroupValue("a", -0.004),
    highest=groups.GroupValue("b", 0.216),
    difference=0.22,
    by_chance=0.1,
    p=0.0123,
    unequal=True,
)


def test_verdicts_in_words():
    assert (
        plots.groups_verdict(SPREAD, "skill")
        == "not equal: +0% (a) to +22% (b), 22 points apart; by chance up to 10 points (p = 0.012)"
    )
    assert plots.groups_verdict(replace(SPREAD, unequal=False), "mse").startswith(
        "cannot tell: -0.0 (a) to 0.2 (b), 0.2 apart; by chance up to 0.1 ("
    )
    assert (
        plots.groups_verdict(None, "mse")
        == "nothing to compare: fewer than two groups have enough faces"
    )


def test_the_baseline_s_color_is_not_of_the_judged_faces(train, val, report):
    """The counter-check: with them in it, the numbers would be others."""
    own = metrics.mse(baselines.MeanColor.fit(train).predict(train.L), train.ab).mean()
    found = rows_of(find_grouping(report, "Apparent hue"), "mean color")
    overall = sum(row.mse.value * row.people for row in found) / 32
    assert overall == pytest.approx(
        metrics.mse(baselines.MeanColor.fit(val).predict(train.L), train.ab).mean(), rel=1e-5
    )
    assert overall > 1.005 * own
