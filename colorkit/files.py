"""Files that are whole or absent: written to a temporary name, synced, then renamed; and their SHA-256."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

KIT = Path(__file__).resolve().parent.parent  # the checkout
HASH_BLOCK = 1 << 20  # bytes read at a time while hashing: memory stays flat for files of any size


@contextlib.contextmanager
def atomic_open(path: Path) -> Iterator[IO[bytes]]:
    """Open `path` for writing so that a reader sees the old file or the whole new one, never a part.

    The temporary file lies in the same folder (a rename is atomic only within one file system); it is removed when the
    block raises.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(temporary, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the system write a file out, so that a rename after it never gives a name to half a file."""
    with open(path, "rb") as stream:
        os.fsync(stream.fileno())


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with atomic_open(path) as stream:
        stream.write(data)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON with a final newline; the same value gives the same bytes."""
    write_bytes(path, (json.dumps(value, indent=2) + "\n").encode())


def write_between(path: Path, start: str, end: str, text: str) -> None:
    """Put `text` between two marks of a text file, in place of what stood there; ValueError unless the first mark is there once."""
    before, rest = path.read_text().split(start)
    write_bytes(path, (before + start + text + end + rest.split(end, 1)[1]).encode())


def sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sha256_of(*parts: Any) -> str:
    """Hex SHA-256 of the parts written as one JSON list: a hash of settings that is the same on every machine."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
