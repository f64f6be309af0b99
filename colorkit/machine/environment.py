"""Where the kit runs: Colab or not, Drive, the devices, the profile. The only module that knows Colab exists."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from .. import profiles
from ..files import KIT
from . import accelerators, drive, packages

HOME_ON_DRIVE = "MyDrive/colorkit"
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


def setup(use_drive: bool = True) -> Environment:
    """Get ready: on Colab install what is missing and mount Drive (when wanted); choose backend, profile and home folder; print them.

    Raises:
        KitError: another project's colorkit is installed, or what is missing can't be; COLORKIT_PROFILE names no profile; this machine has
            runs whose Drive can't be mounted again.
    """
    packages.refuse_namesake()
    if drive.on_colab():
        packages.install_missing()
    packages.warn_of_untested()
    mounted = drive.on_colab() and use_drive and drive._mount_drive()
    if drive.on_colab() and not use_drive:
        print("Drive is not used: splits and runs are lost when this machine goes.")
    accelerators.choose_backend()
    kind, count = accelerators.find_accelerators()
    device = (
        f"{count} {kind}{'s' if count > 1 else ''}"
        if kind != "CPU"
        else f"CPU, {os.cpu_count()} cores, no GPU"
    )
    profile = default_profile()
    home = home_folder(mounted)
    hint = f"; {GPU_HINT}" if drive.on_colab() and kind == "CPU" else ""
    new = NEW_ON_DRIVE if drive.on_drive(home) and not home.exists() else ""
    print(f"device: {device}{hint}\nprofile: {profile.name}\nhome: {_short(home)}{new}")
    return Environment(home, device, profile)


def default_profile() -> profiles.Profile:
    """What COLORKIT_PROFILE names, else `class` where something accelerates, `demo` on a CPU.

    Raises:
        KitError: COLORKIT_PROFILE names no profile.
    """
    named = os.environ.get("COLORKIT_PROFILE")
    return profiles.get(
        named or ("demo" if accelerators.find_accelerators()[0] == "CPU" else "class")
    )


def home_folder(drive_mounted: bool | None = None) -> Path:
    """COLORKIT_HOME, else a folder on Drive when it is mounted, else `out/` in the checkout.

    Raises:
        KitError: Drive was mounted and is gone.
    """
    if os.environ.get("COLORKIT_HOME"):
        return Path(os.environ["COLORKIT_HOME"]).resolve()
    if drive_mounted is None:
        drive_mounted = drive.on_colab() and drive._drive_is_mounted()
    return drive.DRIVE / HOME_ON_DRIVE if drive_mounted else KIT / "out"


def _short(path: Path) -> str:
    """A path to print: relative to the checkout where it lies inside, so that no machine's own paths stand in a lesson."""
    return path.relative_to(KIT).as_posix() if path.is_relative_to(KIT) else str(path)


def versions() -> dict[str, str]:
    """What computes: kept beside a run's checkpoints, for whoever asks why two machines differ."""
    names = (
        "keras",
        "numpy",
        os.environ.get("KERAS_BACKEND", "tensorflow"),
    )  # imported by now, whatever distribution they came in
    return {"python": platform.python_version()} | {
        name: getattr(sys.modules.get(name), "__version__", "unknown") for name in names
    }
