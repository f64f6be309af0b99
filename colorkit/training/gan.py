"""Train the GAN of report section 3.5: two compiled Keras models that share a generator.

generator's turn:      L -> generator -> a*, b* -> discriminator (frozen)  "call this real",
                       and stay near the truth
discriminator's turn:  true a*, b*      -> discriminator                   "real"
                       L -> generator (frozen) -> discriminator            "generated"
"""

from collections import defaultdict
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from ..arrays import Ab, LCode
from ..color.lab import AB_SHIFT
from ..evaluation import metrics
from ..machine import devices, feeding, gradients, precision
from ..models import discriminators, losses
from ..models.configs import GANConfig
from . import turns
from .averaging import Follower
from .batches import Batches, Shown
from .segments import Result, Segment, cut_segments, mean_results
from .trainer import Trainer

# Faces on which gradients are measured. It takes two passes back through the generator.
MEASURED = 8

# Adam's momentum, beta_1: the usual one for a GAN (Radford et al. 2016).
MOMENTUM = 0.5


class GAN(Trainer):
    """Generator, discriminator, and the two compiled models in which they learn. Lessons 4.5, 4.8.

    Args:
        generator: colorizer, L code to a*, b*.
        config: options of the discriminator, the losses and the turns.
        learning_rate: the generator's.
        policy: precision in which the run was started.

    Attributes:
        generator: colorizer, L code to a*, b*.
        predictor: the generator, or a model with the average of its weights.
        discriminator: model from L code and a*, b* to a logit, or to a map of logits.
        generator_learner, discriminator_learner: compiled models in which the two learn.

    Example:
        >>> pair = GAN(build_cnn(), GANConfig(), learning_rate=1e-3)  # doctest: +SKIP
    """

    def __init__(
        self,
        generator: keras.Model,
        config: GANConfig,
        learning_rate: float,
        policy: str = "float32",
    ):
        self.generator = generator
        self.config = config
        self.learning_rates = [learning_rate, config.d_learning_rate]
        self.policy = policy
        self.predictor = generator
        if config.average:
            self.followers = (Follower(generator, config.average),)
            self.predictor = self.followers[0].model
        build = discriminators.BUILDERS[config.discriminator]
        self.discriminator = build(config.sees, config.d_filters)
        self._generator_layers = _trainable_layers(generator)
        self.generator_learner = self._compile_generator(config, learning_rate)
        self.discriminator_learner = self._compile_discriminator(config)
        self._compiled: set[str] = set()  # turns whose step `fit` has compiled

    def _compile_generator(self, config: GANConfig, learning_rate: float) -> keras.Model:
        def color_loss(code: keras.KerasTensor, pred: keras.KerasTensor) -> keras.KerasTensor:
            l2 = config.lambda_l2 * losses.l2(code, pred)
            l1 = config.lambda_l1 * losses.l1(code, pred)
            return l2 + l1  # (B,)

        L = keras.Input(self.generator.input_shape[1:], name="L")
        ab = self.generator(L)
        outputs = turns.name_outputs(color=ab, verdict=self.discriminator([L, ab]))
        learner = keras.Model(L, outputs, name="generator_learner")
        loss = {"color": color_loss, "verdict": losses.discriminator_loss}
        self.give_turn(learner_is_generator=True)
        self._compile(learner, learning_rate, loss, {"color": metrics.keras_metrics()})
        self._gradients = gradients.meter(learner, loss)
        return learner

    def _compile_discriminator(self, config: GANConfig) -> keras.Model:
        L = keras.Input(self.generator.input_shape[1:], name="L")
        code = keras.Input(self.generator.output_shape[1:], name="ab")
        true = keras.layers.Rescaling(1.0, offset=-AB_SHIFT, dtype="float32", name="decode")(code)
        verdicts = turns.name_outputs(
            real=self.discriminator([L, true]),
            generated=self.discriminator([L, self.generator(L)]),
        )
        learner = keras.Model({"L": L, "ab": code}, verdicts, name="discriminator_learner")
        loss = dict.fromkeys(verdicts, losses.discriminator_loss)
        measured = {}
        for name in verdicts:
            measured[name] = [keras.metrics.MeanMetricWrapper(_said_real, name="said_real")]
        self.give_turn(learner_is_generator=False)
        self._compile(learner, config.d_learning_rate, loss, measured)
        return learner

    def _compile(
        self, learner: keras.Model, learning_rate: float, loss: dict, measured: dict
    ) -> None:
        optimizer = precision.adam(learning_rate, self.policy, beta_1=MOMENTUM)
        # An optimizer that isn't built yet can't be restored.
        optimizer.build(learner.trainable_variables)
        learner.compile(optimizer, loss=loss, metrics=measured)

    def give_turn(self, learner_is_generator: bool) -> None:
        """Let one network learn and freeze the other.

        Frozen are its weights, its moving averages of batch normalization, its power iteration.
        """
        for layer in self._generator_layers:
            layer.trainable = learner_is_generator
        self.discriminator.trainable = not learner_is_generator

    @property
    def models(self) -> list[keras.Model]:
        """Return generator and discriminator, and the model that follows, if there is one."""
        return [self.generator, self.discriminator, *(each.model for each in self.followers)]

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Return the generator's optimizer and the discriminator's."""
        return [self.generator_learner.optimizer, self.discriminator_learner.optimizer]

    def plan(self, epoch: int, batches: int) -> list[Segment]:
        """Cut an epoch, numbered from 0, into segments by the schedule of turns."""
        config = self.config
        order = turns.of_epoch(config.schedule, epoch, config.d_every, config.pretrain)
        return [segment for turn in order for segment in cut_segments(turn, batches)]

    def passes(self, epochs: int) -> int:
        """Count the passes over the data in the first epochs, those of the discriminator, too."""
        return turns.passes(self.config.schedule, epochs, self.config.d_every, self.config.pretrain)

    def train(
        self, segment: Segment, batches: Batches, callbacks: list[keras.callbacks.Callback]
    ) -> list[Result]:
        """Train one segment: one of the two networks on its batches, or both by turns."""
        if segment.turn == "both":
            return self._train_both(segment, batches, callbacks)
        part = batches.part(segment.start, segment.stop)
        learner, form = self._learner(segment.turn)
        fed = feeding.feed(turns.Turns(part, form))
        history = learner.fit(fed, shuffle=False, verbose=0, callbacks=callbacks).history
        for follower in self.followers:
            follower.restart()
        means = {name: values[0] for name, values in history.items()}
        return [Result(segment.turn, part.faces, means)]

    def _learner(self, turn: str) -> tuple[keras.Model, Callable]:
        """Give a turn; return the model that learns in it, and the form of its batches."""
        self.give_turn(learner_is_generator=turn != "discriminator")
        if turn == "discriminator":
            return self.discriminator_learner, turns.discriminator_turn
        form = turns.generator_turn if turn == "generator" else turns.pretraining_turn
        return self.generator_learner, form

    def _train_both(self, segment: Segment, batches: Batches, callbacks: list) -> list[Result]:
        """Swap turns after every batch."""
        if self.config.schedule == "batch":
            order = ("generator", "discriminator")
            away = 0
        else:
            order = ("discriminator", "generator")
            away = len(batches) // 2
        for turn in order:
            self._compile_by_fit(turn, batches)
        faces = dict.fromkeys(order, 0)
        sums: dict[str, dict[str, float]] = {turn: defaultdict(float) for turn in order}
        for index in range(segment.start, segment.stop):
            shown = {"generator": index, "discriminator": (index + away) % len(batches)}
            for turn in order:
                L, ab = batches[shown[turn]]
                faces[turn] += len(ab)
                for name, value in self._train_on_batch(turn, L, ab).items():
                    sums[turn][name] += value
            for follower in self.followers:
                follower.follow()
            for callback in callbacks:
                callback.on_train_batch_end(index)
        return [_mean_over_faces(turn, faces[turn], sums[turn]) for turn in order]

    def _compile_by_fit(self, turn: str, batches: Batches) -> None:
        """Have `fit` compile a learner's step for batches of any size, and undo that step.

        TensorFlow compiles train_on_batch for the batch sizes it happens to meet first, and steps
        compiled for other sizes differ in their last bits: a resumed run would not equal an
        uninterrupted one.
        """
        if turn in self._compiled:
            return
        learner, form = self._learner(turn)
        variables = [*learner.variables, *learner.optimizer.variables]
        before = [ops.convert_to_numpy(variable) for variable in variables]
        first = turns.Turns(batches.part(0, 1), form)
        learner.fit(feeding.feed(first), shuffle=False, verbose=0)
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
        self._compiled.add(turn)

    def _train_on_batch(self, turn: str, L: Shown, ab: np.ndarray) -> dict[str, float]:
        """Take one step of one learner; return its metrics times the number of faces."""
        learner, form = self._learner(turn)
        # Some versions of Keras return the batch's metrics, others running means; after a reset
        # both are the batch's.
        learner.reset_metrics()
        logs = learner.train_on_batch(*form(L, ab), return_dict=True)
        return {name: float(value) * len(ab) for name, value in logs.items()}

    def record(self, results: list[Result]) -> dict[str, float]:
        """Compute the metrics of an epoch.

        Returns:
            `mse`, `accuracy` of the generator; `g_color` and `g_cross_entropy`, its two loss terms,
            the first already weighted; `d_loss`. The cross-entropy is missing where it had no
            weight ("nogan"), and `d_loss` where the discriminator had no turn (`d_every`, "nogan").
        """
        generator = mean_results(results, "generator")
        pretraining = mean_results(results, "pretraining")
        discriminator = mean_results(results, "discriminator")
        colored = generator or pretraining
        found = {
            "mse": colored["color_mse"],
            "accuracy": colored["color_accuracy"],
            "g_color": colored["color_loss"],
        }
        if generator:
            found["g_cross_entropy"] = generator["verdict_loss"]
        if discriminator:
            found["d_loss"] = discriminator["loss"]
        return found

    def judge(self, L: LCode, pred: Ab, ab: Ab) -> dict[str, float]:
        """Measure how the two networks stand, on faces from which neither has learned.

        Args:
            L: codes of L, (N, 112, 112, 1).
            pred, ab: predicted and true a*, b*, (N, 112, 112, 2).

        Returns:
            `d_real`, `d_generated`: shares (of pictures, or of their patches) that the
            discriminator calls real. `val_g_cross_entropy`, `val_d_loss`: what its verdicts cost
            the two networks. `g_ratio`: how hard the verdict pulls on the generator's weights,
            relative to the color loss, on the first 8 faces; infinite without a color loss.
        """
        real = devices.predict(self.discriminator, (L, ab))
        generated = devices.predict(self.discriminator, (L, pred))
        g_cross_entropy, d_loss = turns.cross_entropies(real, generated)
        pulls = self.pulls(L[:MEASURED], ab[:MEASURED] + AB_SHIFT)
        return {
            "d_real": float(np.mean(real > 0)),
            "d_generated": float(np.mean(generated > 0)),
            "val_g_cross_entropy": g_cross_entropy,
            "val_d_loss": d_loss,
            "g_ratio": gradients.ratio(pulls["verdict"], pulls["color"]),
        }

    def pulls(self, L: np.ndarray, ab: np.ndarray) -> dict[str, list[np.ndarray]]:
        """Compute the gradients of the generator's two loss terms.

        Args:
            L, ab: batch as codes, (B, 112, 112, 1) and (B, 112, 112, 2).

        Returns:
            For "color" (already weighted) and "verdict", one array for each weight that learns.
        """
        self.give_turn(learner_is_generator=True)  # frozen weights would have no gradient
        shown, truth, _ = turns.generator_turn(L, ab)
        found = {}
        for name, parts in self._gradients(shown, truth).items():
            found[name] = [ops.convert_to_numpy(part) for part in parts]
        return found


def _said_real(true: keras.KerasTensor, logit: keras.KerasTensor) -> keras.KerasTensor:
    """Tell which logits, of pictures or of their patches, call them real: 1 or 0 each."""
    return ops.cast(logit > 0, "float32")


def _trainable_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """List the layers that learn, those of models inside it included; the frozen stay frozen."""
    leaves: list[keras.layers.Layer] = []
    for layer in model.layers:
        leaves += getattr(layer, "layers", [layer])
    return [leaf for leaf in leaves if leaf.trainable]


def _mean_over_faces(turn: str, faces: int, sums: dict[str, float]) -> Result:
    return Result(turn, faces, {name: total / faces for name, total in sums.items()})
