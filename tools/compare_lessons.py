"""Compare lessons that ran elsewhere, such as on a Colab machine, with the committed ones.

    python tools/compare_lessons.py out/colab/cpu/*_output.ipynb

It prints a line for each cell that failed or wrote to stderr, and for each checked cell (tagged
nbval-check-output) that is missing or printed another text than the committed one did. The exit
status is 1 if there is any such line. A notebook belongs to the lesson whose name is part of its
own: 02_cnn_output.ipynb and "Copy of 02_cnn.ipynb" are both lesson 2.
"""

import argparse
import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from checkout import KIT

from colorkit import cli
from colorkit.errors import KitError, first_line
from colorkit.machine import console

LESSONS = sorted((KIT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
CHECKED = "nbval-check-output"
LONGEST = 100  # characters of a text that a line shows


def find_lesson(path: Path) -> Path:
    """Return the committed notebook of the lesson that a file is a run of.

    Raises:
        KitError: the file's name has no lesson's name in it.
    """
    found = next((lesson for lesson in LESSONS if lesson.stem in path.stem), None)
    if found is None:
        names = ", ".join(lesson.stem for lesson in LESSONS)
        raise KitError(f"{path}: expected a lesson's name in the file's name ({names})")
    return found


def read(path: Path) -> list[nbformat.NotebookNode]:
    """Return the code cells of a notebook.

    Raises:
        KitError: the file can't be read, or is no notebook.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except OSError as bad:
        raise KitError(f"{path}: can't be read ({first_line(bad)})") from None
    except Exception as bad:  # nbformat raises whatever its JSON makes it stumble over
        raise KitError(f"{path}: expected a notebook ({first_line(bad)})") from None
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell: nbformat.NotebookNode, stream: str = "stdout") -> str:
    """Return what a cell printed on a stream, however the stream was cut into pieces."""
    return "".join(output.text for output in cell.outputs if output.get("name") == stream)


def find_problems(lesson: Path, run: Path) -> Iterator[str]:
    """Find what went wrong in a run, and what it printed that the committed lesson doesn't.

    Args:
        lesson: the committed notebook.
        run: the notebook of the run.
    """
    cells = read(run)
    for place, cell in enumerate(cells, 1):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"{run}, code cell {place}: {output.ename}: {_short(output.evalue)}"
        if red := printed(cell, "stderr").strip():
            yield f"{run}, code cell {place}: stderr has {_short(red)}"
    by_source = {cell.source.strip(): (place, cell) for place, cell in enumerate(cells, 1)}
    for expected in read(lesson):
        if CHECKED not in expected.metadata.get("tags", []):
            continue
        source = expected.source.strip()
        if source not in by_source:
            yield f"{run}: the checked cell that begins {_short(source)} is missing"
            continue
        place, cell = by_source[source]
        if printed(cell) != printed(expected):
            both = f"expected {_short(printed(expected))}, got {_short(printed(cell))}"
            yield f"{run}, code cell {place}: {both}"


def _short(text: str) -> str:
    """Return a text in one line and in quotes, cut after LONGEST characters."""
    return repr(text if len(text) <= LONGEST else f"{text[:LONGEST]}...")


def main(argv: list[str] | None = None) -> int:
    """Compare the runs that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="+", type=cli.path, help="notebooks with their outputs")
    arguments = parser.parse_args(argv)
    return console.run_program("compare_lessons", functools.partial(run, arguments.runs))


def run(runs: list[Path]) -> int:
    """Compare runs with the committed lessons, and print every difference.

    Args:
        runs: notebooks with their outputs.

    Returns:
        The exit status: 1 if there is a difference.
    """
    problems = [problem for path in runs for problem in find_problems(find_lesson(path), path)]
    console.say(*problems, f"{len(runs)} compared, {len(problems)} differences")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
