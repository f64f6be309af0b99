"""Carry results from a notebook's process to its judge, as plain data that can run nothing.

A notebook writes what it likes, so its judge takes nothing but numbers, strings, arrays of them,
and lists, tuples and dicts of those. Anything else arrives as an object that equals nothing. Such
data travel as JSON, each message in a frame with its length.
"""

import base64
import json
import re
import struct
from typing import IO, Any

import numpy as np

MARK = b"CKIT"  # begins every frame
HEAD = struct.Struct(">4sQ")  # the mark, and the number of bytes that follow
LARGEST = 1 << 28  # bytes of a message; the largest honest one has some thousand
DEEPEST = 20  # containers in containers
# Booleans, numbers, and strings: types that hold their values themselves.
DTYPE = re.compile(r"[<>|=][biufSU]\d{1,6}")
WHOLE = range(-(2**63), 2**64)  # what NumPy takes for a whole number


class Tensor:
    """An array that came as a tensor: it stands for numbers, but it isn't a NumPy array."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return the numbers."""
        return self._array


class Other:
    """A result of a kind that no exercise asks for."""


def write_frame(stream: IO[bytes], data: bytes) -> None:
    """Write one message."""
    stream.write(HEAD.pack(MARK, len(data)) + data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """Read one message; return None if the other side has ended.

    Raises:
        ValueError: something else was written there.
    """
    head = stream.read(HEAD.size)
    if head and not MARK.startswith(head[: len(MARK)]):
        raise ValueError("not a message")
    if len(head) < HEAD.size:
        return None
    mark, size = HEAD.unpack(head)
    if mark != MARK or size > LARGEST:
        raise ValueError("not a message")
    data = stream.read(size)
    return data if len(data) == size else None


def pack(value: Any) -> bytes:
    """Turn a result into bytes: equal results give equal bytes."""
    return json.dumps(encode(value)).encode()


def encode(value: Any, depth: int = 0) -> Any:
    """Turn a result into what JSON can hold; its kind stays known."""
    if depth > DEEPEST:
        return {"other": None}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic):
        return {"scalar": _encode_array(np.asarray(value))} if _is_plain(value) else {"other": None}
    if isinstance(value, np.ndarray):
        return _encode_ndarray(np.asarray(value), depth)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value) if int(value) in WHOLE else {"other": None}
    if isinstance(value, float):
        return float(value)
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [encode(item, depth + 1) for item in value]}
    if isinstance(value, dict):
        pairs = value.items()
        return {"dict": [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in pairs]}
    return _encode_tensor(value)


def _encode_ndarray(array: np.ndarray, depth: int) -> Any:
    """Turn an array into what JSON can hold; one of objects goes item by item."""
    if array.dtype.kind == "O":
        items = [encode(item, depth + 1) for item in array.ravel()]
        return {"objects": [list(array.shape), items]}
    return {"array": _encode_array(array)} if _is_plain(array) else {"other": None}


def _encode_tensor(value: Any) -> Any:
    """Turn a tensor of Keras into what JSON can hold, and anything else into nothing."""
    if not hasattr(value, "__array__"):
        return {"other": None}
    array = np.asarray(value)
    return {"tensor": _encode_array(array)} if _is_plain(array) else {"other": None}


def _is_plain(array: np.ndarray | np.generic) -> bool:
    """Tell whether an array holds booleans, numbers or strings."""
    return bool(DTYPE.fullmatch(array.dtype.str))


def _encode_array(array: np.ndarray) -> list[Any]:
    return [array.dtype.str, list(array.shape), base64.b64encode(array.tobytes()).decode()]


def decode(tree: Any) -> Any:
    """Return the result that `encode` was given.

    Raises:
        Exception: it is not from there. (There are many ways not to be.)
    """
    if tree is None or type(tree) in (bool, int, float, str):
        return tree
    ((kind, body),) = tree.items()
    if kind == "list":
        return [decode(item) for item in body]
    if kind == "tuple":
        return tuple(decode(item) for item in body)
    if kind == "dict":
        return {decode(key): decode(item) for key, item in body}
    if kind == "objects":
        return _decode_objects(*body)
    if kind == "other":
        return Other()
    array = _decode_array(*body)
    return {"array": array, "scalar": array[()], "tensor": Tensor(array)}[kind]


def _decode_array(dtype: str, shape: list[int], data: str) -> np.ndarray:
    if not DTYPE.fullmatch(dtype):
        raise ValueError("not an array of numbers or strings")
    return np.frombuffer(base64.b64decode(data), np.dtype(dtype)).reshape(shape)


def _decode_objects(shape: list[int], items: list[Any]) -> np.ndarray:
    array = np.empty(len(items), object)
    for place, item in enumerate(items):
        array[place] = decode(item)
    return array.reshape(shape)
