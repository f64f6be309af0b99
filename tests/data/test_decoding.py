"""Many faces at once: the result does not depend on the number of processes."""

import math
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import work
from helpers import encode, people, picture, write_folder, write_zip

from colorkit import color
from colorkit.data import decoding, faces, prepare, splits
from colorkit.errors import KitError


@pytest.fixture
def sources(tmp_path) -> list[Path]:
    """A zip and a folder: 60 people, two pictures that are bad, one that is half transparent."""
    half = np.dstack([picture(7), np.full((112, 112), 200, np.uint8)])
    others = {
        "60/0.png": b"no picture",
        "61/0.webp": encode(picture(8), ".webp")[:300],
        "62/0.png": encode(half),
    }
    return [
        write_zip(tmp_path / "a.zip", people(40) | others),
        write_folder(tmp_path / "b", people(60)),
    ]


def read_contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_splits_are_the_same_bytes_however_many_processes_work(tmp_path, sources, monkeypatch):
    monkeypatch.setattr(decoding, "PICTURES_PER_TASK", 5)  # so that every process gets several
    made = []
    for processes in (1, 2, 3):
        prepare.build_splits(
            sources, tmp_path / str(processes), per_identity=2, max_bad=0.1, processes=processes
        )
        made.append(read_contents(tmp_path / str(processes)))
    assert made[0] == made[1] == made[2]
    loaded = [splits.load_split(tmp_path / "1", name) for name in prepare.SPLIT_NAMES]
    # 40 people in both sources, 20 in one, and the half-transparent one
    assert sum(map(len, loaded)) == 2 * 40 + 21


def test_a_chunk_holds_the_good_ones_in_order_and_the_reasons_of_the_bad(sources):
    zipped = sources[0]
    members = [
        faces.Member(zipped, f"{who}/0.{'webp' if who == 61 else 'png'}", str(who))
        for who in (3, 60, 62, 61, 1)
    ]
    with faces.Reader() as reader:
        chunk = decoding.decode(reader, members)
    assert chunk.identities == ["3", "62", "1"]
    assert [line.split(": ")[0] for line in chunk.bad] == ["a.zip:60/0.png", "a.zip:61/0.webp"]
    assert chunk.transparent == 112 * 112
    assert (chunk.lab.dtype, chunk.lab.shape) == (np.uint8, (3, 112, 112, 3))
    for who, lab in zip((3, 1), chunk.lab[[0, 2]], strict=True):
        assert np.array_equal(lab, color.to_storage(color.rgb_to_lab(picture(100 * who))))


def test_results_come_in_order_from_other_processes():
    found = list(decoding.in_order(work.slow_at_first, range(20), processes=2))
    assert [item for item, _ in found] == list(range(20))
    workers = {process for _, process in found}
    assert len(workers) == 2
    assert os.getpid() not in workers
    assert list(decoding.in_order(work.slow_at_first, range(3), processes=1)) == [
        (item, os.getpid()) for item in range(3)
    ]


def test_only_a_few_items_are_taken_ahead():
    """Else 99,999 decoded faces would wait in memory for a slow disk."""
    taken = []
    results = decoding.in_order(
        abs, (taken.append(item) or item for item in range(1000)), processes=2
    )
    for count in range(1, 50):
        next(results)
        assert len(taken) <= count + 12
    results.close()


def test_a_process_that_dies_is_one_clear_error():
    with pytest.raises(
        KitError, match="a decoding process died, often for lack of memory: use --processes 1"
    ):
        list(decoding.in_order(work.die, range(4), processes=2))


@pytest.mark.parametrize("processes", [1, 2])
def test_what_a_worker_raises_arrives(processes):
    with pytest.raises(ValueError, match="item 0"):
        list(decoding.in_order(work.fail, range(4), processes))


@pytest.mark.parametrize(
    ("count", "processes"), [(decoding.WORTH - 1, 1), (decoding.WORTH, os.cpu_count())]
)
def test_a_small_job_starts_no_processes(monkeypatch, count, processes):
    asked = []
    monkeypatch.setattr(
        decoding, "in_order", lambda function, chunks, processes: asked.append(processes) or chunks
    )
    groups = {
        "train": [faces.Member(Path("a.zip"), "0/0.png", "0")] * (count - 10),
        "val": [faces.Member(Path("b.zip"), "1/0.png", "1")] * 10,
    }
    found = list(decoding.decoded(groups, None))
    assert asked == [processes]
    tasks = math.ceil((count - 10) / decoding.PICTURES_PER_TASK)
    assert [name for name, _ in found] == ["train"] * tasks + ["val"]
    assert [member for _, members in found for member in members] == groups["train"] + groups["val"]


@pytest.fixture
def opened(sources, monkeypatch) -> list[zipfile.ZipFile]:
    """Every zip that is opened from here on."""
    found = []

    class Recorded(zipfile.ZipFile):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            found.append(self)

    monkeypatch.setattr(zipfile, "ZipFile", Recorded)
    return found


def test_zips_are_closed_after_a_job_in_this_process(opened, sources):
    members = [
        member for found in faces.index_faces(sources).identities.values() for member in found
    ]
    chunks = [chunk for _, chunk in decoding.decoded({"all": members}, processes=1)]
    assert sum(len(chunk.identities) for chunk in chunks) == 101
    assert len(opened) == 2  # to list its members, and to read them
    assert all(archive.fp is None for archive in opened)


def test_zips_are_closed_when_a_job_is_left_early(opened, sources):
    """As when writing the splits fails."""
    members = [faces.Member(sources[0], f"{who}/0.png", str(who)) for who in range(40)]
    chunks = decoding.decoded({"all": members}, processes=1)
    next(chunks)
    assert [archive.fp is None for archive in opened] == [False]
    chunks.close()
    assert [archive.fp is None for archive in opened] == [True]
