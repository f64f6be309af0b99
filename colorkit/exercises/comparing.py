"""How a result differs from the one that was needed: first its kind, then shape, type, range, and at last a value."""

from typing import Any

import numpy as np


def difference(got: Any, needed: Any, tolerance: float) -> str | None:
    """What is wrong with a result, in words; None when nothing is.

    Args:
        got, needed: numbers, arrays or tensors, or tuples, lists or dicts of them.
        tolerance: how far a number may be off, as a share of the largest one needed.
    """
    if isinstance(needed, dict | tuple | list):
        return _of_container(
            list(got) if isinstance(got, np.ndarray) and got.ndim else got, needed, tolerance
        )
    if isinstance(needed, str):
        return None if got == needed else f"got {got!r}, needed {needed!r}"
    array, wanted = _array(got), np.asarray(needed)
    if array is None:
        return f"got {kind(got)}, needed {kind(needed)}"
    if array.shape != wanted.shape:
        return f"got shape {array.shape}, needed {wanted.shape}"
    return _of_type(array, wanted) or _of_values(array, wanted, tolerance)


def kind(value: Any) -> str:
    """A value in a few words: its type, shape and range."""
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "biuf":
        span = f", {_number(value.min())} to {_number(value.max())}" if value.size else ""
        return f"an array {value.dtype} {value.shape}{span}"
    if isinstance(value, dict | tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, set | frozenset):
        return f"a set of {len(value)}, which has no order"
    array = _array(value)
    if array is not None:
        return f"{array.item()!r}" if not array.ndim else kind(array)
    return f"{type(value).__name__} {str(value)[:60]}"


def _of_container(got: Any, needed: dict | tuple | list, tolerance: float) -> str | None:
    if not isinstance(got, dict if isinstance(needed, dict) else tuple | list):
        return f"got {kind(got)}, needed a {type(needed).__name__} of {len(needed)}"
    if len(got) != len(needed):
        return f"got {len(got)} {'item' if len(got) == 1 else 'items'}, needed {len(needed)}"
    if isinstance(needed, dict) and got.keys() != needed.keys():
        return f"got the names {sorted(got)}, needed {sorted(needed)}"
    for name in needed if isinstance(needed, dict) else range(len(needed)):
        problem = difference(got[name], needed[name], tolerance)
        if problem:
            return (
                f"in {name!r}: {problem}"
                if isinstance(needed, dict)
                else f"in item {name}: {problem}"
            )
    return None


def _of_type(array: np.ndarray, wanted: np.ndarray) -> str | None:
    """Floats of any width will do where floats are needed, and whole numbers of any width for a single whole number."""
    same = (
        array.dtype == wanted.dtype
        or array.dtype.kind == wanted.dtype.kind == "f"
        or (array.ndim == 0 and array.dtype.kind in "iu")
    )
    if same and (array.dtype.kind == "b") == (wanted.dtype.kind == "b"):
        return None
    return f"got type {array.dtype}, needed {wanted.dtype}"


def _of_values(array: np.ndarray, wanted: np.ndarray, tolerance: float) -> str | None:
    array, wanted = array.astype(np.float64), wanted.astype(np.float64)
    largest = np.abs(wanted[np.isfinite(wanted)]).max(initial=0)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        off = np.nan_to_num(np.abs(array - wanted), nan=np.inf)
    wrong = (array != wanted) & ~(
        off <= tolerance * max(largest, 1e-6)
    )  # so that not-a-number counts as wrong
    if not wrong.any():
        return None
    place = np.unravel_index(np.argmax(np.where(wrong, off, -1)), wrong.shape)
    at = f" at {[int(index) for index in place]}" if array.ndim else ""
    extent = f" (values {_span(array)}, needed {_span(wanted)})" if array.size > 1 else ""
    return f"got {_number(array[place])}, needed {_number(wanted[place])}{at}{extent}"


def _span(array: np.ndarray) -> str:
    return f"{_number(array.min())} to {_number(array.max())}"


def _number(value: Any) -> str:
    return f"{value:.4g}"


def _array(value: Any) -> np.ndarray | None:
    """A number, an array, a tensor, or a list or tuple of numbers as an array; None for anything else."""
    numbers = (
        isinstance(value, list | tuple)
        and value
        and all(isinstance(item, bool | int | float | np.number) for item in value)
    )
    if (
        not numbers
        and not isinstance(value, bool | int | float | np.generic | np.ndarray)
        and not hasattr(value, "__array__")
    ):
        return None
    array = np.asarray(value)
    return array if array.dtype.kind in "biuf" else None
