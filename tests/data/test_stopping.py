"""Stop `prepare` from outside, at any time: one line, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from helpers import FACES, KIT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.newest,
    pytest.mark.needs("signals"),
]
LIMIT = 60  # seconds: a process that takes longer hangs
GONE = 2  # seconds that a worker may outlive its parent


class Prepare:
    """`prepare` with two workers, in a session of its own, on a source that takes seconds."""

    def __init__(self, room: Path):
        self.out = room / "data"
        self.errors = room / "errors"
        command = ["-m", "colorkit", "prepare", "--processes", "2", "--per-identity", "9"]
        more = ["--source", str(FACES), "--out", str(self.out)]
        with open(self.errors, "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *command, *more],
                cwd=KIT,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        self.all: set[psutil.Process] = set()

    def wait_for(self, count: int, seconds: float) -> None:
        """Wait until so many processes work for it (two workers and a tracker), and then on."""
        here = psutil.Process(self.process.pid)
        end = time.monotonic() + LIMIT
        while len(self.all) < count:
            assert time.monotonic() < end
            assert self.process.poll() is None, self.errors.read_text(encoding="utf-8")
            self.all |= set(here.children(recursive=True))
            time.sleep(0.005)
        time.sleep(seconds)
        self.all |= set(here.children(recursive=True))

    def find_left(self) -> list[psutil.Process]:
        """Return the processes that still run when their time is over.

        Those that have ended may wait for somebody to ask how (zombies).
        """
        end = time.monotonic() + GONE
        while (left := list(filter(is_alive, self.all))) and time.monotonic() < end:
            time.sleep(0.02)
        return left


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def prepare(tmp_path):
    started = Prepare(tmp_path)
    yield started
    for process in filter(is_alive, started.all):  # so that a failure leaves none behind
        process.kill()
    started.process.kill()
    started.process.wait()


def test_workers_end_with_a_killed_parent(prepare):
    """And nobody prints anything afterward, as Python's tracker of semaphores did."""
    prepare.wait_for(3, 0.5)
    prepare.process.kill()
    prepare.process.wait()
    assert prepare.find_left() == []
    assert prepare.errors.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("name", "send", "times", "seconds"),
    [
        ("SIGTERM", "kill", 1, 0.8),
        ("SIGTERM", "killpg", 1, 0),  # as `timeout` does
        ("SIGHUP", "killpg", 1, 0.5),  # as a terminal does that is closed
        ("SIGINT", "killpg", 2, 0.5),  # an impatient Ctrl-C
    ],
)
def test_a_signal_leaves_one_line_and_nothing_else(prepare, name, send, times, seconds):
    """To the process alone, or to all that belong to it."""
    prepare.wait_for(3, seconds)
    for _ in range(times):
        getattr(os, send)(prepare.process.pid, getattr(signal, name))
        time.sleep(0.03)
    assert prepare.process.wait(LIMIT) == 1
    (line,) = prepare.errors.read_text(encoding="utf-8").splitlines()
    assert line.startswith("colorkit: stopped")
    assert not prepare.out.exists()
    assert prepare.find_left() == []
