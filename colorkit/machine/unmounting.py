"""Have Drive upload everything and unmount it, before the student gives the machine back.

Drive's own program uploads later, on its own schedule. What a file holds that was written, synced
and read back may still be on this machine only.
"""

from collections.abc import Callable

from ..errors import KitError, first_line
from . import console, drive

TIMEOUT = 30 * 60 * 1000  # milliseconds: the largest run takes a few minutes on a slow line
AGAIN = "keep this machine, and run this cell again"
# Copies to Drive that may be under way. Each is a function that completes them and returns whether
# Drive has them now. A dict keeps their order, and each of them once.
_copies: dict[Callable[[], bool], None] = {}


def complete_before_unmounting(copy: Callable[[], bool]) -> None:
    """Have a copy to Drive completed before Drive is unmounted.

    Args:
        copy: completes it, and returns whether Drive has it now. If not, it says why.
    """
    _copies[copy] = None


def before_disconnect() -> None:
    """Complete all copies to Drive, have Drive upload them, and unmount it. Lessons 2.5 and 3.3.

    Run this before you disconnect from a machine on Colab. The setup cell mounts Drive again.

    Raises:
        KitError: Drive doesn't have everything, so the machine must be kept.

    Example:
        >>> before_disconnect()  # doctest: +SKIP
        Drive has everything: this machine can go now. Run the setup cell to go on.
    """
    _complete_copies()
    if not drive.answers():
        console.say("Drive is not mounted here: there is nothing to upload.")
        return
    try:
        from google.colab import drive as colab_drive  # exists on Colab only
    except ImportError:
        console.say("This is not Colab: the program that mounted Drive uploads by itself.")
        return
    _flush(colab_drive.flush_and_unmount)
    console.say("Drive has everything: this machine can go now. Run the setup cell to go on.")


def _complete_copies() -> None:
    """Complete the copies to Drive; raise KitError unless Drive has them all."""
    missing = [copy for copy in list(_copies) if not copy()]
    _copies.clear()
    _copies.update(dict.fromkeys(missing))
    if missing:
        raise KitError(
            f"Drive doesn't have everything yet: run the setup cell, then {AGAIN}"
            if not drive.answers()
            else f"Drive doesn't have everything yet, for the reason above: {AGAIN}"
        )


def _flush(flush_and_unmount: Callable[..., None]) -> None:
    """Have Drive's own program upload everything and end.

    Raises:
        KitError: it didn't.
    """
    try:
        flush_and_unmount(timeout_ms=TIMEOUT)
    except Exception as bad:
        raise KitError(f"Drive has not uploaded everything ({first_line(bad)}): {AGAIN}") from None
    if drive.answers():
        raise KitError(f"Drive is still mounted, so it may not have everything: {AGAIN}")
    # An empty mount point tells the kit that Drive was here: it starts nothing over elsewhere.
    drive.DRIVE.mkdir(exist_ok=True)
