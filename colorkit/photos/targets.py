"""Say where each colored photograph goes, and whether anything can be written there.

No existing file is replaced.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .. import files
from ..errors import KitError, unwritable

FULL = (errno.ENOSPC, errno.EDQUOT)
AGAIN = "run the same command again; finished pictures are kept"


class Kept(NamedTuple):
    """A photograph that was skipped, because a picture of its name exists already.

    That may be the work of an earlier run of the same command.

    Attributes:
        source: the photograph.
        target: the picture, which is left as it is. It is `source` itself if another photograph
            of the same command goes there.
        other: that other photograph; None if `source` is not the target.
    """

    source: Path
    target: Path
    other: Path | None = None

    def __str__(self) -> str:
        if self.other is None:
            return f"{self.source}: {self.target} is there already and stays as it is"
        return (
            f"{self.source}: stays as it is, because the colored {self.other} would have this "
            "name; if it is another photograph, give another folder"
        )


class FolderError(KitError):
    """Nothing can be written into the folder of the colored pictures."""


class Job(NamedTuple):
    """A photograph on its way.

    Attributes:
        source: the photograph.
        target: the PNG to be written.
    """

    source: Path
    target: Path


def check_folder(out: Path) -> None:
    """Write a little into a folder, to see that it is possible, and leave nothing behind.

    Raises:
        FolderError: it isn't.
    """
    try:
        files.try_folder(out)
    except OSError as bad:
        raise _blame_folder(out, bad) from None


def _blame_folder(out: Path, bad: OSError) -> FolderError:
    """Return the error for a folder that can't be written."""
    return FolderError(str(unwritable(out, bad, AGAIN)))


def assign_targets(paths: Iterable[Path | KitError], out: Path) -> Iterator[Job | Kept | KitError]:
    """Say where each photograph goes, unless something is there or will be.

    Args:
        paths: the photographs; an error is passed on.
        out: folder of the colored ones.

    Yields:
        What becomes of each, in order.
    """
    listed = list(paths)
    photographs = [each for each in listed if not isinstance(each, KitError)]
    # The first for each name. A picture that lies where it would go can't be colored, but it may be
    # what an earlier run made of another one.
    firsts: dict[str, Path] = {}
    for path in photographs:
        if not _is_same(path, _target(path, out)):
            firsts.setdefault(files.caseless(path.stem), path)
    for each in listed:
        yield each if isinstance(each, KitError) else _assign_target(each, out, firsts)


def _assign_target(path: Path, out: Path, firsts: dict[str, Path]) -> Job | Kept | KitError:
    """Say where a photograph goes, given the first one for each name."""
    target = _target(path, out)
    first = firsts.get(files.caseless(path.stem), path)
    if first is not path:
        if _is_same(path, _target(first, out)):
            return Kept(path, target, first)
        return KitError(f"{path}: goes to {target}, as {first} does; rename one of them")
    if os.path.lexists(target) and os.path.isfile(path):
        return _keep(path, target)
    return Job(path, target)  # if the photograph can't be read, reading it says why


def _target(path: Path, out: Path) -> Path:
    """Return where a photograph goes."""
    return out / f"{path.stem}.png"


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two paths are the same file, which is there."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _keep(path: Path, target: Path) -> Kept | KitError:
    """Return the outcome of a photograph whose target exists.

    It is a success only if the target may be what an earlier run made of the photograph.
    """
    if not os.path.isfile(target):
        return KitError(
            f"{path}: {target} is there, but is not a picture, and stays as it is; "
            "give another folder"
        )
    if _is_same(path, target):
        return KitError(f"{path}: the colored picture would replace it; give another folder")
    return Kept(path, target)


def refuse_folder(out: Path, bad: OSError) -> None:
    """Raise FolderError if it was not for a picture's own sake that it couldn't be written.

    A name may be too long, or not allowed. But if the disk is full, or nothing else can be written
    either, it is no use going on.
    """
    if bad.errno in FULL:
        raise _blame_folder(out, bad)
    check_folder(out)
