"""The exercises: `check` a function that a student wrote, ask for a `hint` or the `solution`, and see one's `progress`."""

from .checking import LESSONS, check, exercises_of, hint, progress, solution
from .exercise import Exercise, Mistake
from .judging import CORRECT, NOT_YET, judge

__all__ = [
    "CORRECT",
    "LESSONS",
    "NOT_YET",
    "Exercise",
    "Mistake",
    "check",
    "exercises_of",
    "hint",
    "judge",
    "progress",
    "solution",
]
