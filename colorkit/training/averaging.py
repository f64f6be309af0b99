"""Averaged weights: a second model follows the one that learns, without its swings."""

import keras
import numpy as np


def update(average: list[np.ndarray], weights: list[np.ndarray], decay: float) -> list[np.ndarray]:
    """One step of an exponential moving average (Polyak and Juditsky 1992; of a GAN's generator: Yazici et al. 2019).

    Args:
        average: the average so far: arrays of any shapes, float32.
        weights: what it should follow, arrays of the same shapes.
        decay: 0 to 1, the share of the old average that stays. Its memory is about 1 / (1 - decay) steps long: 100 at 0.99.

    Returns:
        The new average, new arrays of the same shapes and type: decay * average + (1 - decay) * weights, so written that what doesn't move
        stays as it is to the last bit.
    """
    return [old + (1 - decay) * (new - old) for old, new in zip(average, weights, strict=True)]


class Follower:
    """A model and the average of its weights.

    Args:
        leader: the model that learns.
        decay: of the average.

    Attributes:
        model: one of the same layers, whose weights are the average; those that don't learn (tables, moving averages) are averaged too.
    """

    def __init__(self, leader: keras.Model, decay: float):
        self.leader, self.decay, self.model = leader, decay, keras.models.clone_model(leader)
        self.restart()

    def restart(self) -> None:
        """Begin anew at the leader's weights."""
        self.model.set_weights(self.leader.get_weights())

    def follow(self) -> None:
        """One step towards the leader."""
        self.model.set_weights(
            update(self.model.get_weights(), self.leader.get_weights(), self.decay)
        )
