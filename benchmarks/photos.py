"""Measure how fast photographs are colored, and in how much memory.

    python benchmarks/photos.py
    python benchmarks/photos.py --pictures 40 --megapixels 1 --rounds 1 --out out/try.json

The first line takes about five minutes; it writes benchmarks/photos.json and the table.

Each timing is a process of its own, start-up included. `shipped` is the command as it is, with the
weights that ship with the kit. `run` uses the CNN of the demo profile, and so Keras. `light` calls
the same functions with a model that takes no time, which shows what a network costs. The ways take
turns, and the medians count. CPU seconds of all cores together show what a machine that is busy
with other work would hide.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import skimage.data
from here import HERE
from page import Row, markdown, met, publish

from colorkit import files, photos
from colorkit.data import ask, fetch, index_faces, read_faces
from colorkit.errors import KitError

SIDES = (1632, 1224)  # 2 megapixels
MEASURED = Path(__file__).resolve()
WAYS = {
    "shipped": "the kit's weights",
    "run": "the CNN (`--run`)",
    "light": "a model that takes no time",
}


class Taken(NamedTuple):
    """The time and memory of one process.

    Attributes:
        seconds: time on the clock.
        cpu_seconds: CPU seconds of all its threads.
        peak_gb: GB of its peak memory.
    """

    seconds: float
    cpu_seconds: float
    peak_gb: float


def write_photo(path: Path, size: tuple[int, int]) -> None:
    """Write a photograph of a size: scikit-image's astronaut, enlarged, as a camera's JPEG."""
    astronaut = skimage.data.astronaut()[..., ::-1]  # OpenCV's order of channels
    large = cv2.resize(astronaut, size, interpolation=cv2.INTER_CUBIC)
    assert cv2.imwrite(str(path), large, [cv2.IMWRITE_JPEG_QUALITY, 90])


def write_faces(folder: Path, count: int) -> None:
    """Write this many of the kit's faces as PNG, repeated if there are fewer."""
    folder.mkdir()
    identities = index_faces([fetch("faces", accept=ask)]).identities
    members = itertools.chain.from_iterable(identities.values())
    coded = [
        cv2.imencode(".png", face.rgb[..., ::-1])[1].tobytes()
        for _, face in read_faces(itertools.islice(members, min(count, 500)))
    ]
    for number, data in zip(range(count), itertools.cycle(coded), strict=False):
        (folder / f"{number:06}.png").write_bytes(data)


def train(home: Path) -> Path:
    """Train a run of the demo profile's CNN; its speed doesn't depend on what it learned."""
    settings = os.environ | {"COLORKIT_HOME": str(home)}
    prepare = ["prepare", "--limit", "40"]
    fit = ["train", "cnn", "--profile", "demo", "--images", "32", "--epochs", "1"]
    for arguments in (prepare, fit):
        command = [sys.executable, "-m", "colorkit", *arguments]
        subprocess.run(command, cwd=files.KIT, env=settings, capture_output=True, check=True)
    return next((home / "runs").iterdir())


def light(source: Path, out: Path) -> None:
    """Color photographs with a model that predicts the same color for every pixel."""

    def predict(L: np.ndarray) -> np.ndarray:
        return np.full((*L.shape[:3], 2), (9, 12), np.float32)

    for done in photos.colorize(photos.find([source]), out, predict):
        assert not isinstance(done, KitError), done


def measure(way: str, source: Path, run: Path, out: Path) -> Taken:
    """Color a photograph or a folder in a process of its own."""
    command = {
        "shipped": ["-m", "colorkit", "colorize", source, "--out", out],
        "run": ["-m", "colorkit", "colorize", source, "--out", out, "--run", run],
        "light": [MEASURED, "--light", source, out],
    }[way]
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=files.KIT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, f"{way} failed"
    seconds = time.perf_counter() - start
    return Taken(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9)


def bench(folder: Path, pictures: int, megapixels: int, rounds: int) -> dict[str, Any]:
    """Measure every way on every source.

    Args:
        folder: folder for the pictures and the run.
        pictures: number of faces in the album.
        megapixels: size of the huge picture.
        rounds: number of times that each way is measured.
    """
    side = int((megapixels * 1e6) ** 0.5)
    sources = {
        "photo": folder / "photo.jpg",
        "album": folder / "album",
        "huge": folder / "huge.jpg",
    }
    write_photo(sources["photo"], SIDES)
    write_faces(sources["album"], pictures)
    write_photo(sources["huge"], (side, side))
    run = train(folder / "home")
    numbers = itertools.count()
    found: dict[tuple[str, str], list[Taken]] = {
        pair: [] for pair in itertools.product(WAYS, sources)
    }
    for _ in range(rounds):
        for (way, what), taken in found.items():
            out = folder / f"out{next(numbers)}"
            taken.append(measure(way, sources[what], run, out))
    result: dict[str, Any] = {"pictures": pictures, "megapixels": megapixels, "rounds": rounds}
    for (way, what), taken in found.items():
        result.setdefault(way, {})[what] = _medians(taken)
    return result


def _medians(taken: list[Taken]) -> dict[str, float]:
    """Return the median of each measurement, rounded."""
    return {
        name: round(statistics.median(getattr(each, name) for each in taken), 2)
        for name in Taken._fields
    }


def _seconds(taken: dict[str, float]) -> str:
    """Say how many seconds a process took."""
    return f"{taken['seconds']} s (CPU {taken['cpu_seconds']} s)"


def rows_of_way(name: str, way: dict[str, Any], pictures: int, megapixels: int) -> list[Row]:
    """Return the table's rows of one way.

    Args:
        name: name of the way in the table.
        way: medians of each source.
        pictures: number of faces in the album.
        megapixels: size of the huge picture.
    """
    one = way["photo"]
    album = way["album"]
    huge = way["huge"]
    rate = pictures / album["seconds"]
    steady = pictures / (album["seconds"] - one["seconds"])
    photo = f"{name}: one photograph of 2 megapixels, start-up included"
    faces = f"{name}: {pictures:,} faces of 112 x 112, start-up included"
    return [
        (photo, _seconds(one), met(one["seconds"] <= 3, "<= 3 s")),
        (faces, f"{rate:.0f} a second, {_seconds(album)}", met(rate >= 50, ">= 50")),
        (f"{name}: the same, less the time of one photograph", f"{steady:.0f} a second", ""),
        (f"{name}: peak memory of these faces", f"{album['peak_gb']} GB", ""),
        (
            f"{name}: one picture of {megapixels} megapixels",
            f"{_seconds(huge)}, {huge['peak_gb']} GB",
            "",
        ),
    ]


def table(result: dict[str, Any]) -> str:
    """Write the values, the targets, and whether they were met, in Markdown."""
    rows: list[Row] = []
    for way, name in WAYS.items():
        rows += rows_of_way(name, result[way], result["pictures"], result["megapixels"])
    machine = f"{result['cores']} cores, Python {result['python']}"
    return markdown(rows, f"Medians of {result['rounds']} rounds; {machine}.")


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--pictures", type=int, default=600, help="faces in the folder")
    add("--megapixels", type=int, default=48, help="size of the huge picture")
    add("--rounds", type=int, default=3)
    add("--out", type=Path, default=HERE / "photos.json")
    add("--light", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.light:
        light(*arguments.light)
        return
    with tempfile.TemporaryDirectory() as folder:
        result = {"cores": os.cpu_count(), "python": sys.version.split()[0]}
        result |= bench(Path(folder), arguments.pictures, arguments.megapixels, arguments.rounds)
    publish("photos.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
