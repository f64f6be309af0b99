"""Read faces out of a zip or a folder in DigiFace-1M's layout, <identity>/<k>.png or .webp.

Pictures are read in place and never extracted.
"""

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

from ..arrays import Rgb8
from ..errors import KitError, first_line
from .headers import PNG, read_claims

SIZE = 112  # DigiFace-1M's aligned crops are 112 x 112
# anything else in a source is ignored and counted
MEMBER = re.compile(r"[\w-]+/\d+\.(png|webp)", re.ASCII)
# DigiFace's pictures have 20 KB; a megabyte is not a face but a bomb
LARGEST = 1 << 20  # bytes
GREY_WITH_ALPHA = b"\4"  # a PNG's color type
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
# other methods (bzip2, LZMA) expand without a limit
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNREADABLE = "can't be decoded: not a whole PNG or WebP"


class Member(NamedTuple):
    """One picture of a source: the zip or folder, and the name inside it."""

    source: Path
    name: str


class Index(NamedTuple):
    """What the sources hold.

    Attributes:
        identities: the pictures of each identity, sorted by name.
        ignored: number of other files.
    """

    identities: dict[str, list[Member]]
    ignored: int


class BadFaceError(ValueError):
    """A picture that can't be used; the message says why."""


class Face(NamedTuple):
    """A decoded face.

    Attributes:
        rgb: the picture, (112, 112, 3).
        transparent: number of pixels that were not opaque.
    """

    rgb: Rgb8
    transparent: int


def index_faces(sources: Iterable[Path]) -> Index:
    """List the pictures of zips and folders without decoding any. Lesson 1.1.

    Raises:
        KitError: a source is missing or is not a zip, or none of them holds a face.

    Example:
        >>> index = index_faces([Path("data/faces.zip")])  # doctest: +SKIP
        >>> len(index.identities)  # doctest: +SKIP
        2000
    """
    # A dict of Nones is an ordered set: members stay in the order of the sources, in every process.
    # (A set's order changes from process to process.)
    members: dict[str, dict[Member, None]] = defaultdict(dict)
    listed = 0
    for source in sources:
        for name in _names(source):
            listed += 1
            if name is not None and MEMBER.fullmatch(name):
                identity = name.split("/")[0]
                members[identity][Member(source, name)] = None
    if not members:
        places = ", ".join(map(str, sources))
        raise KitError(
            f"no faces in {places}: expected files named <identity>/<number>.png or .webp"
        )
    identities = {
        identity: sorted(found, key=lambda member: member.name)
        for identity, found in members.items()
    }
    return Index(identities, listed - sum(map(len, identities.values())))


def _names(source: Path) -> Iterator[str | None]:
    """Yield the names in a zip or a folder, with forward slashes; None for all but plain files."""
    if source.is_dir():
        yield from _names_in_folder(source)
        return
    if not source.exists():
        raise KitError(f"{source} does not exist: give a zip or a folder of faces")
    try:
        with zipfile.ZipFile(source) as archive:
            for info in archive.infolist():
                # The name as the zip has it: `filename` is cut at a NUL, and its backslashes are
                # replaced on Windows.
                if not info.orig_filename.endswith("/"):
                    yield info.orig_filename if _is_plain(archive, info) else None
    except DAMAGED as bad:
        raise KitError(
            f"{source} is not a whole zip ({first_line(bad)}): "
            "fetch it again, or give a folder of faces"
        ) from None


def _is_plain(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Return whether a member is a plain file, and the one that is read by its name."""
    kind = stat.S_IFMT(info.external_attr >> 16)  # 0 where the zip gives none
    last = archive.getinfo(info.filename) is info  # of several with one name, the last is read
    return kind in (0, stat.S_IFREG) and last


def _names_in_folder(source: Path) -> Iterator[str | None]:
    """Yield the names in a folder, however deep.

    Links are not followed: they could point anywhere.
    """
    waiting = [""]
    while waiting:
        above = waiting.pop()
        try:
            with os.scandir(source / above) as entries:
                found = list(entries)
        except OSError:  # reading it is forbidden, or its path is too long
            yield None
            continue
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{above}{entry.name}/")
            else:
                yield f"{above}{entry.name}" if entry.is_file(follow_symlinks=False) else None


class Reader:
    """A reader of single pictures that keeps its zips open.

    Opening a zip with 170,000 members takes a second.
    """

    def __init__(self) -> None:
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
            raise BadFaceError(
                f"more than {LARGEST:,} bytes can't be a face of {SIZE} x {SIZE} pixels"
            )
        return decode_face(data)

    def _data(self, member: Member) -> bytes:
        """Read a member's bytes, at most one more than the limit, however far a bomb expands."""
        archive = self.archives.get(member.source)
        if archive is None and member.source.is_dir():
            with open(member.source / member.name, "rb") as stream:
                return stream.read(LARGEST + 1)
        if archive is None:
            archive = zipfile.ZipFile(member.source)
            self.archives[member.source] = archive
        if archive.getinfo(member.name).compress_type not in COMPRESSIONS:
            raise BadFaceError("expected a stored or deflated member")
        with archive.open(member.name) as stream:
            return stream.read(LARGEST + 1)


def read_faces(members: Iterable[Member]) -> Iterator[tuple[Member, Face | BadFaceError]]:
    """Read and decode pictures one after another. Lessons 1.1 and 1.2.

    A bad picture comes back as the reason why, so that the caller can count it.

    Example:
        >>> for member, face in read_faces(index.identities["0"]):  # doctest: +SKIP
        ...     print(member.name, face.rgb.shape)
        0/0.webp (112, 112, 3)
    """
    with Reader() as reader:
        for member in members:
            try:
                yield member, reader.face(member)
            except BadFaceError as bad:
                yield member, bad


def decode_face(data: bytes) -> Face:
    """Decode a PNG or WebP face. Lesson 1.1.

    Half-transparent pixels are composited over white. (Dropping alpha would show the color hidden
    beneath them.)

    Raises:
        BadFaceError: not a picture, an animation, not 8 bits a channel, grey, or not 112 x 112.

    Example:
        >>> decode_face(Path("0/0.webp").read_bytes()).rgb.shape  # doctest: +SKIP
        (112, 112, 3)
    """
    _check_claims(data)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as bad:
        raise BadFaceError(f"can't be decoded: {' '.join(str(bad.err).split())}") from None
    if pixels is None:
        raise BadFaceError(UNREADABLE)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise BadFaceError(f"expected 8-bit RGB or RGBA, got {pixels.dtype} {pixels.shape}")
    height, width, channels = pixels.shape
    if (width, height) != (SIZE, SIZE):
        raise BadFaceError(_other_size(width, height))
    if channels == 3:
        rgb = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)  # OpenCV's order is BGR
        return Face(np.asarray(rgb, np.uint8), 0)
    return _composite(pixels)


def _check_claims(data: bytes) -> None:
    """Raise BadFaceError unless the header claims one picture that can be a face."""
    claims = read_claims(data)
    if claims is None:
        raise BadFaceError(UNREADABLE)
    if claims.size != (SIZE, SIZE):
        raise BadFaceError(_other_size(*claims.size))
    if claims.animated:  # what OpenCV makes of an animation depends on its version
        raise BadFaceError("expected one picture, got an animation")
    if data.startswith(PNG) and data[25:26] == GREY_WITH_ALPHA:  # OpenCV would turn it into RGBA
        raise BadFaceError("expected 8-bit RGB or RGBA, got grey with alpha")


def _other_size(width: int, height: int) -> str:
    """Say that a picture has another size than a face."""
    return f"expected {SIZE} x {SIZE} pixels, got {width} x {height}"


def _composite(pixels: np.ndarray) -> Face:
    """Lay OpenCV's BGRA pixels, uint8 (112, 112, 4), over white."""
    rgb = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB), np.uint8)  # (112, 112, 3)
    opacity = cv2.extractChannel(pixels, 3)  # (112, 112)
    transparent = int(np.count_nonzero(opacity < 255))
    if transparent:
        alpha = pixels[..., 3:].astype(np.float32) / 255  # (112, 112, 1)
        rgb = np.round(rgb * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return Face(rgb, transparent)
