"""The command `train`: what is refused leaves no folder, and what is set twice is said."""

from pathlib import Path

import pytest
from helpers import flip_byte, link_folder, truncate

from colorkit import cli
from colorkit.runs import find

SMALL = ["train", "cnn", "--profile", "smoke", "--epochs", "1"]
TINY = ["encoder=4,8,8", "decoder=8,4,4", "dense=4"]


@pytest.fixture
def prepared(home, data) -> Path:
    """A home folder whose splits are the small ones."""
    home.mkdir()
    link_folder(home / "data", data)
    return home


def refuse(capsys, *more: str) -> str:
    """Check that training is refused with status 1 and one line on stderr; return the line."""
    capsys.readouterr()
    assert cli.main([*SMALL, *more]) == 1
    printed, error = capsys.readouterr()
    assert printed == ""
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--set", "seed=-1"], "seed=-1: expected a whole number from 0 to 4294967295"),
        (["--set", "dense=1000000000"], "dense=(1000000000,): expected whole numbers from 1 to"),
        (["--set", "learning_rate=1e400"], "learning_rate=inf: expected a number of at least 0"),
        (["--set", "dropout"], "--set dropout: expected name=value"),
        (["--set", "colour=red"], "cnn has no field 'colour': one of "),
        (["--set", "seed=1", "--set", "seed=2"], "--set seed=2: seed is set twice"),
        (["--seed", "1", "--set", "seed=2"], "seed is set twice, by an option and by --set"),
        (["--images", "8", "--set", "images=9"], "images is set twice, by an option and by --set"),
        (["--batch-size", "8", "--set", "batch_size=9"], "batch_size is set twice"),
    ],
)
def test_a_bad_setting_leaves_no_folder(prepared, capsys, more, message):
    assert message in refuse(capsys, *more)
    assert not (prepared / "runs").exists()


def test_splits_that_can_not_be_read_leave_no_folder(home, data, capsys):
    copy = home / "data"
    copy.mkdir(parents=True)
    for path in data.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    flip_byte(copy / "val.pkl")
    assert "val.pkl" in refuse(capsys)
    truncate(copy / "train.pkl")
    assert "train.pkl" in refuse(capsys)
    assert not (home / "runs").exists()


def test_settings_of_several_options_add_up(prepared):
    """The second --set does not replace the first one."""
    settings = [word for pair in TINY for word in ("--set", pair)]
    assert cli.main([*SMALL, *settings, "--seed", "3", "--images", "8"]) == 0
    (run,) = find(prepared)
    assert run.config.net.encoder == (4, 8, 8)
    assert run.config.net.dense == (4,)
    assert run.config.seed == 3


def test_what_was_used_is_shown(prepared, capsys):
    assert cli.main([*SMALL, "--images", "999999", "--set", *TINY]) == 0
    assert ", on the 32 faces that there are (images=999999)\n" in capsys.readouterr().out
    (run,) = find(prepared)
    assert cli.main(["show", str(run.folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "images: 32, of 999999 asked for" in lines
