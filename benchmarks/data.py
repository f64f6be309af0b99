"""How fast and how small data preparation is, against the report's way and against the ceiling that decoding sets.

    python benchmarks/data.py                # some eight minutes and 6 GB of disk in --folder; writes benchmarks/data.json and the table
    python benchmarks/data.py --speed 300 --large 1000 --out /tmp/try.json

Everything is measured side by side in one run, on pictures that the script makes itself: the kit's own faces, repeated and encoded as
DigiFace-1M's are (PNG, RGBA). Each timing is a process of its own, the ways take turns, and the medians are compared.
"""

import argparse
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

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
from page import HERE, markdown, met, publish

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
    """A zip of `count` identities with one RGBA PNG each, in DigiFace-1M's layout."""
    members = itertools.chain.from_iterable(
        index_faces([fetch("faces", accept=ask)]).identities.values()
    )
    coded = []
    for _, face in read_faces(itertools.islice(members, min(count, 1500))):
        rgba = np.dstack([face.rgb[..., ::-1], np.full(face.rgb.shape[:2], 255, np.uint8)])
        coded.append(cv2.imencode(".png", rgba)[1].tobytes())
    with zipfile.ZipFile(target, "w") as archive:
        for identity, data in zip(range(count), itertools.cycle(coded), strict=False):
            archive.writestr(f"{100_000 + identity}/0.png", data)


# The ways that are compared: each runs in a process of its own.


def kit(archive: Path, out: Path) -> None:
    """`prepare`, as shipped."""
    build_splits([archive], out)


def report(archive: Path, out: Path) -> None:
    """The report's way: PIL, scikit-image one picture at a time, float64 arrays, pickled."""
    from PIL import Image
    from skimage.color import rgb2lab

    with zipfile.ZipFile(archive) as source:
        images = [
            np.asarray(Image.open(source.open(name)).convert("RGB")) for name in source.namelist()
        ]
    lab = np.array([rgb2lab(image) for image in images])
    first, second = int(0.8 * len(lab)), int(0.9 * len(lab))
    out.mkdir(parents=True)
    for name, part in (("train", lab[:first]), ("val", lab[first:second]), ("test", lab[second:])):
        with open(out / f"{name}.pkl", "wb") as stream:
            pickle.dump(part, stream)


def ceiling(archive: Path, out: Path) -> None:
    """Decoding the same PNGs on all cores, and nothing else."""
    with zipfile.ZipFile(archive) as source:
        names = source.namelist()
    step = PICTURES_PER_TASK
    chunks = [(archive, names[start : start + step]) for start in range(0, len(names), step)]
    assert sum(in_order(_only_decode, chunks, os.cpu_count())) == len(names)


_archives: dict[Path, zipfile.ZipFile] = {}


def _only_decode(chunk: tuple[Path, list[str]]) -> int:
    archive, names = chunk
    if archive not in _archives:
        _archives[archive] = zipfile.ZipFile(archive)
    pictures = [
        cv2.imdecode(np.frombuffer(_archives[archive].read(name), np.uint8), cv2.IMREAD_UNCHANGED)
        for name in names
    ]
    return sum(picture is not None for picture in pictures)


def load(_: Path, out: Path) -> None:
    """Loading the train split, as training does."""
    loaded = load_split(out, "train")
    assert len(loaded)


def first_batch(_: Path, out: Path) -> None:
    """From verified files to the first batch."""
    from colorkit import training

    train = load_split(out, "train")
    assert len(training.Batches(train, 32, 0)[0][0]) == 32


def touch(_: Path, out: Path) -> None:
    """Filling as much new memory as the train split takes, and nothing else: what loading costs at the very least."""
    images = read_manifest(out)["splits"]["train"]["images"]
    np.empty(images * IMAGE_BYTES, np.uint8)[:] = 1


WAYS = {way.__name__: way for way in (kit, report, ceiling, load, first_batch, touch)}


def measure(way: str, archive: Path, out: Path) -> dict[str, float]:
    """Run one way in a process of its own: seconds inside it, and bytes of peak memory (its own, and its largest child's)."""
    command = [sys.executable, __file__, "--way", way, str(archive), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def run_way(way: str, archive: Path, out: Path) -> None:
    """The inside of `measure`."""
    cv2.setNumThreads(1)
    if way == "first_batch":
        import keras  # noqa: F401, its import is no part of reading data

    before, start = _peak(), time.perf_counter()
    WAYS[way](archive, out)
    seconds = time.perf_counter() - start
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak": _peak(), "before": before, "child": child}))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def speed(folder: Path, count: int, rounds: int) -> dict:
    """Faces a second of the three ways, in turns."""
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


def size(folder: Path, count: int, rounds: int) -> dict:
    """Peak memory of `prepare` and of loading, and seconds to the first batch (a median: untouched memory costs more), for many faces."""
    archive, out = folder / "large.zip", folder / "large"
    write_faces(archive, count)
    made, loaded = measure("kit", archive, out), measure("load", archive, out)
    turns = [
        (measure("first_batch", archive, out)["seconds"], measure("touch", archive, out)["seconds"])
        for _ in range(rounds)
    ]
    batch, touched = (statistics.median(taken) for taken in zip(*turns, strict=True))
    train_bytes = read_manifest(out)["splits"]["train"]["images"] * IMAGE_BYTES
    all_bytes = count * IMAGE_BYTES
    workers = (os.cpu_count() or 1) if count >= WORTH else 0
    return {
        "faces": count,
        "prepare_seconds": round(made["seconds"], 1),
        "prepare_peak_gb": round((made["peak"] + workers * made["child"]) / 1e9, 2),
        "prepare_workers": workers,
        "train_gb": round(train_bytes / 1e9, 3),
        "load_peak_gb": round(loaded["peak"] / 1e9, 3),
        "load_peak_above_start_gb": round((loaded["peak"] - loaded["before"]) / 1e9, 3),
        "load_peak_share": round((loaded["peak"] - loaded["before"]) / train_bytes, 3),
        "first_batch_seconds_per_gb": round(batch / (train_bytes / 1e9), 2),
        "touch_seconds_per_gb": round(touched / (train_bytes / 1e9), 2),
        "report_float64_gb": round(all_bytes * 8 / 1e9, 1),
    }


def table(result: dict) -> str:
    """The figures, the targets, and whether they were met, in Markdown."""
    fast, big = result["speed"], result["size"]
    rate = fast["faces_per_second"]
    times, share, peak = fast["times_the_report"], fast["share_of_ceiling"], big["prepare_peak_gb"]
    loading, batch = big["load_peak_share"], big["first_batch_seconds_per_gb"]
    rows = [
        ("`prepare`, faces a second", f"{rate['kit']:,}", ""),
        ("the report's way, faces a second", f"{rate['report']:,}", ""),
        ("decoding alone on the same cores, faces a second", f"{rate['ceiling']:,}", ""),
        ("`prepare` against the report's way", f"{times} times", met(times >= 5, ">= 5")),
        ("`prepare` against decoding alone", f"{share}", met(share >= 0.6, ">= 0.6")),
        (
            f"peak memory of `prepare`, {big['faces']:,} faces, all processes",
            f"{peak} GB",
            met(peak <= 2, "<= 2 GB"),
        ),
        (
            "the same faces as float64 (the report's way, by arithmetic)",
            f"{big['report_float64_gb']} GB",
            "",
        ),
        (
            f"peak memory of loading train ({big['train_gb']} GB), above the start",
            f"{loading} of it",
            met(loading <= 1.15, "<= 1.15"),
        ),
        ("verified files to the first batch", f"{batch} s a GB", met(batch <= 3, "<= 3")),
        (
            "filling as much new memory, and nothing else",
            f"{big['touch_seconds_per_gb']} s a GB",
            "",
        ),
    ]
    rounds = f"medians of {fast['rounds']} rounds; speed with {fast['faces']:,} faces"
    return markdown(rows, f"Seconds: {rounds}; {result['cores']} cores, Python {result['python']}.")


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--speed", type=int, default=6000, help="faces of the speed comparison")
    parser.add_argument("--large", type=int, default=99_999, help="faces of the memory measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="for the pictures (default: a temporary one)")
    parser.add_argument("--out", type=Path, default=HERE / "data.json")
    parser.add_argument("--way", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        run_way(arguments.way[0], Path(arguments.way[1]), Path(arguments.way[2]))
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        result = {"cores": os.cpu_count(), "python": sys.version.split()[0]}
        result["speed"] = speed(Path(folder), arguments.speed, arguments.rounds)
        result["size"] = size(Path(folder), arguments.large, arguments.rounds)
    publish("data.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
