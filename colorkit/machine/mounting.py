"""Mount Google Drive on Colab, and say in words why it can't be mounted."""

from ..errors import KitError, first_line
from . import drive

AGAIN = "run this cell again"
WITHOUT = "untick USE_DRIVE"
RESTART = "choose Runtime, Restart session, and run this cell again"  # which keeps files
STOPPED = f"Drive's own program stopped while it started; {RESTART}"
NO_DRIVE = f"this kind of machine can't mount Drive; {WITHOUT}"
NOT_A_FOLDER = f"/content/drive is not a folder of its own; rename it and {AGAIN}"
# What google.colab.drive.mount may raise, the first match counts: the name of a class, a part of
# its message, and what to say. Its messages are many lines of patterns, or say nothing. Nobody is
# told to delete the machine: it may have work that is not on Drive yet.
REASONS = (
    ("TIMEOUT", "", f"Google Drive didn't answer in time; wait a minute and {AGAIN}"),
    ("EOF", "", STOPPED),
    ("AssertionError", "", STOPPED),
    (
        "MessageError",
        "",
        f"Colab was not allowed to use it; {AGAIN}, and choose the account of this notebook; "
        f"if Google refuses again, {WITHOUT}",
    ),
    ("", "domain policy", "your school or company forbids it; use a private account"),
    ("", "must not already contain files", "/content/drive has files in it; rename that folder"),
    ("", "must not be a symlink", NOT_A_FOLDER),
    ("", "must either be a directory or not exist", NOT_A_FOLDER),
    ("", "must be in a directory that exists", f"the folder /content is gone; make it and {AGAIN}"),
    ("", "timeout during initial read", f"your Drive is slow to list its top folder; {AGAIN}"),
    ("", "mount failed", f"Drive's own program stopped, or the question was not answered; {AGAIN}"),
    ("NotImplementedError", "Enterprise", f"Colab Enterprise has no Drive; {WITHOUT}"),
    ("NotImplementedError", "", NO_DRIVE),
    ("KeyError", "CREDS_ADDR", NO_DRIVE),
    ("ImportError", "", "google.colab is not installed here"),
    ("ModuleNotFoundError", "", "google.colab is not installed here"),
)


def mount_drive() -> bool:
    """Mount Drive, and return whether it is mounted now.

    The student isn't asked if it is mounted already. Where the mount is refused, canceled or
    impossible on a new machine, one line says what that costs.

    Raises:
        KitError: the mount failed on a machine that has runs of an earlier mount. Working elsewhere
            would then start all of them over.
    """
    if drive.answers():
        return True
    try:
        from google.colab import drive as colab_drive  # exists on Colab only

        colab_drive.mount(str(drive.DRIVE))
        # a folder of that name makes mount() say "already mounted" and do nothing
        drive.check_drive()
        return True
    except Exception as bad:
        reason = describe(bad)
        if (drive.scratch_folder() / "runs").exists():
            raise KitError(
                f"Drive was mounted and is gone ({reason}): run this cell again, "
                "or untick USE_DRIVE"
            ) from None
        print(
            f"Drive is not mounted ({reason}): "
            "splits and runs stay on this machine and are lost when it goes."
        )
        return False


def describe(bad: Exception) -> str:
    """Say in one line why Drive could not be mounted, and what to do."""
    text = str(bad)
    for kind, part, reason in REASONS:
        if kind in ("", type(bad).__name__) and part in text:
            return reason
    if isinstance(bad, OSError):
        return f"{first_line(bad)}; {RESTART}"
    line = first_line(bad)
    # what Python shows of its own objects helps nobody
    return type(bad).__name__ if " at 0x" in line or "re.compile" in line else line
