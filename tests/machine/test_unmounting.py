"""Drive has everything before a student gives the machine back, or the kit says that it hasn't."""

import sys

import pytest
from drives import StandInDrive, be_on_colab, google_colab

import colorkit
from colorkit.errors import KitError
from colorkit.machine import drive as drive_module
from colorkit.machine import environment, mounting, unmounting

DONE = "Drive has everything: this machine can go now. Run the setup cell to go on.\n"


@pytest.fixture
def drive(tmp_path, monkeypatch) -> StandInDrive:
    """Drive on a Colab machine, mounted; no copy is under way."""
    be_on_colab(tmp_path, monkeypatch)
    monkeypatch.delenv("COLORKIT_HOME", raising=False)
    monkeypatch.setattr(drive_module, "SCRATCH_ON_COLAB", tmp_path / "disk")
    monkeypatch.setattr(unmounting, "_copies", {})
    found = StandInDrive(tmp_path, monkeypatch)
    for name, module in google_colab(found, lambda folder: None).items():
        monkeypatch.setitem(sys.modules, name, module)
    found.mount()
    return found


@pytest.fixture
def colab_drive(drive):
    return sys.modules["google.colab.drive"]


def test_drive_uploads_everything_and_is_unmounted(drive, capsys):
    assert colorkit.before_disconnect() is None
    assert capsys.readouterr().out == DONE
    assert not drive.mounted


def test_the_unmounted_drive_is_not_taken_for_an_empty_one_and_can_be_mounted_again(drive, capsys):
    home = environment.home_folder()
    colorkit.before_disconnect()
    with pytest.raises(KitError, match=r"^Drive was mounted and is gone \(.*\): mount it again"):
        environment.home_folder()
    assert mounting.mount_drive()
    assert environment.home_folder() == home


def test_a_mount_point_that_went_with_the_mount_still_tells_of_it(drive, colab_drive, monkeypatch):
    def flush_and_unmount(timeout_ms):
        drive.unmount()
        drive.folder.rmdir()

    monkeypatch.setattr(colab_drive, "flush_and_unmount", flush_and_unmount)
    colorkit.before_disconnect()
    with pytest.raises(KitError, match="Drive was mounted and is gone"):
        environment.home_folder()


def test_without_drive_there_is_nothing_to_upload(drive, capsys):
    drive.unmount()
    colorkit.before_disconnect()
    assert capsys.readouterr().out == "Drive is not mounted here: there is nothing to upload.\n"


def test_elsewhere_than_on_colab_it_says_so(drive, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", None)
    colorkit.before_disconnect()
    assert capsys.readouterr().out == (
        "This is not Colab: the program that mounted Drive uploads by itself.\n"
    )
    assert drive.mounted


def test_a_failure_is_said_and_not_taken_for_done(drive, colab_drive, monkeypatch, capsys):
    def flush_and_unmount(timeout_ms):
        assert timeout_ms == 30 * 60 * 1000
        raise ValueError("flush_and_unmount failed")

    monkeypatch.setattr(colab_drive, "flush_and_unmount", flush_and_unmount)
    with pytest.raises(KitError) as caught:
        colorkit.before_disconnect()
    assert str(caught.value) == (
        "Drive has not uploaded everything (flush_and_unmount failed): "
        "keep this machine, and run this cell again"
    )
    assert capsys.readouterr().out == ""


def test_a_drive_that_stays_mounted_is_not_taken_for_done(drive, colab_drive, monkeypatch):
    monkeypatch.setattr(colab_drive, "flush_and_unmount", lambda timeout_ms: None)
    with pytest.raises(KitError, match=r"^Drive is still mounted, so it may not have everything:"):
        colorkit.before_disconnect()


def test_copies_under_way_are_completed_first_and_once(drive):
    done = []

    def copy() -> bool:
        done.append(drive.mounted)
        return True

    unmounting.complete_before_unmounting(copy)
    unmounting.complete_before_unmounting(copy)
    colorkit.before_disconnect()
    colorkit.before_disconnect()
    assert done == [True]


def test_drive_stays_mounted_until_it_has_every_copy(drive, capsys):
    answers = [False, True]
    unmounting.complete_before_unmounting(lambda: answers.pop(0))
    with pytest.raises(KitError, match="have everything yet, for the reason above"):
        colorkit.before_disconnect()
    assert drive.mounted
    colorkit.before_disconnect()
    assert capsys.readouterr().out == DONE


def test_a_drive_that_is_gone_before_it_has_a_copy_is_mounted_first(drive):
    unmounting.complete_before_unmounting(lambda: False)
    drive.unmount()
    with pytest.raises(KitError, match=r"^Drive doesn't have everything yet: run the setup cell,"):
        colorkit.before_disconnect()
