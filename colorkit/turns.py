"""What the two networks of a GAN are shown in their turns, and what they should answer."""

from collections.abc import Callable

import keras
import numpy as np

from .batches import Batches


def generator_turn(L: np.ndarray, ab: np.ndarray, judged: float = 1.0) -> tuple:
    """The generator is shown L; it should give the true color and be called real (1).

    Args:
        L, ab: a batch as storage code, uint8 (B, 112, 112, 1) and (B, 112, 112, 2).
        judged: how much the verdict counts in its loss, 0 for not at all.

    Returns:
        Input, truths and weights, as `fit` and `train_on_batch` take them.
    """
    ones = np.ones((len(L), 1), np.float32)
    return L, {"color": ab, "verdict": ones}, {"color": ones[:, 0], "verdict": judged * ones[:, 0]}


def pretraining_turn(L: np.ndarray, ab: np.ndarray) -> tuple:
    """The generator's turn before there is a judge worth listening to."""
    return generator_turn(L, ab, judged=0.0)


def discriminator_turn(L: np.ndarray, ab: np.ndarray) -> tuple:
    """The discriminator is shown L and the true color; it should call that real (1), and the generator's color for this L generated (0).

    Args:
        L, ab: a batch as storage code, uint8 (B, 112, 112, 1) and (B, 112, 112, 2).

    Returns:
        As above. All weights are 1; but without any, TensorFlow would compile `train_on_batch` apart from `fit`.
    """
    ones = np.ones((len(L), 1), np.float32)
    return {"L": L, "ab": ab}, {"real": ones, "generated": 0 * ones}, {"real": ones[:, 0], "generated": ones[:, 0]}


class Turns(keras.utils.PyDataset):
    """Batches in the form of a turn: one of the functions above."""

    def __init__(self, batches: Batches, form: Callable):
        super().__init__()
        self.batches, self.form = batches, form

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple:
        return self.form(*self.batches[index])
