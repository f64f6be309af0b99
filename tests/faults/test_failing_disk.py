"""Run a session on a disk that fails at every call, in every way.

What was saved is never lost, and never taken for missing.
"""

import json
import os
import re
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from failing_disk import FAULTS, FailingDisk

from colorkit.errors import KitError
from colorkit.runs import drive_copier
from colorkit.runs.checkpoints import Store
from colorkit.runs.drive_mirror import DriveMirror
from colorkit.runs.places import Place

pytestmark = pytest.mark.newest

SAVES = 3


class AtOnce:
    """A stand-in for the thread: `save` waits for each copy, so that the calls have one order."""

    def __init__(self, *_):
        pass

    def submit(self, job) -> Future:
        done = Future()
        try:
            done.set_result(job())
        except Exception as bad:
            done.set_exception(bad)
        return done


@pytest.fixture
def room(monkeypatch, memory) -> Path:
    """Make room for hundreds of sessions, which don't wait for a disk."""
    monkeypatch.setattr(drive_copier, "ThreadPoolExecutor", AtOnce)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    return memory


def make_arrays(number: int) -> dict[str, np.ndarray]:
    return {"model/0000": np.full(50, number, np.float32)}


class Session:
    """A machine and a Drive.

    Training saves 1 to 3, the kernel is restarted, and training resumes and saves one more.
    """

    def __init__(self, room: Path):
        self.room = room
        self.local = FailingDisk(flaky=False)
        self.drive = FailingDisk(flaky=True)
        self.given: list[int] = []  # the places a restart gave
        self.saved = 0  # the newest that is safe on this machine

    def open(self, machine: str = "one") -> DriveMirror:
        return DriveMirror(
            Store(self.room / machine / "run", self.local),
            Store(self.room / "drive" / "run", self.drive),
        )

    def segment(self, saves: int, finish: bool = True, machine: str = "one") -> None:
        """Do with a store what `runs.start` and `Run.train` do.

        A KitError ends it, and so does an OSError of this machine's disk.
        """
        mirror = self.open(machine)
        if not mirror.exists():
            assert self.saved == 0, "a run was taken for none"
            mirror.write_about({"id": "a", "config": {}})
        about = mirror.about()
        assert about == {"id": "a", "config": {}}
        place = mirror.newest()
        if place is not None:
            found = mirror.load(place)
            assert found.state == {"history": list(range(place.epochs))}
            expected = make_arrays(place.epochs)["model/0000"]
            assert np.array_equal(found.arrays["model/0000"], expected)
        began = place.epochs if place else 0
        self.given.append(began)
        for number in range(began + 1, began + saves + 1):
            mirror.save(Place(number), make_arrays(number), {"history": list(range(number))})
            self.saved = max(number, self.saved)
        if finish:
            mirror.finish()

    def run_all(self) -> None:
        for saves in (SAVES, 1):
            try:
                self.segment(saves)
            except KitError:  # it can be run again
                pass
            except OSError:
                assert self.local.at >= 0, "training saw an error of Drive's"

    def list_kept(self, side: str) -> list[str]:
        return sorted(path.name for path in (self.room / side / "run").glob("*ckpt*"))


def test_without_a_fault(room, capsys):
    session = Session(room)
    session.run_all()
    assert session.given == [0, SAVES]
    assert (
        session.list_kept("one")
        == session.list_kept("drive")
        == ["ckpt-00003-000", "ckpt-00004-000"]
    )
    assert (room / "drive" / "run" / "LATEST").read_text(encoding="utf-8") == "ckpt-00004-000"
    assert capsys.readouterr().out == ""
    # Drive is only written to, as long as this machine has the run: no file's blocks are read.
    assert set(session.drive.calls) >= set(FAULTS) - {"check", "blocks"}
    assert set(session.local.calls) >= set(FAULTS) - {"check"}


def run_all(room, side: str, fault: str, lasting: bool, capsys) -> int:
    """Run the session once for every call at which this fault is possible; return how often."""
    counting = Session(room / "counting")
    counting.run_all()
    count = 0
    for at, call in enumerate(list(getattr(counting, side).calls)):
        if fault not in FAULTS[call]:
            continue
        count += 1
        session = Session(room / f"at-{at}")
        getattr(session, side).fail(at, fault, lasting)
        capsys.readouterr()
        try:
            session.run_all()
            judge(session, side, capsys.readouterr().out)
        except Exception as bad:
            raise AssertionError(f"{fault} at call {at} ({call}) of {side}: {bad!r}") from bad
    return count


def judge(session: Session, side: str, printed: str) -> None:
    """What must be true after the session, and after the disk is repaired."""
    if side == "drive":
        assert session.saved >= SAVES or len(session.given) < 2, "training was stopped by Drive"
        assert session.given[1:] in ([], [SAVES]), f"resumed at {session.given}"
        reports = re.findall("Drive can't be reached|Drive is full|nothing is copied", printed)
        assert len(reports) <= 2, printed  # one a kernel
    session.drive.repair()
    session.local.repair()
    safe = session.saved
    session.segment(2)
    assert session.given[-1] >= safe, f"{safe} was saved, {session.given[-1]} was given"
    newest = [f"ckpt-{number:05d}-000" for number in (session.saved - 1, session.saved)]
    assert session.list_kept("drive") == newest
    assert session.list_kept("one") == newest
    assert (session.room / "drive" / "run" / "LATEST").read_text(encoding="utf-8") == newest[-1]
    session.segment(0, machine="two")
    assert session.given[-1] == session.saved
    assert (
        json.loads((session.room / "two" / "run" / "run.json").read_text(encoding="utf-8"))["id"]
        == "a"
    )


KINDS = [
    ("ENOTCONN", False),
    ("EIO", False),
    ("ENOSPC", False),
    ("gone", False),
    ("short", False),
    ("stale", False),
]


@pytest.mark.parametrize(
    ("fault", "lasting"), [*KINDS, ("ENOTCONN", True), ("ENOSPC", True), ("gone", True)]
)
def test_drive_fails_at_every_call(room, fault, lasting, capsys):
    assert run_all(room, "drive", fault, lasting, capsys) >= 4


@pytest.mark.parametrize(("fault", "lasting"), KINDS)
def test_this_machines_disk_fails_at_every_call(room, fault, lasting, capsys):
    assert run_all(room, "local", fault, lasting, capsys) >= 4
