"""The processes in which training.py measures.

python benchmarks/trainees.py tensorflow|jax|torch cnn|resnet    # trains on request: each line on stdin, `way steps`, is answered by a
                                                                 # line with the seconds; between requests it sleeps
python benchmarks/trainees.py first kit|plain                    # seconds of building the ResNet-50 model and of its first step
python benchmarks/trainees.py saving cnn                         # what saving costs in an epoch of the demo profile
python benchmarks/trainees.py versions
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

BATCH = 16
FACES = 400  # made up: what a face shows is all the same to the clock
FINE_TUNED = {
    "fine_tune": True,
    "weights": "none",
}  # where the weights come from is all the same to the clock, too
Ways = dict[str, Callable[[int], None]]


def lab() -> np.ndarray:
    """Faces in storage code, uint8 (FACES, 112, 112, 3)."""
    return np.random.default_rng(0).integers(0, 256, (FACES, 112, 112, 3), dtype=np.uint8)


def kit_trainer(model: str, **options):
    """The kit's model, compiled, as a run of the demo profile has it."""
    from colorkit import profiles, training

    options |= {"batch_size": BATCH} | (FINE_TUNED if model == "resnet" else {})
    return training.build_trainer(training.configure(model, profiles.get("demo"), "", **options))


def plain_model(model: str):
    """The same network, compiled as a student would."""
    from colorkit import models

    net = models.build_cnn() if model == "cnn" else models.build_resnet()
    net.compile("adam", loss="mse", metrics=["mse"])
    return net


def keras_ways(model: str) -> tuple[Ways, int]:
    """The kit's `fit` from Batches; its compiled step on one resident batch; the same network in bfloat16; plain Keras on float32 arrays.

    Of the CNN, other ways to feed the kit's step too: batches made by two threads, byte arrays given to `fit`; and batches alone. And
    how many numbers are trained.
    """
    import keras

    from colorkit import data, machine, training

    trained, plain = kit_trainer(model).predictor, plain_model(model)
    half = kit_trainer(model, precision="mixed_bfloat16").predictor
    split = data.Split(lab(), np.arange(FACES).astype(str))
    L, ab = split.L.astype(np.float32), split.ab
    whole = training.Batches(split, BATCH, 0, 0)
    resident = {"tensorflow": _resident_tensorflow, "jax": _resident_jax}[keras.backend.backend()]

    def parts(steps: int) -> Iterator[training.Batches]:
        for start in range(0, steps, len(whole)):
            yield whole.part(0, min(len(whole), steps - start))

    def kit(steps: int) -> None:
        for part in parts(steps):
            trained.fit(machine.feeding.feed(part), shuffle=False, verbose=0)

    def bfloat16(steps: int) -> None:
        for part in parts(steps):
            half.fit(machine.feeding.feed(part), shuffle=False, verbose=0)

    def threads(steps: int) -> None:
        for part in parts(steps):
            part.workers = 2
            trained.fit(part, shuffle=False, verbose=0)

    def arrays(steps: int) -> None:
        for part in parts(steps):
            rows = part.order
            trained.fit(
                split.lab[rows, ..., :1],
                split.lab[rows, ..., 1:],
                batch_size=BATCH,
                shuffle=False,
                verbose=0,
            )

    def plain_keras(steps: int) -> None:
        for part in parts(steps):
            plain.fit(L[: part.faces], ab[: part.faces], batch_size=BATCH, verbose=0)

    def pipeline(steps: int) -> None:
        for part in parts(steps):
            for index in range(len(part)):
                part[index]

    ways = {
        "kit": kit,
        "resident": lambda steps: resident(trained, whole[0], steps),
        "bfloat16": bfloat16,
        "plain": plain_keras,
    }
    if model == "cnn":
        ways |= {"threads": threads, "arrays": arrays, "pipeline": pipeline}
    return ways, sum(int(np.prod(weight.shape)) for weight in trained.trainable_weights)


def _resident_tensorflow(model, batch, steps: int) -> None:
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False  # as in colorkit/machine/feeding.py
    again = iter(
        tf.data.Dataset.from_tensors(tuple(map(tf.constant, batch)))
        .cache()
        .repeat()
        .with_options(options)
    )
    for _ in range(steps):
        logs = model.train_function(again)
    float(logs["loss"])


def _resident_jax(model, batch, steps: int) -> None:
    import jax

    batch = jax.device_put(batch)
    parts = (
        "trainable_variables",
        "non_trainable_variables",
        "optimizer_variables",
        "metrics_variables",
    )
    state = model._get_jax_state(**dict.fromkeys(parts, True))
    for _ in range(steps):
        _, state = model.train_function(state, iter([batch]))
    model._jax_state, model._jax_state_synced = dict(zip(parts, state, strict=True)), False
    model.jax_state_sync()  # the step gave the old buffers away: put the new ones into the variables
    jax.block_until_ready(state)


def torch_ways(model: str) -> tuple[Ways, int]:
    """The same network in PyTorch: as it comes, channels last, and channels last in bfloat16. And how many numbers are trained."""
    import torch
    import torch_nets

    torch.set_num_threads(os.cpu_count())
    codes = torch.from_numpy(lab()).permute(0, 3, 1, 2)

    def way(channels_last: bool, bfloat16: bool) -> Callable[[int], None]:
        form = torch.channels_last if channels_last else torch.contiguous_format
        net = torch_nets.NETS[model]().to(memory_format=form)
        optimizer = torch.optim.Adam(net.parameters(), 1e-3, fused=True)

        def run(steps: int) -> None:
            for step in range(steps):
                start = step * BATCH % FACES
                part = codes[start : start + BATCH].to(torch.float32, memory_format=form)
                optimizer.zero_grad(set_to_none=True)
                with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                    pred = net(part[:, :1])
                torch.nn.functional.mse_loss(pred.float(), part[:, 1:] - 128).backward()
                optimizer.step()

        return run

    ways = {
        "plain layout": way(False, False),
        "channels last": way(True, False),
        "channels last, bfloat16": way(True, True),
    }
    return ways, torch_nets.trainable(torch_nets.NETS[model]())


def first(way: str) -> dict:
    """Seconds from nothing to the end of the ResNet-50 model's first step; Keras is imported already."""
    import keras  # noqa: F401

    codes = lab()[:BATCH]
    L, ab = codes[..., :1], codes[..., 1:]
    start = time.perf_counter()
    if way == "kit":
        kit_trainer("resnet").predictor.train_on_batch(L, ab)
    else:
        plain_model("resnet").train_on_batch(L.astype(np.float32), ab.astype(np.float32) - 128)
    return {"seconds": time.perf_counter() - start}


def saving(name: str) -> dict:
    """Seconds of the second epoch of a run of the demo profile, and of saving it; the run is on a stand-in for Drive."""
    from colorkit import data, machine, profiles, runs, training

    model, _, kind = name.partition(" ")
    profile = profiles.get("demo")
    options = {"weights": "none", "fine_tune": kind == "fine-tuned"} if model != "cnn" else {}
    if kind == "fine-tuned":
        options |= {"images": profile.compare.images, "batch_size": 4}  # as lesson 3 has it
    with tempfile.TemporaryDirectory() as folder:
        machine.drive.DRIVE, machine.drive.check_drive = Path(folder) / "drive", lambda: None
        (machine.drive.DRIVE / "MyDrive").mkdir(parents=True)
        machine.drive.scratch_folder = lambda: Path(folder) / "scratch"
        data.build_splits([data.fetch("faces", accept=data.ask)], Path(folder) / "data")
        train, val = (data.load_split(Path(folder) / "data", part) for part in ("train", "val"))
        run = runs.start(
            training.configure(model, profile, "", **options),
            "demo",
            machine.drive.DRIVE / "MyDrive",
        )
        spent, save = [], runs.Run._save

        def timed(*arguments) -> None:
            start = time.perf_counter()
            save(*arguments)
            spent.append(time.perf_counter() - start)

        runs.Run._save = timed
        run.train(train, val, 2)
        size = sum(path.stat().st_size for path in run.folder.glob("ckpt-00002-000/*"))
    epoch = (
        run.seconds[1] + spent[1]
    )  # an epoch's seconds are stored in its checkpoint, so they end before it is written
    return {
        "megabytes": round(size / 1e6, 1),
        "epoch": round(epoch, 1),
        "saving": round(spent[1], 3),
        "share": round(spent[1] / epoch, 4),
    }


def versions() -> dict:
    """What computes."""
    import importlib.metadata
    import platform

    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in ("tensorflow", "jax", "keras", "numpy")
    }


def serve(backend: str, model: str, answers) -> None:
    """Answer requests until stdin ends; the first line tells the ways, once each has taken a step."""
    if backend != "torch":
        os.environ["KERAS_BACKEND"] = backend
    ways, parameters = torch_ways(model) if backend == "torch" else keras_ways(model)
    for way in ways.values():
        way(1)
    print(json.dumps({"ways": list(ways), "parameters": parameters}), file=answers, flush=True)
    for line in sys.stdin:
        name, steps = line.rsplit(" ", 1)
        start = time.perf_counter()
        ways[name](int(steps))
        print(json.dumps(time.perf_counter() - start), file=answers, flush=True)


def main() -> None:
    """Do what the command line says."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    what, *which = sys.argv[1:]
    if what in ("first", "saving", "versions"):
        print(
            json.dumps({"first": first, "saving": saving, "versions": versions}[what](*which)),
            file=answers,
        )
    else:
        serve(what, which[0], answers)


if __name__ == "__main__":
    main()
