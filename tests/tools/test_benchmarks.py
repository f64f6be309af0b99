"""The benchmarks run, and their tables say which targets were missed."""

import importlib
import json
import os
import re
import subprocess
import sys
import types

import keras
import pytest
from helpers import KIT

from colorkit.models import cnn

pytestmark = [pytest.mark.slow, pytest.mark.newest]
MET = re.compile(r": (met|missed) \|")


def run(tmp_path, *arguments: str) -> tuple[dict, str]:
    """Run data.py; return its JSON and what it printed."""
    command = [
        sys.executable,
        KIT / "benchmarks" / "data.py",
        "--folder",
        tmp_path,
        "--out",
        tmp_path / "data.json",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return json.loads((tmp_path / "data.json").read_text(encoding="utf-8")), done.stdout


def test_a_small_run_measures_every_way(tmp_path):
    readme = (KIT / "benchmarks" / "README.md").read_bytes()
    result, printed = run(tmp_path, "--speed", "30", "--large", "40", "--rounds", "1")
    assert result["speed"]["faces"] == 30
    assert set(result["speed"]["faces_per_second"]) == {"kit", "report", "ceiling"}
    assert min(result["speed"]["faces_per_second"].values()) > 0
    assert result["size"]["train_gb"] == round(32 * 112 * 112 * 3 / 1e9, 3)
    assert len(MET.findall(printed)) == 5
    after = (KIT / "benchmarks" / "README.md").read_bytes()
    assert after == readme  # only the full run writes there


@pytest.fixture
def benchmarks(monkeypatch):
    """Make the folder of the benchmarks one to import from."""
    monkeypatch.syspath_prepend(str(KIT / "benchmarks"))


@pytest.mark.parametrize("name", ["data", "photos", "training", "gpu", "quality", "hints"])
def test_the_readme_holds_the_table_of_the_json(benchmarks, name):
    script = importlib.import_module(name)
    result = json.loads((KIT / "benchmarks" / f"{name}.json").read_text(encoding="utf-8"))
    assert script.table(result) in (KIT / "benchmarks" / "README.md").read_text(encoding="utf-8")


@pytest.mark.weekly
def test_photographs_are_timed(tmp_path):
    script = [sys.executable, KIT / "benchmarks" / "photos.py", "--out", tmp_path / "photos.json"]
    subprocess.run(
        [*script, "--pictures", "3", "--megapixels", "1", "--rounds", "1"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    result = json.loads((tmp_path / "photos.json").read_text(encoding="utf-8"))
    for way in ("shipped", "run", "light"):
        assert set(result[way]) == {"photo", "album", "huge"}
        assert min(value for values in result[way].values() for value in values.values()) > 0


@pytest.mark.parametrize(
    ("seconds", "album", "expected"),
    [(3, 12, "met met"), (3.01, 12, "missed met"), (3, 12.01, "met missed")],
)
def test_the_table_of_photographs_says_what_was_missed(benchmarks, seconds, album, expected):
    taken = {"photo": seconds, "album": album, "huge": 9}
    way = {
        what: {"seconds": value, "cpu_seconds": 1, "peak_gb": 1} for what, value in taken.items()
    }
    result = {
        "shipped": way,
        "run": way,
        "light": way,
        "pictures": 600,
        "megapixels": 48,
        "rounds": 1,
        "cores": 2,
        "python": "3",
    }
    assert MET.findall(importlib.import_module("photos").table(result)) == expected.split() * 3


def test_every_way_of_training_takes_its_steps(benchmarks):
    """The ways of Keras; PyTorch is only in the benchmark's own environment."""
    trainees = importlib.import_module("trainees")
    ways, parameters = trainees.keras_ways("cnn")
    assert set(ways) == {"kit", "resident", "bfloat16", "plain", "threads", "arrays", "pipeline"}
    assert parameters == sum(weight.numpy().size for weight in cnn.build_cnn().trainable_weights)
    for way in ways.values():
        way(1)


@pytest.mark.weekly
def test_the_gpu_s_script_runs(tmp_path):
    """At its real size it needs a GPU; here a few faces on the CPU."""
    script = [sys.executable, KIT / "benchmarks" / "gpu.py", "--out", tmp_path / "gpu.json"]
    small = ["--faces", "16", "--epochs", "1", "--peak", "1", "--models", "cnn"]
    subprocess.run(
        [*script, *small],
        env=os.environ | {"KERAS_BACKEND": "jax"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    measured = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))["models"]["cnn"]
    assert measured["minutes"] > 0
    assert 0 < measured["share_of_peak"] < 1


def test_operations_by_hand(benchmarks):
    """A convolution acts at its output's places, a transposed one at its input's.

    A dense layer acts at each pixel.
    """
    layers = keras.layers
    steps = [
        layers.Conv2D(5, 3, strides=2, padding="same"),
        layers.Conv2DTranspose(7, 3, strides=2, padding="same"),
        layers.Dense(2),
    ]
    model = keras.Sequential([keras.Input((8, 8, 1)), *steps])
    by_hand = 4 * 4 * (3 * 3 * 1 * 5) + 4 * 4 * (3 * 3 * 5 * 7) + 8 * 8 * (7 * 2)
    gpu = importlib.import_module("gpu")
    nested = keras.Sequential([keras.Input((8, 8, 1)), model])
    assert gpu.flops(model) == 6 * by_hand
    assert gpu.flops(nested) == 6 * by_hand


FAST = {
    "tensorflow kit": 9.5,
    "tensorflow resident": 10.0,
    "tensorflow pipeline": 50.0,
    "jax kit": 9.0,
    "jax resident": 9.0,
}


@pytest.mark.parametrize(
    ("slower", "expected"),
    [
        ({}, [True] * 6),
        ({"tensorflow kit": 9.4}, [False, True, True, True, True, True]),
        ({"jax kit": 8.0}, [True, False, True, True, True, True]),
        ({"tensorflow pipeline": 40.0}, [True, True, False, True, True, True]),
        ({"torch channels last": 9.6}, [True, True, True, False, True, True]),
        ({"first": 5.1}, [True, True, True, True, False, True]),
        ({"share": 0.021}, [True, True, True, True, True, False]),
    ],
)
def test_the_table_says_what_was_missed(benchmarks, slower, expected):
    training = importlib.import_module("training")
    rates = FAST | {"tensorflow plain": 8.0, "torch channels last": 9.0} | slower
    result = {
        "duels": {"cnn": {"faces_per_second": rates, "fastest": rates}},
        "first_step": {"kit": slower.get("first", 5.0), "plain": 10.0},
        "saving": {"cnn": {"megabytes": 1, "epoch": 1, "share": slower.get("share", 0.02)}},
    }
    found = [target.endswith("met") for _, _, target in training.rows(result) if target]
    assert found == expected


GOOD = {
    "unet": {"mse": 50.0},
    **{name: {"mse": 51.0, "colorfulness": 0.6} for name in ("cnn", "resnet", "gan")},
    "mean color given L": {"mse": 61.0},
    "unet classes, vivid": {
        "mse": 61.0,
        "colorfulness": 0.9,
        "fid": 1.0,
        "kid": 1.0,
        "chosen": 0.3,
    },
    "unet, scaled": {"mse": 62.0, "fid": 2.0, "kid": 2.0, "chosen": 1.5},
    "unet classes, as the GAN": {"mse": 40.0, "colorfulness": 0.6, "chosen": 0.9},
}
SOON = {"mse": 58.0, "rival_seconds": 100.0, "rival_best_at": 90.0, "seconds": 10.0}


@pytest.mark.parametrize(
    ("row", "change"),
    [
        (None, {}),
        (0, {"cnn": {"seconds": 10.1}}),
        (0, {"cnn": {"seconds": None}}),
        (1, {"resnet": {"seconds": 10.1}}),
        (2, {"test": ("cnn", {"mse": 50.0})}),
        (3, {"test": ("resnet", {"mse": 50.0})}),
        (4, {"test": ("gan", {"mse": 49.9})}),
        (5, {"test": ("unet classes, vivid", {"colorfulness": 0.89})}),
        (5, {"test": ("unet classes, vivid", {"colorfulness": 1.11})}),
        (6, {"test": ("mean color given L", {"mse": 60.9})}),
        (7, {"test": ("unet, scaled", {"mse": 61.0})}),
        (8, {"test": ("unet, scaled", {"fid": 1.0})}),
        (9, {"test": ("unet, scaled", {"kid": 1.0})}),
        (10, {"test": ("unet classes, as the GAN", {"mse": 51.0})}),
    ],
)
def test_the_table_of_quality_says_what_was_missed(benchmarks, row, change):
    quality = importlib.import_module("quality")
    test = {name: dict(values) for name, values in GOOD.items()}
    soon = {name: dict(SOON) for name in ("cnn", "resnet", "gan")}
    for name, value in change.items():
        if name == "test":
            test[value[0]] |= value[1]
        else:
            soon[name] |= value
    found = [target.endswith("met") for _, _, target in quality.rows({"test": test, "soon": soon})]
    assert found == [number != row for number in range(11)]


def test_the_clock_of_quality(benchmarks):
    quality = importlib.import_module("quality")
    run = types.SimpleNamespace(
        history=[{"val_mse": mse} for mse in (60.0, 58.0, 59.0, 57.0)], seconds=[2.0, 1.0, 1.0, 1.0]
    )
    assert quality.clock(run) == [(2.0, 60.0), (3.0, 58.0), (4.0, 58.0), (5.0, 57.0)]
    assert [quality.first_below(run, error) for error in (60.0, 58.5, 57.5, 56.0)] == [
        2.0,
        3.0,
        5.0,
        None,
    ]


@pytest.mark.parametrize(
    ("ahead", "missed"),
    [
        ({}, []),
        ({1: 1.99}, [0]),
        ({3: 1.99}, [1]),
        ({10: 1.99}, [2]),
        ({30: -0.01}, [3]),
        ({100: -0.01}, [4]),
    ],
)
def test_the_table_of_hints_says_what_was_missed(benchmarks, ahead, missed):
    ahead = {1: 2.0, 3: 2.0, 10: 2.0, 30: 0.0, 100: 0.0} | ahead
    curve = [
        {"count": count, "model": [30.0] * 3, "levin": [28.0] * 3, "ahead": [value] * 3}
        for count, value in ahead.items()
    ]
    result = {"curve": [{"count": 0, "model": [26.0] * 3, "levin": None, "ahead": None}, *curve]}
    found = [
        target.endswith("met")
        for _, _, target in importlib.import_module("hints").rows(result)
        if target
    ]
    assert [number for number, good in enumerate(found) if not good] == missed
    assert len(found) == 5


@pytest.mark.weekly
def test_hints_are_measured(tmp_path):
    script = [
        sys.executable,
        KIT / "benchmarks" / "hints.py",
        "--out",
        tmp_path / "hints.json",
        "--home",
        tmp_path / "kit",
    ]
    subprocess.run(
        [*script, "--epochs", "1", "--faces", "4"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    result = json.loads((tmp_path / "hints.json").read_text(encoding="utf-8"))
    assert [row["count"] for row in result["curve"]] == [0, 1, 3, 10, 30, 100]
    assert result["faces"] == 4
