"""Splits on Drive are copied to the machine's disk: once, verified, and after interruptions."""

import errno
import io
import json
import shutil
import types

import numpy as np
import pytest
from drives import StandInDrive, be_on_colab
from helpers import flip_byte, people, write_zip
from hosts import full_disk

from colorkit import cli, files
from colorkit import data as facade
from colorkit.data import drive_copy, prepare, splits, splits_manifest
from colorkit.errors import KitError
from colorkit.machine import drive as drive_module

NAMES = ("train.pkl", "val.pkl", "test.pkl")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Splits of twelve people. Read only."""
    folder = tmp_path_factory.mktemp("made")
    prepare.build_splits([write_zip(folder / "faces.zip", people(12))], folder / "data")
    return folder / "data"


@pytest.fixture
def drive(made, monkeypatch, tmp_path):
    """The splits on a Drive, as on Colab; the local disk is another folder."""
    be_on_colab(tmp_path, monkeypatch)
    StandInDrive(tmp_path, monkeypatch).mount()
    monkeypatch.setattr(drive_module, "SCRATCH_ON_COLAB", tmp_path / "disk")
    return shutil.copytree(made, tmp_path / "drive" / "MyDrive" / "colorkit" / "data")


@pytest.fixture
def copy(drive, tmp_path):
    """Where the copy of these splits goes."""
    return tmp_path / "disk" / f"splits-{files.sha256(drive / 'manifest.json')[:12]}"


@pytest.fixture
def reads(monkeypatch):
    """What `drive_copy` reads: [name, offset of the first byte, bytes].

    With `fail` = (name, offset), Drive drops out there.
    """
    state = types.SimpleNamespace(log=[], fail=None)

    class Watched(io.FileIO):
        def __init__(self, path):
            super().__init__(path)
            self.entry = [path.name, 0, 0]
            state.log.append(self.entry)

        def seek(self, place):
            self.entry[1] = place
            return super().seek(place)

        def read(self, count):
            if state.fail and state.fail[0] == self.entry[0] and self.tell() >= state.fail[1]:
                raise OSError(errno.EIO, "Input/output error")
            block = super().read(count)
            self.entry[2] += len(block)
            return block

    monkeypatch.setattr(
        drive_copy,
        "open",
        lambda path, mode: Watched(path) if mode == "rb" else io.FileIO(path, mode),
        raising=False,
    )
    monkeypatch.setattr(drive_copy, "BLOCK", 10_000)
    return state


def are_same(one: splits.Split, other: splits.Split) -> bool:
    return np.array_equal(one.lab, other.lab) and np.array_equal(one.identities, other.identities)


def expect_refusal(folder, reason: str) -> str:
    """Require that a copy fails with a message of one line; return it."""
    with pytest.raises(KitError, match=reason) as caught:
        splits.local_copy(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def sign(folder, name: str) -> None:
    """Write a file's own hash and size into the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    path = folder / f"{name}.pkl"
    manifest["splits"][name]["files"] = [
        {"name": path.name, "sha256": files.sha256(path), "bytes": path.stat().st_size}
    ]
    files.write_json(folder / "manifest.json", manifest)


# copying


def test_elsewhere_nothing_is_copied(made, drive, tmp_path, monkeypatch):
    assert splits.local_copy(made) == made
    monkeypatch.setattr(drive_module, "DRIVE", tmp_path / "no-drive")
    assert splits.local_copy(drive) == drive
    assert not (tmp_path / "disk").exists()


def test_splits_on_drive_are_copied_once(drive, copy, reads):
    assert splits.local_copy(drive) == copy
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == {
        path.name: path.read_bytes() for path in drive.iterdir()
    }
    assert reads.log == [[name, 0, (drive / name).stat().st_size] for name in NAMES]
    assert all(
        are_same(splits.load_split(copy, name), splits.load_split(drive, name))
        for name in prepare.SPLIT_NAMES
    )
    for name in NAMES:
        (drive / name).unlink()
    assert splits.local_copy(drive) == copy
    assert len(reads.log) == 3


def test_the_manifest_comes_last(drive, copy, monkeypatch):
    """Its presence says that all files are there."""
    seen = []
    real = files.write_bytes
    monkeypatch.setattr(
        files,
        "write_bytes",
        lambda path, data: (
            seen.append(sorted(p.name for p in path.parent.iterdir())) or real(path, data)
        ),
    )
    splits.local_copy(drive)
    assert seen == [sorted(NAMES)]


def test_an_interrupted_copy_goes_on_where_it_ended(drive, copy, reads):
    reads.fail = ("val.pkl", 20_000)
    message = expect_refusal(drive, "Input/output error")
    assert message.startswith(f"{drive} stopped answering")
    assert message.endswith("mount Drive again and run again; what was copied is kept")
    assert sorted(path.name for path in copy.iterdir()) == ["train.pkl", "val.pkl.part"]
    assert (copy / "val.pkl.part").read_bytes() == (drive / "val.pkl").read_bytes()[:20_000]
    reads.fail, reads.log[:] = None, []
    splits.local_copy(drive)
    sizes = {name: (drive / name).stat().st_size for name in NAMES}
    assert reads.log == [
        ["val.pkl", 20_000, sizes["val.pkl"] - 20_000],
        ["test.pkl", 0, sizes["test.pkl"]],
    ]
    assert all(
        are_same(splits.load_split(copy, name), splits.load_split(drive, name))
        for name in prepare.SPLIT_NAMES
    )


@pytest.mark.parametrize("part", [b"of something else", b"x" * 10**6])
def test_a_part_of_something_else_costs_one_more_call(drive, copy, part):
    copy.mkdir(parents=True)
    (copy / "train.pkl.part").write_bytes(part)
    expect_refusal(drive, r"train\.pkl did not arrive as its manifest says: run again")
    splits.local_copy(drive)
    assert are_same(splits.load_split(copy, "train"), splits.load_split(drive, "train"))


@pytest.mark.parametrize(
    "damage", [flip_byte, lambda path: path.write_bytes(path.read_bytes()[:-1])]
)
def test_a_damaged_file_is_refused_and_removed(drive, copy, damage):
    damage(drive / "val.pkl")
    message = expect_refusal(drive, r"val\.pkl did not arrive as its manifest says")
    assert message.endswith("if that doesn't help, copy the splits to Drive again")
    assert [path.name for path in copy.iterdir()] == ["train.pkl"]
    expect_refusal(drive, "did not arrive")


def test_other_splits_go_to_another_folder(drive, copy):
    splits.local_copy(drive)
    before = splits.load_split(copy, "val")
    shutil.copy(drive / "test.pkl", drive / "val.pkl")
    sign(drive, "val")
    other = splits.local_copy(drive)
    assert other != copy
    assert other.parent == copy.parent
    assert are_same(splits.load_split(other, "val"), splits.load_split(drive, "test"))
    assert are_same(splits.load_split(copy, "val"), before)


@pytest.mark.parametrize("name", ["../x.pkl", "/x.pkl", "a/../../x.pkl", "..", ""])
def test_a_name_can_not_leave_the_folder(drive, tmp_path, name):
    manifest = json.loads((drive / "manifest.json").read_text(encoding="utf-8"))
    entry = manifest["splits"]["val"]["files"][0]
    source = tmp_path / "drive" / "MyDrive" / "colorkit" / "x.pkl"
    shutil.copy(drive / "val.pkl", source)
    shutil.copy(drive / "val.pkl", drive / "x.pkl")
    entry["name"] = name
    files.write_json(drive / "manifest.json", manifest)
    folder = splits.local_copy(drive)
    written = {
        path.relative_to(tmp_path / "disk").as_posix()
        for path in (tmp_path / "disk").rglob("*")
        if path.is_file()
    }
    inside = {"train.pkl", "test.pkl", "manifest.json"} | (
        {"x.pkl"} if name.endswith("x.pkl") else set()
    )
    assert written == {f"{folder.name}/{file}" for file in inside}


# failures


def test_a_full_disk_is_one_line_and_what_was_copied_is_kept(drive, copy, monkeypatch):
    whole = sum((drive / name).stat().st_size for name in NAMES)
    with monkeypatch.context() as patch:
        patch.setattr(drive_copy, "open", full_disk(room=whole - 1000), raising=False)
        message = expect_refusal(
            drive,
            r"can't be written \(No space left on device\): "
            "make room there and run again; what was copied is kept$",
        )
    assert str(copy) in message
    assert (copy / "test.pkl.part").stat().st_size == (drive / "test.pkl").stat().st_size - 1000
    splits.local_copy(drive)
    assert are_same(splits.load_split(copy, "test"), splits.load_split(drive, "test"))


@pytest.mark.parametrize("step", ["mkdir", "write_bytes"])
def test_a_disk_that_is_full_before_or_after_the_files_is_one_line(drive, copy, monkeypatch, step):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    owner = {"mkdir": type(copy), "write_bytes": files}[step]
    monkeypatch.setattr(owner, step, full)
    message = expect_refusal(drive, "make room there and run again; what was copied is kept$")
    assert message.startswith(f"{copy} can't be written (No space left on device)")


def test_a_local_disk_that_refuses_is_not_called_drive(drive, copy):
    copy.parent.mkdir()
    copy.write_bytes(b"a file in the folder's place")
    message = expect_refusal(drive, "choose a path through folders only and run again; what was ")
    assert message.startswith(f"{copy} can't be written (")


def test_a_local_disk_that_is_too_small_is_said_before_anything_is_copied(
    drive, copy, reads, monkeypatch
):
    size = sum((drive / name).stat().st_size for name in NAMES)
    free = types.SimpleNamespace(total=10**9, free=size - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    message = expect_refusal(drive, r"has 0\.5 MB free, but the splits that .* take 0\.5 MB: make")
    assert message.startswith(str(copy))
    assert reads.log == []
    copy.joinpath("train.pkl").write_bytes((drive / "train.pkl").read_bytes())
    splits.local_copy(drive)  # the rest fits


def test_a_vanished_drive_is_one_line(drive, copy, reads, monkeypatch):
    """Unmounted after the manifest was read: the files are gone, then the manifest itself."""
    (drive / "test.pkl").unlink()
    expect_refusal(
        drive,
        r"stopped answering \(.*No such file.*\): mount Drive again and run again; "
        "what was copied is kept",
    )
    assert sorted(path.name for path in copy.iterdir()) == ["train.pkl", "val.pkl"]
    entries = splits_manifest.all_files(splits_manifest.read_manifest(drive))
    shutil.copy(drive / "val.pkl", copy / "test.pkl")
    (drive / "manifest.json").unlink()
    with pytest.raises(
        KitError, match=r"stopped answering \(.*No such file.*\): mount Drive again and run again"
    ):
        drive_copy.copy(drive, copy, entries, "manifest.json")


# who uses the copy


@pytest.fixture
def loaded(monkeypatch):
    """The folders from which splits are loaded."""
    folders, load = [], splits.load_split
    for place in (splits, facade):
        monkeypatch.setattr(
            place, "load_split", lambda folder, name: folders.append(folder) or load(folder, name)
        )
    return folders


def test_ensure_loads_from_the_copy(drive, copy, loaded, capsys):
    train, val, test = splits.load_splits(drive)
    assert capsys.readouterr().out == "splits found: 10 faces to train, 1 to validate, 1 to test\n"
    assert loaded == [copy] * 3
    assert all(
        are_same(one, splits.load_split(drive, name))
        for one, name in zip((train, val, test), prepare.SPLIT_NAMES, strict=True)
    )


def test_ensure_makes_splits_on_drive_and_loads_the_copy(drive, loaded, tmp_path):
    folder = drive.with_name("new")
    train, _, _ = splits.load_splits(folder, str(write_zip(tmp_path / "other.zip", people(20))))
    assert len(train) == 16
    assert (
        loaded == [tmp_path / "disk" / f"splits-{files.sha256(folder / 'manifest.json')[:12]}"] * 3
    )


def test_the_commands_load_from_the_copy(drive, copy, loaded, monkeypatch, capsys):
    from colorkit import evaluation, plots, runs

    trained = []
    run = types.SimpleNamespace(
        name="a run",
        trained_on=None,
        recall=lambda *_: None,
        trainer=types.SimpleNamespace(is_finite=lambda: True),
        train=lambda train, val, epochs: trained.append((len(train), len(val), epochs)),
    )
    monkeypatch.setattr(runs, "start", lambda *_: run)
    monkeypatch.setattr(runs, "open_all", lambda *_, **__: ([run], []))
    monkeypatch.setattr(runs, "side_by_side", list)
    monkeypatch.setattr(evaluation, "evaluate", lambda *_: [])
    monkeypatch.setattr(plots, "evaluation_tables", lambda _: "the table")
    assert (
        cli.main(["train", "cnn", "--profile", "smoke", "--epochs", "1", "--data", str(drive)]) == 0
    )
    assert trained == [(10, 1, 1)]
    assert cli.main(["evaluate", "a-run", "--data", str(drive)]) == 0
    assert loaded == [copy] * 4
