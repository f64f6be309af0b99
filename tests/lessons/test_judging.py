"""Test what the judge says about results of every kind.

The exercises themselves are tested in test_exercises.py.
"""

import keras
import numpy as np
import pytest

from colorkit.exercises import comparing, judging
from colorkit.exercises.exercise import Exercise


def double(x, times: int = 2):
    return x * times


EXERCISE = Exercise(
    number="9.1",
    title="twice",
    reference=double,
    cases=((np.array([1.0, 2.0]),), (np.arange(200.0), 3)),
    hints=("one", "two"),
)


def judge(function) -> judging.Verdict:
    return judging.judge(EXERCISE, function)


# not attempted


def dots(x, times=2):
    """The stub as the lesson gives it."""
    ...


def returns_dots(x, times=2):
    return ...


def passes(x, times=2):
    pass


@pytest.mark.parametrize("function", [dots, returns_dots, passes, lambda x, times=2: None])
def test_a_stub_is_not_attempted(function):
    assert judge(function) == (judging.NOT_ATTEMPTED, "")


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
    assert judge(function).outcome == judging.NOT_YET


# what fails


def test_not_a_function():
    assert judge(3).message == "expected a function, got 3: pass its name, without calling it"


def test_an_exception_is_reported_with_its_line_and_the_arguments():
    def fails(x, times=2):
        y = x + 1
        return y["name"]

    message = judge(fails).message
    assert message.startswith("your function raised IndexError in its line 3: only integers")
    assert "it was called with x = array([1., 2.])" in message
    assert message.endswith('. hint("9.1") helps.')


def test_long_arguments_are_described_in_words():
    message = judge(lambda x, times=2: 2 * x).message
    assert "called with x = an array float64 (200,), 0 to 199, times = 3" in message


def test_changing_an_argument_is_reported_and_does_not_spoil_the_case():
    def changes(x, times=2):
        x *= times
        return x

    for _ in range(2):
        assert "changed its own arguments" in judge(changes).message
    assert judge(double) == (judging.CORRECT, "")


def test_too_few_parameters():
    assert "raised TypeError: " in judge(lambda x: 2 * x).message


def test_what_changes_from_call_to_call_is_reported():
    stream = np.random.default_rng(0)

    def draws(x, times=2):
        return stream.normal(size=x.shape)

    assert f". {judging.UNSTEADY} hint" in judge(draws).message
    assert judging.UNSTEADY not in judge(lambda x, times=2: 3 * x).message


@pytest.mark.parametrize("nothing", [np.nan, None, "", set()])
def test_what_cannot_be_compared_does_not_count_as_changing(nothing):
    assert judging.UNSTEADY not in judge(lambda x, times=2: nothing).message


# expected and got

FACES = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        (np.array(1.0), 1.0, None),
        (1, np.int64(1), None),
        (np.float64(0.5), np.float32(0.5), None),
        ([1, 2], (1, 2), None),
        (keras.ops.zeros((2, 3)), FACES, None),
        ({"a": [1.0]}, {"a": np.array([1.0])}, None),
        ("x", 1, "expected 1, got str x"),
        (np.array([1.0, 2.0]), (1.0, 2.0), None),
        (
            (1.0, 2.5),
            np.array([1.0, 2.0]),
            "expected 2 at [1], got 2.5 (all values: expected 1 to 2, got 1 to 2.5)",
        ),
        ([[1.0]], np.array([[1.0]]), "expected an array float64 (1, 1), 1 to 1, got a list of 1"),
        ([], np.array([1.0]), "expected an array float64 (1,), 1 to 1, got a list of 0"),
        ([1], (1, 2), "expected 2 items, got 1"),
        ({1, 2}, [1, 2], "expected a list of 2, got a set of 2, which has no order"),
        (None, 1, "expected 1, got NoneType None"),
        (FACES.T, FACES, "expected shape (2, 3), got (3, 2)"),
        (FACES.astype(int), FACES, "expected type float32, got int64"),
        (True, 1, "expected type int64, got bool"),
        (1, True, "expected type bool, got int64"),
        (1.0, 1, "expected type int64, got float64"),
        (
            FACES + np.nan,
            FACES,
            "expected 0 at [0, 0], got nan (all values: expected 0 to 0, got nan to nan)",
        ),
        (
            np.array([0.0, 255.0]),
            np.array([0.0, 1.0]),
            "expected 1 at [1], got 255 (all values: expected 0 to 1, got 0 to 255)",
        ),
        (0.1234567, 0.2, "expected 0.2, got 0.1235"),
        ((1, 2, 3), (1, 2), "expected 2 items, got 3"),
        ((1, (2, 5)), (1, (2, 3)), "in item 1: in item 1: expected 3, got 5"),
        ({"b": 1}, {"a": 1}, "expected the names ['a'], got ['b']"),
        (5, (1, 2), "expected a tuple of 2, got 5"),
        ("real", "generated", "expected 'generated', got 'real'"),
        (np.inf, np.inf, None),
        (5.0, np.inf, "expected inf, got 5"),
        (-np.inf, np.inf, "expected inf, got -inf"),
        (np.nan, np.inf, "expected inf, got nan"),
        ([np.inf, 1.0], [np.inf, 2.0], "in item 1: expected 2, got 1"),
        (
            np.array([np.inf, 1.0]),
            np.array([np.inf, 2.0]),
            "expected 2 at [1], got 1 (all values: expected 2 to inf, got 1 to inf)",
        ),
    ],
)
def test_expected_and_got(got, expected, message):
    assert comparing.difference(got, expected, 1e-4) == message


@pytest.mark.parametrize(("off", "fine"), [(0.9e-4, True), (1.1e-4, False)])
def test_the_tolerance_is_a_share_of_the_largest_number(off, fine):
    got = np.array([1000 * off, 1000.0])
    problem = comparing.difference(got, np.array([0, 1000.0]), 1e-4)
    assert (problem is None) == fine
