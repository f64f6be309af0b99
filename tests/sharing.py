"""What the processes of test_devices do, each with devices of its own: `python sharing.py two|joined FOLDER`, KERAS_BACKEND says on what.

`two`: two logical devices of this CPU against one. `joined`: one of two processes that train a run together.
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
from colorkit.runs.run import Run, start
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
def instead(owner, name: str, value):
    known = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, known)


def train() -> tuple[list[float], Trainer]:
    """The loss of each epoch, and what was trained."""
    trainer = build.build_trainer(CONFIG)
    build.initialize(trainer, CONFIG, FACES)
    losses = []
    for epoch in range(EPOCHS):
        batches = build.batches(CONFIG, FACES, epoch)
        (leg,) = trainer.plan(epoch, len(batches))
        losses.append(trainer.record(trainer.train_on_devices(leg, batches, []))["mse"])
    return losses, trainer


def one_device():
    return instead(devices, "count", lambda: 1)


def no_normalization():
    return instead(
        cnn, "_normalize", lambda x, config, name: keras.layers.ReLU(name=f"{name}_relu")(x)
    )


def two(folder: Path) -> dict:
    with no_normalization():
        with one_device():
            plain_one, _ = train()
        plain_two, _ = train()
    with one_device():
        one, alone = train()
    both, together = train()
    stored = together.values()
    alone.restore(stored)
    difference = predict(together) - predict(alone)
    found = {}
    if keras.backend.backend() == "tensorflow":  # JAX has nothing to synchronize
        with instead(devices, "synchronize", lambda model: None):
            found["unsynchronized"], _ = train()
    else:  # on TensorFlow no batch by batch on several devices
        found["by batch"] = [
            step(alone, contextlib.nullcontext()),
            step(together, devices.training()),
        ]
    together.restore(stored)
    return found | {
        "gan": gan(folder),
        "count": devices.count(),
        "holders": holders(together.predictor),
        "plain": [plain_one, plain_two],
        "normalized": [one, both],
        "odd": float(np.abs(difference).max()),
        "restored": all(
            value.tobytes() == stored[name].tobytes() for name, value in together.values().items()
        ),
        "left behind": str(keras.distribution.distribution()),
    }


def gan(folder: Path) -> list[dict]:
    """The history of a GAN by epoch on both devices, its judging included."""
    config = tiny_config("gan", images=8, batch_size=4)
    with instead(keras.applications, "ResNet50", small_encoder):
        run = start(config, "smoke", folder)
        run.train(FACES, FACES.take(3), 1)
        assert holders(run.model) == 2
    return run.history


def predict(trainer) -> np.ndarray:
    """One face: one device of two has none."""
    return devices.predict(trainer.predictor, FACES.L[:1])


def step(trainer, where) -> list[float]:
    """The losses of two train_on_batch, as a GAN has them whose turns swap by batch: with weights, which Keras 3.13 wants there."""
    batch = (*build.batches(CONFIG, FACES, 0)[0], np.ones(CONFIG.batch_size, np.float32))
    with where:
        return [
            float(trainer.predictor.train_on_batch(*batch, return_dict=True)["mse"])
            for _ in range(2)
        ]


def holders(model: keras.Model) -> int:
    """How many devices hold the model's weights."""
    if keras.backend.backend() == "jax":
        return len(model.weights[0].value.sharding.device_set)
    return model.distribute_strategy.num_replicas_in_sync


def joined(folder: Path) -> dict:
    """This process' part in a run of two processes: each keeps a folder of its own."""
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
    result = two(folder) if sys.argv[1] == "two" else joined(folder)
    (folder / "result.json").write_text(json.dumps(result))
