"""Train the paper profile's three models on a GPU with JAX, and measure how fast that is.

    KERAS_BACKEND=jax python benchmarks/gpu.py --peak 989
    KERAS_BACKEND=jax python benchmarks/gpu.py --peak 989 --epochs 15
    KERAS_BACKEND=jax python benchmarks/gpu.py --peak 1 --faces 32 --epochs 1 --out out/try.json

--peak is the chip's dense bfloat16 teraflops; an H200 has 989. The second line takes less time: the
time of all 50 epochs is extrapolated from 15. The third is for a try. The script measures minutes,
faces a second, and the share of the chip's bfloat16 peak.

The 20,000 training faces are the kit's own, repeated: what a face shows doesn't change the time.
"""

import argparse
import math
import tempfile
import time
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np
from here import HERE
from page import Row, markdown, met, publish

from colorkit import data, profiles, runs, training

EPOCHS = profiles.get("paper").cnn.epochs


def repeat_faces(folder: Path, count: int) -> tuple[data.Split, data.Split]:
    """Return `count` training faces, repeated, and the validation faces as they are."""
    data.build_splits([data.fetch("faces", accept=data.ask)], folder)
    train = data.load_split(folder, "train")
    lab = np.resize(train.lab, (count, *train.lab.shape[1:]))  # (count, 112, 112, 3)
    identities = np.resize(train.identities, count)
    return data.Split(lab, identities), data.load_split(folder, "val")


def flops(model: keras.Model) -> int:
    """Count the floating-point operations to train on one face.

    Every weight costs a multiplication and an addition at every place where it acts: once forward,
    and twice back (for the features and for the weights). Layers other than convolutions and dense
    layers are not counted.
    """
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            total += flops(layer)
        elif isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            total += _count_operations(layer, layer.output.shape)
        elif isinstance(layer, keras.layers.Conv2DTranspose):
            total += _count_operations(layer, layer.input.shape)
    return total


def _count_operations(layer: keras.Layer, shape: tuple[int | None, ...]) -> int:
    """Count a layer's operations, given the shape (B, H, W, C) of the places where it acts."""
    places = math.prod(shape[1:-1])
    return 6 * math.prod(layer.kernel.shape) * places


def measure(
    model: str, train: data.Split, val: data.Split, epochs: int, home: Path, peak: float
) -> dict[str, float]:
    """Train a run of the paper profile.

    Args:
        model: "cnn", "resnet" or "gan".
        train: training faces.
        val: validation faces.
        epochs: number of epochs to train.
        home: folder for the run.
        peak: the chip's bfloat16 teraflops a second.

    Returns:
        `minutes` of all epochs of the profile, `faces_per_second`, and `share_of_peak`.
    """
    options = {} if model == "cnn" else {"weights": "none"}
    config = training.configure(model, profiles.get("paper"), "", **options)
    run = runs.start(config, "paper", home)
    start = time.perf_counter()
    run.train(train, val, epochs)
    seconds = time.perf_counter() - start
    first = run.seconds[0]  # the first epoch also compiles
    later = run.seconds[1:] or run.seconds
    if epochs < EPOCHS:
        pace = (seconds - first) / (epochs - 1) if epochs > 1 else first  # saving included
        seconds += (EPOCHS - epochs) * pace
    rate = len(train) / np.median(later)
    found = {"minutes": round(seconds / 60, 2), "faces_per_second": round(rate)}
    if model != "gan":  # its step is more than a pass of its generator
        found["share_of_peak"] = round(flops(run.model) * rate / (peak * 1e12), 4)
    return found


def table(result: dict[str, Any]) -> str:
    """Write the values and the target, in Markdown."""
    models = result["models"]
    whole = f"{EPOCHS} epochs of {result['faces']:,} faces"
    times: list[Row] = []
    rates: list[Row] = []
    shares: list[Row] = []
    for model, found in models.items():
        minutes = found["minutes"]
        target = met(minutes <= 3, "<= 3 minutes")
        times.append((f"{model}: {whole}", f"{minutes} minutes", target))
        rates.append((f"{model}: faces a second", f"{found['faces_per_second']:,}", ""))
        if "share_of_peak" in found:
            share = f"{found['share_of_peak']:.1%}"
            shares.append((f"{model}: share of the bfloat16 peak", share, ""))
    run = f"{result['epochs']} epochs were run, the rest is extrapolated from their pace."
    return markdown(times + rates + shares, f"{result['device']}, JAX {result['jax']}; {run}")


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--models", nargs="+", default=["cnn", "resnet", "gan"])
    add("--faces", type=int, default=20_000)
    add("--epochs", type=int, default=EPOCHS)
    peak = "the chip's dense bfloat16 teraflops a second"
    add("--peak", type=float, required=True, help=peak)
    add("--out", type=Path, default=HERE / "gpu.json")
    arguments = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        train, val = repeat_faces(home / "data", arguments.faces)
        for model in arguments.models:
            found[model] = measure(model, train, val, arguments.epochs, home, arguments.peak)
    result = {
        "device": jax.devices()[0].device_kind,
        "jax": jax.__version__,
        "faces": arguments.faces,
        "epochs": arguments.epochs,
        "models": found,
    }
    publish("gpu.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
