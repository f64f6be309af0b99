"""One run, trained and measured on the test split: the small JSON that the ledger's verdicts rest on."""

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
BLOCK, FACES = 14, 40  # predictions are kept as means of 14x14 pixels, of so many faces


def train(condition: Condition, size: Size, seed: int, home: Path, folder: Path) -> runs.Run:
    """Train a condition in a folder of its own, or go on where it was interrupted. ResNet-50's encoder starts untrained."""
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
    """What a run says of the test faces, face by face."""
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


def compact(figures: dict[str, Any]) -> bytes:
    """JSON with one line a quantity: small, and yet readable."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}"
        for name, value in figures.items()
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def blocks(ab: np.ndarray) -> np.ndarray:
    """Mean color of each block: float32 (N, 112, 112, 2) to (N, 8, 8, 2)."""
    faces, size, _, channels = ab.shape
    return ab.reshape(faces, size // BLOCK, BLOCK, size // BLOCK, BLOCK, channels).mean(axis=(2, 4))


def hair_from_skin(lab: np.ndarray) -> np.ndarray:
    """How far the color of the top of the head is from that of the skin: float32 (N, 112, 112, 3), CIELAB, to (N,), units of a*, b*."""
    hair = np.median(lab[:, HAIR[0], HAIR[1], 1:].reshape(len(lab), -1, 2), axis=1)
    return np.hypot(*(hair - data.tones.skin(color.to_storage(lab))[:, 1:]).T)


def drawn(identities: np.ndarray) -> list[dict[str, str]]:
    """What was drawn for each of the kit's own faces: its row of ground_truth.csv, of its first picture."""
    with zipfile.ZipFile(data.fetch("faces", accept=data.ask)) as source:
        rows = csv.DictReader(io.TextIOWrapper(source.open(data.tones.TABLE)))
        first = {row["identity"]: row for row in rows if row["image"] == "0"}
    return [first[str(identity)] for identity in identities]


def shows_hair(row: dict[str, str]) -> bool:
    """Whether the top of the head shows hair."""
    return row["hair_style"] not in NO_HAIR and row["accessory"] not in COVERED


def _device() -> str:
    """What trained; only JAX says which GPU."""
    return (
        machine.jax_devices()[0].device_kind
        if keras.backend.backend() == "jax"
        else machine.find_accelerators()[0]
    )


def _rounded(values: np.ndarray, digits: int) -> list:
    return np.round(np.asarray(values, np.float64), digits).tolist()
