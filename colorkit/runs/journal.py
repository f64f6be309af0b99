"""Record what a run has done, and decide from that record when to stop or slow down.

The journal is everything in a checkpoint that isn't an array: the history of finished epochs, and
how far the epoch in progress has come. The learning rate and the end of training follow from the
history alone, so a resumed run behaves like one that was never interrupted.
"""

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeAlias

from ..models.fields import check_known
from ..training.segments import Result
from .places import Place

Record: TypeAlias = dict[str, float]
"""The metrics of an epoch by name, and its number as "epoch"."""

START = Place(0)  # where a run is that has nothing stored
STORED_AS = {"segments": "legs"}  # fields whose key in a checkpoint is another


@dataclass(frozen=True)
class Journal:
    """What a run has done so far.

    Attributes:
        history: record of each finished epoch.
        seconds: duration of each finished epoch, in seconds.
        results: results of the epoch in progress.
        segments: number of finished segments of the epoch in progress.
        spent: seconds that those segments took.
        encoder: what ResNet-50 started as, "imagenet" or "untrained"; None for other models.
        precision: dtype policy with which the run started; None before that.
    """

    history: list[Record] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    segments: int = 0
    spent: float = 0.0
    encoder: str | None = None
    precision: str | None = None

    @property
    def place(self) -> Place:
        """The place of its checkpoint."""
        return Place(len(self.history), self.segments)

    def is_finished(self, epochs: int, patience: int) -> bool:
        """Decide whether the run is done.

        Args:
            epochs: number of epochs to train.
            patience: number of epochs without a new best after which to stop early; 0 for never.
        """
        if len(self.history) >= epochs:
            return True
        return patience > 0 and since_best(self.history) >= patience

    def how_it_begins(self, epochs: int, patience: int) -> str:
        """Say whether a run of this many epochs starts, resumes or is finished."""
        done = len(self.history)
        if self.is_finished(epochs, patience):
            early = f", {since_best(self.history)} of them without a new best"
            return f"finished, {done} epochs done{early if done < epochs else ''}"
        if self.place == START:
            return f"starts, {epochs} epochs in all"
        segment = f" after segment {self.segments}" if self.segments else ""
        return f"resumes at epoch {done + 1}{segment}, {epochs} epochs in all"

    def after_segment(self, results: list[Result], spent: float) -> "Journal":
        """Return the journal one segment later.

        Args:
            results: results of the segment.
            spent: seconds since the epoch began.
        """
        done = self.segments + 1
        return replace(self, results=[*self.results, *results], segments=done, spent=spent)

    def after_epoch(self, metrics: dict[str, float], seconds: float) -> "Journal":
        """Return the journal one epoch later, with nothing of the next.

        Args:
            metrics: metrics of the epoch by name.
            seconds: duration of the epoch.
        """
        record: Record = {"epoch": len(self.history) + 1}
        for name, value in metrics.items():
            record[name] = float(value)
        return Journal(
            [*self.history, record],
            [*self.seconds, round(seconds, 2)],
            encoder=self.encoder,
            precision=self.precision,
        )

    def to_json(self) -> dict[str, Any]:
        """Return what a checkpoint stores. Its key for the segments is "legs", as in older runs."""
        return {STORED_AS.get(name, name): value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Journal":
        """Undo `to_json`, after JSON has turned named tuples into lists."""
        names = {key: name for name, key in STORED_AS.items()}
        fields = {names.get(key, key): each for key, each in value.items()}
        check_known(fields, cls.__dataclass_fields__)
        fields["results"] = [Result(*result) for result in value["results"]]
        return cls(**fields)


def best(history: list[Record]) -> Record:
    """Find the first record of the lowest validation MSE; one that is NaN counts as the highest.

    Args:
        history: record of each finished epoch, with "val_mse"; at least one.
    """

    def error(record: Record) -> float:
        return math.inf if math.isnan(record["val_mse"]) else record["val_mse"]

    return min(history, key=error)


def since_best(history: list[Record]) -> int:
    """Count the epochs since the validation MSE was at its lowest. Lesson 3.4.

    Args:
        history: record of each finished epoch, with "val_mse".

    Returns:
        0 if the last epoch is the best one, or for an empty history.

    Example:
        >>> since_best([{"val_mse": 60.0}, {"val_mse": 55.0}, {"val_mse": 58.0}])
        1
    """
    if not history:
        return 0
    return len(history) - 1 - history.index(best(history))


def halvings(history: list[Record], patience: int) -> int:
    """Count how often the learning rate has been halved. Lesson 3.4.

    It is halved each time that `patience` epochs have passed without a new best validation MSE.

    Args:
        history: record of each finished epoch, with "val_mse".
        patience: number of epochs to wait; 0 for never.

    Example:
        >>> halvings([{"val_mse": 60.0}, {"val_mse": 61.0}, {"val_mse": 62.0}], patience=2)
        1
    """
    count = 0
    waited = 0
    best = float("inf")
    for record in history:
        if record["val_mse"] < best:
            best = record["val_mse"]
            waited = 0
        else:
            waited += 1
        if patience and waited == patience:
            count += 1
            waited = 0
    return count
