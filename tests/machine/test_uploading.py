"""A file from the student's own computer: chosen in the browser, or not."""

import sys
import types

import pytest
from drives import StandInDrive, be_on_colab, google_colab, leave_colab

from colorkit.errors import KitError
from colorkit.machine import uploading


@pytest.fixture
def dialog(monkeypatch, tmp_path):
    """Colab's dialog for files: `chosen` is what the student picks."""
    be_on_colab(tmp_path, monkeypatch)
    for name, each in google_colab(StandInDrive(tmp_path, monkeypatch), str).items():
        monkeypatch.setitem(sys.modules, name, each)
    monkeypatch.setattr(uploading, "_browser_answers", lambda messages: True)
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

    def blocking_request(kind, request, timeout_sec, parent):
        asked.append((kind, request, timeout_sec, parent))

    messages = types.SimpleNamespace(blocking_request=blocking_request)
    shell = types.SimpleNamespace(parent_header={"header": {"session": "s"}})
    kernel = types.SimpleNamespace()
    kernel.shell = shell
    monkeypatch.undo()
    monkeypatch.setattr("IPython.get_ipython", lambda: types.SimpleNamespace(kernel=kernel))
    assert not uploading._browser_answers(messages)
    assert asked == [("cell_javascript_eval", {"script": "true"}, 15, shell.parent_header)]
    messages.blocking_request = lambda *_, **__: True
    assert uploading._browser_answers(messages)


def test_another_way_is_named_where_no_browser_answers(dialog, monkeypatch):
    monkeypatch.setattr(uploading, "_browser_answers", lambda messages: False)
    with pytest.raises(KitError, match=r"no browser has answered for 15 seconds .* in PHOTO$"):
        uploading.upload()


def test_outside_of_a_notebook_there_is_no_dialog(dialog, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", None)
    with pytest.raises(KitError, match="a file is uploaded in a notebook only: put the file"):
        uploading.upload()
