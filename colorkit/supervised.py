"""One compiled model that learns a*, b* from L, as the report's CNN and ResNet-50 model do by L2, and the U-Net with its head "regress"."""

import keras

from . import feeding, legs, losses, metrics, optimizers
from .batches import Batches


class Supervised:
    """A colorizer and its optimizer.

    Attributes:
        predictor: the model, L code to a*, b*.
        learning_rates: of each optimizer, before any is lowered.
        policy: the precision that the run was started in.
        loss: what training makes small, a name of losses.OF_COLOR.
    """

    def __init__(self, model: keras.Model, learning_rate: float, policy: str = "float32", loss: str = "l2"):
        self.predictor, self.learning_rates, self.policy, self.loss = model, [learning_rate], policy, loss
        self.optimizer = optimizers.adam(learning_rate, policy)
        self.optimizer.build(model.trainable_variables)  # an optimizer that isn't built can't be restored
        self._compile()

    def _compile(self) -> None:
        self.predictor.compile(self.optimizer, loss=losses.OF_COLOR[self.loss], metrics=metrics.keras_metrics())

    @property
    def models(self) -> list[keras.Model]:
        """Every model that is trained."""
        return [self.predictor]

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Every optimizer."""
        return [self.optimizer]

    def plan(self, epoch: int, batches: int) -> list[legs.Leg]:
        """What an epoch of so many batches consists of."""
        return legs.cut("model", batches)

    def train(self, leg: legs.Leg, batches: Batches, callbacks: list[keras.callbacks.Callback]) -> list[legs.Result]:
        """Train one leg; its `mse` and `accuracy` are measured on each batch just before it was learned."""
        part = batches.part(leg.start, leg.stop)
        logs = self.predictor.fit(feeding.feed(part), shuffle=False, verbose=0, callbacks=callbacks).history
        return [legs.Result(leg.turn, part.faces, {name: logs[name][0] for name in ("mse", "accuracy")})]

    def record(self, results: list[legs.Result]) -> dict[str, float]:
        """The epoch's figures: those of `train`."""
        return legs.means(results, "model")

    def judge(self, L, pred, ab) -> dict[str, float]:
        """Nobody judges the predictions but the metrics."""
        return {}
