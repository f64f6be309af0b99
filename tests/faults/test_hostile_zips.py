"""Build splits from zips and folders that were made to do harm.

What a source may not hold is ignored and counted, what can't be read is listed with its reason, and
the rest is used.
"""

import os
import random
import stat
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from helpers import encode, picture, write_folder, write_zip
from zip_corpus import (
    GOOD,
    MEMBERS,
    NAMES,
    NOISE,
    PEOPLE,
    PLAIN,
    REST,
    Entry,
    code,
    harmless,
    raw_zip,
    stored,
    tree,
)

from colorkit import cli
from colorkit.data import faces, prepare
from colorkit.errors import KitError

pytestmark = pytest.mark.newest


def expect_ignored(tmp_path: Path, source: Path, count: int) -> None:
    """Build from a source, in which `count` files must be ignored.

    None may be bad, the rest must be used, and nothing may be written but the splits.
    """
    before = tree(tmp_path)
    manifest = prepare.build_splits([source], tmp_path / "data", max_bad=0, processes=1)
    assert (manifest["ignored_files"], manifest["skipped"]) == (count, [])
    assert set(stored(tmp_path / "data")) == {str(who) for who in range(PEOPLE)}
    assert tree(tmp_path) - before == {
        "data",
        "data/manifest.json",
        "data/train.pkl",
        "data/val.pkl",
        "data/test.pkl",
    }


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_that_is_no_face_is_ignored(tmp_path, monkeypatch, kind):
    (tmp_path / "here" / "inside").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "inside")
    name = NAMES[kind]
    flags = 0 if isinstance(name, bytes) else 0x800  # UTF-8
    source = raw_zip(tmp_path / "a.zip", [Entry(name, flags=flags), *harmless()])
    expect_ignored(tmp_path, source, 0 if kind == "no name" else 1)  # "/" ends as folders do
    assert not Path("/etc/0.png").exists()


@pytest.mark.parametrize("name", PLAIN)
def test_an_odd_name_is_a_name(tmp_path, name):
    source = raw_zip(tmp_path / "a.zip", [Entry(name, flags=0x800), *harmless()])
    manifest = prepare.build_splits([source], tmp_path / "data", max_bad=1, processes=1)
    assert (manifest["ignored_files"], manifest["skipped"]) == (0, [])
    assert np.array_equal(stored(tmp_path / "data")[PLAIN[name]], code(NOISE))


@pytest.mark.parametrize("name", ["7/0.png", "seven/link.png", "link"])
@pytest.mark.parametrize("kind", ["LNK", "CHR", "BLK", "IFO", "SOCK", "DIR"])
def test_links_and_devices_in_a_zip_are_ignored(tmp_path, kind, name):
    """A good face lies in the member: were it used, there would be one too many."""
    rest = [entry for entry in harmless() if entry.name != "7/0.png"] + [Entry("7/1.png")]
    source = raw_zip(
        tmp_path / "a.zip", [*rest, Entry(name, mode=getattr(stat, f"S_IF{kind}") | 0o777)]
    )
    expect_ignored(tmp_path, source, 1)
    assert np.array_equal(stored(tmp_path / "data")["7"], code(NOISE))


@pytest.mark.parametrize(
    "mode", [0, stat.S_IFREG | 0o644, 0o600, stat.S_IFREG | stat.S_ISUID | 0o7777]
)
def test_plain_files_of_any_mode_are_used(tmp_path, mode):
    source = raw_zip(tmp_path / "a.zip", [*harmless()[1:], Entry("0/0.png", mode=mode)])
    expect_ignored(tmp_path, source, 0)


def test_of_members_with_the_same_name_the_last_counts(tmp_path):
    rest = harmless()[1:]
    source = raw_zip(
        tmp_path / "a.zip",
        [Entry("0/0.png", b"x"), *rest, Entry("0/0.png", b"y"), Entry("0/0.png")],
    )
    expect_ignored(tmp_path, source, 2)
    assert np.array_equal(stored(tmp_path / "data")["0"], code(NOISE))


@pytest.mark.parametrize(
    "last",
    [
        Entry("x/0.png", b"/etc/passwd", mode=stat.S_IFLNK | 0o777),
        Entry("x/0.png\0", b"not a picture"),
    ],
)
def test_a_good_name_does_not_open_what_comes_after_it(tmp_path, last):
    """By name, a zip gives the last such member, even a link or one whose name ends at a NUL."""
    expect_ignored(tmp_path, raw_zip(tmp_path / "a.zip", [Entry("x/0.png"), last, *harmless()]), 2)


def test_folders_named_like_pictures_are_no_files(tmp_path):
    source = raw_zip(
        tmp_path / "a.zip", [Entry("x/0.png/", b""), Entry("y/0.png/0.png"), *harmless()]
    )
    expect_ignored(tmp_path, source, 1)


# folders


@pytest.mark.needs("links", "pipes", "devices")
def test_strays_and_links_in_a_folder_are_ignored(tmp_path):
    outside = write_folder(tmp_path / "outside", {"0/0.png": GOOD, "face.png": GOOD})
    source = write_folder(
        tmp_path / "a",
        REST | {"readme.txt": b"x", "x/0.png/0.png": GOOD, "x/.0.png": GOOD, "..\\y\\0.png": GOOD},
    )
    (source / "20").mkdir()
    (source / "20" / "0.png").symlink_to(outside / "face.png")
    (source / "20" / "1.png").symlink_to("/dev/zero")
    (source / "20" / "2.png").symlink_to("missing")
    (source / "20" / "3.png").symlink_to("3.png")
    (source / "21").symlink_to(outside / "0")
    (source / "22").symlink_to("..")
    os.mkfifo(source / "20" / "4.png")  # to open it would wait for ever
    (source / "23" / "0.png").mkdir(parents=True)
    expect_ignored(tmp_path, source, 11)


def test_a_deep_folder(tmp_path):
    """Deeper than Python's stack."""
    source = write_folder(tmp_path / "a", REST)
    made = [source]
    try:
        for _ in range(sys.getrecursionlimit() + 200):
            made.append(made[-1] / "d")
            os.mkdir(made[-1])
        (made[-1] / "0.png").write_bytes(GOOD)
        manifest = prepare.build_splits([source], tmp_path / "data", max_bad=0, processes=1)
        assert manifest["ignored_files"] == 1
    finally:  # nor can such a folder be removed by recursion
        (made[-1] / "0.png").unlink(missing_ok=True)
        for folder in reversed(made[1:]):
            os.rmdir(folder)


def test_a_folder_deeper_than_a_path_is_long(tmp_path, monkeypatch):
    source = write_folder(tmp_path / "a", REST)
    monkeypatch.chdir(source)
    for _ in range(17):
        os.mkdir("x" * 250)
        os.chdir("x" * 250)
    Path("0.png").write_bytes(GOOD)
    monkeypatch.chdir(tmp_path)
    manifest = prepare.build_splits([source], tmp_path / "data", max_bad=0, processes=1)
    assert (manifest["ignored_files"], manifest["skipped"]) == (1, [])


@pytest.mark.parametrize("kind", MEMBERS)
def test_a_member_that_cannot_be_read_is_listed(tmp_path, kind):
    entry, reason = MEMBERS[kind]
    manifest = prepare.build_splits(
        [raw_zip(tmp_path / "a.zip", [*harmless(), entry])],
        tmp_path / "data",
        max_bad=1,
        processes=1,
    )
    if kind == "declared larger":  # it is all there all the same
        assert manifest["skipped"] == []
        return
    (line,) = manifest["skipped"]
    assert line.startswith("a.zip:x/0.png: ")
    assert reason in line
    assert len(line.splitlines()) == 1
    assert manifest["ignored_files"] == 0
    assert len(stored(tmp_path / "data")) == PEOPLE


def test_members_that_overlap_are_read_one_by_one(tmp_path):
    """A hundred directory entries for one member: a small zip that would be a large one."""
    more = [Entry(f"x{k}/0.png", b"", offset=0, size=len(REST["0/0.png"])) for k in range(100)]
    manifest = prepare.build_splits(
        [raw_zip(tmp_path / "a.zip", [*harmless(), *more])],
        tmp_path / "data",
        max_bad=1,
        processes=1,
    )
    assert len(manifest["skipped"]) == 100
    assert all("and header b'0/0.png' differ." in line for line in manifest["skipped"])


# zips that can't be opened


def refuse(tmp_path: Path, source: Path, capsys) -> str:
    """Run `prepare`, which must fail with one line and leave nothing; return the line."""
    out = tmp_path / "data"
    command = ["prepare", "--source", str(source), "--out", str(out), "--processes", "1"]
    assert cli.main(command) == 1
    error = capsys.readouterr().err
    assert error.startswith("colorkit: ")
    assert error.count("\n") == 1
    assert not list((tmp_path / "data").glob("**/*"))
    return error


def test_a_zip_cut_anywhere_is_one_clear_error(tmp_path, capsys):
    whole = write_zip(tmp_path / "a.zip", REST).read_bytes()
    for cut in [*range(0, len(whole), 251), len(whole) - 21, len(whole) - 1]:
        (tmp_path / "a.zip").write_bytes(whole[:cut])
        assert "a.zip is not a whole zip" in refuse(tmp_path, tmp_path / "a.zip", capsys)


ZIPS = {
    "a page": lambda path: path.write_bytes(b"<html>quota exceeded</html>" * 99),
    "a version to come": lambda path: raw_zip(path, [*harmless(), Entry("x/0.png", version=99)]),
    "a name said to be UTF-8": lambda path: raw_zip(
        path, [*harmless(), Entry(b"\xff/0.png", flags=0x800)]
    ),
    "a directory said to be longer": lambda path: raw_zip(path, harmless(), directory_size=1 << 30),
    "a directory said to be shorter": lambda path: raw_zip(path, harmless(), directory_size=50),
    "a directory said to be empty": lambda path: raw_zip(path, harmless(), directory_size=0),
    "no members": lambda path: raw_zip(path, []),
    "nothing but strays": lambda path: raw_zip(path, [Entry("../0/0.png"), Entry("readme.txt")]),
}


@pytest.mark.parametrize("kind", ZIPS)
def test_a_zip_that_cannot_be_opened_is_one_clear_error(tmp_path, capsys, kind):
    ZIPS[kind](tmp_path / "a.zip")
    empty = ("a directory said to be empty", "no members", "nothing but strays")
    reason = "no faces in" if kind in empty else "is not a whole zip"
    reason = "is a web page, not a zip" if kind == "a page" else reason
    assert reason in refuse(tmp_path, tmp_path / "a.zip", capsys)


def test_a_zip_damaged_at_random_gives_faces_reasons_or_one_error(tmp_path):
    source = write_zip(
        tmp_path / "a.zip",
        {f"{who}/0.png": encode(picture(who)) for who in range(3)},
        zipfile.ZIP_DEFLATED,
    )
    good = source.read_bytes()
    chance = random.Random(0)
    headers = good.index(b"PK\1\2")
    outcomes = {"faces": 0, "reasons": 0, "errors": 0}
    said = []
    for _ in range(400):
        data = bytearray(good)
        for _ in range(chance.choice((1, 1, 2, 4))):
            at = chance.randrange(headers if chance.random() < 0.7 else 0, len(data))
            if chance.random() < 0.5:
                data[at] = chance.randrange(256)
            else:
                data[at : at + 4] = struct.pack(
                    "<I", chance.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1))
                )
        source.write_bytes(data)
        try:
            found = faces.index_faces([source]).identities.values()
            for face in (face for members in found for _, face in faces.read_faces(members)):
                outcomes["reasons" if isinstance(face, faces.BadFaceError) else "faces"] += 1
                said += [str(face)] if isinstance(face, faces.BadFaceError) else []
        except KitError as bad:
            outcomes["errors"] += 1
            said.append(str(bad))
    assert all(len(line.splitlines()) == 1 for line in said)
    assert min(outcomes.values()) > 50, outcomes
