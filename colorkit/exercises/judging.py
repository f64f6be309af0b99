"""Judge one answer to one exercise: not attempted, not yet, or correct."""

import copy
import dis
import inspect
import types
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .comparing import attempt, describe, difference, name_of, reason_of
from .exercise import Exercise

LONGEST_VALUE = 200  # characters; a longer argument is described in words
LONGEST_ARRAY = 60  # the same for an array
NOT_ATTEMPTED = "not attempted"
NOT_YET = "not yet"
CORRECT = "correct"
UNSTEADY = (
    "Called twice with the same arguments, it gives two different results. "
    "Its random numbers must start from the arguments, and from nothing else."
)
LEAVING = "`exit` would end the lesson: give the result back with `return`"
IDLE = {  # the only steps that `...` and `return ...` compile to
    "RESUME",
    "NOP",
    "LOAD_CONST",
    "RETURN_VALUE",
    "RETURN_CONST",
    "COPY_FREE_VARS",
}


class Verdict(NamedTuple):
    """What to say about an answer. The message is empty unless something has to be fixed."""

    outcome: str
    message: str = ""


class Called(NamedTuple):
    """What came of one call of a function: a result, or an exception."""

    got: Any = None
    raised: BaseException | None = None


def judge(exercise: Exercise, function: object) -> Verdict:
    """Try a student's function on the cases of an exercise, in order, until one fails.

    Whatever the function returns or raises decides the verdict and nothing else; `exit` raises
    SystemExit, so it is judged as well.

    Raises:
        KeyboardInterrupt: the student interrupted the check. (If the function itself raises it,
            that can't be told from an interruption, so it ends the check, too.)
    """
    if not callable(function):
        got = describe(function)
        return Verdict(
            NOT_YET, f"expected a function, got {got}: pass its name, without calling it"
        )
    if is_stub(function):
        return Verdict(NOT_ATTEMPTED)
    with np.errstate(all="ignore"):  # an overflow is judged by its result
        problem = _first_problem(exercise, function)
        if problem is None:
            return Verdict(CORRECT)
        advice = _recognize_mistake(exercise, function) or _notice_chance(exercise, function)
    sentences = [f"{problem}.", advice, f'hint("{exercise.number}") helps.']
    return Verdict(NOT_YET, " ".join(filter(None, sentences)))


def is_stub(function: Callable[..., Any]) -> bool:
    """Say whether the function is still the lesson's: it does nothing and returns None or `...`."""
    code = _code_of(function)
    if code is None:
        return False
    steps = list(dis.get_instructions(code))
    loaded = [step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    idle = {step.opname for step in steps} <= IDLE
    return idle and all(value in (None, ...) for value in loaded)


def _first_problem(exercise: Exercise, function: Callable[..., Any]) -> str | None:
    for arguments in exercise.cases:
        problem = _find_problem(exercise, function, arguments)
        if problem:
            return problem
    return None


def _find_problem(exercise: Exercise, function: Callable[..., Any], arguments: tuple) -> str | None:
    """Say what is wrong with the function's result for these arguments."""
    expected = exercise.reference(*_copy(arguments))
    own = _copy(arguments)
    called = f"called with {_describe_arguments(exercise, arguments)}"
    got, raised = _call(function, own)
    if raised is not None:
        return f"your function raised {_describe_failure(function, raised)}; it was {called}"
    if got is None:
        return f"your function returned nothing (None): does it end in `return`? It was {called}"
    if _were_changed(own, arguments):
        return (
            "your function changed its own arguments: "
            "work on a copy, or write `x = x + 1` instead of `x += 1`"
        )
    problem = difference(got, expected, exercise.tolerance)
    return problem and f"{problem}; your function was {called}"


def _were_changed(own: tuple, arguments: tuple) -> bool:
    """Say whether a function changed the copies of the arguments that it was called with."""
    pairs = zip(own, arguments, strict=True)
    return any(difference(mine, given, 0) for mine, given in pairs if mine is not given)


def _copy(arguments: tuple) -> tuple:
    """Copy the data among the arguments, so that a function may change them.

    Anything else, such as a Keras model, is passed on itself.
    """
    data = np.ndarray | list | dict | tuple
    return tuple(copy.deepcopy(value) if isinstance(value, data) else value for value in arguments)


def _recognize_mistake(exercise: Exercise, function: Callable[..., Any]) -> str | None:
    """Return the message of the mistake whose results are the function's in all cases."""
    for mistake in exercise.mistakes:
        if _agree(exercise, function, mistake.function):
            return mistake.message
    return None


def _agree(exercise: Exercise, one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Say whether two functions give the same results in all cases."""
    for case in exercise.cases:
        first = _call(one, _copy(case))
        second = _call(other, _copy(case))
        if (first.raised, second.raised) != (None, None):  # then it is another mistake
            return False
        if difference(first.got, second.got, exercise.tolerance) is not None:
            return False
    return True


def _notice_chance(exercise: Exercise, function: Callable[..., Any]) -> str | None:
    """Return what to say about a function that gives another result when it is called again."""
    for case in exercise.cases:
        first = _call(function, _copy(case))
        second = _call(function, _copy(case))
        if (first.raised, second.raised) != (None, None):  # the problem already says so
            return None
        form = exercise.reference(*_copy(case))
        comparable = (
            difference(first.got, form, np.inf) is None
            and difference(first.got, first.got, 0) is None
        )
        if comparable and difference(second.got, first.got, exercise.tolerance):
            return UNSTEADY
    return None


def _call(function: Callable[..., Any], arguments: tuple) -> Called:
    """Call a function that may raise anything, change NumPy's settings, or be asynchronous.

    Raises:
        KeyboardInterrupt: see `judge`.
    """

    def call() -> Called:
        with np.errstate():
            got = function(*arguments)
        _close_coroutines(got)
        return Called(got)

    return attempt(call, lambda bad: Called(raised=bad))


def _close_coroutines(got: Any) -> None:
    """Close what an `async` function returns; Python would warn that nobody awaited it."""
    parts = got if type(got) in (list, tuple) else (got,)
    for part in parts:
        if type(part) is types.CoroutineType:
            part.close()


def _describe_arguments(exercise: Exercise, arguments: tuple) -> str:
    names = inspect.signature(exercise.reference).parameters
    pairs = zip(names, arguments, strict=False)
    return ", ".join(f"{name} = {_show(value)}" for name, value in pairs)


def _show(value: Any) -> str:
    """Show a short value as it is, and describe a long one in words."""
    text = " ".join(repr(value).split())
    longest = LONGEST_ARRAY if isinstance(value, np.ndarray) else LONGEST_VALUE
    return text if len(text) <= longest else describe(value)


def _describe_failure(function: Callable[..., Any], bad: BaseException) -> str:
    """Describe an exception of the student's function, with the line that raised it."""
    advice = f"; {LEAVING}" if isinstance(bad, SystemExit) else ""
    return f"{name_of(bad)}{_line_of(function, bad)}: {reason_of(bad)}{advice}"


def _line_of(function: Callable[..., Any], bad: BaseException) -> str:
    """Say in which line of the student's function an exception was raised."""
    code = _code_of(function)
    trace = bad.__traceback__
    line = None
    while trace is not None:
        if code is not None and trace.tb_frame.f_code is code:
            line = trace.tb_lineno - code.co_firstlineno + 1
        trace = trace.tb_next
    return f" in its line {line}" if line else ""


def _code_of(function: object) -> types.CodeType | None:
    """Return the code of a function or a method; None for any other callable."""
    if type(function) is types.MethodType:
        function = function.__func__
    return function.__code__ if type(function) is types.FunctionType else None
