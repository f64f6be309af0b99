"""Let students `check` a function, ask for a `hint` or the `solution`, and see their `progress`."""

from .checking import LESSONS, check, exercises_of, hint, progress, solution
from .exercise import Exercise, Mistake
from .judging import CORRECT, NOT_ATTEMPTED, NOT_YET, is_stub, judge

__all__ = [
    "CORRECT",
    "LESSONS",
    "NOT_ATTEMPTED",
    "NOT_YET",
    "Exercise",
    "Mistake",
    "check",
    "exercises_of",
    "hint",
    "is_stub",
    "judge",
    "progress",
    "solution",
]
