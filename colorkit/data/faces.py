"""Faces out of a zip or a folder, in DigiFace-1M's layout: <identity>/<k>.png or .webp, read in place, never extracted."""

import os
import re
import stat
import struct
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from ..errors import KitError, first_line

SIZE = 112  # DigiFace-1M's aligned crops are 112 x 112
MEMBER = re.compile(
    r"[\w-]+/\d+\.(png|webp)", re.ASCII
)  # anything else in a source is ignored and counted
LARGEST = 1 << 20  # bytes: DigiFace's pictures have 20 KB, so a megabyte is no face but a bomb
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"  # the signature and the chunk that must follow it
GREY_WITH_ALPHA = b"\4"  # a PNG's color type
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
)  # all that reading a zip may raise
UNREADABLE = "can't be decoded: not a whole PNG or WebP"


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


def index_faces(sources: Iterable[Path]) -> Index:
    """List the pictures of zips and folders without decoding any.

    Raises:
        KitError: a source is missing, is no zip, or none of them holds a face.
    """
    identities: dict[str, dict[Member, None]] = defaultdict(
        dict
    )  # in the order of the sources, whatever the hashes of this process
    listed = 0
    for source in sources:
        for name in _names(source):
            listed += 1
            if name is not None and MEMBER.fullmatch(name):
                identities[name.split("/")[0]][Member(source, name)] = None
    if not identities:
        places = ", ".join(map(str, sources))
        raise KitError(f"no faces in {places}: wanted files named <identity>/<number>.png or .webp")
    found = {key: sorted(members, key=lambda m: m.name) for key, members in identities.items()}
    return Index(found, listed - sum(map(len, found.values())))


def _names(source: Path) -> Iterator[str | None]:
    """Names of the files in a zip or a folder, with forward slashes; None for whatever is no plain file."""
    if source.is_dir():
        yield from _names_in_folder(source)
        return
    if not source.exists():
        raise KitError(f"{source} does not exist: give a zip or a folder of faces")
    try:
        with zipfile.ZipFile(source) as archive:
            for info in archive.infolist():
                # the name as it stands there: `filename` ends at a NUL, and turns backslashes on Windows
                if not info.orig_filename.endswith("/"):
                    plain = stat.S_IFMT(info.external_attr >> 16) in (
                        0,
                        stat.S_IFREG,
                    )  # no link, no device; 0 where none is given
                    last = (
                        archive.getinfo(info.filename) is info
                    )  # of several of one name the last is read
                    yield info.orig_filename if plain and last else None
    except DAMAGED as bad:
        raise KitError(
            f"{source} is not a whole zip ({first_line(bad)}): fetch it again, or give a folder of faces"
        ) from None


def _names_in_folder(source: Path) -> Iterator[str | None]:
    """The same of a folder, however deep; links are not followed, they could point anywhere."""
    waiting = [""]
    while waiting:
        above = waiting.pop()
        try:
            with os.scandir(source / above) as entries:
                found = list(entries)
        except OSError:  # it may not be read, or lies deeper than a path may be long
            yield None
            continue
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{above}{entry.name}/")
            else:
                yield f"{above}{entry.name}" if entry.is_file(follow_symlinks=False) else None


class Reader:
    """Reads pictures one at a time and keeps the zips open between them: to open one with 170,000 members takes a second."""

    def __init__(self):
        self.archives: dict[Path, zipfile.ZipFile] = {}

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        for archive in self.archives.values():
            archive.close()

    def face(self, member: Member) -> Face:
        """Read and decode one picture.

        Raises:
            BadFaceError: it can't be used; the message says why.
        """
        try:
            data = self._data(member)
        except DAMAGED as bad:
            raise BadFaceError(first_line(bad)) from None
        if len(data) > LARGEST:
            raise BadFaceError(f"more than {LARGEST:,} bytes are no face of {SIZE} x {SIZE} pixels")
        return decode_face(data)

    def _data(self, member: Member) -> bytes:
        """Its bytes, but never more than just above the limit, however far a bomb would expand."""
        archive = self.archives.get(member.source)
        if archive is None and member.source.is_dir():
            with open(member.source / member.name, "rb") as stream:
                return stream.read(LARGEST + 1)
        if archive is None:
            archive = self.archives[member.source] = zipfile.ZipFile(member.source)
        if archive.getinfo(member.name).compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise BadFaceError(
                "wanted a stored or deflated member"
            )  # bzip2 and LZMA expand without a limit
        with archive.open(member.name) as stream:
            return stream.read(LARGEST + 1)


def read_faces(members: Iterable[Member]) -> Iterator[tuple[Member, Face | BadFaceError]]:
    """Read and decode pictures one after another; a bad one comes back as the reason, so that the caller can count it."""
    with Reader() as reader:
        for member in members:
            try:
                yield member, reader.face(member)
            except BadFaceError as bad:
                yield member, bad


def _chunks(data: bytes) -> set[bytes]:
    """The kinds of chunks in a PNG. They must be whole: OpenCV makes room for what a chunk claims, gigabytes too, before it looks for it.

    Raises:
        struct.error: a chunk goes beyond the end, or the last is missing.
    """
    kinds, at = set(), 8
    while b"IEND" not in kinds:
        length, kind = struct.unpack_from(">I4s", data, at)
        struct.unpack_from(">I", data, at + 8 + length)  # its checksum, with which it ends
        kinds.add(kind)
        at += 12 + length
    return kinds


def _claims(data: bytes) -> tuple[tuple[int, int] | None, bool]:
    """(width, height) that the header of a PNG or WebP claims, None without a whole one; and whether it claims to be an animation."""
    kind = data[8:16] if data.startswith(b"RIFF") else data[:16]
    try:
        if kind == PNG:
            return struct.unpack(">II", data[16:24]), b"acTL" in _chunks(data)
        if kind == b"WEBPVP8 ":
            width, height = struct.unpack("<HH", data[26:30])
            return (width & 0x3FFF, height & 0x3FFF), False
        if kind == b"WEBPVP8L":
            (bits,) = struct.unpack("<I", data[21:25])
            return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1), False
        if kind == b"WEBPVP8X":
            flags, low_w, high_w, low_h, high_h = struct.unpack("<B3xHBHB", data[20:30])
            return ((high_w << 16 | low_w) + 1, (high_h << 16 | low_h) + 1), bool(flags & 2)
    except struct.error:  # cut short
        pass
    return None, False


def decode_face(data: bytes) -> Face:
    """Decode a PNG or WebP face.

    Half-transparent pixels are composited over white (dropping alpha would show the color hidden beneath them).

    Raises:
        BadFaceError: not a picture, an animation, not 8 bits a channel, grey, or not 112 x 112.
    """
    size, animated = _claims(data)
    if size is None:
        raise BadFaceError(UNREADABLE)
    if size != (SIZE, SIZE):  # asked before decoding: a header may claim gigabytes
        raise BadFaceError(f"wanted {SIZE} x {SIZE} pixels, got {size[0]} x {size[1]}")
    if animated:  # what OpenCV makes of one depends on its version
        raise BadFaceError("wanted one picture, got an animation")
    if data.startswith(PNG) and data[25:26] == GREY_WITH_ALPHA:  # OpenCV would make RGBA of it
        raise BadFaceError("wanted 8-bit RGB or RGBA, got grey with alpha")
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as bad:
        raise BadFaceError(f"can't be decoded: {' '.join(str(bad.err).split())}") from None
    if pixels is None:
        raise BadFaceError(UNREADABLE)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise BadFaceError(f"wanted 8-bit RGB or RGBA, got {pixels.dtype} {pixels.shape}")
    if pixels.shape[:2] != (SIZE, SIZE):
        raise BadFaceError(
            f"wanted {SIZE} x {SIZE} pixels, got {pixels.shape[1]} x {pixels.shape[0]}"
        )
    if pixels.shape[2] == 3:
        return Face(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), 0)  # OpenCV's order is BGR(A)
    rgb, transparent = (
        cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB),
        int(np.count_nonzero(cv2.extractChannel(pixels, 3) < 255)),
    )
    if transparent:
        alpha = pixels[..., 3:].astype(np.float32) / 255
        rgb = np.round(rgb * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return Face(rgb, transparent)
