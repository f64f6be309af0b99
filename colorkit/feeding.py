"""How batches reach `fit` and `predict`: through Keras, and where TensorFlow is the backend through tf.data with its tuning off.

Keras leaves that tuning on. Its thread sleeps for ever longer, 10 ms, 20, 40 and so on, and is often not woken when the last batch is done:
`fit` and `predict` then return only once it wakes, after up to twice the time that they computed (benchmarks/README.md).
"""

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

    signature = keras.tree.map_structure(lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), batches[0])
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_generator(items, output_signature=signature).with_options(options)
    return dataset.apply(tf.data.experimental.assert_cardinality(len(batches)))
