"""One compiled model that learns a*, b* from L by L2, as the report's CNN and ResNet-50 model do."""

import keras

from . import metrics
from .batches import Batches


class Supervised:
    """A colorizer and its optimizer.

    Attributes:
        predictor: the model, L code to a*, b*.
    """

    def __init__(self, model: keras.Model, learning_rate: float):
        self.predictor = model
        self.optimizer = keras.optimizers.Adam(learning_rate)
        self.optimizer.build(model.trainable_variables)  # an optimizer that isn't built can't be restored
        model.compile(self.optimizer, loss="mse", metrics=metrics.keras_metrics())

    @property
    def models(self) -> list[keras.Model]:
        """Every model that is trained."""
        return [self.predictor]

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Every optimizer."""
        return [self.optimizer]

    def epoch(self, batches: Batches, callbacks: list[keras.callbacks.Callback]) -> dict[str, float]:
        """Train one pass; return its mean `mse` and `accuracy`, measured on each batch just before it was learned."""
        logs = self.predictor.fit(batches, shuffle=False, verbose=0, callbacks=callbacks).history
        return {"mse": logs["mse"][0], "accuracy": logs["accuracy"][0]}
