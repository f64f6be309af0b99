"""Tables in Markdown: of an evaluation, and of the audit."""

import itertools
import math
from typing import Any, NamedTuple

import numpy as np

from ..evaluation import baselines, statistics


def audit_page(report: dict[str, Any]) -> str:
    """A `report` as a page of Markdown: for each way of grouping a heading, a table, and what may be said."""
    page = [
        "## Audit by apparent skin tone",
        f"{report['people']} people, {report['pictures']} pictures. *Apparent* tone is the color of the skin's pixels: skin, light and "
        "camera at once. It says what a picture shows, and nothing about a person. Skill is measured against the mean color of a group's "
        "own training faces. Intervals are of 95 %. *By chance* is what 95 % of 1,000 random groupings of these people stay below. "
        "*Cannot tell* does not mean equal.",
    ]
    for grouping in report["groupings"]:
        page += [f"### {grouping['name']}", *audit_tables(grouping["predictors"])]
    if not report["drawn"]:
        page += [
            "### Drawn tone",
            "Not known: these are not the kit's own faces, of which alone it is written down.",
        ]
    return "\n\n".join([*page, "### One face, five lights", *_lights(report["lights"])]) + "\n"


def audit_tables(predictors: list[dict[str, Any]]) -> list[str]:
    """Of the predictors of a grouping of `report`: one table, and a list of what may be said of each, in Markdown."""
    table = [
        "| predictor | group | people | MSE | interval | skill | interval | delta E | interval |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    said = []
    for each in predictors:
        for row in each["rows"]:
            cells = " | ".join(
                _cells(row[quantity], quantity) for quantity in ("mse", "skill", "delta_e")
            )
            table.append(f"| {each['name']} | {row['group']} | {row['people']} | {cells} |")
        said += [
            f"- {each['name']}, {word}: {groups_verdict(each['spread'][word.lower()], word.lower())}"
            for word in ("MSE", "skill")
        ]
    return ["\n".join(table), "\n".join(said)]


def _cells(value: list[float | None] | None, quantity: str) -> str:
    """A value and its interval, or why there is none."""
    if value is None:
        return "no training faces |"
    middle, *ends = (end if end is None else _shown(end, quantity) for end in value)
    return f"{middle} | {'too few' if ends[0] is None else ' to '.join(ends)}"


def _shown(value: float, quantity: str) -> str:
    return (
        f"{round(value, 2) + 0:+.0%}" if quantity == "skill" else f"{value:.1f}"
    )  # + 0: or there would be a -0%


def groups_verdict(spread: dict[str, Any] | None, quantity: str) -> str:
    """What may be said of "equal for all", in words.

    Args:
        spread: as audit.spread_over_groups gives it.
        quantity: "mse" or "skill", of which it is.
    """
    if spread is None:
        return "nothing to compare: fewer than two groups have enough faces"
    (low, least), (high, most) = spread["lowest"], spread["highest"]
    apart, chance = (
        f"{100 * spread[key]:.0f} points" if quantity == "skill" else _shown(spread[key], quantity)
        for key in ("difference", "by_chance")
    )
    said = "not equal" if spread["unequal"] else "cannot tell"
    ends = f"{_shown(least, quantity)} ({low}) to {_shown(most, quantity)} ({high})"
    return f"{said}: {ends}, {apart} apart; by chance up to {chance} (p = {spread['p']:.3f})"


def _lights(lights: dict[str, Any]) -> list[str]:
    table = [
        "| measured | from tone | from the person | from light | light moves it by |",
        "|---|---:|---:|---:|---:|",
    ]
    for part in lights["parts"]:
        shares = " | ".join(f"{part['share'][source]:.0%}" for source in statistics.SOURCES)
        table.append(f"| {part['name']} | {shares} | {part['sd']['light']:.1f} |")
    ita, hue = (part["share"] for part in lights["parts"][:2])
    return [
        f"{lights['people']} people of the ten drawn tones, on none of whom anything was trained: each in one pose and five lights. Where "
        "the variance comes from (last column: standard deviation, in the unit of what is measured):",
        "\n".join(table),
        f"- Most of ITA's variance is from {max(ita, key=ita.get)}, most of hue's from {max(hue, key=hue.get)}. ITA and drawn tone "
        f"correlate by r = {lights['correlation']:.2f}.\n"
        f"- Among people of one drawn tone, {ita['light'] / (ita['light'] + ita['person']):.0%} of ITA's variance is from light.\n"
        f"- Of {lights['people']} people, {lights['groups_a_person'][0]} are in one ITA group in all five lights. The median person's "
        f"ITA spans {lights['span']:.0f} degrees.\n"
        "- These pictures were exposed with the albedo known (`renderer/develop.py`), as no camera can: expect a larger part "
        "from light in photographs.",
        *audit_tables(lights["predictors"]),
    ]


class Column(NamedTuple):
    """A column of a table: its title, and how its values are written."""

    title: str
    form: str


TABLES: tuple[
    dict[str, Column], ...
] = (  # what was drawn beside the truth, and how near color is in numbers
    {
        "mse": Column("MSE", ".1f"),
        "skill": Column("skill", "+.0%"),
        "delta_e": Column("delta E", ".1f"),
        "colorfulness": Column("colorfulness", ".0%"),
        "psnr": Column("PSNR, dB", ".1f"),
        "ssim": Column("SSIM", ".3f"),
    },
    {
        "per-channel": Column("within 10, per channel", ".1%"),
        "both": Column("both channels", ".1%"),
        "euclidean": Column("Euclidean", ".1%"),
        "auc": Column("AuC", ".1%"),
        "rebalanced_auc": Column("AuC, rebalanced", ".1%"),
    },
)


def evaluation_tables(rows: list[dict[str, Any]]) -> str:
    """The rows of `evaluate` as two Markdown tables, each figure with its 95 % interval.

    Raises:
        ValueError: a baseline is missing. Without it a figure says nothing.
    """
    missing = {baseline.name for baseline in baselines.BASELINES} - {row["name"] for row in rows}
    if missing:
        raise ValueError(f"a table must show the baselines; missing: {', '.join(sorted(missing))}")
    return "\n\n".join("\n".join(_table(rows, columns)) for columns in TABLES)


def _table(rows: list[dict[str, Any]], columns: dict[str, Column]) -> list[str]:
    lines = [
        f"| predictor | {' | '.join(column.title for column in columns.values())} |",
        "|---|" + "---:|" * len(columns),
    ]
    for row in rows:
        cells = (
            _cell(row[what], row["intervals"][what], column.form)
            for what, column in columns.items()
        )
        lines.append(f"| {row['name']} | {' | '.join(cells)} |")
    return lines


def _cell(value: float | None, ends: list[float | None], form: str) -> str:
    """A figure and its interval: `54.4 (47.4 to 62.5)`."""
    if value is None:
        return "infinite"
    middle, low, high = (
        format(0.0 if math.isclose(each, 0, abs_tol=5e-4) else each, form)
        for each in (value, *ends)
    )  # or -0 %
    return f"{middle} ({low} to {high})"


def difference_lines(rows: list[dict[str, Any]]) -> list[str]:
    """What may be said of each row's MSE against the next worse one's, person by person: a line each, the best first."""
    ordered = sorted(rows, key=lambda row: row["mse"])
    lines = []
    for better, worse in itertools.pairwise(ordered):
        change = np.subtract(better["errors"], worse["errors"])
        low, high = statistics.bootstrap(change)
        said = statistics.compare_errors(better["errors"], worse["errors"])
        lines.append(
            f"{better['name']} against {worse['name']}: {change.mean():.1f} ({low:.1f} to {high:.1f}), {said}"
        )
    return lines
