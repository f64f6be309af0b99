"""Run a submitted notebook and judge its exercises: grade.py starts this for each notebook.

    python tools/run_submission.py NOTEBOOK

It writes what is known as a line of JSON on standard output, and a longer one after every cell; the
last line counts. What the notebook prints goes nowhere.

The notebook's cells run in IPython itself and not in a kernel, so there is only one process to
stop. Cells that fail don't keep the others from running. After each cell with a
`check("1.1", my_function)`, the function is taken from the notebook's names and judged here, by
modules of the kit that are not those that the notebook imports: whatever it does to its own, prints
or keeps as output decides nothing.
"""

import ast
import os
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from submissions import MISSING, Report

from colorkit import machine
from colorkit.errors import KitError, first_line
from colorkit.exercises import LESSONS, NOT_YET, Exercise, exercises_of, judge

CALL = re.compile(r"""^[^#\n]*\bcheck\(\s*["'](\d+\.\d+)["']""", re.MULTILINE)
SHOWN = 200  # characters of an exception's message


class Answer(NamedTuple):
    """A call of `check` in a cell.

    Attributes:
        number: number of the exercise.
        function: code of the function that is handed over; None if the cell is not Python.
    """

    number: str
    function: ast.expr | None


class Shell(InteractiveShell):
    """IPython with nobody in front of it."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Ignore the request of `%matplotlib`: there is no window."""

    def ask_exit(self) -> None:
        """Ignore `exit`: the cells after it count too."""


def read_code_cells(path: Path) -> list[str]:
    """Read the code of a notebook's cells.

    Raises:
        KitError: the file is not a notebook.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if not text.strip():
            raise ValueError("the file is empty")
        cells = nbformat.reads(text, as_version=4).cells
        return [cell.source for cell in cells if cell.cell_type == "code"]
    except Exception as bad:  # there are many ways not to be a notebook
        raise KitError(f"not a notebook: {describe(bad)}") from None


def find_answers(source: str) -> list[Answer]:
    """Find the calls of `check` in a cell, under a `%%magic` too."""
    body = source.partition("\n")[2] if source.startswith("%%") else source
    try:
        nodes = list(ast.walk(ast.parse(TransformerManager().transform_cell(body))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # all that ast.parse may raise
        return [Answer(number, None) for number in CALL.findall(body)]
    return [Answer(node.args[0].value, node.args[1]) for node in nodes if _is_check(node)]


def _is_check(node: ast.AST) -> bool:
    """Tell whether a piece of code is a call like check("1.1", my_function)."""
    if not isinstance(node, ast.Call) or len(node.args) != 2:
        return False
    name = getattr(node.func, "id", getattr(node.func, "attr", None))
    number = node.args[0]
    return name == "check" and isinstance(number, ast.Constant) and isinstance(number.value, str)


def load_exercises(numbers: set[str]) -> dict[str, Exercise]:
    """Load all exercises of the lessons to which the numbers belong.

    Raises:
        KitError: there is no such lesson.
    """
    lessons = sorted({number.partition(".")[0] for number in numbers} & LESSONS.keys())
    if not lessons:
        raise KitError('no exercise in it: no call like check("1.1", my_function)')
    machine.choose_backend()  # before an exercise imports Keras
    return {exercise.number: exercise for lesson in lessons for exercise in exercises_of(lesson)}


def part_from_kit() -> None:
    """Make the notebook import modules of its own, from the kit's copy beside it."""
    for name in list(sys.modules):
        if name.partition(".")[0] == "colorkit":
            del sys.modules[name]
    # These two replace the checkout (see checkout.py) and the folder of this file.
    sys.path[:2] = [str(Path.cwd() / "colorkit-lessons"), ""]


def run(cells: list[str], known: dict[str, Exercise], report: Report, record: int) -> None:
    """Run cells from top to bottom and judge what they hand to `check`.

    Args:
        cells: code of each cell.
        known: exercises by number.
        report: report that is completed cell by cell.
        record: open file to which the report is written before each cell.
    """
    shell = Shell.instance()
    for number, source in enumerate(cells, 1):
        report.cell = number
        report.write(record)
        result = shell.run_cell(source, store_history=True)
        bad = result.error_before_exec or result.error_in_exec
        if bad:
            report.failed += 1
            report.problem = report.problem or f"code cell {report.cell} raised {describe(bad)}"
        for answer in find_answers(source):
            if answer.number in known:
                exercise = known[answer.number]
                report.outcomes[answer.number] = judge_answer(exercise, answer, shell.user_ns)


def judge_answer(exercise: Exercise, answer: Answer, names: dict[str, Any]) -> str:
    """Judge an answer, given the notebook's names once its cell has run."""
    if answer.function is None:
        return NOT_YET
    try:
        code = compile(ast.Expression(answer.function), "check", "eval")
        return judge(exercise, eval(code, names)).outcome
    except BaseException:  # there is no such name; or the function calls sys.exit
        return NOT_YET


def describe(bad: BaseException) -> str:
    """Describe an exception in one line."""
    try:
        words = first_line(bad)[:SHOWN]
    except Exception:  # a student's own exception class, whose __str__ fails
        return type(bad).__name__
    return f"{type(bad).__name__}: {words}"


def silence() -> None:
    """Send what this process prints from here on nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def main() -> None:
    """Run the notebook that the command line names, and end the process."""
    report = Report()
    record = os.dup(1)  # a copy that no process of the notebook inherits
    try:
        cells = read_code_cells(Path(sys.argv.pop()))
        known = load_exercises({answer.number for cell in cells for answer in find_answers(cell)})
    except KitError as bad:
        report.problem = str(bad)
    else:
        lessons = [number.partition(".")[0] for number in known]
        report.lesson = " ".join(dict.fromkeys(lessons))
        report.outcomes = dict.fromkeys(known, MISSING)
        report.cells = len(cells)
        silence()
        part_from_kit()
        run(cells, known, report, record)
        if report.failed > 1:
            report.problem += f" (and {report.failed - 1} more)"
    report.done = True
    report.write(record)
    os._exit(0)  # threads of the notebook may never end


if __name__ == "__main__":
    main()
