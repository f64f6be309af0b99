"""One process at a time trains a run, and a run that can't be written isn't trained."""

import errno
import os
import subprocess
import sys
import tempfile

import pytest
from helpers import KIT, tiny_config

from colorkit.errors import KitError
from colorkit.machine import disk
from colorkit.runs import Run, reserving, start

# Another session, which trains until it is killed
HOLDER = """
import sys, time
from pathlib import Path
from colorkit.runs.reserving import reserved
with reserved(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has reserved the folder."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, cwd=KIT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.slow
def test_a_folder_is_reserved_until_its_process_is_killed(tmp_path, holder):
    message = "is being trained by another process: wait until that ends, or give another --run$"
    with pytest.raises(KitError, match=message), reserving.reserved(tmp_path):
        pytest.fail("it was reserved twice")
    holder.kill()
    holder.wait()
    with reserving.reserved(tmp_path):
        assert os.listdir(tmp_path) == []


def test_nothing_is_left_and_it_can_be_reserved_again(tmp_path):
    for _ in range(2):
        with reserving.reserved(tmp_path):
            assert os.listdir(tmp_path) == []
    assert os.listdir(tmp_path) == []


def test_a_disk_that_knows_no_locks(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(disk.fcntl, "flock", fail)
    with reserving.reserved(tmp_path), reserving.reserved(tmp_path):
        pass


@pytest.fixture
def read_only(monkeypatch):
    """A disk that allows nothing, as a teacher's folder does for a student."""

    def fail(*_, **__):
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)


def test_a_run_that_can_not_be_written_is_refused_before_it_trains(
    home, train, val, read_only, monkeypatch, capsys
):
    run = start(tiny_config("cnn"), "x", home)
    monkeypatch.setattr(Run, "_train_epochs", lambda *_: pytest.fail("it trains"))
    message = (
        r"can't be written \(Permission denied\): change its permissions, or choose another "
        "folder and run again, or give another --run$"
    )
    with pytest.raises(KitError, match=message):
        run.train(train, val, 1)
    assert capsys.readouterr().out == ""


def test_two_trainings_of_a_run_one_after_the_other(home, train, val):
    first, second = (start(tiny_config("cnn"), "x", home) for _ in range(2))

    def train_the_second(_):
        with pytest.raises(KitError, match="is being trained by another process"):
            second.train(train, val, 2)
        with pytest.raises(KitError, match="is being trained by another process"):
            start(tiny_config("cnn"), "x", home, fresh=True)

    first.train(train, val, 1, train_the_second)
    assert Run(first.folder).epochs_done == 1
    second = Run(first.folder)
    assert len(second.train(train, val, 2)) == 2
