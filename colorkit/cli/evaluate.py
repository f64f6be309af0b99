"""The command `evaluate`: measure runs beside the baselines."""

import argparse
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import data, files
from ..errors import KitError, unwritable
from ..machine import choose_backend, console
from .options import DIVERGED, Commands, add_command, add_data_option, data_folder, path

if TYPE_CHECKING:  # importing them needs Keras, without which the command line starts
    from ..evaluation import AuditReport, Evaluated
    from ..runs import Run

OUTPUTS = ("json", "grid", "page")


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
    grid = "write a picture: truth, input, each run; .png, .jpg, .webp or .pdf"
    add("--grid", type=path, metavar="FILE", help=grid)
    page = "write an HTML page: tables, faces, error maps, curves and the audit"
    add("--page", type=path, metavar="FILE", help=page)
    seen = "measure runs also on people that they were trained on; the tables say which"
    add("--seen-people", action="store_true", help=seen)


def run(arguments: argparse.Namespace) -> None:
    """Print the tables of baselines and runs; write the audit, JSON and pictures on demand."""
    choose_backend()
    from .. import evaluation, plots

    _check_outputs(arguments)
    found, missed = _open_runs(arguments.runs)
    folder = data.local_copy(data_folder(arguments))
    train = data.load_split(folder, "train")
    split = data.load_split(folder, arguments.split)
    for each in found:
        each.recall(train, data.digest(folder))
        if not each.trainer.is_finite():
            console.complain(f"colorkit: {each.folder}: {DIVERGED}")
    chosen = _mark_seen(_tell_apart(found), split, arguments)
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
    if missed:
        raise KitError(f"{missed} of the runs could not be measured, for the reasons above")


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Raise KitError if a file can't be written later, or is named twice."""
    from .. import plots

    named: dict[Hashable, str] = {}
    for option in OUTPUTS:
        target: Path | None = getattr(arguments, option)
        if target is None:
            continue
        place = files.identity(target)
        if place in named:
            raise KitError(f"{target}: --{named[place]} and --{option} can't go to the same file")
        named[place] = option
        try:
            files.try_writing(target)
        except OSError as bad:
            raise unwritable(target, bad) from None
    if arguments.grid:
        plots.form_of(arguments.grid)


def _open_runs(folders: list[Path]) -> "tuple[list[Run], int]":
    """Open the runs among what was named; say in a line each what is passed over.

    Returns:
        The runs, and the number of those that were asked for and can't be opened.

    Raises:
        KitError: no run is left.
    """
    from .. import runs

    found, passed_over = runs.open_all(folders, build=True)
    reasons = [each.reason for each in passed_over]
    if not found and len(reasons) == 1:
        raise KitError(reasons[0])
    console.complain(*(f"colorkit: {reason}" for reason in reasons))
    if not found:
        raise KitError("there is no run to measure, for the reasons above")
    return found, sum(each.failed for each in passed_over)


def _tell_apart(found: "list[Run]") -> "list[Run]":
    """Give runs names that tell them apart, even those on other data, which stand here together."""
    from .. import runs

    named = runs.side_by_side(found)
    names = [each.name for each in named]
    return [
        each.renamed(f"{each.name}, {each.folder}") if names.count(each.name) > 1 else each
        for each in named
    ]


def _mark_seen(
    chosen: "list[Run]", split: data.Split, arguments: argparse.Namespace
) -> "list[Run]":
    """Say in a run's name how many of the judged people it was trained on.

    Raises:
        KitError: it was trained on some, and nobody asked for that.
    """
    marked = []
    leaks = []
    for each in chosen:
        if each.trained_on is None:
            console.complain(
                f"colorkit: {each.name} doesn't say whom it was trained on, because an older "
                f"version made it on other splits: it may know people of {arguments.split}"
            )
            marked.append(each)
            continue
        seen = each.trained_on.seen_in(split)
        if seen.people:
            leaks.append(f"{each.name} ({seen.people} of {seen.of})")
            each = each.renamed(f"{each.name}, trained on {seen.people} of these {seen.of} people")
        if seen.namesakes:
            console.complain(
                f"colorkit: {seen.namesakes} of {seen.of} people of {arguments.split} have names "
                f"of people that {each.name} was trained on, but no picture is the same: "
                "they count as others"
            )
        marked.append(each)
    if leaks and arguments.split != "train" and not arguments.seen_people:
        raise KitError(
            f"people of {arguments.split} were in the training of {', '.join(leaks)}: "
            "train on these splits, give the run's own with --data, or --seen-people "
            "to measure what it knows by heart"
        )
    return marked


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
