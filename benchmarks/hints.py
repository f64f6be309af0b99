"""Measure what color hints are worth to the small U-Net, beside Levin's optimization.

    python benchmarks/hints.py
    python benchmarks/hints.py --epochs 1 --faces 4 --out out/try.json

The first line trains 40 epochs of about 20 s on 2 CPU cores; it writes benchmarks/hints.json and
the table. Both methods get the same hints, and their PSNR is measured by the number of hints.

The model trains on the kit's training faces, with the demo profile's settings. All numbers in the
table were measured on the test split.
"""

import argparse
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

from here import HERE
from page import Row, list_versions, markdown, met, publish

from colorkit import evaluation, machine, profiles, runs, training
from colorkit.data import digest, load_split, prepare_splits

SETTINGS = {"hints": True, "lr_patience": 2}
AHEAD = {1: 2.0, 3: 2.0, 10: 2.0, 30: 0.0, 100: 0.0}  # targets, dB above Levin's, by hints


def train(home: Path, data: Path, epochs: int, images: int | None) -> runs.Run:
    """Train the U-Net with color hints, or continue to train it."""
    demo = profiles.get("demo")
    config = training.configure("unet", demo, digest(data), images=images, **SETTINGS)
    run = runs.start(config, "demo", home)
    run.train(load_split(data, "train"), load_split(data, "val"), epochs)
    return run


def measure(home: Path, epochs: int, faces: int | None) -> dict[str, Any]:
    """Train the model and measure the curve; on only a few faces, for a try.

    Args:
        home: folder for the splits and the run.
        epochs: number of epochs.
        faces: number of faces to train and measure on; None takes all.
    """
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


def rows(result: dict[str, Any]) -> list[Row]:
    """Return the rows of the table."""
    curve = result["curve"]
    found = [_row_of_count(each) for each in curve]
    without = curve[0]["model"][0]
    gained = {each["count"]: each["model"][0] - without for each in curve}
    for count in (1, 10, 100):
        theirs = evaluation.PUBLISHED_PSNR[count] - evaluation.PUBLISHED_PSNR[0]
        gain = "gains" if count == 1 else "gain"
        what = f"what {_count_hints(count)} {gain}: U-Net; Zhang et al. 2017, on ImageNet"
        found.append((what, f"{gained[count]:+.2f}; {theirs:+.2f} dB", ""))
    return found


def _row_of_count(each: dict[str, Any]) -> Row:
    """Compare the two methods at one number of hints; without hints there is only the model."""
    hints = _count_hints(each["count"])
    psnr = each["model"][0]
    if each["levin"] is None:
        return f"PSNR with {hints}: U-Net", f"{psnr:.2f} dB", ""
    ahead, low, high = each["ahead"]
    value = f"{psnr:.2f}, {each['levin'][0]:.2f} dB: {ahead:+.2f} ({low:+.2f} to {high:+.2f})"
    goal = AHEAD[each["count"]]
    target = met(ahead >= goal, f">= {goal:g} dB above" if goal else "no lower")
    return f"PSNR with {hints}: U-Net, Levin", value, target


def _count_hints(count: int) -> str:
    """Say a number of hints, as in "1 hint" or "3 hints"."""
    return f"{count} hint{'' if count == 1 else 's'}"


def table(result: dict[str, Any]) -> str:
    """Write the values, the targets, and whether they were met, in Markdown."""
    trained = f"{result['epochs']} epochs, {result['seconds']:g} s on {result['cores']} cores"
    versions = list_versions(result["versions"])
    note = f"Mean PSNR of {result['faces']} test faces; {trained}, one seed; {versions}."
    return markdown(rows(result), note)


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--epochs", type=int, default=40)
    add("--faces", type=int, help="train and measure on only this many faces")
    home = "where the run is kept, which then resumes (default: a temporary folder)"
    add("--home", type=Path, help=home)
    add("--out", type=Path, default=HERE / "hints.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(arguments.home or Path(folder), arguments.epochs, arguments.faces)
    publish("hints.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
