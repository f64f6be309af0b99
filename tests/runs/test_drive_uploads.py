"""Continue a run on Drive where another machine's uploads came late, in part, or never."""

import shutil
from pathlib import Path

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


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "run.json is not found beside its checkpoints"),
        (b"", "run.json: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_checkpoints_that_came_before_their_run_json_are_waited_for(run, open_mirror, data, reason):
    (run.folder / "run.json").unlink()
    if data is not None:
        (run.folder / "run.json").write_bytes(data)
    with pytest.raises(KitError) as caught:
        open_mirror("two").about()
    assert str(caught.value).startswith(
        f"{run.folder} can't be used now ({reason}): if another machine has just disconnected, wait"
    )


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


# what another machine has seen is kept


def test_what_another_machine_has_seen_is_kept_until_a_third_sees_a_newer_one(run, open_mirror):
    two = resume(open_mirror("two"), 3)
    save(two, 4)
    assert list_epochs(two.remote) == [4, 3]
    save(two, 5, 6)
    assert list_epochs(two.remote) == [6, 5, 3]
    again = resume(open_mirror("two"), 6)  # a new kernel of the same machine
    save(again, 7, 8)
    assert list_epochs(two.remote) == [8, 7, 3]
    three = resume(open_mirror("three"), 8)
    save(three, 9)
    assert list_epochs(two.remote) == [9, 8]
    save(three, 10, 11)
    assert list_epochs(two.remote) == [11, 10, 8]
    one = resume(open_mirror("one"), 11)  # it has 3 and 2 of its own, which are older
    save(one, 12, 13, 14)
    assert list_epochs(two.remote) == [14, 13, 11]


def test_one_machine_alone_keeps_two(run, open_mirror):
    """What it reads back, or even takes from Drive, proves no upload."""
    shutil.rmtree(run.local.folder / "ckpt-00003-000")
    again = resume(open_mirror("one"), 3)
    save(again, 4, 5, 6)
    assert list_epochs(run.remote) == [6, 5]


@pytest.mark.parametrize("damage", ["nothing", "UPLOADED.json is gone", "UPLOADED.json is cut"])
def test_a_run_of_an_older_kit_is_kept_the_same_way(run, open_mirror, damage):
    if damage == "UPLOADED.json is gone":
        (run.folder / "UPLOADED.json").unlink()
    elif damage == "UPLOADED.json is cut":
        (run.folder / "UPLOADED.json").write_text('{"mach', encoding="utf-8")
    two = resume(open_mirror("two"), 3)
    save(two, 4, 5, 6)
    assert list_epochs(two.remote) == [6, 5, 3]


def test_a_machine_that_looks_at_a_run_changes_nothing_on_drive(run, open_mirror):
    before = sorted(path.stat().st_mtime_ns for path in run.folder.rglob("*"))
    resume(open_mirror("two"), 3)
    assert sorted(path.stat().st_mtime_ns for path in run.folder.rglob("*")) == before


def test_what_was_seen_and_is_damaged_since_is_not_relied_on(run, open_mirror):
    two = resume(open_mirror("two"), 3)
    save(two, 4, 5)
    three = resume(open_mirror("three"), 5)
    (run.folder / "ckpt-00005-000" / "arrays.npz").write_bytes(b"")
    save(three, 6, 7)
    assert list_epochs(run.remote) == [7, 6, 3]


def test_a_machine_that_lost_its_id_does_not_take_its_own_for_anothers(run, open_mirror):
    (run.local.folder.parent / ".machine").unlink()
    one = resume(open_mirror("one"), 3)
    save(one, 4, 5)
    assert list_epochs(run.remote) == [5, 4]


def test_a_new_kernel_keeps_what_the_one_before_it_found(run, open_mirror):
    resume(open_mirror("two"), 3)  # it saves nothing
    two = resume(open_mirror("two"), 3)
    save(two, 4, 5, 6)
    assert list_epochs(run.remote) == [6, 5, 3]


def test_a_disk_of_this_machine_that_refuses_is_not_reported_as_drives(run, open_mirror, capsys):
    two = resume(open_mirror("two"), 3)
    (two.local.folder.parent / ".machine").unlink()
    (two.local.folder.parent / ".machine").mkdir()
    save(two, 4)
    assert (
        capsys.readouterr()
        .out.splitlines()[-1]
        .startswith(f"nothing is copied to Drive ({two.local.folder.parent} can't be written (")
    )
    assert list_epochs(run.remote) == [3, 2]


# uploads that came late, in part, or never


NEWEST = "ckpt-00003-000"
GONE = "incomplete (manifest.json is not there)"
DIFFERS = "arrays.npz differs from its manifest"


def cut(path: Path, size: int = 0) -> None:
    path.write_bytes(path.read_bytes()[:size])


def name_latest(folder: Path, name: str) -> None:
    (folder / "LATEST").write_text(name, encoding="utf-8")


def lose(folder: Path) -> None:
    shutil.rmtree(folder / NEWEST)


def lose_with_its_name(folder: Path) -> None:
    lose(folder)
    name_latest(folder, "ckpt-00002-000")


def empty_folder(folder: Path) -> None:
    lose(folder)
    (folder / NEWEST).mkdir()


def duplicate(folder: Path) -> None:
    (folder / NEWEST).rename(folder / f"{NEWEST} (1)")
    (folder / NEWEST).mkdir()


# what the next machine sees of 3, and why it passes 3 over
FAULTS = {
    "never uploaded": (lose, GONE),
    "an empty folder": (empty_folder, GONE),
    "an empty file": (lambda there: cut(there / NEWEST / "arrays.npz"), DIFFERS),
    "half a file": (lambda there: cut(there / NEWEST / "arrays.npz", 99), DIFFERS),
    "an empty manifest": (
        lambda there: cut(there / NEWEST / "manifest.json"),
        "incomplete (manifest.json: Expecting value: line 1 column 1 (char 0))",
    ),
    "an empty state": (
        lambda there: cut(there / NEWEST / "state.json"),
        "state.json differs from its manifest",
    ),
    "the manifest first": (
        lambda there: (there / NEWEST / "arrays.npz").unlink(),
        "incomplete (No such file or directory)",
    ),
    "the arrays first": (lambda there: (there / NEWEST / "manifest.json").unlink(), GONE),
    "a duplicate": (duplicate, GONE),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_newest_that_verifies_is_continued_and_the_rest_is_named(
    run, open_mirror, fault, capsys
):
    harm, reason = FAULTS[fault]
    harm(run.folder)
    seen = set(run.folder.rglob("*"))
    two = resume(open_mirror("two"), 2)
    said = capsys.readouterr().out.splitlines()
    extra = [f"{run.folder / NEWEST} (1) is passed over: Drive had two of this name"]
    assert said == [
        *(extra if fault == "a duplicate" else []),
        f"{run.folder / NEWEST} is passed over: {reason}",
        "ckpt-00002-000 is taken from Drive; this machine has none",
    ]
    assert set(run.folder.rglob("*")) == seen
    save(two, 3, 4, 5)
    assert list_epochs(run.remote) == [5, 4, 2]
    resume(open_mirror("three"), 5)


def test_an_older_state_of_the_folder_is_continued(run, open_mirror, capsys):
    """Neither 3 nor its name in LATEST was uploaded."""
    lose_with_its_name(run.folder)
    two = resume(open_mirror("two"), 2)
    assert capsys.readouterr().out == "ckpt-00002-000 is taken from Drive; this machine has none\n"
    save(two, 3, 4, 5)
    assert list_epochs(run.remote) == [5, 4, 2]


def test_a_machine_whose_uploads_never_came_leaves_what_it_found(run, open_mirror):
    """Of the second machine's work the third sees only that older ones were deleted."""
    two = resume(open_mirror("two"), 3)
    save(two, 4, 5, 6)
    for number in (5, 6):
        shutil.rmtree(run.folder / f"ckpt-0000{number}-000")
    resume(open_mirror("three"), 3)


def test_a_latest_that_is_older_than_the_list_hides_nothing(run, open_mirror):
    name_latest(run.folder, "ckpt-00002-000")
    resume(open_mirror("two"), 3)


def test_what_is_newer_and_incomplete_stays_and_is_taken_once_it_has_come(run, open_mirror, capsys):
    save(run, 9)
    late = run.folder / "ckpt-00009-000" / "arrays.npz"
    data = late.read_bytes()
    late.unlink()
    two = resume(open_mirror("two"), 3)
    save(two, 4)
    assert list_epochs(run.remote) == [9, 4, 3]
    capsys.readouterr()
    late.write_bytes(data)
    save(two, 5)
    assert (
        "it has ckpt-00009-000 already: run this cell again to take it" in capsys.readouterr().out
    )
    resume(open_mirror("two"), 9)


def test_what_came_late_is_as_good_as_any_other(run, open_mirror):
    """3 is whole again when the second machine, which went on from 2, has made its own 3."""
    late = run.folder / NEWEST / "arrays.npz"
    data = late.read_bytes()
    late.unlink()
    two = resume(open_mirror("two"), 2)
    two.local.save(Place(3), {"model": np.full(9, 3)}, {"epochs": 3})
    late.write_bytes(data)
    save(two, 3)
    assert list_epochs(run.remote) == [3, 2]
    save(two, 4)
    assert list_epochs(run.remote) == [4, 3, 2]


def test_latest_and_a_duplicate_alone_do_not_start_the_run_over(run, open_mirror):
    duplicate(run.folder)
    for number in (2, 3):
        shutil.rmtree(run.folder / f"ckpt-0000{number}-000")
    name_latest(run.folder, "ckpt-00002-000")
    with pytest.raises(KitError, match=r"ckpt-00003-000: incomplete .* ckpt-00002-000: incomplete"):
        open_mirror("two").newest()


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
