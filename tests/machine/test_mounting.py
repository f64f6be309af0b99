"""Why Drive could not be mounted, in one line that says what to do."""

import errno

import pytest
from drives import EOF, TIMEOUT, MessageError

from colorkit.machine import mounting

PATTERNS = """Timeout exceeded.
<pexpect.popen_spawn.PopenSpawn object at 0x7fd0a9864d70>
searcher: searcher_re:
    0: re.compile('google.colab.drive MOUNTED')
    1: re.compile('root@3d2c-8d1: ')"""
SLOW = (
    "mount failed: timeout during initial read of root folder; for more info: "
    "https://research.google.com/colaboratory/faq.html#drive-timeout"
)
POLICY = (
    "The domain policy has disabled Drive File Stream: https://support.google.com/a/answer/7496409"
)
UNANSWERED = "Drive's own program stopped, or the question was not answered; run this cell again"
RESTART = "choose Runtime, Restart session, and run this cell again"
STOPPED = f"Drive's own program stopped while it started; {RESTART}"
REFUSED = (
    "Colab was not allowed to use it; run this cell again, and choose the account of this "
    "notebook; if Google refuses again, untick USE_DRIVE"
)
NO_DRIVE = "this kind of machine can't mount Drive; untick USE_DRIVE"
NOT_A_FOLDER = "/content/drive is not a folder of its own; rename it and run this cell again"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            TIMEOUT(PATTERNS),
            "Google Drive didn't answer in time; wait a minute and run this cell again",
        ),
        (EOF(PATTERNS), STOPPED),
        (AssertionError(), STOPPED),
        (MessageError("Error: credential propagation was unsuccessful"), REFUSED),
        (MessageError(), REFUSED),
        (ValueError("mount failed"), UNANSWERED),
        (ValueError("mount failed: invalid oauth code"), UNANSWERED),
        (ValueError(SLOW), "your Drive is slow to list its top folder; run this cell again"),
        (ValueError(POLICY), "your school or company forbids it; use a private account"),
        (
            ValueError("Mountpoint must not already contain files"),
            "/content/drive has files in it; rename that folder",
        ),
        (
            NotImplementedError("Mounting drive is unsupported in this environment. Use PyDrive2"),
            NO_DRIVE,
        ),
        (KeyError("TBE_EPHEM_CREDS_ADDR"), NO_DRIVE),
        (
            NotImplementedError("google.colab.drive.mount is not supported in Colab Enterprise."),
            "Colab Enterprise has no Drive; untick USE_DRIVE",
        ),
        (ValueError("Mountpoint must not be a symlink"), NOT_A_FOLDER),
        (ValueError("Mountpoint must either be a directory or not exist"), NOT_A_FOLDER),
        (
            ValueError("Mountpoint must be in a directory that exists"),
            "the folder /content is gone; make it and run this cell again",
        ),
        (
            OSError(errno.ENOTCONN, "Transport endpoint is not connected"),
            f"Transport endpoint is not connected; {RESTART}",
        ),
        (
            ModuleNotFoundError("No module named 'google.colab'"),
            "google.colab is not installed here",
        ),
        # what nobody foresaw is said in its own words, unless it shows Python's objects
        (ValueError("something new\nsecond line"), "something new"),
        (RuntimeError("<spawn object at 0x7fd0a9864d70>"), "RuntimeError"),
        (RuntimeError("searcher_re: re.compile('MOUNTED')"), "RuntimeError"),
    ],
)
def test_each_failure_has_a_line_of_its_own(error, reason):
    assert mounting.describe(error) == reason


def test_nobody_is_told_to_delete_a_machine_that_may_have_the_only_copy():
    assert not [reason for _, _, reason in mounting.REASONS if "delete" in reason]
