"""Train one network on pairs of L and true color: by a color loss, or by color classes."""

import keras
import numpy as np

from ..arrays import Ab, LCode
from ..evaluation import metrics
from ..machine import feeding, precision
from ..models import losses
from ..models.configs import NetConfig, UNetConfig
from .batches import Batches
from .segments import Result, Segment, cut_segments, mean_results
from .trainer import Trainer
from .turns import Turns


class Supervised(Trainer):
    """A colorizer and its optimizer, as the report trains its CNN and its ResNet-50 model.

    Args:
        model: colorizer, L code to a*, b*.
        config: options of the model; its `loss` is what training makes small.
        learning_rate: Adam's.
        policy: precision in which the run was started.
    """

    def __init__(
        self,
        model: keras.Model,
        config: NetConfig,
        learning_rate: float,
        policy: str = "float32",
    ):
        self.predictor = model
        self.learning_rates = [learning_rate]
        self.policy = policy
        self.config = config
        self.optimizer = precision.adam(learning_rate, policy)
        # An optimizer that isn't built yet can't be restored.
        self.optimizer.build(model.trainable_variables)
        self._compile()

    def _compile(self) -> None:
        self.predictor.compile(
            self.optimizer, loss=losses.OF_COLOR[self.config.loss], metrics=metrics.keras_metrics()
        )

    @property
    def models(self) -> list[keras.Model]:
        """Return the colorizer alone."""
        return [self.predictor]

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Return its optimizer."""
        return [self.optimizer]

    def plan(self, epoch: int, batches: int) -> list[Segment]:
        """Cut the epoch's single pass over the data into segments."""
        return cut_segments("model", batches)

    def train(
        self, segment: Segment, batches: Batches, callbacks: list[keras.callbacks.Callback]
    ) -> list[Result]:
        """Train one segment; metrics are measured just before each batch is learned."""
        part = batches.part(segment.start, segment.stop)
        fed = feeding.feed(part)
        history = self.predictor.fit(fed, shuffle=False, verbose=0, callbacks=callbacks).history
        measured = {name: history[name][0] for name in ("mse", "accuracy")}
        return [Result(segment.turn, part.faces, measured)]

    def record(self, results: list[Result]) -> dict[str, float]:
        """Average the metrics over the faces of the epoch."""
        return mean_results(results, "model")

    def judge(self, L: LCode, pred: Ab, ab: Ab) -> dict[str, float]:
        """Return nothing: only the kit's metrics judge the predictions."""
        return {}


class Classifier(Supervised):
    """A U-Net with the head "classes", and its optimizer.

    The model that learns is `learner`: its loss sees the class logits. It shares all layers with
    `predictor`, which turns the classes into a*, b*.
    """

    def _compile(self) -> None:
        palette = self.predictor.get_layer("palette")

        def loss(code: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:  # (B,)
            return losses.rebalanced_cross_entropy(
                code, logits, palette.centers, palette.class_weights
            )

        outputs = {"classes": palette.input, "ab": self.predictor.output}
        self.learner = keras.Model(self.predictor.input, outputs, name="learner")
        self.learner.compile(
            self.optimizer, loss={"classes": loss}, metrics={"ab": metrics.keras_metrics()}
        )

    def train(
        self, segment: Segment, batches: Batches, callbacks: list[keras.callbacks.Callback]
    ) -> list[Result]:
        """Train one segment; metrics are measured just before each batch is learned."""
        part = batches.part(segment.start, segment.stop)
        fed = feeding.feed(Turns(part, _with_classes))
        history = self.learner.fit(fed, shuffle=False, verbose=0, callbacks=callbacks).history
        measured = {
            "mse": history["ab_mse"][0],
            "accuracy": history["ab_accuracy"][0],
            "cross_entropy": history["loss"][0],
        }
        return [Result(segment.turn, part.faces, measured)]


def _with_classes(L: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Give a batch the two truths of `Classifier.learner`; both are the code of a* and b*."""
    return L, {"classes": ab, "ab": ab}


def unet_trainer(
    model: keras.Model, config: UNetConfig, learning_rate: float, policy: str = "float32"
) -> Supervised:
    """Choose the trainer of a U-Net by its head."""
    kind = Classifier if config.head == "classes" else Supervised
    return kind(model, config, learning_rate, policy)
