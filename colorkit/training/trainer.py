"""Define what every trainer can do: train, judge, predict, and give its whole state as arrays."""

import abc
import hashlib
from collections.abc import Iterator

import keras
import numpy as np

from ..arrays import Ab, HintPlanes, LCode
from ..errors import KitError
from ..machine import devices
from .averaging import Follower
from .batches import Batches
from .segments import Result, Segment


class Trainer(abc.ABC):
    """Models that are trained together, and everything that decides their next step.

    Attributes:
        predictor: model that colors: L code to a*, b*.
        learning_rates: initial learning rate of each optimizer.
        policy: precision in which the run was started, a Keras dtype policy.
        followers: models that follow another one by averaged weights.
        label: what messages call the model.
    """

    predictor: keras.Model
    learning_rates: list[float]
    policy: str
    followers: tuple[Follower, ...] = ()
    label: str = "this model"

    @property
    @abc.abstractmethod
    def models(self) -> list[keras.Model]:
        """Return every model whose weights belong to the state; the one that colors comes first."""

    @property
    @abc.abstractmethod
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Return every optimizer, in the order of `learning_rates`."""

    @abc.abstractmethod
    def plan(self, epoch: int, batches: int) -> list[Segment]:
        """Cut an epoch into segments.

        Args:
            epoch: number of the epoch, from 0.
            batches: number of batches in a pass over the data.
        """

    def passes(self, epochs: int) -> int:
        """Count the passes over the data in the first epochs, without planning each of them."""
        return epochs

    @abc.abstractmethod
    def train(
        self, segment: Segment, batches: Batches, callbacks: list[keras.callbacks.Callback]
    ) -> list[Result]:
        """Train one segment; the metrics are measured on each batch just before it is learned."""

    @abc.abstractmethod
    def record(self, results: list[Result]) -> dict[str, float]:
        """Compute the metrics of an epoch from the results of its segments."""

    @abc.abstractmethod
    def judge(self, L: LCode, pred: Ab, ab: Ab) -> dict[str, float]:
        """Measure, on validation faces, what only this kind of trainer knows."""

    def train_on_devices(
        self, segment: Segment, batches: Batches, callbacks: list[keras.callbacks.Callback]
    ) -> list[Result]:
        """Train one segment on the devices that the trainer was built on."""
        with devices.training():
            return self.train(segment, batches, callbacks)

    def predict(self, L: LCode, hints: HintPlanes | None = None) -> Ab:
        """Predict color; a model that takes hints treats None as no hint at all.

        Raises:
            KitError: there are hints, and the model doesn't take any.
        """
        takes_hints = len(self.predictor.inputs) > 1
        if not takes_hints:
            if hints is not None:
                raise KitError(
                    f"{self.label} takes no hints: a model that does is trained by "
                    "`python -m colorkit train unet --set hints=true`"
                )
            return devices.predict(self.predictor, L)
        if hints is None:
            hints = np.zeros((*L.shape[:-1], 3), np.float32)  # (N, H, W, 3)
        return devices.predict(self.predictor, (L, hints))

    def set_learning_rates(self, factor: float) -> None:
        """Set every optimizer to its initial learning rate times `factor`."""
        for optimizer, rate in zip(self.optimizers, self.learning_rates, strict=True):
            optimizer.learning_rate = rate * factor

    def values(self) -> dict[str, np.ndarray]:
        """Copy the whole state: weights, random states of dropout, moments of the optimizers."""
        variables = self._variables()
        return {name: keras.ops.convert_to_numpy(each) for name, each in variables.items()}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Put back what `values` returned.

        Raises:
            KitError: the arrays don't fit this trainer, which then stays as it is; or other hosts
                have put back other arrays.
        """
        variables = self._variables()
        shapes = {name: tuple(each.shape) for name, each in variables.items()}
        if shapes != {name: array.shape for name, array in arrays.items()}:
            raise KitError(
                "the checkpoint holds other variables than the model; "
                "another version of the kit made it"
            )
        for name, variable in variables.items():
            variable.assign(arrays[name])
        devices.check_hosts_agree(arrays)

    def is_finite(self) -> bool:
        """Tell whether all weights are numbers: not NaN, and not infinite."""
        weights = [weight for model in self.models for weight in model.weights]
        return all(np.isfinite(keras.ops.convert_to_numpy(each)).all() for each in weights)

    def digest(self) -> str:
        """Compute the SHA-256 of all weights: two trainers share it if their weights are equal."""
        result = hashlib.sha256()
        for model in self.models:
            for weight in model.weights:
                array = np.ascontiguousarray(keras.ops.convert_to_numpy(weight))
                result.update(array.tobytes())
        return result.hexdigest()

    def _variables(self) -> dict[str, keras.Variable]:
        """Return every variable under a name that is the same in every process.

        Keras would save an optimizer that isn't built yet without its moments, and skip them with
        a warning when it loads. Here that is an error.
        """
        if not all(optimizer.built for optimizer in self.optimizers):
            raise RuntimeError("an optimizer isn't built: its moments would be lost")
        return dict(self._named_variables())

    def _named_variables(self) -> Iterator[tuple[str, keras.Variable]]:
        owners = [("model", model) for model in self.models]
        owners += [("optimizer", optimizer) for optimizer in self.optimizers]
        for number, (kind, owner) in enumerate(owners):
            for index, variable in enumerate(owner.variables):
                yield f"{kind}{number}/{index:04d}", variable
