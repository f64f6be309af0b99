"""Write zips by hand, in which any field may lie.

There are names that climb, links, bombs, and members that can't be read.
"""

import bz2
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from helpers import encode, people

from colorkit import color
from colorkit.data import prepare, splits

MEGABYTE = 1 << 20
PEOPLE = 20  # so that no split is left empty by one bad picture
REST = people(PEOPLE)  # the harmless rest of each source
NOISE = np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)
GOOD = encode(NOISE)


def stored(out: Path) -> dict[str, np.ndarray]:
    """Load all three splits as a lesson does; return the face of each identity."""
    loaded = [splits.load_split(out, name) for name in prepare.SPLIT_NAMES]
    return {
        str(who): lab
        for split in loaded
        for who, lab in zip(split.identities, split.lab, strict=True)
    }


def code(rgb: np.ndarray) -> np.ndarray:
    return color.to_storage(color.rgb_to_lab(rgb))


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@dataclass
class Entry:
    """A member of a zip in which any field may lie."""

    name: str | bytes
    data: bytes = GOOD  # as it lies in the zip
    mode: int = 0
    flags: int = 0
    method: int = zipfile.ZIP_STORED
    crc: int | None = None
    size: int | None = None
    offset: int | None = None
    version: int = 20
    local_name: bytes | None = None


def raw_zip(path: Path, entries: list[Entry], directory_size: int | None = None) -> Path:
    body = b""
    directory = b""
    for entry in entries:
        name = entry.name.encode() if isinstance(entry.name, str) else entry.name
        local = name if entry.local_name is None else entry.local_name
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        sizes = (crc, len(entry.data), len(entry.data) if entry.size is None else entry.size)
        fields = (entry.version, entry.flags, entry.method, 0, 33, *sizes)
        start = len(body) if entry.offset is None else entry.offset
        body += struct.pack("<4sHHHHHIIIHH", b"PK\3\4", *fields, len(local), 0) + local + entry.data
        directory += struct.pack(
            "<4sHHHHHHIIIHHHHHII",
            b"PK\1\2",
            3 << 8 | 20,
            *fields,
            len(name),
            0,
            0,
            0,
            0,
            entry.mode << 16,
            start,
        )
        directory += name
    size = len(directory) if directory_size is None else directory_size
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(entries), len(entries), size, len(body), 0)
    path.write_bytes(body + directory + end)
    return path


def harmless() -> list[Entry]:
    return [Entry(name, data) for name, data in REST.items()]


NAMES = {
    "climbs": "../x/0.png",
    "climbs from inside": "x/../../0.png",
    "climbs far": "../" * 40 + "tmp/x/0.png",
    "climbs to a sibling": "x/../y/0.png",
    "only climbs": "../0.png",
    "climbs by backslash": "..\\x\\0.png",
    "absolute": "/etc/0.png",
    "drive": "C:\\x\\0.png",
    "drive with slashes": "C:/x/0.png",
    "drive without a folder": "C:0.png",
    "host": "//host/x/0.png",
    "here": "./x/0.png",
    "here inside": "x/./0.png",
    "two slashes": "x//0.png",
    "stream": "x/0.png:hidden",
    "space": "x /0.png",
    "new line": "x\n/0.png",
    "new line at the end": "x/0.png\n",
    "escape": "\x1b[2J/0.png",
    "nothing": "",
    "no name": "/",
    "no identity": "/0.png",
    "NUL at the end": "x/0.png\0",
    "NUL before another ending": "x/0.png\0.txt",
    "NUL in the identity": "x\0y/0.png",
    "NUL first": "\0x/0.png",
    "not UTF-8": b"\xff\xfe/0.png",
    "another script's digits": "x/\u0663.png",
    "long": "x" * 60_000 + "/a.png",
    "a long identity": "x" * 60_000 + "/0.png",
    "climbs above a folder": "../people/x/0.png",
    "absolute above a folder": "/people/x/0.png",
    "climbs by backslash in the middle": "x\\..\\0.png",
    "host by backslash": "\\\\host\\0.png",
    "turns the line around": "x\u202e/0.png",
    "a line separator": "x\u2028y/0.png",
    "hidden": ".x/0.png",
}

# Names that look odd, and are nothing but names: identity by name.
PLAIN = {
    "x\\0.png": "x",
    "~/0.png": "~",
    "$HOME/0.png": "$HOME",
    "`reboot`/0.png": "`reboot`",
    "%s%n/0.png": "%s%n",
    "x/0.PNG": "x",
    "x/0.WebP": "x",
    "CON/0.png": "CON",
    "J. R. R./0.png": "J. R. R.",
    "--help/0.png": "--help",
}


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


MEMBERS = {
    "encrypted": (Entry("x/0.png", flags=1), "encrypted, password required"),
    "strongly encrypted": (Entry("x/0.png", flags=0x40), "strong encryption"),
    "patched": (Entry("x/0.png", flags=0x20), "compressed patched data"),
    "bzip2": (
        Entry("x/0.png", bz2.compress(GOOD), method=12, crc=zlib.crc32(GOOD), size=len(GOOD)),
        "expected a stored or deflated member",
    ),
    "LZMA": (Entry("x/0.png", method=14), "expected a stored or deflated member"),
    "deflate64": (Entry("x/0.png", method=9), "expected a stored or deflated member"),
    "unknown method": (Entry("x/0.png", method=0xFFFF), "expected a stored or deflated member"),
    "not deflated at all": (Entry("x/0.png", method=8), "Error -3 while decompressing"),
    "deflated, cut short": (
        Entry("x/0.png", deflated(GOOD)[:900], method=8, crc=zlib.crc32(GOOD), size=len(GOOD)),
        "",
    ),
    "wrong CRC": (Entry("x/0.png", crc=1), "Bad CRC-32 for file 'x/0.png'"),
    "declared smaller": (Entry("x/0.png", size=100), "Bad CRC-32"),
    "declared larger": (Entry("x/0.png", size=2**32 - 2, crc=zlib.crc32(GOOD)), ""),
    "offset beyond the end": (Entry("x/0.png", offset=2**31), "Truncated file header"),
    "offset into another member": (Entry("x/0.png", offset=60), "Bad magic number for file header"),
    "offset of another member": (
        Entry("x/0.png", offset=0),
        "File name in directory 'x/0.png' and header b'0/0.png' differ.",
    ),
    "another name inside": (
        Entry("x/0.png", local_name=b"y/0.png"),
        "and header b'y/0.png' differ.",
    ),
    "a name inside with line ends": (Entry("x/0.png", local_name=b"y\n\r/0"), "differ."),
    "a name inside that is not UTF-8": (
        Entry("x/0.png", flags=0x800, local_name=b"\xff/0.png"),
        "can't decode byte 0xff",
    ),
    "an empty member": (Entry("x/0.png", b""), "can't be decoded: not a whole PNG or WebP"),
    "a zip": (Entry("x/0.png", b"PK\5\6" + bytes(18)), "can't be decoded: not a whole PNG or WebP"),
}
