"""Define what configs share: a base class, checks of their fields, and a mark of later fields."""

from dataclasses import dataclass, field
from typing import Any

# Metadata of a field that was added after runs had been made, see `later`.
LATER = {"later": True}


@dataclass(frozen=True)
class NetConfig:
    """What the config of every network says; a network with a choice has a field of that name."""

    @property
    def loss(self) -> str:
        """Return the name of the color loss, in `losses.OF_COLOR`."""
        return "l2"

    @property
    def hints(self) -> bool:
        """Tell whether the network takes color hints beside L."""
        return False

    @property
    def of_report(self) -> bool:
        """Tell whether it is one of the report's three models."""
        return False


def later(default: Any) -> Any:
    """Declare a field that was added after runs had been made.

    While it has its default it is left out of the digest, so older runs keep their folders.
    """
    return field(default=default, metadata=LATER)


def check_choice(field: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise ValueError, naming the field and its choices, unless `value` is one of `allowed`."""
    if value not in allowed:
        raise ValueError(f"{field}={value!r} is unknown; one of {', '.join(allowed)}")


def check_counts(field: str, values: tuple[int, ...]) -> None:
    """Raise ValueError, naming the field, unless all values are whole numbers of 1 or more."""
    if any(type(value) is not int or value < 1 for value in values):
        raise ValueError(f"{field}={values}: expected whole numbers of 1 or more")


def check_range(field: str, value: float, low: float, high: float) -> None:
    """Raise ValueError, naming the field, unless low <= value < high."""
    if not low <= value < high:
        raise ValueError(f"{field}={value}: expected at least {low} and less than {high}")
