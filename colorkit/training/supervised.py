"""One compiled model that learns a*, b* from L, as the report's CNN and ResNet-50 model do by L2, and the U-Net with its head "regress"."""

import keras
import numpy as np

from ..evaluation import metrics
from ..machine import feeding, precision
from ..models import losses
from . import segments
from .batches import Batches
from .turns import Turns


class Supervised:
    """A colorizer and its optimizer.

    Attributes:
        predictor: the model, L code to a*, b*.
        learning_rates: of each optimizer, before any is lowered.
        policy: the precision that the run was started in.
        loss: what training makes small, a name of losses.OF_COLOR.
    """

    def __init__(
        self, model: keras.Model, learning_rate: float, policy: str = "float32", loss: str = "l2"
    ):
        self.predictor, self.learning_rates, self.policy, self.loss = (
            model,
            [learning_rate],
            policy,
            loss,
        )
        self.optimizer = precision.adam(learning_rate, policy)
        self.optimizer.build(
            model.trainable_variables
        )  # an optimizer that isn't built can't be restored
        self._compile()

    def _compile(self) -> None:
        self.predictor.compile(
            self.optimizer, loss=losses.OF_COLOR[self.loss], metrics=metrics.keras_metrics()
        )

    @property
    def models(self) -> list[keras.Model]:
        """Every model that is trained."""
        return [self.predictor]

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Every optimizer."""
        return [self.optimizer]

    def plan(self, epoch: int, batches: int) -> list[segments.Segment]:
        """What an epoch of so many batches consists of."""
        return segments.cut_segments("model", batches)

    def train(
        self, leg: segments.Segment, batches: Batches, callbacks: list[keras.callbacks.Callback]
    ) -> list[segments.Result]:
        """Train one leg; its `mse` and `accuracy` are measured on each batch just before it was learned."""
        part = batches.part(leg.start, leg.stop)
        logs = self.predictor.fit(
            feeding.feed(part), shuffle=False, verbose=0, callbacks=callbacks
        ).history
        return [
            segments.Result(
                leg.turn, part.faces, {name: logs[name][0] for name in ("mse", "accuracy")}
            )
        ]

    def record(self, results: list[segments.Result]) -> dict[str, float]:
        """The epoch's figures: those of `train`."""
        return segments.mean_results(results, "model")

    def judge(self, L, pred, ab) -> dict[str, float]:
        """Nobody judges the predictions but the metrics."""
        return {}


def _form(L: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A batch as `fit` takes it: the truth, in storage code, both for the classes and for the color that they give."""
    return L, {"classes": ab, "ab": ab}


class Classifier(Supervised):
    """A U-Net with the head "classes" and its optimizer. What learns is `learner`, whose loss sees the class logits; it shares all its
    layers with `predictor`, whose a*, b* are measured and predicted.
    """

    def _compile(self) -> None:
        palette = self.predictor.get_layer("palette")

        def loss(code, logits):  # (B,)
            return losses.rebalanced_cross_entropy(
                code, logits, palette.centers, palette.class_weights
            )

        self.learner = keras.Model(
            self.predictor.input,
            {"classes": palette.input, "ab": self.predictor.output},
            name="learner",
        )
        self.learner.compile(
            self.optimizer, loss={"classes": loss}, metrics={"ab": metrics.keras_metrics()}
        )

    def train(
        self, leg: segments.Segment, batches: Batches, callbacks: list[keras.callbacks.Callback]
    ) -> list[segments.Result]:
        """Train one leg; its figures are measured on each batch just before it was learned."""
        part = batches.part(leg.start, leg.stop)
        logs = self.learner.fit(
            feeding.feed(Turns(part, _form)), shuffle=False, verbose=0, callbacks=callbacks
        ).history
        figures = {
            "mse": logs["ab_mse"][0],
            "accuracy": logs["ab_accuracy"][0],
            "cross_entropy": logs["loss"][0],
        }
        return [segments.Result(leg.turn, part.faces, figures)]
