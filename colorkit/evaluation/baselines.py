"""Yardsticks that are told the true colors of the faces they paint: nothing to beat, but what an error can be held against.

Each is made from the split that is judged, and paints its faces only, whichever of them and in whatever order they come.
"""

import abc
import hashlib
from collections.abc import Iterator

import numpy as np

from .. import color
from ..color import mean_ab, mean_ab_given_L
from ..color.lab import AB_SHIFT
from ..color.levin import levin
from ..data.splits import Split


class Oracle:
    """What knows the true colors of a split.

    Args:
        judged: the split about which it will be asked.
    """

    name: str

    def __init__(self, judged: Split):
        self._faces = {_digest(L): lab for L, lab in zip(judged.L, judged.lab, strict=True)}

    def truth(self, L: np.ndarray) -> Iterator[np.ndarray]:
        """uint8 (N, H, W, 1), faces of the judged split, to the true a*, b* of each, float32 (H, W, 2), CIELAB units.

        Raises:
            ValueError: a face is not in that split.
        """
        for number, face in enumerate(L):
            if (lab := self._faces.get(_digest(face))) is None:
                raise ValueError(
                    f"{self.name}: face {number} is not in the split that it knows; make it from the split that is judged"
                )
            yield lab[..., 1:] - np.float32(AB_SHIFT)


class Painter(Oracle, abc.ABC):
    """An oracle that paints one face after the other."""

    def predict(self, L: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W, 1), faces of the judged split, to float32 (N, H, W, 2), CIELAB units.

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
            L: uint8 (H, W, 1), L as storage code.
            ab: float32 (H, W, 2), the true a* and b*, CIELAB units.

        Returns:
            float (H, W, 2), or (2,) for one color everywhere.
        """


class OneTrueColor(Painter):
    """The mean true color of each face, all over it: as far as one color a picture can get."""

    name = "one true color per image"

    def paint(self, L: np.ndarray, ab: np.ndarray) -> np.ndarray:
        """The mean of `ab`, (2,)."""
        return ab.mean((0, 1), dtype=np.float64)


def oracle_hints(L: np.ndarray, ab: np.ndarray, count: int, seed: int) -> color.Hints:
    """Hints of one face's truth: the same wherever it stands in a split; those of a larger `count` are those of a smaller one and more.

    Args:
        L: uint8 (H, W, 1), L as storage code, by which the face is known.
        ab: float32 (H, W, 2), its true a* and b*, CIELAB units.
        count: how many.
        seed: of where they are.
    """
    return color.draw_hints(ab, count, np.random.default_rng([seed, _digest(L)]))


class Levin(Painter):
    """Hints of the truth (`told`), spread without learning (`levin.levin`): what a model that takes hints must beat.

    Args:
        judged: the split about which it will be asked.
        count: hints for each face, 1 or more.
        seed: of where they are.
    """

    def __init__(self, judged: Split, count: int, seed: int = 0):
        super().__init__(judged)
        self.name = f"Levin, {count} hint{'' if count == 1 else 's'}"
        self.count, self.seed = count, seed

    def paint(self, L: np.ndarray, ab: np.ndarray) -> np.ndarray:
        """Hints drawn from `ab` and spread over the face, (H, W, 2)."""
        return levin(L, oracle_hints(L, ab, self.count, self.seed))


def _digest(L: np.ndarray) -> int:
    """A number for an L: another one as soon as a single pixel differs."""
    return int.from_bytes(hashlib.sha256(L.tobytes()).digest())


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


BASELINES = (Grey, MeanColor, MeanColorGivenL)


def fit_baselines(
    train: Split, judged: Split
) -> list[Grey | MeanColor | MeanColorGivenL | OneTrueColor]:
    """What every table shows: the baselines, fitted on `train`, then the oracle of `judged`, the split whose L they will be asked for."""
    return [*(baseline.fit(train) for baseline in BASELINES), OneTrueColor(judged)]
