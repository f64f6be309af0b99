"""Share with every test a quiet CPU backend, an isolated environment, and small splits."""

import functools
import signal
from pathlib import Path

import before_keras
import keras
import pytest
from drives import leave_colab
from helpers import FACES, link_folder, small_encoder, small_unet
from hosts import Host
from needs import add_marker, skip_without

from colorkit.data import prepare, splits, tones
from colorkit.machine import hosts
from colorkit.models import unet


def pytest_configure(config: pytest.Config) -> None:
    """Ignore two warnings of libraries, and heed Ctrl-C even where a shell runs the tests apart.

    A shell makes its background jobs, and all that they start, ignore it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    pyparsing = rf"ignore:{before_keras.PYPARSING}:DeprecationWarning:matplotlib\..*"
    config.addinivalue_line("filterwarnings", pyparsing)
    # Keras 3.15's own ops.convert_to_numpy(variable) meets NumPy 2's new keyword of __array__. The
    # values are right.
    message = "__array__ implementation doesn't accept a copy"
    copy = rf"ignore:{message}:DeprecationWarning:keras\.src\.backend"
    config.addinivalue_line("filterwarnings", copy)
    add_marker(config)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test where the system lacks what it needs."""
    skip_without(item)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """An empty home folder, so that a test never touches the checkout's out/.

    The variables by which a user steers the kit are unset, and this is neither Colab nor Kaggle.
    """
    for name in (hosts.KAGGLE, "COLORKIT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    leave_colab(monkeypatch)
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
    """A home folder whose splits have all of the kit's own faces."""
    home.mkdir()
    link_folder(home / "data", all_data)
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
    """A web server on this machine with one file."""
    with Host() as running:
        yield running


@pytest.fixture
def small_resnet(monkeypatch) -> None:
    """Replace ResNet-50 by a small encoder."""
    monkeypatch.setattr(keras.applications, "ResNet50", small_encoder)


@pytest.fixture
def small_generator(monkeypatch) -> None:
    """Make the U-Net small where it is the generator of a GAN."""
    monkeypatch.setattr(unet, "build_unet", small_unet)
