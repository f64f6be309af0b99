"""Make weights that ship with the kit from a finished run of the U-Net, measure them, and write what was measured into their card.

    python tools/ship_weights.py vivid out/runs/unet-demo-0123abcd --data out/data
    python tools/ship_weights.py hinted out/runs/unet-demo-4567cdef --data out/data

"vivid" is a run with the head "classes"; its temperature is chosen on the validation split. "hinted" is one that takes color hints. Writes
data/weights/NAME.npz, its entry in data_manifest.json, and its table in data/weights/README.md.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
from pathlib import Path

KIT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(KIT))
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # noqa: E402
import numpy as np  # noqa: E402

from colorkit import evaluation, files, models, photos, plots, runs  # noqa: E402
from colorkit.data import SPLIT_NAMES, Split, digest, load_split  # noqa: E402
from colorkit.errors import KitError  # noqa: E402
from colorkit.photos import Network  # noqa: E402

WANTED = {"vivid": {"head": "classes"}, "hinted": {"hints": True}}  # of a run's net
COLORFUL = 0.9  # of the truth, on the validation split; towards 1 the temperature falls so low that color breaks into patches
HINTS = (1, 3, 10)  # of the truth, with which "hinted" is measured, too
LICENCE = "CC0-1.0: trained by the makers of this kit on its own rendered faces alone"
END = "<!-- end -->\n"


def write_weights(model: keras.Model, path: Path, temperature: float = 1.0) -> None:
    """Write the values of a trained U-Net into one file, whole or not at all; the same values give the same bytes.

    Args:
        model: that `unet.build_unet` built, such as a run's.
        path: of the file.
        temperature: with the head "classes", at which it is to predict (see unet.decode_classes).
    """
    by_name = {layer.name: layer for layer in model.layers}
    about = {
        "filters": [
            layer.filters for name, layer in by_name.items() if re.fullmatch(r"encoder\d", name)
        ],
        "head": "classes" if "palette" in by_name else "regress",
        "hints": len(model.inputs) > 1,
        "groups": by_name["encoder1_gn"].groups,
        "epsilon": by_name["encoder1_gn"].epsilon,
    }
    about |= (
        {"temperature": temperature}
        if about["head"] == "classes"
        else {"spread": by_name["units"].scale}
    )
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
    """Write the weights of a run, their entry in the manifest, and their part of the card, which is returned.

    Args:
        name: "vivid" or "hinted".
        run: finished.
        data: folder of the splits that it was trained on.
        kit: the checkout that is written to.

    Raises:
        KitError: a run of another kind, or of other splits.
    """
    check(name, run, data)
    train, val, test = (load_split(data, part) for part in SPLIT_NAMES)
    trained = (
        models.AtTemperature(
            name, run.model, evaluation.vividness.temperature(run.model, val, COLORFUL)
        )
        if name == "vivid"
        else run
    )
    path = kit / "data" / "weights" / f"{name}.npz"
    with tempfile.TemporaryDirectory() as folder:  # what is there stays until all is measured
        write_weights(run.model, Path(folder) / path.name, getattr(trained, "temperature", 1.0))
        network, stored = (
            photos.read_weights(Path(folder) / path.name, name),
            (Path(folder) / path.name).read_bytes(),
        )
    entry = {
        "kind": "weights",
        "path": path.relative_to(kit).as_posix(),
        "sha256": hashlib.sha256(stored).hexdigest(),
        "bytes": len(stored),
    }
    told = (
        facts(run, len(train))
        | made(network, entry)
        | {"rounding to 16 bits": rounding(trained, network, test)}
    )
    page = "\n\n".join([table(told), *measured(network, train, test)]) + "\n\n"
    files.write_bytes(path, stored)
    content = json.loads((kit / "data_manifest.json").read_bytes())
    content["files"][name] = entry | {
        "source": f"python tools/ship_weights.py {name}",
        "licence": LICENCE,
    }
    files.write_json(kit / "data_manifest.json", content)
    files.write_between(
        path.with_name("README.md"),
        f"<!-- table: python tools/ship_weights.py {name} -->\n",
        END,
        page,
    )
    return page


def check(name: str, run: runs.Run, data: Path) -> None:
    """Raise KitError unless weights of this name can be made from a run on these splits."""
    for field, value in WANTED[name].items():
        if getattr(run.config.net, field, None) != value:
            raise KitError(
                f"{name} wants a run of the U-Net with {field}={value}, which {run.folder} is not"
            )
    if digest(data) != run.config.data:
        raise KitError(
            f"{run.folder} was trained on other faces than those in {data}: give its own --data"
        )
    if not run.epochs_done:
        raise KitError(f"{run.folder} has no finished epoch yet: train it first")


def facts(run: runs.Run, faces: int) -> dict[str, str]:
    """How the weights came to be."""
    settings = run.config.to_json()
    best = min(run.history, key=lambda record: record["val_mse"])
    return {
        "trained": f"{run.epochs_done} epochs of {run.config.images or faces:,} faces, {sum(run.seconds) / 60:.0f} minutes",
        "validation MSE": f"{run.history[-1]['val_mse']:.2f} after the last epoch; the lowest {best['val_mse']:.2f}, epoch {best['epoch']}",
        "settings": ", ".join(
            f"{key}={value}"
            for key, value in (settings | settings["net"]).items()
            if key not in ("net", "data")
        ),
    }


def made(network: Network, entry: dict) -> dict[str, str]:
    """What the file is."""
    found = {"values": f"{sum(array.size for array in network.arrays.values()):,}"}
    if network.about["head"] == "classes":
        wanted = f"for {COLORFUL} of the truth's colorfulness on the validation split"
        found["temperature"] = f"{network.about['temperature']:.3f}, chosen {wanted}"
    return found | {"bytes": f"{entry['bytes']:,}", "SHA-256": f"`{entry['sha256']}`"}


def rounding(trained: evaluation.Predictor, network: Network, test: Split) -> str:
    """What the 16 bits changed, on the test split."""
    before, after = trained.predict(test.L), network.predict(test.L)
    errors = [evaluation.mse(ab, test.ab).mean() for ab in (before, after)]
    moved = np.linalg.norm(after - before, axis=-1)
    share = f"colors moved by {moved.mean():.3f} units in the mean, {moved.max():.1f} at the most"
    return f"test MSE {errors[0]:.3f} before, {errors[1]:.3f} after; {share}"


def table(told: dict[str, str]) -> str:
    """A table of facts."""
    return "\n".join(
        [
            "| fact | value |",
            "|---|---|",
            *(f"| {what} | {value} |" for what, value in told.items()),
        ]
    )


def measured(network: Network, train: Split, test: Split) -> list[str]:
    """Figures on the test split, beside the baselines, and by tone of skin, as blocks of Markdown."""
    found = [f"On the {len(test):,} faces of the test split, with 95 % intervals over people:"]
    counts = HINTS if network.about["hints"] else ()
    told = [
        evaluation.Hinted(f"{network.name}, hints: {count}", network, test, count)
        for count in counts
    ]
    found.append(plots.evaluation_tables(evaluation.evaluate([network, *told], train, test)))
    for grouping in evaluation.audit_report([network], train, test)["groupings"]:
        found += [
            f"By {grouping['name'][0].lower()}{grouping['name'][1:]}:",
            *plots.audit_tables(grouping["predictors"]),
        ]
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=tuple(WANTED), help="of the weights")
    parser.add_argument("run", type=Path, help="the finished run")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of the splits that it was trained on"
    )
    arguments = parser.parse_args(argv)
    try:
        print(ship(arguments.name, runs.Run(arguments.run), arguments.data))
    except (KitError, OSError) as bad:
        print(f"ship_weights: {bad}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
