"""Train on several devices, by Keras' own means (docs/scaling.md).

Each device computes its share of every batch, and all keep the same weights. On TensorFlow that is
`tf.distribute.MirroredStrategy`, for the GPUs of one machine. (MultiWorkerMirroredStrategy, for
several machines, raises in Keras 3's `fit`: keras#20585.) On JAX it is
`keras.distribution.DataParallel`, for the GPUs or TPU cores of one machine, or of several that
`accelerators.jax_devices` joins.
"""

import contextlib
import functools
import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import keras
import numpy as np

from ..errors import KitError
from . import accelerators, feeding

# Under tf.distribute, older versions of Keras learn something else than on one device.
KERAS_FOR_MIRRORS = "3.10"


def count() -> int:
    """Return how many devices share a batch, on all hosts together.

    Logical CPU devices count too; the tests have no others.
    """
    if keras.backend.backend() == "jax":
        return len(accelerators.jax_devices())
    return len(_tensorflow_devices())


def host() -> tuple[int, int]:
    """Return the number of this process, from 0, and the number of processes that take part.

    Returns:
        (0, 1) unless hosts were joined.
    """
    if keras.backend.backend() != "jax":
        return 0, 1
    accelerators.jax_devices()  # joins the hosts
    import jax

    return jax.process_index(), jax.process_count()


def building(devices: int) -> AbstractContextManager:
    """Return the context in which to build and compile models.

    Args:
        devices: number of devices that will train: 1, or all that there are.
    """
    if devices == 1:
        return contextlib.nullcontext()
    return training() if keras.backend.backend() == "jax" else _strategy().scope()


def training() -> AbstractContextManager:
    """Return the context in which to train.

    A TensorFlow model remembers its strategy, but JAX needs the context each time. Keras keeps
    JAX's distribution for the whole process; here it holds only while the kit trains. Otherwise it
    would refuse a reader's own model, and a prediction for a number of faces that can't be divided
    by the number of devices.
    """
    if keras.backend.backend() != "jax" or count() == 1:
        return contextlib.nullcontext()
    # a host's Batches are its own share already
    return keras.distribution.DataParallel(auto_shard_dataset=False).scope()


def predict(
    model: keras.Model, inputs: np.ndarray | tuple[np.ndarray, ...], batch: int = 32
) -> np.ndarray:
    """Predict for any number of faces.

    A TensorFlow model that was built on several devices also predicts on them, and Keras 3.13 fails
    where one of them gets no face. So the last face is repeated until all have equally many.

    Args:
        model: the model.
        inputs: an array (N, ...), or a tuple of them for a model with several inputs.
        batch: faces a batch; raised to the next multiple of the number of devices.

    Returns:
        The model's output, (N, ...).
    """
    shares = count() if keras.backend.backend() == "tensorflow" else 1
    faces = len(keras.tree.flatten(inputs)[0])
    padded_faces = _round_up(faces, shares)
    if padded_faces > faces:
        rows = np.minimum(np.arange(padded_faces), faces - 1)  # (padded faces,)
        inputs = keras.tree.map_structure(lambda array: array[rows], inputs)
    batches = feeding.feed(feeding.Rows(inputs, _round_up(batch, shares)))
    return model.predict(batches, verbose=0)[:faces]


def _round_up(number: int, step: int) -> int:
    """Return the smallest multiple of `step` that is not below `number`."""
    return -(-number // step) * step


def synchronize(model: keras.Model) -> None:
    """Let batch normalization take its mean and variance over the whole batch.

    Without this, each device would take them over its own share. JAX needs nothing: it computes on
    the batch as a whole, whichever devices hold it.
    """
    if keras.backend.backend() == "jax":
        return
    for layer in all_layers(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            # set here, because keras.applications' ResNet-50 has no argument for it
            layer.synchronized = True


def check_hosts_agree(arrays: dict[str, np.ndarray]) -> None:
    """Compare a run's state over the hosts, each of which reads its own folder.

    Args:
        arrays: the state, by name.

    Raises:
        KitError: the states differ. Every host raises it, so that none waits for the others.
    """
    _, hosts = host()
    if hosts == 1:
        return
    from jax.experimental import multihost_utils

    state = hashlib.sha256()
    for name in sorted(arrays):
        state.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    own_digest = np.frombuffer(state.digest(), np.uint8)  # (32,)
    digests = multihost_utils.process_allgather(own_digest)  # (hosts, 32)
    if len({bytes(digest) for digest in digests}) > 1:
        raise KitError(
            "the hosts hold different states of this run: "
            "copy one host's run folder to the others, and start all again"
        )


def all_layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yield the layers of a model, and those of the models inside it."""
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from all_layers(layer)


def _tensorflow_devices() -> list[str]:
    """Return the names of TensorFlow's GPUs, or of its CPU devices where there are no GPUs."""
    import tensorflow

    list_devices = tensorflow.config.list_logical_devices
    return [device.name for device in list_devices("GPU") or list_devices("CPU")]


@functools.cache  # shared by all models of a process; each new one would set up its collectives
def _strategy() -> Any:
    """Return the tf.distribute strategy over all devices of this machine.

    Raises:
        KitError: this version of Keras would learn something else than on one device.
    """
    accelerators.require_keras(
        KERAS_FOR_MIRRORS, "several GPUs", "or set CUDA_VISIBLE_DEVICES=0 to train on one"
    )
    import tensorflow

    return tensorflow.distribute.MirroredStrategy(_tensorflow_devices())
