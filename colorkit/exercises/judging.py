"""One answer to one exercise: not attempted, not yet, or correct."""

import copy
import dis
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..errors import first_line
from .comparing import difference, kind
from .exercise import Exercise

SHORT, ARRAY = 200, 60  # characters of an argument that are shown as they are
NOT_ATTEMPTED, NOT_YET, CORRECT = "not attempted", "not yet", "correct"
WAVERING = "Called twice with the same arguments, it gives two results: what is random in it has to start from the arguments, and nothing else."
IDLE = {
    "RESUME",
    "NOP",
    "LOAD_CONST",
    "RETURN_VALUE",
    "RETURN_CONST",
    "COPY_FREE_VARS",
}  # all that `...` and `return ...` compile to


class Verdict(NamedTuple):
    """What to say of an answer. The message is empty unless something is to be mended."""

    outcome: str
    message: str = ""


def judge(exercise: Exercise, function: Callable) -> Verdict:
    """Try a student's function on the exercise's cases, in their order, until one fails."""
    if not callable(function):
        return Verdict(
            NOT_YET,
            f"got {kind(function)}, needed a function: hand over its name, without calling it",
        )
    if _is_stub(function):
        return Verdict(NOT_ATTEMPTED)
    with np.errstate(all="ignore"):  # an overflow is judged by what comes of it
        problem = next(
            filter(None, (_problem(exercise, function, arguments) for arguments in exercise.cases)),
            None,
        )
        if problem:
            named = _mistake(exercise, function) or _wavering(exercise, function)
            return Verdict(
                NOT_YET,
                f'{problem}.{f" {named}" if named else ""} hint("{exercise.number}") helps.',
            )
    return Verdict(CORRECT)


def _is_stub(function: Callable) -> bool:
    """Whether the function is as the lesson gave it: it does nothing and returns None or `...`."""
    code = getattr(function, "__code__", None)
    steps = list(dis.get_instructions(code)) if code else []
    loaded = [step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    return (
        bool(steps)
        and {step.opname for step in steps} <= IDLE
        and all(value in (None, ...) for value in loaded)
    )


def _problem(exercise: Exercise, function: Callable, arguments: tuple) -> str | None:
    """What is wrong for these arguments."""
    needed = exercise.reference(*_copied(arguments))
    own = _copied(arguments)
    try:
        got = function(*own)
    except Exception as bad:  # whatever a student's code may raise
        where = _line(function, bad)
        return f"your function raised {type(bad).__name__}{where}: {first_line(bad)}; it was called with {_described(exercise, arguments)}"
    if got is None:
        return f"your function returned nothing (None): does it end in `return`? It was called with {_described(exercise, arguments)}"
    if any(
        difference(mine, given, 0)
        for mine, given in zip(own, arguments, strict=True)
        if mine is not given
    ):
        return "your function changed its own arguments: work on a copy, or write `x = x + 1` instead of `x += 1`"
    problem = difference(got, needed, exercise.tolerance)
    return problem and f"{problem}; your function was called with {_described(exercise, arguments)}"


def _copied(arguments: tuple) -> tuple:
    """For the function to do with as it likes; what isn't data (a Keras model) is handed over itself."""
    return tuple(
        copy.deepcopy(value) if isinstance(value, np.ndarray | list | dict | tuple) else value
        for value in arguments
    )


def _mistake(exercise: Exercise, function: Callable) -> str | None:
    """The message of the mistake that gives what the function gives, in all cases."""
    for mistake in exercise.mistakes:
        try:
            same = all(
                difference(
                    function(*_copied(case)), mistake.function(*_copied(case)), exercise.tolerance
                )
                is None
                for case in exercise.cases
            )
        except Exception:  # the function fails: then it is another mistake
            continue
        if same:
            return mistake.message
    return None


def _wavering(exercise: Exercise, function: Callable) -> str | None:
    """What to say of a function that gives other results when it is called again."""
    for case in exercise.cases:
        try:
            first, second = function(*_copied(case)), function(*_copied(case))
            comparable = difference(first, first, 0) is None
        except Exception:  # the function fails, which has been told
            return None
        if comparable and difference(second, first, exercise.tolerance):
            return WAVERING
    return None


def _described(exercise: Exercise, arguments: tuple) -> str:
    names = inspect.signature(exercise.reference).parameters
    return ", ".join(
        f"{name} = {_value(value)}" for name, value in zip(names, arguments, strict=False)
    )


def _value(value: Any) -> str:
    """A short value as it is, a large one in words."""
    text = " ".join(repr(value).split())
    return text if len(text) <= (ARRAY if isinstance(value, np.ndarray) else SHORT) else kind(value)


def _line(function: Callable, bad: Exception) -> str:
    """Where in the student's function it happened."""
    code, trace, line = getattr(function, "__code__", None), bad.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code is code:
            line = trace.tb_lineno - code.co_firstlineno + 1
        trace = trace.tb_next
    return f" in its line {line}" if line else ""
