"""What is named and what lies in a folder: each once, and no folder is passed over."""

from pathlib import Path

import pytest
from elsewhere import ignore_case

from colorkit.errors import KitError
from colorkit.photos import finding


@pytest.mark.needs("links")
def test_find_takes_what_is_named_and_the_pictures_of_folders(tmp_path):
    folder = tmp_path / "album"
    (folder / "inner.png").mkdir(parents=True)
    (folder / "deeper").mkdir()
    names = ("b.JPG", "a.png", "c.tiff", "notes.txt", ".hidden.png", "._b.JPG", "deeper/d.png")
    for name in names:
        (folder / name).touch()
    (folder / "link.png").symlink_to(folder / "a.png")
    named = tmp_path / "named.txt"
    found = finding.find([named, folder, folder / "c.tiff"])
    assert found == [named, *(folder / name for name in ("a.png", "b.JPG", "c.tiff", "link.png"))]
    message = r"no pictures in .*inner\.png: expected PNG, JPEG, WebP, TIFF, BMP or GIF directly in"
    with pytest.raises(KitError, match=message):
        finding.find([folder / "inner.png"])


def test_a_folder_without_pictures_is_said_beside_others(tmp_path):
    for name in ("empty", "album"):
        (tmp_path / name).mkdir()
    (tmp_path / "album" / "a.png").touch()
    empty, picture = finding.find([tmp_path / "empty", tmp_path / "album"])
    assert picture == tmp_path / "album" / "a.png"
    assert isinstance(empty, KitError)
    assert str(empty).startswith(f"no pictures in {tmp_path / 'empty'}: expected PNG, JPEG")


@pytest.mark.needs("cases")
def test_a_file_is_listed_once_in_whatever_case_it_is_typed(tmp_path, monkeypatch):
    (tmp_path / "In").mkdir()
    for name in ("a.png", "A.png"):
        (tmp_path / "In" / name).touch()
    typed = [tmp_path / "In" / "a.png", tmp_path / "In" / "A.png", tmp_path / "IN" / "A.PNG"]
    assert finding.find(typed) == typed
    typed[1].unlink()
    ignore_case(monkeypatch)
    assert finding.find(typed) == typed[:1]


@pytest.mark.needs("links")
def test_a_file_is_listed_once_whatever_way_leads_to_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/a.png").touch()
    Path("in/b.png").symlink_to("a.png")
    Path("link").symlink_to("in")
    places = ["in/a.png", "./in/a.png", "in/../in/a.png", "link/a.png", tmp_path / "in", "link"]
    assert finding.find(map(Path, places)) == [Path("in/a.png"), tmp_path / "in" / "b.png"]
