"""Judge a submitted notebook while it runs: grade.py starts this for each notebook.

    python tools/run_submission.py NOTEBOOK

It writes what is known as a line of JSON on standard output, and a longer one after every cell; the
last line counts.

The notebook runs in a process of its own, and its code never comes here. It hands over a function
by saying so. Then this process, whose NumPy and kit no student has touched, sends the arguments of
the exercise's cases, gets plain data back, and compares. Whatever a notebook does to NumPy, to
Python, or to its own copy of the kit changes its own results and nothing else.

It ends, with all that the notebook started, as soon as grade.py is gone: then standard input ends.
"""

import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

import exchange
import processes
import psutil
from checkout import KIT
from submissions import MISSING, POLL, Report

from colorkit import machine
from colorkit.exercises import (
    LESSONS,
    NOT_ATTEMPTED,
    NOT_YET,
    Exercise,
    exercises_of,
    judge,
)

NO_EXERCISE = 'no exercise in it: no call like check("1.1", my_function)'
NUMPY_ALONE = {"1", "7"}  # lessons whose exercises need no Keras, whose import takes seconds
AHEAD = 8  # messages that may wait
LONGEST = 300  # characters of what a notebook says about itself


class Gone(BaseException):
    """The notebook's process has ended. (No judge may catch this: nothing is wrong.)"""


class Forged(BaseException):
    """Somebody else wrote what only the notebook's process should write."""


class FailedError(Exception):
    """A student's function has no result that counts."""


class Notebook:
    """A notebook that runs in a process of its own.

    Attributes:
        process: that process.
    """

    def __init__(self, path: str) -> None:
        command = [sys.executable, str(KIT / "tools" / "run_notebook.py"), path]
        self.process = psutil.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a notebook that kills its group kills only itself
        )
        self._messages: queue.Queue[bytes | BaseException] = queue.Queue(AHEAD)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        """Read messages as they come. (Another process may hold the pipe open for ever.)"""
        try:
            while (data := exchange.read_frame(self.process.stdout)) is not None:
                self._messages.put(data)
            self._messages.put(Gone())
        except ValueError:
            self._messages.put(Forged())

    def hear(self) -> dict[str, Any]:
        """Return the next message.

        Raises:
            Gone: there is none, because the process has ended.
            Forged: it is none that the process should have written.
        """
        found = self._next()
        if isinstance(found, BaseException):
            raise found
        try:
            message = exchange.decode(json.loads(found))
        except Exception:  # there are many ways not to be a message
            raise Forged from None
        if not isinstance(message, dict):
            raise Forged
        return message

    def _next(self) -> bytes | BaseException:
        ended = False
        while True:
            try:
                return self._messages.get(timeout=POLL)
            except queue.Empty:
                if ended:
                    return Gone()
                ended = self.process.poll() is not None

    def call(self, *arguments: Any) -> Any:
        """Return what the student's function returns for the arguments.

        Raises:
            FailedError: it raised an exception, or changed its arguments.
        """
        self._ask(pickle.dumps(arguments))
        message = self.hear()
        if message.get("about") == "failed":
            raise FailedError
        if message.get("about") != "result":
            raise Forged
        return message.get("value")

    def go_on(self) -> None:
        """Let the notebook go on: the judge has seen enough."""
        self._ask(b"")

    def _ask(self, data: bytes) -> None:
        try:
            exchange.write_frame(self.process.stdin, data)
        except OSError:
            raise Gone from None


def load_exercises(numbers: list[Any], report: Report) -> dict[str, Exercise]:
    """Load all exercises of the lessons to which the numbers belong, and name them in the report.

    Returns:
        The exercises by number.
    """
    named = {str(number).partition(".")[0] for number in numbers}
    lessons = sorted((named | set(report.lesson.split())) & LESSONS.keys())
    if not NUMPY_ALONE.issuperset(lessons):
        machine.choose_backend()  # before an exercise imports Keras
    known = {exercise.number: exercise for lesson in lessons for exercise in exercises_of(lesson)}
    report.lesson = " ".join(lessons)
    report.outcomes = dict.fromkeys(known, MISSING) | report.outcomes
    return known


def follow(notebook: Notebook, report: Report) -> None:
    """Hear what a notebook says, until it has come to its end; and judge what it hands over."""
    known: dict[str, Exercise] = {}
    while True:
        message = notebook.hear()
        match message:
            case {"about": "ready"}:
                report.begun = True
            case {"about": "read", "cells": int(cells), "numbers": list(numbers)}:
                report.cells = cells
                known = load_exercises(numbers, report)
            case {"about": "cell", "number": int(number)}:
                report.cell = number
            case {"about": "raised", "what": str(what)}:
                report.failed += 1
                raised = f"code cell {report.cell} raised {what[:LONGEST]}"
                report.problem = report.problem or raised
            case {"about": "answer", "number": str(number), "stub": bool(stub)}:
                known = known if number in known else load_exercises([number], report)
                if number in known:
                    outcome = NOT_ATTEMPTED if stub else judge_answer(known[number], notebook)
                    report.outcomes[number] = outcome
                notebook.go_on()
            case {"about": "refused", "what": str(what)}:
                report.problem = what[:LONGEST]
                return
            case {"about": "end"}:
                report.problem = report.problem if report.outcomes else NO_EXERCISE
                return
            case _:
                raise Forged
        report.write(sys.stdout.fileno())


def judge_answer(exercise: Exercise, notebook: Notebook) -> str:
    """Judge the function that a notebook has handed over."""
    try:
        return judge(exercise, notebook.call).outcome
    except Exception:  # its results are of a kind that the judge can't describe
        return NOT_YET


def sum_up(report: Report) -> None:
    """Complete the report of a notebook that has come to its end."""
    report.done = True
    if report.failed > 1 and report.outcomes:
        report.problem += f" (and {report.failed - 1} more)"


def end_with_parent(notebook: Notebook, folder: Path, alone: threading.Event) -> NoReturn:
    """Wait until grade.py is gone, and then end all and remove the folder.

    Args:
        notebook: the notebook.
        folder: its folder.
        alone: event that is set when grade.py is gone.
    """
    sys.stdin.buffer.read()
    alone.set()
    processes.end_all([notebook.process], folder)
    os.chdir(folder.parent)  # not every system removes a folder that somebody is in
    processes.remove(folder)
    os._exit(1)


def heed_nobody() -> None:
    """Do nothing on signals that ask a process to end: only a notebook sends any to its judge.

    grade.py ends it in other ways. The notebook itself still ends on them, because a program that
    is started gets none of these functions.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: None)


def main() -> int:
    """Judge the notebook that the command line names; return the exit status."""
    folder = Path.cwd()
    report = Report()
    heed_nobody()
    processes.adopt_orphans()
    notebook = Notebook(sys.argv[1])
    alone = threading.Event()
    arguments = (notebook, folder, alone)
    watcher = threading.Thread(target=end_with_parent, args=arguments, daemon=True)
    watcher.start()
    try:
        follow(notebook, report)
        sum_up(report)
    except Gone:
        report.ended = processes.describe_end(notebook.process.wait())
    except Forged:
        problem = "could not be graded: its record was tampered with"
        report = Report(problem=problem, begun=True, done=True)
    if alone.is_set():
        watcher.join()  # it ends this process
    processes.end_all([notebook.process, *processes.descendants(psutil.Process())], folder)
    report.write(sys.stdout.fileno())
    return 0 if report.begun else 1


if __name__ == "__main__":
    status = main()
    os._exit(status)  # the thread that reads can't be stopped
