"""Predictors that see a pixel's lightness at the most, never the picture. A model that does not beat them has learned nothing.

Each has `name`, `fit(train)` and `predict(L)`, so that an evaluation treats it like a model. Beside them a table shows the yardstick
`oracles.OneTrueColor`, which is told the truth.
"""

import numpy as np

from . import classes
from .color import AB_SHIFT
from .oracles import OneTrueColor
from .splits import Split

CODES = 256  # of L in storage code
REACH = 4  # codes after which a pixel of another L counts for 1 / e; chosen by the validation split
CHUNK = 64  # faces counted at a time: as whole numbers of 8 bytes, all of them might not fit


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


def mean_ab_given_L(lab: np.ndarray) -> np.ndarray:
    """The mean color of the pixels of each lightness.

    Codes of L that are seldom or never seen borrow from their neighbours: for each code, pixels count the less the farther theirs is away,
    exp(-d / 4) for d codes (4 codes are 1.6 units of L). Where a code has as many pixels as its neighbours, this changes next to nothing.

    Args:
        lab: uint8 (N, H, W, 3), CIELAB as storage code, one face or more.

    Returns:
        float32 (256, 2): mean a* and b* for each code of L, CIELAB units.
    """
    counts, sums = np.zeros(CODES), np.zeros((CODES, 2))
    for start in range(0, len(lab), CHUNK):
        L, *ab = lab[start : start + CHUNK].reshape(-1, 3).T
        counts += np.bincount(L, minlength=CODES)
        sums += np.stack([np.bincount(L, plane, minlength=CODES) for plane in ab], axis=-1)
    nearness = _nearness()
    return (nearness @ sums / (nearness @ counts)[:, None] - AB_SHIFT).astype(np.float32)


def classes_given_L(lab: np.ndarray) -> np.ndarray:
    """How common each color class is among the pixels of each lightness, codes of L borrowing from their neighbours as above.

    Args:
        lab: uint8 (N, H, W, 3), CIELAB as storage code, one face or more.

    Returns:
        float64 (256, 729), classes by `classes.numbers`; each row's sum is 1.
    """
    counts = np.zeros(CODES * classes.SIDE**2)
    for start in range(0, len(lab), CHUNK):
        part = lab[start : start + CHUNK]
        numbers = classes.numbers(part[..., 1:].astype(np.float32) - AB_SHIFT)
        counts += np.bincount((part[..., 0] * np.int64(classes.SIDE**2) + numbers).ravel(), minlength=len(counts))
    shares = _nearness() @ counts.reshape(CODES, -1)
    return shares / shares.sum(axis=1, keepdims=True)


def _nearness() -> np.ndarray:
    """How much the pixels of each code of L count for each other code: (256, 256)."""
    codes = np.arange(CODES)
    return np.exp(-np.abs(codes[:, None] - codes) / REACH)


class MeanColorGivenL:
    """One color for each lightness: of all predictors that see one pixel's L and no more, about the best in MSE on the training pixels.

    Attributes:
        colors: float32 (256, 2), a* and b* in CIELAB units for each code of L.
    """

    name = "mean color given L"

    def __init__(self, colors: np.ndarray):
        self.colors = np.asarray(colors, np.float32)

    @classmethod
    def fit(cls, train: Split) -> "MeanColorGivenL":
        """Take the means over all pixels of the training split (never of the split that is judged)."""
        return cls(mean_ab_given_L(train.lab))

    def predict(self, L: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W, 1) to float32 (N, H, W, 2), CIELAB units."""
        return self.colors[L[..., 0]]


ALL = (Grey, MeanColor, MeanColorGivenL)


def fit_all(train: Split, judged: Split) -> list[Grey | MeanColor | MeanColorGivenL | OneTrueColor]:
    """What every table shows: the baselines, fitted on `train`, then the oracle of `judged`, the split whose L they will be asked for."""
    return [*(baseline.fit(train) for baseline in ALL), OneTrueColor(judged)]
