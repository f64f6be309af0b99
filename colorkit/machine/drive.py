"""Google Drive on Colab: whether it is mounted, whether a folder can be seen, and disks that are not Drive."""

import contextlib
import errno
import os
from pathlib import Path

from ..errors import KitError, first_line
from ..files import KIT, write_bytes

DRIVE = Path("/content/drive")  # where Colab's own examples mount it
SCRATCH_ON_COLAB = Path("/content/colorkit-data")


def on_colab() -> bool:
    """Whether this is Colab's own kernel. (A module named google.colab can be installed anywhere; this variable can't be by accident.)"""
    return "COLAB_RELEASE_TAG" in os.environ


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
    return KitError(
        f"{folder} can't be seen ({first_line(bad)}): mount Drive again and run this again"
    )


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


def _drive_is_mounted() -> bool:
    """Whether Drive is there; its mount point left over from a mount that broke is no reason to begin anew elsewhere."""
    try:
        check_drive()
        return True
    except OSError as bad:
        if os.path.lexists(DRIVE):
            raise KitError(
                f"Drive was mounted and is gone ({first_line(bad)}): mount it again, or set COLORKIT_HOME"
            ) from None
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
        if (
            scratch_folder() / "runs"
        ).exists():  # this machine had it: going on elsewhere would begin all of that anew
            raise KitError(
                f"Drive was mounted and is gone ({first_line(bad)}): run this cell again, or untick USE_DRIVE"
            ) from None
        print(
            f"Drive is not mounted ({first_line(bad)}): splits and runs stay on this machine and are lost when it goes."
        )
        return False
