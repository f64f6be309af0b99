"""The table of networks: it is light, its names resolve, and a network needs one row only."""

import subprocess
import sys
from dataclasses import dataclass

import keras
import pytest
from helpers import KIT

from colorkit import cli, models
from colorkit.models.configs import NetConfig
from colorkit.models.fields import check_count
from colorkit.models.registry import REGISTRY, Model, resolve
from colorkit.runs import Run


@dataclass(frozen=True)
class ToyConfig(NetConfig):
    """A network of one hidden layer."""

    filters: int = 4

    def __post_init__(self):
        check_count("filters", self.filters)


def build_toy(config: ToyConfig) -> keras.Model:
    L = keras.Input((112, 112, 1), name="L")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(L)
    x = keras.layers.Conv2D(config.filters, 1, activation="relu")(x)
    return keras.Model(L, keras.layers.Conv2D(2, 1, dtype="float32", name="ab")(x))


@pytest.fixture
def toy(monkeypatch) -> None:
    """Register the network above, by its row alone."""
    row = Model(f"{__name__}:ToyConfig", build=f"{__name__}:build_toy")
    monkeypatch.setitem(REGISTRY, "toy", row)


def train_toy(data, folder, *more: str) -> int:
    command = ["train", "toy", "--data", str(data), "--run", str(folder), "--profile", "smoke"]
    return cli.main([*command, "--images", "8", "--epochs", "1", *more])


@pytest.mark.usefixtures("toy")
def test_a_row_is_all_that_the_command_line_needs_to_train_a_network(data, val, tmp_path, capsys):
    assert train_toy(data, tmp_path / "run", "--set", "filters=3") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "run: starts, 1 epochs in all"
    assert lines[1].startswith("epoch 1/1: mse ")
    run = Run(tmp_path / "run")
    assert (run.config.net, run.config.batch_size, run.config.label) == (
        ToyConfig(3),
        8,
        "toy, filters=3, 8 images",
    )
    assert run.predict(val.L).shape == (4, 112, 112, 2)
    assert cli.main(["show", str(run.folder)]) == 0
    assert "epochs done: 1\n" in capsys.readouterr().out


@pytest.mark.usefixtures("toy")
def test_a_profile_that_does_not_name_a_network_has_a_budget_for_it(data, tmp_path, capsys):
    command = ["train", "toy", "--data", str(data), "--run", str(tmp_path / "run")]
    assert cli.main([*command, "--profile", "smoke"]) == 0
    assert capsys.readouterr().out.startswith("run: starts, 1 epochs in all\n")
    assert Run(tmp_path / "run").config.images == 16


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("filters=0", "filters=0: expected a whole number"),
        ("dropout=0.1", "toy has no field 'dropout': one of "),
    ],
)
def test_its_options_are_checked_as_those_of_the_others(data, tmp_path, capsys, setting, message):
    assert train_toy(data, tmp_path / "run", "--set", setting) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_without_its_row_the_network_is_unknown(data, tmp_path, capsys):
    """The counter-check of the tests above."""
    with pytest.raises(SystemExit, match="2"):
        train_toy(data, tmp_path / "run")
    assert "invalid choice: 'toy'" in capsys.readouterr().err


@pytest.mark.parametrize("model", REGISTRY)
def test_every_name_in_a_row_can_be_resolved(model):
    row = REGISTRY[model]
    for name in (row.build, row.trainer, row.start):
        assert callable(resolve(name))
    if row.panel is not None:
        assert callable(resolve(row.panel).draw)


def test_reading_the_table_does_not_import_keras():
    """The command line lists the networks in its help, and must start at once."""
    heavy = "{'keras', 'tensorflow', 'jax', 'ipywidgets', 'matplotlib', 'scipy'}"
    code = (
        "import sys; from colorkit import models; print(*models.REGISTRY); "
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=KIT, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == "cnn resnet gan unet\n[]\n"
    assert models.REGISTRY is REGISTRY


def test_the_command_line_lists_a_network_without_importing_its_file():
    """A network's own file may need Keras, config and all."""
    code = (
        "import sys; sys.modules['keras'] = None\n"
        "from colorkit import cli, models\n"
        "from colorkit.models.registry import Model\n"
        "models.REGISTRY['dot'] = Model('nowhere:DotConfig', build='nowhere:build_dot')\n"
        "cli.main(['train', '--help'])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=KIT, capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert ",dot}" in done.stdout
