"""Choose Keras' backend, and find the devices that it trains on."""

import functools
import importlib
import importlib.util
import logging
import os
from typing import Any

from ..errors import KitError, first_line
from . import console, packages

BACKENDS = ("tensorflow", "jax")
# On several hosts, older versions of Keras train on a tf.data.Dataset only.
KERAS_FOR_HOSTS = "3.11"


def choose_backend() -> None:
    """Choose and import Keras' backend; must be called before Keras is first imported.

    KERAS_BACKEND decides if it is set. Otherwise it is TensorFlow where that is installed, else
    JAX. On a TPU it is JAX: Colab's TPU machines have no TensorFlow, and Kaggle's have one that
    computes on the CPU.

    Raises:
        KitError: KERAS_BACKEND names another backend, or one that can't be imported; or there is
            none.
    """
    if not os.environ.get("KERAS_BACKEND"):
        os.environ["KERAS_BACKEND"] = _suitable_backend()
    backend = os.environ["KERAS_BACKEND"]
    if backend not in BACKENDS:
        raise KitError(f"KERAS_BACKEND: expected {' or '.join(BACKENDS)}, got {backend!r}")
    # TensorFlow's messages at its start frighten readers and say nothing here
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # its advice on retracing is about Keras' code, not the reader's
    logging.getLogger("tensorflow").addFilter(_is_error)
    try:
        with console.held_back():
            importlib.import_module(backend)
            keras = importlib.import_module("keras")
    except ImportError as bad:
        if not importlib.util.find_spec("keras"):
            packages.require_all()
        raise KitError(
            f"{backend} can't be imported ({first_line(bad)}): install it, or set KERAS_BACKEND"
        ) from None
    # The networks are built for these, whatever ~/.keras/keras.json says.
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")


def _suitable_backend() -> str:
    """Return the backend that computes on this machine's devices.

    Raises:
        KitError: there is none.
    """
    tensorflow, jax, tpu = map(importlib.util.find_spec, ("tensorflow", "jax", "libtpu"))
    if tensorflow and not (tpu and jax):
        return "tensorflow"
    if not jax:
        packages.require_all()  # names TensorFlow, too
    return "jax"


def _is_error(record: logging.LogRecord) -> bool:
    """Return whether a message is an error, as a filter for a logger.

    A level would not do: in a notebook, TensorFlow sets its logger's level when it is imported.
    """
    return record.levelno >= logging.ERROR


def find_accelerators() -> tuple[str, int]:
    """Return the kind and number of the devices that will train.

    Returns:
        For example ("GPU", 1), ("TPU", 1) or ("CPU", 1).
    """
    if os.environ.get("KERAS_BACKEND") == "jax":
        devices = jax_devices()
        platform = devices[0].platform
        return ("CPU", 1) if platform == "cpu" else (platform.upper(), len(devices))
    import tensorflow

    gpus = tensorflow.config.list_physical_devices("GPU")
    return ("GPU", len(gpus)) if gpus else ("CPU", 1)


def device_precision() -> str:
    """Return the Keras dtype policy that suits the devices that will train.

    It has 16 bits where the device is built for them, else it is float32. TPUs multiply bfloat16
    natively. GPUs do so from compute capability 8 on (A100, L4), and float16 from 7 on (V100, T4).
    """
    kind, _ = find_accelerators()
    if kind == "TPU":
        return "mixed_bfloat16"
    if kind != "GPU":
        return "float32"
    capability = _compute_capability()
    if capability >= 8:
        return "mixed_bfloat16"
    if capability >= 7:
        return "mixed_float16"
    return "float32"


def _compute_capability() -> float:
    """Return the compute capability of the first GPU; 0 for a GPU that isn't NVIDIA's."""
    if os.environ.get("KERAS_BACKEND") == "jax":
        return float(getattr(jax_devices()[0], "compute_capability", 0))  # a string such as "7.5"
    import tensorflow

    gpu = tensorflow.config.list_physical_devices("GPU")[0]
    details = tensorflow.config.experimental.get_device_details(gpu)
    version = details.get("compute_capability", (0,))  # (major, minor)
    return float(".".join(map(str, version)))


def jax_devices() -> list[Any]:
    """Return JAX's devices.

    If KERAS_DISTRIBUTION_NUM_PROCESSES says that there are several hosts, these are joined first,
    and the devices are those of all hosts.

    Raises:
        KitError: this version of Keras can't train on several hosts.
    """
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
        _join_hosts()
    import jax

    return jax.devices()


def require_keras(lowest: str, what: str, remedy: str) -> None:
    """Refuse what older versions of Keras do wrong or not at all.

    Args:
        lowest: the first version that does it right.
        what: what it is, for the message.
        remedy: what the message says after the command that installs that version.

    Raises:
        KitError: this version of Keras is older.
    """
    import keras
    from packaging.version import Version

    if Version(keras.__version__) < Version(lowest):
        raise KitError(
            f"{what}: expected Keras {lowest} or newer, got {keras.__version__}: "
            f"run `pip install 'keras>={lowest}'` {remedy}"
        )


@functools.cache  # hosts can be joined only once, before JAX does anything else
def _join_hosts() -> None:
    """Join the hosts that Keras' variables name.

    Raises:
        KitError: this version of Keras can't train on several hosts.
    """
    import keras

    require_keras(KERAS_FOR_HOSTS, "several machines", "on each of them")
    keras.distribution.initialize()
