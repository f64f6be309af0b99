"""Write the results of an evaluation and of the audit as tables in Markdown."""

import itertools
from typing import NamedTuple

from ..evaluation import audit, baselines, statistics
from ..evaluation.audit import AuditReport, FiveLights, PredictorAudit
from ..evaluation.comparison import Evaluated
from ..evaluation.groups import GroupRow, Spread
from ..evaluation.statistics import Estimate, Sources

AUDIT_HEAD = (
    "{people} people, {pictures} pictures. *Apparent* tone is the color of the skin's pixels: "
    "skin, light and camera at once. It says what a picture shows, and nothing about a person. "
    "Skill is measured against the mean color of a group's own training faces. Intervals are of "
    "95 %. *By chance* is what 95 % of 1,000 random groupings of these people stay below. *Cannot "
    "tell* does not mean equal."
)
LIGHTS_HEAD = (
    "{people} people of the ten drawn tones, each in one pose and five lights. No model was "
    "trained on them. Where the variance comes from (last column: standard deviation, in the unit "
    "of what is measured):"
)
LIGHTS_SAID = (
    "- Most of ITA's variance is from {of_ita}, most of hue's from {of_hue}. ITA and drawn tone "
    "correlate by r = {correlation:.2f}.\n"
    "- Among people of one drawn tone, {light:.0%} of ITA's variance is from light.\n"
    "- Of {people} people, {steady} are in one ITA group in all five lights. The median person's "
    "ITA spans {span:.0f} degrees.\n"
    "- These pictures were exposed with the albedo known (`renderer/develop.py`), as no camera "
    "can: expect a larger part from light in photographs."
)


def audit_page(report: AuditReport) -> str:
    """Write an audit as a page of Markdown, with a heading for each way of grouping."""
    page = [
        "## Audit by apparent skin tone",
        AUDIT_HEAD.format(people=report.people, pictures=report.pictures),
    ]
    for grouping in report.groupings:
        page += [f"### {grouping.name}", *audit_tables(grouping.predictors)]
    if not report.drawn:
        page += [
            "### Drawn tone",
            "Not known: it is recorded for the kit's own faces only, and these are others.",
        ]
    page += ["### One face, five lights", *_lights(report.lights)]
    return "\n\n".join(page) + "\n"


def audit_tables(predictors: list[PredictorAudit]) -> list[str]:
    """Write one grouping's measurements in Markdown: a table, and a list of verdicts."""
    table = [
        "| predictor | group | people | MSE | interval | skill | interval | delta E | interval |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    said = []
    for each in predictors:
        table += [f"| {each.name} | {_group_cells(row)} |" for row in each.rows]
        for word in ("MSE", "skill"):
            quantity = word.lower()
            verdict = groups_verdict(each.spread[quantity], quantity)
            said.append(f"- {each.name}, {word}: {verdict}")
    return ["\n".join(table), "\n".join(said)]


def _group_cells(row: GroupRow) -> str:
    cells = [
        row.group,
        str(row.people),
        _estimate_cells(row.mse, "mse"),
        _estimate_cells(row.skill, "skill"),
        _estimate_cells(row.delta_e, "delta_e"),
    ]
    return " | ".join(cells)


def _estimate_cells(estimate: Estimate | None, quantity: str) -> str:
    """Write the two cells of a value and its interval, or why there is none."""
    if estimate is None:
        return "no training faces |"
    value = _shown(estimate.value, quantity)
    if estimate.low is None:
        return f"{value} | too few"
    low, high = _shown(estimate.low, quantity), _shown(estimate.high, quantity)
    return f"{value} | {low} to {high}"


def _shown(value: float | None, quantity: str) -> str:
    if value is None:
        return "infinite"
    return f"{value:+z.0%}" if quantity == "skill" else f"{value:.1f}"


def groups_verdict(spread: Spread | None, quantity: str) -> str:
    """Say in words whether groups are served equally. Lesson 5.8.

    Args:
        spread: result of evaluation.spread_over_groups.
        quantity: "mse" or "skill", the quantity that it is of.

    Example:
        >>> groups_verdict(None, "mse")
        'nothing to compare: fewer than two groups have enough faces'
    """
    if spread is None:
        return "nothing to compare: fewer than two groups have enough faces"
    said = "not equal" if spread.unequal else "cannot tell"
    low = f"{_shown(spread.lowest.value, quantity)} ({spread.lowest.group})"
    high = f"{_shown(spread.highest.value, quantity)} ({spread.highest.group})"
    apart = _apart(spread.difference, quantity)
    chance = _apart(spread.by_chance, quantity)
    return f"{said}: {low} to {high}, {apart} apart; by chance up to {chance} (p = {spread.p:.3f})"


def _apart(difference: float, quantity: str) -> str:
    if quantity == "skill":
        return f"{100 * difference:.0f} points"
    return _shown(difference, quantity)


def _lights(lights: FiveLights) -> list[str]:
    table = [
        "| measured | from tone | from the person | from light | light moves it by |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, part in lights.parts.items():
        table.append(f"| {name} | {_share_cells(part.share)} | {part.sd.light:.1f} |")
    ita = lights.parts[audit.ITA].share
    hue = lights.parts[audit.HUE].share
    said = LIGHTS_SAID.format(
        of_ita=ita.largest,
        of_hue=hue.largest,
        correlation=lights.correlation,
        light=ita.light / (ita.light + ita.person),
        people=lights.people,
        steady=lights.groups_a_person[0],
        span=lights.span,
    )
    head = LIGHTS_HEAD.format(people=lights.people)
    return [head, "\n".join(table), said, *audit_tables(lights.predictors)]


def _share_cells(share: Sources) -> str:
    return f"{share.tone:.0%} | {share.person:.0%} | {share.light:.0%}"


class Column(NamedTuple):
    """A column of a table: its title, and how its values are written."""

    title: str
    form: str


# how near the pictures look, and then how near color is in numbers
TABLES: tuple[dict[str, Column], ...] = (
    {
        "mse": Column("MSE", ".1f"),
        "skill": Column("skill", "+z.0%"),
        "delta_e": Column("delta E", ".1f"),
        "colorfulness": Column("colorfulness", ".0%"),
        "psnr": Column("PSNR, dB", ".1f"),
        "ssim": Column("SSIM", "z.3f"),
    },
    {
        "per-channel": Column("within 10, per channel", ".1%"),
        "both": Column("both channels", ".1%"),
        "euclidean": Column("Euclidean", ".1%"),
        "auc": Column("AuC", ".1%"),
        "rebalanced_auc": Column("AuC, rebalanced", ".1%"),
    },
)


def evaluation_tables(rows: list[Evaluated]) -> str:
    """Write the results of `evaluate` as two Markdown tables. Lessons 1.5 and 5.1.

    Each number has its 95 % interval beside it.

    Raises:
        ValueError: a baseline is missing; without it a number says nothing.

    Example:
        >>> print(evaluation_tables(evaluation.evaluate([run], train, test)))  # doctest: +SKIP
    """
    missing = {baseline.name for baseline in baselines.BASELINES} - {row.name for row in rows}
    if missing:
        raise ValueError(f"a table must show the baselines; missing: {', '.join(sorted(missing))}")
    return "\n\n".join("\n".join(_table(rows, columns)) for columns in TABLES)


def _table(rows: list[Evaluated], columns: dict[str, Column]) -> list[str]:
    lines = [
        f"| predictor | {' | '.join(column.title for column in columns.values())} |",
        "|---|" + "---:|" * len(columns),
    ]
    for row in rows:
        cells = [_cell(row.metrics[name], column.form) for name, column in columns.items()]
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    return lines


def _cell(estimate: Estimate, form: str) -> str:
    """Write a number and its interval: `54.4 (47.4 to 62.5)`."""
    if estimate.value is None:
        return "infinite"
    value, low, high = (format(each, form) for each in estimate)
    return f"{value} ({low} to {high})"


def difference_lines(rows: list[Evaluated]) -> list[str]:
    """Compare each result's MSE with the next worse one's, person by person. Lesson 5.7.

    Returns:
        A line for each pair, the best first.

    Example:
        >>> difference_lines(rows)[0]  # doctest: +SKIP
    """
    ordered = sorted(rows, key=lambda row: row.mse)
    lines = []
    for better, worse in itertools.pairwise(ordered):
        change, low, high = statistics.mean_with_interval(better.errors - worse.errors)
        said = statistics.compare_errors(better.errors, worse.errors)
        names = f"{better.name} against {worse.name}"
        lines.append(f"{names}: {change:.1f} ({low:.1f} to {high:.1f}), {said}")
    return lines
