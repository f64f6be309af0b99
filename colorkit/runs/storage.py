"""Make the file calls that checkpoints need, on this machine's disk or on Google Drive.

One method a call: each says what a disk can do, and how that can fail.
"""

import contextlib
import errno
import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from .. import files
from ..errors import first_line
from ..machine import disk, drive

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class DamagedError(ValueError):
    """Something saved that is incomplete, or that differs from its manifest."""


class MisplacedError(DamagedError):
    """A checkpoint that is whole, but was renamed."""


class UnreachableError(OSError):
    """A temporary failure of a flaky disk: it tells us nothing about the files themselves."""


class IncompleteRunError(UnreachableError):
    """A run on a flaky disk that shows checkpoints, but not what run they are of."""


class Disk:
    """A disk of this machine. Every method raises OSError when the disk refuses.

    Attributes:
        flaky: whether an error may be temporary, so that it says nothing about the file.
    """

    flaky = False

    def check(self) -> None:
        """Raise OSError when the whole disk can't be reached.

        A file that isn't found on such a disk may still exist.
        """

    @contextlib.contextmanager
    def classifying_errors(self) -> Iterator[None]:
        """Turn an OSError in reading something saved into one of two errors.

        Raises:
            DamagedError: the files are damaged.
            UnreachableError: the disk is flaky, and the files may be whole.
        """
        try:
            try:
                yield
            except FileNotFoundError as bad:
                self.check()
                raise DamagedError(f"incomplete ({first_line(bad)})") from None
        except OSError as bad:
            if self.flaky:
                raise UnreachableError(*bad.args) from bad
            raise DamagedError(f"incomplete ({first_line(bad)})") from None

    def names(self, folder: Path) -> list[str]:
        """List what a folder holds, sorted by name; nothing when there is no such folder."""
        try:
            return sorted(os.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            self.check()
            return []

    def read(self, path: Path) -> bytes | None:
        """Read a small file; return None when there is no such file."""
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            self.check()
            return None

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it."""
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, path: Path, fill: Callable[[io.RawIOBase], object]) -> str:
        """Write a file by `fill(stream)` and sync it. What `fill` returns is not used.

        Returns:
            The hex SHA-256 of what the file should hold. The file is not read back.
        """
        with open(path, "wb") as stream:
            hashing = _HashingStream(stream)
            fill(hashing)
            stream.flush()
            os.fsync(stream.fileno())
        return hashing.digest.hexdigest()

    def blocks(self, path: Path) -> Iterator[bytes]:
        """Read a file a block at a time, for a copy on another disk."""
        with open(path, "rb") as stream:
            while block := stream.read(files.HASH_BLOCK):
                yield block

    def sha256(self, path: Path) -> str:
        """Compute the hex SHA-256 of a file.

        Where the system allows, the bytes come from the disk and not from the system's memory
        of having just written them.
        """
        disk.forget(path)
        return files.sha256(path)

    def rename(self, old: Path, new: Path) -> None:
        """Rename a file or a folder in one step; a file that has the new name is replaced."""
        os.replace(old, new)

    def remove(self, folder: Path) -> None:
        """Empty the files of a folder, then remove it with all that it holds.

        What is deleted on Drive stays in its trash for 30 days, and counts against the quota.
        What a link leads to is left as it is.

        Raises:
            OSError: it is a file or a link, or the disk refuses.
        """
        if files.is_link(folder):
            raise NotADirectoryError(errno.ENOTDIR, "It is a link", str(folder))
        for inside, folders, names in os.walk(folder, onerror=_raise):
            folders[:] = [each for each in folders if not files.is_link(os.path.join(inside, each))]
            for name in sorted(names, reverse=True):
                path = os.path.join(inside, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    os.truncate(path, 0)
        shutil.rmtree(folder)


def _raise(bad: OSError) -> None:
    raise bad


class Drive(Disk):
    """Google Drive, mounted.

    When the mount is gone, an empty folder is left in its place. Nothing may be written there.
    """

    flaky = True

    def check(self) -> None:
        """Raise OSError unless Drive is mounted and answers."""
        drive.check_drive()

    def make_folder(self, folder: Path) -> None:
        """Make a folder on Drive, inside of what Drive itself shows.

        A folder made in the empty mount point would keep Drive from being mounted there again.
        """
        self.check()
        parts = folder.relative_to(drive.DRIVE).parts
        # The first part is Drive's own folder, MyDrive. If it isn't found, nothing is made.
        for depth in range(2, len(parts) + 1):
            drive.DRIVE.joinpath(*parts[:depth]).mkdir(exist_ok=True)


class _HashingStream(io.RawIOBase):
    """A stream that hashes what is written to it. It can't seek, so every byte passes once."""

    def __init__(self, stream: IO[bytes]):
        self.stream = stream
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        self.digest.update(data)
        return self.stream.write(data)
