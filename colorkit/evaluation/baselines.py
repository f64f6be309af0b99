"""Predict color without a network: the baselines that every model must beat, and oracles.

An oracle knows the true colors of the split that is judged, so it is not a rival: it says what an
error means. It is made from that split and paints its faces only, in any order.
"""

import abc
import hashlib
from collections.abc import Iterator

import numpy as np

from .. import color
from ..arrays import Ab, LCode
from ..color import mean_ab, mean_ab_given_L
from ..color.lab import AB_SHIFT
from ..color.levin import levin
from ..data.splits import Split


class Oracle:
    """A predictor that knows the true colors of a split.

    Args:
        judged: split whose faces it will be asked for.
    """

    name: str

    def __init__(self, judged: Split):
        self._faces = {_digest(L): lab for L, lab in zip(judged.L, judged.lab, strict=True)}

    def truth(self, L: LCode) -> Iterator[np.ndarray]:
        """Yield the true a*, b* of each face, float32 (H, W, 2), CIELAB units.

        Args:
            L: faces of the judged split.

        Raises:
            ValueError: a face is not in that split.
        """
        for number, face in enumerate(L):
            lab = self._faces.get(_digest(face))
            if lab is None:
                raise ValueError(
                    f"{self.name}: face {number} is not in the split that it knows; make it from "
                    "the split that is judged"
                )
            yield lab[..., 1:] - np.float32(AB_SHIFT)


class Painter(Oracle, abc.ABC):
    """An oracle that paints one face after the other."""

    def predict(self, L: LCode) -> Ab:
        """Paint faces of the judged split.

        Raises:
            ValueError: a face is not in that split.
        """
        pred = np.empty((*L.shape[:-1], 2), np.float32)
        for number, (face, ab) in enumerate(zip(L, self.truth(L), strict=True)):
            pred[number] = self.paint(face, ab)
        return pred

    @abc.abstractmethod
    def paint(self, L: np.ndarray, ab: np.ndarray) -> np.ndarray:
        """Paint one face.

        Args:
            L: uint8 (H, W, 1), code of L.
            ab: float32 (H, W, 2), the true a* and b*, CIELAB units.

        Returns:
            float (H, W, 2), or (2,) for one color everywhere.
        """


class OneTrueColor(Painter):
    """Each face in its own mean true color: the best that one color a picture can do."""

    name = "one true color per image"

    def paint(self, L: np.ndarray, ab: np.ndarray) -> np.ndarray:
        """Return the mean of `ab`, (2,)."""
        return ab.mean((0, 1), dtype=np.float64)


def oracle_hints(L: np.ndarray, ab: np.ndarray, count: int, seed: int) -> color.Hints:
    """Draw color hints from one face's truth.

    They are the same wherever the face stands in a split, and a larger `count` adds hints to those
    of a smaller one.

    Args:
        L: uint8 (H, W, 1), code of L, by which the face is recognized.
        ab: float32 (H, W, 2), its true a* and b*, CIELAB units.
        count: number of hints.
        seed: seed of their places.
    """
    return color.draw_hints(ab, count, np.random.default_rng([seed, _digest(L)]))


class Levin(Painter):
    """Levin's optimization: it spreads color hints of the truth without learning.

    A model that takes color hints must beat it.

    Args:
        judged: split whose faces it will be asked for.
        count: color hints for each face, 1 or more.
        seed: seed of their places.
    """

    def __init__(self, judged: Split, count: int, seed: int = 0):
        super().__init__(judged)
        self.name = f"Levin, {count} hint{'' if count == 1 else 's'}"
        self.count = count
        self.seed = seed

    def paint(self, L: np.ndarray, ab: np.ndarray) -> np.ndarray:
        """Draw color hints from `ab` and spread them over the face, (H, W, 2)."""
        return levin(L, oracle_hints(L, ab, self.count, self.seed))


def _digest(L: np.ndarray) -> int:
    """Return a number for an L: another one as soon as a single pixel differs."""
    return int.from_bytes(hashlib.sha256(L.tobytes()).digest())


class Grey:
    """No color at all: a* = b* = 0 everywhere. Lesson 1.5.

    Example:
        >>> Grey().predict(np.zeros((1, 2, 2, 1), np.uint8)).shape
        (1, 2, 2, 2)
    """

    name = "grey"

    @classmethod
    def fit(cls, train: Split) -> "Grey":
        """Return a `Grey`; there is nothing to learn."""
        return cls()

    def predict(self, L: LCode) -> Ab:
        """Paint every face grey."""
        return np.zeros((*L.shape[:-1], 2), np.float32)


class MeanColor:
    """One color everywhere: the mean of the training pixels. Lessons 1.5, 5.3 and 7.8.

    No other single color has a lower MSE on the training faces.

    Attributes:
        color: float32 (2,), a* and b* in CIELAB units.

    Example:
        >>> MeanColor([8.0, 12.0]).predict(np.zeros((1, 2, 2, 1), np.uint8))[0, 0, 0].tolist()
        [8.0, 12.0]
    """

    name = "mean color"

    def __init__(self, color: np.ndarray):
        self.color = np.asarray(color, np.float32)

    @classmethod
    def fit(cls, train: Split) -> "MeanColor":
        """Take the mean over all pixels of the training split (never of the judged one)."""
        return cls(mean_ab(train.lab))

    def predict(self, L: LCode) -> Ab:
        """Paint every face in the one color."""
        return np.broadcast_to(self.color, (*L.shape[:-1], 2)).copy()


class MeanColorGivenL:
    """One color for each lightness. Lesson 6.5.

    Of all predictors that see only a pixel's own L, it has about the lowest MSE on the training
    pixels.

    Attributes:
        colors: float32 (256, 2), a* and b* in CIELAB units for each code of L.

    Example:
        >>> by_lightness = MeanColorGivenL(np.arange(512).reshape(256, 2))
        >>> by_lightness.predict(np.full((1, 1, 1, 1), 3, np.uint8)).tolist()
        [[[[6.0, 7.0]]]]
    """

    name = "mean color given L"

    def __init__(self, colors: np.ndarray):
        self.colors = np.asarray(colors, np.float32)

    @classmethod
    def fit(cls, train: Split) -> "MeanColorGivenL":
        """Take the means over all pixels of the training split (never of the judged one)."""
        return cls(mean_ab_given_L(train.lab))

    def predict(self, L: LCode) -> Ab:
        """Paint every pixel in the color of its lightness."""
        return self.colors[L[..., 0]]


BASELINES = (Grey, MeanColor, MeanColorGivenL)
"""The baselines of every table. Lessons 5.2 and 6.9."""


def fit_baselines(
    train: Split, judged: Split
) -> list[Grey | MeanColor | MeanColorGivenL | OneTrueColor]:
    """Return what every table shows: the baselines, and the oracle of one true color.

    Args:
        train: training faces, on which the baselines are fitted.
        judged: split whose faces all of them will be asked for.
    """
    return [*(baseline.fit(train) for baseline in BASELINES), OneTrueColor(judged)]
