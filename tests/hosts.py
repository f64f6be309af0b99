"""Stand-ins that fail as the real ones do: a web server, gdown, and a disk that fills up."""

import errno
import http.server
import io
import re
import sys
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

DATA = bytes(range(256)) * 40
PAGE = b"<!DOCTYPE html><title>Google Drive - Quota exceeded</title>"


@dataclass
class Answer:
    """What the server sends.

    The body may be shorter than its announced length. A silent answer then leaves the connection
    open.
    """

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False

    def __post_init__(self):
        if "Transfer-Encoding" not in self.headers:
            self.headers.setdefault("Content-Length", str(len(self.body)))

    def cut(self, count: int) -> "Answer":
        """Return the same answer, of which only the first bytes arrive."""
        return Answer(self.status, self.body[:count], self.headers, self.silent)

    def stalled(self, count: int) -> "Answer":
        """Return the same answer, with silence after the first bytes."""
        return Answer(self.status, self.body[:count], self.headers, True)


class Host:
    """A web server of this machine with one file.

    Attributes:
        url: address of the file; any other path of this host gives it too.
        data: the file.
        ranges: whether the server honors Range.
        faults: functions that spoil the right answers to the next requests, one each.
        asked: the Range that each request asked for; None where it asked for none.
        sent: number of bytes in the body of each answer.
    """

    def __init__(self, data: bytes = DATA):
        self.data = data
        self.ranges = True
        self.faults: list[Callable[[Answer], Answer]] = []
        self.asked: list[str | None] = []
        self.sent: list[int] = []

    def __enter__(self) -> "Host":
        host = self
        released = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                answer = host.answer(self.headers.get("Range"))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)
                self.wfile.flush()
                if answer.silent:
                    released.wait()
                self.close_connection = True

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._released = released
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/d.bin"
        return self

    def __exit__(self, *_) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, range_: str | None) -> Answer:
        """Return the right answer, spoiled by the next fault."""
        answer = self._right_answer(range_ if self.ranges else None)
        if self.faults:
            spoil = self.faults.pop(0)
            answer = spoil(answer)
        self.asked.append(range_)
        self.sent.append(len(answer.body))
        return answer

    def _right_answer(self, range_: str | None) -> Answer:
        """Return the file, or the range of it, as a server should."""
        if range_ is None:
            return Answer(200, self.data)
        start = int(re.fullmatch(r"bytes=(\d+)-", range_)[1])
        size = len(self.data)
        if start >= size:
            return Answer(416, b"", {"Content-Range": f"bytes */{size}"})
        return Answer(206, self.data[start:], {"Content-Range": f"bytes {start}-{size - 1}/{size}"})


def drive(monkeypatch, behavior: Callable[[str, Path], object]) -> None:
    """Replace gdown by a stand-in whose call is the one that 5.1 to 6.5 share.

    Args:
        monkeypatch: pytest's.
        behavior: what the call does, given the file's id and the path of the output.
    """
    module = types.ModuleType("gdown")
    module.download = lambda *, id, output, quiet: behavior(id, Path(output))
    monkeypatch.setitem(sys.modules, "gdown", module)


def saves(data: bytes) -> Callable[[str, Path], str]:
    """Make a gdown that saves this and reports success."""

    def save(_, output):
        output.write_bytes(data)
        return str(output)

    return save


def raises(error: Exception, part: str = "d.binq3k9x1ab.part") -> Callable[[str, Path], None]:
    """Make a gdown that fails midway and leaves a part under a name of its own."""

    def fail(_, output):
        output.with_name(part).write_bytes(DATA[:77])
        raise error

    return fail


def full_disk(room: int) -> Callable:
    """Make an `open` for a disk that has room for this many more bytes."""
    left = [room]

    class File(io.FileIO):
        def write(self, data) -> int:
            count = super().write(data[: left[0]])
            left[0] -= count
            if count < len(data):
                raise OSError(errno.ENOSPC, "No space left on device")
            return count

    return lambda path, mode: open(path, mode) if mode == "rb" else File(path, mode)
