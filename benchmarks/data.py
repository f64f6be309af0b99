"""Measure how fast data preparation is, and how much memory it needs.

    python benchmarks/data.py
    python benchmarks/data.py --speed 300 --large 1000 --out out/try.json

The first line takes about eight minutes and 6 GB of disk in --folder; it writes
benchmarks/data.json and the table. The kit is compared with the report's way, and with decoding
alone.

All ways are measured in one run, on pictures that the script makes itself: the kit's own faces,
repeated and encoded like those of DigiFace-1M (PNG, RGBA). Each timing is a process of its own, the
ways take turns, and their medians are compared.
"""

import argparse
import importlib
import itertools
import json
import os
import pickle
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from here import HERE
from page import Row, markdown, met, publish

from colorkit.data import (
    IMAGE_BYTES,
    PICTURES_PER_TASK,
    WORTH,
    ask,
    build_splits,
    fetch,
    in_order,
    index_faces,
    load_split,
    read_faces,
    read_manifest,
)


def write_faces(target: Path, count: int) -> None:
    """Write a zip of `count` identities with one RGBA PNG each, in DigiFace-1M's layout."""
    identities = index_faces([fetch("faces", accept=ask)]).identities
    members = itertools.chain.from_iterable(identities.values())
    coded = []
    for _, face in read_faces(itertools.islice(members, min(count, 1500))):
        alpha = np.full(face.rgb.shape[:2], 255, np.uint8)
        bgra = np.dstack([face.rgb[..., ::-1], alpha])  # OpenCV's order; (112, 112, 4)
        coded.append(cv2.imencode(".png", bgra)[1].tobytes())
    with zipfile.ZipFile(target, "w") as archive:
        for identity, data in zip(range(count), itertools.cycle(coded), strict=False):
            archive.writestr(f"{100_000 + identity}/0.png", data)


# The ways that are compared: each runs in a process of its own.


def kit(archive: Path, out: Path) -> None:
    """Prepare the splits as the kit does."""
    build_splits([archive], out)


def report(archive: Path, out: Path) -> None:
    """Prepare the splits as the report did.

    PIL and scikit-image take one picture at a time; the arrays are float64 and are pickled.
    """
    from PIL import Image
    from skimage.color import rgb2lab

    with zipfile.ZipFile(archive) as source:
        images = [
            np.asarray(Image.open(source.open(name)).convert("RGB")) for name in source.namelist()
        ]
    lab = np.array([rgb2lab(image) for image in images])  # (N, 112, 112, 3)
    first = int(0.8 * len(lab))
    second = int(0.9 * len(lab))
    parts = {"train": lab[:first], "val": lab[first:second], "test": lab[second:]}
    out.mkdir(parents=True)
    for name, part in parts.items():
        with open(out / f"{name}.pkl", "wb") as stream:
            pickle.dump(part, stream)


def ceiling(archive: Path, out: Path) -> None:
    """Decode the same PNGs on all cores, and do nothing else."""
    with zipfile.ZipFile(archive) as source:
        names = source.namelist()
    step = PICTURES_PER_TASK
    chunks = [(archive, names[start : start + step]) for start in range(0, len(names), step)]
    assert sum(in_order(_decode, chunks, os.cpu_count())) == len(names)


_archives: dict[Path, zipfile.ZipFile] = {}  # open in this process


def _decode(chunk: tuple[Path, list[str]]) -> int:
    """Decode pictures of a zip; return how many could be decoded."""
    path, names = chunk
    if path not in _archives:
        _archives[path] = zipfile.ZipFile(path)
    archive = _archives[path]
    pictures = [
        cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_UNCHANGED)
        for name in names
    ]
    return sum(picture is not None for picture in pictures)


def load(_: Path, out: Path) -> None:
    """Load the train split, as training does."""
    loaded = load_split(out, "train")
    assert len(loaded)


def first_batch(_: Path, out: Path) -> None:
    """Go from verified files to the first batch."""
    from colorkit import training

    train = load_split(out, "train")
    assert len(training.Batches(train, 32, 0)[0][0]) == 32


def touch(_: Path, out: Path) -> None:
    """Fill as much new memory as the train split takes: loading can't be faster than this."""
    images = read_manifest(out)["splits"]["train"]["images"]
    np.empty(images * IMAGE_BYTES, np.uint8)[:] = 1


WAYS = {way.__name__: way for way in (kit, report, ceiling, load, first_batch, touch)}


def measure(way: str, archive: Path, out: Path) -> dict[str, float]:
    """Run one way in a process of its own.

    Returns:
        `seconds` inside the way, and bytes of peak memory: the process's own (`peak`, and `before`
        the way began), and its largest child's (`child`).
    """
    command = [sys.executable, __file__, "--way", way, str(archive), str(out)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return json.loads(done.stdout.splitlines()[-1])


def run_way(way: str, archive: Path, out: Path) -> None:
    """Run one way in this process, for `measure`, and print what it took."""
    cv2.setNumThreads(1)
    if way == "first_batch":
        importlib.import_module("keras")  # its import is not part of reading data
    before = _peak_memory()
    start = time.perf_counter()
    WAYS[way](archive, out)
    seconds = time.perf_counter() - start
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    taken = {"seconds": seconds, "peak": _peak_memory(), "before": before, "child": child}
    print(json.dumps(taken))


def _peak_memory() -> int:
    """Return the bytes of this process's peak memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def speed(folder: Path, count: int, rounds: int) -> dict[str, Any]:
    """Measure the faces a second of three ways, which take turns."""
    archive = folder / "speed.zip"
    write_faces(archive, count)
    seconds: dict[str, list[float]] = {way: [] for way in ("kit", "report", "ceiling")}
    for _ in range(rounds):
        for way, taken in seconds.items():
            taken.append(measure(way, archive, folder / "made")["seconds"])
            shutil.rmtree(folder / "made", ignore_errors=True)
    rates = {way: count / statistics.median(taken) for way, taken in seconds.items()}
    return {
        "faces": count,
        "rounds": rounds,
        "faces_per_second": {way: round(rate) for way, rate in rates.items()},
        "times_the_report": round(rates["kit"] / rates["report"], 2),
        "share_of_ceiling": round(rates["kit"] / rates["ceiling"], 2),
    }


def size(folder: Path, count: int, rounds: int) -> dict[str, Any]:
    """Measure, for many faces, the peak memory and the seconds to the first batch.

    The seconds are medians, because memory that is touched for the first time costs more.
    """
    archive = folder / "large.zip"
    out = folder / "large"
    write_faces(archive, count)
    made = measure("kit", archive, out)
    loaded = measure("load", archive, out)
    batches: list[float] = []
    touches: list[float] = []
    for _ in range(rounds):
        batches.append(measure("first_batch", archive, out)["seconds"])
        touches.append(measure("touch", archive, out)["seconds"])
    train_bytes = read_manifest(out)["splits"]["train"]["images"] * IMAGE_BYTES
    train_gb = train_bytes / 1e9
    workers = (os.cpu_count() or 1) if count >= WORTH else 0
    prepare_peak = made["peak"] + workers * made["child"]
    load_peak = loaded["peak"] - loaded["before"]
    return {
        "faces": count,
        "prepare_seconds": round(made["seconds"], 1),
        "prepare_peak_gb": round(prepare_peak / 1e9, 2),
        "prepare_workers": workers,
        "train_gb": round(train_gb, 3),
        "load_peak_gb": round(loaded["peak"] / 1e9, 3),
        "load_peak_above_start_gb": round(load_peak / 1e9, 3),
        "load_peak_share": round(load_peak / train_bytes, 3),
        "first_batch_seconds_per_gb": round(statistics.median(batches) / train_gb, 2),
        "touch_seconds_per_gb": round(statistics.median(touches) / train_gb, 2),
        "report_float64_gb": round(count * IMAGE_BYTES * 8 / 1e9, 1),
    }


def rows_of_speed(fast: dict[str, Any]) -> list[Row]:
    """Return the table's rows of the speed comparison."""
    rate = fast["faces_per_second"]
    times = fast["times_the_report"]
    share = fast["share_of_ceiling"]
    return [
        ("`prepare`, faces a second", f"{rate['kit']:,}", ""),
        ("the report's way, faces a second", f"{rate['report']:,}", ""),
        ("decoding alone on the same cores, faces a second", f"{rate['ceiling']:,}", ""),
        ("`prepare` against the report's way", f"{times} times", met(times >= 5, ">= 5")),
        ("`prepare` against decoding alone", f"{share}", met(share >= 0.6, ">= 0.6")),
    ]


def rows_of_size(big: dict[str, Any]) -> list[Row]:
    """Return the table's rows of memory and loading."""
    peak = big["prepare_peak_gb"]
    prepare = f"peak memory of `prepare`, {big['faces']:,} faces, all processes"
    as_float64 = "the same faces as float64 (the report's way, by arithmetic)"
    share = big["load_peak_share"]
    loading = f"peak memory of loading train ({big['train_gb']} GB), above the start"
    batch = big["first_batch_seconds_per_gb"]
    touched = f"{big['touch_seconds_per_gb']} s a GB"
    return [
        (prepare, f"{peak} GB", met(peak <= 2, "<= 2 GB")),
        (as_float64, f"{big['report_float64_gb']} GB", ""),
        (loading, f"{share} of it", met(share <= 1.15, "<= 1.15")),
        ("verified files to the first batch", f"{batch} s a GB", met(batch <= 3, "<= 3")),
        ("filling as much new memory, and nothing else", touched, ""),
    ]


def table(result: dict[str, Any]) -> str:
    """Write the values, the targets, and whether they were met, in Markdown."""
    fast = result["speed"]
    rows = rows_of_speed(fast) + rows_of_size(result["size"])
    rounds = f"medians of {fast['rounds']} rounds; speed with {fast['faces']:,} faces"
    note = f"Seconds: {rounds}; {result['cores']} cores, Python {result['python']}."
    return markdown(rows, note)


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--speed", type=int, default=6000, help="faces of the speed comparison")
    add("--large", type=int, default=99_999, help="faces of the memory measurement")
    add("--rounds", type=int, default=3)
    add("--folder", type=Path, help="folder for the pictures (default: a temporary one)")
    add("--out", type=Path, default=HERE / "data.json")
    add("--way", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        way, archive, out = arguments.way
        run_way(way, Path(archive), Path(out))
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        result = {"cores": os.cpu_count(), "python": sys.version.split()[0]}
        result["speed"] = speed(Path(folder), arguments.speed, arguments.rounds)
        result["size"] = size(Path(folder), arguments.large, arguments.rounds)
    publish("data.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
