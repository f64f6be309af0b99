"""Get a lesson ready on any machine: backend, profile, and home folder."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from .. import profiles
from ..errors import KitError
from ..files import KIT
from . import accelerators, drive, hosts, mounting, packages

HOME_ON_DRIVE = "MyDrive/colorkit"
NEW_ON_DRIVE = (
    ", new on this Drive (work begun with another Google account is on that account's Drive)"
)


@dataclass(frozen=True)
class Environment:
    """What the lessons need to know about the machine.

    Attributes:
        home: folder that keeps `data/` (splits) and `runs/`.
        device: description of what trains, for people to read.
        profile: how much work a lesson does here.
    """

    home: Path
    device: str
    profile: profiles.Profile

    @property
    def data(self) -> Path:
        """Return the folder of the splits."""
        return self.home / "data"


def setup(use_drive: bool = True) -> Environment:
    """Get ready, and print device, profile and home folder. The first cell of every lesson.

    On Colab it also mounts Drive. What is missing it installs on Colab and on Kaggle only.

    Args:
        use_drive: whether to mount Drive on Colab.

    Raises:
        KitError: another project's colorkit is installed; packages are missing that can't be
            installed here; COLORKIT_PROFILE names no profile; or this machine has runs whose Drive
            can't be mounted again.

    Example:
        >>> env = setup()  # doctest: +SKIP
        device: 1 GPU
        profile: class
        home: /content/drive/MyDrive/colorkit
    """
    packages.refuse_namesake()
    if hosts.is_hosted():
        packages.install_missing()
    else:
        packages.require_all()
    packages.warn_of_untested()
    mounted = _mount(use_drive)
    accelerators.choose_backend()
    kind, count = accelerators.find_accelerators()
    device = _describe_device(kind, count)
    profile = default_profile()
    home = home_folder(mounted)
    if os.environ.get("COLORKIT_HOME"):  # a relative one must not move with the current folder
        os.environ["COLORKIT_HOME"] = str(home)
    hint = f"; {hosts.gpu_hint()}" if hosts.gpu_hint() and kind == "CPU" else ""
    new = NEW_ON_DRIVE if drive.on_drive(home) and not home.exists() else ""
    print(f"device: {device}{hint}\nprofile: {profile.name}\nhome: {_short(home)}{new}")
    return Environment(home, device, profile)


def _mount(use_drive: bool) -> bool:
    """Mount Drive where there is one; otherwise say what happens to splits and runs.

    Returns:
        Whether Drive is mounted.
    """
    if hosts.on_kaggle():
        print(hosts.KAGGLE_KEEPS)
        return False
    if not hosts.on_colab():
        return False
    if not use_drive:
        print("Drive is not used: splits and runs are lost when this machine goes.")
        return False
    was_mounted = drive.answers()
    mounted = mounting.mount_drive()
    if mounted and not was_mounted:
        _name_earlier_work()
    return mounted


def _name_earlier_work() -> None:
    """Say in a line that this machine has work from before Drive was used."""
    earlier = earlier_home(drive.DRIVE)
    if earlier is None:
        return
    runs = len(list(earlier.glob("runs/*/run.json")))
    found = ["splits"] if (earlier / "data" / "manifest.json").exists() else []
    found += [f"{runs} run{'s' if runs > 1 else ''}"] if runs else []
    if found:
        print(
            f"{' and '.join(found)} from before Drive was used: "
            "the lesson that uses them next copies them to Drive"
        )


def _describe_device(kind: str, count: int) -> str:
    """Describe what trains, as in "2 GPUs"."""
    if kind == "CPU":
        return f"CPU, {os.cpu_count()} cores, no GPU"
    return f"{count} {kind}s" if count > 1 else f"{count} {kind}"


def default_profile() -> profiles.Profile:
    """Return the profile that suits this machine.

    COLORKIT_PROFILE decides if it is set. Otherwise it is `demo` on a CPU, else `class`.

    Raises:
        KitError: COLORKIT_PROFILE names no profile.
    """
    named = os.environ.get("COLORKIT_PROFILE")
    if named:
        return profiles.get(named)
    kind, _ = accelerators.find_accelerators()
    return profiles.get("demo" if kind == "CPU" else "class")


def home_folder(drive_mounted: bool | None = None) -> Path:
    """Return the folder that keeps splits and runs.

    COLORKIT_HOME decides if it is set. Otherwise it is a folder on Drive when that is mounted, else
    `out/` in the checkout (on Kaggle, a folder that is kept).

    Args:
        drive_mounted: whether Drive is mounted; None finds out.

    Raises:
        KitError: Drive was mounted and is gone, or COLORKIT_HOME is no folder.
    """
    named = os.environ.get("COLORKIT_HOME", "").strip()
    if named:
        return _named_home(named)
    if drive_mounted is None:
        drive_mounted = hosts.on_colab() and drive.drive_is_mounted()
    return drive.DRIVE / HOME_ON_DRIVE if drive_mounted else hosts.local_home()


def earlier_home(home: Path) -> Path | None:
    """Return the home folder that this machine had before Drive was used.

    Args:
        home: today's home folder, or a folder in it.

    Returns:
        The folder; None where `home` isn't on Colab's Drive, COLORKIT_HOME chose it, or nothing was
        done before.
    """
    if os.environ.get("COLORKIT_HOME") or not (hosts.on_colab() and drive.on_drive(home)):
        return None
    here = hosts.local_home()
    return here if here.is_dir() else None


def _named_home(named: str) -> Path:
    """Return the folder that COLORKIT_HOME names; the shell may have left ~ or $HOME in it.

    Raises:
        KitError: a file has this name.
    """
    home = Path(os.path.expanduser(os.path.expandvars(named))).resolve()
    if home.exists() and not home.is_dir():
        raise KitError(f"COLORKIT_HOME: expected a folder, got the file {home}")
    return home


def _short(path: Path) -> str:
    """Return a path to print, relative to the checkout where it lies inside.

    So the outputs kept in a lesson show no path of the machine that made them.
    """
    return path.relative_to(KIT).as_posix() if path.is_relative_to(KIT) else str(path)


def versions() -> dict[str, str]:
    """Return the versions of what computes.

    They are kept beside a run's checkpoints, for anybody who asks why two machines differ.
    """
    # these modules are imported by now, whatever distribution they came in
    names = ("keras", "numpy", os.environ.get("KERAS_BACKEND", "tensorflow"))
    found = {name: getattr(sys.modules.get(name), "__version__", "unknown") for name in names}
    return {"python": platform.python_version()} | found
