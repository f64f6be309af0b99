"""Open runs that were made when the package was flat: same names, same weights, and they go on.

before_the_move/README.md says how they were made.
"""

import json
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from packaging.version import Version

from colorkit import cli

pytestmark = pytest.mark.slow

RUNS = Path(__file__).resolve().parent / "before_the_move"
EXPECTED = json.loads((RUNS / "expected.json").read_text(encoding="utf-8"))


def predict(folder: Path, L: np.ndarray) -> np.ndarray:
    """Predict color with a run, which no command does for bare numbers."""
    from colorkit.runs import Run

    return Run(folder).predict(L)


def make_inputs() -> np.ndarray:
    """Make two inputs, uint8 (2, 112, 112, 1): a slope and a chessboard."""
    row, column = np.mgrid[:112, :112]
    slope = (2 * column + row) % 256
    board = 255 * ((row // 8 + column // 8) % 2)
    return np.stack([slope, board])[..., None].astype(np.uint8)


@pytest.fixture(scope="module")
def small_data(tmp_path_factory) -> Path:
    """Make the splits that the runs were trained on; one other byte would rename every run."""
    out = tmp_path_factory.mktemp("before_the_move") / "data"
    assert cli.main(["prepare", "--limit", "24", "--out", str(out)]) == 0
    return out


@pytest.fixture(params=EXPECTED)
def expected(request) -> dict:
    """Return what is known of a run, and make its network as small as it was."""
    found = EXPECTED[request.param]
    if "stand_in" in found:
        request.getfixturevalue(found["stand_in"])
    return found | {"name": request.param}


@pytest.fixture
def run(expected, home) -> Path:
    """Copy the run into the home folder."""
    folder = home / "runs" / expected["name"]
    return shutil.copytree(RUNS / expected["name"], folder)


def run_show(run: Path, capsys) -> dict[str, str]:
    """Return what `show` prints, keyed by the words before the colon."""
    capsys.readouterr()
    assert cli.main(["show", str(run)]) == 0
    return dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())


def test_every_run_is_tested():
    assert {path.name for path in RUNS.iterdir() if path.is_dir()} == set(EXPECTED)
    assert {name.split("-")[0] for name in EXPECTED} == {"cnn", "resnet", "gan", "unet"}


def test_a_run_shows_what_it_showed(run, expected, capsys):
    found = run_show(run, capsys)
    assert found["model"] == expected["name"].split("-")[0]
    assert found["epochs done"] == str(expected["epochs"])
    assert found["weights sha256"] == expected["weights sha256"]


def test_a_run_predicts_what_it_predicted(run, expected):
    with np.load(RUNS / "predictions.npz") as stored:
        then = stored[expected["name"]]
    np.testing.assert_allclose(predict(run, make_inputs())[:, ::16, ::16], then, rtol=0, atol=1e-3)


@pytest.mark.skipif(
    Version(cv2.__version__) < Version("4.13"),
    reason="its cv2.pow rounds some colors of the splits differently, which renames every run",
)
def test_the_same_command_finds_the_run_and_goes_on(run, expected, home, small_data, capsys):
    more = expected["epochs"] + 1
    capsys.readouterr()
    again = ["train", *expected["train"], "--data", str(small_data), "--epochs", str(more)]
    assert cli.main(again) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{expected['name']}: {expected['begins']}"
    assert [line.split(":")[0] for line in lines[1:]] == [f"epoch {more}/{more}"]
    for name, value in expected["next"].items():
        printed = re.search(rf" {name} (nan|[\d.]+),", lines[1])[1]
        assert float(printed) == pytest.approx(value, abs=0.15)
    assert [folder.name for folder in (home / "runs").iterdir()] == [expected["name"]]
    assert run_show(run, capsys)["epochs done"] == str(more)
