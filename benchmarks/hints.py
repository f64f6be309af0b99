"""What color hints are worth to the small U-Net: PSNR against their number, beside Levin's optimization on the same hints.

    python benchmarks/hints.py                   # 2 CPU cores, 40 epochs of some 20 s; writes benchmarks/hints.json and the table
    python benchmarks/hints.py --epochs 1 --faces 4 --out /tmp/try.json

The model trains on the kit's training faces, with the demo profile's settings. All that the table says was measured on the test split.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

from page import HERE, markdown, met, publish

from colorkit import evaluation, machine, profiles, runs, training
from colorkit.data import digest, load_split, prepare_splits

SETTINGS = {"hints": True, "lr_patience": 2}
AHEAD = {1: 2.0, 3: 2.0, 10: 2.0, 30: 0.0, 100: 0.0}  # dB above Levin's that are wanted, by hints


def train(home: Path, data: Path, epochs: int, images: int | None) -> runs.Run:
    """Train the U-Net with hints, or go on training it."""
    config = training.configure(
        "unet", profiles.get("demo"), digest(data), images=images, **SETTINGS
    )
    run = runs.start(config, "demo", home)
    run.train(load_split(data, "train"), load_split(data, "val"), epochs)
    return run


def measure(home: Path, epochs: int, faces: int | None) -> dict:
    """Train, and draw the curve; of `faces` faces only, for a try."""
    data = home / "data"
    prepare_splits(["faces"], data, lambda _: True)
    run = train(home, data, epochs, faces)
    test = load_split(data, "test").take(faces)
    return {
        "cores": os.cpu_count(),
        "versions": machine.versions(),
        "parameters": run.model.count_params(),
        "epochs": run.epochs_done,
        "seconds": round(sum(run.seconds), 1),
        "faces": len(test),
        "curve": [asdict(point) for point in evaluation.measure_hint_curve(run, test)],
    }


def rows(result: dict) -> list[tuple[str, str, str]]:
    """What is in the table."""
    found = []
    for each in result["curve"]:
        count, (psnr, *_) = each["count"], each["model"]
        hints = f"{count} hint{'' if count == 1 else 's'}"
        if each["levin"] is None:
            found.append((f"PSNR with {hints}: U-Net", f"{psnr:.2f} dB", ""))
            continue
        ahead, low, high = each["ahead"]
        figure = f"{psnr:.2f}, {each['levin'][0]:.2f} dB: {ahead:+.2f} ({low:+.2f} to {high:+.2f})"
        wanted = AHEAD[count]
        found.append(
            (
                f"PSNR with {hints}: U-Net, Levin",
                figure,
                met(ahead >= wanted, f">= {wanted:g} dB above" if wanted else "no lower"),
            )
        )
    gained = {
        each["count"]: each["model"][0] - result["curve"][0]["model"][0] for each in result["curve"]
    }
    for count in (1, 10, 100):
        theirs = evaluation.PUBLISHED_PSNR[count] - evaluation.PUBLISHED_PSNR[0]
        what = f"what {count} hint{'' if count == 1 else 's'} gain{'s' if count == 1 else ''}: U-Net; Zhang et al. 2017, on ImageNet"
        found.append((what, f"{gained[count]:+.2f}; {theirs:+.2f} dB", ""))
    return found


def table(result: dict) -> str:
    """The figures, the targets, and whether they were met, in Markdown."""
    trained = (
        f"{result['epochs']} epochs, {result['seconds']:g} s on {result['cores']} cores, one seed"
    )
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return markdown(
        rows(result), f"Mean PSNR of {result['faces']} test faces; {trained}; {versions}."
    )


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--faces", type=int, help="train and measure on so many faces only")
    parser.add_argument(
        "--home",
        type=Path,
        help="where the run is kept, which then resumes (default: a temporary folder)",
    )
    parser.add_argument("--out", type=Path, default=HERE / "hints.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(arguments.home or Path(folder), arguments.epochs, arguments.faces)
    publish("hints.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
