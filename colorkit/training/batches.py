"""Make batches of a split, in an order that depends on (seed, epoch) alone.

So a resumed run sees the batches that an uninterrupted one would have seen.
"""

import copy
from typing import TypeAlias

import keras
import numpy as np

from .. import color
from ..arrays import HintPlanes, LCode
from ..data import old_photos
from ..data.splits import Split

Shown: TypeAlias = LCode | tuple[LCode, HintPlanes]
"""What a model is shown of a batch: L, or L and color hints."""


def order(count: int, seed: int, epoch: int) -> np.ndarray:
    """Shuffle the faces of an epoch. Lesson 2.4.

    Returns:
        Each number from 0 to count - 1 once, int (count,).

    Example:
        >>> sorted(order(5, seed=0, epoch=1).tolist())
        [0, 1, 2, 3, 4]
    """
    return np.random.default_rng([seed, epoch]).permutation(count)


class Batches(keras.utils.PyDataset):
    """One pass over a split. Lessons 2.4, 4.5 and 4.8.

    Each item is `(L, ab)`, both as codes: uint8 (B, 112, 112, 1) and uint8 (B, 112, 112, 2); the
    device decodes them (see `losses`). With hints it is `((L, hints), ab)`, see color.hint_planes.
    The last batch of a pass may be smaller. Pass it to `fit` with `shuffle=False`; otherwise Keras
    shuffles the batches again, with a random stream of its own.

    If several devices share a batch, its size must be a multiple of their number, and so must the
    size of the pass: up to `devices` - 1 faces sit a pass out, different ones in each. (JAX refuses
    a batch that can't be shared evenly; TensorFlow would give faces of smaller shares more weight.)

    Args:
        split: faces to train on.
        batch_size: faces per batch.
        seed, epoch: what decides the order; `epoch=None` keeps the split's own order.
        devices: number of devices that share a batch.
        host: which part of each batch this process loads, and of how many: (0, 1) for all of it.
        old: how badly to damage each face, as an old photograph, differently in each epoch; None
            shows the faces as they are.
        hinted: whether to give hints of the true color, different ones in each epoch.

    Example:
        >>> L, ab = Batches(train, 16, epoch=0)[0]  # doctest: +SKIP
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
        self.seed = seed
        self.epoch = epoch
        self.host = host
        self.old = old
        self.hinted = hinted
        count = len(split)
        faces = np.arange(count) if epoch is None else order(count, seed, epoch)
        self.order = faces[: count - count % devices]

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)  # rounded up

    def __getitem__(self, index: int) -> tuple[Shown, np.ndarray]:
        start = index * self.batch_size
        rows = self.order[start : start + self.batch_size]  # (B,)
        rows = np.sort(rows)  # so that memory is read forward
        number, hosts = self.host
        rows = np.array_split(rows, hosts)[number]  # (B / hosts,)
        L, lab = self._load(rows)
        ab = lab[..., 1:]  # (B, 112, 112, 2)
        if not self.hinted:
            return L, ab
        return (L, color.random_hints(ab, rows, self.seed, self._drawn_for())), ab

    def _load(self, rows: np.ndarray) -> tuple[LCode, np.ndarray]:
        """Load what the model sees of some faces, and the true LAB codes, (B, 112, 112, 3)."""
        if self.old is not None:
            epoch = self._drawn_for()
            return old_photos.age_randomly(self.split, rows, self.old, self.seed, epoch)
        lab = self.split.lab[rows]
        return lab[..., :1], lab

    def _drawn_for(self) -> int:
        """Return the epoch for which damage and hints are drawn.

        Raises:
            TypeError: the epoch is None.
        """
        if self.epoch is None:
            raise TypeError(
                "epoch=None: damage and hints are drawn for an epoch, expected a number"
            )
        return self.epoch

    @property
    def faces(self) -> int:
        """Count the faces of the pass, including those of other hosts."""
        return len(self.order)

    def part(self, start: int, stop: int) -> "Batches":
        """Return batches `start` to `stop` of this pass."""
        part = copy.copy(self)
        part.order = self.order[start * self.batch_size : stop * self.batch_size]
        return part
