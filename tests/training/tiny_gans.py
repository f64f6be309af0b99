"""Small GANs, and what several test modules ask of them."""

from typing import NamedTuple

import keras
import numpy as np
from helpers import TINY_GAN

from colorkit.models import configs, resnet
from colorkit.training.batches import Batches
from colorkit.training.flat_config import unflatten
from colorkit.training.gan import GAN
from colorkit.training.segments import Result, Segment

NET = {name: value for name, value in TINY_GAN.items() if name not in ("images", "batch_size")}
DISCRIMINATORS = ("report", "patch")
METRICS = ["accuracy", "d_loss", "g_color", "g_cross_entropy", "mse"]


def make_config(**options) -> configs.GANConfig:
    """Build a config from flat settings."""
    return unflatten(configs.GANConfig, NET | options)


def make_resnet_gan(kind: type[GAN] = GAN, **options) -> GAN:
    """Build a GAN whose generator is the ResNet model on the stand-in encoder (small_resnet)."""
    keras.utils.set_random_seed(0)
    chosen = make_config(**options)
    return kind(resnet.build_resnet(chosen.generator), chosen, 1e-2)


def make_light_gan(
    normalized: bool = True, learning_rate: float = 1e-2, kind: type[GAN] = GAN, **options
) -> GAN:
    """Build a GAN of two layers a network, for what doesn't depend on the generator.

    Its graph is traced sooner than the ResNet model's.
    """
    keras.utils.set_random_seed(0)
    L = keras.Input((112, 112, 1), name="L")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(L)
    if normalized:
        x = keras.layers.Conv2D(3, 3, use_bias=False, padding="same", name="mix")(x)
        x = keras.layers.BatchNormalization(name="mix_bn")(x)
    generator = keras.Model(L, keras.layers.Conv2D(2, 1, name="ab")(x))
    return kind(generator, make_config(**({"d_filters": (4,)} | options)), learning_rate)


def train_epoch(trained: GAN, batches: Batches, epoch: int, callbacks: tuple = ()) -> list[Result]:
    """Train all segments of an epoch."""
    results = []
    for segment in trained.plan(epoch, len(batches)):
        results += trained.train(segment, batches, list(callbacks))
    return results


def copy_weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Copy every weight of a model by its path, moving averages included."""
    return {weight.path: weight.numpy().copy() for weight in model.weights}


def join_weights(model: keras.Model) -> np.ndarray:
    """Put all weights of a model into one row."""
    return np.concatenate([value.ravel() for value in copy_weights(model).values()])


def list_changed(before: dict, after: dict) -> set[str]:
    """List the paths of the weights that differ."""
    return {path for path in before if not np.array_equal(before[path], after[path])}


def list_trainable(model: keras.Model) -> set[str]:
    """List the paths of the weights that learn."""
    return {weight.path for weight in model.trainable_weights}


def list_moving_averages(model: keras.Model) -> set[str]:
    """List the paths of the moving averages of batch normalization."""
    return {weight.path for weight in model.weights if "moving_" in weight.path}


def find_encoder(model: keras.Model) -> keras.Model:
    """Find the borrowed encoder; the light generator has an empty one."""
    return next((layer for layer in model.layers if layer.name == "resnet50"), keras.Sequential())


def compute_cross_entropy(logit: np.ndarray, label: int) -> float:
    """Compute the cross-entropy of logits against a label, 1 for "real", by hand."""
    return float(np.mean(np.log1p(np.exp(-logit if label else logit)), dtype=np.float64))


def judge_predictions(trained: GAN, split) -> dict[str, float]:
    """Let a GAN judge its own predictions."""
    return trained.judge(split.L, trained.predictor.predict(split.L, verbose=0), split.ab)


class StepCounter(keras.callbacks.Callback):
    """Counts the batches of which it hears."""

    steps = 0

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1


class Turn(NamedTuple):
    """A turn that was had.

    Attributes:
        who: "generator" or "discriminator".
        changes: paths of the weights that changed, of the generator and of the discriminator.
        generator: the generator's weights after it.
    """

    who: str
    changes: tuple[set[str], set[str]]
    generator: list[np.ndarray]


class RecordedGAN(GAN):
    """A GAN that writes down each turn: a whole fit, or one batch where turns swap after each."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.turns: list[Turn] = []
        self._before = self._copy()

    def train(self, segment: Segment, batches: Batches, callbacks: list) -> list[Result]:
        results = super().train(segment, batches, callbacks)
        if segment.turn != "both":
            self._write_down(segment.turn)
        return results

    def _train_on_batch(self, turn: str, L: np.ndarray, ab: np.ndarray) -> dict[str, float]:
        sums = super()._train_on_batch(turn, L, ab)
        self._write_down(turn)
        return sums

    def changes_in_turns_of(self, who: str) -> list[tuple[set[str], set[str]]]:
        """List what changed in the turns of one of the two."""
        return [turn.changes for turn in self.turns if turn.who == who]

    def _write_down(self, turn: str) -> None:
        after = self._copy()
        changes = (
            list_changed(self._before[0], after[0]),
            list_changed(self._before[1], after[1]),
        )
        who = "discriminator" if turn == "discriminator" else "generator"
        self.turns.append(Turn(who, changes, self.generator.get_weights()))
        self._before = after

    def _copy(self) -> tuple[dict, dict]:
        return copy_weights(self.generator), copy_weights(self.discriminator)
