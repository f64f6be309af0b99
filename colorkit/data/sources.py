"""List what lies in a zip or a folder, and say what a file is that is no zip."""

import contextlib
import errno
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from .. import files
from ..errors import KitError, first_line, unreadable

# every kind of error that reading a zip may raise
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
)
BLOCK = 1 << 20  # bytes read at a time while a zip is checked
UTF8 = 0x800  # the flag of a member whose name is said to be UTF-8
NOT_PLAIN = "behind a link or device"
TWICE = "hidden by a later one of the same name"
ELSEWHERE = "in another part of a split zip"
UNKNOWN_PART = 0xFFFF  # some programs write it into large zips that are whole
# What people take for a zip, by its first bytes
KINDS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\0": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"\x89PNG": "a single picture",
    b"\xff\xd8\xff": "a single picture",
    b"RIFF": "a single picture",
    b"<!doctype": "a web page",
    b"<html": "a web page",
}
TAR = b"ustar"
TAR_PLACE = 257  # where a tar says what it is
SPLIT_ZIP = b"PK\7\x08"  # begins the first part of a zip that was split
MEMBER = b"PK\3\4"  # begins a whole zip
END_OF_ZIP = b"PK\5\6"  # begins the last record; the number of this part follows it
LARGEST_END = 22 + 65535  # bytes of that record with the longest comment
PART = re.compile(r".*\.(z\d\d|\d{3}|part\d+\.\w+)", re.ASCII | re.DOTALL | re.IGNORECASE)
UNPACK = "unpack it and give the folder"
REMEDIES = {
    "a web page": "open its address in a browser to see what it says, and fetch the file again",
    "a single picture": "give the folder that holds all people's folders",
    "a part of a split archive": (
        "unpack it with all its other parts beside it, and give the folder"
    ),
}


class Listed(NamedTuple):
    """A file of a source.

    Attributes:
        name: its path inside the source, with forward slashes.
        key: the name by which the source gives it.
        reason: why it can't be read, whatever its name; else empty.
    """

    name: str
    key: str
    reason: str = ""


def list_files(source: Path) -> Iterator[Listed]:
    """Yield every file of a zip or a folder, however deep, and each folder that can't be read.

    Raises:
        KitError: the source is missing, can't be read, or is neither a zip nor a folder.
    """
    if source.is_dir():
        yield from _list_folder(source)
        return
    if not source.exists():
        raise KitError(f"{source} does not exist: give a zip or a folder of faces")
    if not source.is_file():  # to open a pipe would wait for ever
        raise KitError(f"{source} is neither a file nor a folder: give a zip or a folder of faces")
    try:
        if _is_last_part(source):  # its directory is whole, and Python would open it
            raise zipfile.BadZipFile("the other parts are missing")
        with zipfile.ZipFile(source) as archive:
            yield from _list_zip(archive)
    except DAMAGED as bad:
        # A damaged zip can send Python to a place before its beginning, which is EINVAL.
        if isinstance(bad, OSError) and bad.errno not in (None, errno.EINVAL):
            raise unreadable(source, bad) from None
        raise _no_zip(source, bad) from None


def _list_zip(archive: zipfile.ZipFile) -> Iterator[Listed]:
    """Yield the files of a zip, in its own order."""
    for info in archive.infolist():
        name = _name_in_zip(info)
        if name.endswith("/"):
            continue
        kind = stat.S_IFMT(info.external_attr >> 16)  # 0 where the zip gives none
        reason = "" if kind in (0, stat.S_IFREG) else NOT_PLAIN
        if archive.getinfo(info.filename) is not info:  # of several, the last is read
            reason = TWICE
        if info.volume not in (0, UNKNOWN_PART):
            reason = ELSEWHERE
        yield Listed(name, info.filename, reason)


def _name_in_zip(info: zipfile.ZipInfo) -> str:
    """Return a member's name as whoever made the zip saw it.

    Python takes a name that isn't said to be UTF-8 for the IBM PC's letters of 1981. Often it is
    UTF-8 all the same. Old programs on Windows write backslashes.
    """
    # `filename` is cut at a NUL, and its backslashes are replaced on Windows
    name = info.orig_filename
    if not (info.flag_bits & UTF8 or name.isascii()):
        with contextlib.suppress(UnicodeError):  # other letters: they look odd, but are one name
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _list_folder(source: Path) -> Iterator[Listed]:
    """Yield the files of a folder, sorted in each folder.

    Links are not followed: they could point anywhere, even back.
    """
    waiting = [""]
    while waiting:
        above = waiting.pop()
        try:
            with os.scandir(source / above) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as bad:  # reading it is forbidden, its path is too long, or it has vanished
            yield Listed(above, above, f"unreadable: {first_line(bad)}")
            continue
        for entry in found:
            name = f"{above}{entry.name}"
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder and not files.is_link(entry.path):
                waiting.append(f"{name}/")
            else:
                plain = entry.is_file(follow_symlinks=False)
                yield Listed(name, name, "" if plain else NOT_PLAIN)


def _no_zip(source: Path, bad: Exception) -> KitError:
    """Return the error about a file that is no zip, or no whole one: what it is, what to do."""
    kind = _kind(source)
    if not kind:
        return KitError(
            f"{source} is not a whole zip ({first_line(bad)}): "
            "fetch it again, or give a folder of faces"
        )
    return KitError(f"{source} is {kind}, not a zip: {REMEDIES.get(kind, UNPACK)}")


def _is_last_part(path: Path) -> bool:
    """Return whether a file is the last part of a zip that was split."""
    with open(path, "rb") as stream:
        start = stream.read(len(MEMBER))
        stream.seek(max(0, path.stat().st_size - LARGEST_END))
        _, is_zip, record = stream.read().rpartition(END_OF_ZIP)
    number = int.from_bytes(record[:2], "little")
    return bool(is_zip) and start != MEMBER and number not in (0, UNKNOWN_PART)


def _kind(path: Path) -> str:
    """Return what a file is, by its first bytes and its name; empty if unknown."""
    with open(path, "rb") as stream:
        start = stream.read(512)
    if start.startswith(SPLIT_ZIP) or PART.fullmatch(path.name) or _is_last_part(path):
        return "a part of a split archive"
    if start[TAR_PLACE:].startswith(TAR):
        return "a tar archive"
    begin = start.lstrip().lower()
    kinds = (kind for first, kind in KINDS.items() if begin.startswith(first.lower()))
    return next(kinds, "")


def zip_damage(path: Path) -> str:
    """Say what is wrong with a zip; return an empty string when it is whole.

    Every member is read against its CRC, the only checksum there is.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for info in tqdm(archive.infolist(), desc="checking", disable=None):
                with archive.open(info) as member:
                    while member.read(BLOCK):
                        pass
    except DAMAGED as bad:
        return f"is not a whole zip ({first_line(bad)})"
    return ""
