"""Read manifest.json, which lies beside the splits, and verify the splits' files against it."""

import functools
import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypedDict

from .. import files
from ..errors import KitError, unreadable
from ..machine import drive
from . import parts

SPLIT_NAMES = ("train", "val", "test")
SPLITS_MANIFEST = "manifest.json"
FORMAT = 1
PART = re.compile(rf"({'|'.join(SPLIT_NAMES)})(-\d+)?\.pkl")  # the file of a split, or a part of it


class FileEntry(TypedDict):
    """One file of a split: its name in the folder, hex SHA-256, and size in bytes."""

    name: str
    sha256: str
    bytes: int


class SplitEntry(TypedDict):
    """One split: its number of faces, and its files in order."""

    images: int
    files: list[FileEntry]


class Settings(TypedDict):
    """The choices with which the splits were made; see `prepare.build_splits`."""

    sources: list[str]
    seed: int
    per_identity: int
    limit: int | None


class SplitsManifest(TypedDict):
    """The content of manifest.json.

    `ignored_files` counts the files that were not faces, `transparent_pixels` the pixels that were
    not opaque; `skipped` has a line for each picture that could not be used.
    """

    format: int
    settings: Settings
    ignored_files: int
    transparent_pixels: int
    skipped: list[str]
    splits: dict[str, SplitEntry]


def read_manifest(folder: Path) -> SplitsManifest:
    """Read the manifest of the splits in a folder.

    Raises:
        KitError: there is none, or it can't be read.
    """
    drive.require_sight(folder)
    path = folder / SPLITS_MANIFEST
    if path.exists() and not (path.is_file() or path.is_dir()):  # to open a pipe would wait
        raise KitError(f"{path} is not a file: run `prepare` again, or copy the splits again")
    try:
        found = json.loads(path.read_bytes())
        known = _is_manifest(found)
    except FileNotFoundError:
        raise KitError(
            f"no splits in {folder}: make them with `python -m colorkit prepare --out {folder}`"
        ) from None
    except NotADirectoryError:
        raise KitError(f"{folder} is a file: expected a folder of splits") from None
    except OSError as bad:
        raise unreadable(path, bad) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        known = False
    if not known:
        raise KitError(
            f"{path} is not a manifest of this kit (format {FORMAT}): run `prepare` again"
        )
    return found


def _is_manifest(value: Any) -> bool:
    """Return whether a JSON value has everything that loading reads.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: as a look into the wrong kind of value may.
    """
    entries = all_files(value)
    counted = all(
        type(split["images"]) is int and split["images"] > 0 and split["files"]
        for split in value["splits"].values()
    )
    named = all(
        type(entry["name"]) is type(entry["sha256"]) is str
        and "\0" not in entry["name"]
        and os.fsencode(entry["name"]) is not None  # raises ValueError for what no disk can have
        and type(entry["bytes"]) is int
        for entry in entries
    )
    named = named and len({os.path.basename(entry["name"]) for entry in entries}) == len(entries)
    of_this_format = value["format"] == FORMAT and set(value["splits"]) == set(SPLIT_NAMES)
    return of_this_format and counted and named


def all_files(manifest: SplitsManifest) -> list[FileEntry]:
    """Return the entries of all files of all splits, in order."""
    return [entry for split in manifest["splits"].values() for entry in split["files"]]


def verify_splits(folder: Path) -> list[str]:
    """Check every file of the splits as loading does; return a line for each.

    Raises:
        KitError: a file is missing, differs from the manifest, or holds anything but faces; or a
            split holds another number of faces than the manifest says.
    """
    manifest = read_manifest(folder)
    for name, split in manifest["splits"].items():
        paths = (_verify_file(folder, entry) for entry in split["files"])
        count = sum(len(parts.read_part(path)["lab"]) for path in paths)
        if count != split["images"]:
            raise parts.wrong_count(folder, name, count, split["images"])
    return [_describe(entry) for entry in all_files(manifest)]


def _describe(entry: FileEntry) -> str:
    """Return the line that says a file is right."""
    start = entry["sha256"][:12]
    return f"{entry['name']}: {entry['bytes']:,} bytes, sha256 {start}... as in the manifest"


def _verify_file(folder: Path, entry: FileEntry) -> Path:
    """Return the path of a file; raise KitError unless its size and hash are right."""
    path = folder / os.path.basename(entry["name"])  # never outside the folder
    try:
        same = path.stat().st_size == entry["bytes"] and files.sha256(path) == entry["sha256"]
    except FileNotFoundError:
        raise KitError(f"{path} is missing: run `prepare` again, or copy it again") from None
    except OSError as bad:
        raise unreadable(path, bad) from None
    if not same:
        raise KitError(
            f"{path} differs from its manifest: it is damaged or another file; "
            "run `prepare` again, or copy it again"
        )
    return path


def verified(folder: Path, entries: list[FileEntry]) -> Iterator[Path]:
    """Yield the path of each file once it is verified.

    While the caller loads one file, the next ones are already being hashed.
    """
    with ThreadPoolExecutor(1) as hashing:
        try:
            yield from hashing.map(functools.partial(_verify_file, folder), entries)
        finally:
            hashing.shutdown(cancel_futures=True)
