"""Sharing splits on Google Drive: the manifest, what the teacher reads, what students get."""

import json
import subprocess
import sys

import numpy as np
import pytest
from helpers import KIT, flip_byte, people, write_zip
from hosts import drive

from colorkit import files
from colorkit.data import manifest, manifest_file, prepare, splits
from colorkit.errors import KitError
from tools import share_splits

FILES = ["train.pkl", "val.pkl", "test.pkl", "manifest.json"]
NAMES = [f"shared/{file}" for file in FILES]


@pytest.fixture
def folder(tmp_path):
    """A teacher's splits of twelve people."""
    prepare.build_splits([write_zip(tmp_path / "faces.zip", people(12))], tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def target(tmp_path):
    """A copy of the kit's manifest."""
    path = tmp_path / "m.json"
    path.write_bytes(manifest.DATA_MANIFEST.read_bytes())
    return path


def content(target) -> dict:
    """Read a manifest."""
    return json.loads(target.read_text(encoding="utf-8"))


def make_id(name: str) -> str:
    """Make up the id of an entry's file on Google Drive."""
    return f"id-of-{name}".replace("/", "-").replace(".", "-")


def fill_in(target, *names: str) -> None:
    """Paste an id for each of these entries, as a teacher does by hand."""
    filled = content(target)
    for name in names:
        filled["files"][name]["gdown_id"] = make_id(name)
    target.write_text(json.dumps(filled), encoding="utf-8")


def run(capsys, *argv) -> list[str]:
    """Share splits; return the printed lines."""
    assert share_splits.main([str(argument) for argument in argv]) == 0
    return capsys.readouterr().out.splitlines()


# the manifest


def test_an_entry_for_each_file_and_a_group_of_them(folder, target, capsys):
    before = content(target)
    run(capsys, folder, "--name", "shared", "--manifest", target, "--licence", "for my class only")
    after = content(target)
    for name, file in zip(NAMES, FILES, strict=True):
        path = folder / file
        assert after["files"].pop(name) == {
            "path": file,
            "sha256": files.sha256(path),
            "bytes": path.stat().st_size,
            "licence": "for my class only",
            "gdown_id": "",
            "ask": True,
        }
    assert after["groups"].pop("shared") == {
        "kind": "splits",
        "files": NAMES,
    }  # the splits' manifest comes last
    assert after == before
    assert target.read_text(encoding="utf-8").startswith('{\n  "files": {\n    "faces": {')


def test_parts_of_a_large_split_are_all_listed(tmp_path, target, monkeypatch):
    monkeypatch.setattr(prepare, "PART_BYTES", 4 * prepare.IMAGE_BYTES)
    prepare.build_splits([write_zip(tmp_path / "faces.zip", people(12))], tmp_path / "parts")
    entries = share_splits.share(tmp_path / "parts", "big", target)
    parts = ["train-00.pkl", "train-01.pkl", "train-02.pkl", "val.pkl", "test.pkl", "manifest.json"]
    assert (
        list(entries)
        == content(target)["groups"]["big"]["files"]
        == [f"big/{file}" for file in parts]
    )


def test_ids_stay_where_the_file_is_the_same(folder, target):
    share_splits.share(folder, "shared", target, "for my class only")
    fill_in(target, *NAMES)
    share_splits.share(folder, "shared", target)
    assert [content(target)["files"][name]["gdown_id"] for name in NAMES] == [
        make_id(name) for name in NAMES
    ]
    assert {content(target)["files"][name]["licence"] for name in NAMES} == {"for my class only"}

    flip_byte(folder / "val.pkl", 5000)  # of a pixel
    inside = content(folder / "manifest.json")
    inside["splits"]["val"]["files"][0]["sha256"] = files.sha256(folder / "val.pkl")
    files.write_json(folder / "manifest.json", inside)
    share_splits.share(folder, "shared", target)
    ids = [content(target)["files"][name]["gdown_id"] for name in NAMES]
    assert ids == ["id-of-shared-train-pkl", "", "id-of-shared-test-pkl", ""]


def paste(target, *texts: str) -> None:
    """Paste a text for each entry, as a teacher does by hand."""
    filled = content(target)
    for name, text in zip(NAMES, texts, strict=True):
        filled["files"][name]["gdown_id"] = text
    target.write_text(json.dumps(filled), encoding="utf-8")


@pytest.mark.parametrize(
    "link",
    [
        "https://drive.google.com/file/d/{}/view?usp=sharing",
        "https://drive.google.com/open?id={}&authuser=0",
        "https://drive.google.com/uc?export=download&id={}",
        " {} ",
    ],
)
def test_the_id_is_taken_out_of_a_link(folder, target, link):
    share_splits.share(folder, "shared", target)
    paste(target, *(link.format(make_id(name)) for name in NAMES))
    share_splits.share(folder, "shared", target)
    ids = [content(target)["files"][name]["gdown_id"] for name in NAMES]
    assert ids == [make_id(name) for name in NAMES]


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (
            ("https://drive.google.com/drive/folders/abc", "", "", ""),
            "expected the link of a file on Google Drive or its id, got 'https://drive",
        ),
        (
            ("to do", "", "", ""),
            "expected the link of a file on Google Drive or its id, got 'to do'",
        ),
        (("abc", "abc", "", ""), "two files have the gdown_id abc: each has its own"),
    ],
)
def test_what_is_no_id_is_refused_and_nothing_is_lost(folder, target, capsys, texts, problem):
    share_splits.share(folder, "shared", target)
    paste(target, *texts)
    before = target.read_bytes()
    assert share_splits.main([str(folder), "--manifest", str(target)]) == 1
    assert problem in capsys.readouterr().err
    assert target.read_bytes() == before


def test_entries_of_files_that_are_gone_go_too(tmp_path, folder, target, monkeypatch):
    share_splits.share(folder, "shared", target)
    share_splits.share(folder, "shared-2", target)
    monkeypatch.setattr(prepare, "PART_BYTES", 4 * prepare.IMAGE_BYTES)
    prepare.build_splits([tmp_path / "faces.zip"], folder)
    share_splits.share(folder, "shared", target)
    after = content(target)
    assert "shared/train.pkl" not in after["files"]
    assert "shared/train-02.pkl" in after["files"]
    assert "shared-2/train.pkl" in after["files"]
    assert set(after["groups"]) == {"digiface", "shared", "shared-2"}


# what the teacher reads


def test_the_steps_name_what_is_missing(folder, target, capsys):
    name = ["python -m colorkit prepare --source shared", 'or SOURCE = "shared" in lesson 01']
    printed = run(capsys, folder, "--manifest", target)
    assert printed[0].startswith("4 files of 'shared', ")
    assert [line[:2] for line in printed if line[:1].isdigit()][1:] == [
        "1.",
        "2.",
        "3.",
        "4.",
        "5.",
    ]
    assert details(printed) == [str(folder / file) for file in FILES] + NAMES + name
    assert any("Anyone with the link" in line for line in printed)
    assert printed[-1].endswith(
        ": pass them on only with attribution and to people bound by the same terms."
    )

    fill_in(target, *NAMES[1:])
    assert details(run(capsys, folder, "--manifest", target)) == [
        str(folder / "train.pkl"),
        "shared/train.pkl",
        *name,
    ]

    fill_in(target, *NAMES)
    printed = run(capsys, folder, "--manifest", target)
    assert details(printed) == name
    assert "R-UDA" in printed[-1]


def details(printed: list[str]) -> list[str]:
    """Return the details of all printed steps."""
    return [line.strip() for line in printed if line.startswith("     ")]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("faces", "faces is already the name of other data"),
        ("digiface", "digiface is already the name of other data"),
        ("my/splits", "not a name"),
        ("", "not a name"),
        ("--name", "not a name"),
    ],
)
def test_a_name_that_can_not_be_is_refused(folder, target, name, reason):
    before = target.read_bytes()
    with pytest.raises(KitError, match=reason):
        share_splits.share(folder, name, target)
    assert target.read_bytes() == before


def test_damaged_splits_are_not_shared(folder, target, capsys):
    before = target.read_bytes()
    flip_byte(folder / "test.pkl")
    assert share_splits.main([str(folder), "--manifest", str(target)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("share_splits: ")
    assert "test.pkl differs from its manifest" in error
    assert error.count("\n") == 1
    assert target.read_bytes() == before


def test_as_a_program(tmp_path):
    command = [sys.executable, "tools/share_splits.py", str(tmp_path)]
    done = subprocess.run(command, cwd=KIT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"share_splits: no splits in {tmp_path}")


# from the teacher's Drive to a student


@pytest.fixture
def on_drive(folder, target, monkeypatch):
    """The bytes on Drive by id, after the splits were shared and uploaded.

    The student's kit reads the teacher's manifest.
    """
    share_splits.share(folder, "shared", target)
    fill_in(target, *NAMES)
    stored = {
        make_id(name): (folder / file).read_bytes() for name, file in zip(NAMES, FILES, strict=True)
    }
    drive(
        monkeypatch,
        lambda identifier, output: output.write_bytes(stored[identifier]) and str(output),
    )
    read = manifest_file.read
    monkeypatch.setattr(manifest_file, "read", lambda _: read(target))
    return stored


def test_students_get_the_same_splits(folder, on_drive, tmp_path):
    out = tmp_path / "student"
    result = splits.prepare_splits(
        ["shared"], out, lambda _: pytest.fail("nothing asks for consent"), limit=None, processes=2
    )
    assert result == splits.read_manifest(folder)
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    for name in prepare.SPLIT_NAMES:
        one, other = splits.load_split(out, name), splits.load_split(folder, name)
        assert np.array_equal(one.lab, other.lab)
        assert np.array_equal(one.identities, other.identities)
    on_drive.clear()
    assert len(splits.load_splits(out, "shared")[0]) == 10


def test_a_file_altered_on_drive_is_refused(on_drive, tmp_path, capsys):
    good = on_drive["id-of-shared-test-pkl"]
    on_drive["id-of-shared-test-pkl"] = good[:-1] + bytes([good[-1] ^ 1])
    out = tmp_path / "student"
    message = (
        r"shared/test\.pkl could not be fetched: what came has another SHA-256 than the manifest"
    )
    with pytest.raises(KitError, match=f"{message}; open drive"):
        splits.load_splits(out, "shared")
    (room,) = out.iterdir()
    assert sorted(path.name for path in room.iterdir()) == [
        "train.pkl",
        "val.pkl",
    ]  # kept for the next try
    on_drive["id-of-shared-test-pkl"] = good
    del on_drive["id-of-shared-train-pkl"]  # which is not asked for again
    assert len(splits.load_splits(out, "shared")[2]) == 1
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)


def test_shared_splits_replace_others_when_all_have_come(on_drive, tmp_path):
    out = tmp_path / "student"
    splits.load_splits(out, str(write_zip(tmp_path / "own.zip", people(30))))
    own = {path.name: path.read_bytes() for path in out.iterdir()}
    lost = on_drive.pop("id-of-shared-test-pkl")
    with pytest.raises(KitError, match="could not be fetched"):
        splits.load_splits(out, "shared", rebuild=True)
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == own
    on_drive["id-of-shared-test-pkl"] = lost
    assert len(splits.load_splits(out, "shared", rebuild=True)[0]) == 10


def test_a_profile_does_not_limit_shared_splits(on_drive, tmp_path):
    assert len(splits.load_splits(tmp_path / "student", "shared", limit=25_000)[0]) == 10


def test_a_licence_that_is_given_is_asked_for(folder, target):
    assert not any(
        entry.get("ask") for entry in share_splits.share(folder, "shared", target).values()
    )
    entries = share_splits.share(
        folder, "shared", target, "R-UDA v1.0: non-commercial research only"
    )
    assert all(entry["ask"] for entry in entries.values())
    assert all(entry["ask"] for entry in share_splits.share(folder, "shared", target).values())
