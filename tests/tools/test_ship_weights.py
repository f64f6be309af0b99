"""From a finished run to weights that ship: the file, its entry, and its card."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from helpers import KIT, tiny_config

from colorkit import files
from colorkit.data import splits
from colorkit.errors import KitError
from colorkit.evaluation import vividness
from colorkit.photos import weights
from colorkit.runs import Run, start
from tools import ship_weights

pytestmark = pytest.mark.newest


@pytest.fixture
def kit(tmp_path) -> Path:
    """What is written to, in a checkout of its own; the weights that ship are there."""
    shutil.copytree(KIT / "data" / "weights", tmp_path / "kit" / "data" / "weights")
    shutil.copy(KIT / "data_manifest.json", tmp_path / "kit")
    return tmp_path / "kit"


def trained(data: Path, folder: Path, **settings) -> Run:
    run = start(
        tiny_config("unet", splits.digest(data), **settings), "smoke", folder, folder / "run"
    )
    run.train(splits.load_split(data, "train"), splits.load_split(data, "val"), 1)
    return run


def tables(card: Path) -> dict[str, str]:
    """What stands between the marks of each name."""
    found = re.findall(
        r"<!-- table: python tools/ship_weights\.py (\w+) -->\n(.*?)<!-- end -->",
        card.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return dict(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings"), [("vivid", {"head": "classes"}), ("hinted", {"hints": True})]
)
def test_a_run_becomes_weights(data, kit, tmp_path, name, settings):
    run = trained(data, tmp_path, **settings)
    before, old = (
        json.loads((kit / "data_manifest.json").read_text(encoding="utf-8")),
        tables(kit / "data" / "weights" / "README.md"),
    )
    page = ship_weights.ship(name, run, data, kit)
    path, test = kit / "data" / "weights" / f"{name}.npz", splits.load_split(data, "test")

    entry = json.loads((kit / "data_manifest.json").read_text(encoding="utf-8"))["files"].pop(name)
    assert before["files"] == json.loads((kit / "data_manifest.json").read_text(encoding="utf-8"))[
        "files"
    ] | {name: before["files"][name]}
    assert (entry["sha256"], entry["bytes"]) == (files.sha256(path), path.stat().st_size)
    assert set(entry) == {"kind", "path", "sha256", "bytes", "source", "licence"}

    network = weights.read_weights(path, name)
    pred = network.predict(test.L)
    if name == "vivid":
        val = splits.load_split(data, "val")
        assert network.about.temperature == pytest.approx(
            vividness.temperature(run.model, val, ship_weights.COLORFUL)
        )
    else:
        assert pred == pytest.approx(run.predict(test.L), abs=0.2)
        assert page.count(f"| {name}, hints: 10 |") == 2
    assert tables(kit / "data" / "weights" / "README.md") == old | {name: page}
    errors = np.mean((pred - test.ab) ** 2)
    assert float(re.search(rf"^\| {name} \| ([\d.]+) \(", page, re.MULTILINE)[1]) == pytest.approx(
        errors, abs=0.06
    )
    for what in (
        f"`{entry['sha256']}`",
        f"{entry['bytes']:,}",
        "1 epochs of 8 faces",
        "By apparent tone (ITA):",
        "By drawn tone:",
    ):
        assert what in page


@pytest.mark.parametrize(("name", "field"), [("vivid", "head=classes"), ("hinted", "hints=True")])
def test_a_run_of_another_kind_is_refused_and_nothing_is_written(data, kit, tmp_path, name, field):
    before = {path: path.read_bytes() for path in kit.rglob("*") if path.is_file()}
    run = start(tiny_config("unet", splits.digest(data)), "smoke", tmp_path, tmp_path / "run")
    with pytest.raises(
        KitError, match=f"{name} needs a run of the U-Net with {field}, which .*run is not"
    ):
        ship_weights.ship(name, run, data, kit)
    assert {path: path.read_bytes() for path in kit.rglob("*") if path.is_file()} == before


def test_other_faces_and_a_run_that_is_not_trained(data, kit, tmp_path):
    run = start(
        tiny_config("unet", splits.digest(data), head="classes"),
        "smoke",
        tmp_path,
        tmp_path / "new",
    )
    with pytest.raises(KitError, match="new has no finished epoch yet: train it first"):
        ship_weights.ship("vivid", run, data, kit)
    run = start(tiny_config("unet", "other", head="classes"), "smoke", tmp_path, tmp_path / "other")
    with pytest.raises(
        KitError, match=r"other was trained on other faces than those in .*: give its own --data"
    ):
        ship_weights.ship("vivid", run, data, kit)


def test_the_command_fails_in_one_line(tmp_path, capsys):
    assert ship_weights.main(["vivid", str(tmp_path), "--data", str(tmp_path)]) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith(f"ship_weights: no run in {tmp_path}")
    assert error.count("\n") == 1
