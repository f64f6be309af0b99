import hashlib
import http.server
import json
import re
import sys
import threading
import types
import zipfile

import pytest
from helpers import FACES, KIT

from colorkit import manifest
from colorkit.errors import KitError

GOOD = bytes(range(256)) * 40
PAGE = b"<!DOCTYPE html><title>Google Drive - Quota exceeded</title>"


# the committed manifest


def test_the_committed_manifest_describes_the_kits_faces():
    entry = manifest.entries()["faces"]
    data = FACES.read_bytes()
    assert KIT / entry["path"] == FACES
    assert entry["bytes"] == len(data)
    assert entry["sha256"] == hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(FACES) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(r"\w+/\d+\.(png|webp)", name)]
    assert entry["images"] == len(names)
    assert entry["identities"] == len({name.split("/")[0] for name in names})
    assert entry["licence"].startswith("CC0-1.0")


def test_fetch_of_the_kits_own_faces_asks_and_downloads_nothing():
    assert manifest.fetch("faces", accept=refuse_to_be_asked) == FACES


def test_a_damaged_manifest(tmp_path):
    (tmp_path / "m.json").write_text("{")
    with pytest.raises(KitError, match=r"m\.json can't be read"):
        manifest.entries(tmp_path / "m.json")


# fetching


def refuse_to_be_asked(licence):
    raise AssertionError("the licence needs no consent")


@pytest.fixture
def server():
    """A web server of this machine; what it answers is set by the test: path -> (status, headers, body)."""
    answers, asked = {}, []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked.append(self.path)
            status, headers, body = answers[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield types.SimpleNamespace(url=f"http://127.0.0.1:{running.server_port}", answers=answers, asked=asked)
        running.shutdown()
        thread.join()


@pytest.fixture
def fetch(tmp_path):
    """Fetch the file GOOD by an entry with these additions."""

    def run(accept=refuse_to_be_asked, **more):
        entry = {"path": "big/d.bin", "bytes": len(GOOD), "sha256": hashlib.sha256(GOOD).hexdigest(), "licence": "non-commercial", **more}
        (tmp_path / "m.json").write_text(json.dumps({"files": {"d": entry}}))
        return manifest.fetch("d", accept=accept, folder=tmp_path, manifest=tmp_path / "m.json")

    return run


def fails(fetch, tmp_path, reason: str, **more) -> None:
    """A fetch must fail by one line that names the file, and leave nothing behind."""
    with pytest.raises(KitError, match=reason) as caught:
        fetch(**more)
    message = str(caught.value)
    assert message.startswith("d could not be fetched: ")
    assert "\n" not in message
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["m.json"]


def whole(body: bytes) -> dict[str, str]:
    return {"Content-Length": str(len(body))}


def test_web_good_file_is_fetched_once(server, fetch):
    server.answers["/d"] = (200, whole(GOOD), GOOD)
    for _ in range(2):
        path = fetch(url=server.url + "/d")
        assert path.read_bytes() == GOOD
    assert server.asked == ["/d"]
    assert [p.name for p in path.parent.iterdir()] == ["d.bin"]


def test_web_page_instead_of_data(server, fetch, tmp_path):
    server.answers["/d"] = (200, whole(PAGE), PAGE)
    fails(fetch, tmp_path, "59 bytes where 10,240 are right", url=server.url + "/d")


def test_web_other_data_of_the_same_length(server, fetch, tmp_path):
    server.answers["/d"] = (200, whole(GOOD), GOOD[::-1])
    fails(fetch, tmp_path, "another SHA-256", url=server.url + "/d")


def test_web_truncated(server, fetch, tmp_path):
    server.answers["/d"] = (200, whole(GOOD), GOOD[:5000])
    fails(fetch, tmp_path, "5,000 bytes where|IncompleteRead", url=server.url + "/d")


def test_web_truncated_chunks(server, fetch, tmp_path):
    """A server that sends chunks breaks off in another way than one that announces a length."""
    server.answers["/d"] = (200, {"Transfer-Encoding": "chunked"}, b"1000\r\n" + GOOD[:100])
    fails(fetch, tmp_path, "bytes where|IncompleteRead", url=server.url + "/d")


def test_web_nonsense(server, fetch, tmp_path):
    server.answers["/d"] = (200, {"Transfer-Encoding": "chunked"}, b"not a chunk\r\n")
    fails(fetch, tmp_path, "bytes where|IncompleteRead", url=server.url + "/d")


def test_web_404(server, fetch, tmp_path):
    server.answers["/d"] = (404, whole(b"gone"), b"gone")
    fails(fetch, tmp_path, "404", url=server.url + "/d")


def test_web_nobody_there(fetch, tmp_path):
    fails(fetch, tmp_path, "refused", url="http://127.0.0.1:9/d")


def test_no_address(fetch, tmp_path):
    fails(fetch, tmp_path, "no address to fetch it from")


def drive(monkeypatch, behaviour) -> None:
    """A stand-in for gdown whose download does `behaviour(output)`."""
    calls = types.ModuleType("gdown")
    calls.download = lambda id, output, quiet: behaviour(output) if id == "the-id" else pytest.fail("another id")
    monkeypatch.setitem(sys.modules, "gdown", calls)


def saves(data: bytes):
    def save(output):
        with open(output, "wb") as stream:
            stream.write(data)
        return output

    return save


def raises(error: Exception):
    def fail(output):
        saves(GOOD[:77])(output)  # whatever came until then
        raise error

    return fail


def test_drive_good(monkeypatch, fetch):
    drive(monkeypatch, saves(GOOD))
    path = fetch(gdown_id="the-id")
    assert path.read_bytes() == GOOD
    assert [p.name for p in path.parent.iterdir()] == ["d.bin"]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (lambda output: None, "Google Drive gave no file; open drive.google.com, make a copy"),
        (raises(RuntimeError("Cannot retrieve\nthe public link")), "Cannot retrieve; open drive.google.com"),
        (raises(RuntimeError("")), "open drive.google.com"),
        (saves(PAGE), "59 bytes where 10,240 are right"),
        (saves(GOOD[:-1] + b"?"), "another SHA-256"),
    ],
)
def test_drive_failures(monkeypatch, fetch, tmp_path, behaviour, reason):
    drive(monkeypatch, behaviour)
    fails(fetch, tmp_path, reason, gdown_id="the-id")


def test_a_declined_licence_downloads_nothing(server, fetch, tmp_path):
    server.answers["/d"] = (200, whole(GOOD), GOOD)
    shown = []
    with pytest.raises(KitError, match="licence was not accepted"):
        fetch(accept=lambda licence: shown.append(licence) or False, ask=True, url=server.url + "/d")
    assert shown == ["non-commercial"]
    assert server.asked == []
    assert not (tmp_path / "big").exists()
    assert fetch(accept=lambda licence: True, ask=True, url=server.url + "/d").read_bytes() == GOOD


def test_an_unknown_name_lists_the_known(fetch, tmp_path):
    (tmp_path / "m.json").write_text('{"files": {"one": {}, "two": {}}}')
    with pytest.raises(KitError, match=r"three is not in m\.json: one of one, two"):
        manifest.fetch("three", refuse_to_be_asked, tmp_path, tmp_path / "m.json")


@pytest.mark.parametrize("data", [GOOD[:-1], GOOD[:-1] + b"?"])
def test_a_wrong_file_that_is_already_there_is_refused(fetch, tmp_path, data):
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "d.bin").write_bytes(data)
    with pytest.raises(KitError, match="remove it and fetch it again"):
        fetch()
