"""Print lines that any terminal can show, and end a program with a status and one clear line.

A terminal may not know every letter, and a file name may hold what a terminal takes for a command.
"""

import contextlib
import errno
import io
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import KitError, first_line, printable, remedy
from . import memory

DONE = 0
FAILED = 1
STDERR = 2  # its descriptor
WINDOWS = os.name == "nt"
MEMORY = "the memory is full: close other programs, or ask for less at a time"


def say(*lines: object) -> None:
    """Print lines on stdout at once, each in a form that any terminal can show."""
    try:
        for line in lines:
            print(printable(line), flush=True)
    except OSError as bad:
        raise _output_failure(bad) from None


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
    _fill_closed()
    accept_all_letters()
    stop_on_signals()
    try:
        status = work() or DONE
        _flush_output()
        return status
    except BrokenPipeError:  # nobody reads the output any more, as in `... | head`
        _discard_output()
    except Exception as bad:
        if debug:
            raise
        complain(f"{name}: {describe(bad)}")
    except KeyboardInterrupt:
        complain(f"{name}: {stopped}")
    return FAILED


def _fill_closed() -> None:
    """Send what is written to a closed stream nowhere.

    The next file would else get the stream's number, and what libraries write on stderr.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        pass
    os.close(descriptor)
    if sys.stderr is None:
        sys.stderr = os.fdopen(STDERR, "w", closefd=False, encoding="utf-8")


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


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Hold back what libraries write to stderr's descriptor, and write it only if the block fails.

    TensorFlow 2.21 heeds TF_CPP_MIN_LOG_LEVEL only after its import, which it fills with notes on
    its own build.
    """
    with contextlib.ExitStack() as stack:
        try:
            shown = stack.enter_context(os.fdopen(os.dup(STDERR), "wb"))
            held = stack.enter_context(tempfile.TemporaryFile())
        except OSError:  # stderr is closed, or there is no room
            yield
            return
        os.dup2(held.fileno(), STDERR)
        try:
            yield
        except Exception:
            held.seek(0)
            shutil.copyfileobj(held, shown)
            raise
        finally:
            os.dup2(shown.fileno(), STDERR)


def _flush_output() -> None:
    """Write what was printed, while a failure can still be told.

    Raises:
        BrokenPipeError: nobody reads it any more.
        KitError: it can't be written.
    """
    if sys.stdout is None:  # it is closed
        return
    try:
        sys.stdout.flush()
    except OSError as bad:
        raise _output_failure(bad) from None


def _output_failure(bad: OSError) -> Exception:
    """Return what to raise for an output that can't be written.

    That nobody reads it any more is a BrokenPipeError, but on Windows an error of no class of its
    own. For another reason, the rest of the output is discarded: what is left in the buffer would
    fail once more when Python ends.
    """
    if isinstance(bad, BrokenPipeError) or (WINDOWS and bad.errno == errno.EINVAL):
        return BrokenPipeError(errno.EPIPE, first_line(bad))
    _discard_output()
    return KitError(f"the output can't be written ({first_line(bad)}): {remedy(bad)}")


def _discard_output() -> None:
    """Send the rest of the output nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


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
        f"({first_line(bad)}): report this line, with the command that you gave"
    )
