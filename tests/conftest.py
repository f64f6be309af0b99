"""What every test shares: a quiet CPU backend, an isolated environment, and one small set of splits."""

# ruff: noqa: E402, some things must be settled before Keras is imported

import functools
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # before anything imports keras
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# Matplotlib 3.10.0 (Colab's) calls names of pyparsing that a newer pyparsing has deprecated: nothing the kit can mend
PYPARSING = r"'\w+' (deprecated|argument is deprecated)"
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", PYPARSING, DeprecationWarning)
    import matplotlib.pyplot  # noqa: F401, Keras imports it too

import keras
import pytest
from helpers import FACES, small_encoder, small_unet
from hosts import Host

from colorkit.data import prepare, splits, tones
from colorkit.models import unet


def pytest_configure(config):
    config.addinivalue_line(
        "filterwarnings", rf"ignore:{PYPARSING}:DeprecationWarning:matplotlib\..*"
    )
    # Keras 3.15's own ops.convert_to_numpy(variable) meets NumPy 2's new keyword of __array__; the values are right
    config.addinivalue_line(
        "filterwarnings",
        r"ignore:__array__ implementation doesn't accept a copy:DeprecationWarning:keras\.src\.backend",
    )


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """An empty home folder, and none of the variables by which a user steers the kit: a test never touches the checkout's out/."""
    for name in ("COLAB_RELEASE_TAG", "COLORKIT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    monkeypatch.setenv("COLORKIT_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """Splits of 40 of the kit's own faces: 32 train, 4 val, 4 test. Read only."""
    out = tmp_path_factory.mktemp("data")
    prepare.build_splits([FACES], out, limit=40)
    return out


@pytest.fixture(scope="session")
def all_data(tmp_path_factory) -> Path:
    """Splits of all of the kit's own faces: 1,600 train, 200 val, 200 test. Read only."""
    out = tmp_path_factory.mktemp("all") / "data"
    prepare.build_splits([FACES], out)
    return out


@pytest.fixture
def full_home(home, all_data) -> Path:
    """A home folder whose splits are of all of the kit's own faces."""
    home.mkdir()
    (home / "data").symlink_to(all_data)
    return home


@pytest.fixture(scope="session", autouse=True)
def _five_lights_once():
    """Decode the audit's 500 pictures once: every page of an evaluation asks for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tones, "five_lights", functools.cache(tones.five_lights))
        yield


@pytest.fixture(scope="session")
def train(data) -> splits.Split:
    return splits.load_split(data, "train")


@pytest.fixture(scope="session")
def val(data) -> splits.Split:
    return splits.load_split(data, "val")


@pytest.fixture
def host():
    """A web server of this machine with one file."""
    with Host() as running:
        yield running


@pytest.fixture
def small_resnet(monkeypatch) -> None:
    monkeypatch.setattr(keras.applications, "ResNet50", small_encoder)


@pytest.fixture
def small_generator(monkeypatch) -> None:
    """Of a GAN whose generator is the U-Net."""
    monkeypatch.setattr(unet, "build_unet", small_unet)
