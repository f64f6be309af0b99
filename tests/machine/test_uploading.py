"""A file from the student's own computer: chosen in the browser, or not."""

import sys
import types

import pytest
from drives import MessageError, StandInDrive, be_on_colab, google_colab, leave_colab

from colorkit.errors import KitError
from colorkit.machine import uploading


@pytest.fixture
def dialog(monkeypatch, tmp_path):
    """Colab's dialog for files: `chosen` is what the student picks."""
    be_on_colab(tmp_path, monkeypatch)
    for name, each in google_colab(StandInDrive(tmp_path, monkeypatch), str).items():
        monkeypatch.setitem(sys.modules, name, each)
    module = types.ModuleType("google.colab.files")
    module.chosen = {}
    module.upload = lambda: module.chosen
    monkeypatch.setattr(sys.modules["google.colab"], "files", module, raising=False)
    monkeypatch.setitem(sys.modules, "google.colab.files", module)
    monkeypatch.setattr(uploading, "scratch_folder", lambda: tmp_path / "scratch")
    return module


def test_a_chosen_file_lies_on_the_machine_s_own_disk(dialog, tmp_path):
    dialog.chosen = {"../my face.jpg": b"pixels"}
    path = uploading.upload()
    assert (path, path.read_bytes()) == (
        tmp_path / "scratch" / "uploads" / "my face.jpg",
        b"pixels",
    )


def test_two_chosen_files_are_refused_with_their_names(dialog, tmp_path):
    dialog.chosen = {"grandmother.jpg": b"pixels", "grandfather.jpg": b"more"}
    with pytest.raises(KitError, match=r"^2 files were chosen \(grandmother.jpg, grandfather"):
        uploading.upload()
    assert not (tmp_path / "scratch").exists()


def test_another_picture_of_the_same_name_replaces_none(dialog):
    paths = []
    for data in (b"holiday", b"wedding", b"wedding"):
        dialog.chosen = {"IMG_0001.jpg": data}
        paths.append(uploading.upload())
    assert [path.name for path in paths] == ["IMG_0001.jpg", "IMG_0001-2.jpg", "IMG_0001-2.jpg"]
    assert [path.read_bytes() for path in paths] == [b"holiday", b"wedding", b"wedding"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.jpg", b"", "empty.jpg is empty: choose another file"),
        ("..", b"x", "the file has no name"),
        ("", b"x", "the file has no name"),
        ("x" * 300 + ".jpg", b"x", "choose a shorter name"),
    ],
)
def test_what_can_not_be_taken_is_said(dialog, name, data, reason):
    dialog.chosen = {name: data}
    with pytest.raises(KitError, match=reason):
        uploading.upload()


def test_a_browser_that_sends_a_path(dialog):
    dialog.chosen = {r"C:\fakepath\me.jpg": b"x"}
    assert uploading.upload().name == "me.jpg"


def test_where_nothing_is_chosen_or_can_be_that_is_said(dialog, monkeypatch):
    with pytest.raises(KitError, match="no file was chosen: run this cell again"):
        uploading.upload()
    leave_colab(monkeypatch)
    with pytest.raises(KitError, match="on Colab only: here give its path"):
        uploading.upload()


def test_where_no_browser_answers_it_does_not_wait_forever(dialog, monkeypatch):
    """In VS Code the real upload() never returns."""
    asked = []
    output = sys.modules["google.colab.output"]
    monkeypatch.setattr(output, "eval_js", lambda script, timeout_sec: asked.append(timeout_sec))
    monkeypatch.setattr(dialog, "upload", lambda: pytest.fail("this waits forever"))
    with pytest.raises(KitError, match=r"\(no browser has answered for 15 seconds\): .* in PHOTO$"):
        uploading.upload()
    assert asked == [15]


def test_a_browser_that_refuses_is_quoted(dialog, monkeypatch):
    """It blocks cookies that Colab's outputs need, for example."""

    def refuse():
        raise MessageError("TypeError: google.colab._files is undefined")

    monkeypatch.setattr(dialog, "upload", refuse)
    quoted = r"\(TypeError: google.colab._files is undefined\)"
    another_way = "upload it to this machine .*, untick UPLOAD, and give its path, .* in PHOTO"
    with pytest.raises(
        KitError, match=rf"^the dialog for files doesn't open {quoted}: {another_way}$"
    ):
        uploading.upload()


def test_without_google_colab_there_is_no_dialog(dialog, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", None)
    with pytest.raises(KitError, match=r"the dialog for files doesn't open \(.*google.colab"):
        uploading.upload()
