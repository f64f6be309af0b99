"""Check a student's answer, print a hint for an exercise or its solution, and report progress.

    to_linear = check("1.1", my_to_linear)

prints *correct*, *not yet* with the expected result and the one it got, or *not attempted*, and
returns a function to continue with.
"""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from ..errors import KitError
from . import judging
from .exercise import Exercise

LESSONS = {
    "1": "data_prep",
    "2": "cnn",
    "3": "resnet",
    "4": "gan",
    "5": "evaluation",
    "6": "beyond_grey",
    "7": "old_photos",
}
_outcomes: dict[str, str] = {}  # number of an exercise: its latest outcome in this process
_hinted: dict[str, int] = {}  # number of an exercise: how many of its hints have been shown


def check(number: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Judge a student's answer, print the verdict, and return a function to continue with.

    Lessons 1.2, 2.1 and 3.1.

    Args:
        number: the exercise, "1.2" for the second one of lesson 1.
        function: the student's own function.

    Returns:
        `function` if it is correct, else the kit's own function.

    Raises:
        KitError: there is no such exercise.

    Example:
        >>> to_linear = check("1.1", my_to_linear)  # doctest: +SKIP
        1.1 correct
    """
    exercise = exercise_of(number)
    verdict = judging.judge(exercise, function)
    _outcomes[exercise.number] = verdict.outcome
    reason = f": {verdict.message}" if verdict.message else ""
    print(f"{exercise.number} {verdict.outcome}{reason}")
    if verdict.outcome == judging.CORRECT:
        return function
    print(f"The lesson continues with the kit's own {exercise.reference.__name__}.")
    return exercise.reference


def hint(number: str) -> None:
    """Print a hint for an exercise: the first one, and from the second call on the stronger one.

    Lessons 1.2, 2.1 and 3.1.

    Raises:
        KitError: there is no such exercise.

    Example:
        >>> hint("1.1")  # doctest: +SKIP
    """
    exercise = exercise_of(number)
    number = exercise.number
    hints = exercise.hints
    shown = min(_hinted.get(number, 0), len(hints) - 1)
    _hinted[number] = shown + 1
    more = f'hint("{number}") again gives another one'
    if shown + 1 == len(hints):
        more = f'solution("{number}") shows the answer'
    print(f"hint {shown + 1} of {len(hints)}: {hints[shown]} ({more})")


def solution(number: str) -> None:
    """Print the source of the kit's own function, which is the answer. Lessons 1.2, 2.1 and 3.1.

    Raises:
        KitError: there is no such exercise.

    Example:
        >>> solution("1.1")  # doctest: +SKIP
    """
    print(inspect.getsource(exercise_of(number).reference))


def progress(lesson: int) -> None:
    """Print a line for each exercise of a lesson, and how many are correct.

    Lessons 1.2, 2.1 and 3.1.

    Raises:
        KitError: there is no such lesson.

    Example:
        >>> progress(1)  # doctest: +SKIP
    """
    exercises = exercises_of(str(lesson).strip().removesuffix(".0"))  # progress(1.0), too
    outcomes = [_outcomes.get(exercise.number, "not checked yet") for exercise in exercises]
    for exercise, outcome in zip(exercises, outcomes, strict=True):
        print(f"{exercise.number} {exercise.title}: {outcome}")
    print(f"{outcomes.count(judging.CORRECT)} of {len(exercises)} correct")


def exercise_of(number: str) -> Exercise:
    """Find an exercise by its number.

    Raises:
        KitError: there is no such exercise.
    """
    number = str(number).strip()  # hint(1.1) is understood, too
    lesson = number.partition(".")[0]
    found = {exercise.number: exercise for exercise in exercises_of(lesson)}
    if number not in found:
        raise KitError(f"there is no exercise {number!r}: lesson {lesson} has {', '.join(found)}")
    return found[number]


def exercises_of(lesson: str) -> tuple[Exercise, ...]:
    """List the exercises of a lesson, given by its number.

    Only that lesson's module is imported, because not every lesson needs Keras.

    Raises:
        KitError: there is no such lesson.
    """
    if lesson not in LESSONS:
        raise KitError(f"there is no lesson {lesson!r} with exercises: {', '.join(LESSONS)}")
    return importlib.import_module(f".{LESSONS[lesson]}", __package__).EXERCISES
