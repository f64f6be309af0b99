"""The runs that are there, as tables of seeds and faces."""

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
    """Where a run's figures are."""
    return folder / size / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}.json"


class Results:
    """What was measured at one size, and the test faces that it was measured on.

    Args:
        folder: of the JSON files.
        size: of conditions.SIZES.
        train, test: the splits.
    """

    def __init__(self, folder: Path, size: str, train: data.Split, test: data.Split):
        self.folder, self.size, self._train, self._test = folder, size, train, test

    def has(self, name: str) -> bool:
        """Whether a condition has been trained with every seed."""
        return all(file_of(self.folder, self.size, name, seed).exists() for seed in SEEDS)

    @functools.cache  # noqa: B019  (one object a process)
    def of(self, name: str) -> list[dict[str, Any]]:
        """The runs of a condition, in order of their seeds."""
        return [
            json.loads(file_of(self.folder, self.size, name, seed).read_bytes()) for seed in SEEDS
        ]

    def faces(self, name: str, quantity: str) -> np.ndarray:
        """A quantity of every test face: (seeds, faces)."""
        return np.array([run[quantity] for run in self.of(name)])

    def runs(self, name: str, value: Callable[[dict], float]) -> np.ndarray:
        """A quantity of whole runs: (seeds,)."""
        return np.array([value(run) for run in self.of(name)])

    def distances(self, one: str, other: str) -> list[float]:
        """How far the colors that two conditions predict are from each other, seed by seed: root mean square, CIELAB units."""
        return [
            _distance(first, second)
            for first, second in zip(self.of(one), self.of(other), strict=True)
        ]

    def distances_of_seeds(self, name: str) -> list[float]:
        """The same between the seeds of one condition: chance of the training."""
        return [
            _distance(first, second) for first, second in itertools.combinations(self.of(name), 2)
        ]

    @functools.cached_property
    def true_hair_from_skin(self) -> tuple[np.ndarray, np.ndarray]:
        """The true distance of hair's color from the skin's, (faces,), and which faces show hair."""
        shown = np.array(
            [measures.shows_hair(row) for row in measures.drawn(self._test.identities)]
        )
        return measures.hair_from_skin(color.from_storage(self._test.lab)), shown

    @functools.cached_property
    def baselines(self) -> dict[str, tuple[float, float]]:
        """The MSE and the colorfulness of what every table shows, by name."""
        quantities = {name: evaluation.MEASURES[name] for name in ("mse", "colorfulness")}
        shown = evaluation.fit_baselines(self._train, self._test)
        return {
            each.name: tuple(
                v.mean() for v in evaluation.measure(each, self._test, quantities).values()
            )
            for each in shown
        }

    @functools.cached_property
    def true_colorfulness(self) -> float:
        """The mean over the true faces."""
        return float(evaluation.colorfulness(self._test.rgb).mean())

    @functools.cache  # noqa: B019
    def groups(self, by: str) -> tuple[np.ndarray, np.ndarray]:
        """The group of each test face, by "drawn tone" or "age"; and the MSE of each, painted in the mean color of its group's own training
        faces.
        """
        order = data.tones.DRAWN_GROUPS if by == "drawn tone" else tuple(name for *_, name in AGES)
        way = evaluation.Grouping(
            by, order, *(_groups(by, split) for split in (self._train, self._test))
        )
        return way.labels, evaluation.own_color_errors(way, self._train, self._test)


def _groups(by: str, split: data.Split) -> np.ndarray:
    if by == "drawn tone":
        return data.tones.by_drawn(data.tones.drawn(split))
    ages = [int(row["age"]) for row in measures.drawn(split.identities)]
    return np.array([next(name for low, high, name in AGES if low <= age < high) for age in ages])


def _distance(one: dict, other: dict) -> float:
    change = np.subtract(one["blocks"], other["blocks"])
    return float(np.sqrt((change**2).sum(axis=-1).mean()))
