"""The exercises: `check` a function that a student wrote, ask for a `hint` or the `solution`, and see one's `progress`.

    to_linear = check("1.1", my_to_linear)

prints *correct*, *not yet* with what was got and what was needed, or *not attempted*, and gives back a function to go on with.
"""

import importlib
import inspect
from collections.abc import Callable

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
_outcomes: dict[str, str] = {}  # of this process, by number of the exercise
_hinted: dict[str, int] = {}  # how many hints were asked for


def check(number: str, function: Callable) -> Callable:
    """Judge a student's answer, print the verdict, and return a function to go on with.

    Args:
        number: of the exercise, "1.2" for the second of lesson 1.
        function: the student's own.

    Returns:
        `function` where it is correct, else the kit's own.

    Raises:
        KitError: there is no such exercise.
    """
    exercise = exercise_of(number)
    verdict = judging.judge(exercise, function)
    _outcomes[number] = verdict.outcome
    print(f"{number} {verdict.outcome}{f': {verdict.message}' if verdict.message else ''}")
    if verdict.outcome == judging.CORRECT:
        return function
    print(f"The lesson goes on with the kit's own {exercise.reference.__name__}.")
    return exercise.reference


def hint(number: str) -> None:
    """Print the exercise's first hint; asked again, its second."""
    hints = exercise_of(number).hints
    shown = min(_hinted.get(number, 0), len(hints) - 1)
    _hinted[number] = shown + 1
    more = (
        f' (hint("{number}") once more gives another)'
        if shown + 1 < len(hints)
        else f' (solution("{number}") shows the answer)'
    )
    print(f"hint {shown + 1} of {len(hints)}: {hints[shown]}{more}")


def solution(number: str) -> None:
    """Print the source of the kit's own function: it is the answer, and no copy of it."""
    print(inspect.getsource(exercise_of(number).reference))


def progress(lesson: int) -> None:
    """Print how far one is with a lesson's exercises: a line each."""
    exercises = exercises_of(str(lesson))
    for exercise in exercises:
        print(
            f"{exercise.number} {exercise.title}: {_outcomes.get(exercise.number, 'not checked yet')}"
        )
    done = sum(_outcomes.get(exercise.number) == judging.CORRECT for exercise in exercises)
    print(f"{done} of {len(exercises)} correct")


def exercise_of(number: str) -> Exercise:
    """Find an exercise by its number.

    Raises:
        KitError: there is no such exercise.
    """
    number = str(number)  # hint(1.1) is understood, too
    found = {exercise.number: exercise for exercise in exercises_of(number.partition(".")[0])}
    if number not in found:
        raise KitError(
            f"there is no exercise {number!r}: lesson {number.partition('.')[0]} has {', '.join(found)}"
        )
    return found[number]


def exercises_of(lesson: str) -> tuple[Exercise, ...]:
    """List the exercises of a lesson, by its number.

    Raises:
        KitError: there is no such lesson.
    """
    if lesson not in LESSONS:
        raise KitError(f"there is no lesson {lesson!r} with exercises: {', '.join(LESSONS)}")
    return importlib.import_module(
        f".{LESSONS[lesson]}", __package__
    ).EXERCISES  # one at a time: not every lesson needs Keras
