"""Run the cells of a submitted notebook: run_submission.py, the judge, starts this.

    python tools/run_notebook.py NOTEBOOK

The notebook's cells run in IPython itself and not in a kernel, so there is only one process to
stop. Cells that fail don't keep the others from running. What they print goes nowhere.

When a cell calls `check`, the judge hears of it and asks for the results of the function that was
handed over. Where a cell has a call of `check` that was not made, because the cell failed before it
or has a `check` of its own, the function is taken from the notebook's names.

Messages for the judge go to standard output as JSON; its own come on standard input as pickles:
this side has nothing to protect from the other.
"""

import ast
import contextlib
import functools
import importlib
import io
import json
import os
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

import exchange
import numpy as np
from checkout import KIT as KIT
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell

from colorkit.errors import KitError, first_line
from colorkit.exercises import is_stub

NUMBER = r"\d+\.\d+"  # of an exercise
CALL = re.compile(
    rf"""^[^#\n]*\bcheck\(\s*(?:number\s*=\s*)?(?:["']\s*)?({NUMBER})\b""", re.MULTILINE
)
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


class Judge:
    """The way to the judge.

    Attributes:
        heard: numbers of the exercises that the judge has heard of since they were last forgotten.
    """

    def __init__(self, requests: IO[bytes], messages: IO[bytes]) -> None:
        self.heard: set[str] = set()
        self._requests = requests
        self._messages = messages
        self._process = os.getpid()

    def tell(self, **message: object) -> None:
        """Send a message."""
        if os.getpid() != self._process:  # a copy made by os.fork: one of them is enough
            os._exit(0)
        exchange.write_frame(self._messages, exchange.pack(message))

    def answer(self, number: str, function: object) -> None:
        """Hand over a function, and return its results until the judge has seen enough."""
        self.heard.add(number)
        stub = callable(function) and is_stub(function)
        self.tell(about="answer", number=number, stub=stub)
        while request := exchange.read_frame(self._requests):
            self._call(function, request)

    def _call(self, function: Any, request: bytes) -> None:
        """Call a function, and send its result; or say that it has none that counts."""
        try:
            own, given = pickle.loads(request), pickle.loads(request)
            with np.errstate(all="ignore"):  # as the lesson's check does
                result = function(*own)
            changed = exchange.pack(own) != exchange.pack(given)
            message = {"about": "failed"} if changed else {"about": "result", "value": result}
            data = exchange.pack(message)
        except BaseException:  # whatever a student's code may raise, also sys.exit
            data = exchange.pack({"about": "failed"})
        exchange.write_frame(self._messages, data)


def read_code_cells(path: Path) -> list[str]:
    """Read the code of a notebook's cells.

    Raises:
        KitError: the file is not a notebook.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if not text.strip():
            raise ValueError("the file is empty")
        content = _parse(text)
        if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
            raise ValueError("there are no cells in it")
        return [_source(cell) for cell in content["cells"] if _is_code(cell)]
    except Exception as bad:  # there are many ways not to be a notebook
        raise KitError(f"not a notebook: {describe(bad)}") from None


def _parse(text: str) -> Any:
    """Parse the JSON of a notebook; one of version 3, or older, is converted.

    Raises:
        Exception: it is not JSON, or can't be converted.
    """
    with contextlib.suppress(ValueError):
        content = json.loads(text)
        if not isinstance(content, dict) or "worksheets" not in content:
            return content
    nbformat = importlib.import_module("nbformat")  # takes a second, and most need none of it
    return nbformat.reads(text, as_version=4)


def _is_code(cell: Any) -> bool:
    """Tell whether a part of a notebook is a cell of code, whatever else is missing in it."""
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _source(cell: dict[str, Any]) -> str:
    """Return a cell's code, which may be missing, a string, or a list of lines."""
    source = cell.get("source")
    return "".join(map(str, source)) if isinstance(source, list | str) else ""


def find_answers(source: str) -> list[Answer]:
    """Find the calls of `check` in a cell, under a `%%magic` too."""
    body = source.partition("\n")[2] if source.startswith("%%") else source
    try:
        nodes = list(ast.walk(ast.parse(TransformerManager().transform_cell(body))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # all that ast.parse may raise
        return [Answer(number, None) for number in CALL.findall(body)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    return [answer for call in calls if (answer := _read_call(call))]


def _read_call(call: ast.Call) -> Answer | None:
    """Read a call like check("1.1", my_function); None if it is none."""
    name = getattr(call.func, "id", getattr(call.func, "attr", None))
    given = dict(zip(("number", "function"), call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    number = given.get("number")
    if name != "check" or len(given) != 2 or not isinstance(number, ast.Constant):
        return None
    text = str(number.value).strip()
    return Answer(text, given.get("function")) if re.fullmatch(NUMBER, text) else None


def part_from_kit() -> None:
    """Make the notebook import modules of its own, from the kit's copy beside it."""
    for name in list(sys.modules):
        if name.partition(".")[0] == "colorkit":
            del sys.modules[name]
    # These two replace the checkout (see checkout.py) and the folder of this file.
    sys.path[:2] = [str(Path.cwd() / "colorkit-lessons"), ""]


def watch_checks(judge: Judge) -> None:
    """Make the notebook's `check` tell the judge what it was given, when it was given."""
    from colorkit import exercises

    own: Callable[..., Any] = exercises.check

    @functools.wraps(own)
    def check(number: object, function: Any) -> Any:
        result = own(number, function)
        judge.answer(str(number).strip(), function)
        return result

    exercises.check = check
    exercises.checking.check = check


def run(cells: list[str], judge: Judge) -> None:
    """Run cells from top to bottom; the judge hears of each, and of what they hand to `check`."""
    shell = Shell.instance()
    for number, source in enumerate(cells, 1):
        judge.tell(about="cell", number=number)
        judge.heard.clear()
        result = shell.run_cell(source, store_history=True)
        bad = result.error_before_exec or result.error_in_exec
        if bad:
            judge.tell(about="raised", what=describe(bad))
        for answer in find_answers(source):
            if answer.number not in judge.heard:
                judge.answer(answer.number, take(answer, shell.user_ns))


def take(answer: Answer, names: dict[str, Any]) -> object:
    """Take the function of an answer from the notebook's names; None if it isn't there."""
    if answer.function is None:
        return None
    try:
        return eval(compile(ast.Expression(answer.function), "check", "eval"), names)
    except BaseException:  # there is no such name, or whatever the code may raise
        return None


def describe(bad: BaseException) -> str:
    """Describe an exception in one line."""
    try:
        words = first_line(bad)[:SHOWN]
    except Exception:  # a student's own exception class, whose __str__ fails
        return type(bad).__name__
    return f"{type(bad).__name__}: {words}"


def silence() -> None:
    """Read nothing, and send what this process prints from here on nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def main() -> None:
    """Run the notebook that the command line names, and end the process."""
    # Copies that no process of the notebook inherits
    requests = io.FileIO(os.dup(0), "r")
    messages = io.FileIO(os.dup(1), "w")
    judge = Judge(io.BufferedReader(requests), io.BufferedWriter(messages))
    judge.tell(about="ready")
    try:
        cells = read_code_cells(Path(sys.argv.pop()))
    except KitError as bad:
        judge.tell(about="refused", what=str(bad))
    else:
        numbers = [answer.number for cell in cells for answer in find_answers(cell)]
        judge.tell(about="read", cells=len(cells), numbers=numbers)
        silence()
        part_from_kit()
        watch_checks(judge)
        if any("check" in cell for cell in cells):
            run(cells, judge)
    judge.tell(about="end")
    os._exit(0)  # threads of the notebook may never end


if __name__ == "__main__":
    main()
