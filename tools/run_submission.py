"""Run a submitted notebook and judge its exercises: the process that grade.py starts for each, in a folder of its own.

    python tools/run_submission.py NOTEBOOK

A JSON line on standard output says what is known, a longer one after every cell; the last counts. What the notebook prints goes nowhere.

Its cells run in IPython itself and not in a kernel, so that one process is all there is to stop. Cells that fail don't keep the others from
running. After each cell with a `check("1.1", my_function)`, the function is taken from the notebook's names and judged here, by modules of
the kit that are not those which the notebook imports: what it does to its own, or prints, or keeps as output, decides nothing.
"""

import ast
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from submissions import KIT, MISSING, Report

sys.path.insert(0, str(KIT))
from colorkit import machine
from colorkit.errors import KitError, first_line
from colorkit.exercises import LESSONS, NOT_YET, Exercise, exercises_of, judge

CALL = re.compile(r"""^[^#\n]*\bcheck\(\s*["'](\d+\.\d+)["']""", re.MULTILINE)
SHOWN = 200  # characters of what an exception says


class Answer(NamedTuple):
    """A call of `check` in a cell: the exercise's number, and the code of what is handed over; None where the cell is not Python."""

    number: str
    function: ast.expr | None


class Shell(InteractiveShell):
    """IPython with nobody in front of it."""

    def enable_gui(self, gui=None):
        """Ignore `%matplotlib`'s wish: there is no window."""

    def ask_exit(self):
        """Ignore `exit`: the cells after it count too."""


def code_cells(path: Path) -> list[str]:
    """The code of a notebook's cells.

    Raises:
        KitError: it is no notebook.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if not text.strip():
            raise ValueError("the file is empty")
        return [
            cell.source
            for cell in nbformat.reads(text, as_version=4).cells
            if cell.cell_type == "code"
        ]
    except Exception as bad:  # there are many ways not to be a notebook
        raise KitError(f"not a notebook: {said(bad)}") from None


def answers(source: str) -> list[Answer]:
    """The calls of `check` in a cell, under a `%%magic` too."""
    body = source.partition("\n")[2] if source.startswith("%%") else source
    try:
        nodes = list(ast.walk(ast.parse(TransformerManager().transform_cell(body))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # all that ast.parse may raise
        return [Answer(number, None) for number in CALL.findall(body)]
    return [
        Answer(node.args[0].value, node.args[1])
        for node in nodes
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", None)) == "check"
        and len(node.args) == 2
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def exercises(numbers: set[str]) -> dict[str, Exercise]:
    """All exercises of those lessons to which the numbers belong.

    Raises:
        KitError: there is no such lesson.
    """
    lessons = sorted({number.partition(".")[0] for number in numbers} & LESSONS.keys())
    if not lessons:
        raise KitError('no exercise in it: no call like check("1.1", my_function)')
    machine.choose_backend()  # before an exercise imports Keras
    return {exercise.number: exercise for lesson in lessons for exercise in exercises_of(lesson)}


def part_from_kit() -> None:
    """Have the notebook import modules of its own: the kit's copy beside it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "colorkit"]:
        del sys.modules[name]
    sys.path[:2] = [
        str(Path.cwd() / "colorkit-lessons"),
        "",
    ]  # in place of the kit and of this file's folder


def run(cells: list[str], known: dict[str, Exercise], report: Report, record: int) -> None:
    """Run cells from top to bottom and judge what they hand to `check`."""
    shell = Shell.instance()
    for report.cell, source in enumerate(cells, 1):
        report.write(record)
        result = shell.run_cell(source, store_history=True)
        bad = result.error_before_exec or result.error_in_exec
        if bad:
            report.failed += 1
            report.problem = report.problem or f"code cell {report.cell} raised {said(bad)}"
        for answer in answers(source):
            if answer.number in known:
                report.outcomes[answer.number] = outcome(
                    known[answer.number], answer, shell.user_ns
                )


def outcome(exercise: Exercise, answer: Answer, names: dict) -> str:
    """Judge what stands in the notebook's names once the cell has run."""
    if answer.function is None:
        return NOT_YET
    try:
        return judge(
            exercise, eval(compile(ast.Expression(answer.function), "check", "eval"), names)
        ).outcome
    except BaseException:  # no such name; or the function calls sys.exit
        return NOT_YET


def said(bad: BaseException) -> str:
    """An exception in a line."""
    try:
        words = first_line(bad)[:SHOWN]
    except Exception:  # a student's own exception class, whose __str__ fails
        return type(bad).__name__
    return f"{type(bad).__name__}: {words}"


def main() -> None:
    report, record = Report(), os.dup(1)  # a copy that no process of the notebook inherits
    try:
        cells = code_cells(Path(sys.argv.pop()))
        known = exercises({answer.number for source in cells for answer in answers(source)})
    except KitError as bad:
        report.problem = str(bad)
    else:
        report.lesson = " ".join(dict.fromkeys(number.partition(".")[0] for number in known))
        report.outcomes, report.cells = dict.fromkeys(known, MISSING), len(cells)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        part_from_kit()
        run(cells, known, report, record)
        if report.failed > 1:
            report.problem += f" (and {report.failed - 1} more)"
    report.done = True
    report.write(record)
    os._exit(0)  # threads of the notebook may never end


if __name__ == "__main__":
    main()
