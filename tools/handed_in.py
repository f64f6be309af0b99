"""Find what a class has handed in: notebooks under any name, in folders and zips, and all else.

Browsers, mail programs and learning platforms rename notebooks (mia.ipynb.txt, mia.ipynb.json) and
pack them. Nothing that was handed in is passed over: what holds no notebook is named, too.
"""

import io
import json
import os
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from checkout import KIT as KIT

from colorkit import files
from colorkit.errors import KitError, first_line

ENDING = ".ipynb"
ZIP = ".zip"
LARGEST = 100 << 20  # bytes of a notebook, or of a zip inside a zip
ALL = 1 << 30  # bytes that are unpacked of one zip, at most
MOST = 10_000  # files in a zip
ENCRYPTED = 1  # the bit of a zip's member that says so
MANY = 100  # files without a notebook in a folder; from there on they share a row
# What systems put beside people's files; hidden files, such as .DS_Store, are left out as well.
LITTER = {"__macosx", "thumbs.db", "desktop.ini"}
# what a damaged, locked or odd zip raises
BROKEN = (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)
Read = Callable[[], bytes]
Open = Callable[[], IO[bytes]]


class HandedIn(NamedTuple):
    """A file that was handed in.

    Attributes:
        name: where it is, below the folder that the teacher named.
        read: reads the notebook; it raises a KitError if it can't. None if it is no notebook.
        problem: why it is none; empty if it is one.
    """

    name: str
    read: Read | None
    problem: str = ""


def find(folder: Path, out: Path | None = None) -> list[HandedIn]:
    """Find all that was handed in, sorted by name.

    Args:
        folder: where to look, in subfolders and zips too.
        out: the teacher's own table, which nobody has handed in, wherever it lies. (Whoever
            writes it checks that it is one.)

    Raises:
        KitError: there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise KitError(f"{folder} is not a folder: name the one with the submitted notebooks")
    failed: list[OSError] = []
    found = []
    own = out and files.identity(out)
    for path in walk(folder, failed):
        if own and files.identity(path) == own:
            continue
        found += _look_at(path, normal(path.relative_to(folder).as_posix()))
    for bad in failed:
        name = normal(Path(os.fsdecode(bad.filename)).relative_to(folder).as_posix())
        found.append(HandedIn(name, None, f"no notebook: can't be read ({first_line(bad)})"))
    if not any(one.read for one in found):
        kind = "file" if len(found) == 1 else "files"
        others = f" ({len(found)} other {kind})" if found else ""
        raise KitError(f"no notebook in {folder}{others}: their names should end in .ipynb")
    return _tell_apart(sorted(_gather(found), key=lambda one: one.name))


def normal(name: str) -> str:
    """Return a name with its accents composed: a Mac takes them apart, and lists do not."""
    return unicodedata.normalize("NFC", name)


def walk(folder: Path, failed: list[OSError]) -> Iterator[Path]:
    """Yield the files in a folder and its subfolders, and links to folders that aren't followed.

    Links directly in the folder are the teacher's, and are followed. Those deeper in it may be a
    student's and lead anywhere; and one that leads to where we are would have no end.

    Args:
        folder: the folder.
        failed: list to which the folders that can't be read are added.
    """
    waiting = [folder]  # os.walk of Python 3.11 fails where folders are nested very deeply
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(place) as entries:
                names = sorted(one.name for one in entries if not _is_litter(one.name))
        except OSError as bad:
            failed.append(bad)
            continue
        for path in map(place.joinpath, names):
            if os.path.isdir(path) and _is_followed(path, folder):
                waiting.append(path)
            else:
                yield path


def _is_followed(path: Path, folder: Path) -> bool:
    """Tell whether to look into a folder, or into the one that a link leads to."""
    if not files.is_link(path):
        return True
    target, top = path.resolve(), folder.resolve()
    apart = not (target.is_relative_to(top) or top.is_relative_to(target))
    return path.parent == folder and apart


def _is_litter(name: str) -> bool:
    """Tell whether a system and not a person gave this file or folder."""
    hidden = name.startswith(".") and name not in (".", "..")
    return hidden or name.lower() in LITTER


def _look_at(path: Path, name: str) -> list[HandedIn]:
    """Say what a file holds: a notebook, a zip with some, or neither."""
    if os.path.isdir(path):
        return [HandedIn(name, None, "no notebook: a link to a folder, which is not followed")]
    if not os.path.isfile(path):  # a pipe would be read forever
        return [HandedIn(name, None, "no notebook: there is no file behind this name")]
    if name.lower().endswith(ZIP):
        return _look_into(partial(open, path, "rb"), name)
    return [_look_at_content(name, partial(_read_file, path))]


def _read_file(path: Path) -> bytes:
    """Read a file that may be a notebook.

    Raises:
        KitError: it can't be read, or is too large to be one.
    """
    try:
        with open(path, "rb") as stream:
            return _read_all(stream)
    except OSError as bad:
        raise KitError(f"no notebook: can't be read ({first_line(bad)})") from None


def _read_all(stream: IO[bytes]) -> bytes:
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise KitError(f"no notebook: larger than {LARGEST >> 20} MB")
    return data


def _look_at_content(name: str, read: Read) -> HandedIn:
    """Say whether a file is a notebook: by its ending, or else by what is in it."""
    lower = name.lower()
    if lower.endswith(ENDING):
        return HandedIn(name, read)
    try:
        data = read()
    except KitError as bad:
        return HandedIn(name, None, str(bad))
    if _is_notebook(data) or f"{ENDING}." in PurePosixPath(lower).name:
        return HandedIn(name, read)
    if not data.strip():
        return HandedIn(name, None, "no notebook: the file is empty")
    kind = PurePosixPath(lower).suffix or "a file without an ending"
    return HandedIn(name, None, f"no notebook: {kind}")


def _is_notebook(data: bytes) -> bool:
    """Tell whether bytes are a notebook, whatever the file is called."""
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
        return False
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and "nbformat" in content


def _look_into(open_: Open, name: str, inside: bool = False) -> list[HandedIn]:
    """Say what the files in a zip hold. Nothing is written to the disk.

    Args:
        open_: opens the zip.
        name: its name.
        inside: whether it lies in a zip itself.
    """
    try:
        with open_() as stream, zipfile.ZipFile(stream) as archive:
            members = [one for one in archive.infolist() if _is_file(one)]
    except (*BROKEN, KitError) as bad:
        return [HandedIn(name, None, f"no notebook: the zip can't be read ({first_line(bad)})")]
    if len(members) > MOST or sum(one.file_size for one in members) > ALL:
        limit = f"more than {MOST} files or {ALL >> 30} GB"
        return [HandedIn(name, None, f"no notebook: the zip holds {limit}")]
    found = []
    for member in members:
        found += _look_at_member(open_, member, f"{name}/{normal(member.filename)}", inside)
    return found or [HandedIn(name, None, "no notebook: the zip is empty")]


def _is_file(member: zipfile.ZipInfo) -> bool:
    """Tell whether a member of a zip is a file that a person put there."""
    return not member.is_dir() and not any(map(_is_litter, PurePosixPath(member.filename).parts))


def _look_at_member(
    open_: Open, member: zipfile.ZipInfo, name: str, inside: bool
) -> list[HandedIn]:
    """Say what a file in a zip holds."""
    if stat.S_ISLNK(member.external_attr >> 16):
        return [HandedIn(name, None, "no notebook: a link")]
    if member.flag_bits & ENCRYPTED:
        return [HandedIn(name, None, "no notebook: locked with a password")]
    read = partial(_read_member, open_, member)
    if not name.lower().endswith(ZIP):
        return [_look_at_content(name, read)]
    if inside:
        return [HandedIn(name, None, "no notebook: a zip in a zip in a zip: unpack it")]
    return _look_into(lambda: io.BytesIO(read()), name, inside=True)


def _read_member(open_: Open, member: zipfile.ZipInfo) -> bytes:
    """Read a file in a zip that may be a notebook.

    Raises:
        KitError: it can't be read, or is too large to be one.
    """
    try:
        with (
            open_() as zipped,
            zipfile.ZipFile(zipped) as archive,
            archive.open(member) as stream,
        ):
            return _read_all(stream)
    except BROKEN as bad:
        raise KitError(f"no notebook: can't be read ({first_line(bad)})") from None


def _gather(found: list[HandedIn]) -> list[HandedIn]:
    """Give the files without a notebook one row together, where a folder has very many."""
    by_place: dict[PurePosixPath, list[HandedIn]] = {}
    for one in found:
        if not one.read:
            by_place.setdefault(PurePosixPath(one.name).parent, []).append(one)
    kept = [one for one in found if one.read]
    for place, own in by_place.items():
        if len(own) > MANY:
            first = ", ".join(PurePosixPath(one.name).name for one in own[:2])
            own = [HandedIn(f"{place}/", None, f"no notebook: {len(own)} files ({first}, ...)")]
        kept += own
    return kept


def _tell_apart(found: list[HandedIn]) -> list[HandedIn]:
    """Add numbers to the files whose names look the same: each is to have its row."""
    seen: Counter[str] = Counter()
    told = []
    for one in found:
        seen[one.name] += 1
        again = f" [{seen[one.name]}]" if seen[one.name] > 1 else ""
        told.append(one._replace(name=one.name + again))
    return told
