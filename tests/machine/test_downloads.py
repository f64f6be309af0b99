"""Downloads from the web and from Drive: interrupted, refused, incomplete, or on a full disk."""

import errno
import gc
import http.client
import itertools
import shutil
import socket
import sys
import types
import urllib.error

import gdown  # noqa: F401, the installed one, for the tests at the end
import pytest
import requests
from hosts import DATA, PAGE, Answer, drive, full_disk, raises, saves

from colorkit.errors import KitError
from colorkit.machine import downloads

REMEDY = "open drive.google.com, make a copy of the file in your own Drive and mount that"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(downloads, "WAIT", 0)
    monkeypatch.setattr(downloads, "BLOCK", 1000)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "d.bin.download"


def expect_failure(call, reason: str) -> str:
    """Require that a call fails with one line; return it."""
    with pytest.raises(KitError, match=reason) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    return message


def cut_after(count: int):
    return lambda answer: answer.cut(count)


def stall_after(count: int):
    return lambda answer: answer.stalled(count)


def answer_instead(status: int, body: bytes = b"busy", **headers):
    return lambda _: Answer(status, body, headers)


# from the web


def test_a_good_file_comes_in_one_request(host, target):
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    assert host.asked == [None]


def test_a_dropped_connection_is_taken_up_where_it_ended(host, target):
    host.faults = [cut_after(5000), cut_after(3000)]
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    assert host.asked == [None, "bytes=5000-", "bytes=8000-"]
    assert host.sent == [5000, 3000, 2240]


def test_what_came_is_kept_for_the_next_call(host, target):
    host.faults = [cut_after(5000)] + [cut_after(0)] * 4
    expect_failure(
        lambda: downloads.from_web(host.url, target),
        "ended after 5,000 of 10,240 bytes; 5,000 bytes are kept: run again to continue",
    )
    assert target.read_bytes() == DATA[:5000]
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    assert host.asked == [None] + ["bytes=5000-"] * 5
    assert host.sent == [5000, 0, 0, 0, 0, 5240]


def test_it_gives_up_only_when_no_new_byte_comes(host, target):
    """Ten connections that each bring something don't stop it; five in a row with nothing do."""
    host.faults = [cut_after(900)] * 10
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    target.unlink()
    host.asked.clear()
    host.faults = [cut_after(0)] * 99
    expect_failure(lambda: downloads.from_web(host.url, target), "0 bytes are kept")
    assert len(host.asked) == downloads.ATTEMPTS


def test_a_server_without_ranges_starts_over(host, target):
    host.ranges, host.faults = False, [cut_after(5000)]
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    assert host.asked == [None, "bytes=5000-"]
    assert host.sent == [5000, 10240]


def test_a_server_without_ranges_that_always_drops_is_given_up(host, target):
    """An attempt that brings less than the one before brings no new byte."""
    host.ranges, host.faults = False, [cut_after(5000), cut_after(4000)] * 50
    expect_failure(lambda: downloads.from_web(host.url, target), "run again to continue")
    assert len(host.asked) == downloads.ATTEMPTS


def test_a_complete_file_is_not_sent_again(host, target):
    target.write_bytes(DATA)
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    assert host.sent == [0]  # 416: nothing lies beyond the end


@pytest.mark.parametrize("more", [{}, {"Content-Range": "bytes */10240"}])
def test_a_part_that_can_not_be_continued_is_dropped(host, target, more):
    """It is longer than the file, or the server doesn't say how long the file is.

    Otherwise every later call would fail too.
    """
    target.write_bytes(DATA + b"more")
    host.faults = [answer_instead(416, b"", **more)]
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    assert host.asked == ["bytes=10244-", None]


def test_a_busy_server_is_asked_again(host, target):
    host.faults = [answer_instead(503), answer_instead(500)]
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    host.faults = [answer_instead(503)] * 9
    target.unlink()
    assert "503" in expect_failure(
        lambda: downloads.from_web(host.url, target), "run again to continue"
    )
    assert len(host.faults) == 9 - downloads.ATTEMPTS


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_final_and_costs_nothing_that_came(host, target, status):
    target.write_bytes(DATA[:3000])
    host.faults = [answer_instead(status)] * 9
    assert host.url in expect_failure(lambda: downloads.from_web(host.url, target), str(status))
    assert len(host.asked) == 1
    assert target.read_bytes() == DATA[:3000]


def test_a_silent_server_is_given_up_and_asked_again(host, target, monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT", 0.3)
    host.faults = [stall_after(5000)]
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    assert host.asked[:2] == [None, "bytes=5000-"]
    target.unlink()
    monkeypatch.setattr(downloads, "ATTEMPTS", 2)
    host.faults = [stall_after(0)] * 9
    expect_failure(
        lambda: downloads.from_web(host.url, target),
        "timed out; 0 bytes are kept: run again to continue",
    )


@pytest.mark.parametrize("body", [b"1000\r\n" + DATA[:100], b"not a chunk\r\n"])
def test_chunks_that_break_off(host, target, body):
    """A server that sends chunks announces no length, and its interruptions look different."""
    host.faults = [answer_instead(200, body, **{"Transfer-Encoding": "chunked"})]
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA


def test_nobody_there(target):
    expect_failure(
        lambda: downloads.from_web("http://127.0.0.1:9/d", target),
        "^http://127.0.0.1:9/d: Connection refused; 0 bytes are kept: run again to continue$",
    )


def test_it_waits_longer_each_time_and_starts_over_after_progress(host, target, monkeypatch):
    waits = []
    monkeypatch.setattr(downloads, "WAIT", 2.0)
    monkeypatch.setattr(downloads.time, "sleep", waits.append)
    host.faults = [cut_after(0), cut_after(0), cut_after(10), cut_after(0)]
    downloads.from_web(host.url, target)
    assert waits == [2, 4, 2, 4]


def test_a_full_disk_is_one_line_and_what_came_is_kept(host, target, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(downloads, "open", full_disk(room=2500), raising=False)
        message = expect_failure(
            lambda: downloads.from_web(host.url, target),
            r"can't be written \(No space left on device\): make room there and run again; "
            "what came is kept",
        )
    assert message.startswith(str(target))
    assert host.asked == [None]  # trying again would not help
    assert target.read_bytes() == DATA[:2500]
    downloads.from_web(host.url, target)
    assert target.read_bytes() == DATA
    assert host.asked[1:] == ["bytes=2500-"]


def test_a_disk_that_is_too_small_is_said_before_anything_is_written(host, target, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: types.SimpleNamespace(total=9, free=7200))
    target.write_bytes(DATA[:1000])
    message = expect_failure(
        lambda: downloads.from_web(host.url, target),
        "has 0.0 MB free, but the missing bytes of d.bin.download take 0.0 MB: make room there, ",
    )
    assert message.startswith(str(target.parent))
    assert target.read_bytes() == DATA[:1000]
    target.write_bytes(DATA[:5000])
    downloads.from_web(host.url, target)  # the rest fits
    assert target.read_bytes() == DATA


def test_a_folder_that_can_not_be_written_is_not_the_servers_fault(host, tmp_path):
    (tmp_path / "d.bin.download").mkdir()
    expect_failure(
        lambda: downloads.from_web(host.url, tmp_path / "d.bin.download"),
        r"d\.bin\.download can't be written \(Is a directory\): name a file, not a folder and run ",
    )
    assert len(host.asked) == 1  # asking again would not help


def nest(*errors: BaseException) -> BaseException:
    """Chain errors as urllib3 does, the outermost first."""
    for outer, inner in itertools.pairwise(errors):
        outer.__context__ = inner
    return errors[0]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (
            urllib.error.URLError(ConnectionRefusedError(111, "Connection refused")),
            "Connection ref",
        ),
        (
            urllib.error.URLError(socket.gaierror(-2, "Name or service not known")),
            "Name or service not known",
        ),
        (
            urllib.error.URLError("unknown url type: gopher"),
            "unknown url type: gopher",
        ),
        (http.client.IncompleteRead(b"x" * 10, 90), "the connection ended early"),
        (http.client.BadStatusLine("\x16\x03"), "the server's answer can't be understood"),
        (http.client.RemoteDisconnected("Remote end closed"), "the connection ended early"),
        (
            nest(
                requests.ConnectionError("HTTPSConnectionPool(host='x'): <object at 0x7f>"),
                RuntimeError("wrapped"),
                OSError(113, "No route to host"),
            ),
            "No route to host",
        ),
        (
            nest(requests.ReadTimeout("HTTPSConnectionPool(...)"), TimeoutError("timed out")),
            "timed",
        ),
    ],
)
def test_reasons_are_words(bad, reason):
    assert downloads._reason(bad).startswith(reason)


# from Drive, by stand-ins that fail as gdown 5.1 to 6.5 do


def test_drive_good(monkeypatch, target):
    asked = []
    drive(
        monkeypatch,
        lambda identifier, output: asked.append(identifier) or saves(DATA)(identifier, output),
    )
    target.write_bytes(b"of an earlier call")
    downloads.from_drive("the-id", target)
    assert target.read_bytes() == DATA
    assert asked == ["the-id"]
    assert list(target.parent.iterdir()) == [target]


PRIVATE = """Failed to retrieve file url:

\tCannot retrieve the public link of the file. You may need to change
\tthe permission to 'Anyone with the link', or have had many accesses.

You may still be able to access the file from the browser:

\thttps://drive.google.com/uc?id=the-id

but Gdown can't. Please check connections and permissions."""
SHORT = (
    "Download is incomplete: received 77 bytes but the server announced 10240 bytes.\n"
    "The received bytes are kept in /tmp/d.part"
)


@pytest.mark.parametrize(
    ("behavior", "reason"),
    [
        (lambda *_: None, "^Google Drive gave no file; "),
        (lambda _, output: str(output), "^Google Drive gave no file; "),
        (saves(PAGE), "^Google Drive sent a page instead of the file .*quota.*private"),
        (
            saves(b"\n <HTML><title>Sign in</title>"),
            "^Google Drive sent a page instead of the file",
        ),
        (
            raises(RuntimeError(PRIVATE)),
            "^Cannot retrieve the public link of the file. .* have had many accesses; ",
        ),
        (
            raises(RuntimeError(SHORT)),
            "^Download is incomplete: received 77 bytes but the server announced 10240 bytes; ",
        ),
        (
            raises(KeyError("content-type"), part="d.binq3k9x1abtmp"),
            "^the server's answer can't be understood; ",
        ),
        (raises(requests.exceptions.ConnectionError("Max retries\nexceeded")), "^Max retries; "),
        (raises(RuntimeError("")), "^the server's answer can't be understood; "),
        (raises(RuntimeError("nothing follows:")), "^nothing follows:; "),
    ],
)
def test_drive_failures_name_the_remedy_and_leave_nothing(monkeypatch, target, behavior, reason):
    drive(monkeypatch, behavior)
    assert expect_failure(lambda: downloads.from_drive("the-id", target), reason).endswith(
        f"; {REMEDY}"
    )
    assert list(target.parent.iterdir()) == []


def test_drive_a_full_disk_is_one_line_and_its_part_is_removed(monkeypatch, target):
    """Left there, the part would keep the disk full."""
    drive(monkeypatch, raises(OSError(errno.ENOSPC, "No space left on device")))
    message = expect_failure(
        lambda: downloads.from_drive("the-id", target),
        r"can't be written \(No space .*\): make room there and run again$",
    )
    assert REMEDY not in message
    assert list(target.parent.iterdir()) == []


def test_drive_what_a_killed_call_left_is_removed(monkeypatch, target):
    left = target.with_name(target.name + ".gdown")
    left.mkdir()
    (left / "d.bin.downloadabcdefgh.part").write_bytes(DATA)
    drive(monkeypatch, saves(DATA))
    downloads.from_drive("the-id", target)
    assert list(target.parent.iterdir()) == [target]


# the installed gdown itself, its requests to Drive turned to the stand-in host


@pytest.fixture
def real(host, monkeypatch, tmp_path):
    """The host in Drive's place; gdown's cookies stay out of the user's home."""
    module = sys.modules["gdown.download"]
    (tmp_path / "cookies" / ".cache" / "gdown").mkdir(parents=True)
    monkeypatch.setattr(module, "home", str(tmp_path / "cookies"))
    monkeypatch.setattr(
        module, "DEFAULT_COOKIES_FILE", str(tmp_path / "cookies" / "cookies.txt"), raising=False
    )
    get, asked = requests.Session.get, []

    def turned(self, url, **more):
        asked.append(url)
        return get(self, real.url, **more)

    real = types.SimpleNamespace(url=host.url, asked=asked, module=module)
    monkeypatch.setattr(requests.Session, "get", turned)
    (tmp_path / "drive").mkdir()
    real.target = tmp_path / "drive" / "d.bin.download"
    yield real
    gc.collect()  # gdown 5 leaves a file open where it fails: the warning belongs to this test


def answer_page(body: bytes):
    return answer_instead(200, body, **{"Content-Type": "text/html; charset=utf-8"})


def as_file(answer: Answer) -> Answer:
    more = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": 'attachment; filename="other.bin"',
    }
    return Answer(200, answer.body, answer.headers | more)


def test_real_gdown_fetches(host, real):
    host.faults = [as_file]
    downloads.from_drive("the-id", real.target)
    assert real.target.read_bytes() == DATA
    assert real.asked == ["https://drive.google.com/uc?id=the-id"]
    assert list(real.target.parent.iterdir()) == [real.target]


QUOTA = (
    b'<p class="uc-error-caption">Sorry</p>\n'
    b'<p class="uc-error-subcaption">Too many users have downloaded this file recently.</p>'
)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (answer_page(QUOTA), "^Too many users have downloaded this file recently; "),
        (answer_page(b"<title>Sign in</title>"), "^Cannot retrieve the public link of the file"),
        (lambda answer: as_file(answer).cut(5000), "incomplete|ended early"),
        (
            answer_instead(500, b"", **{"Content-Type": "text/html"}),
            "^Cannot retrieve the public link of the file",
        ),
    ],
)
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # gdown 5 leaves a file open where it fails
def test_real_gdown_failures(host, real, fault, reason):
    host.faults = [fault, fault]
    assert expect_failure(lambda: downloads.from_drive("the-id", real.target), reason).endswith(
        f"; {REMEDY}"
    )
    assert list(real.target.parent.iterdir()) == []


def test_real_gdown_without_a_network(real):
    real.url = "http://127.0.0.1:9/d"
    expect_failure(
        lambda: downloads.from_drive("the-id", real.target),
        r"^Google Drive can't be reached \(Connection refused\): check the connection and run ",
    )


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_real_gdown_on_a_full_disk(host, real, monkeypatch):
    host.faults = [as_file]
    monkeypatch.setattr(real.module, "open", full_disk(room=2500), raising=False)
    expect_failure(
        lambda: downloads.from_drive("the-id", real.target),
        r"can't be written \(No space .*\): make room there and run again$",
    )
    assert list(real.target.parent.iterdir()) == []
