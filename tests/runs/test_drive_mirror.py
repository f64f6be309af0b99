"""Keep a run on two sides, with a Drive that is slow, full, gone or out of date."""

import errno
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from drives import be_on_colab
from helpers import flip_byte, truncate

from colorkit.errors import KitError
from colorkit.machine import drive as drive_module
from colorkit.runs import drive_mirror
from colorkit.runs.checkpoints import Store
from colorkit.runs.drive_mirror import DriveMirror
from colorkit.runs.places import Place
from colorkit.runs.storage import Disk, Drive

ABOUT = {"id": "a", "config": {}}


@pytest.fixture
def run(open_mirror) -> DriveMirror:
    """A run with 1, 2 and 3 saved, all of it on Drive."""
    made = begin(open_mirror())
    for number in (1, 2, 3):
        save(made, number)
        wait(made)
    made.finish()
    return made


def begin(store: DriveMirror, about: dict = ABOUT) -> DriveMirror:
    assert not store.exists()
    store.write_about(about)
    return resume(store, None, about)


def resume(store: DriveMirror, at: int | None, about: dict = ABOUT) -> DriveMirror:
    assert store.exists()
    assert store.about() == about
    place = store.newest()
    assert place == (None if at is None else Place(at))
    if at is not None:
        found = store.load(place)
        assert found.state == store.state(place) == {"epochs": at}
        assert np.array_equal(found.arrays["model"], np.full(9, at))
    return store


def save(store: DriveMirror, number: int) -> None:
    store.save(Place(number), {"model": np.full(9, number)}, {"epochs": number})


def wait(store: DriveMirror) -> None:
    store.copier.wait(timeout=10)


def list_epochs(store: Store) -> list[int]:
    return [place.epochs for place in store.places()]


def read_latest(store: DriveMirror) -> str:
    return (store.folder / "LATEST").read_text(encoding="utf-8")


class WatchedDisk(Disk):
    """A disk that notes which of its calls are used, and raises what `failing` says for them."""

    def __init__(self, flaky: bool):
        self.flaky = flaky
        self.failing: dict[str, Exception] = {}
        self.log: list[str] = []

    def __getattribute__(self, name):
        found = object.__getattribute__(self, name)
        if name in (
            "names",
            "read",
            "make_folder",
            "write",
            "blocks",
            "sha256",
            "rename",
            "remove",
        ):
            self.log.append(name)
            if name in self.failing:
                raise self.failing[name]
        return found


class SlowDisk(Disk):
    """A Drive that makes no folder before it is let go.

    Attributes:
        asked: set once it was asked to make a folder.
        go: lets it go.
    """

    flaky = True

    def __init__(self):
        self.asked = threading.Event()
        self.go = threading.Event()

    def make_folder(self, folder: Path) -> None:
        self.asked.set()
        assert self.go.wait(10)
        super().make_folder(folder)


# what it does when all is well


def test_both_sides_have_the_two_newest_and_drive_names_the_latest(run, capsys):
    assert list_epochs(run.local) == list_epochs(run.remote) == [3, 2]
    assert read_latest(run) == "ckpt-00003-000"
    assert run.remote.about() == run.local.about() == ABOUT
    assert capsys.readouterr().out == ""
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "LATEST",
        "UPLOADED.json",
        "ckpt-00002-000",
        "ckpt-00003-000",
        "run.json",
    ]


def test_another_machine_goes_on_where_drive_is(run, open_mirror, capsys):
    other = resume(open_mirror("two"), 3)
    assert capsys.readouterr().out == "ckpt-00003-000 is taken from Drive; this machine has none\n"
    save(other, 4)
    other.finish()
    assert read_latest(run) == "ckpt-00004-000"
    resume(open_mirror("one"), 4)
    assert (
        capsys.readouterr().out
        == "ckpt-00004-000 is taken from Drive; this machine has ckpt-00003-000\n"
    )


def test_a_new_kernel_takes_its_own_disks_without_reading_drives(run, open_mirror, capsys):
    watched = WatchedDisk(flaky=True)
    resume(open_mirror(remote=watched), 3)
    assert {"read", "names"} == set(watched.log)
    assert capsys.readouterr().out == ""


def test_saving_does_not_wait_for_drive(open_mirror):
    """Training saves while a slow Drive copies the first checkpoint.

    Of the later ones only the newest is copied, and what is being copied is not removed.
    """
    slow = SlowDisk()
    store = open_mirror(remote=slow)
    store.copier.start(ABOUT)
    store.local.write_about(ABOUT)
    save(store, 1)
    assert slow.asked.wait(10)
    for number in (2, 3, 4):
        save(store, number)
    assert list_epochs(store.local) == [4, 3, 1]
    slow.go.set()
    store.finish()
    assert list_epochs(store.remote) == [4, 1]
    assert list_epochs(store.local) == [4, 3]
    assert read_latest(store) == "ckpt-00004-000"


def test_latest_is_named_only_after_the_copy_was_read_back_and_older_ones_go_after_that(
    run, monkeypatch
):
    log = []
    for name in ("write", "sha256", "rename", "remove"):
        original = getattr(run.remote.disk, name)
        monkeypatch.setattr(
            run.remote.disk,
            name,
            lambda path, *more, name=name, call=original: (
                log.append((name, path.name)) or call(path, *more)
            ),
        )
    save(run, 4)
    wait(run)
    copied = [
        (call, file)
        for call in ("write", "sha256")
        for file in ("arrays.npz", "state.json", "manifest.json")
    ][:5]
    assert log[:3] == copied[:3]
    assert log[3:5] == copied[3:]
    assert log[5:] == [
        ("rename", ".ckpt-00004-000.part"),
        ("write", ".LATEST.part"),
        ("sha256", ".LATEST.part"),
        ("rename", ".LATEST.part"),
        ("remove", "ckpt-00002-000"),
    ]


# Drive in trouble


def test_a_drive_lost_in_mid_session_is_caught_up(run, drive, open_mirror, capsys):
    """Errno 107. Training doesn't notice, and the copier catches up.

    The loss is reported once, and nothing is written into the mount point.
    """
    drive.unmount()
    for number in (4, 5, 6):
        save(run, number)
        wait(run)
    assert list(drive.folder.iterdir()) == []
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "Drive can't be reached (Drive is not mounted any more)" in printed
    assert list_epochs(run.local) == [6, 5]
    drive.mount()
    assert list_epochs(run.remote) == [3, 2]
    save(run, 7)
    run.finish()
    assert capsys.readouterr().out == "Drive is back: ckpt-00007-000 is copied\n"
    assert list_epochs(run.remote) == [7, 3]
    assert read_latest(run) == "ckpt-00007-000"
    resume(open_mirror("two"), 7)


def test_a_drive_that_stays_away_is_reported_at_the_end_and_caught_up_by_the_next_session(
    run, drive, open_mirror, capsys
):
    drive.unmount()
    save(run, 4)
    run.finish()
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 2
    assert printed[1].startswith(
        f"what was trained is on this machine only ({run.local.folder}): mount Drive again"
    )
    drive.mount()
    again = resume(open_mirror(), 4)
    assert (
        capsys.readouterr().out
        == "ckpt-00004-000 is taken from this machine; Drive has ckpt-00003-000\n"
    )
    again.finish()  # nothing is left to train
    assert read_latest(run) == "ckpt-00004-000"


def test_a_session_without_drive_goes_on_with_what_this_machine_has(
    run, drive, open_mirror, capsys
):
    drive.unmount()
    store = resume(open_mirror(), 3)
    save(store, 4)
    wait(store)
    assert capsys.readouterr().out.count("\n") == 1  # over about(), newest() and the copy
    drive.mount()
    store.finish()
    assert list_epochs(run.remote) == [4, 3]
    assert "Drive is back" in capsys.readouterr().out


def test_without_drive_a_run_that_this_machine_does_not_know_is_not_started_over(
    run, drive, open_mirror
):
    drive.unmount()
    for ask in (DriveMirror.exists, DriveMirror.about, DriveMirror.newest):
        with pytest.raises(
            KitError,
            match=r"cnn can't be seen \(Drive is not .*\): mount Drive again and run this again",
        ):
            ask(open_mirror("two"))


def test_a_lost_drive_is_not_empty_though_the_run_is_known(run, drive, open_mirror, tmp_path):
    """Its checkpoints on this machine are gone, run.json isn't."""
    for place in run.local.places():
        shutil.rmtree(run.local.folder / place.name)
    drive.unmount()
    store = open_mirror()
    assert store.about() == ABOUT
    with pytest.raises(KitError, match="can't be seen"):
        store.newest()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_drive_is_reported_once_and_caught_up(open_mirror, number, capsys):
    watched = WatchedDisk(flaky=True)
    store = begin(open_mirror(remote=watched))
    watched.failing["write"] = OSError(number, "No space left on device")
    for epoch in (1, 2):
        save(store, epoch)
        wait(store)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    full = "Drive is full (No space left on device)"
    assert printed.startswith(f"{full}: checkpoints stay on this machine until")
    watched.failing.clear()
    store.finish()
    assert list_epochs(store.remote) == [2]
    assert "Drive is back" in capsys.readouterr().out


def test_a_drive_that_fails_as_a_run_begins(open_mirror, capsys):
    """Nothing was there, so the run begins; Drive gets run.json later."""
    watched = WatchedDisk(flaky=True)
    store = open_mirror(remote=watched)
    assert not store.exists()
    watched.failing["rename"] = OSError(errno.EIO, "Input/output error")
    store.write_about(ABOUT)
    assert "Drive can't be reached" in capsys.readouterr().out
    watched.failing.clear()
    assert store.remote.about() is None
    save(store, 1)
    store.finish()
    assert store.remote.about() == ABOUT
    assert read_latest(store) == "ckpt-00001-000"


def test_a_fault_of_the_kit_is_not_reported_as_one_of_drive(run, monkeypatch):
    def wrong(*_):
        raise RuntimeError("a mistake")

    monkeypatch.setattr(run.remote, "places", wrong)
    save(run, 4)
    with pytest.raises(RuntimeError, match="a mistake"):
        wait(run)
    with pytest.raises(RuntimeError, match="a mistake"):
        save(run, 5)
    assert list_epochs(run.local) == [5, 4]


def test_a_fault_of_the_kit_is_raised_once(run, monkeypatch):
    """The next try may do better: a kernel must not be stuck with it."""

    def wrong(*_):
        raise RuntimeError("a mistake")

    with monkeypatch.context() as patch:
        patch.setattr(run.remote, "places", wrong)
        save(run, 4)
        with pytest.raises(RuntimeError, match="a mistake"):
            run.finish()
    run.finish()
    save(run, 5)
    run.finish()
    assert list_epochs(run.remote) == [5, 4]


def test_the_end_of_a_session_removes_nothing_that_another_has_saved_since(run, open_mirror, drive):
    drive.unmount()
    other = resume(open_mirror(), 3)
    save(other, 4)
    save(other, 5)
    run.finish()
    assert list_epochs(run.local) == [5, 4]


def test_what_is_damaged_on_drive_is_not_one_of_the_two_that_are_kept(run, open_mirror):
    truncate(run.remote.folder / "ckpt-00003-000" / "arrays.npz")
    (run.local.folder / "ckpt-00003-000").rename(run.local.folder / "lost")
    again = resume(open_mirror(), 2)
    save(again, 4)
    wait(again)
    assert list_epochs(again.remote) == [4, 2]


# damage, and what is out of date


def test_damage_here_is_repaired_from_drive(run, open_mirror, capsys):
    flip_byte(run.local.folder / "ckpt-00003-000" / "arrays.npz")
    resume(open_mirror(), 3)
    damaged = run.local.folder / "ckpt-00003-000"
    printed = capsys.readouterr().out.splitlines()
    assert printed == [
        f"{damaged} is passed over: arrays.npz differs from its manifest",
        "ckpt-00003-000 is taken from Drive; this machine has ckpt-00002-000",
    ]
    resume(open_mirror(), 3)
    assert capsys.readouterr().out == ""


def test_a_disk_of_this_machine_that_can_not_read_a_file_has_a_damaged_one(
    run, open_mirror, monkeypatch, capsys
):
    disk = Disk()
    original = Disk.sha256

    def sha256(_, path):
        if path.parent.name == "ckpt-00003-000" and path.is_relative_to(run.local.folder):
            raise OSError(errno.EIO, "Input/output error")
        return original(disk, path)

    monkeypatch.setattr(Disk, "sha256", sha256)
    resume(open_mirror(), 3)
    assert (
        "ckpt-00003-000 is passed over: incomplete (Input/output error)" in capsys.readouterr().out
    )


def test_damage_on_drive_is_passed_over_with_a_message(run, open_mirror, capsys):
    truncate(run.folder / "ckpt-00003-000" / "arrays.npz")
    store = resume(open_mirror("two"), 2)
    printed = capsys.readouterr().out.splitlines()
    assert printed == [
        f"{run.folder / 'ckpt-00003-000'} is passed over: arrays.npz differs from its manifest",
        "ckpt-00002-000 is taken from Drive; this machine has none",
    ]
    save(store, 3)
    store.finish()
    assert list_epochs(store.remote) == [3, 2]
    resume(open_mirror("three"), 3)


def test_damage_on_drive_is_replaced_by_what_this_machine_has(run, open_mirror):
    truncate(run.folder / "ckpt-00003-000" / "arrays.npz")
    resume(open_mirror(), 3).finish()
    resume(open_mirror("two"), 3)


def test_damage_here_is_not_copied_and_not_reported_as_drives(run, capsys):
    run.remote.disk.make_folder = lambda folder: (
        Drive.make_folder(run.remote.disk, folder)
        or truncate(run.local.folder / "ckpt-00004-000" / "arrays.npz")
    )
    save(run, 4)
    wait(run)
    assert (
        "nothing is copied to Drive (ckpt-00004-000 of this machine is damaged: arrays.npz differs"
        in capsys.readouterr().out
    )
    assert list_epochs(run.remote) == [3, 2]
    assert read_latest(run) == "ckpt-00003-000"


def test_when_nothing_on_drive_verifies_the_run_is_not_started_over(run, open_mirror):
    for number in (2, 3):
        truncate(run.folder / f"ckpt-0000{number}-000" / "arrays.npz")
    with pytest.raises(KitError, match=r"no checkpoint in .* can be used now"):
        open_mirror("two").newest()


def test_a_list_out_of_date_does_not_hide_what_latest_names(run, open_mirror, monkeypatch):
    store = open_mirror("two")
    monkeypatch.setattr(store.remote, "places", lambda: [])
    resume(store, 3)


@pytest.mark.parametrize("data", [b"", b"ckpt-", b"\xff\xfe", b"../../etc"])
def test_a_damaged_pointer_hides_nothing(run, open_mirror, data):
    (run.folder / "LATEST").write_bytes(data)
    resume(open_mirror("two"), 3)


def test_a_pointer_to_what_is_gone_is_reported(run, open_mirror, capsys):
    shutil.rmtree(run.folder / "ckpt-00003-000")
    resume(open_mirror("two"), 2)
    assert (
        "ckpt-00003-000 is passed over: incomplete (manifest.json is not there)"
        in capsys.readouterr().out
    )


def test_run_json_lost_or_damaged_on_drive_is_no_empty_folder(run, open_mirror):
    (run.folder / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(KitError, match=r"run\.json: Expecting"):
        open_mirror("two").about()
    (run.folder / "run.json").unlink()
    assert open_mirror("two").exists()
    with pytest.raises(KitError, match=r"run\.json is not found beside its checkpoints"):
        open_mirror("two").about()


def test_run_json_damaged_on_drive_does_not_stop_the_machine_that_knows_the_run(
    run, open_mirror, capsys
):
    (run.folder / "run.json").write_text("{", encoding="utf-8")
    store = resume(open_mirror(), 3)
    save(store, 4)
    wait(store)
    assert capsys.readouterr().out.count("nothing is copied to Drive (run.json: ") == 1
    assert list_epochs(store.remote) == [3, 2]


@pytest.mark.parametrize("text", ["", "[]", "3", "{"])
def test_run_json_damaged_here_is_set_aside_for_drives(run, open_mirror, capsys, text):
    (run.local.folder / "run.json").write_text(text, encoding="utf-8")
    resume(open_mirror(), 3)
    assert "holds a different run than Drive: it is kept in" in capsys.readouterr().out


# this machine's disk


@pytest.mark.parametrize("call", ["write", "rename", "make_folder"])
def test_this_machines_full_disk_is_not_reported_as_drives(run, open_mirror, call, capsys):
    watched = WatchedDisk(flaky=False)
    store = open_mirror("two", local=watched)
    assert store.about() == ABOUT
    watched.failing[call] = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(
        KitError,
        match=r"two/cnn can't be written \(No space left on device\): make room there and run",
    ):
        store.newest()
    with pytest.raises(KitError, match="three/cnn can't be written"):
        open_mirror("three", local=watched).about()
    with pytest.raises(OSError, match="No space left"):
        save(store, 4)
    assert capsys.readouterr().out == ""


# another run of the same name


def test_a_run_started_over_elsewhere_replaces_this_machines(run, open_mirror, capsys):
    """And what was only here is kept."""
    save(run, 4)
    wait(run)
    other = open_mirror("two")
    other.about()
    other.set_aside()
    begin(other, {"id": "b"})
    save(other, 1)
    other.finish()
    capsys.readouterr()
    resume(open_mirror("one"), 1, {"id": "b"})
    aside = run.local.folder.parent / "aside" / "cnn-1"
    assert (
        f"{run.local.folder} holds a different run than Drive: it is kept in {aside}"
        in capsys.readouterr().out
    )
    assert list_epochs(Store(aside)) == [4, 3]


def test_drive_coming_back_with_another_run_is_left_alone(run, drive, open_mirror, capsys):
    drive.unmount()
    store = resume(open_mirror(), 3)
    drive.mount()
    Store(run.folder).set_aside()
    begin(open_mirror("two"), {"id": "b"})
    capsys.readouterr()
    for number in (4, 5):
        save(store, number)
        wait(store)
    assert (
        capsys.readouterr().out.count(
            "nothing is copied to Drive (another run of this name was begun on Drive"
        )
        == 1
    )
    assert list_epochs(store.remote) == []
    assert list_epochs(store.local) == [5, 4]


def test_drive_coming_back_with_more_epochs_loses_none(run, drive, open_mirror, capsys):
    """This machine went on from 3 without Drive, where another one had come to 6."""
    other = resume(open_mirror("two"), 3)
    for number in (4, 5, 6):
        save(other, number)
    other.finish()
    drive.unmount()
    store = resume(open_mirror("one"), 3)
    drive.mount()
    save(store, 4)
    store.finish()
    assert list_epochs(run.remote)[0] == 6
    assert read_latest(run) == "ckpt-00006-000"
    capsys.readouterr()
    resume(open_mirror("one"), 6)
    save(store, 7)
    store.finish()
    # 3 is the newest that `store` knows to have come from one machine to another.
    assert list_epochs(run.remote) == [7, 6, 3]


# started over


def test_set_aside_moves_both_sides_and_deletes_nothing(run, capsys):
    before = [
        {path.name: path.read_bytes() for path in sorted(side.folder.rglob("*")) if path.is_file()}
        for side in (run.remote, run.local)
    ]
    assert run.set_aside() == run.folder.parent / "aside" / "cnn-1"
    assert not run.exists()
    after = [
        {
            path.name: path.read_bytes()
            for path in sorted((side.folder.parent / "aside" / "cnn-1").rglob("*"))
            if path.is_file()
        }
        for side in (run.remote, run.local)
    ]
    assert before == after
    # By name: the three files of a checkpoint, run.json, LATEST and UPLOADED.json.
    assert len(before[0]) == 6
    begin(run, {"id": "b"})
    save(run, 1)
    run.finish()
    assert run.set_aside().name == "cnn-2"
    assert capsys.readouterr().out == ""


def test_a_run_of_this_machine_alone_is_set_aside(open_mirror, drive):
    store = begin(open_mirror())
    shutil.rmtree(store.folder)
    assert store.set_aside() == store.local.folder.parent / "aside" / "cnn-1"


def test_without_drive_nothing_is_set_aside(run, drive, open_mirror):
    save(run, 4)
    wait(run)
    drive.unmount()
    with pytest.raises(KitError, match="can't be seen"):
        run.set_aside()
    assert list_epochs(run.local) == [4, 3]


def test_what_is_still_being_copied_does_not_come_into_the_new_run(open_mirror):
    slow = SlowDisk()
    slow.go.set()
    store = begin(open_mirror(remote=slow))
    slow.go.clear()
    save(store, 1)
    save(store, 2)
    threading.Timer(0.2, slow.go.set).start()
    store.set_aside()
    begin(store, {"id": "b"})
    wait(store)
    assert list_epochs(store.remote) == list_epochs(store.local) == []


# which store


@pytest.mark.needs("links")
def test_a_folder_on_drive_is_mirrored_once(drive, monkeypatch, tmp_path):
    """In one kernel a cell that is run again must not copy beside the first."""
    monkeypatch.setattr(drive_module, "SCRATCH_ON_COLAB", tmp_path / "disk")
    be_on_colab(tmp_path, monkeypatch)
    folder = drive.folder / "MyDrive" / "runs" / "cnn"
    store = drive_mirror.open_store(folder)
    assert isinstance(store.remote.disk, Drive)
    assert (store.folder, store.local.folder.parent) == (folder, tmp_path / "disk" / "runs")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(folder.parent)
    assert (
        drive_mirror.open_store(Path("drive/MyDrive/runs/cnn"))
        is drive_mirror.open_store(tmp_path / "link" / "cnn")
        is store
    )
    other = drive_mirror.open_store(drive.folder / "MyDrive" / "others" / "cnn")
    assert other.local.folder != store.local.folder


def test_elsewhere_a_store_is_one_folder(drive, tmp_path):
    store = drive_mirror.open_store(tmp_path / "run")
    assert isinstance(store, Store)
    assert store.folder == tmp_path / "run"


def test_strange_things_among_the_checkpoints_on_drive_do_not_end_the_copies(run, capsys):
    places = run.remote.places()
    inside = run.remote.folder / places[-1].name / ".ipynb_checkpoints"
    inside.mkdir()
    (inside / "state-checkpoint.json").write_text("{}", encoding="utf-8")
    for name in ("ckpt-00001-000", "ckpt-00099-000"):
        (run.remote.folder / name).write_text("a file", encoding="utf-8")
    for epochs in (4, 5):
        save(run, epochs)
        wait(run)
    assert list_epochs(run.remote) == [99, 5, 4, 1]
    said = capsys.readouterr().out
    assert said.count("ckpt-00001-000 can't be removed (") == 1
    assert "ckpt-00099-000" not in said  # newer ones are left alone: they may be on their way
    assert "stay on this machine" not in said
