"""Download from the web, resuming after interruptions, and from shared Google Drive links."""

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
BLOCK = 1 << 16  # bytes read at a time, and the most that a connection that dies can cost
OWN_COPY = "open drive.google.com, make a copy of the file in your own Drive and mount that"


def from_web(url: str, target: Path) -> None:
    """Download a file; keep the bytes that are already there and ask for the rest.

    Args:
        url: address of the file.
        target: path of the download. What arrived is kept there for the next call if this one
            fails.

    Raises:
        KitError: the server refuses or stays silent, or the disk is full.
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
    except OSError as bad:
        if bad.errno == errno.ENOSPC:
            raise KitError(_disk_full(target)) from None
        return first_line(bad)
    except http.client.HTTPException as bad:
        return first_line(bad)
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
            while block := response.read(BLOCK):
                stream.write(block)
                bar.update(len(block))
    if total is not None and _size(target) < total:
        raise http.client.HTTPException(
            f"the connection ended after {_size(target):,} of {total:,} bytes"
        )


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
        if getattr(bad, "errno", None) == errno.ENOSPC:
            raise KitError(_disk_full(target)) from None
        raise KitError(f"{_reason(bad)}; {OWN_COPY}") from None
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


def _reason(bad: Exception) -> str:
    """Return what an error says, in one line.

    That is its first line; or, where that line only announces a paragraph, as gdown's does, that
    paragraph.
    """
    head, _, rest = str(bad).strip().partition("\n\n")
    if head.endswith(":") and rest:
        paragraph = rest.partition("\n\n")[0]
        return " ".join(paragraph.split()).rstrip(".")
    return first_line(bad).rstrip(".")


def _size(path: Path) -> int:
    """Return a file's size in bytes; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def _disk_full(target: Path) -> str:
    """Say that the disk is full, and what to do."""
    free = shutil.disk_usage(target.parent).free
    return (
        f"the disk of {target.parent} is full ({free / 1e9:.1f} GB free): "
        "make room there and run again"
    )
