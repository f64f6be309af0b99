"""What an exercise is made of. Its answer is a function of the kit; nothing here or in the lessons' modules repeats it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Mistake(NamedTuple):
    """A wrong answer that many give.

    Attributes:
        function: gives it, for the arguments of the exercise.
        message: what to say to whoever made it.
    """

    function: Callable
    message: str


@dataclass(frozen=True)
class Exercise:
    """One function for the student to write.

    Attributes:
        number, title: "1.2", and a few words.
        reference: the kit's own function: same name, arguments and result.
        cases: tuples of arguments to judge by, the easiest first. Together they must tell every mistake from the right answer.
        hints: two, the second one closer to the answer.
        mistakes: that are recognized.
        tolerance: how far a number may be from the kit's, as a share of the largest one needed.
    """

    number: str
    title: str
    reference: Callable
    cases: tuple[tuple[Any, ...], ...]
    hints: tuple[str, str]
    mistakes: tuple[Mistake, ...] = ()
    tolerance: float = 1e-4
