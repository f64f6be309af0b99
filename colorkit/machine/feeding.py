"""Feed batches to `fit` and `predict`, and keep the memory that they use.

On TensorFlow, batches go through tf.data with its tuning off. Keras leaves that tuning on. Its
thread then sleeps longer and longer, 10 ms, 20, 40 and so on, and often nobody wakes it when the
last batch is done. `fit` and `predict` return only when it wakes, up to twice the time that they
computed (benchmarks/README.md).
"""

import ctypes
import functools
import sys
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

# thresholds of glibc's malloc.h
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3


class Rows(keras.utils.PyDataset):
    """Arrays in batches, in their own order, for `predict`.

    Args:
        inputs: an array (N, ...), or a tuple of them for a model with several inputs.
        batch_size: rows a batch; the last batch may be smaller.
    """

    def __init__(self, inputs: np.ndarray | tuple[np.ndarray, ...], batch_size: int):
        super().__init__()
        self.inputs = inputs
        self.batch_size = batch_size

    def __len__(self) -> int:
        rows = len(keras.tree.flatten(self.inputs)[0])
        return -(-rows // self.batch_size)  # rounded up

    def __getitem__(self, index: int) -> tuple:
        start = index * self.batch_size
        rows = slice(start, start + self.batch_size)
        return (keras.tree.map_structure(lambda array: array[rows], self.inputs),)


def feed(batches: keras.utils.PyDataset) -> Any:
    """Return what to hand to `fit` (with `shuffle=False`) or `predict` for one pass, in order.

    Args:
        batches: each item is a tuple of arrays, or of dicts or tuples of arrays, with the batch as
            first axis.

    Returns:
        On TensorFlow a `tf.data.Dataset` of the same items; otherwise `batches`.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    def items() -> Iterator:
        return (batches[index] for index in range(len(batches)))

    def describe(array: np.ndarray) -> tf.TensorSpec:
        return tf.TensorSpec((None, *array.shape[1:]), array.dtype)

    signature = keras.tree.map_structure(describe, batches[0])
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_generator(items, output_signature=signature)
    dataset = dataset.with_options(options)
    return dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))


@functools.cache  # once a process
def keep() -> None:
    """Keep freed memory in this process instead of returning it to the system.

    Glibc's thresholds are set so high that nothing is returned before the process ends. Elsewhere
    nothing is done.

    TensorFlow sets one of the thresholds to 128 KB when its first data set over a Python generator
    is made, as by `fit`. Everything a step computes would then lie in memory that is touched for
    the first time, at a page fault for each 4 KB (tests/machine/test_memory.py counts them).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:  # not glibc
        return
    if keras.backend.backend() == "tensorflow":
        _let_tensorflow_set_its_threshold()
    mallopt(M_MMAP_THRESHOLD, 1 << 30)
    mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)


def _let_tensorflow_set_its_threshold() -> None:
    """Make and read a small data set over a generator: TensorFlow sets its threshold only once."""
    import tensorflow as tf

    signature = tf.TensorSpec((), tf.int32)
    dataset = tf.data.Dataset.from_generator(lambda: iter([0]), output_signature=signature)
    list(dataset)
