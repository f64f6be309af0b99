"""Open pickles without running what they ask for.

A pickle is a program: it can name any function of any module and have it called. A split needs only
two names, both NumPy's, so no other is allowed. Even these two trust what a pickle tells them:
after a lie about a dtype's size, NumPy reads beyond its memory. So stand-ins that check everything
take their place. And some steps crash Python or fill its memory without any name, so every step is
looked at before the first is taken.
"""

import pickle
import re
import sys
from collections.abc import Callable
from typing import IO, Any, Literal

import numpy as np

MAX_STEPS = 200  # a split takes 95, however many faces it holds
MAX_RECALLS = 20  # a split takes 3; each can double the size of a nest of tuples

# Steps whose argument counts the bytes that follow it: the size of that argument in bytes.
COUNTED = {
    pickle.SHORT_BINUNICODE: 1,
    pickle.SHORT_BINBYTES: 1,
    pickle.BINBYTES: 4,
    pickle.BINBYTES8: 8,
    pickle.BYTEARRAY8: 8,
}
# All steps of plain arrays: the size of each one's argument in bytes.
STEPS = COUNTED | {
    pickle.STOP: 0,
    pickle.NONE: 0,
    pickle.NEWTRUE: 0,
    pickle.NEWFALSE: 0,
    pickle.MARK: 0,
    pickle.MEMOIZE: 0,
    pickle.TUPLE: 0,
    pickle.TUPLE1: 0,
    pickle.TUPLE2: 0,
    pickle.TUPLE3: 0,
    pickle.EMPTY_DICT: 0,
    pickle.SETITEM: 0,
    pickle.SETITEMS: 0,
    pickle.STACK_GLOBAL: 0,
    pickle.REDUCE: 0,
    pickle.BUILD: 0,
    pickle.PROTO: 1,
    pickle.FRAME: 8,
    pickle.BINGET: 1,
    pickle.BININT: 4,
    pickle.BININT1: 1,
    pickle.BININT2: 2,
}


class _Dtype:
    """A stand-in for numpy.dtype."""

    def __init__(self, code: str, *_: object):
        self.code = code
        self.order = "|"

    def __setstate__(self, state: tuple) -> None:
        self.order = state[1]

    def real(self) -> np.dtype:
        """Return NumPy's own dtype: of bytes or of strings, nothing else."""
        code = self.order + self.code
        if not re.fullmatch(r"[<>|](u1|U[0-9]{1,5})", code):
            raise pickle.UnpicklingError(f"it asks for the dtype {code!a}, which no split needs")
        return np.dtype(code)


def _array(
    buffer: bytes, dtype: _Dtype, shape: tuple[int, ...], order: Literal["C", "F"]
) -> np.ndarray:
    """Stand in for numpy._core.numeric._frombuffer."""
    if order not in {"C", "F"} or not all(type(length) is int and length >= 0 for length in shape):
        raise pickle.UnpicklingError("it asks for an array whose shape is not plain")
    array = np.frombuffer(buffer, dtype.real())
    if array.dtype.kind == "U":
        letters = array.view(f"{array.dtype.byteorder}u4")
        if letters.max(initial=0) > sys.maxunicode:
            raise pickle.UnpicklingError("it holds letters that don't exist")
    return array.reshape(shape, order=order)


# all the names in arrays that were pickled with protocol 5
ALLOWED: dict[tuple[str, str], Callable[..., _Dtype | np.ndarray]] = {
    ("numpy", "dtype"): _Dtype,
    ("numpy._core.numeric", "_frombuffer"): _array,
}


class _Unpickler(pickle.Unpickler):
    """An unpickler that knows the allowed names only."""

    def find_class(self, module: str, name: str) -> Callable[..., _Dtype | np.ndarray]:
        """Return the stand-in for an allowed name; refuse any other."""
        module = module.replace("numpy.core.", "numpy._core.")  # NumPy 1 wrote it so
        if (module, name) not in ALLOWED:
            asked = ascii(f"{module}.{name}")[1:-1]
            raise pickle.UnpicklingError(f"it asks for {asked}, which no split needs")
        # a new function each time, because a pickle can also write into what it has named
        return lambda *arguments: ALLOWED[module, name](*arguments)


def load_pickle(stream: IO[bytes]) -> Any:
    """Open a pickle of plain arrays, but refuse to import anything else. Lesson 1.4.

    Works like `pickle.load` otherwise. From a file, arrays are read into their own memory, so
    nothing is in memory twice.

    Raises:
        pickle.UnpicklingError: the pickle asks for anything but NumPy's arrays.

    Example:
        >>> import io, pickle
        >>> import numpy as np
        >>> load_pickle(io.BytesIO(pickle.dumps({"ones": np.ones(3, np.uint8)}, protocol=5)))
        {'ones': array([1, 1, 1], dtype=uint8)}
    """
    _look_through(stream)
    stream.seek(0)
    return _Unpickler(stream).load()


def _look_through(stream: IO[bytes]) -> None:
    """Look at every step of a pickle without taking it; refuse what no split needs."""
    end = stream.seek(0, 2)
    here = stream.seek(0)
    frame_end = 0
    steps = b""
    while not steps.endswith(pickle.STOP):
        step = stream.read(1)
        if here < end and step not in STEPS:
            raise pickle.UnpicklingError(f"it asks for step {step!r}, which no split needs")
        size = STEPS.get(step, 1)
        number = int.from_bytes(stream.read(size), "little")
        start = here
        here += 1 + size
        if step in COUNTED:
            here += number
        if here > end:
            raise pickle.UnpicklingError("it is cut short")
        # Python's own unpickler skips the rest of a frame that ends within a step. It would then
        # take other steps than the ones looked at here.
        cuts_a_step = start < frame_end < here
        nested = start < frame_end and step == pickle.FRAME
        if cuts_a_step or nested:
            raise pickle.UnpicklingError("its frames overlap")
        if step == pickle.FRAME:
            frame_end = here + number
        steps += step
        if len(steps) > MAX_STEPS or steps.count(pickle.BINGET) > MAX_RECALLS:
            raise pickle.UnpicklingError("it asks for more steps than a split needs")
        stream.seek(here)
