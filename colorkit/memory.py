"""Memory that training frees is kept for its next step, instead of being given back to the system after every tensor."""

import ctypes
import functools
import sys

import keras

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

        list(tf.data.Dataset.from_generator(lambda: iter([0]), output_signature=tf.TensorSpec((), tf.int32)))  # it sets them only once
    mallopt(M_MMAP_THRESHOLD, 1 << 30)
    mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)
