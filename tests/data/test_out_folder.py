"""A folder that can't be written is named before the work, with the true reason."""

import errno
import os
import pickle
import shutil
import types
from pathlib import Path

import pytest
from helpers import people, write_zip

from colorkit import cli, files
from colorkit.data import decoding, faces, pickles, prepare, splits, splits_manifest
from colorkit.errors import KitError
from colorkit.machine import disk


@pytest.fixture
def source(tmp_path) -> Path:
    return write_zip(tmp_path / "a.zip", people(20))


@pytest.fixture
def untouched(monkeypatch):
    """Nothing may be listed, fetched or decoded."""

    def work(*_):
        raise AssertionError("the work has begun")

    monkeypatch.setattr(faces, "index_faces", work)
    monkeypatch.setattr(splits.manifest, "fetch_group", work)


def refuse(number: int):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    return fail


def expect_line(capsys, *arguments: str) -> str:
    """Run the command line, which must fail with one line; return it."""
    assert cli.main(list(arguments)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("below", ["", "/data", "/data/more"])
def test_a_file_in_the_folders_place(untouched, tmp_path, capsys, below):
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    out = f"{tmp_path / 'out'}{below}"
    line = expect_line(capsys, "prepare", "--source", "faces", "--out", out)
    assert line.startswith(f"colorkit: {out} can't be written (")
    assert line.endswith("): choose a path through folders only and run again")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EROFS, "choose a disk that can be written"),
        (errno.EACCES, "change its permissions, or choose another folder"),
        (errno.ENOSPC, "make room there"),
    ],
)
def test_a_disk_that_refuses(untouched, tmp_path, capsys, monkeypatch, number, remedy):
    monkeypatch.setattr(Path, "mkdir", refuse(number))
    out = tmp_path / "data"
    line = expect_line(capsys, "prepare", "--source", "digiface", "--out", str(out))
    reason = os.strerror(number)
    assert line == f"colorkit: {out} can't be written ({reason}): {remedy} and run again"


def test_a_disk_that_is_too_small(source, tmp_path, capsys, monkeypatch):
    needed = 20 * prepare.IMAGE_BYTES
    out = tmp_path / "data"
    free = types.SimpleNamespace(total=10**9, free=needed - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with monkeypatch.context() as patch:
        patch.setattr(decoding, "decoded", lambda *_: pytest.fail("the work has begun"))
        line = expect_line(capsys, "prepare", "--source", str(source), "--out", str(out))
    assert line == (
        f"colorkit: {out} has 0.8 MB free, but the splits take 0.8 MB: "
        "make room there, or choose another folder"
    )
    assert not out.exists()
    free.free = needed
    assert cli.main(["prepare", "--source", str(source), "--out", str(out)]) == 0
    free.total = free.free = 0  # a disk that doesn't know its size
    assert cli.main(["prepare", "--source", str(source), "--out", str(out)]) == 0


@pytest.mark.parametrize(
    ("owner", "name"), [(pickle, "dump"), (os, "fsync"), (os, "replace"), (files, "write_json")]
)
def test_a_disk_that_fills_up_while_splits_are_written(
    source, tmp_path, capsys, monkeypatch, owner, name
):
    out = tmp_path / "data"
    monkeypatch.setattr(owner, name, refuse(errno.ENOSPC))
    line = expect_line(capsys, "prepare", "--source", str(source), "--out", str(out))
    assert line == (
        f"colorkit: {out} can't be written (No space left on device): make room there and run again"
    )
    assert not list(out.glob(".*"))
    assert not (out / "manifest.json").exists()


def test_a_source_that_is_bad_leaves_no_folder(tmp_path, capsys):
    source = write_zip(tmp_path / "a.zip", {"readme.txt": b"x"})
    line = expect_line(capsys, "prepare", "--source", str(source), "--out", str(tmp_path / "data"))
    assert "no faces in" in line
    assert not (tmp_path / "data").exists()


def test_a_folder_that_was_there_stays(source, tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(KitError, match="too few"):
        prepare.build_splits([source], tmp_path / "data", limit=9)
    assert list((tmp_path / "data").iterdir()) == []


# somebody's own files


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.pkl", b"my thesis"),
        ("test-01.pkl", pickle.dumps({"mine": 1})),
        ("manifest.json", b'{"mine": 1}'),
    ],
)
def test_a_file_that_the_kit_did_not_write_stops_the_work(
    untouched, tmp_path, capsys, name, content
):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / name).write_bytes(content)
    line = expect_line(capsys, "prepare", "--source", "faces", "--out", str(mine))
    assert line == (
        f"colorkit: {mine / name} was not written by this kit and would be replaced: "
        "move it, or choose another --out"
    )
    assert [path.read_bytes() for path in mine.iterdir()] == [content]


def test_a_foreign_file_beside_the_kits_own_is_kept(made, source):
    (made / "train-07.pkl").write_text("mine", encoding="utf-8")
    with pytest.raises(KitError, match=r"train-07\.pkl was not written by this kit"):
        prepare.build_splits([source], made, seed=1)
    assert (made / "train-07.pkl").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "manifest.json").unlink(),
        lambda folder: (folder / "manifest.json").write_text("{", encoding="utf-8"),
        lambda folder: (folder / "val.pkl").write_bytes(b""),
        lambda folder: (folder / "train.pkl").rename(folder / "train-03.pkl"),
    ],
)
def test_the_kits_own_damaged_files_are_replaced(made, source, change):
    change(made)
    prepare.build_splits([source], made)
    assert len(splits_manifest.verify_splits(made)) == 3
    assert len(list(made.iterdir())) == 4


def test_files_that_another_process_has_just_removed(made, source, monkeypatch):
    unlink = Path.unlink

    def after_another(self, missing_ok=False):
        if self.name == "val.pkl":
            unlink(self)
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", after_another)
    prepare.build_splits([source], made, seed=1)
    assert len(splits_manifest.verify_splits(made)) == 3


@pytest.mark.needs("locks")
def test_one_replaces_while_the_others_wait(tmp_path):
    import fcntl

    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with disk.locked(tmp_path, wait=True), pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


# reading what was written


@pytest.fixture
def made(source, tmp_path) -> Path:
    prepare.build_splits([source], tmp_path / "data")
    return tmp_path / "data"


def test_check_data_where_there_is_a_file(tmp_path, capsys):
    (tmp_path / "data").write_text("mine", encoding="utf-8")
    line = expect_line(capsys, "check-data", "--data", str(tmp_path / "data"))
    assert line == f"colorkit: {tmp_path / 'data'} is a file: expected a folder of splits"


def test_check_data_where_there_is_nothing(tmp_path, capsys):
    out = tmp_path / "data"
    line = expect_line(capsys, "check-data", "--data", str(out))
    assert line == (
        f"colorkit: no splits in {out}: make them with `python -m colorkit prepare --out {out}`"
    )


def test_check_data_on_a_folder_in_the_manifests_place(made, capsys):
    (made / "manifest.json").unlink()
    (made / "manifest.json").mkdir()
    line = expect_line(capsys, "check-data", "--data", str(made))
    assert line == (
        f"colorkit: {made / 'manifest.json'} can't be read (Is a directory): "
        "name a file, not a folder and run again"
    )


def test_a_split_that_can_not_be_read_is_not_called_damaged(made, monkeypatch):
    monkeypatch.setattr(files, "sha256", refuse(errno.EIO))
    for read in (splits_manifest.verify_splits, lambda folder: splits.load_split(folder, "val")):
        with pytest.raises(
            KitError, match=r"\.pkl can't be read \(Input/output error\): check that"
        ):
            read(made)


def test_a_split_that_can_not_be_read_again_is_not_called_another_file(made, monkeypatch):
    monkeypatch.setattr(pickles, "load_pickle", refuse(errno.EIO))
    with pytest.raises(
        KitError, match=r"val\.pkl can't be read \(Input/output error\): check that"
    ):
        splits.load_split(made, "val")


@pytest.mark.needs("pipes")
def test_check_data_does_not_wait_for_a_pipe(made, capsys):
    (made / "manifest.json").unlink()
    os.mkfifo(made / "manifest.json")
    line = expect_line(capsys, "check-data", "--data", str(made))
    assert line.startswith(f"colorkit: {made / 'manifest.json'} is not a file: ")


@pytest.mark.parametrize("more", [1, 10**12])
def test_check_data_counts_what_loading_counts(made, capsys, more):
    manifest = splits_manifest.read_manifest(made)
    manifest["splits"]["val"]["images"] += more
    files.write_json(made / "manifest.json", manifest)
    line = expect_line(capsys, "check-data", "--data", str(made))
    assert line.endswith(
        f"val holds 2 faces, but its manifest says {2 + more:,}: run `prepare` again"
    )


def test_check_data_refuses_one_file_in_two_splits(made, capsys):
    manifest = splits_manifest.read_manifest(made)
    manifest["splits"]["val"] = manifest["splits"]["test"]
    files.write_json(made / "manifest.json", manifest)
    line = expect_line(capsys, "check-data", "--data", str(made))
    assert "is not a manifest of this kit" in line


@pytest.mark.parametrize("name", ["a\0b.pkl", "\ud800.pkl"])
def test_a_name_that_no_disk_can_have(made, capsys, name):
    manifest = splits_manifest.read_manifest(made)
    manifest["splits"]["val"]["files"][0]["name"] = name
    files.write_json(made / "manifest.json", manifest)
    line = expect_line(capsys, "check-data", "--data", str(made))
    assert "is not a manifest of this kit" in line


# values


@pytest.mark.parametrize(
    "values",
    [
        ["--max-bad", "nan"],
        ["--max-bad", "-1"],
        ["--max-bad", "2"],
        ["--limit", "0"],
        ["--limit", "many"],
        ["--per-identity", "-1"],
        ["--processes", "0"],
        ["--seed", "one"],
        ["--out", ""],
    ],
)
def test_values_that_can_not_be(untouched, capsys, values):
    with pytest.raises(SystemExit) as caught:
        cli.main(["prepare", *values])
    assert caught.value.code == 2
    assert f"argument {values[0]}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "values",
    [
        ["--seed", "20261130144500"],
        ["--seed", "-1"],
        ["--seed", "9" * 400],
        ["--limit", "999999999"],
        ["--per-identity", "999999999"],
        ["--max-bad", "1"],
    ],
)
def test_large_values_that_can_be(source, tmp_path, capsys, values):
    out = ["--out", str(tmp_path / "data")]
    assert cli.main(["prepare", "--source", str(source), *out, *values]) == 0
    assert capsys.readouterr().err == ""
    assert len(splits_manifest.verify_splits(tmp_path / "data")) == 3
