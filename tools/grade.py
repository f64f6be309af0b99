"""Grade a class: run the notebooks in a folder, each in a process of its own, and write a table of their exercises as CSV.

    python tools/grade.py submissions --out class.csv
    python tools/grade.py submissions --jobs 4 --limit 300     # four at a time, five minutes each at most; the table goes to the terminal

Names of files don't matter: a notebook's lesson is known by its calls like check("1.1", my_function). A row says for each exercise
"correct", "not yet", "not attempted", or "missing" (no such call, or not reached), and under "problem" what went wrong.

Every notebook is run anew, at the smoke profile, in a temporary folder with a copy of this kit, without your environment, a GPU or the web,
and with that folder as its home. The functions are then judged by this kit's own checks; outputs and printed verdicts count for nothing. A
limit of time and of memory stops what has no end, and all that a notebook started is ended with it. What this does not do:

- It is no sandbox. Students' code runs as you: it can read and delete what you can, reach the web if it means to, and hide a process that
  stays. If you don't trust a class, grade in a container.
- It catches cheap tricks, not clever ones: a notebook runs in the same process as its judge, and can go looking for it.
- It does not see who wrote an answer. solution("1.1") shows it to everyone.
"""

import argparse
import csv
import io
import os
import re
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from submissions import KIT, Report, grade
from tqdm import tqdm

sys.path.insert(0, str(KIT))
from colorkit import files
from colorkit.errors import KitError

LIMIT = 600  # seconds; lesson 4, the slowest, took 57 on 2 CPU cores, and 274 while others kept them busy
FORMULA = re.compile(
    r"(^|;)(?=\s*[=+\-@])"
)  # where a spreadsheet would begin to calculate; some take ; for the end of a cell
INTERRUPTED = 130


def notebooks(folder: Path) -> list[Path]:
    """The notebooks in a folder and below it, sorted, without hidden ones: checkpoints of Jupyter, leftovers of a Mac's zip.

    Raises:
        KitError: there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise KitError(f"{folder} is not a folder: name the one with the submitted notebooks")
    if not (found := below(folder, ".ipynb")):
        raise KitError(f"no notebook in {folder}: their names should end in .ipynb")
    return found


def below(folder: Path, ending: str) -> list[Path]:
    """The files in a folder and below it whose names end so, in small letters or large; sorted, without hidden ones."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(place) / name
            for name in names
            if name.lower().endswith(ending) and not name.startswith(".")
        ]
    return sorted(found)


def plain(text: str) -> str:
    """Text that no terminal and no spreadsheet takes for a command."""
    return FORMULA.sub(
        r"\1'",
        "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text),
    )


def table(reports: dict[str, Report]) -> str:
    """Reports by name of the file as CSV: a row each, a column for each exercise of the lessons that occur."""
    numbers = {number for report in reports.values() for number in report.outcomes}
    columns = sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])
    text = io.StringIO()
    writer = csv.DictWriter(
        text,
        ["file", "lesson", *columns, "correct", "of", "problem"],
        restval="",
        lineterminator="\n",
    )
    writer.writeheader()
    for name, report in sorted(reports.items()):
        counts = {"correct": report.correct, "of": len(report.outcomes)}
        writer.writerow(
            {"file": plain(name), "lesson": report.lesson, "problem": plain(report.problem)}
            | report.outcomes
            | counts
        )
    return text.getvalue()


def line(name: str, report: Report, seconds: float) -> str:
    """A notebook in a line, for who waits."""
    result = (
        f"lesson {report.lesson}, {report.correct} of {len(report.outcomes)} correct"
        if report.lesson
        else "not graded"
    )
    return plain(
        f"{name}: {result} ({seconds:.0f} s){f'; {report.problem}' if report.problem else ''}"
    )


def grade_all(
    folder: Path, paths: list[Path], limit: float, jobs: int, out: Path | None
) -> dict[str, Report]:
    """Grade notebooks, several at a time; after each the table is written anew, so that hours of work are never lost.

    Returns:
        Their reports by name; not all, if it was interrupted.
    """
    reports: dict[str, Report] = {}
    stop = threading.Event()

    def timed(path: Path) -> tuple[Report, float]:
        began = time.perf_counter()
        return grade(path, limit, stop), time.perf_counter() - began

    with (
        ThreadPoolExecutor(jobs) as pool,
        tqdm(total=len(paths), unit="notebook", leave=False, disable=None) as bar,
    ):
        try:
            waiting = {
                pool.submit(timed, path): path.relative_to(folder).as_posix() for path in paths
            }
            for done in as_completed(waiting):
                report, seconds = done.result()
                reports[waiting[done]] = report
                if out:
                    files.write_bytes(out, table(reports).encode())
                tqdm.write(line(waiting[done], report, seconds), file=sys.stderr)
                bar.update(1)
        except KeyboardInterrupt:
            tqdm.write(
                f"interrupted: {len(reports)} of {len(paths)} notebooks are graded", file=sys.stderr
            )
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
    return reports


def positive(kind: type):
    """A number above 0, for argparse."""

    def number(text: str):
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError
        return value

    number.__name__ = f"positive {kind.__name__}"
    return number


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="the submitted notebooks, in subfolders too"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where the table goes (default: standard output)"
    )
    parser.add_argument(
        "--limit",
        type=positive(float),
        default=LIMIT,
        metavar="SECONDS",
        help=f"for each notebook (default: {LIMIT})",
    )
    parser.add_argument(
        "--jobs",
        type=positive(int),
        default=1,
        metavar="N",
        help="how many run at a time (default: 1)",
    )
    arguments = parser.parse_args(argv)
    for name in (
        "SIGTERM",
        "SIGHUP",
    ):  # a terminal that is closed must not leave a notebook running
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        paths = notebooks(arguments.folder)
        if arguments.out:
            files.write_bytes(
                arguments.out, table({}).encode()
            )  # that it can't be written is said before, not after, hours of work
        reports = grade_all(arguments.folder, paths, arguments.limit, arguments.jobs, arguments.out)
    except (KitError, OSError) as bad:
        print(f"grade: {bad}", file=sys.stderr)
        return 1
    if not arguments.out:
        sys.stdout.buffer.write(table(reports).encode())
    return 0 if len(reports) == len(paths) else INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
