"""Where the kit runs: Colab or not, Drive, the devices, the profile. The only module that knows Colab exists."""

import contextlib
import errno
import functools
import importlib.util
import logging
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from . import packages, profiles
from .errors import KitError, first_line
from .files import KIT, write_bytes

DRIVE = Path("/content/drive")  # where Colab's own examples mount it
HOME_ON_DRIVE = "MyDrive/colorkit"
SCRATCH_ON_COLAB = Path("/content/colorkit-data")
NEW_ON_DRIVE = ", new on this Drive (what another Google account began is on that one's)"
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
    """Get ready: on Colab install what is missing and mount Drive (when wanted); choose backend, profile and home folder; print them.

    Raises:
        KitError: another project's colorkit is installed, or what is missing can't be; COLORKIT_PROFILE names no profile; this machine has
            runs whose Drive can't be mounted again.
    """
    packages.refuse_namesake()
    if on_colab():
        packages.install_missing()
    packages.warn_of_untested()
    mounted = on_colab() and use_drive and _mount_drive()
    if on_colab() and not use_drive:
        print("Drive is not used: splits and runs are lost when this machine goes.")
    choose_backend()
    kind, count = accelerators()
    device = f"{count} {kind}{'s' if count > 1 else ''}" if kind != "CPU" else f"CPU, {os.cpu_count()} cores, no GPU"
    profile = default_profile()
    home = home_folder(mounted)
    hint = f"; {GPU_HINT}" if on_colab() and kind == "CPU" else ""
    new = NEW_ON_DRIVE if on_drive(home) and not home.exists() else ""
    print(f"device: {device}{hint}\nprofile: {profile.name}\nhome: {_short(home)}{new}")
    return Environment(home, device, profile)


def default_profile() -> profiles.Profile:
    """What COLORKIT_PROFILE names, else `class` where something accelerates, `demo` on a CPU.

    Raises:
        KitError: COLORKIT_PROFILE names no profile.
    """
    named = os.environ.get("COLORKIT_PROFILE")
    return profiles.get(named or ("demo" if accelerators()[0] == "CPU" else "class"))


def home_folder(drive_mounted: bool | None = None) -> Path:
    """COLORKIT_HOME, else a folder on Drive when it is mounted, else `out/` in the checkout.

    Raises:
        KitError: Drive was mounted and is gone.
    """
    if os.environ.get("COLORKIT_HOME"):
        return Path(os.environ["COLORKIT_HOME"]).resolve()
    if drive_mounted is None:
        drive_mounted = on_colab() and _drive_is_mounted()
    return DRIVE / HOME_ON_DRIVE if drive_mounted else KIT / "out"


def check_drive() -> None:
    """Raise OSError unless Drive is mounted and answers. When the mount is lost, its files are "not found" as if they had never been."""
    if not os.path.ismount(DRIVE):
        raise OSError(errno.ENOTCONN, "Drive is not mounted any more", str(DRIVE))
    os.stat(DRIVE / "MyDrive")


def on_drive(folder: Path) -> bool:
    """Whether a folder lies on Google Drive, however it is called (`drive/MyDrive/...` from Colab's own folder, or by a link)."""
    return Path(os.path.realpath(folder)).is_relative_to(DRIVE)


def require_sight(folder: Path) -> None:
    """Raise KitError where a folder lies on Drive and Drive can't be seen: then that nothing is found there says nothing."""
    if on_drive(folder):
        try:
            check_drive()
        except OSError as bad:
            raise unseen(folder, bad) from None


def unseen(folder: Path, bad: OSError) -> KitError:
    """What to say of a folder on Drive while Drive refuses."""
    return KitError(f"{folder} can't be seen ({first_line(bad)}): mount Drive again and run this again")


def scratch_folder() -> Path:
    """Where big downloads and local copies go: a disk of the machine itself, never Drive (15 GB of it are free of charge)."""
    return SCRATCH_ON_COLAB if on_colab() else KIT / "out"


def upload() -> Path:
    """Ask for a file of the student's own computer, on Colab, and put it on a disk of the machine; it is gone when the machine goes.

    Raises:
        KitError: this is not Colab, or no file was chosen.
    """
    if not on_colab():
        raise KitError("a file is uploaded on Colab only: here give its path instead")
    from google.colab import files  # exists on Colab only

    chosen = files.upload()
    if not chosen:
        raise KitError("no file was chosen: run this cell again")
    name, data = next(iter(chosen.items()))
    path = scratch_folder() / "uploads" / Path(name).name
    write_bytes(path, data)
    return path


def _short(path: Path) -> str:
    """A path to print: relative to the checkout where it lies inside, so that no machine's own paths stand in a lesson."""
    return path.relative_to(KIT).as_posix() if path.is_relative_to(KIT) else str(path)


def _drive_is_mounted() -> bool:
    """Whether Drive is there; its mount point left over from a mount that broke is no reason to begin anew elsewhere."""
    try:
        check_drive()
        return True
    except OSError as bad:
        if os.path.lexists(DRIVE):
            raise KitError(f"Drive was mounted and is gone ({first_line(bad)}): mount it again, or set COLORKIT_HOME") from None
        return False


def _mount_drive() -> bool:
    """Mount Drive; where that is refused, cancelled or impossible on a new machine, say once what it costs and go on."""
    with contextlib.suppress(OSError):
        check_drive()
        return True  # and the student isn't asked again
    from google.colab import drive  # exists on Colab only

    try:
        drive.mount(str(DRIVE))
        check_drive()  # a folder of that name makes mount() say "already mounted" and do nothing
        return True
    except Exception as bad:  # MessageError (cancelled), ValueError (mount failed), NotImplementedError (enterprise)
        if (scratch_folder() / "runs").exists():  # this machine had it: going on elsewhere would begin all of that anew
            raise KitError(f"Drive was mounted and is gone ({first_line(bad)}): run this cell again, or untick USE_DRIVE") from None
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


def versions() -> dict[str, str]:
    """What computes: kept beside a run's checkpoints, for whoever asks why two machines differ."""
    names = ("keras", "numpy", os.environ.get("KERAS_BACKEND", "tensorflow"))  # imported by now, whatever distribution they came in
    return {"python": platform.python_version()} | {name: getattr(sys.modules.get(name), "__version__", "unknown") for name in names}


def accelerators() -> tuple[str, int]:
    """Kind and number of the devices that will train: ("GPU", 1), ("TPU", 8) or ("CPU", 1)."""
    if os.environ.get("KERAS_BACKEND") == "jax":
        devices = jax_devices()
        return ("CPU", 1) if devices[0].platform == "cpu" else (devices[0].platform.upper(), len(devices))
    import tensorflow

    gpus = tensorflow.config.list_physical_devices("GPU")
    return ("GPU", len(gpus)) if gpus else ("CPU", 1)


def precision() -> str:
    """The Keras dtype policy that suits what trains: 16 bits where the device is built for them, float32 elsewhere.

    GPUs multiply bfloat16 natively from compute capability 8 on (A100, L4), float16 from 7 on (V100, T4: 7.5); TPUs bfloat16.
    """
    kind, _ = accelerators()
    if kind == "TPU":
        return "mixed_bfloat16"
    if kind != "GPU":
        return "float32"
    generation = _compute_capability()
    return "mixed_bfloat16" if generation >= 8 else "mixed_float16" if generation >= 7 else "float32"


def _compute_capability() -> float:
    """Of the first GPU; 0 where it has none (GPUs that aren't NVIDIA's)."""
    if os.environ.get("KERAS_BACKEND") == "jax":
        return float(getattr(jax_devices()[0], "compute_capability", 0))  # a string such as "7.5"
    import tensorflow

    details = tensorflow.config.experimental.get_device_details(tensorflow.config.list_physical_devices("GPU")[0])
    return float(".".join(map(str, details.get("compute_capability", (0,)))))


def jax_devices() -> list:
    """JAX's devices; those of all hosts, where KERAS_DISTRIBUTION_NUM_PROCESSES says that there are several."""
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
        _join_hosts()
    import jax

    return jax.devices()


@functools.cache  # they can be joined only once, before JAX does anything else
def _join_hosts() -> None:
    import keras

    keras.distribution.initialize()
