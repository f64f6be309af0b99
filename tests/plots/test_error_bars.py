"""Error bars: what is drawn are the report's numbers."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer

from colorkit import plots
from colorkit.data import tones
from colorkit.evaluation import hint_curve
from colorkit.evaluation.audit import (
    AuditReport,
    FiveLights,
    GroupingAudit,
    PersonInLights,
    PredictorAudit,
)
from colorkit.evaluation.groups import GroupRow, GroupValue, Spread
from colorkit.evaluation.hint_curve import HintPoint
from colorkit.evaluation.robustness import DamageCurve, DamagePoint, ErrorGrowth
from colorkit.evaluation.statistics import Estimate

SPREAD = Spread(
    lowest=GroupValue("light", 50.0),
    highest=GroupValue("dark", 70.0),
    difference=20.0,
    by_chance=9.0,
    p=0.004,
    unequal=True,
)


def make_group(group: str, people: int, mse: Estimate) -> GroupRow:
    return GroupRow(group, people, pictures=people, mse=mse, skill=None, delta_e=Estimate(3.0))


def make_predictor(name: str, worse: float) -> PredictorAudit:
    rows = [
        make_group("light", 30, Estimate(50 + worse, 45 + worse, 57 + worse)),
        make_group("dark", 3, Estimate(70 + worse)),
    ]
    return PredictorAudit(name, rows, {"mse": SPREAD})


def make_report(count: int = 2) -> AuditReport:
    predictors = [make_predictor(f"model {number}", number) for number in range(count)]
    faces = [
        PersonInLights(2, [-70.0, -50, -60, -65, -40]),
        PersonInLights(1, [60.0, 50, 40, 20, 30]),
    ]
    lights = FiveLights(
        people=2,
        pictures=10,
        faces=faces,
        correlation=-1.0,
        groups_a_person=[1, 0, 0, 1, 0],
        span=35.0,
        parts={},
        predictors=predictors,
    )
    by_tone = GroupingAudit("Apparent tone (ITA)", predictors)
    return AuditReport(people=33, pictures=33, drawn=False, groupings=[by_tone], lights=lights)


@pytest.fixture(scope="module")
def errors():
    return plots.errors_by_group(make_report())


def test_a_panel_for_each_grouping_and_one_for_the_five_lights(errors):
    assert [axis.get_title() for axis in errors.figure.axes] == [
        "Apparent tone (ITA)",
        "Drawn tone, in five lights",
    ]
    assert plt.get_fignums() == []


def test_the_marks_are_the_means_and_the_bars_the_intervals(errors):
    bars = [
        each for each in errors.figure.axes[0].containers if isinstance(each, ErrorbarContainer)
    ]
    assert [each.lines[0].get_ydata().tolist() for each in bars] == [[50, 70], [51, 71]]
    spans = [
        [segment[:, 1].tolist() for segment in each.lines[2][0].get_segments() if len(segment)]
        for each in bars
    ]
    assert spans == [[[45, 57]], [[46, 58]]]  # three people have no interval


def test_no_bar_is_cut_off_whatever_the_last_panel_needs():
    report = make_report()
    lights = replace(report.lights, predictors=[make_predictor("model 0", 900)])
    axes = plots.errors_by_group(replace(report, lights=lights)).figure.axes
    assert all(axis.get_ylim()[0] == 0 and axis.get_ylim()[1] > 957 for axis in axes)


def test_n_stands_below_each_group(errors):
    labels = [label.get_text() for label in errors.figure.axes[0].get_xticklabels()]
    assert labels == ["light\n30 people", "dark\n3 people"]


def test_predictors_differ_by_more_than_color():
    bars = plots.errors_by_group(make_report(9)).figure.axes[0].containers
    looks = [(to_hex(each.lines[0].get_color()), each.lines[0].get_marker()) for each in bars]
    assert len(set(looks)) == 9
    assert len({marker for _, marker in looks[:6]}) == 6
    places = np.array([each.lines[0].get_xdata()[0] for each in bars])
    assert (np.diff(places) > 0.05).all()  # none covers another


def test_the_alt_text_says_what_the_marks_say(errors):
    verdict = "not equal: 50.0 (light) to 70.0 (dark), 20.0 apart; by chance up to 9.0 (p = 0.004)"
    assert errors.line.startswith(
        f"Apparent tone (ITA). model 0, {verdict}; model 1, {verdict}. "
        "Drawn tone, in five lights. model 0, "
    )
    assert (
        errors.alt
        == f"Mean squared error by group, with 95 % intervals, in 2 panels. {errors.line}"
    )


def test_five_dots_a_person_in_order_of_the_drawn_tone():
    drawn = plots.tone_in_five_lights(make_report())
    (axis,) = drawn.figure.axes
    dots = {
        tuple(map(tuple, each.get_offsets().tolist()))
        for each in axis.collections
        if isinstance(each, PathCollection)
    }
    assert dots == {
        tuple((0.0, ita) for ita in (60.0, 50.0, 40.0, 20.0, 30.0)),
        tuple((1.0, ita) for ita in (-70.0, -50.0, -60.0, -65.0, -40.0)),
    }
    limits = [line.get_ydata()[0] for line in axis.lines]
    assert limits == list(tones.ITA_LIMITS)
    assert [text.get_text() for text in axis.texts] == list(tones.ITA_GROUPS)
    heights = [text.get_position()[1] for text in axis.texts]
    assert tones.by_ita(np.array(heights)).tolist() == list(
        tones.ITA_GROUPS
    )  # each name stands in its own band
    assert drawn.line == (
        "ITA falls from 40 degrees (median of tone 1) to -60 (tone 2); one person's spans 35 "
        "degrees in the median, and 1 of 2 people stay in one ITA group in all five lights."
    )
    assert plt.get_fignums() == []


def make_point(strength: float, mse: float) -> DamagePoint:
    return DamagePoint(
        strength=strength,
        mse=Estimate(mse, mse - 5, mse + 9),
        skill=Estimate(0.0),
        worse=Estimate(mse - 50, mse - 52, mse - 48),
    )


def make_growth(kinds: int = 3) -> list[ErrorGrowth]:
    errors = {
        "grey": (200, 200),
        "mean color": (50, 50),
        "model 0": (50, 60),
        "model 1": (50, 400),
    }
    curves = [
        DamageCurve(name, [make_point(0, clean), make_point(2.5, damaged)])
        for name, (clean, damaged) in errors.items()
    ]
    return [ErrorGrowth(f"kind {number}", "pixels", curves) for number in range(kinds)]


def test_a_panel_for_each_kind_of_damage():
    axes = plots.errors_by_damage(make_growth()).figure.axes
    assert [axis.get_title() for axis in axes] == ["kind 0", "kind 1", "kind 2"]
    assert [axis.get_xlabel() for axis in axes] == ["pixels"] * 3
    assert [label.get_text() for label in axes[0].get_xticklabels()] == ["0", "2.5"]
    assert all(axis.get_ylim()[0] == 0 and axis.get_ylim()[1] > 409 for axis in axes)
    assert plt.get_fignums() == []


def test_the_marks_are_errors_by_strength_without_grey():
    (axis, *_) = plots.errors_by_damage(make_growth()).figure.axes
    bars = [each for each in axis.containers if isinstance(each, ErrorbarContainer)]
    assert [each.get_label() for each in bars] == ["mean color", "model 0", "model 1"]
    assert [each.lines[0].get_ydata().tolist() for each in bars] == [[50, 50], [50, 60], [50, 400]]
    spans = [segment[:, 1].tolist() for segment in bars[1].lines[2][0].get_segments()]
    assert spans == [[45, 59], [55, 69]]


def test_the_line_names_whom_chance_does_not_explain():
    drawn = plots.errors_by_damage(make_growth(1))
    moved = "model 0 +10.0 (+8.0 to +12.0), model 1 +350.0 (+348.0 to +352.0)"
    assert (
        drawn.line
        == f"Whose MSE the greatest strength changes by more than chance: kind 0 2.5: {moved}."
    )
    alt = "Mean squared error by strength of damage, with 95 % intervals, in 1 panels."
    assert drawn.alt == f"{alt} {drawn.line}"
    (growth,) = make_growth(1)
    calm = replace(growth, predictors=growth.predictors[:2])
    assert plots.errors_by_damage([calm]).line.endswith("kind 0 2.5: nobody.")


HINTED = [
    HintPoint(0, model=Estimate(26.0, 25.5, 26.75), levin=None, ahead=None),
    HintPoint(
        1,
        model=Estimate(29.0, 28.5, 29.75),
        levin=Estimate(25.0, 24.5, 25.75),
        ahead=Estimate(4.0, 3.5, 4.5),
    ),
    HintPoint(
        100,
        model=Estimate(36.0, 35.5, 36.75),
        levin=Estimate(34.0, 33.5, 34.75),
        ahead=Estimate(2.0, 1.5, 2.5),
    ),
]


def test_the_marks_are_psnr_by_hints():
    drawn = plots.psnr_by_hints(HINTED, "U-Net")
    (axis,) = drawn.figure.axes
    bars = [each for each in axis.containers if isinstance(each, ErrorbarContainer)]
    assert [each.get_label() for each in bars] == [
        "U-Net",
        "Levin's optimization",
        "Zhang et al. 2017, on ImageNet",
    ]
    assert [each.lines[0].get_xdata().tolist() for each in bars] == [
        [0, 1, 100],
        [1, 100],
        list(hint_curve.PUBLISHED_PSNR),
    ]
    assert [each.lines[0].get_ydata().tolist() for each in bars] == [
        [26, 29, 36],
        [25, 34],
        list(hint_curve.PUBLISHED_PSNR.values()),
    ]
    spans = [segment[:, 1].tolist() for segment in bars[0].lines[2][0].get_segments()]
    assert spans == [[25.5, 26.75], [28.5, 29.75], [35.5, 36.75]]
    looks = [(each.lines[0].get_marker(), each.lines[0].get_linestyle()) for each in bars]
    assert len({marker for marker, _ in looks}) == len({dash for _, dash in looks}) == 3
    assert [label.get_text() for label in axis.get_xticklabels()] == ["0", "1", "100"]
    assert plt.get_fignums() == []


def test_psnr_by_hints_in_words():
    drawn = plots.psnr_by_hints(HINTED, "U-Net")
    assert drawn.line.startswith(
        "U-Net: 26.0 with 0, 29.0 with 1, 36.0 with 100; "
        "Levin's optimization: 25.0 with 1, 34.0 with 100; Zhang"
    )
    assert drawn.line.endswith(", 31.1 with 100.")
    assert drawn.alt == f"PSNR in decibels against the number of hints, three lines. {drawn.line}"
