"""Mount Google Drive on Colab, and say in words why it can't be mounted."""

from ..errors import KitError, first_line
from . import drive

AGAIN = "run this cell again"
# What google.colab.drive.mount may raise, the first match counts: the name of a class, a part of
# its message, and what to say. Its messages are many lines of patterns, or say nothing.
REASONS = (
    ("TIMEOUT", "", f"Google Drive didn't answer in time; wait a minute and {AGAIN}"),
    (
        "EOF",
        "",
        "Drive's own program stopped while it started; choose Runtime, Disconnect and delete "
        f"runtime, and {AGAIN}",
    ),
    (
        "",
        "credential propagation",
        f"Colab was not allowed to use it; {AGAIN}, and choose the account of this notebook",
    ),
    ("", "domain policy", "your school or company forbids it; use a private account"),
    ("", "must not already contain files", "/content/drive has files in it; rename that folder"),
    ("", "timeout during initial read", f"your Drive is slow to list its top folder; {AGAIN}"),
    ("", "mount failed", f"Drive's own program stopped, or the question was not answered; {AGAIN}"),
    ("NotImplementedError", "", "this kind of machine can't mount Drive"),
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
    return first_line(bad)
