"""Stand-ins for where data comes from, which fail as the real ones do: a web server, gdown, and a disk that fills up."""

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
    """What the server sends: the body may be shorter than its announced length; a silent answer then leaves the connection open."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False

    def __post_init__(self):
        if "Transfer-Encoding" not in self.headers:
            self.headers.setdefault("Content-Length", str(len(self.body)))

    def cut(self, count: int) -> "Answer":
        """The same, of which only the first bytes come."""
        return Answer(self.status, self.body[:count], self.headers, self.silent)

    def stalled(self, count: int) -> "Answer":
        """The same, but silence after the first bytes."""
        return Answer(self.status, self.body[:count], self.headers, True)


class Host:
    """A web server of this machine with one file.

    Attributes:
        url: of the file; any other path of this host gives it too.
        data: the file.
        ranges: whether it honours Range.
        faults: what becomes of the right answers to the next requests, one function each; then all is well.
        asked: the Range that each request asked for, None where it asked for none.
        sent: how many bytes of a body each answer had.
    """

    def __init__(self, data: bytes = DATA):
        self.data, self.ranges = data, True
        self.faults: list[Callable[[Answer], Answer]] = []
        self.asked: list[str | None] = []
        self.sent: list[int] = []

    def __enter__(self) -> "Host":
        host, released = self, threading.Event()

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

        self._server, self._released = (
            http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler),
            released,
        )
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
        """The right answer, then the next fault."""
        start = int(re.fullmatch(r"bytes=(\d+)-", range_)[1]) if range_ and self.ranges else None
        if start is None:
            answer = Answer(200, self.data)
        elif start < len(self.data):
            answer = Answer(
                206,
                self.data[start:],
                {"Content-Range": f"bytes {start}-{len(self.data) - 1}/{len(self.data)}"},
            )
        else:
            answer = Answer(416, b"", {"Content-Range": f"bytes */{len(self.data)}"})
        if self.faults:
            answer = self.faults.pop(0)(answer)
        self.asked.append(range_)
        self.sent.append(len(answer.body))
        return answer


def drive(monkeypatch, behaviour: Callable[[str, Path], object]) -> None:
    """A stand-in for gdown with the call that 5.1 to 6.5 share; `behaviour(id, output)` is what it does."""
    module = types.ModuleType("gdown")
    module.download = lambda *, id, output, quiet: behaviour(id, Path(output))
    monkeypatch.setitem(sys.modules, "gdown", module)


def saves(data: bytes) -> Callable[[str, Path], str]:
    """gdown saves this and is content."""

    def save(_, output):
        output.write_bytes(data)
        return str(output)

    return save


def raises(error: Exception, part: str = "d.binq3k9x1ab.part") -> Callable[[str, Path], None]:
    """gdown fails midway; what came until then stays under a name of its own."""

    def fail(_, output):
        output.with_name(part).write_bytes(DATA[:77])
        raise error

    return fail


def full_disk(room: int) -> Callable:
    """An `open` for a disk on which only so many bytes more can be written."""
    left = [room]

    class File(io.FileIO):
        def write(self, data) -> int:
            count = super().write(data[: left[0]])
            left[0] -= count
            if count < len(data):
                raise OSError(errno.ENOSPC, "No space left on device")
            return count

    return lambda path, mode: open(path, mode) if mode == "rb" else File(path, mode)
