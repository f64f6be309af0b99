"""Pictures of errors with their intervals, by group, by strength of damage and by hints; and of what light does to an apparent tone."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from ..data import tones
from ..evaluation import hint_curve
from ..evaluation.baselines import Grey
from . import output, tables
from .panels import Drawn

MARKERS = output.MARKERS
SCALE = 90  # degrees: where ITA ends


def errors_by_group(report: dict[str, Any]) -> Drawn:
    """MSE by group, a panel for each way of grouping, with 95 % intervals; below each group, how many people it has.

    Args:
        report: as audit.audit_report gives it.
    """
    panels = [(each["name"], each["predictors"]) for each in report["groupings"]]
    panels.append(("Drawn tone, in five lights", report["lights"]["predictors"]))
    figure, axes = plt.subplots(
        len(panels), 1, sharey=True, figsize=(output.WIDTH, 2.3 * len(panels)), layout="constrained"
    )
    plt.close(figure)
    said = []
    for axis, (title, predictors) in zip(axes, panels, strict=True):
        _bars(axis, {each["name"]: [row["mse"] for row in each["rows"]] for each in predictors})
        rows = predictors[0]["rows"]
        axis.set_xticks(
            range(len(rows)),
            [f"{row['group']}\n{row['people']} people" for row in rows],
            fontsize=8,
        )
        axis.set_xlim(-0.5, len(tones.ITA_GROUPS) - 0.5)
        axis.set_ylabel(output.LABELS["mse"], fontsize=8)
        axis.set_title(title, fontsize=10)
        said.append(
            f"{title}. "
            + "; ".join(
                f"{each['name']}, {tables.groups_verdict(each['spread']['mse'], 'mse')}"
                for each in predictors
            )
            + "."
        )
    axes[0].set_ylim(0, None)  # of all panels, now that all is drawn
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8
    )
    line = " ".join(said)
    return Drawn(
        figure,
        f"Mean squared error by group, with 95 % intervals, in {len(panels)} panels. {line}",
        line,
    )


def _bars(axis: Axes, series: dict[str, list[list[float | None]]]) -> None:
    """Values with the ends of their intervals, a mark and a bar each, those of one place side by side; ends that are None aren't drawn."""
    step = 0.6 / len(series)
    for number, (name, rows) in enumerate(series.items()):
        values = np.array(rows, float)
        places = np.arange(len(values)) + (number - (len(series) - 1) / 2) * step
        look = {
            "color": output.COLORS[number % 6],
            "fmt": MARKERS[(number + number // 6) % 6],
            "mec": "black",
            "mew": 0.6,
        }
        ends = np.abs(values[:, 1:] - values[:, :1]).T
        axis.errorbar(
            places, values[:, 0], ends, **look, markersize=6, capsize=3, lw=1.5, label=name
        )
    axis.tick_params(labelsize=8)
    axis.grid(axis="y", alpha=0.3)


def errors_by_damage(report: list[dict[str, Any]]) -> Drawn:
    """MSE by the strength of each kind of damage, a panel each, with 95 % intervals.

    (Grey is left out: so far above the others, it would press them flat.)

    Args:
        report: as robustness.error_growth gives it.
    """
    rows = -(-len(report) // 2)
    figure, axes = plt.subplots(
        rows,
        2,
        sharey=True,
        squeeze=False,
        figsize=(output.WIDTH, 2.1 * rows),
        layout="constrained",
    )
    plt.close(figure)
    said = []
    for axis, panel in zip(axes.flat, report, strict=False):
        points = {
            each["name"]: each["points"]
            for each in panel["predictors"]
            if each["name"] != Grey.name
        }
        _bars(axis, {name: [point["mse"] for point in own] for name, own in points.items()})
        strengths = [str(point["strength"]) for point in panel["predictors"][0]["points"]]
        axis.set_xticks(range(len(strengths)), strengths)
        axis.set_xlabel(panel["unit"], fontsize=8)
        axis.set_title(panel["damage"], fontsize=10)
        moved = [
            f"{name} {_change(*own[-1]['worse'])}"
            for name, own in points.items()
            if not own[-1]["worse"][1] <= 0 <= own[-1]["worse"][2]
        ]
        said.append(f"{panel['damage']} {strengths[-1]}: {', '.join(moved) or 'nobody'}.")
    for axis in axes.flat[len(report) :]:
        axis.remove()
    for axis in axes[:, 0]:
        axis.set_ylabel(output.LABELS["mse"], fontsize=8)
    axes[0, 0].set_ylim(0, None)  # of all panels, now that all is drawn
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8
    )
    line = f"Whose MSE the greatest strength changes by more than chance: {' '.join(said)}"
    return Drawn(
        figure,
        f"Mean squared error by strength of damage, with 95 % intervals, in {len(report)} panels. {line}",
        line,
    )


def _change(value: float, low: float, high: float) -> str:
    return f"{value:+.1f} ({low:+.1f} to {high:+.1f})"


def tone_in_five_lights(report: dict[str, Any]) -> Drawn:
    """Each person's ITA in five lights, in order of the drawn tone, over the limits of the ITA groups.

    Args:
        report: as audit.audit_report gives it.
    """
    lights = report["lights"]
    people = sorted(lights["faces"], key=lambda face: (face["tone"], -np.mean(face["ita"])))
    tone, ita = (
        np.array([face["tone"] for face in people]),
        np.array([face["ita"] for face in people]),
    )
    figure, axis = plt.subplots(figsize=(output.WIDTH, 4.2), layout="constrained")
    plt.close(figure)
    places = np.arange(len(people))
    for odd in (0, 1):  # neighbouring tones are told apart by color and marker
        mine = tone % 2 == odd
        look = {"color": output.COLORS[odd], "marker": MARKERS[odd], "s": 14}
        axis.vlines(
            places[mine],
            ita[mine].min(axis=1),
            ita[mine].max(axis=1),
            color=output.COLORS[odd],
            lw=1,
        )
        axis.scatter(np.repeat(places[mine], ita.shape[1]), ita[mine].ravel(), **look)
    limits = [SCALE, *tones.ITA_LIMITS, -SCALE]
    for limit in tones.ITA_LIMITS:
        axis.axhline(limit, color="black", ls=":", lw=1)
    for name, top, bottom in zip(tones.ITA_GROUPS, limits, limits[1:], strict=False):
        axis.text(len(people) + 0.5, (top + bottom) / 2, name, va="center", fontsize=8)
    middles = [places[tone == each].mean() for each in np.unique(tone)]
    axis.set_xticks(middles, np.unique(tone))
    axis.set(
        xlim=(-1.5, len(people)),
        ylim=(-SCALE - 4, SCALE + 4),
        xlabel="drawn tone (Monk scale), ten people each, a column a person",
    )
    axis.set_ylabel("ITA in five lights (degrees)")
    steady = lights["groups_a_person"][0]
    line = (
        f"ITA falls from {np.median(ita[tone == tone.min()]):.0f} degrees (median of tone {tone.min()}) to "
        f"{np.median(ita[tone == tone.max()]):.0f} (tone {tone.max()}); one person's spans {lights['span']:.0f} degrees in the median, and "
        f"{steady} of {len(people)} people stay in one ITA group in all five lights."
    )
    return Drawn(
        figure,
        f"A column of five dots a person, ordered by drawn tone, over the limits of the six ITA groups. {line}",
        line,
    )


def psnr_by_hints(report: list[dict[str, Any]], name: str) -> Drawn:
    """PSNR against the number of hints: a model's and Levin's with 95 % intervals, and the published curve for its shape.

    Args:
        report: as hint_curve.measure_hint_curve gives it.
        name: what to call the model.
    """
    figure, axis = plt.subplots(figsize=(output.WIDTH * 0.8, 4.2), layout="constrained")
    plt.close(figure)
    shown = {
        name: {row["count"]: row["model"] for row in report},
        "Levin's optimization": {row["count"]: row["levin"] for row in report if row["levin"]},
        "Zhang et al. 2017, on ImageNet": {
            count: [psnr] * 3 for count, psnr in hint_curve.PUBLISHED_PSNR.items()
        },
    }
    for number, (label, points) in enumerate(shown.items()):
        values = np.array(list(points.values()), float)
        look = {
            "color": output.COLORS[number],
            "ls": output.DASHES[number],
            "marker": MARKERS[number],
            "mec": "black",
            "mew": 0.6,
        }
        axis.errorbar(
            list(points),
            values[:, 0],
            np.abs(values[:, 1:] - values[:, :1]).T,
            **look,
            markersize=6,
            capsize=3,
            label=label,
        )
    axis.set_xscale("symlog", linthresh=1)  # a logarithmic scale that has a place for 0
    axis.set_xticks([row["count"] for row in report], [str(row["count"]) for row in report])
    axis.minorticks_off()
    axis.set(xlabel="hints", ylabel="PSNR (dB)")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
    line = "; ".join(
        f"{label}: "
        + ", ".join(f"{values[0]:.1f} with {count}" for count, values in points.items())
        for label, points in shown.items()
    )
    return Drawn(
        figure, f"PSNR in decibels against the number of hints, three lines. {line}.", f"{line}."
    )
