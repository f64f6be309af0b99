"""Print lines that any terminal can show, and end a program with a status and one clear line.

A terminal may not know every letter, and a file name may hold what a terminal takes for a command.
"""

import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import KitError, first_line, printable, remedy
from . import memory

DONE = 0
FAILED = 1
MEMORY = "the memory is full: close other programs, or ask for less at a time"


def say(*lines: object) -> None:
    """Print lines on stdout at once, each in a form that any terminal can show."""
    for line in lines:
        print(printable(line), flush=True)


def complain(*lines: object) -> None:
    """Print lines on stderr, each in a form that any terminal can show."""
    for line in lines:
        print(printable(line), file=sys.stderr, flush=True)


def run_program(
    name: str, work: Callable[[], int | None], stopped: str = "stopped", debug: bool = False
) -> int:
    """Do the work of a program, and turn a failure into one line on stderr.

    SIGTERM and SIGHUP stop it as Ctrl-C does, so that it ends its processes and removes its
    temporary files.

    Args:
        name: name of the program, the first word of that line.
        work: what it does; its result is the exit status, and None means 0.
        stopped: what to say when somebody stops it.
        debug: whether to raise the failure, with its traceback.

    Returns:
        The exit status: 0 done, 1 failed.
    """
    accept_all_letters()
    stop_on_signals()
    try:
        with _output():
            return work() or DONE
    except Exception as bad:
        if debug:
            raise
        if not isinstance(bad, _ReaderLeftError):  # as in `... | head`
            complain(f"{name}: {describe(bad)}")
    except KeyboardInterrupt:
        complain(f"{name}: {stopped}")
    return FAILED


def accept_all_letters() -> None:
    """Make stdout and stderr print an escape for a letter that they can't encode."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None if it is closed
            stream.reconfigure(errors="backslashreplace")


def stop_on_signals() -> None:
    """Treat SIGTERM and the end of the terminal like Ctrl-C, unless they are ignored (nohup)."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


class _ReaderLeftError(Exception):
    """Nobody reads stdout any more."""


@contextlib.contextmanager
def _output() -> Iterator[None]:
    """Flush stdout at the end, while a failure can still be told.

    Raises:
        _ReaderLeftError: nobody reads it any more.
        KitError: it can't be written.
    """
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except OSError as bad:
        if not _is_stdout_broken():
            raise
        # What is left in the buffer would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(bad, BrokenPipeError):
            raise _ReaderLeftError from None
        raise KitError(f"the output can't be written ({first_line(bad)}): {remedy(bad)}") from None


def _is_stdout_broken() -> bool:
    """Tell whether what was printed can't be written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        return True
    return False


def describe(bad: Exception) -> str:
    """Describe a failure in one line: what, where, how to fix it."""
    if isinstance(bad, KitError):
        return str(bad)
    if isinstance(bad, OSError) and bad.strerror:
        where = f"{os.fspath(bad.filename)!s}: " if isinstance(bad.filename, str | Path) else ""
        return f"{where}{first_line(bad)}: {remedy(bad)} and run again"
    if memory.is_full(bad):
        return MEMORY
    place = traceback.extract_tb(bad.__traceback__)[-1]
    return (
        f"unexpected {type(bad).__name__} in {Path(place.filename).name}, line {place.lineno} "
        f"({first_line(bad)}): run it again with --debug, and report what it prints"
    )
