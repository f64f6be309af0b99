"""Make the weights that ship with the kit from a finished run of the U-Net, and measure them.

    python tools/ship_weights.py vivid out/runs/unet-demo-0123abcd --data out/data
    python tools/ship_weights.py hinted out/runs/unet-demo-4567cdef --data out/data

"vivid" takes a run with the head "classes" and chooses its temperature on the validation split.
"hinted" takes a run whose model takes color hints. The script writes data/weights/NAME.npz, its
entry in data_manifest.json, and its table in data/weights/README.md.
"""

import argparse
import functools
import hashlib
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
from checkout import KIT

from colorkit import cli, evaluation, files, models, photos, plots, runs
from colorkit.data import SPLIT_NAMES, Split, digest, load_split
from colorkit.errors import KitError
from colorkit.machine import console
from colorkit.photos import Network

# The settings of a run's net that each name needs.
SETTINGS = {"vivid": {"head": "classes"}, "hinted": {"hints": True}}
# The share of the truth's colorfulness on the validation split. Toward 1 the temperature falls so
# low that color breaks into patches.
COLORFUL = 0.9
HINTS = (1, 3, 10)  # numbers of color hints with which "hinted" is measured too
LICENCE = "CC0-1.0: trained by the makers of this kit on its own rendered faces alone"
END = "<!-- end -->\n"


def write_weights(model: keras.Model, path: Path, temperature: float = 1.0) -> None:
    """Write the values of a trained U-Net into one file, whole or not at all.

    The same values give the same bytes.

    Args:
        model: model that `models.build_unet` built, such as a run's.
        path: file to write.
        temperature: temperature at which a model with the head "classes" is to predict.
    """
    by_name = {layer.name: layer for layer in model.layers}
    encoders = [layer for name, layer in by_name.items() if re.fullmatch(r"encoder\d", name)]
    about = {
        "filters": [layer.filters for layer in encoders],
        "head": "classes" if "palette" in by_name else "regress",
        "hints": len(model.inputs) > 1,
        "groups": by_name["encoder1_gn"].groups,
        "epsilon": by_name["encoder1_gn"].epsilon,
    }
    if about["head"] == "classes":
        about["temperature"] = temperature
    else:
        about["spread"] = by_name["units"].scale
    if about["hints"]:
        layers = models.layers
        about["listen"] = {
            "loud": layers.START_LOUDNESS,
            "power": layers.START_POWER,
            "light": layers.START_LIGHT,
            "near": layers.NEAR,
        }
    arrays = {value.path: value.numpy().astype(np.float16) for value in model.weights}
    with files.atomic_open(path) as stream:
        np.savez(stream, **{photos.ABOUT: np.array(json.dumps(about))}, **arrays)


def ship(name: str, run: runs.Run, data: Path, kit: Path = KIT) -> str:
    """Write the weights of a run, their entry in the manifest, and their part of the card.

    Args:
        name: "vivid" or "hinted".
        run: finished run.
        data: folder of the splits that it was trained on.
        kit: checkout that is written to.

    Returns:
        The part of the card, in Markdown.

    Raises:
        KitError: the run is of another kind, or on other splits.
    """
    check(name, run, data)
    train, val, test = (load_split(data, part) for part in SPLIT_NAMES)
    trained = choose_temperature(name, run, val) if name == "vivid" else run
    path = kit / "data" / "weights" / f"{name}.npz"
    with tempfile.TemporaryDirectory() as folder:  # the existing file stays until all is measured
        new = Path(folder) / path.name
        write_weights(run.model, new, getattr(trained, "temperature", 1.0))
        network = photos.read_weights(new, name)
        stored = new.read_bytes()
    entry = {
        "kind": "weights",
        "path": path.relative_to(kit).as_posix(),
        "sha256": hashlib.sha256(stored).hexdigest(),
        "bytes": len(stored),
    }
    known = describe_run(run, len(train)) | describe_file(network, entry)
    known |= {"rounding to 16 bits": describe_rounding(trained, network, test)}
    page = "\n\n".join([table(known), *measure(network, train, test)]) + "\n\n"
    files.write_bytes(path, stored)
    write_entry(kit / "data_manifest.json", name, entry)
    start = f"<!-- table: python tools/ship_weights.py {name} -->\n"
    files.write_between(path.with_name("README.md"), start, END, page)
    return page


def choose_temperature(name: str, run: runs.Run, val: Split) -> models.AtTemperature:
    """Choose the temperature at which a run is colorful enough on the validation split."""
    temperature = evaluation.vividness.temperature(run.model, val, COLORFUL)
    return models.AtTemperature(name, run.model, temperature)


def write_entry(manifest: Path, name: str, entry: dict[str, Any]) -> None:
    """Put the entry of weights into the manifest, with their source and license."""
    content = json.loads(manifest.read_bytes())
    source = {"source": f"python tools/ship_weights.py {name}", "licence": LICENCE}
    content["files"][name] = entry | source
    files.write_json(manifest, content)


def check(name: str, run: runs.Run, data: Path) -> None:
    """Raise KitError unless weights of this name can be made from a run on these splits."""
    for field, value in SETTINGS[name].items():
        if getattr(run.config.net, field, None) != value:
            raise KitError(
                f"{name} needs a run of the U-Net with {field}={value}, which {run.folder} is not"
            )
    if digest(data) != run.config.data:
        raise KitError(
            f"{run.folder} was trained on other faces than those in {data}: give its own --data"
        )
    if not run.epochs_done:
        raise KitError(f"{run.folder} has no finished epoch yet: train it first")


def describe_run(run: runs.Run, faces: int) -> dict[str, str]:
    """Describe how the weights were trained."""
    faces = min(run.config.images or faces, faces)
    minutes = sum(run.seconds) / 60
    last = run.history[-1]["val_mse"]
    best = min(run.history, key=lambda record: record["val_mse"])
    lowest = f"{best['val_mse']:.2f}, epoch {best['epoch']}"
    settings = run.config.to_json()
    settings |= settings.pop("net")
    settings.pop("data")
    return {
        "trained": f"{run.epochs_done} epochs of {faces:,} faces, {minutes:.0f} minutes",
        "validation MSE": f"{last:.2f} after the last epoch; the lowest {lowest}",
        "settings": ", ".join(f"{key}={value}" for key, value in settings.items()),
    }


def describe_file(network: Network, entry: dict[str, Any]) -> dict[str, str]:
    """Describe what is in the file."""
    found = {"values": f"{sum(array.size for array in network.arrays.values()):,}"}
    if network.about.head == "classes":
        goal = f"for {COLORFUL} of the truth's colorfulness on the validation split"
        found["temperature"] = f"{network.about.temperature:.3f}, chosen {goal}"
    return found | {"bytes": f"{entry['bytes']:,}", "SHA-256": f"`{entry['sha256']}`"}


def describe_rounding(trained: evaluation.Predictor, network: Network, test: Split) -> str:
    """Describe what rounding to 16 bits changed, on the test split."""
    before = trained.predict(test.L)  # (N, 112, 112, 2)
    after = network.predict(test.L)
    errors = [evaluation.mse(ab, test.ab).mean() for ab in (before, after)]
    moved = np.linalg.norm(after - before, axis=-1)  # (N, 112, 112)
    share = f"colors moved by {moved.mean():.3f} units in the mean, {moved.max():.1f} at the most"
    return f"test MSE {errors[0]:.3f} before, {errors[1]:.3f} after; {share}"


def table(known: dict[str, str]) -> str:
    """Write a table of facts, in Markdown."""
    rows = [f"| {what} | {value} |" for what, value in known.items()]
    return "\n".join(["| fact | value |", "|---|---|", *rows])


def measure(network: Network, train: Split, test: Split) -> list[str]:
    """Measure weights on the test split, beside the baselines and by skin tone.

    Returns:
        Blocks of Markdown.
    """
    found = [f"On the {len(test):,} faces of the test split, with 95 % intervals over people:"]
    counts = HINTS if network.about.hints else ()
    hinted = [
        evaluation.Hinted(f"{network.name}, hints: {count}", network, test, count)
        for count in counts
    ]
    found.append(plots.evaluation_tables(evaluation.evaluate([network, *hinted], train, test)))
    for grouping in evaluation.audit_report([network], train, test).groupings:
        name = grouping.name
        found.append(f"By {name[0].lower()}{name[1:]}:")
        found += plots.audit_tables(grouping.predictors)
    return found


def main(argv: list[str] | None = None) -> int:
    """Ship the weights that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("name", choices=tuple(SETTINGS), help="name of the weights")
    add("run", type=cli.path, help="the finished run")
    data = "folder of the splits that it was trained on"
    add("--data", type=cli.path, required=True, help=data)
    arguments = parser.parse_args(argv)
    return console.run_program("ship_weights", functools.partial(run, arguments))


def run(arguments: argparse.Namespace) -> None:
    """Ship the weights of a run, and print what was written."""
    console.say(ship(arguments.name, runs.Run(arguments.run), arguments.data))


if __name__ == "__main__":
    sys.exit(main())
