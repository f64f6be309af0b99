"""What the judge says of results of every kind; the exercises themselves are in test_exercises.py."""

import keras
import numpy as np
import pytest

from colorkit.exercises import comparing, judging
from colorkit.exercises.exercise import Exercise


def double(x, times: int = 2):
    return x * times


EXERCISE = Exercise(
    "9.1", "twice", double, ((np.array([1.0, 2.0]),), (np.arange(200.0), 3)), ("one", "two")
)


def judged(function) -> judging.Verdict:
    return judging.judge(EXERCISE, function)


# not attempted


def dots(x, times=2):
    """What the lesson gives."""
    ...


def returns_dots(x, times=2):
    return ...


def passes(x, times=2):
    pass


@pytest.mark.parametrize("function", [dots, returns_dots, passes, lambda x, times=2: None])
def test_a_stub_is_not_attempted(function):
    assert judged(function) == (judging.NOT_ATTEMPTED, "")


@pytest.mark.parametrize(
    "function",
    [
        lambda x, times=2: 0,
        lambda x, times=2: "",
        lambda x, times=2: (None,),
        lambda x, times=2: x,
        abs,
    ],
)
def test_an_answer_that_does_little_is_an_attempt(function):
    assert judged(function).outcome == judging.NOT_YET


# what fails


def test_not_a_function():
    assert judged(3).message == "got 3, needed a function: hand over its name, without calling it"


def test_an_exception_is_told_with_its_line_and_the_arguments():
    def fails(x, times=2):
        y = x + 1
        return y["name"]

    message = judged(fails).message
    assert message.startswith("your function raised IndexError in its line 3: only integers")
    assert "it was called with x = array([1., 2.])" in message
    assert message.endswith('. hint("9.1") helps.')


def test_long_arguments_are_told_in_words():
    message = judged(lambda x, times=2: 2 * x).message
    assert "called with x = an array float64 (200,), 0 to 199, times = 3" in message


def test_changing_an_argument_is_told_and_does_not_spoil_the_case():
    def changes(x, times=2):
        x *= times
        return x

    for _ in range(2):
        assert "changed its own arguments" in judged(changes).message
    assert judged(double) == (judging.CORRECT, "")


def test_too_few_parameters():
    assert "raised TypeError: " in judged(lambda x: 2 * x).message


def test_what_changes_from_call_to_call_is_told():
    stream = np.random.default_rng(0)
    assert (
        f". {judging.WAVERING} hint"
        in judged(lambda x, times=2: stream.normal(size=x.shape)).message
    )
    assert judging.WAVERING not in judged(lambda x, times=2: 3 * x).message


@pytest.mark.parametrize("nothing", [np.nan, None, "", set()])
def test_what_can_not_be_compared_does_not_count_as_changing(nothing):
    assert judging.WAVERING not in judged(lambda x, times=2: nothing).message


# got and needed

FACES = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize(
    ("got", "needed", "message"),
    [
        (np.array(1.0), 1.0, None),
        (1, np.int64(1), None),
        (np.float64(0.5), np.float32(0.5), None),
        ([1, 2], (1, 2), None),
        (keras.ops.zeros((2, 3)), FACES, None),
        ({"a": [1.0]}, {"a": np.array([1.0])}, None),
        ("x", 1, "got str x, needed 1"),
        (np.array([1.0, 2.0]), (1.0, 2.0), None),
        (
            (1.0, 2.5),
            np.array([1.0, 2.0]),
            "got 2.5, needed 2 at [1] (values 1 to 2.5, needed 1 to 2)",
        ),
        ([[1.0]], np.array([[1.0]]), "got a list of 1, needed an array float64 (1, 1), 1 to 1"),
        ([], np.array([1.0]), "got a list of 0, needed an array float64 (1,), 1 to 1"),
        ([1], (1, 2), "got 1 item, needed 2"),
        ({1, 2}, [1, 2], "got a set of 2, which has no order, needed a list of 2"),
        (None, 1, "got NoneType None, needed 1"),
        (FACES.T, FACES, "got shape (3, 2), needed (2, 3)"),
        (FACES.astype(int), FACES, "got type int64, needed float32"),
        (True, 1, "got type bool, needed int64"),
        (1, True, "got type int64, needed bool"),
        (1.0, 1, "got type float64, needed int64"),
        (FACES + np.nan, FACES, "got nan, needed 0 at [0, 0] (values nan to nan, needed 0 to 0)"),
        (
            np.array([0.0, 255.0]),
            np.array([0.0, 1.0]),
            "got 255, needed 1 at [1] (values 0 to 255, needed 0 to 1)",
        ),
        (0.1234567, 0.2, "got 0.1235, needed 0.2"),
        ((1, 2, 3), (1, 2), "got 3 items, needed 2"),
        ((1, (2, 5)), (1, (2, 3)), "in item 1: in item 1: got 5, needed 3"),
        ({"b": 1}, {"a": 1}, "got the names ['b'], needed ['a']"),
        (5, (1, 2), "got 5, needed a tuple of 2"),
        ("real", "generated", "got 'real', needed 'generated'"),
        (np.inf, np.inf, None),
        (5.0, np.inf, "got 5, needed inf"),
        (-np.inf, np.inf, "got -inf, needed inf"),
        (np.nan, np.inf, "got nan, needed inf"),
        ([np.inf, 1.0], [np.inf, 2.0], "in item 1: got 1, needed 2"),
        (
            np.array([np.inf, 1.0]),
            np.array([np.inf, 2.0]),
            "got 1, needed 2 at [1] (values 1 to inf, needed 2 to inf)",
        ),
    ],
)
def test_got_and_needed(got, needed, message):
    assert comparing.difference(got, needed, 1e-4) == message


@pytest.mark.parametrize(("off", "fine"), [(0.9e-4, True), (1.1e-4, False)])
def test_the_tolerance_is_a_share_of_the_largest_number(off, fine):
    assert (
        comparing.difference(np.array([0 + 1000 * off, 1000.0]), np.array([0, 1000.0]), 1e-4)
        is None
    ) == fine
