"""Splits that were made before Drive was used are copied there."""

import shutil

import pytest
from drives import StandInDrive, be_on_colab
from helpers import flip_byte

from colorkit.data import SPLITS_MANIFEST, digest, load_splits
from colorkit.machine import drive as drive_module
from colorkit.machine import hosts


@pytest.fixture
def earlier(data, tmp_path, monkeypatch):
    """Splits that a Colab machine made before Drive was used; now it is mounted."""
    be_on_colab(tmp_path, monkeypatch)
    monkeypatch.delenv("COLORKIT_HOME")
    monkeypatch.setattr(hosts, "KIT", tmp_path / "kit")
    monkeypatch.setattr(drive_module, "SCRATCH_ON_COLAB", tmp_path / "disk")
    StandInDrive(tmp_path, monkeypatch).mount()
    return shutil.copytree(data, tmp_path / "kit" / "out" / "data")


@pytest.fixture
def on_drive(tmp_path):
    return tmp_path / "drive" / "MyDrive" / "colorkit" / "data"


def test_splits_made_before_drive_was_used_are_copied_there(earlier, on_drive, capsys):
    load_splits(on_drive)
    said = capsys.readouterr().out
    assert said == (
        f"the splits made here before Drive was used are copied to {on_drive}\n"
        "splits found: 32 faces to train, 4 to validate, 4 to test\n"
    )
    assert digest(on_drive) == digest(earlier)
    load_splits(on_drive)
    assert "are copied" not in capsys.readouterr().out


def test_damaged_ones_stay_and_new_ones_are_made(earlier, on_drive, capsys):
    flip_byte(earlier / "train.pkl")
    load_splits(on_drive, limit=10)
    said = capsys.readouterr().out
    assert "the splits made here before Drive was used stay where they are: " in said
    assert "splits made: 8 faces to train" in said


def test_those_on_drive_are_not_replaced(earlier, data, on_drive, capsys):
    shutil.copytree(data, on_drive)
    before = (on_drive / SPLITS_MANIFEST).stat().st_mtime_ns
    load_splits(on_drive)
    assert "are copied" not in capsys.readouterr().out
    assert (on_drive / SPLITS_MANIFEST).stat().st_mtime_ns == before
