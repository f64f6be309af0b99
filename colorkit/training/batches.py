"""Batches of a split, in an order that depends on (seed, epoch) alone: a resumed run sees what an uninterrupted one would have seen."""

import copy

import keras
import numpy as np

from .. import color
from ..data import old_photos
from ..data.splits import Split


def order(count: int, seed: int, epoch: int) -> np.ndarray:
    """In which order the faces of an epoch come: int (count,), each number from 0 to count - 1 once."""
    return np.random.default_rng([seed, epoch]).permutation(count)


class Batches(keras.utils.PyDataset):
    """One pass over a split.

    Each item is `(L, ab)`, both as storage code: uint8 (B, 112, 112, 1) and uint8 (B, 112, 112, 2); the device decodes them (`losses`).
    With hints it is `((L, hints), ab)`: float32 (B, 112, 112, 3), see hints.hint_planes.
    The last batch of a pass may be smaller. Hand it to `fit` with `shuffle=False`, or Keras shuffles the batches once more with a stream
    of its own.

    Where several devices share a batch, its size must be a multiple of their number, and so must the pass's: up to `devices` - 1 faces sit
    a pass out, others in each. (JAX refuses a batch that can't be shared evenly; TensorFlow would count the faces of smaller shares more.)

    Args:
        split: the faces.
        batch_size: faces a batch.
        seed, epoch: decide the order; `epoch=None` keeps the split's own order (for validation).
        devices: how many share a batch.
        host: which part of each batch this process loads, of how many: (0, 1) for all of it.
        old: show each face as an old photograph, other ones each epoch, damaged up to this much; None for as it is.
        hinted: give hints of the truth, too, other ones each epoch (hints.random_hints).
    """

    def __init__(
        self,
        split: Split,
        batch_size: int,
        seed: int = 0,
        epoch: int | None = None,
        devices: int = 1,
        host: tuple[int, int] = (0, 1),
        old: old_photos.Damage | None = None,
        hinted: bool = False,
    ):
        super().__init__()
        self.split = split
        self.batch_size = batch_size
        self.host = host
        self.seed, self.epoch, self.old, self.hinted = seed, epoch, old, hinted
        count = len(split)
        self.order = np.arange(count) if epoch is None else order(count, seed, epoch)
        self.order = self.order[: count - count % devices]

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __getitem__(
        self, index: int
    ) -> tuple[np.ndarray | tuple[np.ndarray, np.ndarray], np.ndarray]:
        rows = np.sort(
            self.order[index * self.batch_size : (index + 1) * self.batch_size]
        )  # sorted: reads memory forwards
        number, hosts = self.host
        rows = np.array_split(rows, hosts)[number]
        if self.old is not None:
            shown, lab = old_photos.age_randomly(self.split, rows, self.old, self.seed, self.epoch)
        else:
            lab = self.split.lab[rows]
            shown = lab[..., :1]
        ab = lab[..., 1:]
        return (
            (shown, color.random_hints(ab, rows, self.seed, self.epoch)) if self.hinted else shown
        ), ab

    @property
    def faces(self) -> int:
        """How many faces the pass has, those of other hosts included."""
        return len(self.order)

    def part(self, start: int, stop: int) -> "Batches":
        """Batches `start` to `stop` of this pass."""
        part = copy.copy(self)
        part.order = self.order[start * self.batch_size : stop * self.batch_size]
        return part
