"""The minutes in a lesson's table of facts: reading and doing are counted in its cells, compute is measured by run_lessons.py."""

import math
import os
import re

import nbformat

WORDS = 200  # read in a minute
EXERCISE, PREDICTION, PANEL = 5, 1, 4  # minutes to do one
CODE = re.compile(
    r"```.*?```|\]\(.*?\)|\|[\s:|-]*\|", re.DOTALL
)  # of prose: what isn't read as words


def reading(notebook: nbformat.NotebookNode) -> int:
    """Minutes to read the prose once, at least 1."""
    prose = " ".join(
        CODE.sub(" ", cell.source) for cell in notebook.cells if cell.cell_type == "markdown"
    )
    return max(1, round(len(re.findall(r"\w[\w'.*]*", prose)) / WORDS))


def doing(notebook: nbformat.NotebookNode) -> int:
    """Minutes to do what a lesson asks for: its exercises, its predictions, its panel."""
    text = "\n".join(cell.source for cell in notebook.cells)
    exercises, predictions = (
        len(re.findall(r"^### Exercise ", text, re.MULTILINE)),
        text.count("**Predict.**"),
    )
    return (
        EXERCISE * exercises
        + PREDICTION * predictions
        + PANEL * ("**A question for the panel.**" in text)
    )


def span(seconds: float) -> str:
    """A time in words: seconds up to one minute and a half, then minutes."""
    return f"{math.ceil(seconds)} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def state(notebook: nbformat.NotebookNode, seconds: float) -> None:
    """Put the minutes into a lesson's table of facts, in its first cell.

    Args:
        seconds: what running it took on this machine.
    """
    first = notebook.cells[0]
    for fact, value in (
        ("Reading", f"{reading(notebook)} minutes |"),
        ("Doing", f"{doing(notebook)} minutes |"),
    ):
        first.source = _replaced(rf"(\| {fact} \| ).*", rf"\g<1>{value}", first.source)
    cores = f"{span(seconds)} on {os.cpu_count()} CPU cores"
    first.source = _replaced(r"(\| Compute \| ).*? CPU cores", rf"\g<1>{cores}", first.source)


def in_syllabus(readme: str, lesson: str, seconds: float) -> str:
    """The README, with a lesson's compute time in its row of the table."""
    return _replaced(
        rf"(\(notebooks/{lesson}\.ipynb\) \|[^|]*\| )[\d.]+ (s|min)( \|)",
        rf"\g<1>{span(seconds)}\g<3>",
        readme,
    )


def _replaced(pattern: str, by: str, text: str) -> str:
    text, count = re.subn(pattern, by, text)
    if count != 1:
        raise ValueError(f"{count} places look like {pattern!r}, there should be 1")
    return text
