"""Check the fields of a config, and mark those that were added later."""

from dataclasses import field
from typing import Any

# Metadata of a field that was added after runs had been made, see `later`.
LATER = {"later": True}


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
