import importlib.util
import logging
import os
import sys
import types

import pytest

from colorkit import environment
from colorkit.errors import KitError


class MessageError(Exception):
    """As google.colab._message.MessageError: raised when the student closes the dialog."""


@pytest.fixture
def colab(monkeypatch, tmp_path):
    """Colab's own variable and a stand-in for its module; `mounts` lists where Drive was mounted."""
    mounts = []
    drive = types.ModuleType("google.colab.drive")
    drive.mount = mounts.append
    module = types.ModuleType("google.colab")
    module.drive = drive
    for name, stub in (("google.colab", module), ("google.colab.drive", drive)):
        monkeypatch.setitem(sys.modules, name, stub)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab-20260801")
    monkeypatch.setattr(environment, "DRIVE", tmp_path / "drive")
    monkeypatch.delenv("COLORKIT_HOME")
    monkeypatch.setenv("COLORKIT_PROFILE", "smoke")
    return types.SimpleNamespace(drive=drive, mounts=mounts)


def test_elsewhere_nothing_is_mounted(colab, monkeypatch, capsys):
    monkeypatch.delenv("COLAB_RELEASE_TAG")
    found = environment.setup(use_drive=True)
    assert colab.mounts == []
    assert found.home == environment.KIT / "out"
    assert found.data == environment.KIT / "out" / "data"
    printed = capsys.readouterr().out
    assert "Drive" not in printed
    assert "home: out\n" in printed  # no path of this machine


def test_on_colab_drive_is_mounted_and_becomes_home(colab, capsys, tmp_path):
    found = environment.setup()
    assert colab.mounts == [str(tmp_path / "drive")]
    assert found.home == tmp_path / "drive" / "MyDrive" / "colorkit"
    assert "not mounted" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotImplementedError("google.colab.drive is unsupported in this environment."), "google.colab.drive is unsupported"),
        (ValueError("mount failed\nsecond line"), "mount failed"),
        (MessageError(), "MessageError"),
    ],
)
def test_without_drive_it_goes_on_and_says_what_that_costs(colab, capsys, error, reason):
    def refuse(_):
        raise error

    colab.drive.mount = refuse
    assert environment.setup().home == environment.KIT / "out"
    lines = [line for line in capsys.readouterr().out.splitlines() if "Drive" in line]
    assert len(lines) == 1
    assert f"Drive is not mounted ({reason}" in lines[0]
    assert "lost when it goes" in lines[0]


def test_use_drive_false_does_not_ask(colab, capsys):
    assert environment.setup(use_drive=False).home == environment.KIT / "out"
    assert colab.mounts == []
    assert capsys.readouterr().out.count("Drive is not used: splits and runs are lost when this machine goes.") == 1


def test_a_student_without_a_gpu_is_told_how_to_get_one(colab, monkeypatch, capsys):
    monkeypatch.setattr(environment, "accelerators", lambda: ("CPU", 1))
    environment.setup()
    assert "Change runtime type" in capsys.readouterr().out
    monkeypatch.delenv("COLAB_RELEASE_TAG")
    environment.setup()
    assert "Change runtime type" not in capsys.readouterr().out


# profile


@pytest.mark.parametrize(("devices", "name"), [(("CPU", 1), "demo"), (("GPU", 1), "class"), (("TPU", 8), "class")])
def test_the_device_chooses_the_profile(monkeypatch, devices, name):
    monkeypatch.setattr(environment, "accelerators", lambda: devices)
    assert environment.default_profile().name == name


def test_the_variable_wins_over_the_device(monkeypatch, capsys):
    monkeypatch.setattr(environment, "accelerators", lambda: ("GPU", 2))
    monkeypatch.setenv("COLORKIT_PROFILE", "smoke")
    found = environment.setup()
    assert found.profile.name == "smoke"
    assert found.device == "2 GPUs"
    assert "device: 2 GPUs\nprofile: smoke\n" in capsys.readouterr().out


def test_an_unknown_profile(monkeypatch):
    monkeypatch.setenv("COLORKIT_PROFILE", "turbo")
    with pytest.raises(KitError, match="profile 'turbo' is unknown: one of smoke, demo, class, paper, full"):
        environment.setup()


# backend


def with_modules(monkeypatch, *present: str) -> None:
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name in present else None)


def test_tensorflow_where_it_is(monkeypatch):
    with_modules(monkeypatch, "tensorflow", "jax")
    environment.choose_backend()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"


def test_of_tensorflows_log_only_errors_are_shown(monkeypatch, caplog):
    """Also in a notebook, where TensorFlow sets its logger's level to INFO when it is imported."""
    environment.choose_backend()
    logger = logging.getLogger("tensorflow")
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.INFO, "tensorflow"):
        logger.warning("5 out of the last 15 calls")
        logger.error("out of memory")
    assert [record.message for record in caplog.records] == ["out of memory"]


def test_jax_where_tensorflow_is_not(monkeypatch):
    with_modules(monkeypatch, "jax")
    environment.choose_backend()
    assert os.environ["KERAS_BACKEND"] == "jax"


def test_what_the_user_chose_stays(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    environment.choose_backend()
    assert os.environ["KERAS_BACKEND"] == "torch"


def stub_jax(monkeypatch, platform: str, count: int) -> None:
    jax = types.ModuleType("jax")
    jax.devices = lambda: [types.SimpleNamespace(platform=platform)] * count
    monkeypatch.setitem(sys.modules, "jax", jax)
    monkeypatch.setenv("KERAS_BACKEND", "jax")


@pytest.mark.parametrize(("platform", "count", "found"), [("cpu", 8, ("CPU", 1)), ("tpu", 8, ("TPU", 8)), ("gpu", 1, ("GPU", 1))])
def test_devices_of_jax(monkeypatch, platform, count, found):
    stub_jax(monkeypatch, platform, count)
    assert environment.accelerators() == found


@pytest.mark.parametrize(("gpus", "found"), [([], ("CPU", 1)), (["one"], ("GPU", 1)), (["one", "two"], ("GPU", 2))])
def test_devices_of_tensorflow(monkeypatch, gpus, found):
    stub = types.ModuleType("tensorflow")
    stub.config = types.SimpleNamespace(list_physical_devices=lambda kind: gpus if kind == "GPU" else [])
    monkeypatch.setitem(sys.modules, "tensorflow", stub)
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert environment.accelerators() == found


# home


def test_home_is_what_the_variable_says(colab, monkeypatch, tmp_path):
    (tmp_path / "drive" / "MyDrive").mkdir(parents=True)
    monkeypatch.setenv("COLORKIT_HOME", str(tmp_path / "mine"))
    assert environment.home_folder() == tmp_path / "mine"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLORKIT_HOME", "relative")
    assert environment.home_folder() == tmp_path / "relative"


def test_home_on_colab_needs_a_mounted_drive(colab, tmp_path):
    """A disconnected Drive leaves its mount point behind: an empty folder is no Drive."""
    (tmp_path / "drive").mkdir()
    assert environment.home_folder() == environment.KIT / "out"
    (tmp_path / "drive" / "MyDrive").mkdir()
    assert environment.home_folder() == tmp_path / "drive" / "MyDrive" / "colorkit"


def test_home_elsewhere_ignores_a_folder_that_looks_like_drive(colab, monkeypatch, tmp_path):
    (tmp_path / "drive" / "MyDrive").mkdir(parents=True)
    monkeypatch.delenv("COLAB_RELEASE_TAG")
    assert environment.home_folder() == environment.KIT / "out"
