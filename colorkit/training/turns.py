"""Describe the turns of a GAN: whose turn it is, what it is shown, and what it should answer."""

from collections.abc import Callable

import keras
import numpy as np

from .batches import Batches

# A discriminator counts as decided about pictures if it gives 9 of 10 of them the same answer.
MOST = 0.9
FEW = 0.1


def of_epoch(schedule: str, epoch: int, d_every: int = 1, pretrain: int = 2) -> list[str]:
    """List who learns in an epoch, in order; each entry is a pass over the data. Lesson 4.8.

    Args:
        schedule: "epoch", "step", "batch" or "nogan": see models.GANConfig.
        epoch: number of the epoch, from 0.
        d_every: with "epoch", the discriminator has a turn in every `d_every`-th epoch.
        pretrain: with "nogan", number of epochs that the generator has to itself.

    Returns:
        A list of "generator", "discriminator", "pretraining" (the generator by its color loss
        alone) and "both" (they swap after every batch).

    Example:
        >>> of_epoch("epoch", 0, d_every=2), of_epoch("epoch", 1, d_every=2)
        (['generator'], ['generator', 'discriminator'])
    """
    if schedule == "epoch":
        d_has_a_turn = (epoch + 1) % d_every == 0
        return ["generator", "discriminator"] if d_has_a_turn else ["generator"]
    if schedule == "nogan" and epoch < pretrain:
        return ["pretraining"]
    if schedule == "nogan" and epoch == pretrain:
        return ["discriminator", "both"]
    return ["both"]


def passes(schedule: str, epochs: int, d_every: int = 1, pretrain: int = 2) -> int:
    """Count the passes over the data in the first epochs: those that `of_epoch` lists.

    Args:
        schedule, d_every, pretrain: see `of_epoch`.
        epochs: number of epochs, of any size.

    Example:
        >>> passes("epoch", 4, d_every=2)
        6
    """
    if schedule == "epoch":
        return epochs + epochs // d_every
    if schedule == "nogan" and epochs > pretrain:
        return epochs + 1
    return epochs


def cross_entropies(real: np.ndarray, generated: np.ndarray) -> tuple[float, float]:
    """Compute what the discriminator's verdicts cost the two networks. Lesson 4.2.

    Args:
        real, generated: discriminator's logits for real and for generated pictures, float arrays
            of any shape; above 0 means "real".

    Returns:
        The generator's cross-entropy (it tries to have its pictures called real), and the
        discriminator's loss, a sum of two cross-entropies (it tries to call real pictures real,
        and generated ones generated). At pure chance they are ln 2 and 2 ln 2.

    Example:
        >>> g, d = cross_entropies(np.zeros(3), np.zeros(3))
        >>> round(g, 4), round(d, 4)
        (0.6931, 1.3863)
    """
    # -ln(sigmoid(logit)) = ln(1 + exp(-logit)), which logaddexp computes for logits of any size
    g_cross_entropy = np.logaddexp(0, -generated).mean()
    d_loss = np.logaddexp(0, -real).mean() + np.logaddexp(0, generated).mean()
    return float(g_cross_entropy), float(d_loss)


def reading(d_real: float, d_generated: float) -> str:
    """Say in words how a discriminator stands. Lessons 4.7 and 6.8.

    Args:
        d_real, d_generated: shares of real and of generated pictures it calls real, 0 to 1.

    Example:
        >>> reading(0.95, 0.05)
        'tells them apart'
    """
    if d_real >= MOST and d_generated >= MOST:
        return "calls all real"
    if d_real <= FEW and d_generated <= FEW:
        return "calls all generated"
    if d_real >= MOST and d_generated <= FEW:
        return "tells them apart"
    return "undecided"


def name_outputs(**outputs: keras.KerasTensor) -> dict[str, keras.KerasTensor]:
    """Name a model's outputs as the truths, weights, losses and metrics that belong to them.

    Versions of Keras before 3.12 find metrics by the names of the layers that the outputs come
    from, not by the outputs' own names. So each output passes through a layer with its name, which
    changes nothing.

    Args:
        outputs: float32 outputs of any shapes, each under its name.

    Returns:
        The same outputs, for `keras.Model`.

    Example:
        >>> sorted(name_outputs(real=keras.Input((1,)), generated=keras.Input((1,))))
        ['generated', 'real']
    """
    named = {}
    for name, output in outputs.items():
        named[name] = keras.layers.Identity(dtype="float32", name=name)(output)
    return named


def generator_turn(L: np.ndarray, ab: np.ndarray, judged: float = 1.0) -> tuple:
    """Show the generator L; it should give the true color and be called real (1). Lesson 4.5.

    Args:
        L, ab: batch as codes, uint8 (B, 112, 112, 1) and (B, 112, 112, 2).
        judged: weight of the verdict in the generator's loss, 0 to ignore it.

    Returns:
        Input, truths and weights, as `fit` and `train_on_batch` take them.

    Example:
        >>> gan.generator_learner.train_on_batch(*generator_turn(L, ab))  # doctest: +SKIP
    """
    ones = np.ones((len(L), 1), np.float32)  # (B, 1)
    truths = {"color": ab, "verdict": ones}
    weights = {"color": ones[:, 0], "verdict": judged * ones[:, 0]}  # (B,) each
    return L, truths, weights


def pretraining_turn(L: np.ndarray, ab: np.ndarray) -> tuple:
    """Give the generator a turn by its color loss alone, before the discriminator is useful."""
    return generator_turn(L, ab, judged=0.0)


def discriminator_turn(L: np.ndarray, ab: np.ndarray) -> tuple:
    """Show the discriminator L and true color, to be told from generated color. Lesson 4.5.

    It should call the true color real (1), and the generator's color for this L generated (0).

    Args:
        L, ab: batch as codes, uint8 (B, 112, 112, 1) and (B, 112, 112, 2).

    Returns:
        Input, truths and weights, as `generator_turn`. All weights are 1, but without any,
        TensorFlow would compile `train_on_batch` differently from `fit`.

    Example:
        >>> gan.discriminator_learner.train_on_batch(*discriminator_turn(L, ab))  # doctest: +SKIP
    """
    ones = np.ones((len(L), 1), np.float32)  # (B, 1)
    truths = {"real": ones, "generated": 0 * ones}
    weights = {"real": ones[:, 0], "generated": ones[:, 0]}  # (B,) each
    return {"L": L, "ab": ab}, truths, weights


class Turns(keras.utils.PyDataset):
    """Batches in the form of a turn: one of the functions above."""

    def __init__(self, batches: Batches, form: Callable):
        super().__init__()
        self.batches = batches
        self.form = form

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple:
        return self.form(*self.batches[index])
