"""Worker processes: how many, and what is said if none can be started.

tests/data/test_stopping.py stops programs that have some.
"""

import os
import signal
from concurrent.futures import ProcessPoolExecutor

import pytest
import work

from colorkit.errors import KitError
from colorkit.machine import interrupts, workers


@pytest.mark.parametrize(("asked", "expected"), [(2, 2), (100_000, workers.MOST)])
def test_a_pool_has_no_more_processes_than_windows_can_wait_for(asked, expected):
    with workers.Pool(asked, os.getpid) as pool:
        assert pool._max_workers == expected


def test_a_system_that_allows_no_process_is_one_clear_error(monkeypatch):
    def refuse(*_):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(ProcessPoolExecutor, "submit", refuse)
    with (
        workers.Pool(2, os.getpid) as pool,
        pytest.raises(KitError, match=r"^no process can be started \(Resource .*\): use --proc"),
    ):
        pool.submit(work.fail, 0)


def test_the_environment_is_as_it_was(monkeypatch):
    for before in (None, "error::DeprecationWarning"):
        monkeypatch.delenv("PYTHONWARNINGS", raising=False)
        if before:
            monkeypatch.setenv("PYTHONWARNINGS", before)
        with workers.Pool(2, os.getpid):
            assert os.environ.get("PYTHONWARNINGS") == before


def raise_inside(number: int, done: list[int]) -> None:
    with interrupts.held(), interrupts.held():
        signal.raise_signal(number)
        done.append(number)


@pytest.mark.parametrize("number", interrupts.STOPPING)
def test_a_signal_is_held_until_the_end_of_the_block(number):
    done = []
    before = signal.signal(number, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            raise_inside(number, done)
        assert done == [number]
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with interrupts.held():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
