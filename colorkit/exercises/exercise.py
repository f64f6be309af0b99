"""Define what an exercise is made of.

The answer to an exercise is a function of the kit. Neither this module nor the modules of the
lessons contain a second copy of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Mistake(NamedTuple):
    """A wrong answer that many students give.

    Attributes:
        function: the wrong answer; it takes the arguments of the exercise.
        message: what to say to a student who gives it.
    """

    function: Callable[..., Any]
    message: str


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One function for the student to write.

    Attributes:
        number: lesson and place, such as "1.2".
        title: a few words.
        reference: the kit's own function, with the name, arguments and result that are asked for.
        cases: tuples of arguments to judge by, the easiest first. Together they tell each mistake
            from the right answer.
        hints: two hints for the exercise; the second one gives away more.
        mistakes: wrong answers that are recognized.
        tolerance: how far a number may be from the kit's, as a share of the largest expected one.
    """

    number: str
    title: str
    reference: Callable[..., Any]
    cases: tuple[tuple[Any, ...], ...]
    hints: tuple[str, str]
    mistakes: tuple[Mistake, ...] = ()
    tolerance: float = 1e-4
