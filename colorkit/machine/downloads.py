"""Downloads that survive an interruption: from the web with resume, from shared Google Drive links."""

import errno
import http.client
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path

from tqdm import tqdm

from ..errors import KitError, first_line

TIMEOUT = 60  # seconds without a byte before a connection counts as dead
ATTEMPTS = 5  # in a row without a single new byte
WAIT = 2.0  # seconds before the next attempt, doubled each time
BLOCK = 1 << 16  # bytes read at a time: what a connection that dies can cost
OWN_COPY = "open drive.google.com, make a copy of the file in your own Drive and mount that"


def from_web(url: str, target: Path) -> None:
    """Download `url` to `target`; bytes that are there already are kept and the rest is asked for.

    Raises:
        KitError: the server refuses, stays silent, or the disk is full. What came is kept in `target` for the next call.
    """
    failures, wait, most = 0, WAIT, _size(target)
    while True:
        try:
            _fetch_rest(url, target)
            return
        except urllib.error.HTTPError as bad:
            with bad:  # the error is also the open answer
                if bad.code == 416:  # what is here is no beginning of that file: start over
                    target.unlink(missing_ok=True)
                    most = 0
                elif bad.code < 500:
                    raise KitError(f"{url}: {bad}") from None
                reason = str(bad)
        except OSError as bad:
            if bad.errno == errno.ENOSPC:
                raise KitError(_disk_full(target)) from None
            reason = first_line(bad)
        except http.client.HTTPException as bad:
            reason = first_line(bad)
        if _size(target) > most:
            failures, wait, most = 0, WAIT, _size(target)
        failures += 1
        if failures >= ATTEMPTS:
            raise KitError(f"{url}: {reason}; {_size(target):,} bytes are kept: run again to go on")
        time.sleep(wait)
        wait *= 2


def _fetch_rest(url: str, target: Path) -> None:
    """One connection: ask for what is missing, append it; a server that knows no ranges starts over."""
    done = _size(target)
    request = urllib.request.Request(url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as bad:
        if (
            bad.code == 416 and bad.headers.get("Content-Range") == f"bytes */{done}"
        ):  # nothing is missing
            bad.close()
            return
        raise
    with answer:
        if answer.status != 206:
            done = 0
        left = answer.headers.get("Content-Length")
        total = done + int(left) if left else None
        with (
            open(target, "ab" if done else "wb") as stream,
            tqdm(
                total=total,
                initial=done,
                desc=url.rsplit("/", 1)[-1],
                unit="B",
                unit_scale=True,
                disable=None,
            ) as bar,
        ):
            while block := answer.read(BLOCK):
                stream.write(block)
                bar.update(len(block))
    if total is not None and _size(target) < total:
        raise http.client.HTTPException(
            f"the connection ended after {_size(target):,} of {total:,} bytes"
        )


def from_drive(identifier: str, target: Path) -> None:
    """Fetch a file that was shared on Google Drive. gdown fails in many ways (None, errors of its own, a saved page): all become one.

    Raises:
        KitError: no file came; says how to go on.
    """
    import gdown  # only needed here

    room = target.with_name(
        target.name + ".gdown"
    )  # where gdown fails it leaves parts under names of its own
    shutil.rmtree(room, ignore_errors=True)
    try:
        room.mkdir()
        result = gdown.download(id=identifier, output=str(room / target.name), quiet=True)
        came = result is not None and (room / target.name).exists()
        if came:
            (room / target.name).replace(target)
    except Exception as bad:  # gdown raises different classes in 5.1, 5.2 and 6
        if getattr(bad, "errno", None) == errno.ENOSPC:
            raise KitError(_disk_full(target)) from None
        raise KitError(f"{_reason(bad)}; {OWN_COPY}") from None
    finally:
        shutil.rmtree(room, ignore_errors=True)
    if not came:
        raise KitError(f"Google Drive gave no file; {OWN_COPY}")
    with open(target, "rb") as stream:
        page = stream.read(64).lstrip().lower().startswith((b"<!doctype html", b"<html"))
    if page:
        target.unlink()
        raise KitError(
            f"Google Drive sent a page instead of the file (its quota is used up, or the link is private); {OWN_COPY}"
        )


def _reason(bad: Exception) -> str:
    """The first line of an error, or the paragraph after it where that only announces one, as gdown's does."""
    head, _, rest = str(bad).strip().partition("\n\n")
    return (
        " ".join(rest.partition("\n\n")[0].split()).rstrip(".")
        if head.endswith(":") and rest
        else first_line(bad).rstrip(".")
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _disk_full(target: Path) -> str:
    free = shutil.disk_usage(target.parent).free
    return f"the disk of {target.parent} is full ({free / 1e9:.1f} GB free): make room there and run again"
