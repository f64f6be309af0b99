"""`evaluate`: measure runs beside the baselines."""

import argparse
from pathlib import Path

from .. import data, files
from ..machine import choose_backend
from .options import add_command, add_data_option, data_folder


def add_to(commands) -> None:
    """Add the command and its options."""
    summary = "Measure runs and the baselines on a split."
    parser = add_command(
        commands, "evaluate", run, summary, "evaluate out/runs/* --grid out/grid.png"
    )
    add = parser.add_argument
    add("runs", nargs="+", type=Path, metavar="RUN")
    add_data_option(parser)
    add("--split", choices=data.SPLIT_NAMES, default="test")
    add("--audit", action="store_true", help="measure by apparent skin tone, too")
    add("--json", type=Path, metavar="FILE", help="write all numbers as JSON")
    add("--grid", type=Path, metavar="FILE", help="write a picture: truth, input, each run")
    page = "write an HTML page: tables, faces, error maps, curves and the audit"
    add("--page", type=Path, metavar="FILE", help=page)


def run(arguments: argparse.Namespace) -> None:
    """Print the tables of baselines and runs; write the audit, JSON and pictures on demand."""
    choose_backend()
    from .. import evaluation, plots, runs

    chosen = runs.side_by_side(runs.Run(folder) for folder in arguments.runs)
    folder = data.local_copy(data_folder(arguments))
    train, split = data.load_split(folder, "train"), data.load_split(folder, arguments.split)
    rows = evaluation.evaluate(chosen, train, split)
    found = {"split": arguments.split, "images": len(split), "rows": rows}
    print(plots.evaluation_tables(rows))
    print("\nMSE on the same faces, with the 95 % interval of the difference:")
    print(*plots.difference_lines(rows), sep="\n")
    if arguments.audit or arguments.page:
        found["audit"] = evaluation.audit_report(chosen, train, split)
    if arguments.audit:
        print(f"\n{plots.audit_page(found['audit'])}", end="")
    if arguments.json:
        files.write_json(arguments.json, found)
    if arguments.grid:
        plots.save(plots.comparison_grid(split, chosen), arguments.grid)
    if arguments.page:
        splits = (train, data.load_split(folder, "val"), split)
        text = plots.page.to_html(arguments.split, rows, chosen, splits, found["audit"])
        files.write_bytes(arguments.page, text.encode())
