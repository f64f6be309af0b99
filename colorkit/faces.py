"""Faces out of a zip or a folder, in DigiFace-1M's layout: <identity>/<k>.png or .webp, read in place, never extracted."""

import contextlib
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from .errors import KitError

SIZE = 112  # DigiFace-1M's aligned crops are 112 x 112
MEMBER = re.compile(r"[\w-]+/\d+\.(png|webp)", re.ASCII)  # anything else in a source is ignored and counted


class Member(NamedTuple):
    """One picture of a source: the zip or folder, and the name inside it."""

    source: Path
    name: str


class Index(NamedTuple):
    """What the sources hold: identity -> its pictures in order of name, and how many other files were passed over."""

    identities: dict[str, list[Member]]
    ignored: int


class BadFaceError(ValueError):
    """A picture that can't be used; the message says why."""


class Face(NamedTuple):
    """A decoded face: uint8 (112, 112, 3) sRGB, and how many of its pixels were not opaque."""

    rgb: np.ndarray
    transparent: int


def index(sources: Iterable[Path]) -> Index:
    """List the pictures of zips and folders without decoding any.

    Raises:
        KitError: a source is missing, is no zip, or none of them holds a face.
    """
    identities: dict[str, list[Member]] = defaultdict(list)
    ignored = 0
    for source in sources:
        for name in _names(source):
            if MEMBER.fullmatch(name):
                identities[name.split("/")[0]].append(Member(source, name))
            else:
                ignored += 1
    if not identities:
        places = ", ".join(map(str, sources))
        raise KitError(f"no faces in {places}: wanted files named <identity>/<number>.png or .webp")
    return Index({key: sorted(members, key=lambda m: m.name) for key, members in identities.items()}, ignored)


def _names(source: Path) -> list[str]:
    """Names of the files in a zip or a folder, with forward slashes."""
    if source.is_dir():
        return [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
    if not source.exists():
        raise KitError(f"{source} does not exist: give a zip or a folder of faces")
    try:
        with zipfile.ZipFile(source) as archive:
            return [info.filename for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile:
        raise KitError(f"{source} is not a whole zip: fetch it again, or give a folder of faces") from None


def read(members: Iterable[Member]) -> Iterator[tuple[Member, Face | BadFaceError]]:
    """Read and decode pictures one after another; a bad one comes back as the reason, so that the caller can count it."""
    with contextlib.ExitStack() as stack:
        archives: dict[Path, zipfile.ZipFile] = {}
        for member in members:
            try:
                if member.source.is_dir():
                    data = (member.source / member.name).read_bytes()
                else:
                    if member.source not in archives:
                        archives[member.source] = stack.enter_context(zipfile.ZipFile(member.source))
                    data = archives[member.source].read(member.name)
                yield member, decode(data)
            except BadFaceError as bad:
                yield member, bad
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as bad:  # a damaged, unreadable or encrypted member
                yield member, BadFaceError(str(bad))


def decode(data: bytes) -> Face:
    """Decode a PNG or WebP face.

    Half-transparent pixels are composited over white (dropping alpha would show the color hidden beneath them).

    Raises:
        BadFaceError: not a picture, not 8 bits a channel, grey, or not 112 x 112.
    """
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    except cv2.error as bad:
        raise BadFaceError(f"can't be decoded: {bad.err}") from None
    if pixels is None:
        raise BadFaceError("can't be decoded: not a whole PNG or WebP")
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise BadFaceError(f"wanted 8-bit RGB or RGBA, got {pixels.dtype} {pixels.shape}")
    if pixels.shape[:2] != (SIZE, SIZE):
        raise BadFaceError(f"wanted {SIZE} x {SIZE} pixels, got {pixels.shape[1]} x {pixels.shape[0]}")
    if pixels.shape[2] == 3:
        return Face(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), 0)  # OpenCV's order is BGR(A)
    rgb, transparent = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB), int(np.count_nonzero(pixels[..., 3] < 255))
    if transparent:
        alpha = pixels[..., 3:].astype(np.float32) / 255
        rgb = np.round(rgb * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return Face(rgb, transparent)
