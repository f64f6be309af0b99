"""How fast photographs are colored, and in how much memory.

    python benchmarks/photos.py                # some five minutes; writes benchmarks/photos.json and the table
    python benchmarks/photos.py --pictures 40 --megapixels 1 --rounds 1 --out /tmp/try.json

Each timing is a process of its own, start-up included. `shipped` is the command as it is, with the weights that ship with the kit; `run`
with the CNN of the demo profile, and so with Keras; `light` the same functions with a model that takes no time, which shows what a network
costs. The ways take turns, and the medians count; CPU seconds, of all cores together, say what a machine with other work to do would hide.
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

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
import skimage.data
from page import HERE, markdown, met, publish

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


def write_photo(path: Path, size: tuple[int, int]) -> None:
    """A photograph of a size: scikit-image's astronaut, enlarged, as a camera's JPEG."""
    large = cv2.resize(skimage.data.astronaut()[..., ::-1], size, interpolation=cv2.INTER_CUBIC)
    assert cv2.imwrite(str(path), large, [cv2.IMWRITE_JPEG_QUALITY, 90])


def write_faces(folder: Path, count: int) -> None:
    """So many of the kit's faces, repeated where they end, as PNG."""
    folder.mkdir()
    members = itertools.chain.from_iterable(
        index_faces([fetch("faces", accept=ask)]).identities.values()
    )
    coded = [
        cv2.imencode(".png", face.rgb[..., ::-1])[1].tobytes()
        for _, face in read_faces(itertools.islice(members, min(count, 500)))
    ]
    for number, data in zip(range(count), itertools.cycle(coded), strict=False):
        (folder / f"{number:06}.png").write_bytes(data)


def train(home: Path) -> Path:
    """A run of the demo profile's CNN; its speed doesn't depend on what it learned."""
    settings = os.environ | {"COLORKIT_HOME": str(home)}
    for command in (
        ["prepare", "--limit", "40"],
        ["train", "cnn", "--profile", "demo", "--images", "32", "--epochs", "1"],
    ):
        subprocess.run(
            [sys.executable, "-m", "colorkit", *command],
            cwd=files.KIT,
            env=settings,
            capture_output=True,
            check=True,
        )
    return next((home / "runs").iterdir())


def light(source: Path, out: Path) -> None:
    """`colorize` with a model that says the same of every pixel."""
    for done in photos.colorize(
        photos.find([source]), out, lambda L: np.full((*L.shape[:3], 2), (9, 12), np.float32)
    ):
        assert not isinstance(done, KitError), done


def measure(way: str, source: Path, run: Path, out: Path) -> tuple[float, float, float]:
    """Color a photograph or a folder in a process of its own: seconds, CPU seconds of all its threads, and GB of its peak memory."""
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
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9


def bench(folder: Path, pictures: int, megapixels: int, rounds: int) -> dict:
    """All timings and sizes."""
    side = int((megapixels * 1e6) ** 0.5)
    sources = {
        "photo": folder / "photo.jpg",
        "album": folder / "album",
        "huge": folder / "huge.jpg",
    }
    write_photo(sources["photo"], SIDES)
    write_faces(sources["album"], pictures)
    write_photo(sources["huge"], (side, side))
    run, numbers = train(folder / "home"), itertools.count()
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {
        pair: [] for pair in itertools.product(WAYS, sources)
    }
    for _ in range(rounds):
        for (way, what), taken in found.items():
            taken.append(measure(way, sources[what], run, folder / f"out{next(numbers)}"))
    result: dict = {"pictures": pictures, "megapixels": megapixels, "rounds": rounds}
    for (way, what), taken in found.items():
        seconds, cpu, peak = (statistics.median(values) for values in zip(*taken, strict=True))
        result.setdefault(way, {})[what] = {
            "seconds": round(seconds, 2),
            "cpu_seconds": round(cpu, 2),
            "peak_gb": round(peak, 2),
        }
    return result


def _seconds(taken: dict) -> str:
    return f"{taken['seconds']} s (CPU {taken['cpu_seconds']} s)"


def table(result: dict) -> str:
    """The figures, the targets, and whether they were met, in Markdown."""
    rows = []
    for way, name in WAYS.items():
        one, album, huge = (result[way][what] for what in ("photo", "album", "huge"))
        rate = result["pictures"] / album["seconds"]
        steady = result["pictures"] / (album["seconds"] - one["seconds"])
        rows += [
            (
                f"{name}: one photograph of 2 megapixels, start-up included",
                _seconds(one),
                met(one["seconds"] <= 3, "<= 3 s"),
            ),
            (
                f"{name}: {result['pictures']:,} faces of 112 x 112, start-up included",
                f"{rate:.0f} a second, {_seconds(album)}",
                met(rate >= 50, ">= 50"),
            ),
            (f"{name}: the same, less the time of one photograph", f"{steady:.0f} a second", ""),
            (f"{name}: peak memory of these faces", f"{album['peak_gb']} GB", ""),
            (
                f"{name}: one picture of {result['megapixels']} megapixels",
                f"{_seconds(huge)}, {huge['peak_gb']} GB",
                "",
            ),
        ]
    return markdown(
        rows,
        f"Medians of {result['rounds']} rounds; {result['cores']} cores, Python {result['python']}.",
    )


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=600, help="faces in the folder")
    parser.add_argument("--megapixels", type=int, default=48, help="of the huge picture")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "photos.json")
    parser.add_argument("--light", nargs=2, type=Path, help=argparse.SUPPRESS)
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
