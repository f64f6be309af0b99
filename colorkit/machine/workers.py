"""Start worker processes that end with this one, however it ends.

A worker that waits for its next task would not notice that nobody is left to send one.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import resource_tracker
from typing import Any

from ..errors import KitError, first_line
from . import interrupts

MOST = 61  # processes that Windows can wait for


class Pool(ProcessPoolExecutor):
    """A pool of processes that leaves none of them behind.

    Args:
        processes: number of processes; more than MOST are not started.
        initializer: what prepares a worker; an importable function.
    """

    def __init__(self, processes: int, initializer: Callable[[], None]):
        _start_tracker()
        # "spawn": a fork of a process in which TensorFlow has threads can hang
        context = multiprocessing.get_context("spawn")
        super().__init__(min(processes, MOST), context, _begin, (initializer,))

    def submit(self, function: Callable, /, *arguments: Any, **named: Any) -> Future:
        """Hand a task to a worker, which is started if all others are busy.

        Raises:
            KitError: the system allows no more processes.
        """
        try:
            with interrupts.held(), _deaf():
                return super().submit(function, *arguments, **named)
        except OSError as bad:
            raise KitError(
                f"no process can be started ({first_line(bad)}): use --processes 1"
            ) from None

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers after their present tasks. An impatient second Ctrl-C has to wait."""
        with interrupts.held():
            super().shutdown(wait, cancel_futures=cancel_futures)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Start processes that don't hear Ctrl-C, even before their first line of Python runs.

    A terminal sends it to every process, and each would print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, interrupts.STOPPING)  # is inherited
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_tracker() -> None:
    """Start the process by which Python removes semaphores after a kill; let it do so in silence.

    It would print a warning about them, long after the program that it belongs to is gone.
    """
    if os.name != "posix":
        return
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [before, "ignore:resource_tracker"]))
    try:
        with _deaf():  # it ignores the other signals itself, but not the end of the terminal
            resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


def _begin(initializer: Callable[[], None]) -> None:
    """Prepare a worker: leave Ctrl-C to the first process, and end when that one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])  # the pool's own way to end it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    initializer()


def _end_with_parent() -> None:
    """Wait for the end of the first process, and end this one at once."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
