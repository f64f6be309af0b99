"""One answer to one exercise: not attempted, not yet, or correct."""

import copy
import dis
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import first_line
from .comparing import difference, kind
from .exercise import Exercise

NOT_ATTEMPTED, NOT_YET, CORRECT = "not attempted", "not yet", "correct"
IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "COPY_FREE_VARS"}  # all that `...` and `return ...` compile to


class Verdict(NamedTuple):
    """What to say of an answer. The message is empty unless something is to be mended."""

    outcome: str
    message: str = ""


def judge(exercise: Exercise, function: Callable) -> Verdict:
    """Try a student's function on the exercise's cases, in their order, until one fails."""
    if not callable(function):
        return Verdict(NOT_YET, f"got {kind(function)}, needed a function: hand over its name, without calling it")
    if _is_stub(function):
        return Verdict(NOT_ATTEMPTED)
    for arguments in exercise.cases:
        problem = _problem(exercise, function, arguments)
        if problem:
            named = _mistake(exercise, function)
            return Verdict(NOT_YET, f'{problem}.{f" {named}" if named else ""} hint("{exercise.number}") helps.')
    return Verdict(CORRECT)


def _is_stub(function: Callable) -> bool:
    """Whether the function is as the lesson gave it: it does nothing and returns None or `...`."""
    code = getattr(function, "__code__", None)
    if code is None or {step.opname for step in dis.get_instructions(code)} - IDLE:
        return False
    return {const for const in code.co_consts if not isinstance(const, str)} <= {None, ...}


def _problem(exercise: Exercise, function: Callable, arguments: tuple) -> str | None:
    """What is wrong for these arguments."""
    needed = exercise.reference(*copy.deepcopy(arguments))
    own = copy.deepcopy(arguments)
    try:
        got = function(*own)
    except Exception as bad:  # whatever a student's code may raise
        where = _line(function, bad)
        return f"your function raised {type(bad).__name__}{where}: {first_line(bad)}; it was called with {_described(exercise, arguments)}"
    if got is None:
        return f"your function returned nothing (None): does it end in `return`? It was called with {_described(exercise, arguments)}"
    if difference(own, arguments, 0) is not None:
        return "your function changed its own arguments: work on a copy, or write `x = x + 1` instead of `x += 1`"
    problem = difference(got, needed, exercise.tolerance)
    return problem and f"{problem}; your function was called with {_described(exercise, arguments)}"


def _mistake(exercise: Exercise, function: Callable) -> str | None:
    """The message of the mistake that gives what the function gives, in all cases."""
    for mistake in exercise.mistakes:
        try:
            same = all(
                difference(function(*copy.deepcopy(case)), mistake.function(*copy.deepcopy(case)), exercise.tolerance) is None
                for case in exercise.cases
            )
        except Exception:  # the function fails: then it is another mistake
            continue
        if same:
            return mistake.message
    return None


def _described(exercise: Exercise, arguments: tuple) -> str:
    names = inspect.signature(exercise.reference).parameters
    return ", ".join(f"{name} = {_value(value)}" for name, value in zip(names, arguments, strict=False))


def _value(value: Any) -> str:
    """A short value as it is, a large one in words."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else kind(value)


def _line(function: Callable, bad: Exception) -> str:
    """Where in the student's function it happened."""
    code, trace, line = getattr(function, "__code__", None), bad.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code is code:
            line = trace.tb_lineno - code.co_firstlineno + 1
        trace = trace.tb_next
    return f" in its line {line}" if line else ""
