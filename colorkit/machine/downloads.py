"""Download from the web, resuming after interruptions, and from shared Google Drive links."""

import http.client
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from ..errors import KitError, first_line, unwritable
from . import disk

TIMEOUT = 60  # seconds without a byte before a connection counts as dead
ATTEMPTS = 5  # in a row without a single new byte
WAIT = 2.0  # seconds before the next attempt, doubled each time
BLOCK = 1 << 16  # bytes read at a time, and the most that a connection that dies can cost
KEPT = "run again; what came is kept"
ENDED_EARLY = (http.client.IncompleteRead, http.client.RemoteDisconnected)
# errors whose text means something to programmers only
UNCLEAR = (LookupError, TypeError, AttributeError, AssertionError, http.client.BadStatusLine)
OWN_COPY = "open drive.google.com, make a copy of the file in your own Drive and mount that"


def from_web(url: str, target: Path) -> None:
    """Download a file; keep the bytes that are already there and ask for the rest.

    Args:
        url: address of the file.
        target: path of the download. What arrived is kept there for the next call if this one
            fails.

    Raises:
        KitError: the server refuses or stays silent, or the disk has no room or can't be written.
    """
    failures = 0
    most = _size(target)  # bytes after the best attempt
    while (reason := _try_once(url, target)) is not None:
        if not target.exists():
            most = 0
        if _size(target) > most:
            most = _size(target)
            failures = 0
        failures += 1
        if failures >= ATTEMPTS:
            raise KitError(
                f"{url}: {reason}; {_size(target):,} bytes are kept: run again to continue"
            )
        time.sleep(WAIT * 2 ** (failures - 1))


def _try_once(url: str, target: Path) -> str | None:
    """Download what is missing; return None when the file is complete, else why it isn't.

    A beginning that doesn't fit the file is removed.

    Raises:
        KitError: another attempt would not help.
    """
    try:
        _fetch_rest(url, target)
    except urllib.error.HTTPError as bad:
        with bad:  # the error is also the open response
            if bad.code == 416:  # what is here is not the beginning of that file: start over
                target.unlink(missing_ok=True)
            elif bad.code < 500:
                raise KitError(f"{url}: {bad}") from None
            return str(bad)
    except (OSError, http.client.HTTPException) as bad:
        return _reason(bad)
    except _LostError as bad:
        return str(bad)
    return None


def _fetch_rest(url: str, target: Path) -> None:
    """Make one connection: ask for what is missing and append it.

    A server that doesn't know ranges sends the whole file, which then replaces what was there.
    """
    done = _size(target)
    request = urllib.request.Request(url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as bad:
        complete = f"bytes */{done}"  # the file ends where ours does: nothing is missing
        if bad.code == 416 and bad.headers.get("Content-Range") == complete:
            bad.close()
            return
        raise
    with response:
        if response.status != 206:
            done = 0
        left = response.headers.get("Content-Length")
        total = done + int(left) if left else None
        if left:
            disk.require_room(target.parent, int(left), f"the missing bytes of {target.name}")
        with (
            disk.writing(target, KEPT),
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
            while block := _read(response):
                stream.write(block)
                bar.update(len(block))
    if total is not None and _size(target) < total:
        raise http.client.HTTPException(
            f"the connection ended after {_size(target):,} of {total:,} bytes"
        )


class _LostError(Exception):
    """A connection broke off; the message says why."""


def _read(response: http.client.HTTPResponse) -> bytes:
    """Read a block, and tell an error of the connection from one of the disk."""
    try:
        return response.read(BLOCK)
    except OSError as bad:
        raise _LostError(_reason(bad)) from None


def from_drive(identifier: str, target: Path) -> None:
    """Download a file that is shared on Google Drive.

    gdown fails in many ways: it returns None, raises errors of its own, or saves a web page. Here
    all of them become one kind of error.

    Args:
        identifier: the file's id on Drive.
        target: path of the download.

    Raises:
        KitError: no file arrived; the message says how to continue.
    """
    import gdown  # only needed here

    # where gdown fails, it leaves parts under names of its own
    room = target.with_name(target.name + ".gdown")
    shutil.rmtree(room, ignore_errors=True)
    try:
        room.mkdir()
        result = gdown.download(id=identifier, output=str(room / target.name), quiet=True)
        arrived = result is not None and (room / target.name).exists()
        if arrived:
            (room / target.name).replace(target)
    except Exception as bad:  # gdown raises different classes in 5.1, 5.2 and 6
        raise _drive_failure(bad, target) from None
    finally:
        shutil.rmtree(room, ignore_errors=True)
    if not arrived:
        raise KitError(f"Google Drive gave no file; {OWN_COPY}")
    if _is_page(target):
        target.unlink()
        raise KitError(
            "Google Drive sent a page instead of the file "
            f"(its quota is used up, or the link is private); {OWN_COPY}"
        )


def _is_page(path: Path) -> bool:
    """Return whether a file is a web page."""
    with open(path, "rb") as stream:
        start = stream.read(64).lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _drive_failure(bad: Exception, target: Path) -> KitError:
    """Return what to tell of an error in gdown: of this disk, of the network, or of Drive."""
    network = isinstance(bad, (ConnectionError, TimeoutError, socket.gaierror))
    if isinstance(bad, OSError) and bad.errno is not None and not network:
        return unwritable(target, bad)
    if _system_error(bad) is not None:
        return KitError(
            f"Google Drive can't be reached ({_reason(bad)}): check the connection and run again"
        )
    return KitError(f"{_reason(bad)}; {OWN_COPY}")


def _reason(bad: Exception) -> str:
    """Return in words why a download failed, in one line without names of Python's classes.

    Of an error that only announces a paragraph, as gdown's do, it is that paragraph.
    """
    if system := _system_error(bad):
        return first_line(system)
    causes = list(_causes(bad))
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return "timed out"
    if any(isinstance(cause, ENDED_EARLY) for cause in causes):
        return "the connection ended early"
    if isinstance(bad, urllib.error.URLError):
        return str(bad.reason)
    if isinstance(bad, UNCLEAR) or not str(bad).strip():
        return "the server's answer can't be understood"
    head, _, rest = str(bad).strip().partition("\n\n")
    if head.endswith(":") and rest:
        paragraph = rest.partition("\n\n")[0]
        return " ".join(paragraph.split()).rstrip(".")
    return first_line(bad).rstrip(".")


def _system_error(bad: BaseException) -> OSError | None:
    """Return the system's own answer that led to an error; None if there was none."""
    found = (cause for cause in _causes(bad) if isinstance(cause, OSError) and cause.strerror)
    return next(found, None)


def _causes(bad: BaseException) -> Iterator[BaseException]:
    """Yield an error and all those that it was made of: urllib3 wraps them several deep."""
    waiting, seen = [bad], set()
    while waiting:
        here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        yield here
        inside = (getattr(here, "reason", None), *here.args, here.__cause__, here.__context__)
        waiting += [cause for cause in inside if isinstance(cause, BaseException)]


def _size(path: Path) -> int:
    """Return a file's size in bytes; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0
