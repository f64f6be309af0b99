"""The processes that test_devices starts, each with devices of its own.

`python sharing.py two FOLDER` compares two logical devices of this CPU with one.
`python sharing.py joined FOLDER` is one of two processes that train a run together.
KERAS_BACKEND selects the backend; the results are written to FOLDER/result.json.
"""

import contextlib
import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
if os.environ["KERAS_BACKEND"] == "tensorflow":
    import tensorflow

    cpu = tensorflow.config.list_physical_devices("CPU")[0]
    tensorflow.config.set_logical_device_configuration(
        cpu, [tensorflow.config.LogicalDeviceConfiguration()] * 2
    )

import keras
import numpy as np
from helpers import picture, small_encoder, tiny_config

from colorkit import color
from colorkit.data.splits import Split
from colorkit.errors import KitError
from colorkit.machine import devices
from colorkit.models import cnn
from colorkit.runs import Run, start
from colorkit.training import build
from colorkit.training.trainer import Trainer

FACES = Split(
    np.stack([color.to_storage(color.rgb_to_lab(picture(seed))) for seed in range(8)]),
    np.arange(8).astype(str),
)
CONFIG = tiny_config(
    "cnn", encoder=(4,), decoder=(4,), dense=(4,), images=8, batch_size=4, learning_rate=3e-2
)
EPOCHS = 2


@contextlib.contextmanager
def replace_attribute(owner, name: str, value):
    """Give an attribute of a module another value, and its own one back at the end."""
    known = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, known)


def train() -> tuple[list[float], Trainer]:
    """Train a network; return the loss of each epoch, and the trainer."""
    trainer = build.build_trainer(CONFIG)
    build.initialize(trainer, CONFIG, FACES)
    losses = []
    for epoch in range(EPOCHS):
        batches = build.batches(CONFIG, FACES, epoch)
        (segment,) = trainer.plan(epoch, len(batches))
        losses.append(trainer.record(trainer.train_on_devices(segment, batches, []))["mse"])
    return losses, trainer


def use_one_device():
    return replace_attribute(devices, "count", lambda: 1)


def leave_out_normalization():
    def apply_relu(x, config, name):
        return keras.layers.ReLU(name=f"{name}_relu")(x)

    return replace_attribute(cnn, "_normalize", apply_relu)


def compare_two_with_one(folder: Path) -> dict:
    """Train on two devices and on one, and return what test_devices compares."""
    with leave_out_normalization():
        with use_one_device():
            plain_one, _ = train()
        plain_two, _ = train()
    with use_one_device():
        one, alone = train()
    both, together = train()
    stored = together.values()
    alone.restore(stored)
    difference = predict(together) - predict(alone)
    found = {}
    if keras.backend.backend() == "tensorflow":  # JAX has nothing to synchronize
        with replace_attribute(devices, "synchronize", lambda model: None):
            found["unsynchronized"], _ = train()
    else:  # TensorFlow can't train batch by batch on several devices
        found["by batch"] = [
            take_two_steps(alone, contextlib.nullcontext()),
            take_two_steps(together, devices.training()),
        ]
    together.restore(stored)
    restored = together.values()
    return found | {
        "gan": train_gan(folder),
        "count": devices.count(),
        "holders": count_holders(together.predictor),
        "plain": [plain_one, plain_two],
        "normalized": [one, both],
        "odd": float(np.abs(difference).max()),
        "restored": all(
            value.tobytes() == stored[name].tobytes() for name, value in restored.items()
        ),
        "left behind": str(keras.distribution.distribution()),
    }


def train_gan(folder: Path) -> list[dict]:
    """Train a GAN on both devices, with validation; return its history."""
    config = tiny_config("gan", images=8, batch_size=4)
    with replace_attribute(keras.applications, "ResNet50", small_encoder):
        run = start(config, "smoke", folder)
        run.train(FACES, FACES.take(3), 1)
        assert count_holders(run.model) == 2
    return run.history


def predict(trainer) -> np.ndarray:
    """Predict one face, so that one device of two has none."""
    return devices.predict(trainer.predictor, FACES.L[:1])


def take_two_steps(trainer, where) -> list[float]:
    """Train on one batch twice, as a GAN does whose turns alternate by batch; return the losses.

    Keras 3.13 needs sample weights there.
    """
    weights = np.ones(CONFIG.batch_size, np.float32)
    batch = (*build.batches(CONFIG, FACES, 0)[0], weights)
    losses = []
    with where:
        for _ in range(2):
            logs = trainer.predictor.train_on_batch(*batch, return_dict=True)
            losses.append(float(logs["mse"]))
    return losses


def count_holders(model: keras.Model) -> int:
    """Count the devices that hold the model's weights."""
    if keras.backend.backend() == "jax":
        return len(model.weights[0].value.sharding.device_set)
    return model.distribute_strategy.num_replicas_in_sync


def train_together(folder: Path) -> dict:
    """Take this process' part in a run of two processes, each with a folder of its own."""
    run = start(CONFIG, "smoke", folder)
    run.train(FACES, FACES.take(3), EPOCHS)
    again = Run(run.folder)
    try:
        devices.check_hosts_agree({"x": np.array(devices.host()[0])})
        refused = ""
    except KitError as bad:
        refused = str(bad)
    return {
        "hosts": devices.host()[1],
        "history": run.history,
        "digests": [run.digest(), again.digest()],
        "refused": refused,
    }


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    work = {"two": compare_two_with_one, "joined": train_together}[sys.argv[1]]
    result = work(folder)
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
