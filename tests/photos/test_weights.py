"""Weights in a file, and those that ship with the kit."""

import dataclasses
import json
import re

import numpy as np
import pytest
from helpers import KIT

from colorkit import files
from colorkit.data import manifest, splits
from colorkit.evaluation import metrics
from colorkit.models import configs, unet
from colorkit.photos import weights
from colorkit.photos.architecture import Architecture
from tools.ship_weights import write_weights

SHIPPED = [name for name, entry in manifest.entries().items() if entry.get("kind") == "weights"]
CARD = (KIT / "data" / "weights" / "README.md").read_text(encoding="utf-8")


def read_card(name: str) -> str:
    """Read what the tool wrote about some weights into the card."""
    _, after = CARD.split(f"<!-- table: python tools/ship_weights.py {name} -->\n")
    return after.split("<!-- end -->")[0]


def read_fact(name: str, fact: str) -> str:
    """Read the value of a fact from the card."""
    return re.search(rf"^\| {fact} \| (.+) \|$", read_card(name), re.MULTILINE)[1]


def to_fields(about: Architecture) -> dict:
    """Return what an architecture says under the names of the JSON, without what doesn't apply."""
    fields = dataclasses.asdict(about)
    fields["listen"] = fields.pop("attention")
    fields["filters"] = list(about.filters)
    return {name: value for name, value in fields.items() if value is not None}


@pytest.mark.parametrize("head", ["regress", "classes"])
def test_a_file_says_what_it_is_and_holds_16_bits(tmp_path, head):
    model = unet.build_unet(configs.UNetConfig((8, 16), head, classes=12))
    path = tmp_path / "w.npz"
    write_weights(model, path, 0.3)
    network = weights.read_weights(path, "name")
    last = {"temperature": 0.3} if head == "classes" else {"spread": unet.OUTPUT_SCALE}
    about = {"filters": [8, 16], "head": head, "hints": False, "groups": 8, "epsilon": 1e-3}
    assert (network.name, to_fields(network.about)) == ("name", about | last)
    assert set(network.arrays) == {value.path for value in model.weights}
    for value in model.weights:
        assert network.arrays[value.path].dtype == np.float32
        assert np.array_equal(network.arrays[value.path], value.numpy().astype(np.float16))
    written = path.read_bytes()
    write_weights(model, path, 0.3)
    assert path.read_bytes() == written
    assert [each.name for each in tmp_path.iterdir()] == ["w.npz"]


def test_a_pickle_is_not_opened(tmp_path):
    np.savez(tmp_path / "w.npz", about=np.array({"a": 1}, dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        weights.read_weights(tmp_path / "w.npz", "w")


def test_what_ships():
    assert SHIPPED == ["vivid", "hinted"]
    assert weights.load_shipped("vivid").about.head == "classes"
    assert weights.load_shipped("hinted").about.hints


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_is_of_the_file_that_ships(name):
    entry = manifest.entries()[name]
    path = KIT / entry["path"]
    assert read_fact(name, "SHA-256") == f"`{files.sha256(path)}`"
    assert read_fact(name, "bytes") == f"{path.stat().st_size:,}"
    assert entry["bytes"] < 1.5e6
    with np.load(path, allow_pickle=False) as stored:
        types = {stored[key].dtype for key in stored.files if key != weights.ABOUT}
        about = json.loads(str(stored[weights.ABOUT]))
    assert types == {np.dtype(np.float16)}
    assert to_fields(weights.load_shipped(name).about) == about


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_s_error_is_measured_again(name, all_data):
    test = splits.load_split(all_data, "test")
    said = float(re.search(rf"^\| {name} \| ([\d.]+) \(", read_card(name), re.MULTILINE)[1])
    pred = weights.load_shipped(name).predict(test.L)
    assert metrics.mse(pred, test.ab).mean() == pytest.approx(said, abs=0.06)
    assert len(test) == int(re.search(r"On the (\d+) faces of the test split", read_card(name))[1])
