"""Find photographs: those that somebody names, and those in the folders that somebody names."""

import os
from collections.abc import Hashable, Iterable
from pathlib import Path

from .. import files
from ..errors import KitError, first_line, remedy
from . import kinds


def find(paths: Iterable[Path]) -> list[Path | KitError]:
    """List the paths that are not folders, and the pictures directly inside those that are.

    Pictures of a folder are sorted by name. A file counts as one if its name ends like a picture's
    or if it begins like one, even if it can't be read here, so that `read` says why. Hidden files
    and all others are left out. A file that is named twice, in whatever way, is listed once. In the
    place of a folder that holds no picture or can't be read is the reason.

    Raises:
        KitError: none of the folders holds a picture, and nothing else is named.
    """
    listed = list(paths)
    found: dict[Hashable, Path | KitError] = {}
    empty = []
    for path in listed:
        pictures: list[Path | KitError] = _pictures_in(path) if os.path.isdir(path) else [path]
        if not pictures:
            empty.append(path)
            pictures = [_no_pictures([path])]
        for each in pictures:
            found.setdefault(each if isinstance(each, KitError) else _place(each), each)
    if empty == listed:
        raise _no_pictures(empty)
    return list(found.values())


def _no_pictures(folders: list[Path]) -> KitError:
    """Return the error for folders without a picture."""
    places = ", ".join(map(str, folders))
    return KitError(f"no pictures in {places}: expected {kinds.USUAL} directly in it")


def _place(path: Path) -> Hashable:
    """Return what all ways to a file have in common. A link is a file of its own."""
    return files.identity(path, follow=False)


def _pictures_in(folder: Path) -> list[Path | KitError]:
    """List the pictures directly inside a folder, by name, or the reason why that is impossible."""
    try:
        return [*sorted(path for path in folder.iterdir() if kinds.is_picture(path))]
    except OSError as bad:
        return [unreadable(folder, bad)]


def unreadable(path: Path, bad: OSError) -> KitError:
    """Return the error for a path that the system doesn't let us read."""
    return KitError(f"{path}: can't be read ({first_line(bad)}): {remedy(bad)}")
