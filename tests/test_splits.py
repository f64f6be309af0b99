import functools
import json
import os
import pickle

import numpy as np
import pytest
from helpers import FACES, encode, flip_byte, people, picture, write_folder, write_zip

from colorkit import color, faces, files, pickles, splits
from colorkit.errors import KitError

NAMES = ("train", "val", "test")


def index_of(count: int, pictures: int = 1) -> faces.Index:
    """An index of pictures that need not exist: choosing decodes nothing."""
    return faces.Index({str(who): [faces.Member(FACES, f"{who}/{k}.png") for k in range(pictures)] for who in range(count)}, 0)


def names_of(chosen: dict) -> dict[str, list[str]]:
    return {split: [member.name for member in members] for split, members in chosen.items()}


def who_of(chosen: dict) -> dict[str, list[str]]:
    return {split: [member.name.split("/")[0] for member in members] for split, members in chosen.items()}


@pytest.fixture
def folder(tmp_path):
    """Splits of twelve people, 10, 1 and 1: small enough to damage anew for each test."""
    out = tmp_path / "data"
    splits.build([write_zip(tmp_path / "faces.zip", people(12))], out)
    return out


def sign(folder, name: str = "train") -> None:
    """Write a file's own hash and size into the manifest, as someone who hands on a prepared folder could."""
    manifest = json.loads((folder / "manifest.json").read_text())
    path = folder / f"{name}.pkl"
    manifest["splits"][name]["files"] = [{"name": path.name, "sha256": files.sha256(path), "bytes": path.stat().st_size}]
    files.write_json(folder / "manifest.json", manifest)


# choosing


def test_golden_order():
    """The same on every machine, for every NumPy: sha256 of the JSON of [seed, identity] decides, and 80/10/10 of 30 are 24, 3, 3."""
    who = who_of(splits.choose(index_of(30), seed=0))
    assert who["train"][:8] == ["1", "6", "3", "28", "25", "13", "23", "27"]
    assert who["val"] == ["26", "10", "11"]
    assert who["test"] == ["4", "18", "22"]


def test_golden_picture_of_an_identity():
    chosen = names_of(splits.choose(index_of(10, pictures=3)))
    assert {"0/2.png", "1/1.png", "2/2.png"} < {name for members in chosen.values() for name in members}


def test_another_seed_is_another_order():
    assert who_of(splits.choose(index_of(30), seed=1))["train"][:4] == ["24", "28", "5", "17"]


def test_the_order_of_the_source_does_not_matter():
    index = index_of(30)
    turned = faces.Index(dict(reversed(index.identities.items())), 0)
    assert splits.choose(index) == splits.choose(turned)


@pytest.mark.parametrize("count", [10, 33, 1200])
def test_80_10_10_by_identity(count):
    who = who_of(splits.choose(index_of(count, pictures=3), per_identity=2))
    sets = [set(who[name]) for name in NAMES]
    assert [len(s) for s in sets] == pytest.approx([0.8 * count, 0.1 * count, 0.1 * count], abs=1)
    assert sorted(set.union(*sets), key=int) == [str(i) for i in range(count)]
    assert sum(map(len, sets)) == count  # so nobody is in two splits


def test_one_picture_of_an_identity_unless_asked():
    one, two, nine = (names_of(splits.choose(index_of(20, pictures=3), per_identity=k)) for k in (1, 2, 9))
    assert [sum(map(len, chosen.values())) for chosen in (one, two, nine)] == [20, 40, 60]
    assert set(one["train"]) < set(two["train"]) < set(nine["train"])


def test_limit_takes_the_first_of_the_same_order():
    everyone, some = who_of(splits.choose(index_of(30))), who_of(splits.choose(index_of(30), limit=10))
    assert some["train"] + some["val"] + some["test"] == everyone["train"][:10]


def test_too_few():
    with pytest.raises(KitError, match="9 identities are too few"):
        splits.choose(index_of(9))
    with pytest.raises(KitError, match="9 identities are too few"):
        splits.choose(index_of(30), limit=9)


# building


def test_manifest_of_a_build(data):
    manifest = json.loads((data / "manifest.json").read_text())
    assert manifest["format"] == 1
    assert manifest["settings"] == {"sources": ["faces.zip"], "seed": 0, "per_identity": 1, "limit": 40}
    assert (manifest["ignored_files"], manifest["transparent_pixels"], manifest["skipped"]) == (0, 0, [])
    assert {name: split["images"] for name, split in manifest["splits"].items()} == {"train": 32, "val": 4, "test": 4}
    for name, split in manifest["splits"].items():
        (entry,) = split["files"]
        path = data / f"{name}.pkl"
        assert entry == {"name": path.name, "sha256": files.sha256(path), "bytes": path.stat().st_size}


def test_loading_gives_what_was_chosen_and_converted(data):
    chosen = splits.choose(faces.index([FACES]), limit=40)
    for name in NAMES:
        split = splits.load(data, name)
        assert list(split.identities) == who_of(chosen)[name]
        pixels = np.stack([face.rgb for _, face in faces.read(chosen[name])])
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
    splits.build([source], tmp_path / "second")
    for name in NAMES:
        assert (folder / f"{name}.pkl").read_bytes() == (tmp_path / "second" / f"{name}.pkl").read_bytes()


def test_bad_pictures_are_listed_left_out_and_counted(tmp_path):
    rgba = np.dstack([picture(), np.full((112, 112), 255, np.uint8)])
    rgba[0, :7] = 0
    members = people(20) | {"3/0.png": b"", "4/0.png": encode(rgba), "notes.txt": b"x"}
    out = tmp_path / "data"
    manifest = splits.build([write_zip(tmp_path / "faces.zip", members)], out, max_bad=0.05)
    assert [line.split(": ")[0] for line in manifest["skipped"]] == ["faces.zip:3/0.png"]
    assert manifest["transparent_pixels"] == 7
    assert manifest["ignored_files"] == 1
    loaded = [splits.load(out, name) for name in NAMES]
    assert sum(map(len, loaded)) == 19
    assert "3" not in np.concatenate([split.identities for split in loaded])
    assert manifest == json.loads((out / "manifest.json").read_text())


def test_too_many_bad_ones_stop_before_anything_is_replaced(tmp_path, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    bad = write_zip(tmp_path / "bad.zip", people(20) | {"3/0.png": b"", "4/0.png": b""})
    with pytest.raises(KitError, match=r"2 of 20 pictures.*--max-bad 0.05.*the first: bad.zip:[34]/0.png: can't be decoded"):
        splits.build([bad], folder, max_bad=0.05)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_parts_load_equal(tmp_path, monkeypatch, data):
    monkeypatch.setattr(splits, "PART_BYTES", 5 * splits.IMAGE_BYTES + 1000)
    manifest = splits.build([FACES], tmp_path, limit=40)
    entries = manifest["splits"]["train"]["files"]
    assert [entry["name"] for entry in entries] == [f"train-{i:02d}.pkl" for i in range(7)]
    assert max(entry["bytes"] for entry in entries) < 6 * splits.IMAGE_BYTES
    whole, joined = splits.load(data, "train"), splits.load(tmp_path, "train")
    assert np.array_equal(whole.lab, joined.lab)
    assert np.array_equal(whole.identities, joined.identities)
    assert len(splits.verify(tmp_path)) == 9


# verifying


def test_verify_gives_a_line_for_each_file(data):
    lines = splits.verify(data)
    assert [line.split(":")[0] for line in lines] == ["train.pkl", "val.pkl", "test.pkl"]


def forbid_unpickling(monkeypatch) -> None:
    def forbidden(*_):
        raise AssertionError("a file reached the unpickler")

    for place, name in ((pickles, "loads"), (pickles, "_Unpickler"), (pickle, "load"), (pickle, "loads"), (pickle, "Unpickler")):
        monkeypatch.setattr(place, name, forbidden)


@pytest.mark.parametrize("damage", [flip_byte, lambda path: path.write_bytes(path.read_bytes()[:-1]), lambda path: path.write_bytes(b"")])
def test_a_damaged_file_is_refused_before_unpickling(folder, monkeypatch, damage):
    damage(folder / "train.pkl")
    forbid_unpickling(monkeypatch)
    with pytest.raises(KitError, match=r"train\.pkl differs from its manifest"):
        splits.load(folder, "train")
    with pytest.raises(KitError, match=r"train\.pkl differs from its manifest"):
        splits.verify(folder)


def test_the_guard_above_would_notice(folder, monkeypatch):
    """The counter-check: a whole file does reach the unpickler that was forbidden."""
    forbid_unpickling(monkeypatch)
    with pytest.raises(KitError, match="reached the unpickler"):
        splits.load(folder, "train")


def test_a_missing_file(folder):
    (folder / "val.pkl").unlink()
    for refuse in (splits.verify, lambda f: splits.load(f, "val")):
        with pytest.raises(KitError, match=r"val\.pkl is missing"):
            refuse(folder)
    assert len(splits.load(folder, "train")) == 10


def test_no_splits_at_all(tmp_path):
    with pytest.raises(KitError, match=r"no splits in .*colorkit prepare"):
        splits.load(tmp_path, "train")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 99, "splits": {"train": 0, "val": 0, "test": 0}}', '{"format": 1, "splits": {"a": 0}}']
)
def test_a_manifest_of_something_else(folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(KitError, match="is no manifest of this kit"):
        splits.load(folder, "train")


@pytest.mark.parametrize(
    "entry", ["{}", '{"images": 10}', '{"images": 10, "files": [{"name": "train.pkl"}]}', '{"images": 10, "files": []}']
)
def test_a_manifest_with_holes(folder, entry):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["splits"]["train"] = json.loads(entry)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(KitError):
        splits.load(folder, "train")


def test_a_manifest_can_not_point_out_of_its_folder(tmp_path, folder):
    (folder / "train.pkl").rename(tmp_path / "train.pkl")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["splits"]["train"]["files"][0]["name"] = "../train.pkl"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(KitError, match="missing"):
        splits.load(folder, "train")


# hostile pickles, signed by a manifest that fits them


class Calls:
    """Pickled, it makes a careless unpickler call a function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def global_call(module: str, name: str, text: str) -> bytes:
    """A pickle, protocol 0, that calls module.name(text)."""
    return f"c{module}\n{name}\n(V{text}\ntR.".encode()


def hostile(marker) -> dict[str, bytes]:
    touch, code = f"touch {marker}", f"open({str(marker)!r}, 'w').close()"
    lab, who = np.zeros((10, 112, 112, 3), np.uint8), np.array(["a"] * 10)
    nested = {"lab": lab, "identities": who, "more": [{"deep": (1, Calls(os.system, touch))}]}
    return {
        "os.system": pickle.dumps(Calls(os.system, touch)),
        "builtins.eval": pickle.dumps(Calls(eval, code)),
        "builtins.exec": pickle.dumps(Calls(exec, code)),
        "functools.partial": pickle.dumps(functools.partial(os.system, touch)),
        "numpy.testing": global_call("numpy.testing._private.utils", "runstring", code),
        "numpy.f2py": global_call("numpy.f2py.crackfortran", "myeval", code),
        "numpy attribute": global_call("numpy", "loadtxt", str(marker)),
        "dotted name": b"\x80\x04\x8c\x05numpy\x8c\x09os.system\x93\x8c" + bytes([len(touch)]) + touch.encode() + b"\x85R.",
        "nested": pickle.dumps(nested),
        "object array": pickle.dumps({"lab": np.array([Calls(os.system, touch)], dtype=object), "identities": who}),
    }


KINDS = list(hostile(""))


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_hostile_pickle_is_refused_and_runs_nothing(folder, tmp_path, kind):
    marker = tmp_path / "executed"
    (folder / "train.pkl").write_bytes(hostile(marker)[kind])
    sign(folder)
    with pytest.raises(KitError, match=r"train\.pkl is not a split of this kit: it asks for"):
        splits.load(folder, "train")
    assert not marker.exists()


@pytest.mark.parametrize("kind", ["os.system", "builtins.eval", "builtins.exec", "nested", "object array"])
def test_the_hostile_pickles_are_hostile(tmp_path, kind):
    """The counter-check: an ordinary pickle.loads does run them."""
    marker = tmp_path / "executed"
    pickle.loads(hostile(marker)[kind])
    assert marker.exists()


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
        splits.load(folder, "train")


def test_what_is_no_pickle_is_refused(folder):
    (folder / "train.pkl").write_bytes(b"<html>quota exceeded</html>")
    sign(folder)
    with pytest.raises(KitError, match="not a split of this kit"):
        splits.load(folder, "train")


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
    expected = splits.load(folder, "train")
    (folder / "train.pkl").write_bytes(old)
    sign(folder)
    loaded = splits.load(folder, "train")
    assert np.array_equal(loaded.lab, expected.lab)
    assert np.array_equal(loaded.identities, expected.identities)


def test_ensure_makes_splits_once_and_then_finds_them(tmp_path, capsys):
    source = str(write_zip(tmp_path / "faces.zip", people(12)))
    made = splits.ensure(tmp_path / "data", source)
    assert capsys.readouterr().out.strip() == "splits made: 10 faces to train, 1 to validate, 1 to test"
    stamp = (tmp_path / "data" / "train.pkl").stat().st_mtime_ns
    found = splits.ensure(tmp_path / "data", source, limit=10)
    assert capsys.readouterr().out.strip() == "splits found: 10 faces to train, 1 to validate, 1 to test"
    assert (tmp_path / "data" / "train.pkl").stat().st_mtime_ns == stamp
    assert all(np.array_equal(one.lab, other.lab) for one, other in zip(made, found, strict=True))
    train, _, _ = splits.ensure(tmp_path / "data", source, limit=10, rebuild=True)
    assert len(train) == 8


def test_digest_changes_with_training_and_validation_faces_only(folder):
    before = splits.digest(folder)
    for name, changes in (("test", False), ("train", True), ("val", True)):
        flip_byte(folder / f"{name}.pkl")
        sign(folder, name)
        after = splits.digest(folder)
        assert (after != before) == changes
        before = after
