"""Read the runs that exist, as tables of seeds and faces."""

import functools
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from colorkit import color, data, evaluation

from . import measures
from .conditions import SEEDS

AGES = ((0, 40, "under 40"), (40, 60, "40 to 59"), (60, 200, "60 and over"))


def file_of(folder: Path, size: str, name: str, seed: int) -> Path:
    """Return the file of a run's numbers."""
    return folder / size / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}.json"


class Results:
    """What was measured at one size, and the test faces that it was measured on.

    Args:
        folder: folder of the JSON files.
        size: key of conditions.SIZES.
        train, test: training and test split.
    """

    def __init__(self, folder: Path, size: str, train: data.Split, test: data.Split):
        self.folder = folder
        self.size = size
        self._train = train
        self._test = test

    def has(self, name: str) -> bool:
        """Tell whether a condition has been trained with every seed."""
        return all(file_of(self.folder, self.size, name, seed).exists() for seed in SEEDS)

    @functools.cache  # noqa: B019  (one object a process)
    def of(self, name: str) -> list[dict[str, Any]]:
        """Read the runs of a condition, in order of their seeds."""
        return [
            json.loads(file_of(self.folder, self.size, name, seed).read_bytes()) for seed in SEEDS
        ]

    def faces(self, name: str, quantity: str) -> np.ndarray:
        """Return a quantity of every test face: (seeds, faces)."""
        return np.array([run[quantity] for run in self.of(name)])

    def runs(self, name: str, value: Callable[[dict[str, Any]], float]) -> np.ndarray:
        """Compute a quantity of whole runs: (seeds,)."""
        return np.array([value(run) for run in self.of(name)])

    def distances(self, one: str, other: str) -> list[float]:
        """Compute how far apart the colors are that two conditions predict, seed by seed.

        Returns:
            Root mean square distances, CIELAB units.
        """
        pairs = zip(self.of(one), self.of(other), strict=True)
        return [_distance(first, second) for first, second in pairs]

    def distances_of_seeds(self, name: str) -> list[float]:
        """Compute the same between the seeds of one condition: chance of the training."""
        pairs = itertools.combinations(self.of(name), 2)
        return [_distance(first, second) for first, second in pairs]

    @functools.cached_property
    def true_hair_from_skin(self) -> tuple[np.ndarray, np.ndarray]:
        """The true distance of hair's color from the skin's; and which faces show hair."""
        rows = measures.drawn(self._test.identities)
        shown = np.array([measures.shows_hair(row) for row in rows])
        return measures.hair_from_skin(color.from_storage(self._test.lab)), shown

    @functools.cached_property
    def baselines(self) -> dict[str, tuple[float, float]]:
        """The MSE and the colorfulness of what every table shows, by name."""
        found = {}
        for each in evaluation.fit_baselines(self._train, self._test):
            measured = evaluation.measure(each, self._test, ("mse", "colorfulness"))
            found[each.name] = (measured["mse"].mean(), measured["colorfulness"].mean())
        return found

    @functools.cached_property
    def true_colorfulness(self) -> float:
        """The mean colorfulness of the true faces."""
        return float(evaluation.colorfulness(self._test.rgb).mean())

    @functools.cache  # noqa: B019
    def groups(self, by: str) -> tuple[np.ndarray, np.ndarray]:
        """Group the test faces, and measure each in its group's own mean color.

        Args:
            by: "drawn tone" or "age".

        Returns:
            The group of each face; and the MSE of each, painted in the mean color of its group's
            own training faces.
        """
        order = tuple(name for *_, name in AGES)
        if by == "drawn tone":
            order = data.tones.DRAWN_GROUPS
        training, labels = _groups(by, self._train), _groups(by, self._test)
        way = evaluation.Grouping(by, order, training, labels)
        return labels, evaluation.own_color_errors(way, self._train, self._test)


def _groups(by: str, split: data.Split) -> np.ndarray:
    """Return the group of each face, str (N,)."""
    if by == "drawn tone":
        return data.tones.by_drawn(data.tones.drawn(split))
    ages = [int(row["age"]) for row in measures.drawn(split.identities)]
    return np.array([_age_group(age) for age in ages])


def _age_group(age: int) -> str:
    return next(name for low, high, name in AGES if low <= age < high)


def _distance(one: dict[str, Any], other: dict[str, Any]) -> float:
    """Compute the root mean square distance of two runs' predictions."""
    change = np.subtract(one["blocks"], other["blocks"])
    return float(np.sqrt((change**2).sum(axis=-1).mean()))
