"""Fixtures of runs on Drive, which several machines open."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from drives import StandInDrive

from colorkit.runs import drive_copier
from colorkit.runs.checkpoints import Store
from colorkit.runs.drive_mirror import DriveMirror
from colorkit.runs.storage import Disk, Drive


@pytest.fixture
def drive(tmp_path, monkeypatch) -> StandInDrive:
    found = StandInDrive(tmp_path, monkeypatch)
    found.mount()
    return found


@pytest.fixture
def _threads(monkeypatch) -> Iterator[None]:
    """End the copiers' threads with the test: they must not work in the next one."""
    made = []

    def make(*arguments) -> ThreadPoolExecutor:
        made.append(ThreadPoolExecutor(*arguments))
        return made[-1]

    monkeypatch.setattr(drive_copier, "ThreadPoolExecutor", make)
    yield
    for thread in made:
        thread.shutdown()


@pytest.fixture
def open_mirror(tmp_path, drive, _threads):
    """Open the run as a new kernel does, on the machine of this name; its disks may be given."""

    def opening(
        machine: str = "one", local: Disk | None = None, remote: Disk | None = None
    ) -> DriveMirror:
        here = tmp_path / machine / "cnn"
        there = drive.folder / "MyDrive" / "colorkit" / "runs" / "cnn"
        return DriveMirror(Store(here, local or Disk()), Store(there, remote or Drive()))

    return opening
