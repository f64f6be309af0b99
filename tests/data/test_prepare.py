"""From faces to splits: who goes where, what is written, and what happens when it fails."""

import json
import os
import pickle
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from helpers import FACES, encode, people, picture, write_folder, write_zip

from colorkit import color, files
from colorkit.data import faces, out_folder, prepare, splits, splits_manifest
from colorkit.errors import KitError

NAMES = ("train", "val", "test")


def index_of(count: int, pictures: int = 1) -> faces.Index:
    """An index of pictures that need not exist: choosing decodes nothing."""
    return faces.Index(
        {
            str(who): [faces.Member(FACES, f"{who}/{k}.png", str(who)) for k in range(pictures)]
            for who in range(count)
        },
        0,
        [],
    )


def names_of(chosen: dict) -> dict[str, list[str]]:
    return {split: [member.name for member in members] for split, members in chosen.items()}


def who_of(chosen: dict) -> dict[str, list[str]]:
    return {
        split: [member.name.split("/")[0] for member in members]
        for split, members in chosen.items()
    }


@pytest.fixture
def folder(tmp_path):
    """Splits of twelve people, 10, 1 and 1: small enough to be made for each test."""
    out = tmp_path / "data"
    prepare.build_splits([write_zip(tmp_path / "faces.zip", people(12))], out)
    return out


# choosing


def test_golden_order():
    """The same on every machine, for every NumPy: the SHA-256 of [seed, identity] decides."""
    who = who_of(prepare.choose(index_of(30), seed=0))
    assert who["train"][:8] == ["1", "6", "3", "28", "25", "13", "23", "27"]
    assert who["val"] == ["26", "10", "11"]
    assert who["test"] == ["4", "18", "22"]


def test_golden_picture_of_an_identity():
    chosen = names_of(prepare.choose(index_of(10, pictures=3)))
    assert {"0/2.png", "1/1.png", "2/2.png"} < {
        name for members in chosen.values() for name in members
    }


def test_another_seed_is_another_order():
    assert who_of(prepare.choose(index_of(30), seed=1))["train"][:4] == ["24", "28", "5", "17"]


def test_the_order_of_the_source_does_not_matter():
    index = index_of(30)
    turned = index._replace(identities=dict(reversed(index.identities.items())))
    assert prepare.choose(index) == prepare.choose(turned)


@pytest.mark.parametrize("count", [10, 33, 1200])
def test_80_10_10_by_identity(count):
    who = who_of(prepare.choose(index_of(count, pictures=3), per_identity=2))
    sets = [set(who[name]) for name in NAMES]
    assert [len(s) for s in sets] == pytest.approx([0.8 * count, 0.1 * count, 0.1 * count], abs=1)
    assert sorted(set.union(*sets), key=int) == [str(i) for i in range(count)]
    assert sum(map(len, sets)) == count  # so nobody is in two splits


def test_one_picture_of_an_identity_unless_asked():
    one, two, nine = (
        names_of(prepare.choose(index_of(20, pictures=3), per_identity=k)) for k in (1, 2, 9)
    )
    assert [sum(map(len, chosen.values())) for chosen in (one, two, nine)] == [20, 40, 60]
    assert set(one["train"]) < set(two["train"]) < set(nine["train"])


def test_limit_takes_the_first_of_the_same_order():
    everyone, some = (
        who_of(prepare.choose(index_of(30))),
        who_of(prepare.choose(index_of(30), limit=10)),
    )
    assert some["train"] + some["val"] + some["test"] == everyone["train"][:10]


def test_too_few():
    with pytest.raises(KitError, match="9 identities are too few"):
        prepare.choose(index_of(9))
    with pytest.raises(KitError, match="9 identities are too few"):
        prepare.choose(index_of(30), limit=9)


# building


def test_manifest_of_a_build(data):
    manifest = json.loads((data / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["format"] == 1
    assert manifest["settings"] == {
        "sources": ["faces.zip"],
        "seed": 0,
        "per_identity": 1,
        "limit": 40,
    }
    assert (manifest["ignored_files"], manifest["transparent_pixels"], manifest["skipped"]) == (
        1,
        0,
        [],
    )  # ground_truth.csv
    assert {name: split["images"] for name, split in manifest["splits"].items()} == {
        "train": 32,
        "val": 4,
        "test": 4,
    }
    for name, split in manifest["splits"].items():
        (entry,) = split["files"]
        path = data / f"{name}.pkl"
        assert entry == {
            "name": path.name,
            "sha256": files.sha256(path),
            "bytes": path.stat().st_size,
        }


def test_loading_gives_what_was_chosen_and_converted(data):
    chosen = prepare.choose(faces.index_faces([FACES]), limit=40)
    for name in NAMES:
        split = splits.load_split(data, name)
        assert list(split.identities) == who_of(chosen)[name]
        pixels = np.stack([face.rgb for _, face in faces.read_faces(chosen[name])])
        assert np.array_equal(split.lab, color.to_storage(color.rgb_to_lab(pixels)))


def test_a_split_file_is_a_plain_pickle(data):
    """The format that others script against: what pickle.load gives."""
    with open(data / "train.pkl", "rb") as stream:
        content = pickle.load(stream)
    assert sorted(content) == ["identities", "lab"]
    assert (content["lab"].dtype, content["lab"].shape) == (np.uint8, (32, 112, 112, 3))
    assert content["identities"].shape == (32,)


def test_what_a_split_gives(train):
    assert (train.L.dtype, train.L.shape) == (np.uint8, (32, 112, 112, 1))
    assert (train.ab.dtype, train.ab.shape) == (np.float32, (32, 112, 112, 2))
    assert (train.rgb.dtype, train.rgb.shape) == (np.uint8, (32, 112, 112, 3))
    assert np.array_equal(train.L[..., 0], train.lab[..., 0])
    assert np.array_equal(train.ab + 128, train.lab[..., 1:])
    assert -20 < train.ab.mean() < 40  # CIELAB units, not storage codes
    assert np.array_equal(train.rgb[3], color.compose(train.L[3], train.ab[3]))
    assert len(train) == 32
    assert len(train.take(None)) == 32
    assert np.array_equal(train.take(5).lab, train.lab[:5])
    assert np.array_equal(train.take(5).identities, train.identities[:5])


def test_zip_and_folder_and_a_second_build_give_the_same_bytes(tmp_path, folder):
    source = write_folder(tmp_path / "faces", people(12))
    prepare.build_splits([source], tmp_path / "second")
    for name in NAMES:
        assert (folder / f"{name}.pkl").read_bytes() == (
            tmp_path / "second" / f"{name}.pkl"
        ).read_bytes()


def test_bad_pictures_are_listed_left_out_and_counted(tmp_path):
    rgba = np.dstack([picture(), np.full((112, 112), 255, np.uint8)])
    rgba[0, :7] = 0
    members = people(20) | {"3/0.png": b"", "4/0.png": encode(rgba), "notes.txt": b"x"}
    out = tmp_path / "data"
    manifest = prepare.build_splits([write_zip(tmp_path / "faces.zip", members)], out, max_bad=0.05)
    assert [line.split(": ")[0] for line in manifest["skipped"]] == ["faces.zip:3/0.png"]
    assert manifest["transparent_pixels"] == 7
    assert manifest["ignored_files"] == 1
    loaded = [splits.load_split(out, name) for name in NAMES]
    assert sum(map(len, loaded)) == 19
    assert "3" not in np.concatenate([split.identities for split in loaded])
    assert manifest == json.loads((out / "manifest.json").read_text(encoding="utf-8"))


def test_too_many_bad_ones_stop_before_anything_is_replaced(tmp_path, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    bad = write_zip(tmp_path / "bad.zip", people(20) | {"3/0.png": b"", "4/0.png": b""})
    with pytest.raises(
        KitError,
        match=r"2 or more of 20 pictures.*--max-bad 0.05.*"
        r"the first: bad.zip:[34]/0.png: can't be decoded",
    ):
        prepare.build_splits([bad], folder, max_bad=0.05)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_first_source_wins_where_two_hold_the_same_name(tmp_path):
    """In every process, whatever its hash seed: `choose` promises the same on every machine."""
    sources = [write_folder(tmp_path / name, people(12)) for name in ("b", "a")]
    chosen = [
        member
        for members in prepare.choose(faces.index_faces(sources)).values()
        for member in members
    ]
    assert {member.source.name for member in chosen} == {"b"}


def test_two_builds_in_one_folder_do_not_meet(tmp_path, folder, monkeypatch):
    other = write_zip(tmp_path / "other.zip", people(20))
    replace = out_folder.replace

    def while_another_builds(growing, out, manifest):
        monkeypatch.setattr(out_folder, "replace", replace)
        prepare.build_splits([other], out, seed=1)
        replace(growing, out, manifest)

    monkeypatch.setattr(out_folder, "replace", while_another_builds)
    prepare.build_splits([other], folder)
    assert len(splits_manifest.verify_splits(folder)) == 3
    assert not list(folder.glob(".*"))


def test_what_a_killed_build_left_is_removed_when_it_is_old(tmp_path, folder):
    for name, age in ((".unfinished-old", 2 * out_folder.STALE), (".unfinished-new", 0)):
        (folder / name).mkdir()
        (folder / name / "train-00.pkl").write_bytes(b"half")
        os.utime(folder / name, (time.time() - age,) * 2)
    prepare.build_splits([write_zip(tmp_path / "other.zip", people(20))], folder)
    assert [path.name for path in folder.glob(".*")] == [".unfinished-new"]


def test_what_stops_while_files_are_replaced_is_not_taken_for_splits(tmp_path, folder, monkeypatch):
    """Old and new files lie side by side then; without a manifest they are made again."""
    other = write_zip(tmp_path / "other.zip", people(20))
    move, moved = Path.replace, []

    def stop_at_the_second(self, target):
        if Path(target).parent == folder and Path(target).suffix == ".pkl":
            moved.append(target)
            if len(moved) == 2:
                raise KeyboardInterrupt
        return move(self, target)

    monkeypatch.setattr(Path, "replace", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        prepare.build_splits([other], folder)
    assert not (folder / "manifest.json").exists()
    assert not list(folder.glob(".*"))


def test_parts_load_equal(tmp_path, monkeypatch, data):
    monkeypatch.setattr(prepare, "PART_BYTES", 5 * prepare.IMAGE_BYTES + 1000)
    manifest = prepare.build_splits([FACES], tmp_path, limit=40)
    entries = manifest["splits"]["train"]["files"]
    assert [entry["name"] for entry in entries] == [f"train-{i:02d}.pkl" for i in range(7)]
    assert max(entry["bytes"] for entry in entries) < 6 * prepare.IMAGE_BYTES
    whole, joined = splits.load_split(data, "train"), splits.load_split(tmp_path, "train")
    assert np.array_equal(whole.lab, joined.lab)
    assert np.array_equal(whole.identities, joined.identities)
    assert len(splits_manifest.verify_splits(tmp_path)) == 9


def test_no_more_memory_is_taken_than_there_are_faces(tmp_path, monkeypatch):
    new_part, sizes = prepare._new_part, []
    monkeypatch.setattr(prepare, "_new_part", lambda size: sizes.append(size) or new_part(size))
    prepare.build_splits([write_zip(tmp_path / "a.zip", people(20))], tmp_path / "data")
    assert sizes == [16, 2, 2]


@pytest.mark.needs("signals")
def test_ctrl_c_while_the_last_part_is_written_leaves_nothing(tmp_path, monkeypatch):
    write = prepare._write_part

    def slowly(path, part):
        if path.name.startswith("test"):
            time.sleep(0.2)  # till the main thread waits for this one
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            time.sleep(0.2)  # till it would have given up
        return write(path, part)

    monkeypatch.setattr(prepare, "_write_part", slowly)
    source = write_zip(tmp_path / "a.zip", people(20))
    with pytest.raises(KeyboardInterrupt):
        prepare.build_splits([source], tmp_path / "data")
    time.sleep(0.3)
    assert not (tmp_path / "data").exists()
