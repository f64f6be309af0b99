"""Runs that were trained before Drive was used are copied there, or named."""

import numpy as np
import pytest
from drives import StandInDrive, be_on_colab
from helpers import tiny_config

from colorkit.machine import drive as drive_module
from colorkit.machine import hosts
from colorkit.runs import drive_earlier_runs, find, start
from colorkit.runs.checkpoints import Store
from colorkit.runs.journal import Journal
from colorkit.runs.places import Place

ABOUT = {"id": "a", "config": {}}


@pytest.fixture
def drive(tmp_path, monkeypatch) -> StandInDrive:
    """Drive on a Colab machine that had its home folder in the kit's out/ before."""
    be_on_colab(tmp_path, monkeypatch)
    monkeypatch.delenv("COLORKIT_HOME")
    monkeypatch.setattr(hosts, "KIT", tmp_path / "kit")
    monkeypatch.setattr(drive_module, "SCRATCH_ON_COLAB", tmp_path / "disk")
    monkeypatch.setattr(drive_earlier_runs, "_say_once", drive_earlier_runs.console.say)
    found = StandInDrive(tmp_path, monkeypatch)
    found.mount()
    return found


@pytest.fixture
def on_drive(drive):
    return drive.folder / "MyDrive" / "colorkit"


def train(folder, *epochs: int, about: dict = ABOUT) -> Store:
    """Write the run of `about` with a checkpoint after each of these epochs."""
    store = Store(folder)
    store.write_about(about)
    for number in epochs:
        store.save(Place(number), {"model": np.full(9, number)}, {"epochs": number})
    return store


def test_a_run_trained_before_drive_was_used_is_copied_there(tmp_path, on_drive, capsys):
    train(tmp_path / "kit" / "out" / "runs" / "cnn", 1, 2)
    train(tmp_path / "kit" / "out" / "runs" / "gan")  # nothing of it is trained
    drive_earlier_runs.adopt(on_drive)
    assert capsys.readouterr().out == (
        "cnn was trained here before Drive was used: it is copied to Drive\n"
    )
    copied = Store(on_drive / "runs" / "cnn")
    assert copied.about() == ABOUT
    assert copied.load(copied.newest()).arrays["model"].tolist() == [2] * 9
    assert not (on_drive / "runs" / "gan").exists()
    drive_earlier_runs.adopt(on_drive)  # once is enough
    assert capsys.readouterr().out == ""


def test_it_is_copied_again_once_it_has_come_further(tmp_path, on_drive, capsys):
    store = train(tmp_path / "kit" / "out" / "runs" / "cnn", 1)
    drive_earlier_runs.adopt(on_drive)
    store.save(Place(2), {"model": np.full(9, 2)}, {"epochs": 2})
    drive_earlier_runs.adopt(on_drive)
    assert Store(on_drive / "runs" / "cnn").newest() == Place(2)


def test_a_run_that_is_further_on_drive_stays_as_it_is_there(tmp_path, on_drive, capsys):
    train(on_drive / "runs" / "cnn", 1, 2, 3)
    train(tmp_path / "kit" / "out" / "runs" / "cnn", 1)
    drive_earlier_runs.adopt(on_drive)
    assert "copied to Drive" not in capsys.readouterr().out
    assert Store(on_drive / "runs" / "cnn").places() == [Place(3), Place(2)]


def test_another_run_of_that_name_on_drive_is_left_alone(tmp_path, on_drive, capsys):
    train(on_drive / "runs" / "cnn", 4, about={"id": "b", "config": {}})
    here = train(tmp_path / "kit" / "out" / "runs" / "cnn", 1)
    drive_earlier_runs.adopt(on_drive)
    assert capsys.readouterr().out == (
        f"{here.folder} stays on this machine only: Drive has another run of this name; "
        f"to keep both, copy this folder to {on_drive / 'runs' / 'cnn-2'}\n"
    )
    assert Store(on_drive / "runs" / "cnn").about()["id"] == "b"
    assert here.newest() == Place(1)


def test_a_damaged_run_is_named_and_the_others_are_copied(tmp_path, on_drive, capsys):
    runs = tmp_path / "kit" / "out" / "runs"
    train(runs / "cnn", 1)
    (runs / "cnn" / "run.json").write_text("{", encoding="utf-8")
    train(runs / "gan", 1)
    drive_earlier_runs.adopt(on_drive)
    said = capsys.readouterr().out
    assert f"{runs / 'cnn'} stays on this machine only: run.json:" in said
    assert Store(on_drive / "runs" / "gan").newest() == Place(1)


def test_what_lessons_compare_includes_it(tmp_path, on_drive, capsys):
    """Its config can't be read, so `find` names it: it has looked for it on Drive."""
    train(tmp_path / "kit" / "out" / "runs" / "cnn", 1)
    assert find(on_drive) == []
    assert f"{on_drive / 'runs' / 'cnn' / 'run.json'} can't be read" in capsys.readouterr().err


def test_training_it_again_continues_it(tmp_path, on_drive):
    config = tiny_config("cnn")
    journal = Journal([{"epoch": 1, "val_mse": 60.0}], [1.0])
    name = f"cnn-smoke-{config.digest}"
    about = {"id": "a", "config": config.to_json()}
    store = train(tmp_path / "kit" / "out" / "runs" / name, about=about)
    store.save(Place(1), {}, {"journal": journal.to_json(), "config": config.to_json()})
    run = start(config, "smoke", on_drive)
    assert run.folder == on_drive / "runs" / name
    assert run.history == journal.history


@pytest.mark.parametrize("reason", ["elsewhere", "named"])
def test_nothing_is_copied_without_colabs_drive_as_the_default_home(
    reason, tmp_path, on_drive, monkeypatch
):
    train(tmp_path / "kit" / "out" / "runs" / "cnn", 1)
    if reason == "named":
        monkeypatch.setenv("COLORKIT_HOME", str(on_drive))
        drive_earlier_runs.adopt(on_drive)
    else:
        drive_earlier_runs.adopt(tmp_path / "kit" / "out")
    assert not (on_drive / "runs").exists()
