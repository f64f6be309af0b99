"""How batches reach `fit` and `predict`: through Keras, and where TensorFlow is the backend through tf.data with its tuning off.

Keras leaves that tuning on. Its thread sleeps for ever longer, 10 ms, 20, 40 and so on, and is often not woken when the last batch is done:
`fit` and `predict` then return only once it wakes, after up to twice the time that they computed (benchmarks/README.md).
"""

import ctypes
import functools
import sys

import keras
import numpy as np


class Rows(keras.utils.PyDataset):
    """Arrays in batches, in their own order, for `predict`.

    Args:
        inputs: an array (N, ...), or a tuple of them for a model with several inputs.
        batch_size: rows a batch; the last one may be smaller.
    """

    def __init__(self, inputs: np.ndarray | tuple[np.ndarray, ...], batch_size: int):
        super().__init__()
        self.inputs, self.batch_size = inputs, batch_size

    def __len__(self) -> int:
        return -(-len(keras.tree.flatten(self.inputs)[0]) // self.batch_size)

    def __getitem__(self, index: int) -> tuple:
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return (keras.tree.map_structure(lambda array: array[rows], self.inputs),)


def feed(batches: keras.utils.PyDataset):
    """What to hand to `fit` (with `shuffle=False`) or `predict` for one pass over `batches`, in their order.

    Args:
        batches: each item a tuple of arrays, or of dicts or tuples of arrays, with the batch as first axis.

    Returns:
        On TensorFlow a `tf.data.Dataset` of the same items; else `batches`.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    def items():
        return (batches[index] for index in range(len(batches)))

    signature = keras.tree.map_structure(
        lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), batches[0]
    )
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_generator(items, output_signature=signature).with_options(
        options
    )
    return dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h


@functools.cache  # once a process
def keep() -> None:
    """Set glibc's thresholds so high that nothing is given back before the process ends; elsewhere do nothing.

    When its first data set over a Python generator is made (as `fit` does), TensorFlow sets one of them to 128 KB. Then all that a step
    computes lies in memory that is touched for the first time, at a page fault for each 4 KB (tests/test_memory.py counts them).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:  # not glibc
        return
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        list(
            tf.data.Dataset.from_generator(
                lambda: iter([0]), output_signature=tf.TensorSpec((), tf.int32)
            )
        )  # it sets them only once
    mallopt(M_MMAP_THRESHOLD, 1 << 30)
    mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)
