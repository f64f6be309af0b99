"""Average weights: a second model follows the one that learns, without its swings."""

import keras
import numpy as np


def update(average: list[np.ndarray], weights: list[np.ndarray], decay: float) -> list[np.ndarray]:
    """Take one step of an exponential moving average. Lesson 6.8.

    After Polyak and Juditsky (1992); for the generator of a GAN, Yazici et al. (2019).

    Args:
        average: average so far: arrays of any shapes, float32.
        weights: arrays of the same shapes, which the average follows.
        decay: share of the old average that stays, 0 to 1. Its memory is about 1 / (1 - decay)
            steps long: 100 at 0.99.

    Returns:
        New arrays of the same shapes and type: decay * average + (1 - decay) * weights. They are
        computed so that what doesn't move stays the same to the last bit.

    Example:
        >>> import numpy as np
        >>> update([np.float32([1, 2])], [np.float32([3, 2])], 0.75)[0].tolist()
        [1.5, 2.0]
    """
    return [old + (1 - decay) * (new - old) for old, new in zip(average, weights, strict=True)]


class Follower:
    """A model and the average of its weights.

    Args:
        leader: model that learns.
        decay: decay of the average.

    Attributes:
        model: a copy of the leader whose weights are the average. Weights that don't learn
            (tables, moving averages of batch normalization) are averaged too.
    """

    def __init__(self, leader: keras.Model, decay: float):
        self.leader = leader
        self.decay = decay
        self.model = keras.models.clone_model(leader)
        self.restart()

    def restart(self) -> None:
        """Start the average again at the leader's weights."""
        self.model.set_weights(self.leader.get_weights())

    def follow(self) -> None:
        """Take one step toward the leader."""
        average = self.model.get_weights()
        self.model.set_weights(update(average, self.leader.get_weights(), self.decay))
