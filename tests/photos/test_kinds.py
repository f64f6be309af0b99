"""Files by their first bytes: no picture of a folder is passed over without a word."""

import importlib.util
import io
import os
import sys
import types

import numpy as np
import pytest
from helpers import picture
from PIL import Image, features

from colorkit.errors import KitError
from colorkit.photos import finding, image_files, kinds

RGB = picture(1, 40)


def encode(form: str) -> bytes:
    """Encode a picture."""
    stream = io.BytesIO()
    Image.fromarray(RGB).save(stream, form)
    return stream.getvalue()


def ftyp(*brands: bytes) -> bytes:
    """Write the box that HEIC, AVIF and films begin with."""
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return (4 + len(body)).to_bytes(4, "big") + body + bytes(40)


@pytest.mark.parametrize("name", ["a.jfif", "a.JPE", "scan", "a.2019", "wrong.txt", "a.heic"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_a_picture_is_one_whatever_its_name_says(tmp_path, name, form):
    path = tmp_path / name
    path.write_bytes(encode(form))
    assert finding.find([tmp_path]) == [path]
    assert image_files.read(path).rgb.shape == RGB.shape


KINDS = {
    "HEIC": ftyp(b"heic", b"mif1", b"heic"),
    "a HEIC that says it later": ftyp(b"mif1", b"miaf", b"heic"),
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40),
    "JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40),
    "a Photoshop file": b"8BPS\0\1" + bytes(40),
    "a camera's raw file": ftyp(b"crx ", b"isom"),
}


@pytest.mark.parametrize("name", ["a.HEIC", "a", "a.dat"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_can_t_be_read_here_is_named(tmp_path, kind, name):
    path = tmp_path / name
    path.write_bytes(KINDS[kind])
    assert finding.find([tmp_path]) == [path]
    said = "HEIC" if "HEIC" in kind else kind
    with pytest.raises(KitError) as caught:
        image_files.read(path)
    assert str(caught.value) == (
        f"{path}: can't be read as a picture ({said} is not supported here); "
        "save it again as PNG or JPEG"
    )


def test_the_reason_is_true(tmp_path):
    reasons = {
        b"": "it is empty",
        b"a letter": "it is not PNG, JPEG, WebP, TIFF, BMP or GIF",
        b"GIF89a": "it begins like GIF, but what follows is damaged or of a rare kind",
    }
    for data, reason in reasons.items():
        (tmp_path / "a.png").write_bytes(data)
        with pytest.raises(KitError, match=f"can't be read as a picture \\({reason}\\); save it"):
            image_files.read(tmp_path / "a.png")


@pytest.mark.needs("pipes")
def test_what_is_no_picture_stays_quiet(tmp_path):
    others = {
        "notes.txt": b"BMW, and other makes",
        "Thumbs.db": b"\xd0\xcf\x11\xe0" + bytes(99),
        "film.mp4": ftyp(b"isom", b"mp42"),
        "sound.wav": b"RIFF\0\0\0\0WAVEfmt ",
        "empty": b"",
        ".hidden": encode("PNG"),
        "._a.jpg": encode("JPEG"),
    }
    for name, data in others.items():
        (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "a.png").write_bytes(encode("PNG"))
    assert finding.find([tmp_path]) == [tmp_path / "a.png"]


@pytest.mark.parametrize("there", [True, False])
def test_avif_is_read_where_pillow_can(tmp_path, monkeypatch, there):
    able = "avif" in features.modules and features.check_module("avif")
    path = tmp_path / "a.avif"
    path.write_bytes(encode("AVIF") if able else ftyp(b"avif", b"mif1"))
    assert kinds.tell_kind(path.read_bytes()[: kinds.HEAD]) == "AVIF"
    kinds.formats.cache_clear()
    if not there:
        monkeypatch.setattr(features, "check_module", lambda _: False)
    if able and there:
        assert np.abs(image_files.read(path).rgb.astype(int) - RGB).mean() < 10
    else:
        with pytest.raises(KitError, match="AVIF is not supported here"):
            image_files.read(path)
    kinds.formats.cache_clear()


def test_heic_is_read_where_pillow_heif_is_installed(tmp_path, monkeypatch):
    """A stand-in for pillow-heif: it registers a format of its own."""

    def open_heif(*_: object) -> Image.Image:
        return Image.fromarray(RGB)

    stand_in = types.ModuleType("pillow_heif")
    stand_in.register_heif_opener = lambda: Image.register_open(
        "HEIF", open_heif, lambda head: head[4:12] == b"ftypheic"
    )
    find_spec = importlib.util.find_spec
    monkeypatch.setitem(sys.modules, "pillow_heif", stand_in)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: name == "pillow_heif" or find_spec(name)
    )
    monkeypatch.setattr(Image, "OPEN", dict(Image.OPEN))
    monkeypatch.setattr(Image, "ID", list(Image.ID))
    kinds.formats.cache_clear()
    path = tmp_path / "a.heic"
    path.write_bytes(KINDS["HEIC"])
    assert np.array_equal(image_files.read(path).rgb, RGB)
    kinds.formats.cache_clear()


def test_a_folder_that_can_t_be_read_stops_no_other(tmp_path, monkeypatch):
    locked, good = tmp_path / "locked", tmp_path / "good"
    for folder in (locked, good):
        folder.mkdir()
        (folder / "a.png").write_bytes(encode("PNG"))
    pathlib_iterdir = type(locked).iterdir

    def refuse(folder):
        if folder == locked:
            raise PermissionError(13, "Permission denied", str(folder))
        return pathlib_iterdir(folder)

    monkeypatch.setattr(type(locked), "iterdir", refuse)
    reason, path = finding.find([locked, good])
    assert str(reason).startswith(f"{locked}: can't be read (Permission denied): change its")
    assert path == good / "a.png"
