"""Batches of a split, in an order that depends on (seed, epoch) alone: a resumed run sees what an uninterrupted one would have seen."""

import keras
import numpy as np

from .splits import Split


class Batches(keras.utils.PyDataset):
    """One pass over a split.

    Each item is `(L, ab)`: uint8 (B, 112, 112, 1), storage code, and float32 (B, 112, 112, 2), CIELAB units. The last batch of a pass may
    be smaller. Hand it to `fit` with `shuffle=False`, or Keras shuffles the batches once more with a stream of its own.

    Args:
        split: the faces.
        batch_size: faces a batch.
        seed, epoch: decide the order; `epoch=None` keeps the split's own order (for validation).
    """

    def __init__(self, split: Split, batch_size: int, seed: int = 0, epoch: int | None = None):
        super().__init__()
        self.split = split
        self.batch_size = batch_size
        count = len(split)
        self.order = np.arange(count) if epoch is None else np.random.default_rng([seed, epoch]).permutation(count)

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = np.sort(self.order[index * self.batch_size : (index + 1) * self.batch_size])  # sorted: reads memory forwards
        batch = Split(self.split.lab[rows], self.split.identities[rows])
        return batch.L, batch.ab
