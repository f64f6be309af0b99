"""A compiled model that learns color classes instead of a*, b*, and predicts a*, b* all the same."""

import keras
import numpy as np

from . import feeding, legs, losses, metrics
from .batches import Batches
from .supervised import Supervised
from .turns import Turns


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
            return losses.rebalanced_cross_entropy(code, logits, palette.centers, palette.class_weights)

        self.learner = keras.Model(self.predictor.input, {"classes": palette.input, "ab": self.predictor.output}, name="learner")
        self.learner.compile(self.optimizer, loss={"classes": loss}, metrics={"ab": metrics.keras_metrics()})

    def train(self, leg: legs.Leg, batches: Batches, callbacks: list[keras.callbacks.Callback]) -> list[legs.Result]:
        """Train one leg; its figures are measured on each batch just before it was learned."""
        part = batches.part(leg.start, leg.stop)
        logs = self.learner.fit(feeding.feed(Turns(part, _form)), shuffle=False, verbose=0, callbacks=callbacks).history
        figures = {"mse": logs["ab_mse"][0], "accuracy": logs["ab_accuracy"][0], "cross_entropy": logs["loss"][0]}
        return [legs.Result(leg.turn, part.faces, figures)]
