"""What a run writes down as it goes: all of a checkpoint that isn't an array."""

from dataclasses import dataclass, field, replace

from ..training.segments import Result
from .checkpoints import Place

START = Place(0)  # of a run that has nothing stored


@dataclass(frozen=True)
class Journal:
    """How far a run came.

    Attributes:
        history, seconds: a record and a duration an epoch.
        results, legs, spent: of the epoch begun, its figures so far, the number of its legs that are done, and their seconds.
        encoder: what the borrowed encoder started as.
        precision: the dtype policy in which the run was started; None before.
    """

    history: list[dict] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    legs: int = 0
    spent: float = 0.0
    encoder: str | None = None
    precision: str | None = None

    @property
    def place(self) -> Place:
        """Where its checkpoint stands."""
        return Place(len(self.history), self.legs)

    def is_finished(self, epochs: int, patience: int) -> bool:
        """Whether so many epochs are done, or so many without a new best (0: never mind)."""
        return len(self.history) >= epochs or (
            patience > 0 and since_best(self.history) >= patience
        )

    def how_it_begins(self, epochs: int, patience: int) -> str:
        """Say whether a run of so many epochs starts, resumes or is finished."""
        done = len(self.history)
        if self.is_finished(epochs, patience):
            early = (
                f", {since_best(self.history)} of them without a new best" if done < epochs else ""
            )
            return f"finished, {done} epochs done{early}"
        if self.place == START:
            return f"starts, {epochs} epochs in all"
        return f"resumes at epoch {done + 1}{f' after leg {self.legs}' if self.legs else ''}, {epochs} epochs in all"

    def after_leg(self, results: list[Result], spent: float) -> "Journal":
        """One leg further. `spent`: seconds since the epoch began."""
        return replace(self, results=[*self.results, *results], legs=self.legs + 1, spent=spent)

    def after_epoch(self, record: dict[str, float], seconds: float) -> "Journal":
        """One epoch further, none of the next begun."""
        record = {"epoch": len(self.history) + 1} | {
            name: float(value) for name, value in record.items()
        }
        return Journal(
            [*self.history, record],
            [*self.seconds, round(seconds, 2)],
            encoder=self.encoder,
            precision=self.precision,
        )

    @classmethod
    def from_json(cls, value: dict) -> "Journal":
        """Undo `asdict`, back from JSON (where named tuples have become lists)."""
        return cls(**(value | {"results": [Result(*result) for result in value["results"]]}))


def since_best(history: list[dict]) -> int:
    """How many epochs ago the validation MSE was at its lowest; 0 for an empty history."""
    errors = [record["val_mse"] for record in history]
    return len(errors) - 1 - errors.index(min(errors)) if errors else 0


def halvings(history: list[dict], patience: int) -> int:
    """How often the learning rate has been halved: each time that `patience` epochs passed without a new best.

    Args:
        history: of the epochs done.
        patience: epochs; 0 for never.
    """
    count, waited, best = 0, 0, float("inf")
    for record in history:
        waited = 0 if record["val_mse"] < best else waited + 1
        best = min(best, record["val_mse"])
        if patience and waited == patience:
            count, waited = count + 1, 0
    return count
