"""Predictors that never look at the picture. A model that does not beat them has learned nothing.

Each has `name`, `fit(train)` and `predict(L)`, so that an evaluation treats it like a model.
"""

import numpy as np

from .color import AB_SHIFT
from .splits import Split


class Grey:
    """No color at all: a* = b* = 0 everywhere."""

    name = "grey"

    @classmethod
    def fit(cls, train: Split) -> "Grey":
        """Nothing to learn."""
        return cls()

    def predict(self, L: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W, 1) to float32 (N, H, W, 2), CIELAB units."""
        return np.zeros((*L.shape[:-1], 2), np.float32)


def mean_ab(lab: np.ndarray) -> np.ndarray:
    """The mean color of some faces.

    Args:
        lab: uint8 (N, H, W, 3), CIELAB as storage code.

    Returns:
        float32 (2,): mean a* and b* over all pixels of all faces, CIELAB units.
    """
    codes = [lab[..., channel].mean(dtype=np.float64) for channel in (1, 2)]  # of bytes: as floats they might not fit
    return (np.array(codes) - AB_SHIFT).astype(np.float32)


class MeanColor:
    """One color everywhere: the mean of the training pixels, which no other single color beats in MSE on them.

    Attributes:
        color: float32 (2,), a* and b* in CIELAB units.
    """

    name = "mean color"

    def __init__(self, color: np.ndarray):
        self.color = np.asarray(color, np.float32)

    @classmethod
    def fit(cls, train: Split) -> "MeanColor":
        """Take the mean over all pixels of the training split (never of the split that is judged)."""
        return cls(mean_ab(train.lab))

    def predict(self, L: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W, 1) to float32 (N, H, W, 2), CIELAB units."""
        return np.broadcast_to(self.color, (*L.shape[:-1], 2)).copy()


ALL = (Grey, MeanColor)
