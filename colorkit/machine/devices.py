"""Several devices, by Keras' own means: each computes its share of every batch, and all keep the same weights. See docs/scaling.md.

TensorFlow: `tf.distribute.MirroredStrategy`, for the GPUs of one machine. (MultiWorkerMirroredStrategy, for several, raises in Keras 3's
`fit`: keras#20585.) JAX: `keras.distribution.DataParallel`, for the GPUs or TPU cores of one machine, or of several that
`accelerators.jax_devices` joins.
"""

import contextlib
import functools
import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager

import keras
import numpy as np

from ..errors import KitError
from . import accelerators, feeding


def count() -> int:
    """How many devices there are for a batch, of all hosts together; logical CPU devices count, as they are what tests have."""
    return len(
        accelerators.jax_devices() if keras.backend.backend() == "jax" else _tensorflow_devices()
    )


def host() -> tuple[int, int]:
    """Number of this process (from 0), and how many take part: (0, 1) unless hosts were joined."""
    if keras.backend.backend() != "jax":
        return 0, 1
    accelerators.jax_devices()  # joins the hosts
    import jax

    return jax.process_index(), jax.process_count()


def building(devices: int) -> AbstractContextManager:
    """Where models are built and compiled that train on so many devices: 1, or all that there are."""
    if devices == 1:
        return contextlib.nullcontext()
    return training() if keras.backend.backend() == "jax" else _strategy().scope()


def training() -> AbstractContextManager:
    """Where they train. A TensorFlow model remembers its strategy; JAX must be told each time.

    Keras keeps JAX's distribution for the whole process. Here it holds only while the kit trains: a reader's own model, and a prediction
    for a number of faces that the devices don't divide, would be refused under it.
    """
    if keras.backend.backend() != "jax" or count() == 1:
        return contextlib.nullcontext()
    return keras.distribution.DataParallel(
        auto_shard_dataset=False
    ).scope()  # a host's Batches are its own share already


def predict(
    model: keras.Model, inputs: np.ndarray | tuple[np.ndarray, ...], batch: int = 32
) -> np.ndarray:
    """What a model predicts for any number of faces.

    A TensorFlow model that was built on several devices predicts on them, too, and Keras 3.13 fails where one of them gets no face: the
    last face is repeated until all have as many.

    Args:
        inputs: an array (N, ...), or a tuple of them for a model with several inputs.
    """
    shares = count() if keras.backend.backend() == "tensorflow" else 1
    faces = len(keras.tree.flatten(inputs)[0])
    rows = np.minimum(np.arange(faces + -faces % shares), faces - 1)
    padded = (
        inputs
        if len(rows) == faces
        else keras.tree.map_structure(lambda array: array[rows], inputs)
    )
    return model.predict(feeding.feed(feeding.Rows(padded, batch + -batch % shares)), verbose=0)[
        :faces
    ]


def synchronize(model: keras.Model) -> None:
    """Let batch normalization take mean and variance over the whole batch, as one device would, and not over each device's share of it.

    On JAX nothing is to be done: it computes on the batch as a whole, whichever devices hold it.
    """
    if keras.backend.backend() == "jax":
        return
    for layer in _layers(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True  # and no argument of the builder: keras.applications' ResNet-50 has none for it


def check_hosts_agree(arrays: dict[str, np.ndarray]) -> None:
    """Compare a run's state over the hosts, as each reads a folder of its own.

    Raises:
        KitError: they differ; on every host, so that none waits for the others.
    """
    if host()[1] == 1:
        return
    from jax.experimental import multihost_utils

    state = hashlib.sha256()
    for name in sorted(arrays):
        state.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    states = multihost_utils.process_allgather(np.frombuffer(state.digest(), np.uint8))
    if len({bytes(one) for one in states}) > 1:
        raise KitError(
            "the hosts hold different states of this run: copy one host's run folder to the others, and start all again"
        )


def _layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """The layers of a model, and of the models in it."""
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _layers(layer)


def _tensorflow_devices() -> list[str]:
    import tensorflow

    listed = tensorflow.config.list_logical_devices
    return [device.name for device in listed("GPU") or listed("CPU")]


@functools.cache  # models of one process may share it; each new one would set up its collectives anew
def _strategy():
    import tensorflow

    return tensorflow.distribute.MirroredStrategy(_tensorflow_devices())
