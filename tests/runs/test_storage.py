"""Call a disk and a Drive, and tell a missing file from one that can't be reached."""

import errno
import hashlib
import os
import shutil

import numpy as np
import pytest
from drives import StandInDrive
from elsewhere import make_junctions

from colorkit.runs.storage import DamagedError, Disk, Drive, UnreachableError


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def mount(tmp_path, monkeypatch) -> StandInDrive:
    found = StandInDrive(tmp_path, monkeypatch)
    found.mount()
    return found


def test_what_is_written_is_hashed_as_it_passes(disk, tmp_path):
    digest = disk.write(
        tmp_path / "a", lambda stream: stream.write(b"one") and stream.write(b"two")
    )
    assert (tmp_path / "a").read_bytes() == b"onetwo"
    assert digest == hashlib.sha256(b"onetwo").hexdigest() == disk.sha256(tmp_path / "a")


def test_arrays_are_hashed_though_zip_files_like_to_seek(disk, tmp_path):
    digest = disk.write(tmp_path / "a.npz", lambda stream: np.savez(stream, a=np.arange(100_000)))
    assert digest == disk.sha256(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as stored:
        assert np.array_equal(stored["a"], np.arange(100_000))


def test_a_file_is_synced_before_it_is_whole(disk, tmp_path, monkeypatch):
    """All of it: what is still in Python's own buffer can't be."""
    sizes = []
    monkeypatch.setattr(os, "fsync", lambda number: sizes.append(os.fstat(number).st_size))
    disk.write(tmp_path / "a", lambda stream: stream.write(b"abc"))
    assert sizes == [3]


def test_a_copy_is_the_same(disk, tmp_path):
    data = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(data)
    disk.write(tmp_path / "b", lambda stream: stream.writelines(disk.blocks(tmp_path / "a")))
    assert (tmp_path / "b").read_bytes() == data
    blocks = disk.blocks(tmp_path / "a")
    assert max(len(block) for block in blocks) <= 1 << 20  # what is in memory at a time


def test_what_is_not_there(disk, tmp_path):
    assert disk.names(tmp_path / "none") == []
    assert disk.read(tmp_path / "none") is None
    (tmp_path / "b").touch()
    (tmp_path / "a").touch()
    assert disk.names(tmp_path) == ["a", "b"]
    assert disk.read(tmp_path / "a") == b""


def test_files_are_emptied_before_they_are_removed(disk, tmp_path, monkeypatch):
    """What is deleted on Drive stays in its trash, and counts against the quota."""
    (tmp_path / "old").mkdir()
    for name in ("arrays.npz", "state.json"):
        (tmp_path / "old" / name).write_bytes(b"data")
    sizes = []
    unlink = os.unlink

    def note_size(path, **options) -> None:
        sizes.append(os.stat(path, **options).st_size)
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", note_size)
    disk.remove(tmp_path / "old")
    assert sizes == [0, 0]
    assert not (tmp_path / "old").exists()


@pytest.mark.parametrize(
    ("error", "flaky", "expected"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file"), False, DamagedError),
        (FileNotFoundError(errno.ENOENT, "No such file"), True, DamagedError),
        (OSError(errno.EIO, "Input/output error"), False, DamagedError),
        (OSError(errno.EIO, "Input/output error"), True, UnreachableError),
        (OSError(errno.ENOTCONN, "Transport endpoint is not connected"), True, UnreachableError),
    ],
)
def test_an_error_of_drive_says_nothing_of_the_file(error, flaky, expected):
    disk = Disk()
    disk.flaky = flaky
    with pytest.raises(expected, match=error.strerror) as caught, disk.classifying_errors():
        raise error
    assert expected is DamagedError or caught.value.errno == error.errno


# Drive


def test_not_found_on_a_mounted_drive_means_not_there(mount):
    folder = mount.folder / "MyDrive" / "colorkit"
    assert Drive().names(folder) == []
    assert Drive().read(folder / "run.json") is None


def test_not_found_on_a_lost_drive_means_nothing(mount):
    (mount.folder / "MyDrive" / "run").mkdir()
    mount.unmount()
    drive = Drive()
    folder = mount.folder / "MyDrive" / "run"
    for call in (
        lambda: drive.names(folder),
        lambda: drive.read(folder / "run.json"),
        drive.check,
        lambda: drive.make_folder(folder),
    ):
        with pytest.raises(OSError, match="not mounted any more") as caught:
            call()
        assert caught.value.errno == errno.ENOTCONN
    with (
        pytest.raises(UnreachableError, match="not mounted any more"),
        drive.classifying_errors(),
    ):
        drive.sha256(folder / "arrays.npz")
    assert list(mount.folder.iterdir()) == []


def test_a_mount_that_does_not_answer_is_not_seen(mount):
    (mount.folder / "MyDrive").rmdir()
    with pytest.raises(FileNotFoundError):
        Drive().check()


def test_folders_are_made_on_drive(mount):
    folder = mount.folder / "MyDrive" / "colorkit" / "runs" / "one"
    Drive().make_folder(folder)
    Drive().make_folder(folder)
    assert folder.is_dir()


def test_a_drive_lost_after_the_check_is_not_written_into(mount, monkeypatch):
    """A folder made in the empty mount point would keep Drive from being mounted there again."""
    drive = Drive()
    monkeypatch.setattr(drive, "check", mount.unmount)
    with pytest.raises(FileNotFoundError):
        drive.make_folder(mount.folder / "MyDrive" / "colorkit")
    assert list(mount.folder.iterdir()) == []
    mount.mount()


def test_what_a_junction_leads_to_is_not_emptied(tmp_path, monkeypatch):
    (tmp_path / "run" / "junction").mkdir(parents=True)
    (tmp_path / "run" / "junction" / "mine").write_bytes(b"12")
    make_junctions(monkeypatch, tmp_path / "run" / "junction")
    emptied = []
    monkeypatch.setattr(os, "truncate", lambda path, size: emptied.append(path))
    monkeypatch.setattr(shutil, "rmtree", lambda folder: None)  # it knows junctions itself
    Disk().remove(tmp_path / "run")
    assert emptied == []
    make_junctions(monkeypatch, tmp_path / "run")
    with pytest.raises(NotADirectoryError):
        Disk().remove(tmp_path / "run")
