"""The GAN of report section 3.5: two compiled Keras models that share the generator and take turns.

generator's turn:      L -> generator -> a*, b* -> discriminator (held still)  "call this real", and stay near the truth
discriminator's turn:  true a*, b*      -> discriminator  "real"
                       L -> generator (held still) -> discriminator  "generated"
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import ops

from . import metrics, models
from .batches import Batches

SCHEDULES = ("epoch", "batch")


@dataclass(frozen=True)
class GANConfig(models.ResNetConfig):
    """The generator is the ResNet-50 model, so its fields are here too.

    Attributes:
        lambda_l2: weight of the mean squared error (CIELAB units squared) in the generator's loss; the report's 0.1.
        lambda_l1: weight of the mean absolute error (CIELAB units): the report's first attempt was L1 instead of L2.
        schedule: "epoch" swaps turns after every pass over the data (the report), "batch" lets both learn from each batch in turn.
        sees: what the discriminator sees, "lab" or "ab".
        d_filters: filters of the discriminator's convolutions.
        d_learning_rate: the discriminator's own.
    """

    lambda_l2: float = 0.1
    lambda_l1: float = 0.0
    schedule: str = "epoch"
    sees: str = "lab"
    d_filters: tuple[int, ...] = (32, 64, 128, 128)
    d_learning_rate: float = 2e-4

    def __post_init__(self):
        super().__post_init__()
        models.check_choice("schedule", self.schedule, SCHEDULES)
        models.check_choice("sees", self.sees, ("lab", "ab"))
        models.check_counts("d_filters", self.d_filters)


def _said_real(true, logit):
    """Share of pictures that the discriminator takes for real."""
    return ops.cast(logit > 0, "float32")


class Turns(keras.utils.PyDataset):
    """The batches of a turn: what a learner is shown and what it should answer."""

    def __init__(self, batches: Batches, form):
        super().__init__()
        self.batches, self.form = batches, form

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int):
        return self.form(*self.batches[index])


def generator_turn(L, ab):
    """Shown L; should give the true color and be called real (1)."""
    return L, {"color": ab, "verdict": ops.convert_to_numpy(ops.ones((len(L), 1)))}


def discriminator_turn(L, ab):
    """Shown L and the true color; should call that real (1) and the generator's color generated (0)."""
    ones = ops.convert_to_numpy(ops.ones((len(L), 1)))
    return {"L": L, "ab": ab}, {"real": ones, "generated": 0 * ones}


class GAN:
    """Generator, discriminator, and the two compiled models in which they learn.

    Attributes:
        predictor: the generator, L code to a*, b*.
        discriminator: L code and a*, b* to a logit.
    """

    def __init__(self, generator: keras.Model, config: GANConfig, learning_rate: float):
        self.predictor = generator
        self.discriminator = models.build_discriminator(config.sees, config.d_filters)
        self.schedule = config.schedule
        self._generator_layers = [layer for layer in generator.layers if layer.trainable]  # a frozen encoder stays frozen
        self.generator_learner = self._compile_generator(config, learning_rate)
        self.discriminator_learner = self._compile_discriminator(config)

    def _compile_generator(self, config: GANConfig, learning_rate: float) -> keras.Model:
        def color_loss(true, pred):  # per image
            l2 = ops.mean((pred - true) ** 2, axis=(1, 2, 3))
            l1 = ops.mean(ops.abs(pred - true), axis=(1, 2, 3))
            return config.lambda_l2 * l2 + config.lambda_l1 * l1

        L = keras.Input(self.predictor.input_shape[1:], name="L")
        ab = self.predictor(L)
        learner = keras.Model(L, {"color": ab, "verdict": self.discriminator([L, ab])}, name="generator_learner")
        loss = {"color": color_loss, "verdict": keras.losses.BinaryCrossentropy(from_logits=True)}
        self.give_turn(learner_is_generator=True)
        self._compile(learner, learning_rate, loss, {"color": metrics.keras_metrics()})
        return learner

    def _compile_discriminator(self, config: GANConfig) -> keras.Model:
        L = keras.Input(self.predictor.input_shape[1:], name="L")
        ab = keras.Input(self.predictor.output_shape[1:], name="ab")
        verdicts = {"real": self.discriminator([L, ab]), "generated": self.discriminator([L, self.predictor(L)])}
        learner = keras.Model({"L": L, "ab": ab}, verdicts, name="discriminator_learner")
        loss = {name: keras.losses.BinaryCrossentropy(from_logits=True) for name in verdicts}
        judged = {name: [keras.metrics.MeanMetricWrapper(_said_real, name="said_real")] for name in verdicts}
        self.give_turn(learner_is_generator=False)
        self._compile(learner, config.d_learning_rate, loss, judged)
        return learner

    @staticmethod
    def _compile(learner: keras.Model, learning_rate: float, loss: dict, measured: dict) -> None:
        optimizer = keras.optimizers.Adam(learning_rate, beta_1=0.5)  # the usual momentum for a GAN (Radford et al. 2016)
        optimizer.build(learner.trainable_variables)  # an optimizer that isn't built can't be restored
        learner.compile(optimizer, loss=loss, metrics=measured)

    def give_turn(self, learner_is_generator: bool) -> None:
        """Let one learn and hold the other still: its weights, and the moving averages of its batch normalization."""
        for layer in self._generator_layers:
            layer.trainable = learner_is_generator
        self.discriminator.trainable = not learner_is_generator

    @property
    def models(self) -> list[keras.Model]:
        """Every model that is trained."""
        return [self.predictor, self.discriminator]

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Every optimizer."""
        return [self.generator_learner.optimizer, self.discriminator_learner.optimizer]

    def epoch(self, batches: Batches, callbacks: list[keras.callbacks.Callback]) -> dict[str, float]:
        """Train both once over the data, generator first.

        Returns:
            `mse`, `accuracy` of the generator; `g_cross_entropy`, `g_color` (its two loss terms, the second already weighted);
            `d_loss`; `d_real`, `d_generated`: shares of real and of generated pictures that the discriminator called real.
        """
        generator, discriminator = (self._by_batch if self.schedule == "batch" else self._by_epoch)(batches, callbacks)
        return {
            "mse": generator["color_mse"],
            "accuracy": generator["color_accuracy"],
            "g_cross_entropy": generator["verdict_loss"],
            "g_color": generator["color_loss"],
            "d_loss": discriminator["loss"],
            "d_real": discriminator["real_said_real"],
            "d_generated": discriminator["generated_said_real"],
        }

    @property
    def _turns(self) -> tuple[tuple[keras.Model, Callable], ...]:
        """Who learns in a turn, and in which form it is shown a batch."""
        return ((self.generator_learner, generator_turn), (self.discriminator_learner, discriminator_turn))

    def _by_epoch(self, batches: Batches, callbacks: list) -> list[dict[str, float]]:
        logs = []
        for learner, form in self._turns:
            self.give_turn(learner is self.generator_learner)
            history = learner.fit(Turns(batches, form), shuffle=False, verbose=0, callbacks=callbacks).history
            logs.append({name: values[0] for name, values in history.items()})
        return logs

    def _by_batch(self, batches: Batches, callbacks: list) -> list[dict[str, float]]:
        progress = keras.callbacks.CallbackList(callbacks)
        sums: list[Counter] = [Counter(), Counter()]
        for index in range(len(batches)):
            L, ab = batches[index]
            for (learner, form), total in zip(self._turns, sums, strict=True):
                self.give_turn(learner is self.generator_learner)
                learner.reset_metrics()  # some Keras versions give the batch's values, others running means: make it the batch's
                logs = learner.train_on_batch(*form(L, ab), return_dict=True)
                total.update({name: float(value) * len(L) for name, value in logs.items()})
                progress.on_train_batch_end(index)
        count = len(batches.order)
        return [{name: value / count for name, value in total.items()} for total in sums]
