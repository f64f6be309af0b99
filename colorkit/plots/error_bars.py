"""Draw errors with their intervals: by group, by damage, by hints; and tone in five lights."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..data import tones
from ..evaluation import hint_curve
from ..evaluation.audit import AuditReport, PredictorAudit
from ..evaluation.baselines import Grey
from ..evaluation.hint_curve import HintPoint
from ..evaluation.robustness import DamageCurve, ErrorGrowth
from ..evaluation.statistics import Estimate
from . import output, tables
from .panels import Drawn

MARKERS = output.MARKERS
SCALE = 90  # degrees: where ITA ends


def errors_by_group(report: AuditReport) -> Drawn:
    """Draw MSE by group with 95 % intervals, and below each group its people. Lesson 5.8.

    There is a panel for each way of grouping.

    Args:
        report: result of evaluation.audit_report.

    Example:
        >>> errors_by_group(report).figure  # doctest: +SKIP
    """
    panels = [(each.name, each.predictors) for each in report.groupings]
    panels.append(("Drawn tone, in five lights", report.lights.predictors))
    size = (output.WIDTH, 2.3 * len(panels))
    figure, axes = _canvas(len(panels), 1, size, sharey=True)
    for axis, (title, predictors) in zip(axes.flat, panels, strict=True):
        _group_panel(axis, title, predictors)
    axes[0, 0].set_ylim(0, None)  # applies to all panels, now that everything is drawn
    output.legend_above(figure, axes[0, 0])
    line = " ".join(_group_line(title, predictors) for title, predictors in panels)
    alt = f"Mean squared error by group, with 95 % intervals, in {len(panels)} panels. {line}"
    return Drawn(figure, alt, line)


def _canvas(
    rows: int, columns: int, size: tuple[float, float], **options: Any
) -> tuple[Figure, np.ndarray]:
    """Return a figure that is not shown, and its axes, (rows, columns)."""
    figure, axes = plt.subplots(
        rows, columns, squeeze=False, figsize=size, layout="constrained", **options
    )
    plt.close(figure)
    return figure, axes


def _group_panel(axis: Axes, title: str, predictors: list[PredictorAudit]) -> None:
    _bars(axis, {each.name: [row.mse for row in each.rows] for each in predictors})
    rows = predictors[0].rows
    names = [f"{row.group}\n{row.people} people" for row in rows]
    axis.set_xticks(range(len(rows)), names, fontsize=8)
    axis.set_xlim(-0.5, len(tones.ITA_GROUPS) - 0.5)
    axis.set_ylabel(output.LABELS["mse"], fontsize=8)
    axis.set_title(title, fontsize=10)


def _group_line(title: str, predictors: list[PredictorAudit]) -> str:
    verdicts = [
        f"{each.name}, {tables.groups_verdict(each.spread['mse'], 'mse')}" for each in predictors
    ]
    return f"{title}. {'; '.join(verdicts)}."


def _bars(axis: Axes, series: dict[str, list[Estimate]]) -> None:
    """Draw a mark and an error bar for each value, those of one place side by side.

    Ends that are None aren't drawn.
    """
    step = 0.6 / len(series)
    for number, (name, estimates) in enumerate(series.items()):
        values, bars = _values_and_bars(estimates)
        offset = (number - (len(series) - 1) / 2) * step
        axis.errorbar(
            np.arange(len(values)) + offset,
            values,
            bars,
            color=output.COLORS[number % 6],
            fmt=MARKERS[(number + number // 6) % 6],
            mec="black",
            mew=0.6,
            markersize=6,
            capsize=3,
            lw=1.5,
            label=name,
        )
    axis.tick_params(labelsize=8)
    axis.grid(axis="y", alpha=0.3)


def _values_and_bars(estimates: Sequence[Estimate]) -> tuple[np.ndarray, np.ndarray]:
    """Return values, (N,), and how far the intervals reach below and above, (2, N)."""
    table = np.array(estimates, float)  # (N, 3): value, low, high; None becomes NaN
    values = table[:, 0]
    bars = np.abs(table[:, 1:] - values[:, None])
    return values, bars.T


def errors_by_damage(report: list[ErrorGrowth]) -> Drawn:
    """Draw MSE by the strength of each kind of damage, with 95 % intervals. Lesson 7.6.

    There is a panel for each kind. Grey is left out: it is so far above the others that it would
    press them flat.

    Args:
        report: result of evaluation.error_growth.

    Example:
        >>> errors_by_damage(growth).figure  # doctest: +SKIP
    """
    rows = (len(report) + 1) // 2
    figure, axes = _canvas(rows, 2, (output.WIDTH, 2.1 * rows), sharey=True)
    for axis, panel in zip(axes.flat, report, strict=False):
        _damage_panel(axis, panel)
    for axis in axes.flat[len(report) :]:
        axis.remove()
    for axis in axes[:, 0]:
        axis.set_ylabel(output.LABELS["mse"], fontsize=8)
    axes[0, 0].set_ylim(0, None)  # applies to all panels, now that everything is drawn
    output.legend_above(figure, axes[0, 0])
    said = " ".join(_damage_line(panel) for panel in report)
    line = f"Whose MSE the greatest strength changes by more than chance: {said}"
    alt = (
        "Mean squared error by strength of damage, with 95 % intervals, in "
        f"{len(report)} panels. {line}"
    )
    return Drawn(figure, alt, line)


def _without_grey(panel: ErrorGrowth) -> list[DamageCurve]:
    return [curve for curve in panel.predictors if curve.name != Grey.name]


def _strengths(panel: ErrorGrowth) -> list[str]:
    return [str(point.strength) for point in panel.predictors[0].points]


def _damage_panel(axis: Axes, panel: ErrorGrowth) -> None:
    curves = _without_grey(panel)
    _bars(axis, {curve.name: [point.mse for point in curve.points] for curve in curves})
    strengths = _strengths(panel)
    axis.set_xticks(range(len(strengths)), strengths)
    axis.set_xlabel(panel.unit, fontsize=8)
    axis.set_title(panel.damage, fontsize=10)


def _damage_line(panel: ErrorGrowth) -> str:
    """Name those whose MSE the greatest strength changes by more than chance."""
    moved = []
    for curve in _without_grey(panel):
        change, low, high = curve.points[-1].worse
        if low is None or high is None:
            continue
        if not low <= 0 <= high:
            moved.append(f"{curve.name} {change:+.1f} ({low:+.1f} to {high:+.1f})")
    return f"{panel.damage} {_strengths(panel)[-1]}: {', '.join(moved) or 'nobody'}."


def tone_in_five_lights(report: AuditReport) -> Drawn:
    """Draw each person's ITA in five lights, over the limits of the ITA groups. Lesson 5.8.

    People are in order of the drawn tone.

    Args:
        report: result of evaluation.audit_report.

    Example:
        >>> tone_in_five_lights(report).figure  # doctest: +SKIP
    """
    lights = report.lights
    people = sorted(lights.faces, key=lambda face: (face.tone, -np.mean(face.ita)))
    tone = np.array([face.tone for face in people])  # (people,)
    ita = np.array([face.ita for face in people])  # (people, 5)
    figure, axes = _canvas(1, 1, (output.WIDTH, 4.2))
    axis = axes[0, 0]
    for odd in (0, 1):  # color and marker distinguish neighboring tones
        places = np.flatnonzero(tone % 2 == odd)
        _columns_of_dots(axis, places, ita[places], odd)
    _ita_groups(axis, len(people))
    _tone_axis(axis, tone)
    line = _lights_line(tone, ita, lights.span, lights.groups_a_person[0])
    alt = (
        "A column of five dots a person, ordered by drawn tone, over the limits of the six ITA "
        f"groups. {line}"
    )
    return Drawn(figure, alt, line)


def _columns_of_dots(axis: Axes, places: np.ndarray, ita: np.ndarray, look: int) -> None:
    """Draw each person's ITA, (people, 5), as dots on a line."""
    color = output.COLORS[look]
    axis.vlines(places, ita.min(axis=1), ita.max(axis=1), color=color, lw=1)
    dots = np.repeat(places, ita.shape[1])
    axis.scatter(dots, ita.ravel(), color=color, marker=MARKERS[look], s=14)


def _ita_groups(axis: Axes, right: int) -> None:
    """Draw the limits of the ITA groups, and write their names at the right."""
    limits = [SCALE, *tones.ITA_LIMITS, -SCALE]
    for limit in tones.ITA_LIMITS:
        axis.axhline(limit, color="black", ls=":", lw=1)
    for name, top, bottom in zip(tones.ITA_GROUPS, limits, limits[1:], strict=False):
        axis.text(right + 0.5, (top + bottom) / 2, name, va="center", fontsize=8)


def _tone_axis(axis: Axes, tone: np.ndarray) -> None:
    """Write each tone below the middle of its people."""
    different = np.unique(tone)
    middles = [np.flatnonzero(tone == each).mean() for each in different]
    axis.set_xticks(middles, different)
    axis.set_xlim(-1.5, len(tone))
    axis.set_ylim(-SCALE - 4, SCALE + 4)
    axis.set_xlabel("drawn tone (Monk scale), ten people each, a column a person")
    axis.set_ylabel("ITA in five lights (degrees)")


def _lights_line(tone: np.ndarray, ita: np.ndarray, span: float, steady: int) -> str:
    lightest, darkest = tone.min(), tone.max()
    return (
        f"ITA falls from {np.median(ita[tone == lightest]):.0f} degrees (median of tone "
        f"{lightest}) to {np.median(ita[tone == darkest]):.0f} (tone {darkest}); one person's "
        f"spans {span:.0f} degrees in the median, and {steady} of {len(tone)} people stay in one "
        "ITA group in all five lights."
    )


def psnr_by_hints(report: list[HintPoint], name: str) -> Drawn:
    """Draw PSNR against the number of color hints, with 95 % intervals. Lesson 7.3.

    A model and Levin's optimization are compared; the published curve is there for its shape.

    Args:
        report: result of evaluation.measure_hint_curve.
        name: name of the model in the figure.

    Example:
        >>> psnr_by_hints(curve, "U-Net").figure  # doctest: +SKIP
    """
    shown = {
        name: {point.count: point.model for point in report},
        "Levin's optimization": {point.count: point.levin for point in report if point.levin},
        "Zhang et al. 2017, on ImageNet": {
            count: Estimate(psnr, psnr, psnr) for count, psnr in hint_curve.PUBLISHED_PSNR.items()
        },
    }
    figure, axes = _canvas(1, 1, (output.WIDTH * 0.8, 4.2))
    axis = axes[0, 0]
    for number, (label, points) in enumerate(shown.items()):
        values, bars = _values_and_bars(list(points.values()))
        axis.errorbar(
            list(points),
            values,
            bars,
            color=output.COLORS[number],
            ls=output.DASHES[number],
            marker=MARKERS[number],
            mec="black",
            mew=0.6,
            markersize=6,
            capsize=3,
            label=label,
        )
    counts = [point.count for point in report]
    axis.set_xscale("symlog", linthresh=1)  # a logarithmic scale that has a place for 0
    axis.set_xticks(counts, [str(count) for count in counts])
    axis.minorticks_off()
    axis.set(xlabel="hints", ylabel="PSNR (dB)")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
    line = "; ".join(_hints_line(label, points) for label, points in shown.items()) + "."
    alt = f"PSNR in decibels against the number of hints, three lines. {line}"
    return Drawn(figure, alt, line)


def _hints_line(label: str, points: dict[int, Estimate]) -> str:
    values = [f"{psnr.value:.1f} with {count}" for count, psnr in points.items()]
    return f"{label}: {', '.join(values)}"
