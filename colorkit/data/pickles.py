"""Opening pickles without running what they ask for.

A pickle is a program: it can name any function of any module and have it called. A split needs two names of NumPy, so no other is allowed.
Even these two trust what a pickle tells them: after a lie about a dtype's size, NumPy reads beyond its memory. So stand-ins that check it
take their place. And some steps crash Python or fill its memory without any name, so all steps are looked at before the first is taken.
"""

import pickle
import re
import sys
from typing import IO

import numpy as np

MAX_STEPS = 200  # a split takes 95, however many faces it holds
MAX_RECALLS = 20  # a split takes 3; each can double the size of a nest of tuples

# the steps of plain arrays, each with the size of its argument in bytes
STEPS = dict.fromkeys(
    [pickle.STOP, pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE, pickle.MARK, pickle.MEMOIZE], 0
)
STEPS |= dict.fromkeys(
    [
        pickle.TUPLE,
        pickle.TUPLE1,
        pickle.TUPLE2,
        pickle.TUPLE3,
        pickle.EMPTY_DICT,
        pickle.SETITEM,
        pickle.SETITEMS,
    ],
    0,
)
STEPS |= dict.fromkeys([pickle.STACK_GLOBAL, pickle.REDUCE, pickle.BUILD], 0)
STEPS |= {
    pickle.PROTO: 1,
    pickle.FRAME: 8,
    pickle.BINGET: 1,
    pickle.BININT: 4,
    pickle.BININT1: 1,
    pickle.BININT2: 2,
}
COUNTED = {
    pickle.SHORT_BINUNICODE: 1,
    pickle.SHORT_BINBYTES: 1,
    pickle.BINBYTES: 4,
    pickle.BINBYTES8: 8,
    pickle.BYTEARRAY8: 8,
}
STEPS |= COUNTED  # their argument counts the bytes that follow it


class _Dtype:
    """Stands in for numpy.dtype."""

    def __init__(self, code: str, *_: object):
        self.code, self.order = code, "|"

    def __setstate__(self, state: tuple):
        self.order = state[1]

    def real(self) -> np.dtype:
        code = self.order + self.code
        if not re.fullmatch(r"[<>|](u1|U[0-9]{1,5})", code):
            raise pickle.UnpicklingError(f"it asks for the dtype {code!a}, which no split needs")
        return np.dtype(code)


def _array(buffer: bytes, dtype: _Dtype, shape: tuple[int, ...], order: str) -> np.ndarray:
    """Stands in for numpy._core.numeric._frombuffer."""
    if order not in {"C", "F"} or not all(type(length) is int and length >= 0 for length in shape):
        raise pickle.UnpicklingError("it asks for an array of no plain shape")
    array = np.frombuffer(buffer, dtype.real())
    if (
        array.dtype.kind == "U"
        and array.view(f"{array.dtype.byteorder}u4").max(initial=0) > sys.maxunicode
    ):
        raise pickle.UnpicklingError("it holds letters that don't exist")
    return array.reshape(shape, order=order)


ALLOWED = {
    ("numpy", "dtype"): _Dtype,
    ("numpy._core.numeric", "_frombuffer"): _array,
}  # all that arrays pickled by protocol 5 name


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        module = module.replace("numpy.core.", "numpy._core.")  # as NumPy 1 wrote it
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(
                f"it asks for {ascii(f'{module}.{name}')[1:-1]}, which no split needs"
            )
        # a new function each time, as a pickle can also write into what it has named
        return lambda *arguments: ALLOWED[module, name](*arguments)


def load_pickle(stream: IO[bytes]) -> object:
    """Open a pickle of plain arrays, as `pickle.load` would, but refuse to import anything else.

    From a file, arrays are read into their own memory: nothing is held twice.

    Raises:
        pickle.UnpicklingError: the pickle asks for anything but NumPy's arrays.
    """
    _look_through(stream)
    stream.seek(0)
    return _Unpickler(stream).load()


def _look_through(stream: IO[bytes]) -> None:
    """Look at every step of a pickle without taking it."""
    end, here = stream.seek(0, 2), stream.seek(0)
    frame, steps = 0, b""
    while not steps.endswith(pickle.STOP):
        step = stream.read(1)
        if here < end and step not in STEPS:
            raise pickle.UnpicklingError(f"it asks for step {step!r}, which no split needs")
        size = STEPS.get(step, 1)
        number = int.from_bytes(stream.read(size), "little")
        start, here = here, here + 1 + size + (number if step in COUNTED else 0)
        if here > end:
            raise pickle.UnpicklingError("it is cut short")
        # Python's own unpickler skips the rest of a frame that ends within a step: it would take other steps than these
        if start < frame < here or (start < frame and step == pickle.FRAME):
            raise pickle.UnpicklingError("its frames overlap")
        frame = here + number if step == pickle.FRAME else frame
        steps += step
        if len(steps) > MAX_STEPS or steps.count(pickle.BINGET) > MAX_RECALLS:
            raise pickle.UnpicklingError("it asks for more steps than a split needs")
        stream.seek(here)
