"""Work out the minutes in a lesson's table of facts.

    python tools/minutes.py notebooks/02_cnn.ipynb

Reading and doing are counted in the lesson's cells; run_lessons.py measures compute.
"""

import argparse
import functools
import math
import os
import re
import sys
from pathlib import Path

import checkout
import nbformat

from colorkit import cli
from colorkit.machine import console

WORDS = 200  # words read in a minute
EXERCISE = 5  # minutes
PREDICTION = 1  # minutes
PANEL = 4  # minutes
# The parts of prose that aren't read as words: code, addresses, the rules of tables.
CODE = re.compile(r"```.*?```|\]\(.*?\)|\|[\s:|-]*\|", re.DOTALL)


def reading(notebook: nbformat.NotebookNode) -> int:
    """Count the minutes it takes to read the prose once, at least 1."""
    prose = " ".join(
        CODE.sub(" ", cell.source) for cell in notebook.cells if cell.cell_type == "markdown"
    )
    return max(1, round(len(re.findall(r"\w[\w'.*]*", prose)) / WORDS))


def doing(notebook: nbformat.NotebookNode) -> int:
    """Count the minutes for what a lesson asks for: exercises, predictions, its panel."""
    text = "\n".join(cell.source for cell in notebook.cells)
    exercises = len(re.findall(r"^### Exercise ", text, re.MULTILINE))
    predictions = text.count("**Predict.**")
    panels = 1 if "**A question for the panel.**" in text else 0
    return EXERCISE * exercises + PREDICTION * predictions + PANEL * panels


def span(seconds: float) -> str:
    """Say a time in words: in seconds below a minute and a half, then in minutes."""
    return f"{math.ceil(seconds)} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def state(notebook: nbformat.NotebookNode, seconds: float) -> None:
    """Put the minutes into a lesson's table of facts, in its first cell.

    Args:
        notebook: lesson, changed in place.
        seconds: time that running it took on this machine.
    """
    facts = {"Reading": reading(notebook), "Doing": doing(notebook)}
    first = notebook.cells[0]
    for fact, minutes in facts.items():
        line = rf"\g<1>{minutes} minutes |"
        first.source = _replace(rf"(\| {fact} \| ).*", line, first.source)
    cores = f"{span(seconds)} on {os.cpu_count()} CPU cores"
    first.source = _replace(r"(\| Compute \| ).*? CPU cores", rf"\g<1>{cores}", first.source)


def in_syllabus(readme: str, lesson: str, seconds: float) -> str:
    """Return the README with a lesson's compute time in its row of the table."""
    return _replace(
        rf"(\(notebooks/{lesson}\.ipynb\) \|[^|]*\| )[\d.]+ (s|min)( \|)",
        rf"\g<1>{span(seconds)}\g<3>",
        readme,
    )


def _replace(pattern: str, by: str, text: str) -> str:
    """Replace the one place that looks like a pattern; ValueError unless there is exactly one."""
    text, count = re.subn(pattern, by, text)
    if count != 1:
        raise ValueError(f"{count} places look like {pattern!r}, there should be 1")
    return text


def main() -> int:
    """Print the minutes of the lessons that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lessons", nargs="+", type=cli.path, metavar="LESSON.ipynb")
    lessons = parser.parse_args().lessons
    return console.run_program("minutes", functools.partial(count, lessons))


def count(lessons: list[Path]) -> None:
    """Print the minutes of lessons, a line for each."""
    for path in lessons:
        notebook = nbformat.read(path, as_version=4)
        console.say(f"{path}: reading {reading(notebook)}, doing {doing(notebook)} minutes")


if __name__ == "__main__":
    sys.exit(main())
