"""Tell by its name which file of a source is a face, whose it is, and what else a file is.

A face is called <identity>/<number>.png or .webp, as in DigiFace-1M. One folder around all people,
as a zip that was made of a folder has it, is left out of account.
"""

import functools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import printable
from .sources import ELSEWHERE, NOT_PLAIN, TWICE, Listed

FACE = re.compile(r"\d+\.(png|webp)", re.ASCII | re.IGNORECASE)
PICTURE = re.compile(r".*\.(png|webp)", re.DOTALL | re.IGNORECASE)
OTHER_PICTURE = re.compile(
    r".*\.(jpe?g?|jfif|gif|bmp|dib|tiff?|hei[cf]|avif|jxl|jp2|apng|ppm|pgm|tga|psd|svg|raw|dng)",
    re.DOTALL | re.IGNORECASE,
)
ARCHIVE = re.compile(r".*\.(zip|rar|7z|tar|t?gz|tar\.\w+)", re.DOTALL | re.IGNORECASE)
LONGEST = 255  # letters of an identity; a folder's name has no more
ENDS = 60  # letters that are shown of each end of a longer place
FORM = "<identity>/<number>.png or .webp"

# Why a file is no face, and what helps
MISNAMED = f"not named {FORM}"
ALONE = "in no person's folder"
SEVERAL = "below more than one folder of people"
NOT_UTF8 = "with a name that is not UTF-8"
OTHER_FORMAT = "neither PNG nor WebP"
PACKED = "packed once more"
HIDDEN = "hidden"
NO_PICTURE = "no picture"
ADVICE = {
    MISNAMED: "rename them",
    ALONE: "put the pictures of each person into a folder of its own",
    SEVERAL: "give each of those folders as a source, unpacked if it is in a zip",
    NOT_UTF8: "rename them",
    OTHER_FORMAT: "save them as PNG or WebP",
    PACKED: "unpack it once, and give what was inside",
    NOT_PLAIN: "put the files themselves there",
    ELSEWHERE: "unpack it with all its other parts beside it, and give the folder",
    HIDDEN: "give what belongs to them, or rename them",
    NO_PICTURE: "give another zip or folder",
}
# What nobody misses: tables, notes, and what systems put beside pictures
EXPECTED = (HIDDEN, NO_PICTURE)


class Passed(NamedTuple):
    """A file that is not a face: why, and where it lies."""

    reason: str
    place: str


class Found(NamedTuple):
    """A face: its key in the source, and who it shows."""

    key: str
    identity: str


def sort_out(source: str, listed: Iterable[Listed]) -> tuple[list[Found], list[Passed]]:
    """Tell the faces of a source from its other files.

    Args:
        source: name of the source, for reports.
        listed: its files.
    """
    people: dict[str, list[Listed]] = defaultdict(list)  # by the folder above the identities
    passed: list[Passed] = []
    for file in listed:
        above = None if file.reason else _folder_of_people(file.name)
        if above is None:
            passed.append(Passed(_reason(file), f"{source}:{file.name}"))
        else:
            people[above].append(file)
    chosen = "" if "" in people or len(people) != 1 else next(iter(people))
    reason = MISNAMED if "" in people else SEVERAL
    for above, others in people.items():
        if above != chosen:
            passed += [Passed(reason, f"{source}:{file.name}") for file in others]
    return [Found(file.key, _identity(file.name)) for file in people[chosen]], passed


def _folder_of_people(name: str) -> str | None:
    """Return the path above the identity, empty for none; None unless the name is a face's."""
    above, slash, file = name.rpartition("/")
    if not slash or not FACE.fullmatch(file):
        return None
    above, slash, identity = above.rpartition("/")
    if slash and not all(map(is_name, above.split("/"))):
        return None
    return above if is_name(identity) else None


@functools.lru_cache(maxsize=1024)  # a person's pictures follow each other
def is_name(text: str) -> bool:
    """Return whether a text can name a person or folder: any script, and nothing dangerous.

    It must not be hidden, lead elsewhere as `..` and `C:` do, or hold control characters. It must
    not begin or end with a space, which Windows drops.

    Example:
        >>> is_name("José"), is_name("अनीता"), is_name(".."), is_name("C:")
        (True, True, False, False)
    """
    plain = 0 < len(text) <= LONGEST and text == text.strip() and printable(text) == text
    return plain and not text.startswith(".") and not {"\\", ":"} & set(text)


def _identity(name: str) -> str:
    """Return who a face shows, letter and accent composed (NFC), as all but macOS write them."""
    return unicodedata.normalize("NFC", name.split("/")[-2])


def caseless(identity: str) -> str:
    """Return what two spellings of a name share if they differ in upper and lower case only."""
    return unicodedata.normalize("NFC", identity.casefold())


def _reason(file: Listed) -> str:
    """Return why a file is not a face."""
    parts = file.name.split("/")
    is_picture = PICTURE.fullmatch(parts[-1])
    # A name without an ending may be a link to a person's folder.
    may_be = is_picture or OTHER_PICTURE.fullmatch(parts[-1]) or "." not in parts[-1]
    if file.reason not in ("", NOT_PLAIN, TWICE, ELSEWHERE) or (file.reason and may_be):
        return file.reason
    if "__MACOSX" in parts or any(part[:1] == "." and part.strip(".") for part in parts):
        return HIDDEN
    if ARCHIVE.fullmatch(parts[-1]):
        return PACKED
    if OTHER_PICTURE.fullmatch(parts[-1]):
        return OTHER_FORMAT
    if not is_picture:
        return NO_PICTURE
    if any("\udc80" <= letter <= "\udcff" for letter in file.name):
        return NOT_UTF8
    return MISNAMED if "/" in file.name else ALONE


def describe(passed: Iterable[Passed]) -> str:
    """Describe files by why they are not faces: a count of each, and its first file."""
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for reason, place in passed:
        first.setdefault(reason, place)
        counts[reason] += 1
    listed = (
        f"{count:,} {reason} (first: {_shown(first[reason])})"
        for reason, count in counts.most_common()
    )
    return ", ".join(listed)


def _shown(place: str) -> str:
    """Return a place on one line, without the middle if it is long."""
    text = printable(place)
    return text if len(text) <= 2 * ENDS else f"{text[:ENDS]}...{text[-ENDS:]}"


def note_passed(passed: Iterable[Passed]) -> list[str]:
    """Return the line about pictures that are passed over; no line if there are none."""
    missed = [file for file in passed if file.reason not in EXPECTED]
    if not missed:
        return []
    files = "1 file was" if len(missed) == 1 else f"{len(missed):,} files were"
    return [f"{files} passed over: {describe(missed)}"]


def explain_none(passed: list[Passed]) -> str:
    """Return what is there instead of faces, and what to do."""
    if not passed:
        return f"expected files named {FORM}, found none at all: give another zip or folder"
    # what nobody misses explains little
    missed = [file for file in passed if file.reason not in EXPECTED] or passed
    ((most, _),) = Counter(file.reason for file in missed).most_common(1)
    advice = ADVICE.get(most, "make it readable")
    return f"expected files named {FORM}, found {describe(missed)}: {advice}"
