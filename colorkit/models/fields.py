"""Define what configs share: a base class, checks of their fields, and a mark of later fields."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

# Metadata of a field that was added after runs had been made, see `later`.
LATER = {"later": True}

LARGEST_COUNT = 10**9  # far beyond every use, and well inside every library's integers
LARGEST_SEED = 2**32 - 1  # what NumPy's and Keras' generators take
LARGEST_LAYER = 4096  # filters or units of a layer
MOST_LAYERS = 16
LONGEST = 60  # letters of a value in a message


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


class UnknownFieldError(TypeError):
    """Something saved has fields that this version of the kit doesn't know."""


def check_known(names: Iterable[str], known: Collection[str]) -> None:
    """Raise UnknownFieldError unless all of these names are known."""
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnknownFieldError(f"it has {shorten(', '.join(unknown))}, which is unknown here")


def check_choice(field: str, value: Any, allowed: tuple[str, ...]) -> None:
    """Raise ValueError, naming the field and its choices, unless `value` is one of `allowed`."""
    if type(value) is not str or value not in allowed:
        raise ValueError(f"{field}={shown(value)} is unknown; one of {', '.join(allowed)}")


def check_choices(field: str, values: Any, allowed: tuple[str, ...]) -> None:
    """Raise ValueError, naming the field, unless it is a tuple of some of `allowed`."""
    if type(values) is not tuple:
        raise ValueError(f"{field}={shown(values)}: expected a tuple of {', '.join(allowed)}")
    for value in values:
        check_choice(field, value, allowed)


def check_flag(field: str, value: Any) -> None:
    """Raise ValueError, naming the field, unless `value` is True or False."""
    if type(value) is not bool:
        raise ValueError(f"{field}={shown(value)}: expected True or False")


def check_count(field: str, value: Any, least: int = 1, most: int = LARGEST_COUNT) -> None:
    """Raise ValueError, naming the field, unless `value` is a whole number in this range."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{field}={shown(value)}: expected a whole number from {least} to {most}")


def check_filters(field: str, values: Any) -> None:
    """Raise ValueError, naming the field, unless each layer has a number of filters in reason.

    A layer of more than LARGEST_LAYER filters, or units, takes gigabytes for a single picture.
    """
    if (
        type(values) is not tuple
        or len(values) > MOST_LAYERS
        or any(type(value) is not int or not 1 <= value <= LARGEST_LAYER for value in values)
    ):
        raise ValueError(
            f"{field}={shown(values)}: expected whole numbers from 1 to {LARGEST_LAYER}, "
            f"one for each of at most {MOST_LAYERS} layers"
        )


def check_range(field: str, value: Any, low: float, high: float) -> None:
    """Raise ValueError, naming the field, unless low <= value < high."""
    # not a number (NaN) compares as False
    if type(value) not in (int, float) or not low <= value < high:
        raise ValueError(
            f"{field}={shown(value)}: expected a number of at least {low} and less than {high}"
        )


def shown(value: Any) -> str:
    """Write a value for a message, cut off where it is long."""
    try:
        return shorten(repr(value))
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "a number of thousands of digits"


def shorten(text: str) -> str:
    """Cut off what is too long for a message."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
