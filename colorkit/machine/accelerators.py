"""The backend of Keras, and the devices that it trains on."""

import functools
import importlib.util
import logging
import os


def choose_backend() -> None:
    """Choose Keras' backend before Keras is first imported: what KERAS_BACKEND says, else TensorFlow, else (Colab's TPU machines) JAX."""
    if "KERAS_BACKEND" not in os.environ:
        os.environ["KERAS_BACKEND"] = (
            "tensorflow" if importlib.util.find_spec("tensorflow") else "jax"
        )
    os.environ.setdefault(
        "TF_CPP_MIN_LOG_LEVEL", "3"
    )  # TensorFlow's start-up messages frighten readers and say nothing here
    logging.getLogger("tensorflow").addFilter(
        _is_error
    )  # its advice on retracing is about Keras' code, not the reader's


def _is_error(record: logging.LogRecord) -> bool:
    """A filter and no level: in a notebook TensorFlow sets its logger's level when it is imported."""
    return record.levelno >= logging.ERROR


def find_accelerators() -> tuple[str, int]:
    """Kind and number of the devices that will train: ("GPU", 1), ("TPU", 8) or ("CPU", 1)."""
    if os.environ.get("KERAS_BACKEND") == "jax":
        devices = jax_devices()
        return (
            ("CPU", 1)
            if devices[0].platform == "cpu"
            else (devices[0].platform.upper(), len(devices))
        )
    import tensorflow

    gpus = tensorflow.config.list_physical_devices("GPU")
    return ("GPU", len(gpus)) if gpus else ("CPU", 1)


def device_precision() -> str:
    """The Keras dtype policy that suits what trains: 16 bits where the device is built for them, float32 elsewhere.

    GPUs multiply bfloat16 natively from compute capability 8 on (A100, L4), float16 from 7 on (V100, T4: 7.5); TPUs bfloat16.
    """
    kind, _ = find_accelerators()
    if kind == "TPU":
        return "mixed_bfloat16"
    if kind != "GPU":
        return "float32"
    generation = _compute_capability()
    return (
        "mixed_bfloat16" if generation >= 8 else "mixed_float16" if generation >= 7 else "float32"
    )


def _compute_capability() -> float:
    """Of the first GPU; 0 where it has none (GPUs that aren't NVIDIA's)."""
    if os.environ.get("KERAS_BACKEND") == "jax":
        return float(getattr(jax_devices()[0], "compute_capability", 0))  # a string such as "7.5"
    import tensorflow

    details = tensorflow.config.experimental.get_device_details(
        tensorflow.config.list_physical_devices("GPU")[0]
    )
    return float(".".join(map(str, details.get("compute_capability", (0,)))))


def jax_devices() -> list:
    """JAX's devices; those of all hosts, where KERAS_DISTRIBUTION_NUM_PROCESSES says that there are several."""
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
        _join_hosts()
    import jax

    return jax.devices()


@functools.cache  # they can be joined only once, before JAX does anything else
def _join_hosts() -> None:
    import keras

    keras.distribution.initialize()
