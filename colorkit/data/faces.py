"""Read faces out of a zip or a folder in DigiFace-1M's layout, <identity>/<k>.png or .webp.

Pictures are read in place and never extracted.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from .. import files
from ..arrays import Rgb8
from ..errors import KitError, first_line
from . import layout
from .headers import PNG, read_claims
from .sources import DAMAGED, UNPACK, list_files

SIZE = 112  # DigiFace-1M's aligned crops are 112 x 112
# DigiFace's pictures have 20 KB; a megabyte is not a face but a bomb
LARGEST = 1 << 20  # bytes
GREY_WITH_ALPHA = b"\4"  # a PNG's color type
# other methods (bzip2, LZMA) expand without a limit
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 1  # the flag of a member that needs a password
UNREADABLE = "can't be decoded: not a whole PNG or WebP"


class Member(NamedTuple):
    """One picture of a source.

    Attributes:
        source: the zip or folder.
        name: the picture's name in it.
        identity: who it shows.
    """

    source: Path
    name: str
    identity: str

    @property
    def label(self) -> str:
        """Return <identity>/<number>.<ending>: the same wherever in a source the picture lies."""
        file = re.split(r"[/\\]", self.name)[-1]
        return f"{self.identity}/{file}"


class Index(NamedTuple):
    """What the sources hold.

    Attributes:
        identities: the pictures of each identity, sorted by label.
        ignored: number of other files.
        notes: lines about what the user may miss.
    """

    identities: dict[str, list[Member]]
    ignored: int
    notes: list[str]


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

    A name is a name in any script. Spellings that differ in upper and lower case only, or in how an
    accent is stored, are one identity: on many disks they are one folder, and nobody may be in two
    splits.

    Raises:
        KitError: a source is missing or is not a zip, or none of them holds a face; the message
            says what they hold.

    Example:
        >>> index = index_faces([Path("data/faces.zip")])  # doctest: +SKIP
        >>> len(index.identities)  # doctest: +SKIP
        2000
    """
    places = _each_once(sources)
    people: dict[str, list[Member]] = defaultdict(list)  # by what all spellings of a name share
    passed: list[layout.Passed] = []
    for source in places:
        found, others = layout.sort_out(source.name, list_files(source))
        passed += others
        for key, identity in found:
            people[layout.caseless(identity)].append(Member(source, key, identity))
    if not people:
        where = ", ".join(map(str, places))
        raise KitError(f"no faces in {where}: {layout.explain_none(passed)}")
    spellings = [sorted({member.identity for member in found}) for found in people.values()]
    identities = {
        names[0]: _in_order(names[0], found, places)
        for names, found in zip(spellings, people.values(), strict=True)
    }
    notes = layout.note_passed(passed) + _note_twins(spellings) + _note_joined(identities)
    return Index(identities, len(passed), notes)


def _each_once(sources: Iterable[Path]) -> list[Path]:
    """Return the sources without those that are the same file by another path."""
    places: dict[Hashable, Path] = {}
    for source in sources:
        places.setdefault(files.identity(source), source)
    return list(places.values())


def _in_order(identity: str, found: list[Member], places: list[Path]) -> list[Member]:
    """Return the pictures of an identity by label; where labels are equal, by source."""
    members = [Member(source, name, identity) for source, name, _ in found]
    return sorted(members, key=lambda member: (member.label, places.index(member.source), member))


def _note_twins(spellings: list[list[str]]) -> list[str]:
    """Return the line about people whose names are spelled in more than one way."""
    twins = [" and ".join(names) for names in spellings if len(names) > 1]
    if not twins:
        return []
    return [
        f"names that differ in upper and lower case only are one person: {len(twins):,} "
        f"(first: {twins[0]})"
    ]


def _note_joined(identities: dict[str, list[Member]]) -> list[str]:
    """Return the line about people of one name in several sources, who are taken for one person."""
    joined = {
        identity: list(dict.fromkeys(str(member.source) for member in members))
        for identity, members in identities.items()
        if len({member.source for member in members}) > 1
    }
    if not joined:
        return []
    first, where = next(iter(joined.items()))
    return [
        f"names that are in more than one source are one person: {len(joined):,} "
        f"(first: {first}, in {' and '.join(where)}); "
        "rename the folders of one source if they are other people"
    ]


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
        try:
            info = archive.getinfo(member.name)
        except KeyError:  # the zip was replaced
            raise BadFaceError("it is not in the zip any more") from None
        if info.flag_bits & ENCRYPTED:
            raise BadFaceError(f"it is encrypted, password required: {UNPACK}")
        if info.compress_type not in COMPRESSIONS:
            raise BadFaceError(f"expected a stored or deflated member: {UNPACK}")
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
