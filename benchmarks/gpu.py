"""The paper profile on a GPU: all three models, JAX, faces a second, share of the chip's bfloat16 peak, minutes.

    KERAS_BACKEND=jax python benchmarks/gpu.py --peak 989        # --peak: the chip's dense bfloat16 teraflops; an H200 has 989
    KERAS_BACKEND=jax python benchmarks/gpu.py --peak 989 --epochs 15          # sooner; the time of all 50 is extrapolated from 15
    KERAS_BACKEND=jax python benchmarks/gpu.py --faces 32 --epochs 1 --peak 1 --models cnn --out /tmp/try.json

20,000 training faces are the kit's own, repeated: to the clock a face is a face.
"""

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import jax
import keras
import numpy as np
from page import HERE, markdown, met, publish

from colorkit import data, profiles, runs, training

EPOCHS = profiles.get("paper").cnn.epochs


def repeated(folder: Path, count: int) -> tuple[data.Split, data.Split]:
    """`count` training faces, and the validation faces as they are."""
    data.build_splits([data.fetch("faces", accept=data.ask)], folder)
    train, val = (data.load_split(folder, name) for name in ("train", "val"))
    return data.Split(
        np.resize(train.lab, (count, *train.lab.shape[1:])), np.resize(train.identities, count)
    ), val


def flops(model: keras.Model) -> int:
    """Floating-point operations to train on one face: a multiplication and an addition for every weight at every place where it acts,
    once forward, and twice back (for the features and for the weights). What isn't a convolution or dense is not counted.
    """
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            total += flops(layer)
        elif isinstance(
            layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose | keras.layers.Dense
        ):
            transposed = isinstance(layer, keras.layers.Conv2DTranspose)
            places = (layer.input if transposed else layer.output).shape[1:-1]
            total += 6 * math.prod(layer.kernel.shape) * math.prod(places)
    return total


def measure(
    model: str, train: data.Split, val: data.Split, epochs: int, home: Path, peak: float
) -> dict:
    """Train a run of the paper profile; `minutes` are those of all its epochs."""
    options = {} if model == "cnn" else {"weights": "none"}
    config = training.configure(model, profiles.get("paper"), "", **options)
    run = runs.start(config, "paper", home)
    start = time.perf_counter()
    run.train(train, val, epochs)
    seconds = time.perf_counter() - start
    first, later = run.seconds[0], run.seconds[1:] or run.seconds  # the first epoch also compiles
    if epochs < EPOCHS:
        seconds += (EPOCHS - epochs) * (
            (seconds - first) / (epochs - 1) if epochs > 1 else first
        )  # saving included
    rate = len(train) / np.median(later)
    figures = {"minutes": round(seconds / 60, 2), "faces_per_second": round(rate)}
    if model != "gan":  # whose step is more than a pass of its generator
        figures["share_of_peak"] = round(flops(run.model) * rate / (peak * 1e12), 4)
    return figures


def table(result: dict) -> str:
    """The figures and the target, in Markdown."""
    models, faces = result["models"], result["faces"]
    whole = f"{EPOCHS} epochs of {faces:,} faces"
    rows = [
        (f"{model}: {whole}", f"{it['minutes']} minutes", met(it["minutes"] <= 3, "<= 3 minutes"))
        for model, it in models.items()
    ]
    rows += [
        (f"{model}: faces a second", f"{it['faces_per_second']:,}", "")
        for model, it in models.items()
    ]
    shares = {model: it["share_of_peak"] for model, it in models.items() if "share_of_peak" in it}
    rows += [
        (f"{model}: share of the bfloat16 peak", f"{share:.1%}", "")
        for model, share in shares.items()
    ]
    note = f"{result['device']}, JAX {result['jax']}; {result['epochs']} epochs were run, the rest is extrapolated from their pace."
    return markdown(rows, note)


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", default=["cnn", "resnet", "gan"])
    parser.add_argument("--faces", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument(
        "--peak", type=float, required=True, help="the chip's dense bfloat16 teraflops a second"
    )
    parser.add_argument("--out", type=Path, default=HERE / "gpu.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        train, val = repeated(Path(folder) / "data", arguments.faces)
        found = {
            m: measure(m, train, val, arguments.epochs, Path(folder), arguments.peak)
            for m in arguments.models
        }
    device = jax.devices()[0].device_kind
    result = {
        "device": device,
        "jax": jax.__version__,
        "faces": arguments.faces,
        "epochs": arguments.epochs,
        "models": found,
    }
    publish("gpu.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
