"""What `setup` finds: Colab, Drive in all its states, devices, profile, home; and what it says."""

import importlib.util
import logging
import os
import sys
import types
from pathlib import Path

import keras
import numpy
import pytest
from drives import StandInDrive, be_on_colab, google_colab, leave_colab

from colorkit import files
from colorkit.errors import KitError
from colorkit.machine import accelerators, drive, environment, hosts, mounting, packages


@pytest.fixture
def colab(monkeypatch, tmp_path):
    """What Colab is recognized by, and a stand-in for its module.

    `mounts` lists where Drive was asked for, `disk` is that Drive.
    """
    mounts, disk = [], StandInDrive(tmp_path, monkeypatch)
    modules = google_colab(disk, mounts.append)
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    be_on_colab(tmp_path, monkeypatch)
    monkeypatch.delenv("COLORKIT_HOME")
    monkeypatch.setenv("COLORKIT_PROFILE", "smoke")
    return types.SimpleNamespace(drive=modules["google.colab.drive"], mounts=mounts, disk=disk)


def test_elsewhere_nothing_is_mounted(colab, monkeypatch, capsys):
    leave_colab(monkeypatch)
    found = environment.setup(use_drive=True)
    assert colab.mounts == []
    assert found.home == files.KIT / "out"
    assert found.data == files.KIT / "out" / "data"
    printed = capsys.readouterr().out
    assert "Drive" not in printed
    assert "home: out\n" in printed  # no path of this machine


def test_only_on_colab_is_anything_installed(colab, monkeypatch):
    calls = []
    monkeypatch.setattr(packages, "install_missing", lambda: calls.append(1))
    environment.setup()
    assert calls == [1]
    leave_colab(monkeypatch)
    environment.setup()
    assert calls == [1]


def test_packages_are_looked_at_wherever_it_runs(monkeypatch, capsys):
    monkeypatch.setattr(packages, "warn_of_untested", lambda: print("not tested: it"))
    environment.setup()
    assert "not tested: it\n" in capsys.readouterr().out

    def refuse():
        raise KitError("another project")

    monkeypatch.setattr(packages, "refuse_namesake", refuse)
    with pytest.raises(KitError, match="another project"):
        environment.setup()


def test_on_colab_drive_is_mounted_and_becomes_home(colab, capsys, tmp_path):
    found = environment.setup()
    assert colab.mounts == [str(tmp_path / "drive")]
    assert found.home == tmp_path / "drive" / "MyDrive" / "colorkit"
    assert "not mounted" not in capsys.readouterr().out


def test_a_drive_without_any_work_on_it_is_reported(colab, capsys):
    """It may be another account's than last time."""
    home = environment.setup().home
    assert (
        f"home: {home}, new on this Drive "
        "(work begun with another Google account is on that account's Drive)\n"
    ) in capsys.readouterr().out
    home.mkdir()
    environment.setup()
    assert f"home: {home}\n" in capsys.readouterr().out


@pytest.mark.parametrize("error", [ValueError("mount failed"), ImportError("no google.colab")])
def test_without_drive_it_goes_on_and_says_what_that_costs(colab, capsys, error):
    def refuse(_):
        raise error

    colab.drive.mount = refuse
    assert environment.setup().home == files.KIT / "out"
    assert_told_once(capsys, mounting.describe(error))


def assert_told_once(capsys, reason: str) -> None:
    lines = [
        line for line in capsys.readouterr().out.splitlines() if "Drive is not mounted" in line
    ]
    assert len(lines) == 1
    assert f"Drive is not mounted ({reason}" in lines[0]
    assert "lost when it goes" in lines[0]


def test_a_cell_that_is_stopped_is_stopped(colab):
    def wait(_):
        raise KeyboardInterrupt

    colab.drive.mount = wait
    with pytest.raises(KeyboardInterrupt):
        environment.setup()


def test_drive_that_is_mounted_already_is_used(colab, capsys):
    """By an earlier run, or by hand; the student isn't asked again."""
    first = environment.setup()
    assert environment.setup() == first
    assert len(colab.mounts) == 1
    assert "not mounted" not in capsys.readouterr().out


def test_a_folder_in_the_mount_points_place_is_not_a_drive(colab, capsys):
    """A program made it without looking for Drive; the second makes mount() say "mounted"."""
    (colab.disk.folder / "MyDrive").mkdir(parents=True)
    assert environment.setup().home == files.KIT / "out"
    assert_told_once(capsys, "/content/drive has files in it; rename that folder")
    (colab.disk.folder / "My Drive").mkdir()
    assert environment.setup().home == files.KIT / "out"
    assert_told_once(capsys, "Drive is not mounted any more")


def test_a_drive_that_was_lost_in_mid_session_is_mounted_again(colab):
    home = environment.setup().home
    colab.disk.unmount()
    with pytest.raises(KitError, match="Drive was mounted and is gone"):
        environment.home_folder()
    assert environment.setup().home == home
    assert environment.home_folder() == home


def test_a_mount_that_does_not_answer_is_not_used(colab, capsys):
    """Mounted by name, but its daemon died: every look into it fails."""
    environment.setup()
    (colab.disk.folder / "MyDrive").rmdir()
    assert environment.setup().home == files.KIT / "out"
    assert_told_once(capsys, "No such file or directory")
    with pytest.raises(KitError, match="Drive was mounted and is gone"):
        environment.home_folder()


def test_a_machine_whose_runs_are_on_drive_does_not_start_over_elsewhere(
    colab, tmp_path, monkeypatch
):
    """Drive was lost in mid-session and can't be mounted: an empty home must not replace it."""
    monkeypatch.setattr(drive, "scratch_folder", lambda: tmp_path / "scratch")
    (tmp_path / "scratch" / "runs").mkdir(parents=True)

    def refuse(_):
        raise ValueError("mount failed")

    colab.drive.mount = refuse
    with pytest.raises(
        KitError,
        match=r"Drive was mounted and is gone \(Drive's own program stopped, or .*\): "
        "run this cell again, or untick USE_DRIVE",
    ):
        environment.setup()
    assert environment.setup(use_drive=False).home == files.KIT / "out"


def test_sight_is_required_of_drive_only(colab, tmp_path):
    drive.require_sight(tmp_path)
    folder = environment.setup().data
    drive.require_sight(folder)
    colab.disk.unmount()
    with pytest.raises(KitError, match=r"can't be seen .*: mount Drive again and run this again"):
        drive.require_sight(folder)
    drive.require_sight(tmp_path)


def test_versions_do_not_depend_on_the_name_of_a_distribution(monkeypatch):
    """TensorFlow may have come as tensorflow-cpu or a nightly build."""
    found = environment.versions()
    assert (found["numpy"], found["tensorflow"]) == (
        numpy.__version__,
        sys.modules["tensorflow"].__version__,
    )
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert environment.versions()["torch"] == "unknown"


def test_use_drive_false_does_not_ask(colab, capsys):
    assert environment.setup(use_drive=False).home == files.KIT / "out"
    assert colab.mounts == []
    assert (
        capsys.readouterr().out.count(
            "Drive is not used: splits and runs are lost when this machine goes."
        )
        == 1
    )


def test_a_student_without_a_gpu_is_told_how_to_get_one(colab, monkeypatch, capsys):
    monkeypatch.setattr(accelerators, "find_accelerators", lambda: ("CPU", 1))
    environment.setup()
    assert "Change runtime type" in capsys.readouterr().out
    leave_colab(monkeypatch)
    environment.setup()
    assert "Change runtime type" not in capsys.readouterr().out


def test_colabs_variable_alone_is_not_colab(colab, monkeypatch):
    """Kaggle's machines have it, and Colab's image on a machine of one's own."""
    leave_colab(monkeypatch)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab_20260801-060036_RC00")
    assert environment.setup().home == files.KIT / "out"
    assert colab.mounts == []


@pytest.fixture
def kaggle(colab, monkeypatch):
    """A machine of Kaggle's, made from Colab's image."""
    leave_colab(monkeypatch)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab_20260801-060036_RC00")
    monkeypatch.setenv(hosts.KAGGLE, "Interactive")


def test_kaggle_has_its_own_words(kaggle, colab, monkeypatch, capsys):
    monkeypatch.setattr(accelerators, "find_accelerators", lambda: ("CPU", 1))
    home = environment.setup().home
    assert home == Path("/kaggle/working/colorkit")
    assert environment.home_folder() == home
    assert colab.mounts == []
    said = capsys.readouterr().out
    assert "Kaggle has no Drive: splits and runs are there for the next session only if" in said
    assert "menu Settings, Accelerator" in said
    assert "lost" not in said
    assert "Runtime" not in said


def test_downloads_dont_fill_the_folder_that_kaggle_keeps(kaggle):
    assert drive.scratch_folder() == Path("/kaggle/temp/colorkit-data")


def test_kaggle_installs_what_is_missing_too(kaggle, monkeypatch):
    calls = []
    monkeypatch.setattr(packages, "install_missing", lambda: calls.append(1))
    environment.setup()
    assert calls == [1]


def test_work_from_before_drive_was_used_is_named(colab, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(hosts, "KIT", tmp_path / "kit")
    environment.setup(use_drive=False)
    for name in ("cnn", "gan"):
        run = tmp_path / "kit" / "out" / "runs" / name
        run.mkdir(parents=True)
        (run / "run.json").touch()
    capsys.readouterr()
    environment.setup()
    line = (
        "2 runs from before Drive was used: the lesson that uses them next copies them to Drive\n"
    )
    assert line in capsys.readouterr().out
    environment.setup()  # mounted already
    assert "before Drive" not in capsys.readouterr().out


# profile


@pytest.mark.parametrize(
    ("devices", "name"), [(("CPU", 1), "demo"), (("GPU", 1), "class"), (("TPU", 1), "class")]
)
def test_the_device_chooses_the_profile(monkeypatch, devices, name):
    monkeypatch.setattr(accelerators, "find_accelerators", lambda: devices)
    assert environment.default_profile().name == name


def test_the_variable_wins_over_the_device(monkeypatch, capsys):
    monkeypatch.setattr(accelerators, "find_accelerators", lambda: ("GPU", 2))
    monkeypatch.setenv("COLORKIT_PROFILE", "smoke")
    found = environment.setup()
    assert found.profile.name == "smoke"
    assert found.device == "2 GPUs"
    assert "device: 2 GPUs\nprofile: smoke\n" in capsys.readouterr().out


def test_an_unknown_profile(monkeypatch):
    monkeypatch.setenv("COLORKIT_PROFILE", "turbo")
    with pytest.raises(
        KitError, match="profile 'turbo' is unknown: one of smoke, demo, class, paper, full"
    ):
        environment.setup()


# backend


def set_modules(monkeypatch, *present: str) -> None:
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: object() if name in present else None
    )


def test_tensorflow_where_it_is(monkeypatch):
    set_modules(monkeypatch, "tensorflow", "jax")
    accelerators.choose_backend()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"


def test_of_tensorflows_log_only_errors_are_shown(monkeypatch, caplog):
    """Also in a notebook, where TensorFlow sets its logger's level to INFO when it is imported."""
    accelerators.choose_backend()
    logger = logging.getLogger("tensorflow")
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.INFO, "tensorflow"):
        logger.warning("5 out of the last 15 calls")
        logger.error("out of memory")
    assert [record.message for record in caplog.records] == ["out of memory"]


def test_jax_where_tensorflow_is_not(monkeypatch):
    set_modules(monkeypatch, "jax")
    monkeypatch.setattr(packages, "require_all", lambda: None)
    monkeypatch.setitem(sys.modules, "jax", types.ModuleType("jax"))
    accelerators.choose_backend()
    assert os.environ["KERAS_BACKEND"] == "jax"


@pytest.mark.parametrize(
    ("present", "backend"),
    [
        (("tensorflow", "jax", "libtpu"), "jax"),
        (("tensorflow", "libtpu"), "tensorflow"),
        (("jax", "libtpu"), "jax"),
    ],
)
def test_a_tpu_computes_by_jax_whatever_tensorflow_is_there(monkeypatch, present, backend):
    """Kaggle's TPU machines have a TensorFlow for the CPU beside it."""
    set_modules(monkeypatch, *present)
    monkeypatch.setattr(packages, "require_all", lambda: None)
    assert accelerators._suitable_backend() == backend


def test_where_keras_is_missing_too_all_of_it_is_named(monkeypatch):
    """Not the backend, which is there."""
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "keras" else real(name)
    )
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(KitError, match=r"^not installed for this Python: keras\. "):
        accelerators.choose_backend()


def test_what_the_user_chose_stays(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setitem(sys.modules, "jax", types.ModuleType("jax"))
    accelerators.choose_backend()
    assert os.environ["KERAS_BACKEND"] == "jax"


def test_the_networks_numbers_don_t_depend_on_the_user_s_keras_json():
    keras.config.set_floatx("float64")
    keras.config.set_image_data_format("channels_first")
    accelerators.choose_backend()
    assert keras.config.floatx() == "float32"
    assert keras.config.image_data_format() == "channels_last"


def test_a_backend_that_the_kit_does_not_know_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(KitError, match=r"^KERAS_BACKEND: expected tensorflow or jax, got 'torch'$"):
        accelerators.choose_backend()


def test_a_backend_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(KitError, match=r"^jax can't be imported \(.*\): install it, or set KERAS_"):
        accelerators.choose_backend()


def stub_jax(monkeypatch, platform: str, count: int, **details) -> None:
    jax = types.ModuleType("jax")
    jax.devices = lambda: [types.SimpleNamespace(platform=platform, **details)] * count
    monkeypatch.setitem(sys.modules, "jax", jax)
    monkeypatch.setenv("KERAS_BACKEND", "jax")


@pytest.mark.parametrize(
    ("platform", "count", "found"),
    [("cpu", 8, ("CPU", 1)), ("tpu", 8, ("TPU", 8)), ("gpu", 1, ("GPU", 1))],
)
def test_devices_of_jax(monkeypatch, platform, count, found):
    stub_jax(monkeypatch, platform, count)
    assert accelerators.find_accelerators() == found


@pytest.mark.parametrize(
    ("gpus", "found"), [([], ("CPU", 1)), (["one"], ("GPU", 1)), (["one", "two"], ("GPU", 2))]
)
def test_devices_of_tensorflow(monkeypatch, gpus, found):
    stub = types.ModuleType("tensorflow")
    stub.config = types.SimpleNamespace(
        list_physical_devices=lambda kind: gpus if kind == "GPU" else []
    )
    monkeypatch.setitem(sys.modules, "tensorflow", stub)
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert accelerators.find_accelerators() == found


@pytest.mark.parametrize(
    ("platform", "capability", "policy"),
    [
        ("cpu", None, "float32"),
        ("tpu", None, "mixed_bfloat16"),
        ("gpu", "9.0", "mixed_bfloat16"),
        ("gpu", "8.9", "mixed_bfloat16"),
        ("gpu", "7.5", "mixed_float16"),
        ("gpu", "6.0", "float32"),
        ("gpu", None, "float32"),
    ],
)
def test_precision_by_device_on_jax(monkeypatch, platform, capability, policy):
    more = {} if capability is None else {"compute_capability": capability}
    stub_jax(monkeypatch, platform, 1, **more)
    assert accelerators.device_precision() == policy


@pytest.mark.parametrize(
    ("gpus", "details", "policy"),
    [
        ([], {}, "float32"),
        (["one"], {"compute_capability": (8, 0)}, "mixed_bfloat16"),
        (["one"], {"compute_capability": (7, 5)}, "mixed_float16"),
        (["one"], {}, "float32"),
    ],
)
def test_precision_by_device_on_tensorflow(monkeypatch, gpus, details, policy):
    stub = types.ModuleType("tensorflow")
    experimental = types.SimpleNamespace(get_device_details=lambda gpu: details)
    stub.config = types.SimpleNamespace(
        list_physical_devices=lambda kind: gpus if kind == "GPU" else [], experimental=experimental
    )
    monkeypatch.setitem(sys.modules, "tensorflow", stub)
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert accelerators.device_precision() == policy


# home


def test_home_is_what_the_variable_says(colab, monkeypatch, tmp_path):
    colab.disk.mount()
    monkeypatch.setenv("COLORKIT_HOME", str(tmp_path / "mine"))
    assert environment.home_folder() == tmp_path / "mine"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLORKIT_HOME", "relative")
    assert environment.home_folder() == tmp_path / "relative"


def test_home_on_colab_needs_a_mounted_drive(colab, monkeypatch, tmp_path):
    """A disconnected Drive leaves its mount point behind, and an empty folder is not a Drive."""
    assert environment.home_folder() == files.KIT / "out"
    colab.disk.mount()
    assert environment.home_folder() == tmp_path / "drive" / "MyDrive" / "colorkit"
    colab.disk.unmount()
    with pytest.raises(
        KitError,
        match=r"Drive was mounted and is gone \(Drive is not mounted any more\): "
        "mount it again, or set COLORKIT_HOME",
    ):
        environment.home_folder()
    monkeypatch.setenv("COLORKIT_HOME", str(tmp_path / "mine"))
    assert environment.home_folder() == tmp_path / "mine"


@pytest.mark.needs("links")
def test_what_is_on_drive(colab, monkeypatch, tmp_path):
    folder = colab.disk.folder
    colab.disk.mount()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(folder / "MyDrive")
    for path in (
        folder / "MyDrive",
        Path("drive/MyDrive/none"),
        tmp_path / "link" / "none",
        tmp_path / "x" / ".." / "drive",
    ):
        assert drive.on_drive(path), path
    for path in (tmp_path, Path("drives"), folder / ".." / "x"):
        assert not drive.on_drive(path), path


def test_home_elsewhere_ignores_a_folder_that_looks_like_drive(colab, monkeypatch):
    colab.disk.mount()
    leave_colab(monkeypatch)
    assert environment.home_folder() == files.KIT / "out"


# the home folder's name


@pytest.mark.parametrize("named", ["~/kit", "$HOME/kit", " ~/kit "])
def test_a_home_is_found_as_a_shell_would_find_it(monkeypatch, tmp_path, named):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLORKIT_HOME", named)
    assert environment.home_folder() == tmp_path / "kit"


def test_a_relative_home_stays_where_it_was_found(monkeypatch, tmp_path, capsys):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLORKIT_HOME", "runs-here")
    assert environment.setup().home == tmp_path / "runs-here"
    monkeypatch.chdir("elsewhere")
    assert environment.setup().home == environment.home_folder() == tmp_path / "runs-here"


def test_a_file_is_no_home(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COLORKIT_HOME", str(tmp_path / "file"))
    with pytest.raises(KitError, match=r"^COLORKIT_HOME: expected a folder, got the file .*/file$"):
        environment.home_folder()
