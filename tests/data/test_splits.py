"""Splits are verified before they are opened, and made or fetched where there are none."""

import json
import pickle

import numpy as np
import pytest
from drives import StandInDrive
from helpers import FACES, flip_byte, people, write_zip

from colorkit import files
from colorkit.data import pickles, prepare, splits, splits_manifest
from colorkit.errors import KitError

NAMES = ("train", "val", "test")


@pytest.fixture
def folder(tmp_path):
    """Splits of twelve people, 10, 1 and 1: small enough to be made for each test."""
    out = tmp_path / "data"
    prepare.build_splits([write_zip(tmp_path / "faces.zip", people(12))], out)
    return out


def sign(folder, name: str = "train") -> None:
    """Write a file's own hash and size into the manifest, as a forger of a folder could."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    path = folder / f"{name}.pkl"
    manifest["splits"][name]["files"] = [
        {"name": path.name, "sha256": files.sha256(path), "bytes": path.stat().st_size}
    ]
    files.write_json(folder / "manifest.json", manifest)


# verifying


def test_verify_gives_a_line_for_each_file(data):
    lines = splits_manifest.verify_splits(data)
    assert [line.split(":")[0] for line in lines] == ["train.pkl", "val.pkl", "test.pkl"]


def forbid_unpickling(monkeypatch) -> None:
    def forbidden(*_):
        raise AssertionError("a file reached the unpickler")

    for place, name in (
        (pickles, "load_pickle"),
        (pickles, "_Unpickler"),
        (pickle, "load"),
        (pickle, "loads"),
        (pickle, "Unpickler"),
    ):
        monkeypatch.setattr(place, name, forbidden)


@pytest.mark.parametrize(
    "damage",
    [
        flip_byte,
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b""),
    ],
)
def test_a_damaged_file_is_refused_before_unpickling(folder, monkeypatch, damage):
    damage(folder / "train.pkl")
    forbid_unpickling(monkeypatch)
    with pytest.raises(KitError, match=r"train\.pkl differs from its manifest"):
        splits.load_split(folder, "train")
    with pytest.raises(KitError, match=r"train\.pkl differs from its manifest"):
        splits_manifest.verify_splits(folder)


def test_the_guard_above_would_notice(folder, monkeypatch):
    """The counter-check: a whole file does reach the unpickler that was forbidden."""
    forbid_unpickling(monkeypatch)
    with pytest.raises(KitError, match="reached the unpickler"):
        splits.load_split(folder, "train")


def test_a_missing_file(folder):
    (folder / "val.pkl").unlink()
    for refuse in (splits_manifest.verify_splits, lambda f: splits.load_split(f, "val")):
        with pytest.raises(KitError, match=r"val\.pkl is missing"):
            refuse(folder)
    assert len(splits.load_split(folder, "train")) == 10


def test_no_splits_at_all(tmp_path):
    with pytest.raises(KitError, match=r"no splits in .*colorkit prepare"):
        splits.load_split(tmp_path, "train")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"format": 99, "splits": {"train": 0, "val": 0, "test": 0}}',
        '{"format": 1, "splits": {"a": 0}}',
    ],
)
def test_a_manifest_of_something_else(folder, text):
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(KitError, match="is not a manifest of this kit"):
        splits.load_split(folder, "train")


@pytest.mark.parametrize(
    "entry",
    [
        "{}",
        '{"images": 10}',
        '{"images": 10, "files": [{"name": "train.pkl"}]}',
        '{"images": 10, "files": []}',
        '{"images": 0, "files": []}',
        '{"images": 1.5, "files": [{"name": "train.pkl", "sha256": "", "bytes": 1}]}',
        '{"images": 10, "files": [{"name": 5, "sha256": "", "bytes": 1}]}',
        '{"images": 10, "files": [{"name": "train.pkl", "sha256": "", "bytes": "1"}]}',
    ],
)
def test_a_manifest_with_holes(folder, entry):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["splits"]["train"] = json.loads(entry)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(KitError):
        splits.load_split(folder, "train")


@pytest.mark.parametrize("images", [10**11, 10**30])
def test_more_faces_than_memory(folder, images):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["splits"]["train"]["images"] = images
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(
        KitError, match=r"train takes [0-9.,]+ GB, more than this machine gives: prepare fewer"
    ):
        splits.load_split(folder, "train")


def test_a_manifest_can_not_point_out_of_its_folder(tmp_path, folder):
    (folder / "train.pkl").rename(tmp_path / "train.pkl")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["splits"]["train"]["files"][0]["name"] = "../train.pkl"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(KitError, match="missing"):
        splits.load_split(folder, "train")


# what a signed file may hold (what may do harm: faults/test_hostile_pickles.py)

LAB, WHO = np.zeros((10, 112, 112, 3), np.uint8), np.array(["a"] * 10)


@pytest.mark.parametrize(
    "content",
    [
        {"lab": LAB.astype(np.float32), "identities": WHO},
        {"lab": LAB[..., :2].copy(), "identities": WHO},
        {"lab": LAB[:, :50].copy(), "identities": WHO},
        {"lab": LAB, "identities": np.arange(10)},
        {"lab": LAB, "identities": WHO[:, None].copy()},
        {"lab": LAB, "identities": WHO[:9].copy()},
        {"lab": LAB[:9], "identities": WHO[:9].copy()},
        {"lab": np.repeat(LAB, 2, 0), "identities": np.repeat(WHO, 2)},
        {"lab": LAB},
        {"lab": "text", "identities": WHO},
        [1, 2],
        None,
    ],
)
def test_a_signed_pickle_of_other_things_is_refused(folder, content):
    (folder / "train.pkl").write_bytes(pickle.dumps(content, protocol=5))
    sign(folder)
    with pytest.raises(KitError):
        splits.load_split(folder, "train")


def test_what_is_not_a_pickle_is_refused(folder):
    (folder / "train.pkl").write_bytes(b"<html>quota exceeded</html>")
    sign(folder)
    with pytest.raises(KitError, match="not a split of this kit"):
        splits.load_split(folder, "train")


def test_names_of_numpy_1_are_accepted(folder):
    """NumPy 1 called the module numpy.core.numeric."""
    data = (folder / "train.pkl").read_bytes()
    new = b"\x8c\x13numpy._core.numeric"
    assert data.count(new) == 1
    # a pickle frames its opcodes: one byte less in the frame
    old = data.replace(new, b"\x8c\x12numpy.core.numeric")
    frame = data.index(b"\x95")
    length = int.from_bytes(data[frame + 1 : frame + 9], "little")
    old = old[: frame + 1] + (length - 1).to_bytes(8, "little") + old[frame + 9 :]
    expected = splits.load_split(folder, "train")
    (folder / "train.pkl").write_bytes(old)
    sign(folder)
    loaded = splits.load_split(folder, "train")
    assert np.array_equal(loaded.lab, expected.lab)
    assert np.array_equal(loaded.identities, expected.identities)


def test_ensure_makes_splits_once_and_then_finds_them(tmp_path, capsys):
    source = str(write_zip(tmp_path / "faces.zip", people(12)))
    made = splits.load_splits(tmp_path / "data", source)
    assert (
        capsys.readouterr().out.strip()
        == "splits made: 10 faces to train, 1 to validate, 1 to test"
    )
    stamp = (tmp_path / "data" / "train.pkl").stat().st_mtime_ns
    found = splits.load_splits(tmp_path / "data", source, limit=10)
    assert (
        capsys.readouterr().out.strip()
        == "splits found: 10 faces to train, 1 to validate, 1 to test"
    )
    assert (tmp_path / "data" / "train.pkl").stat().st_mtime_ns == stamp
    assert all(np.array_equal(one.lab, other.lab) for one, other in zip(made, found, strict=True))
    train, _, _ = splits.load_splits(tmp_path / "data", source, limit=10, rebuild=True)
    assert len(train) == 8


def test_digest_changes_with_training_and_validation_faces_only(folder):
    before = splits.digest(folder)
    for name, changes in (("test", False), ("train", True), ("val", True)):
        flip_byte(folder / f"{name}.pkl")
        sign(folder, name)
        after = splits.digest(folder)
        assert (after != before) == changes
        before = after


def test_a_source_that_is_nothing_is_refused_before_anything_is_fetched(tmp_path):
    with pytest.raises(
        KitError, match=r"^shared is not a zip or folder here, .* \(faces, five_lights, digiface-1"
    ):
        splits.prepare_splits(
            ["digiface-1", "shared"], tmp_path, lambda _: pytest.fail("nothing to consent to")
        )


def test_without_drive_nothing_is_made_in_its_place(tmp_path, monkeypatch):
    """Splits on a lost Drive aren't missing, and a file in its place would block the next mount."""
    drive = StandInDrive(tmp_path, monkeypatch)
    drive.mount()
    drive.unmount()
    out = drive.folder / "MyDrive" / "colorkit" / "data"
    accept = pytest.fail  # of a licence
    for action in (
        lambda: splits.load_splits(out, limit=10),
        lambda: splits.prepare_splits([str(FACES)], out, accept, limit=10),
        lambda: splits.read_manifest(out),
    ):
        with pytest.raises(KitError, match="can't be seen"):
            action()
    assert list(drive.folder.iterdir()) == []
