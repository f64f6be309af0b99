"""Measure training in a process of its own, for training.py.

    python benchmarks/trainees.py tensorflow|jax|torch cnn|resnet
    python benchmarks/trainees.py first kit|plain
    python benchmarks/trainees.py saving cnn
    python benchmarks/trainees.py versions

The first line trains on request: it answers each line on stdin, `way steps`, with the seconds, and
sleeps between requests. `first` measures the seconds to build the ResNet-50 model and to take its
first step; `saving` measures what saving costs in an epoch of the demo profile.
"""

import importlib
import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import here
import numpy as np
import saving

if TYPE_CHECKING:
    import keras

BATCH = 16
FACES = 400  # made up: what a face shows doesn't change the time
FINE_TUNED = {"fine_tune": True, "weights": "none"}  # nor does where the weights come from

Way: TypeAlias = Callable[[int], None]
"""A function that takes a number of training steps."""

Batch: TypeAlias = tuple[np.ndarray, ...]
"""Inputs and targets of a step."""


def lab() -> np.ndarray:
    """Make faces in storage code, uint8 (FACES, 112, 112, 3)."""
    return np.random.default_rng(0).integers(0, 256, (FACES, 112, 112, 3), dtype=np.uint8)


def kit_model(model: str, **options: Any) -> "keras.Model":
    """Build and compile the kit's model like a run of the demo profile."""
    from colorkit import profiles, training

    options["batch_size"] = BATCH
    if model == "resnet":
        options |= FINE_TUNED
    config = training.configure(model, profiles.get("demo"), "", **options)
    return training.build_trainer(config).predictor


def plain_model(model: str) -> "keras.Model":
    """Build the same network, and compile it as a student would."""
    from colorkit import models

    net = models.build_cnn() if model == "cnn" else models.build_resnet()
    net.compile("adam", loss="mse", metrics=["mse"])
    return net


def keras_ways(model: str) -> tuple[dict[str, Way], int]:
    """Make the ways to train with Keras.

    They are the kit's `fit` from Batches (`kit`), its compiled step on one resident batch
    (`resident`), the same network in bfloat16 (`bfloat16`), and plain Keras on float32 arrays
    (`plain`). The CNN has three more: batches made by two threads (`threads`), byte arrays given to
    `fit` (`arrays`), and batches alone (`pipeline`).

    Returns:
        The ways by name, and the number of trained parameters.
    """
    import keras

    from colorkit import data, machine, training

    trained = kit_model(model)
    plain = plain_model(model)
    half = kit_model(model, precision="mixed_bfloat16")
    split = data.Split(lab(), np.arange(FACES).astype(str))
    L = split.L.astype(np.float32)
    ab = split.ab
    whole = training.Batches(split, BATCH, 0, 0)
    train_resident = {"tensorflow": _resident_tensorflow, "jax": _resident_jax}
    train_resident = train_resident[keras.backend.backend()]

    def parts(steps: int) -> Iterator[training.Batches]:
        for start in range(0, steps, len(whole)):
            yield whole.part(0, min(len(whole), steps - start))

    def kit(steps: int) -> None:
        for part in parts(steps):
            trained.fit(machine.feeding.feed(part), shuffle=False, verbose=0)

    def resident(steps: int) -> None:
        train_resident(trained, whole[0], steps)

    def bfloat16(steps: int) -> None:
        for part in parts(steps):
            half.fit(machine.feeding.feed(part), shuffle=False, verbose=0)

    def plain_keras(steps: int) -> None:
        for part in parts(steps):
            plain.fit(L[: part.faces], ab[: part.faces], batch_size=BATCH, verbose=0)

    def threads(steps: int) -> None:
        for part in parts(steps):
            part.workers = 2
            trained.fit(part, shuffle=False, verbose=0)

    def arrays(steps: int) -> None:
        for part in parts(steps):
            rows = split.lab[part.order]
            options = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
            trained.fit(rows[..., :1], rows[..., 1:], **options)

    def pipeline(steps: int) -> None:
        for part in parts(steps):
            for index in range(len(part)):
                part[index]

    ways = {"kit": kit, "resident": resident, "bfloat16": bfloat16, "plain": plain_keras}
    if model == "cnn":
        ways |= {"threads": threads, "arrays": arrays, "pipeline": pipeline}
    parameters = sum(int(np.prod(weight.shape)) for weight in trained.trainable_weights)
    return ways, parameters


def _resident_tensorflow(model: "keras.Model", batch: Batch, steps: int) -> None:
    """Take steps on one batch that TensorFlow keeps in memory."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False  # as in colorkit/machine/feeding.py
    one = tf.data.Dataset.from_tensors(tuple(map(tf.constant, batch)))
    again = iter(one.cache().repeat().with_options(options))
    for _ in range(steps):
        logs = model.train_function(again)
    float(logs["loss"])


def _resident_jax(model: "keras.Model", batch: Batch, steps: int) -> None:
    """Take steps on one batch that JAX keeps in memory."""
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
    # The step gave the old buffers away: put the new ones into the variables.
    model._jax_state = dict(zip(parts, state, strict=True))
    model._jax_state_synced = False
    model.jax_state_sync()
    jax.block_until_ready(state)


def torch_ways(model: str) -> tuple[dict[str, Way], int]:
    """Make the ways to train the same network in PyTorch.

    They are the plain layout, channels last, and channels last in bfloat16.

    Returns:
        The ways by name, and the number of trained parameters.
    """
    import torch
    import torch_nets

    torch.set_num_threads(os.cpu_count())
    codes = torch.from_numpy(lab()).permute(0, 3, 1, 2)  # (FACES, 3, 112, 112)

    def make_way(channels_last: bool, bfloat16: bool) -> Way:
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
        "plain layout": make_way(False, False),
        "channels last": make_way(True, False),
        "channels last, bfloat16": make_way(True, True),
    }
    return ways, torch_nets.count_trainable(torch_nets.NETS[model]())


def first(way: str) -> dict[str, float]:
    """Measure the seconds from nothing to the end of the ResNet-50 model's first step."""
    importlib.import_module("keras")  # its import doesn't count
    codes = lab()[:BATCH]
    L = codes[..., :1]
    ab = codes[..., 1:]
    start = time.perf_counter()
    if way == "kit":
        kit_model("resnet").train_on_batch(L, ab)
    else:
        plain_model("resnet").train_on_batch(L.astype(np.float32), ab.astype(np.float32) - 128)
    return {"seconds": time.perf_counter() - start}


def versions() -> dict[str, str]:
    """Return the versions of what computes."""
    found = {"python": platform.python_version()}
    for name in ("tensorflow", "jax", "keras", "numpy"):
        found[name] = importlib.metadata.version(name)
    return found


def serve(backend: str, model: str, answers: IO[str]) -> None:
    """Answer requests until stdin ends.

    The first line names the ways, once each of them has taken a step.

    Args:
        backend: "tensorflow", "jax" or "torch".
        model: "cnn" or "resnet".
        answers: stream to which the answers are written.
    """
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
    answers = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is not an answer
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    what, *which = sys.argv[1:]
    measurements = {"first": first, "saving": saving.measure, "versions": versions}
    if what in measurements:
        print(json.dumps(measurements[what](*which)), file=answers)
    else:
        serve(what, which[0], answers)


if __name__ == "__main__":
    main()
