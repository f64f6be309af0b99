"""Say how a result differs from the expected one.

The kind of the result comes first, then its shape, type and range, and at last a single value.
A result can be anything, so nothing here relies on its methods: they may fail, and what they print
may be long.
"""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ..errors import first_line, printable

LONGEST_TEXT = 60  # characters of what an object says about itself
LONGEST_REASON = 200  # characters of an exception's message
T = TypeVar("T")
ONE_BY_ONE = (  # results that would still have to be asked for their values
    (inspect.iscoroutine, "a coroutine: leave out `async`"),
    (inspect.isasyncgen, "an async generator: leave out `async`, and `return` instead of `yield`"),
    (inspect.isgenerator, "a generator: `return` all values at once, for example as `list(...)`"),
)


def difference(got: Any, expected: Any, tolerance: float) -> str | None:
    """Say in words what is wrong with a result; return None if nothing is.

    Args:
        got, expected: numbers, arrays or tensors, or tuples, lists or dicts of them.
        tolerance: how far a number may be off, as a share of the largest expected one. Infinity
            compares the form alone: kinds, lengths, shapes, and types of numbers.
    """
    return attempt(
        lambda: _difference(got, expected, tolerance),
        lambda bad: (
            f"expected {describe(expected)}, got {describe(got)}, "
            f"which can't be read ({name_of(bad)}: {reason_of(bad)})"
        ),
    )


def describe(value: Any) -> str:
    """Describe a value in a few words: its type, shape and range."""
    return attempt(lambda: _describe(value), lambda bad: _describe_by_itself(value))


def name_of(value: object) -> str:
    """Return the name of a value's type."""
    return in_one_line(lambda: type(value).__name__)


def reason_of(bad: BaseException) -> str:
    """Return the first line of an exception's message."""
    return in_one_line(lambda: first_line(bad), LONGEST_REASON)


def in_one_line(text: Callable[[], str], longest: int = LONGEST_TEXT) -> str:
    """Return a text that an object of the student's makes, on one line of bounded length.

    Args:
        text: makes the text; it may fail.
        longest: number of characters that are kept.
    """

    def shorten() -> str:
        start = text()[: 10 * longest]  # to split megabytes would take long
        return printable(" ".join(start.split())[:longest])

    return attempt(shorten, lambda bad: "(can't be shown)")


def attempt(work: Callable[[], T], otherwise: Callable[[BaseException], T]) -> T:
    """Do work in which an object of the student's may raise anything.

    Args:
        work: what to do.
        otherwise: makes the result from an exception, be it SystemExit.

    Raises:
        KeyboardInterrupt: the student interrupts the check.
    """
    try:
        return work()
    except KeyboardInterrupt:
        raise
    except BaseException as bad:
        return otherwise(bad)


def _difference(got: Any, expected: Any, tolerance: float) -> str | None:
    """Compare two values whose methods may fail."""
    if isinstance(expected, dict | tuple | list):
        return _compare_containers(got, expected, tolerance)
    if isinstance(expected, str):
        return _compare_strings(got, expected, tolerance)
    got_array = _as_array(got)
    expected_array = np.asarray(expected)
    if got_array is None:
        return f"expected {describe(expected)}, got {describe(got)}"
    if got_array.shape != expected_array.shape:
        return f"expected shape {expected_array.shape}, got {got_array.shape}"
    wrong_type = _compare_types(got_array, expected_array)
    return wrong_type or _compare_values(got_array, expected_array, tolerance)


def _describe(value: Any) -> str:
    """Describe a value whose methods may fail."""
    for recognizes, words in ONE_BY_ONE:
        if recognizes(value):
            return words
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "biuf":
        span = f", {_span(value)}" if value.size else ""
        return f"an array {value.dtype} {value.shape}{span}"
    if isinstance(value, dict | tuple | list):
        return f"a {name_of(value)} of {len(value)}"
    if isinstance(value, set | frozenset):
        return f"a set of {len(value)}, which has no order"
    array = _as_array(value)
    if array is None:
        return _describe_by_itself(value)
    return describe(array) if array.ndim else f"{array.item()!r}"


def _describe_by_itself(value: object) -> str:
    """Describe a value by what it says about itself."""
    return f"{name_of(value)} {in_one_line(lambda: str(value))}"


def _compare_strings(got: Any, expected: str, tolerance: float) -> str | None:
    if not isinstance(got, str):
        return f"expected {expected!r}, got {describe(got)}"
    if tolerance == np.inf or str.__eq__(got, expected):
        return None
    return f"expected {expected!r}, got {in_one_line(lambda: repr(got))}"


def _compare_containers(got: Any, expected: dict | tuple | list, tolerance: float) -> str | None:
    """Compare two containers: their kind, their length, and then item by item."""
    same_kind = isinstance(got, dict) == isinstance(expected, dict)
    is_array = isinstance(got, np.ndarray) and got.ndim > 0
    if not (is_array or isinstance(got, dict | tuple | list)) or not same_kind:
        return f"expected a {type(expected).__name__} of {len(expected)}, got {describe(got)}"
    if len(got) != len(expected):
        items = "item" if len(expected) == 1 else "items"
        return f"expected {len(expected)} {items}, got {len(got)}"
    if isinstance(got, dict) and isinstance(expected, dict):
        if got.keys() != expected.keys():
            return f"expected the names {_names(expected)}, got {_names(got)}"
        places = [(repr(name), name) for name in expected]
    else:
        places = [(f"item {number}", number) for number in range(len(expected))]
    for place, key in places:
        problem = difference(got[key], expected[key], tolerance)
        if problem:
            return f"in {place}: {problem}"
    return None


def _names(named: dict) -> str:
    return in_one_line(lambda: str(sorted(named, key=str)), LONGEST_REASON)


def _compare_types(got: np.ndarray, expected: np.ndarray) -> str | None:
    """Compare two types of numbers.

    Where floats are expected, floats of any width will do. Where a single whole number is
    expected, whole numbers of any width will do.
    """
    both_floats = got.dtype.kind == expected.dtype.kind == "f"
    whole_number = got.ndim == 0 and got.dtype.kind in "iu"
    fits = got.dtype == expected.dtype or both_floats or whole_number
    if fits and (got.dtype.kind == "b") == (expected.dtype.kind == "b"):
        return None
    return f"expected type {expected.dtype}, got {got.dtype}"


def _compare_values(got: np.ndarray, expected: np.ndarray, tolerance: float) -> str | None:
    """Compare two arrays of the same shape, and name the value that is off the most."""
    got = got.astype(np.float64)
    expected = expected.astype(np.float64)
    largest = np.abs(expected[np.isfinite(expected)]).max(initial=0)
    with np.errstate(invalid="ignore"):  # infinity minus infinity
        off = np.nan_to_num(np.abs(got - expected), nan=np.inf)  # so not-a-number is far off
    wrong = (got != expected) & (off > tolerance * max(largest, 1e-6))
    if not wrong.any():
        return None
    place = np.unravel_index(np.argmax(np.where(wrong, off, -1)), wrong.shape)
    at = f" at {[int(index) for index in place]}" if got.ndim else ""
    problem = f"expected {_short(expected[place])}{at}, got {_short(got[place])}"
    if got.size > 1:
        problem += f" (all values: expected {_span(expected)}, got {_span(got)})"
    return problem


def _span(array: np.ndarray) -> str:
    return f"{_short(array.min())} to {_short(array.max())}"


def _short(value: Any) -> str:
    return f"{value:.4g}"


def _as_array(value: Any) -> np.ndarray | None:
    """Turn a number, an array, a tensor, or a list or tuple of numbers into an array.

    Return None for anything else.
    """
    if isinstance(value, list | tuple):
        numbers = (isinstance(item, bool | int | float | np.number) for item in value)
        known = len(value) > 0 and all(numbers)
    else:
        is_number = isinstance(value, bool | int | float | np.generic | np.ndarray)
        known = is_number or hasattr(value, "__array__")
    if not known:
        return None
    array = np.asarray(value)
    return array if array.dtype.kind in "biuf" else None
