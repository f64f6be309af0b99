"""Continue a run on Drive where another machine's uploads came late, in part, or never."""

import numpy as np
import pytest
from helpers import tiny_config

from colorkit.errors import KitError
from colorkit.machine import unmounting
from colorkit.runs import Run, start
from colorkit.runs.checkpoints import Store
from colorkit.runs.drive_mirror import DriveMirror
from colorkit.runs.places import Place

ABOUT = {"id": "a", "config": {}}


def save(store: DriveMirror, *epochs: int) -> None:
    """Save a checkpoint after each of these epochs, and have it copied to Drive."""
    for number in epochs:
        store.save(Place(number), {"model": np.full(9, number)}, {"epochs": number})
        store.copier.wait(timeout=10)


def resume(store: DriveMirror, at: int) -> DriveMirror:
    """Open the run, which continues from the checkpoint after this epoch."""
    assert store.exists()
    assert store.about() == ABOUT
    assert store.newest() == Place(at)
    assert store.load(Place(at)).arrays["model"].tolist() == [at] * 9
    return store


def list_epochs(store: Store) -> list[int]:
    return [place.epochs for place in store.places()]


@pytest.fixture
def run(open_mirror) -> DriveMirror:
    """A run whose first machine has copied 2 and 3 to Drive."""
    made = open_mirror("one")
    made.write_about(ABOUT)
    save(made, 1, 2, 3)
    made.finish()
    return made


# nothing can be used


def test_when_nothing_verifies_the_error_names_it_and_both_ways_on(run, open_mirror):
    (run.folder / "ckpt-00003-000" / "arrays.npz").write_bytes(b"")
    (run.folder / "ckpt-00002-000" / "manifest.json").unlink()
    with pytest.raises(KitError) as caught:
        open_mirror("two").newest()
    assert str(caught.value) == (
        f"no checkpoint in {run.folder} can be used now "
        "(ckpt-00003-000: arrays.npz differs from its manifest; "
        "ckpt-00002-000: incomplete (manifest.json is not there)): "
        "if another machine has just disconnected, wait a few minutes for its uploads and run "
        "this again; to start over, run it once with fresh=True in runs.start(...) in the "
        "lesson's cell, or with --fresh on the command line, which keeps this run in aside/"
    )


def test_checkpoints_that_came_before_their_run_json_are_waited_for(run, open_mirror):
    (run.folder / "run.json").unlink()
    with pytest.raises(KitError, match=r"run\.json is not found .*: if another machine has just"):
        open_mirror("two").about()


@pytest.mark.parametrize("lost", ["arrays.npz", "run.json"])
def test_fresh_starts_over_and_keeps_what_can_not_be_used(lost, drive, open_mirror, monkeypatch):
    config = tiny_config("cnn")
    home = drive.folder / "MyDrive" / "colorkit"
    folder = home / "runs" / f"cnn-smoke-{config.digest}"
    there = Store(folder)
    there.write_about({"id": "a", "config": config.to_json()})
    there.save(Place(3), {"model": np.zeros(9)}, {})
    for path in folder.rglob(lost):
        path.unlink()
    store = open_mirror("two")
    store.remote.folder = folder
    monkeypatch.setattr("colorkit.runs.home.open_store", lambda folder: store)
    with pytest.raises(KitError, match=r"fresh=True in runs\.start"):
        start(config, "smoke", home)
    run = start(config, "smoke", home, fresh=True)
    assert run.epochs_done == 0
    assert store.remote.about()["id"] != "a"
    kept = folder.parent / "aside" / f"{folder.name}-1"
    assert (kept / "ckpt-00003-000" / "state.json").exists()
    assert start(config, "smoke", home).epochs_done == 0


# before one disconnects


def test_a_copy_under_way_is_completed_before_drive_is_unmounted(run, drive, monkeypatch):
    monkeypatch.setattr(unmounting, "_copies", {})
    run.save(Place(4), {"model": np.full(9, 4)}, {"epochs": 4})
    run.save(Place(5), {"model": np.full(9, 5)}, {"epochs": 5})
    unmounting.before_disconnect()
    assert list_epochs(run.remote)[0] == 5


def test_a_copy_that_drive_does_not_take_keeps_it_mounted(run, drive, monkeypatch, capsys):
    monkeypatch.setattr(unmounting, "_copies", {})
    (run.folder / "run.json").write_text("{", encoding="utf-8")
    save(run, 4)
    with pytest.raises(KitError, match="have everything yet, for the reason above"):
        unmounting.before_disconnect()
    assert "what was trained is on this machine only" in capsys.readouterr().out


@pytest.mark.parametrize("place", ["Drive", "here"])
def test_training_on_drive_ends_with_what_to_do_before_one_disconnects(
    place, open_mirror, monkeypatch, capsys, train, val, tmp_path
):
    """Once for each call that trains, and nowhere else."""
    config = tiny_config("cnn")
    store = open_mirror() if place == "Drive" else Store(tmp_path / "cnn")
    store.write_about({"id": "a", "config": config.to_json()})
    run = Run(store.folder, store)

    def train_epochs(*_):
        store.save(Place(1), {}, {})
        monkeypatch.setattr(Run, "_is_finished", lambda *_: True)

    monkeypatch.setattr(Run, "_train_epochs", train_epochs)
    run.train(train, val, 1)
    run.train(train, val, 1)
    said = capsys.readouterr().out.splitlines()
    line = (
        "cnn: copied to Drive; before you disconnect, run colorkit.before_disconnect(), "
        "so that Drive uploads it"
    )
    assert said[1:-1] == ([line] if place == "Drive" else [])
