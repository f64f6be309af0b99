"""The file calls that checkpoints are made of, one method each: what a disk, or Drive, can do, and where it can fail."""

import contextlib
import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from .. import files
from ..errors import first_line
from ..machine import drive


class DamagedError(ValueError):
    """Something saved that isn't whole, or isn't what its manifest says."""


class UnseenError(OSError):
    """A disk whose errors may pass failed: that says nothing of what is on it."""


class Disk:
    """A disk of this machine. Every method raises OSError when the disk refuses.

    Attributes:
        fickle: whether its errors may pass, so that one says nothing about the file that was asked for.
    """

    fickle = False

    def check(self) -> None:
        """Raise OSError when the disk as a whole can't be seen: then that a file isn't found says nothing."""

    @contextlib.contextmanager
    def judging(self) -> Iterator[None]:
        """While something saved is read: tell DamagedError from UnseenError."""
        try:
            try:
                yield
            except FileNotFoundError as bad:
                self.check()
                raise DamagedError(f"incomplete ({first_line(bad)})") from None
        except OSError as bad:
            if self.fickle:
                raise UnseenError(*bad.args) from bad
            raise DamagedError(f"incomplete ({first_line(bad)})") from None

    def names(self, folder: Path) -> list[str]:
        """What lies in a folder, in order of name; nothing when there is no such folder."""
        try:
            return sorted(os.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            self.check()
            return []

    def read(self, path: Path) -> bytes | None:
        """The bytes of a small file; None when there is none."""
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            self.check()
            return None

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it."""
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, path: Path, fill: Callable[[IO[bytes]], None]) -> str:
        """Write a file by `fill(stream)` and sync it; return the hex SHA-256 of what it was meant to hold (it is not read back)."""
        with open(path, "wb") as stream:
            hashing = _Hashing(stream)
            fill(hashing)
            stream.flush()
            os.fsync(stream.fileno())
        return hashing.digest.hexdigest()

    def blocks(self, path: Path) -> Iterator[bytes]:
        """A file's bytes, a block at a time, for a copy on another disk."""
        with open(path, "rb") as stream:
            while block := stream.read(files.HASH_BLOCK):
                yield block

    def sha256(self, path: Path) -> str:
        """Hex SHA-256 of a file, read from the disk rather than from the memory of having just written it, where the system allows."""
        if hasattr(os, "posix_fadvise"):
            with open(path, "rb") as stream:
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return files.sha256(path)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file or a folder its name in one step; a file of that name is replaced."""
        os.replace(old, new)

    def remove(self, folder: Path) -> None:
        """Remove a folder, its files emptied first: what is deleted on Drive lies in its trash for 30 days and counts against the quota."""
        for name in sorted(os.listdir(folder), reverse=True):
            os.truncate(folder / name, 0)
        shutil.rmtree(folder)


class Drive(Disk):
    """Google Drive, mounted. Where the mount is gone its place looks like an empty folder, and must not be written into."""

    fickle = True

    def check(self) -> None:
        """Raise OSError unless Drive is mounted and answers."""
        drive.check_drive()

    def make_folder(self, folder: Path) -> None:
        """Make a folder inside what Drive itself shows: one made in the mount's place would keep Drive from being mounted there again."""
        self.check()
        parts = folder.relative_to(drive.DRIVE).parts
        for depth in range(
            2, len(parts) + 1
        ):  # the first is Drive's own (MyDrive): where it isn't found nothing is made
            drive.DRIVE.joinpath(*parts[:depth]).mkdir(exist_ok=True)


class _Hashing(io.RawIOBase):
    """A stream that hashes what passes. It can't seek, so that nothing passes twice."""

    def __init__(self, stream: IO[bytes]):
        self.stream, self.digest = stream, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.digest.update(data)
        return self.stream.write(data)
