"""Test where the setup cell looks for the kit, and what it costs on a Drive with many folders.

The cell runs in this process, up to the line that imports the kit. test_setup_cell.py runs all of
it.
"""

import os
import sys
import threading
import types
from pathlib import Path

import pytest
from colab import copy_kit, localize, read_setup_cell
from drives import DriveFS, fail_to_mount

PARTS = ("colorkit/__init__.py", "colorkit/__main__.py", "colorkit/machine/start.py")
OLDER = Path(__file__).with_name("older_setup_cell.txt").read_text(encoding="utf-8")
THREADS = 32
SECONDS = 0.05  # that a call to Drive takes


class Room:
    """A machine's folders, in which the setup cell looks for the kit."""

    def __init__(self, room: Path, monkeypatch, capsys):
        self.room = room
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.mount = lambda folder: None
        self.said: list[str] = []
        (room / "content").mkdir()
        monkeypatch.chdir(room / "content")

    def put(self, place: str, parts: tuple[str, ...] = PARTS) -> Path:
        """Put the kit somewhere."""
        return copy_kit(self.room / place, self.room, parts)

    def find(self, source: str | None = None, **choices) -> str:
        """Run the cell; return where the kit is then, relative to the room."""
        drive = types.ModuleType("google.colab.drive")
        drive.mount = lambda folder: self.mount(folder)
        self._monkeypatch.setitem(sys.modules, drive.__name__, drive)
        colab = types.ModuleType("google.colab")
        colab.drive = drive
        self._monkeypatch.setitem(sys.modules, colab.__name__, colab)
        self._monkeypatch.delitem(sys.modules, "colorkit", raising=False)
        source = (source or read_setup_cell(**choices)).partition("sys.path.insert")[0]
        names: dict = {}
        try:
            exec(localize(source, self.room), names)
        finally:
            self.said = self._capsys.readouterr().out.replace(f"{self.room}", "").splitlines()
        return str(Path(names["kit"]).relative_to(self.room))


@pytest.fixture
def room(tmp_path, monkeypatch, capsys):
    return Room(tmp_path, monkeypatch, capsys)


# where it is found


@pytest.mark.parametrize(
    "place",
    [
        "content/colorkit-lessons",
        "content/colorkit-main",  # GitHub's "Download ZIP"
        "content/colorkit-lessons-main",
        "content/my [copy]",
        "content/colorkit-lessons/colorkit-lessons",  # a zip that was unpacked into its own folder
    ],
)
def test_uploaded_it_is_used_where_it_is(room, place):
    room.put(place)
    said = [] if place == "content/colorkit-lessons" else [f"the kit is in /{place}"]
    assert (room.find(), room.said) == (place, said)
    assert room.find(address="a/b") == place  # nothing is cloned


def test_opened_inside_the_kit_it_is_not_announced(room, monkeypatch):
    kit = room.put("content/x/y/z/kit")
    (kit / "notebooks").mkdir()
    monkeypatch.chdir(kit)
    assert (room.find(), room.said) == ("content/x/y/z/kit", [])
    monkeypatch.chdir(kit / "notebooks")
    assert (room.find(), room.said) == ("content/x/y/z/kit", [])


@pytest.mark.parametrize(
    "place",
    [
        "kaggle/input/my-kit",
        "kaggle/input/my-kit/colorkit-lessons",
        "kaggle/input/datasets/somebody/my-kit",
        "kaggle/input/datasets/somebody/my-kit/colorkit-lessons",
    ],
)
def test_a_data_set_on_kaggle_is_copied_to_where_files_are_kept(room, place, monkeypatch):
    (room.room / "kaggle" / "working").mkdir(parents=True)
    monkeypatch.chdir(room.room / "kaggle" / "working")
    room.put(place)
    assert room.find(address="a/b") == "kaggle/working/colorkit-lessons"
    assert room.said == [f"copying the kit from /{place} ..."]
    assert room.find(address="a/b") == "kaggle/working/colorkit-lessons"
    assert room.said == []


@pytest.mark.parametrize(
    "place",
    [
        "MyDrive/colorkit-lessons",
        "MyDrive/my [copy]",
        "MyDrive/Colab Notebooks/colorkit-lessons-main",
        "MyDrive/Colab Notebooks/any name",
        "MyDrive/a/b/colorkit-lessons",
        "Shareddrives/Our class/colorkit-lessons",
        "Shareddrives/Our class/any name",
        "Shareddrives/Our class/a/colorkit-lessons",
    ],
)
def test_in_drive_it_is_found_and_copied(room, place):
    room.put(f"content/drive/{place}")
    assert room.find() == "content/colorkit-lessons"
    start, copying = room.said
    assert start == "looking for the kit in your Drive ..."
    assert copying == f"copying the kit from /content/drive/{place} ..."


def test_inside_the_kit_on_drive_the_copy_is_used(room, monkeypatch):
    """As after `%cd` into it; the first time the copy is made."""
    kit = room.put("content/drive/MyDrive/kit")
    monkeypatch.chdir(kit)
    assert room.find() == "content/colorkit-lessons"
    assert room.said == ["copying the kit from /content/drive/MyDrive/kit ..."]
    assert (room.find(), room.said) == ("content/colorkit-lessons", [])


@pytest.mark.needs("links")
def test_a_shortcut_to_a_shared_folder(room):
    room.put("content/drive/.shortcut-targets-by-id/1x/colorkit-lessons")
    (room.room / "content/drive/MyDrive").mkdir()
    (room.room / "content/drive/MyDrive/kit").symlink_to(
        "../.shortcut-targets-by-id/1x/colorkit-lessons"
    )
    assert room.find() == "content/colorkit-lessons"


def test_of_several_the_one_of_the_right_name_is_taken(room):
    for place in ("A copy", "colorkit", "deeper/colorkit-lessons", "colorkit-lessons", "z"):
        room.put(f"content/drive/MyDrive/{place}")
    room.find()
    assert room.said[-1] == "copying the kit from /content/drive/MyDrive/colorkit-lessons ..."


@pytest.mark.needs("links")
def test_what_cannot_be_listed_is_passed_over(room):
    drive = room.room / "content" / "drive"
    room.put("content/drive/MyDrive/z/colorkit-lessons")
    for name in ("a.eio", "broken"):
        (drive / "MyDrive" / name).mkdir()
    (drive / "MyDrive" / "broken" / "link").symlink_to("nowhere")
    (drive / "MyDrive" / "Sign-up.gsheet").touch()
    (drive / ".Trash-0").mkdir()
    DriveFS(drive).play(room._monkeypatch.setattr)
    assert room.find() == "content/colorkit-lessons"


def test_a_copy_that_an_older_setup_cell_broke_off_is_not_the_kit(room):
    room.put("content/colorkit-lessons.part")
    with pytest.raises(RuntimeError, match="The kit was not found"):
        room.find()


# where it is not found


WAYS = "put its folder into your Drive (tick USE_DRIVE), upload its zip, or open it from GitHub"


def test_where_it_is_too_deep_the_message_says_where_it_was_looked_for(room):
    room.put("content/drive/MyDrive/a/b/c/colorkit-lessons")
    (room.room / "content/drive/MyDrive/other").mkdir()
    with pytest.raises(RuntimeError) as raised:
        room.find()
    expected = f"The kit was not found in {room.room}/content or 2 folders of Drive: {WAYS}"
    assert str(raised.value) == expected


def test_drive_is_left_alone_unless_it_is_wanted(room):
    room.put("content/drive/MyDrive/a/colorkit-lessons")
    room.mount = pytest.fail
    with pytest.raises(RuntimeError, match="or 0 folders of Drive"):
        room.find(use_drive=False)
    assert room.said == []


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("no", "Error: credential propagation was unsuccessful"),
        ("unanswered", "mount failed"),
        ("TIMEOUT", "it took too long"),
        ("EOF", "its program ended"),
    ],
)
def test_a_mount_that_fails_is_one_line(room, how, reason):
    room.mount = lambda folder: fail_to_mount(how)
    with pytest.raises(RuntimeError, match="The kit was not found"):
        room.find()
    assert room.said == [f"Drive is not mounted ({reason})"]


def test_of_a_long_reason_the_beginning_is_shown(room):
    def mount(folder):
        raise ValueError("x" * 500 + "\nmore")

    room.mount = mount
    with pytest.raises(RuntimeError):
        room.find()
    assert room.said == [f"Drive is not mounted ({'x' * 200})"]


def test_the_current_folder_is_gone(room):
    """As after `%cd` into a Drive that is not there any more."""
    room.put("content/colorkit-lessons")
    gone = room.room / "content" / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert room.find() == "content/colorkit-lessons"
    assert room.said == ["the current folder is gone: this notebook works in /content now"]
    assert os.getcwd() == f"{room.room}/content"


# versions that meet


def test_an_older_kit_is_used_where_it_is(room):
    room.put("content/drive/MyDrive/colorkit-lessons", PARTS[:2])
    assert room.find() == "content/drive/MyDrive/colorkit-lessons"


def test_an_older_setup_cell_finds_and_copies_this_kit(room):
    room.put("content/drive/MyDrive/colorkit-lessons")
    assert room.find(OLDER) == "content/colorkit-lessons"
    assert (room.room / "content/colorkit-lessons/colorkit/machine/start.py").exists()


# a big Drive


@pytest.mark.parametrize(
    "place", ["colorkit-lessons", "folder 150/colorkit-lessons", "folder 150/x"]
)
def test_on_a_big_drive_it_takes_less_than_20_seconds(room, place):
    """Few calls are made one after the other; the others share threads."""
    drive = room.room / "content" / "drive"
    for number in range(300):
        (drive / "MyDrive" / f"folder {number}" / "deeper").mkdir(parents=True)
    kit = room.put(f"content/drive/MyDrive/{place}", ("colorkit/**/*.py",))
    (kit / "data").mkdir()
    faces = 30_000_000
    with open(kit / "data" / "faces.zip", "wb") as stream:
        stream.truncate(faces)
    drive_fs = DriveFS(drive)
    drive_fs.play(room._monkeypatch.setattr)
    assert room.find() == "content/colorkit-lessons"
    in_turn = drive_fs.calls.pop(threading.main_thread())
    largest = faces // (128 * 1024)  # one thread reads it
    assert in_turn < 50
    assert (in_turn + largest + drive_fs.calls.total() / THREADS) * SECONDS < 20
