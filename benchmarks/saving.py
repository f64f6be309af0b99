"""Measure what saving takes of an epoch, for trainees.py."""

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import here

if TYPE_CHECKING:
    from colorkit.training import Config


def measure(name: str) -> dict[str, float]:
    """Measure the second epoch of a run of the demo profile, and what saving takes of it.

    The run is on a stand-in for Drive.

    Args:
        name: a model and how it learns, as in "resnet fine-tuned".

    Returns:
        `megabytes` of a checkpoint, seconds of the `epoch` and of `saving`, and their `share`.
    """
    from colorkit import data, runs

    with tempfile.TemporaryDirectory() as folder:
        home = _stand_in_for_drive(Path(folder))
        splits = Path(folder) / "data"
        data.build_splits([data.fetch("faces", accept=data.ask)], splits)
        run = runs.start(_configure(name), "demo", home)
        spent: list[float] = []
        save = runs.Run._save

        def timed(*arguments: Any) -> None:
            start = time.perf_counter()
            save(*arguments)
            spent.append(time.perf_counter() - start)

        runs.Run._save = timed
        run.train(data.load_split(splits, "train"), data.load_split(splits, "val"), 2)
        size = sum(path.stat().st_size for path in run.folder.glob("ckpt-00002-000/*"))
    # A checkpoint stores its epoch's seconds, so they end before it is written.
    epoch = run.seconds[1] + spent[1]
    return {
        "megabytes": round(size / 1e6, 1),
        "epoch": round(epoch, 1),
        "saving": round(spent[1], 3),
        "share": round(spent[1] / epoch, 4),
    }


def _stand_in_for_drive(folder: Path) -> Path:
    """Make the kit take a folder for a mounted Drive; return its MyDrive."""
    from colorkit import machine

    machine.drive.DRIVE = folder / "drive"
    machine.drive.check_drive = lambda: None
    machine.drive.scratch_folder = lambda: folder / "scratch"
    home = machine.drive.DRIVE / "MyDrive"
    home.mkdir(parents=True)
    return home


def _configure(name: str) -> "Config":
    """Configure a run of the demo profile, as in "resnet fine-tuned"."""
    from colorkit import profiles, training

    model, _, kind = name.partition(" ")
    profile = profiles.get("demo")
    options: dict[str, Any] = {}
    if model != "cnn":
        options = {"weights": "none", "fine_tune": kind == "fine-tuned"}
    if kind == "fine-tuned":
        options |= {"images": profile.compare.images, "batch_size": 4}  # as in lesson 3
    return training.configure(model, profile, "", **options)
