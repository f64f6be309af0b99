"""Where the kit runs: Colab or not, Drive, the device, the profile. The only module that knows Colab exists."""

import importlib.util
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from . import profiles
from .errors import first_line
from .manifest import KIT

DRIVE = Path("/content/drive")  # where Colab's own examples mount it
HOME_ON_DRIVE = "MyDrive/colorkit"
SCRATCH_ON_COLAB = Path("/content/colorkit-data")
GPU_HINT = "for a GPU: menu Runtime, Change runtime type, T4 GPU, then run this cell again"


@dataclass(frozen=True)
class Environment:
    """What the lessons need to know of the machine.

    Attributes:
        home: the folder that keeps `data/` (splits) and `runs/`.
        device: what trains, for people to read.
        profile: how much work a lesson does here.
    """

    home: Path
    device: str
    profile: profiles.Profile

    @property
    def data(self) -> Path:
        """Where the splits are."""
        return self.home / "data"


def on_colab() -> bool:
    """Whether this is Colab's own kernel. (A module named google.colab can be installed anywhere; this variable can't be by accident.)"""
    return "COLAB_RELEASE_TAG" in os.environ


def setup(use_drive: bool = True) -> Environment:
    """Get ready: mount Drive (on Colab, when wanted), choose the backend, the profile and the home folder; print what was found.

    Raises:
        KitError: COLORKIT_PROFILE names no profile.
    """
    mounted = on_colab() and use_drive and _mount_drive()
    if on_colab() and not use_drive:
        print("Drive is not used: splits and runs are lost when this machine goes.")
    choose_backend()
    kind, count = accelerators()
    device = f"{count} {kind}{'s' if count > 1 else ''}" if kind != "CPU" else f"CPU, {os.cpu_count()} cores, no GPU"
    profile = default_profile()
    home = home_folder(mounted)
    hint = f"; {GPU_HINT}" if on_colab() and kind == "CPU" else ""
    print(f"device: {device}{hint}\nprofile: {profile.name}\nhome: {_short(home)}")
    return Environment(home, device, profile)


def default_profile() -> profiles.Profile:
    """What COLORKIT_PROFILE names, else `class` where something accelerates, `demo` on a CPU.

    Raises:
        KitError: COLORKIT_PROFILE names no profile.
    """
    named = os.environ.get("COLORKIT_PROFILE")
    return profiles.get(named or ("demo" if accelerators()[0] == "CPU" else "class"))


def home_folder(drive_mounted: bool | None = None) -> Path:
    """COLORKIT_HOME, else a folder on Drive when it is mounted, else `out/` in the checkout."""
    if os.environ.get("COLORKIT_HOME"):
        return Path(os.environ["COLORKIT_HOME"]).resolve()
    if drive_mounted is None:
        drive_mounted = on_colab() and (DRIVE / "MyDrive").is_dir()
    return DRIVE / HOME_ON_DRIVE if drive_mounted else KIT / "out"


def on_drive(folder: Path) -> bool:
    """Whether a folder lies on Google Drive."""
    return folder.is_relative_to(DRIVE)


def scratch_folder() -> Path:
    """Where big downloads and local copies go: a disk of the machine itself, never Drive (15 GB of it are free of charge)."""
    return SCRATCH_ON_COLAB if on_colab() else KIT / "out"


def _short(path: Path) -> str:
    """A path to print: relative to the checkout where it lies inside, so that no machine's own paths stand in a lesson."""
    return path.relative_to(KIT).as_posix() if path.is_relative_to(KIT) else str(path)


def _mount_drive() -> bool:
    """Mount Drive; where that is refused, cancelled or impossible, say once what it costs and go on."""
    from google.colab import drive  # exists on Colab only

    try:
        drive.mount(str(DRIVE))
        return True
    except Exception as bad:  # MessageError (cancelled), ValueError (mount failed), NotImplementedError (enterprise)
        print(f"Drive is not mounted ({first_line(bad)}): splits and runs stay on this machine and are lost when it goes.")
        return False


def choose_backend() -> None:
    """Choose Keras' backend before Keras is first imported: what KERAS_BACKEND says, else TensorFlow, else (Colab's TPU machines) JAX."""
    if "KERAS_BACKEND" not in os.environ:
        os.environ["KERAS_BACKEND"] = "tensorflow" if importlib.util.find_spec("tensorflow") else "jax"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up messages frighten readers and say nothing here
    logging.getLogger("tensorflow").addFilter(_is_error)  # its advice on retracing is about Keras' code, not the reader's


def _is_error(record: logging.LogRecord) -> bool:
    """A filter and no level: in a notebook TensorFlow sets its logger's level when it is imported."""
    return record.levelno >= logging.ERROR


def accelerators() -> tuple[str, int]:
    """Kind and number of the devices that will train: ("GPU", 1), ("TPU", 8) or ("CPU", 1)."""
    if os.environ.get("KERAS_BACKEND") == "jax":
        import jax

        devices = jax.devices()
        return ("CPU", 1) if devices[0].platform == "cpu" else (devices[0].platform.upper(), len(devices))
    import tensorflow

    gpus = tensorflow.config.list_physical_devices("GPU")
    return ("GPU", len(gpus)) if gpus else ("CPU", 1)
