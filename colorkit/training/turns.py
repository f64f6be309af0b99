"""The turns of a GAN's two networks: whose it is, what they are shown in it, what they should answer, and how they stand."""

from collections.abc import Callable

import keras
import numpy as np

from .batches import Batches

MOST, FEW = (
    0.9,
    0.1,
)  # shares: a judge that gives 9 of 10 the same answer has made up its mind about them


def of_epoch(schedule: str, epoch: int, d_every: int = 1, pretrain: int = 2) -> list[str]:
    """Who learns in an epoch, in order. Each entry is a pass over the data.

    Args:
        schedule: "epoch", "step", "batch" or "nogan": see configs.GANConfig.
        epoch: its number, from 0.
        d_every: with "epoch", the discriminator has its turn after every so many epochs.
        pretrain: with "nogan", so many epochs are the generator's alone.

    Returns:
        Of "generator", "discriminator", "pretraining" (the generator by its color loss alone) and "both" (they swap after every batch).
    """
    if schedule == "epoch":
        return ["generator", "discriminator"] if (epoch + 1) % d_every == 0 else ["generator"]
    if schedule == "nogan" and epoch < pretrain:
        return ["pretraining"]
    return ["discriminator", "both"] if schedule == "nogan" and epoch == pretrain else ["both"]


def cross_entropies(real: np.ndarray, generated: np.ndarray) -> tuple[float, float]:
    """What the discriminator's verdicts cost the two networks.

    Args:
        real, generated: its logits for real and for generated pictures, float arrays of any shape; above 0 for "real".

    Returns:
        The generator's cross-entropy (it wants its pictures called real), and the discriminator's loss, a sum of two cross-entropies (it
        wants to call the real ones real, and the generated ones generated). At pure chance ln 2 and 2 ln 2.
    """
    g_cross_entropy = np.logaddexp(
        0, -generated
    ).mean()  # -ln(sigmoid(logit)), for logits of any size
    d_loss = np.logaddexp(0, -real).mean() + np.logaddexp(0, generated).mean()
    return float(g_cross_entropy), float(d_loss)


def reading(d_real: float, d_generated: float) -> str:
    """How a discriminator stands, in words.

    Args:
        d_real, d_generated: the shares of real and of generated pictures that it calls real, 0 to 1.
    """
    if d_real >= MOST and d_generated >= MOST:
        return "calls all real"
    if d_real <= FEW and d_generated <= FEW:
        return "calls all generated"
    if d_real >= MOST and d_generated <= FEW:
        return "tells them apart"
    return "undecided"


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
    return (
        {"L": L, "ab": ab},
        {"real": ones, "generated": 0 * ones},
        {"real": ones[:, 0], "generated": ones[:, 0]},
    )


class Turns(keras.utils.PyDataset):
    """Batches in the form of a turn: one of the functions above."""

    def __init__(self, batches: Batches, form: Callable):
        super().__init__()
        self.batches, self.form = batches, form

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple:
        return self.form(*self.batches[index])
