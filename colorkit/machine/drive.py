"""Find and mount Google Drive on Colab, and name a folder on a disk that is not Drive."""

import contextlib
import errno
import os
from pathlib import Path

from ..errors import KitError, first_line
from ..files import KIT, write_bytes
from . import disk

DRIVE = Path("/content/drive")  # where Colab's own examples mount it
SCRATCH_ON_COLAB = Path("/content/colorkit-data")


def on_colab() -> bool:
    """Return whether this is Colab's own kernel.

    A module named google.colab can be installed anywhere; this variable is never set by accident.
    """
    return "COLAB_RELEASE_TAG" in os.environ


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

    It is on a disk of the machine, never on Drive, where only 15 GB are free of charge.
    """
    return SCRATCH_ON_COLAB if on_colab() else KIT / "out"


def upload() -> Path:
    """Ask the student to choose a file on their own computer, and upload it to Colab. Lesson 7.8.

    Returns:
        The path of the file on the machine's own disk. It is lost when the machine goes.

    Raises:
        KitError: this is not Colab, not one file was chosen, it is empty, or it can't be written.

    Example:
        >>> upload()  # doctest: +SKIP
        PosixPath('/content/colorkit-data/uploads/grandmother.jpg')
    """
    if not on_colab():
        raise KitError("a file is uploaded on Colab only: here give its path instead")
    from google.colab import files  # exists on Colab only

    chosen = files.upload()
    if not chosen:
        raise KitError("no file was chosen: run this cell again")
    if len(chosen) > 1:
        raise KitError(
            f"{len(chosen)} files were chosen ({', '.join(chosen)}): run this cell again for one"
        )
    ((name, data),) = chosen.items()
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]  # some browsers send a path
    if name in ("", ".", ".."):
        raise KitError("the file has no name: rename it and run this cell again")
    if not data:
        raise KitError(f"{name} is empty: choose another file, and run this cell again")
    path = scratch_folder() / "uploads" / name
    with disk.writing(path):
        path = _free(path, data)
        write_bytes(path, data)
    return path


def _free(path: Path, data: bytes) -> Path:
    """Return a path that replaces no other file: phones give many pictures the same name."""
    number = 1
    free = path
    while free.exists() and free.read_bytes() != data:
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


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


def mount_drive() -> bool:
    """Mount Drive, and return whether it is mounted now.

    The student isn't asked if it is mounted already. Where the mount is refused, canceled or
    impossible on a new machine, one line says what that costs.

    Raises:
        KitError: the mount failed on a machine that has runs of an earlier mount. Working elsewhere
            would then start all of them over.
    """
    with contextlib.suppress(OSError):
        check_drive()
        return True
    from google.colab import drive  # exists on Colab only

    # The error may be a MessageError (canceled), a ValueError (the mount failed) or a
    # NotImplementedError (enterprise).
    try:
        drive.mount(str(DRIVE))
        check_drive()  # a folder of that name makes mount() say "already mounted" and do nothing
        return True
    except Exception as bad:
        if (scratch_folder() / "runs").exists():
            raise KitError(
                f"Drive was mounted and is gone ({first_line(bad)}): "
                "run this cell again, or untick USE_DRIVE"
            ) from None
        print(
            f"Drive is not mounted ({first_line(bad)}): "
            "splits and runs stay on this machine and are lost when it goes."
        )
        return False
