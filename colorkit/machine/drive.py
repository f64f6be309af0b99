"""Find Google Drive where it is mounted, and name a folder on a disk that is not Drive."""

import errno
import os
from pathlib import Path

from ..errors import KitError, first_line
from . import hosts

DRIVE = Path("/content/drive")  # where Colab's own examples mount it
SCRATCH_ON_COLAB = Path("/content/colorkit-data")
SCRATCH_ON_KAGGLE = Path("/kaggle/temp/colorkit-data")


def check_drive() -> None:
    """Raise OSError unless Drive is mounted and answers.

    When the mount is lost, its files are "not found", as if they had never been there.
    """
    if not os.path.ismount(DRIVE):
        raise OSError(errno.ENOTCONN, "Drive is not mounted any more", str(DRIVE))
    os.stat(DRIVE / "MyDrive")


def on_drive(folder: Path) -> bool:
    """Return whether a folder lies on Google Drive, whatever path leads to it.

    Examples are `drive/MyDrive/...` from Colab's own folder, and a link.
    """
    return Path(os.path.realpath(folder)).is_relative_to(DRIVE)


def require_sight(folder: Path) -> None:
    """Raise KitError where a folder lies on Drive and Drive can't be seen.

    A file that is not found there then need not be missing.
    """
    if on_drive(folder):
        try:
            check_drive()
        except OSError as bad:
            raise unseen(folder, bad) from None


def unseen(folder: Path, bad: OSError) -> KitError:
    """Return the error about a folder on Drive that can't be seen."""
    return KitError(
        f"{folder} can't be seen ({first_line(bad)}): mount Drive again and run this again"
    )


def scratch_folder() -> Path:
    """Return the folder for large downloads and local copies.

    It is on a disk of the machine, never on Drive, where only 15 GB are free of charge, nor in the
    folder that Kaggle keeps, which takes 20 GB.
    """
    if hosts.on_colab():
        return SCRATCH_ON_COLAB
    return SCRATCH_ON_KAGGLE if hosts.on_kaggle() else hosts.local_home()


def answers() -> bool:
    """Return whether Drive is mounted and answers now."""
    try:
        check_drive()
    except OSError:
        return False
    return True


def drive_is_mounted() -> bool:
    """Return whether Drive is mounted and answers.

    Raises:
        KitError: its mount point is there but Drive isn't, so it was mounted before. Working
            elsewhere would then start all over.
    """
    try:
        check_drive()
        return True
    except OSError as bad:
        if os.path.lexists(DRIVE):
            raise KitError(
                f"Drive was mounted and is gone ({first_line(bad)}): "
                "mount it again, or set COLORKIT_HOME"
            ) from None
        return False
