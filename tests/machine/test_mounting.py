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
STOPPED = "Drive's own program stopped, or the question was not answered; run this cell again"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            TIMEOUT(PATTERNS),
            "Google Drive didn't answer in time; wait a minute and run this cell again",
        ),
        (
            EOF(PATTERNS),
            "Drive's own program stopped while it started; choose Runtime, Disconnect and delete "
            "runtime, and run this cell again",
        ),
        (
            MessageError("Error: credential propagation was unsuccessful"),
            "Colab was not allowed to use it; run this cell again, and choose the account of this "
            "notebook",
        ),
        (ValueError("mount failed"), STOPPED),
        (ValueError("mount failed: invalid oauth code"), STOPPED),
        (ValueError(SLOW), "your Drive is slow to list its top folder; run this cell again"),
        (ValueError(POLICY), "your school or company forbids it; use a private account"),
        (
            ValueError("Mountpoint must not already contain files"),
            "/content/drive has files in it; rename that folder",
        ),
        (
            NotImplementedError("Mounting drive is unsupported in this environment. Use PyDrive2"),
            "this kind of machine can't mount Drive",
        ),
        (
            ModuleNotFoundError("No module named 'google.colab'"),
            "google.colab is not installed here",
        ),
        # what nobody foresaw is said in its own words
        (MessageError(), "MessageError"),
        (ValueError("Mountpoint must not be a symlink"), "Mountpoint must not be a symlink"),
        (ValueError("something new\nsecond line"), "something new"),
        (
            OSError(errno.ENOTCONN, "Transport endpoint is not connected"),
            "Transport endpoint is not connected",
        ),
        (AssertionError(), "AssertionError"),
    ],
)
def test_each_failure_has_a_line_of_its_own(error, reason):
    assert mounting.describe(error) == reason
