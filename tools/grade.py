"""Grade a class: run each notebook of a folder in its own process, and write a table as CSV.

    python tools/grade.py submissions --out class.csv
    python tools/grade.py submissions --jobs 4 --limit 300

The second line runs four notebooks at a time, gives each at most five minutes, and prints the table
to the terminal.

File names don't matter: a notebook's lesson is known by its calls like check("1.1", my_function).
For each exercise a row says "correct", "not yet", "not attempted", or "missing" (there is no such
call, or it was not reached). The column "problem" says what went wrong.

Every notebook runs from scratch, at the smoke profile, in a temporary folder with a copy of this
kit. That folder is its home; it gets no GPU, no web, and hardly any of your environment variables.
This kit's own checks then judge the functions; outputs and printed verdicts count for nothing.
Limits of time and memory stop what would never end, and everything that a notebook started is ended
with it. What this does not do:

- It is not a sandbox. Students' code runs as you: it can read and delete what you can, reach the
  web if it tries to, and hide a process that stays. If you don't trust a class, grade in a
  container.
- It catches cheap tricks, not clever ones: a notebook runs in the same process as its judge, and
  can go looking for it.
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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from submissions import Report, grade
from tqdm import tqdm

from colorkit import files
from colorkit.errors import KitError

# Seconds. Lesson 4, the slowest, took 57 on 2 CPU cores, and 274 while others kept them busy.
LIMIT = 600
# Where a spreadsheet would begin to calculate; some take ; for the end of a cell.
FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@])")
INTERRUPTED = 130


def find_notebooks(folder: Path) -> list[Path]:
    """Find the notebooks in a folder and its subfolders, sorted; hidden files are left out.

    Hidden files are Jupyter's checkpoints and the leftovers of a Mac's zip.

    Raises:
        KitError: there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise KitError(f"{folder} is not a folder: name the one with the submitted notebooks")
    found = below(folder, ".ipynb")
    if not found:
        raise KitError(f"no notebook in {folder}: their names should end in .ipynb")
    return found


def below(folder: Path, ending: str) -> list[Path]:
    """Find the files in a folder and its subfolders that have an ending, sorted.

    The ending may be in lower or upper case. Hidden files and folders are left out.
    """
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(ending) and not name.startswith("."):
                found.append(Path(place) / name)
    return sorted(found)


def plain(text: str) -> str:
    """Return the text in a form that no terminal and no spreadsheet takes for a command."""
    letters = [letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text]
    return FORMULA.sub(r"\1'", "".join(letters))


def table(reports: dict[str, Report]) -> str:
    """Write reports as CSV: a row for each file, a column for each exercise of their lessons.

    Args:
        reports: reports by file name.
    """
    numbers = {number for report in reports.values() for number in report.outcomes}
    columns = sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])
    header = ["file", "lesson", *columns, "correct", "of", "problem"]
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
    writer.writeheader()
    for name, report in sorted(reports.items()):
        row = {"file": plain(name), "lesson": report.lesson, "problem": plain(report.problem)}
        row |= report.outcomes
        row |= {"correct": report.correct, "of": len(report.outcomes)}
        writer.writerow(row)
    return text.getvalue()


def line(name: str, report: Report, seconds: float) -> str:
    """Describe a graded notebook in one line, for the person who waits."""
    result = "not graded"
    if report.lesson:
        result = f"lesson {report.lesson}, {report.correct} of {len(report.outcomes)} correct"
    problem = f"; {report.problem}" if report.problem else ""
    return plain(f"{name}: {result} ({seconds:.0f} s){problem}")


def grade_all(
    folder: Path, paths: list[Path], limit: float, jobs: int, out: Path | None
) -> dict[str, Report]:
    """Grade notebooks, several at a time, and rewrite the table after each: no work is ever lost.

    Args:
        folder: folder that the file names in the table are relative to.
        paths: notebooks.
        limit: seconds that each notebook may take.
        jobs: number of notebooks that run at a time.
        out: file of the table; None writes none.

    Returns:
        The reports by file name. Some are missing if the work was interrupted.
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
                name = waiting[done]
                report, seconds = done.result()
                reports[name] = report
                if out:
                    files.write_bytes(out, table(reports).encode())
                tqdm.write(line(name, report, seconds), file=sys.stderr)
                bar.update(1)
        except KeyboardInterrupt:
            graded = f"interrupted: {len(reports)} of {len(paths)} notebooks are graded"
            tqdm.write(graded, file=sys.stderr)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
    return reports


def positive(kind: type) -> Callable[[str], float]:
    """Make a type for argparse: a number above 0, of this kind."""

    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError
        return value

    number.__name__ = f"positive {kind.__name__}"
    return number


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="the submitted notebooks, in subfolders too")
    out = "where the table goes (default: standard output)"
    add("--out", type=Path, metavar="FILE", help=out)
    limit = f"time for each notebook (default: {LIMIT})"
    add("--limit", type=positive(float), default=LIMIT, metavar="SECONDS", help=limit)
    jobs = "how many run at a time (default: 1)"
    add("--jobs", type=positive(int), default=1, metavar="N", help=jobs)
    return parser


def heed_signals() -> None:
    """Treat the end of the terminal like Ctrl-C: it must not leave a notebook running."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


def main(argv: list[str] | None = None) -> int:
    """Grade what the command line names; return the exit status."""
    arguments = build_parser().parse_args(argv)
    heed_signals()
    try:
        paths = find_notebooks(arguments.folder)
        if arguments.out:
            # A file that can't be written should fail now, not after hours of work.
            files.write_bytes(arguments.out, table({}).encode())
        reports = grade_all(arguments.folder, paths, arguments.limit, arguments.jobs, arguments.out)
    except (KitError, OSError) as bad:
        print(f"grade: {bad}", file=sys.stderr)
        return 1
    if not arguments.out:
        sys.stdout.buffer.write(table(reports).encode())
    return 0 if len(reports) == len(paths) else INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
