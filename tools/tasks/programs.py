"""Run a program and pass on how it ends, on Ctrl-C too."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from pathlib import Path

KIT = Path(__file__).resolve().parents[2]
STOPPED = 130  # the exit status after Ctrl-C


class TaskError(Exception):
    """What stops a task, in one line; an empty line where the program has said it.

    Attributes:
        status: the exit status.
    """

    def __init__(self, line: str, status: int = 1) -> None:
        super().__init__(line)
        self.status = status


def run(command: list[str], variables: dict[str, str]) -> None:
    """Run a program in the checkout, and print its command.

    Args:
        command: the program and its arguments.
        variables: the environment variables to set for it.

    Raises:
        TaskError: it failed, and has said why.
        KeyboardInterrupt: somebody pressed Ctrl-C, and the program has ended.
    """
    print(shlex.join(command))
    try:
        program = subprocess.Popen(command, cwd=str(KIT), env={**os.environ, **variables})
    except OSError as bad:
        raise TaskError(f"{command[0]}: {bad.strerror}") from None
    status = wait(program)
    if status:
        raise TaskError("", status if status > 0 else 128 - status)


def output(command: list[str]) -> str:
    """Run a program in the checkout, and return the line that it prints."""
    done = subprocess.run(
        command, cwd=str(KIT), stdout=subprocess.PIPE, check=True, encoding="utf-8"
    )
    return done.stdout.strip()


def wait(program: subprocess.Popen) -> int:
    """Wait for a program's end and return its exit status.

    The program gets Ctrl-C as well, and ends by itself; the second Ctrl-C ends it.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C, and the program has ended.
        SystemExit: this process is told to end, and so was the program.
    """
    try:
        return program.wait()
    except KeyboardInterrupt:
        _wait_once_more(program)
        raise
    except SystemExit:
        program.terminate()
        program.wait()
        raise


def _wait_once_more(program: subprocess.Popen) -> None:
    """Wait for the end of a program that got Ctrl-C; if somebody presses it again, end it."""
    try:
        program.wait()
    except KeyboardInterrupt:
        program.terminate()
        program.wait()


def end_on_signal() -> None:
    """End the program that runs, too, when this process is told to end."""

    def end(number, _):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
