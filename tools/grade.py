"""Grade a class: run each notebook of a folder in its own process, and write a table as CSV.

    python tools/grade.py submissions --out class.csv
    python tools/grade.py submissions --jobs 4 --limit 300

The second line runs four notebooks at a time, gives each at most five minutes, and prints the table
to the terminal, or to another program: without the mark at its beginning by which Excel knows the
letters of a file. For a spreadsheet use --out.

File names don't matter: a notebook's lesson is known by its calls like check("1.1", my_function).
Notebooks are found in subfolders and zips (and zips in a zip), and under names such as
mia.ipynb.txt. Every other file that was handed in has a row too, which says that it is no notebook.

For each exercise a row says "correct", "not yet", "not attempted", or "missing" (there is no such
call, or it was not reached). The column "problem" says what went wrong.

Every notebook runs from scratch, at the smoke profile, in a temporary folder with a copy of this
kit. That folder is its home; it gets no GPU, no web, and hardly any of your environment variables.
Limits of time, memory, disk and processes stop what would never end, and everything that a notebook
started is ended with it.

The judge is another process, which never runs a notebook's code. It sends arguments, gets numbers,
strings and arrays back, and compares them with the results of this kit. So a notebook may replace
what it likes in NumPy, in Python or in its copy of the kit: it changes its own results, and no
verdict. Outputs and printed verdicts count for nothing. What this does not do:

- It is not a sandbox. Students' code runs as you: it can read and delete what you can, reach the
  web if it tries to, write outside its folder, and look for the judge's process or change this kit
  on your disk. If you don't trust a class, grade in a container.
- It does not see how a result was found: by a table of right results, or by the kit's own function
  under another name.
- It does not see who wrote an answer. solution("1.1") shows it to everyone.

Exit status: 0 done, 1 failed with one line that says why, 2 usage, 130 interrupted. In every case
what was graded until then is kept. If FILE holds an earlier table, it stays until the new one is
complete. What a run has graded that was stopped is then beside it, in a file such as
class.unfinished-1.csv, and a line says so.
"""

import argparse
import contextlib
import csv
import io
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from types import FrameType
from typing import NoReturn

from handed_in import HandedIn, find
from submissions import Report, grade, remove_stale
from tables import TableFile, cell, plain
from tqdm import tqdm

from colorkit import cli
from colorkit.machine import console

# Seconds. Lesson 4, the slowest, took 57 on 2 CPU cores, and 274 while others kept them busy.
LIMIT = 600
INTERRUPTED = 130
BEGINS = "file,lesson"  # how a table begins


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
        row = {"file": plain(name), "lesson": report.lesson, "problem": cell(report.problem)}
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
    handed_in: list[HandedIn],
    limit: float,
    jobs: int,
    out: TableFile | None,
    reports: dict[str, Report],
) -> None:
    """Grade notebooks, several at a time, and rewrite the table after each: no work is ever lost.

    Args:
        handed_in: all that was handed in.
        limit: seconds that each notebook may take.
        jobs: number of notebooks that run at a time.
        out: file of the table; None writes none.
        reports: reports by name, to which those of the notebooks are added. Some are missing if
            the work was interrupted.

    Raises:
        KitError, OSError: no notebook can be graded on this machine now.
    """
    stop = threading.Event()
    notebooks = [one for one in handed_in if one.read]

    def timed(one: HandedIn) -> tuple[Report, float]:
        began = time.perf_counter()
        return grade(one.read, limit, stop, jobs), time.perf_counter() - began

    with (
        ThreadPoolExecutor(jobs) as pool,
        tqdm(total=len(notebooks), unit="notebook", leave=False, disable=None) as bar,
    ):
        try:
            waiting = {pool.submit(timed, one): one.name for one in notebooks}
            for done in as_completed(waiting):
                name = waiting[done]
                report, seconds = done.result()
                reports[name] = report
                if out:
                    out.write(table(reports))
                tqdm.write(line(name, report, seconds), file=sys.stderr)
                bar.update(1)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def stopping_once() -> Iterator[None]:
    """Let the first Ctrl-C, or what counts as one, stop the block, and ignore those after it.

    What follows the first is short, and would leave processes and folders behind if it were cut. A
    signal that is ignored already stays so: nohup wants that.
    """
    signals = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    heeded = [one for one in signals if one and signal.getsignal(one) is signal.default_int_handler]

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        for one in heeded:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    for one in heeded:
        signal.signal(one, stop)
    try:
        yield
    finally:
        for one in heeded:
            signal.signal(one, signal.default_int_handler)


def close(out: TableFile, text: str, graded: int, complete: bool) -> None:
    """Bring the file of the table to its end, and say where the rows are if that isn't clear.

    Args:
        out: the file.
        text: the table.
        graded: number of notebooks that are graded.
        complete: whether these are all.

    Raises:
        KitError: the table can't be written.
    """
    if complete:
        out.finish(text)
    elif graded and not out.is_new:
        console.complain(f"{out.path} is as it was; what is graded now is in {out.growing}")
    else:
        out.discard()


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
    add(
        "folder", type=cli.path, metavar="FOLDER", help="the submitted notebooks, in subfolders too"
    )
    out = "where the table goes (default: standard output)"
    add("--out", type=cli.path, metavar="FILE", help=out)
    limit = f"time for each notebook (default: {LIMIT})"
    add("--limit", type=positive(float), default=LIMIT, metavar="SECONDS", help=limit)
    debug = "show the traceback of a failure"
    add("--debug", action="store_true", help=debug)
    jobs = "how many run at a time (default: 1)"
    add("--jobs", type=positive(int), default=1, metavar="N", help=jobs)
    return parser


def work(arguments: argparse.Namespace) -> int:
    """Grade what the command line names; return the exit status."""
    out = TableFile(arguments.out, BEGINS) if arguments.out else None
    handed_in = find(arguments.folder, arguments.out)
    reports = {one.name: Report(problem=one.problem) for one in handed_in if not one.read}
    total = len(handed_in) - len(reports)
    if out:  # a file that can't be written should fail now, not after hours of work
        out.start(table(reports))
    complete = False
    try:
        remove_stale()
        for one in handed_in:
            if not one.read:
                console.complain(plain(f"{one.name}: {one.problem}"))
        grade_all(handed_in, arguments.limit, arguments.jobs, out, reports)
        complete = True
    except KeyboardInterrupt:
        graded = len(reports) - len(handed_in) + total
        console.complain(f"interrupted: {graded} of {total} notebooks are graded")
        return INTERRUPTED
    finally:
        text = table(reports)
        if out:
            close(out, text, len(reports) - len(handed_in) + total, complete)
        else:
            sys.stdout.buffer.write(text.encode())
    return console.DONE


def main(argv: list[str] | None = None) -> int:
    """Grade what the command line names; return the exit status."""
    arguments = build_parser().parse_args(argv)

    def run() -> int:
        with stopping_once():
            return work(arguments)

    return console.run_program("grade", run, debug=arguments.debug)


if __name__ == "__main__":
    sys.exit(main())
