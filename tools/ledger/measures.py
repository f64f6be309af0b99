"""Train one run and measure it on the test split.

The result is the small JSON that the ledger's verdicts rest on.
"""

import csv
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from colorkit import color, data, evaluation, machine, profiles, runs, training

from .conditions import Condition, Size

HAIR = np.s_[3:15, 44:68]  # of an aligned crop: the top of the head
NO_HAIR = {"bald", "receding", "buzz"}
COVERED = {"beanie", "cap", "headscarf", "band"}
BLOCK = 14  # predictions are kept as means of 14x14 pixels
FACES = 40  # of this many faces


def train(condition: Condition, size: Size, seed: int, home: Path, folder: Path) -> runs.Run:
    """Train a condition in a folder of its own, or continue after an interruption.

    ResNet-50's encoder starts untrained.
    """
    profile = profiles.get(size.profile)
    untrained = {} if condition.model == "cnn" else {"weights": "none"}
    options = {
        **untrained,
        **condition.settings,
        "images": condition.images(size),
        "seed": seed,
        "precision": "float32",
    }
    config = training.configure(condition.model, profile, data.digest(home / "data"), **options)
    run = runs.start(config, profile.name, home, folder)
    run.train(
        data.load_split(home / "data", "train"),
        data.load_split(home / "data", "val"),
        condition.epochs(size),
    )
    return run


def measure(run: runs.Run, test: data.Split) -> dict[str, Any]:
    """Measure a run on the test faces, face by face."""
    pred, true = run.predict(test.L), test.ab
    lab = np.concatenate([color.from_storage(test.lab)[..., :1], pred], axis=-1)
    pictures = color.compose(test.L, pred)
    return {
        "config": run.config.to_json(),
        "machine": {"device": _device(), "cores": os.cpu_count()} | machine.versions(),
        "seconds": run.seconds,
        "history": [
            {name: round(value, 4) for name, value in record.items()} for record in run.history
        ],
        "mse": _rounded(evaluation.mse(pred, true), 2),
        "accuracy": _rounded(evaluation.threshold_accuracy(pred, true), 4),
        "delta_e": _rounded(evaluation.ciede2000(pictures, test.rgb), 3),
        "colorfulness": _rounded(evaluation.colorfulness(pictures), 2),
        "hair_from_skin": _rounded(hair_from_skin(lab), 2),
        "blocks": np.round(blocks(pred[:FACES])).astype(int).tolist(),
    }


def compact(measured: dict[str, Any]) -> bytes:
    """Write JSON with one line a quantity: small, and yet readable."""
    lines = []
    for name, value in measured.items():
        values = json.dumps(value, separators=(",", ":"))
        lines.append(f"{json.dumps(name)}: {values}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def blocks(ab: np.ndarray) -> np.ndarray:
    """Compute the mean color of each block: float32 (N, 112, 112, 2) to (N, 8, 8, 2)."""
    faces, size, _, channels = ab.shape
    count = size // BLOCK
    return ab.reshape(faces, count, BLOCK, count, BLOCK, channels).mean(axis=(2, 4))


def hair_from_skin(lab: np.ndarray) -> np.ndarray:
    """Compute how far the color of the top of the head is from that of the skin.

    Args:
        lab: float32 (N, 112, 112, 3), CIELAB.

    Returns:
        (N,), units of a*, b*.
    """
    pixels = lab[:, HAIR[0], HAIR[1], 1:].reshape(len(lab), -1, 2)  # (N, 12 * 24, 2)
    hair = np.median(pixels, axis=1)  # (N, 2)
    skin = data.tones.skin(color.to_storage(lab))[:, 1:]  # (N, 2)
    return np.hypot(*(hair - skin).T)


def drawn(identities: np.ndarray) -> list[dict[str, str]]:
    """Return each of the kit's own faces' row of ground_truth.csv, of its first picture."""
    with zipfile.ZipFile(data.fetch("faces", accept=data.ask)) as source:
        rows = csv.DictReader(io.TextIOWrapper(source.open(data.tones.TABLE), encoding="utf-8"))
        first = {row["identity"]: row for row in rows if row["image"] == "0"}
    return [first[str(identity)] for identity in identities]


def shows_hair(row: dict[str, str]) -> bool:
    """Tell whether the top of the head shows hair."""
    return row["hair_style"] not in NO_HAIR and row["accessory"] not in COVERED


def _device() -> str:
    """Name the device that trained; only JAX says which GPU."""
    if keras.backend.backend() == "jax":
        return machine.jax_devices()[0].device_kind
    return machine.find_accelerators()[0]


def _rounded(values: np.ndarray, digits: int) -> list:
    return np.round(np.asarray(values, np.float64), digits).tolist()
