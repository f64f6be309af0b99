"""The GAN of report section 3.5: two compiled Keras models that share the generator and take turns.

generator's turn:      L -> generator -> a*, b* -> discriminator (held still)  "call this real", and stay near the truth
discriminator's turn:  true a*, b*      -> discriminator  "real"
                       L -> generator (held still) -> discriminator  "generated"
"""

from collections import Counter
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from ..color.lab import AB_SHIFT
from ..evaluation import metrics
from ..machine import devices, feeding, gradients, precision
from ..models import discriminators, losses
from ..models.configs import GANConfig
from . import segments, turns
from .averaging import Follower
from .batches import Batches

MEASURED = 8  # faces on which gradients are measured: two passes back through the generator, and no weight moves


def _said_real(true, logit):
    """Share of logits that call real: of pictures, or of their patches."""
    return ops.cast(logit > 0, "float32")


class GAN:
    """Generator, discriminator, and the two compiled models in which they learn.

    Attributes:
        generator: L code to a*, b*.
        predictor: the generator, or where the config averages, one with the average of its weights.
        discriminator: L code and a*, b* to a logit, or to a map of logits.
        learning_rates: of each optimizer, before any is lowered.
        policy: the precision that the run was started in.
    """

    def __init__(
        self,
        generator: keras.Model,
        config: GANConfig,
        learning_rate: float,
        policy: str = "float32",
    ):
        self.generator, self.policy = generator, policy
        self._average = Follower(generator, config.average) if config.average else None
        self.predictor = self._average.model if self._average else generator
        self.discriminator = discriminators.BUILDERS[config.discriminator](
            config.sees, config.d_filters
        )
        self.config, self.learning_rates = config, [learning_rate, config.d_learning_rate]
        leaves = [leaf for layer in generator.layers for leaf in getattr(layer, "layers", [layer])]
        self._generator_layers = [
            leaf for leaf in leaves if leaf.trainable
        ]  # what of the encoder is frozen stays frozen
        self.generator_learner = self._compile_generator(config, learning_rate)
        self.discriminator_learner = self._compile_discriminator(config)
        self._compiled: set[str] = set()  # by `fit`: see _compile_by_fit

    def _compile_generator(self, config: GANConfig, learning_rate: float) -> keras.Model:
        def color_loss(code, pred):  # (B,)
            return config.lambda_l2 * losses.l2(code, pred) + config.lambda_l1 * losses.l1(
                code, pred
            )

        L = keras.Input(self.generator.input_shape[1:], name="L")
        ab = self.generator(L)
        learner = keras.Model(
            L, {"color": ab, "verdict": self.discriminator([L, ab])}, name="generator_learner"
        )
        loss = {"color": color_loss, "verdict": losses.discriminator_loss}
        self.give_turn(learner_is_generator=True)
        self._compile(learner, learning_rate, loss, {"color": metrics.keras_metrics()})
        self._gradients = gradients.meter(learner, loss)
        return learner

    def _compile_discriminator(self, config: GANConfig) -> keras.Model:
        L = keras.Input(self.generator.input_shape[1:], name="L")
        ab = keras.Input(self.generator.output_shape[1:], name="ab")  # storage code
        true = keras.layers.Rescaling(1.0, offset=-AB_SHIFT, dtype="float32", name="decode")(ab)
        verdicts = {
            "real": self.discriminator([L, true]),
            "generated": self.discriminator([L, self.generator(L)]),
        }
        learner = keras.Model({"L": L, "ab": ab}, verdicts, name="discriminator_learner")
        loss = dict.fromkeys(verdicts, losses.discriminator_loss)
        judged = {
            name: [keras.metrics.MeanMetricWrapper(_said_real, name="said_real")]
            for name in verdicts
        }
        self.give_turn(learner_is_generator=False)
        self._compile(learner, config.d_learning_rate, loss, judged)
        return learner

    def _compile(
        self, learner: keras.Model, learning_rate: float, loss: dict, measured: dict
    ) -> None:
        optimizer = precision.adam(
            learning_rate, self.policy, beta_1=0.5
        )  # the usual momentum for a GAN (Radford et al. 2016)
        optimizer.build(
            learner.trainable_variables
        )  # an optimizer that isn't built can't be restored
        learner.compile(optimizer, loss=loss, metrics=measured)

    def give_turn(self, learner_is_generator: bool) -> None:
        """Let one learn and hold the other still: its weights, the moving averages of its batch normalization, its power iteration."""
        for layer in self._generator_layers:
            layer.trainable = learner_is_generator
        self.discriminator.trainable = not learner_is_generator

    @property
    def models(self) -> list[keras.Model]:
        """Every model that is trained, and the one that follows."""
        return [self.generator, self.discriminator, *([self.predictor] if self._average else [])]

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Every optimizer."""
        return [self.generator_learner.optimizer, self.discriminator_learner.optimizer]

    def plan(self, epoch: int, batches: int) -> list[segments.Segment]:
        """What epoch number `epoch` (from 0) of so many batches consists of."""
        order = turns.of_epoch(
            self.config.schedule, epoch, self.config.d_every, self.config.pretrain
        )
        return [leg for turn in order for leg in segments.cut_segments(turn, batches)]

    def train(
        self, leg: segments.Segment, batches: Batches, callbacks: list[keras.callbacks.Callback]
    ) -> list[segments.Result]:
        """Train one leg: one of the two on its batches, or both by turns."""
        if leg.turn == "both":
            return self._train_both(leg, batches, callbacks)
        part = batches.part(leg.start, leg.stop)
        learner, form = self._learner(leg.turn)
        shown = turns.Turns(part, form)
        history = learner.fit(
            feeding.feed(shown), shuffle=False, verbose=0, callbacks=callbacks
        ).history
        self.restart_average()
        return [
            segments.Result(
                leg.turn, part.faces, {name: values[0] for name, values in history.items()}
            )
        ]

    def restart_average(self) -> None:
        """Let the average, if there is one, begin where the generator is."""
        if self._average:
            self._average.restart()

    def _learner(self, turn: str) -> tuple[keras.Model, Callable]:
        """Give a turn: who learns in it, and the form in which it is shown a batch."""
        self.give_turn(learner_is_generator=turn != "discriminator")
        if turn == "discriminator":
            return self.discriminator_learner, turns.discriminator_turn
        return (
            self.generator_learner,
            turns.generator_turn if turn == "generator" else turns.pretraining_turn,
        )

    def _train_both(
        self, leg: segments.Segment, batches: Batches, callbacks: list
    ) -> list[segments.Result]:
        """Turns swap after every batch."""
        order = (
            ("generator", "discriminator")
            if self.config.schedule == "batch"
            else ("discriminator", "generator")
        )
        for turn in order:
            self._compile_by_fit(turn, batches)
        away = 0 if self.config.schedule == "batch" else len(batches) // 2
        sums: dict[str, Counter] = {turn: Counter() for turn in order}
        for index in range(leg.start, leg.stop):
            for turn in order:
                L, ab = batches[(index + away) % len(batches) if turn == "discriminator" else index]
                sums[turn].update(self._train_on_batch(turn, L, ab) | {"faces": len(L)})
            if self._average:
                self._average.follow()
            for callback in callbacks:
                callback.on_train_batch_end(index)
        return [_result(turn, total) for turn, total in sums.items()]

    def _compile_by_fit(self, turn: str, batches: Batches) -> None:
        """Have a learner's step compiled by `fit`, for batches of any size, and undo what that step did.

        TensorFlow compiles train_on_batch for the sizes that it happens to meet first, and steps compiled for other sizes differ in their
        last bits: a resumed run would not be what an uninterrupted one is.
        """
        if turn in self._compiled:
            return
        learner, form = self._learner(turn)
        variables = [*learner.variables, *learner.optimizer.variables]
        before = [ops.convert_to_numpy(variable) for variable in variables]
        learner.fit(feeding.feed(turns.Turns(batches.part(0, 1), form)), shuffle=False, verbose=0)
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
        self._compiled.add(turn)

    def _train_on_batch(self, turn: str, L: np.ndarray, ab: np.ndarray) -> dict[str, float]:
        """One step of one learner; its figures times the number of faces."""
        learner, form = self._learner(turn)
        learner.reset_metrics()  # some Keras versions give the batch's values, others running means: make it the batch's
        logs = learner.train_on_batch(*form(L, ab), return_dict=True)
        return {name: float(value) * len(L) for name, value in logs.items()}

    def record(self, results: list[segments.Result]) -> dict[str, float]:
        """The epoch's figures.

        Returns:
            `mse`, `accuracy` of the generator; `g_cross_entropy`, `g_color`, its two loss terms, the second already weighted; `d_loss`. The
            cross-entropy is missing where it didn't count ("nogan"), and `d_loss` where the discriminator had no turn (`d_every`, "nogan").
        """
        judged, judge = (
            segments.mean_results(results, "generator"),
            segments.mean_results(results, "discriminator"),
        )
        generator = judged or segments.mean_results(results, "pretraining")
        figures = {
            "mse": generator["color_mse"],
            "accuracy": generator["color_accuracy"],
            "g_color": generator["color_loss"],
        }
        figures |= {"g_cross_entropy": judged["verdict_loss"]} if judged else {}
        return figures | ({"d_loss": judge["loss"]} if judge else {})

    def judge(self, L: np.ndarray, pred: np.ndarray, ab: np.ndarray) -> dict[str, float]:
        """How the two networks stand, on faces that neither has learned from.

        Args:
            L: L code (N, 112, 112, 1).
            pred, ab: a*, b* predicted and true, float32 (N, 112, 112, 2), CIELAB units.

        Returns:
            `d_real`, `d_generated`: the shares (of pictures, or of their patches) that the discriminator calls real.
            `val_g_cross_entropy`, `val_d_loss`: what its verdicts cost the two. `g_ratio`: how hard the verdict pulls on the generator's
            weights, the color loss being 1 (on the first 8 faces); infinite without a color loss.
        """
        logits = {
            name: devices.predict(self.discriminator, (L, color))
            for name, color in (("d_real", ab), ("d_generated", pred))
        }
        figures = {name: float(np.mean(values > 0)) for name, values in logits.items()}
        figures |= zip(
            ("val_g_cross_entropy", "val_d_loss"),
            turns.cross_entropies(logits["d_real"], logits["d_generated"]),
            strict=True,
        )
        pulls = self.pulls(L[:MEASURED], ab[:MEASURED] + AB_SHIFT)
        return figures | {"g_ratio": gradients.ratio(pulls["verdict"], pulls["color"])}

    def pulls(self, L: np.ndarray, ab: np.ndarray) -> dict[str, list[np.ndarray]]:
        """How the generator's loss terms would change its weights: the gradients of "color" (already weighted) and "verdict".

        Args:
            L, ab: a batch as storage code, (B, 112, 112, 1) and (B, 112, 112, 2).

        Returns:
            Of each term a list of arrays, one for each weight that learns.
        """
        self.give_turn(learner_is_generator=True)  # or its weights would count as fixed
        shown, truth, _ = turns.generator_turn(L, ab)
        return {
            name: [ops.convert_to_numpy(part) for part in parts]
            for name, parts in self._gradients(shown, truth).items()
        }


def _result(turn: str, total: Counter) -> segments.Result:
    faces = total.pop("faces")
    return segments.Result(turn, faces, {name: value / faces for name, value in total.items()})
