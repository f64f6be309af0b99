"""Without Keras the U-Net predicts what it predicts with Keras."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from helpers import KIT

from colorkit import color
from colorkit.color import levin
from colorkit.models import configs, unet
from colorkit.photos import weights
from colorkit.photos.unet_numpy import Network
from tools.ship_weights import write_weights

# 28 to 14, to 7, to 4 places: from even and from odd numbers
LEVELS = [(8, 16), (16, 8, 24), (8, 24, 16, 32)]
KINDS = ["regress", "classes"]


def fill(model: keras.Model) -> None:
    """Give all values numbers like those that training makes, and that 16 bits hold."""
    stream = np.random.default_rng(0)
    for value in model.weights:
        spread, middle = 0.3, 0.0
        if value.path.endswith("kernel"):
            spread = np.prod(value.shape[:-1]) ** -0.5
        elif value.path.endswith("gamma"):
            middle = 1.0
        elif value.path.endswith(("table", "centers")):
            spread = 20.0
        value.assign(stream.normal(middle, spread, value.shape).astype(np.float16))


def build_both(
    folder: Path, head: str, filters=(8, 16), temperature: float = 1.0, **options
) -> tuple[keras.Model, Network]:
    """Build a U-Net, and read it from a file as a network without Keras."""
    model = unet.build_unet(configs.UNetConfig(filters, head, classes=12, **options))
    fill(model)
    write_weights(model, folder / "w.npz", temperature)
    return model, weights.read_weights(folder / "w.npz", "w")


@pytest.fixture
def L() -> np.ndarray:
    """More faces than are computed at a time, dark and bright."""
    stream = np.random.default_rng(1)
    return np.concatenate(
        [stream.integers(low, low + 100, (4, 112, 112, 1), np.uint8) for low in (0, 70, 156)]
    )


@pytest.mark.slow
@pytest.mark.parametrize("head", KINDS)
@pytest.mark.parametrize("filters", LEVELS)
def test_it_predicts_what_keras_does(tmp_path, L, head, filters):
    model, network = build_both(tmp_path, head, filters)
    expected = model.predict(L, verbose=0)
    assert expected.std() > 1
    found = network.predict(L)
    assert (found.dtype, found.shape) == (np.float32, (len(L), 112, 112, 2))
    assert found == pytest.approx(expected, abs=1e-3)
    between = L[:2] / np.float32(1.01)  # L as float: the tables take the nearest row
    assert network.predict(between) == pytest.approx(model.predict(between, verbose=0), abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.2, 3.0])
def test_it_has_a_temperature(tmp_path, L, temperature):
    model, network = build_both(tmp_path, "classes", temperature=temperature)
    expected = unet.AtTemperature("x", model, temperature).predict(L)
    assert network.predict(L) == pytest.approx(expected, abs=1e-3)


def test_a_face_s_color_does_not_depend_on_the_others(tmp_path, L):
    _, network = build_both(tmp_path, "regress")
    assert network.predict(L[3:4]) == pytest.approx(network.predict(L)[3:4], abs=1e-4)
    assert network.predict(L[:0]).shape == (0, 112, 112, 2)


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("filters", LEVELS)
def test_it_takes_hints(tmp_path, L, filters):
    """From none to more and more, which may cover a place of the 28 in part or in whole."""
    model, network = build_both(tmp_path, "regress", filters, hints=True)
    stream = np.random.default_rng(2)
    truth = stream.uniform(-60, 60, (len(L), 112, 112, 2)).astype(np.float32)
    drawn = [color.draw_hints(ab, 3 * count, stream) for count, ab in enumerate(truth)]
    hints = np.stack([color.hint_planes(each) for each in drawn])
    found = network.predict(L, hints)
    expected = levin.settle(L, model.predict((L, hints), verbose=0), hints)
    assert found == pytest.approx(expected, abs=1e-3)
    assert np.abs(found - network.predict(L)).max() > 5
    without = model.predict((L, 0 * hints), verbose=0)
    assert network.predict(L) == pytest.approx(without, abs=1e-3)


def test_weights_that_take_no_hints_say_so(tmp_path, L):
    _, network = build_both(tmp_path, "regress")
    with pytest.raises(ValueError, match="w takes no hints"):
        network.predict(L[:1], np.zeros((1, 112, 112, 3), np.float32))


def test_it_needs_no_keras():
    code = """
import sys, colorkit.photos.weights
print(sorted({'keras', 'tensorflow', 'jax', 'scipy', 'skimage'} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=KIT,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout == "[]\n"
