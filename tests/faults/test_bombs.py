"""Read sources that were made to fill the memory, and measure that they don't."""

import bz2
import json
import subprocess
import sys
import zlib

import pytest
from helpers import KIT, write_zip
from picture_corpus import GIGABYTES, UNUSED, USED
from zip_corpus import MEGABYTE, PEOPLE, REST, Entry, harmless, raw_zip

from colorkit.data import faces

MEASURE = """
import json, resource, sys
from pathlib import Path
from colorkit.data import prepare

def peak():
    # Of this process alone: on Linux, getrusage includes the process that started it.
    try:
        (line,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    except OSError:
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit

warm, bombs, out = map(Path, sys.argv[1:4])
prepare.build_splits([warm], out, processes=1)
before = peak()
manifest = prepare.build_splits([bombs / "a.zip", bombs], out, max_bad=1, processes=1)
print(json.dumps([peak() - before, manifest]))
"""


@pytest.mark.needs("limits")
def test_bombs_need_no_memory(tmp_path):
    """The members and files would be gigabytes in all.

    They are read in a process of its own, which prints how much memory they took at most.
    """
    size = 300 * MEGABYTE
    block = bytes(MEGABYTE)
    crc = 0
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    zeros = b"".join(packer.compress(block) for _ in range(300)) + packer.flush()
    for _ in range(300):
        crc = zlib.crc32(block, crc)
    bombs = {
        "honest": Entry("x0/0.png", zeros, method=8, size=size, crc=crc),
        "declared small": Entry("x1/0.png", zeros, method=8, size=1000, crc=crc),
        "declared as large as may be": Entry(
            "x2/0.png", zeros, method=8, size=faces.LARGEST, crc=crc
        ),
        "bzip2": Entry(
            "x3/0.png", bz2.compress(bytes(100 * MEGABYTE)), method=12, size=100 * MEGABYTE
        ),
        "stored": Entry("x4/0.png", bytes(5 * MEGABYTE)),
        **{kind: Entry(f"x{5 + k}/0.png", UNUSED[kind][0]) for k, kind in enumerate(GIGABYTES)},
    }
    used = [
        Entry(f"y{k}/0.png", USED[kind][0])
        for k, kind in enumerate(("a text that is a bomb", "pixels that are a bomb"))
    ]
    (tmp_path / "bombs" / "z").mkdir(parents=True)
    raw_zip(tmp_path / "bombs" / "a.zip", [*harmless(), *bombs.values(), *used])
    with open(tmp_path / "bombs" / "z" / "0.png", "wb") as stream:
        stream.truncate(4 << 30)  # a file of four gigabytes that takes no disk
    warm = write_zip(tmp_path / "warm.zip", REST)
    command = [
        sys.executable,
        "-c",
        MEASURE,
        str(warm),
        str(tmp_path / "bombs"),
        str(tmp_path / "data"),
    ]
    done = subprocess.run(command, cwd=KIT, capture_output=True, check=True, encoding="utf-8")
    grown, manifest = json.loads(done.stdout)
    assert grown < 48
    assert {line.split(":")[1] for line in manifest["skipped"]} == {
        "z/0.png",
        *(entry.name for entry in bombs.values()),
    }
    reasons = {line.split(":")[1]: line for line in manifest["skipped"]}
    assert "more than 1,048,576 bytes" in reasons["x0/0.png"]
    assert "Bad CRC-32" in reasons["x1/0.png"]
    assert "more than 1,048,576 bytes" in reasons["z/0.png"]
    assert manifest["ignored_files"] == 1  # the zip in the folder
    assert sum(split["images"] for split in manifest["splits"].values()) == PEOPLE + len(used)
