"""The command `evaluate`: measure runs beside the baselines."""

import argparse
from typing import TYPE_CHECKING, Any

from .. import data, files
from ..machine import choose_backend, console
from .options import Commands, add_command, add_data_option, data_folder, path

if TYPE_CHECKING:  # importing them needs Keras, without which the command line starts
    from ..evaluation import AuditReport, Evaluated


def add_to(commands: Commands) -> None:
    """Add the command and its options."""
    summary = "Measure runs and the baselines on a split."
    example = "evaluate out/runs/* --grid out/grid.png"
    parser = add_command(commands, "evaluate", run, summary, example)
    add = parser.add_argument
    add("runs", nargs="+", type=path, metavar="RUN")
    add_data_option(parser)
    add("--split", choices=data.SPLIT_NAMES, default="test")
    add("--audit", action="store_true", help="measure by apparent skin tone, too")
    add("--json", type=path, metavar="FILE", help="write all numbers as JSON")
    add("--grid", type=path, metavar="FILE", help="write a picture: truth, input, each run")
    page = "write an HTML page: tables, faces, error maps, curves and the audit"
    add("--page", type=path, metavar="FILE", help=page)


def run(arguments: argparse.Namespace) -> None:
    """Print the tables of baselines and runs; write the audit, JSON and pictures on demand."""
    choose_backend()
    from .. import evaluation, plots, runs

    chosen = runs.side_by_side(runs.Run(folder) for folder in arguments.runs)
    folder = data.local_copy(data_folder(arguments))
    train = data.load_split(folder, "train")
    split = data.load_split(folder, arguments.split)
    rows = evaluation.evaluate(chosen, train, split)
    console.say(*plots.evaluation_tables(rows).splitlines())
    console.say("", "MSE on the same faces, with the 95 % interval of the difference:")
    console.say(*plots.difference_lines(rows))
    report: AuditReport | None = None
    if arguments.audit or arguments.page:
        report = evaluation.audit_report(chosen, train, split)
    if report is not None and arguments.audit:
        console.say("", *plots.audit_page(report).splitlines())
    if arguments.json:
        files.write_json(arguments.json, to_json(arguments.split, len(split), rows, report))
    if arguments.grid:
        plots.save(plots.comparison_grid(split, chosen), arguments.grid)
    if report is not None and arguments.page:
        splits = (train, data.load_split(folder, "val"), split)
        text = plots.page.to_html(arguments.split, rows, chosen, splits, report)
        files.write_bytes(arguments.page, text.encode())


def to_json(
    split: str, images: int, rows: "list[Evaluated]", report: "AuditReport | None"
) -> dict[str, Any]:
    """Return what `--json` writes.

    Args:
        split: name of the judged split.
        images: number of its pictures.
        rows: results of evaluation.evaluate.
        report: result of evaluation.audit_report; None leaves it out.
    """
    found: dict[str, Any] = {
        "split": split,
        "images": images,
        "rows": [row.to_json() for row in rows],
    }
    if report is not None:
        found["audit"] = report.to_json()
    return found
