"""Test what the judge says about results of every kind.

The exercises themselves are tested in test_exercises.py.
"""

import dataclasses
import itertools
import re
import signal
import sys
import time
import unittest.mock

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


def test_words_that_change_from_call_to_call_are_reported():
    exercise = dataclasses.replace(EXERCISE, reference=lambda x, times=2: ["a", "b"])
    words = itertools.count()
    message = judging.judge(exercise, lambda x, times=2: ["a", str(next(words))]).message
    assert judging.UNSTEADY in message


@pytest.mark.parametrize("nothing", [np.nan, None, "", set()])
def test_what_cannot_be_compared_does_not_count_as_changing(nothing):
    assert judging.UNSTEADY not in judge(lambda x, times=2: nothing).message


# results and exceptions of any kind

LONGEST = 1000  # characters of a message


class Symbolic:
    """An array without values, like PyTorch's tensors that require a gradient."""

    def __array__(self, *arguments, **options):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


class Broken:
    """A result whose own methods fail, the comparison and the class too."""

    __class__ = property(lambda self: 1 / 0)
    __bool__ = __eq__ = __repr__ = lambda *_: 1 / 0
    __hash__ = None


class Leaving:
    def __repr__(self):
        sys.exit("gone")


class Rows(list):
    def __len__(self):
        raise ValueError("no length")


class SpeechlessError(Exception):
    def __str__(self):
        raise ValueError("no words")


class FalsyError(Exception):
    def __bool__(self):
        return False


async def asynchronous(x, times=2):
    return x * times


async def asynchronous_generator(x, times=2):
    yield x * times


def generator(x, times=2):
    yield x * times


def knot() -> list:
    """Return a list that contains itself."""
    tied: list = []
    tied.append(tied)
    return tied


def raising(bad: BaseException):
    def fails(x, times=2):
        raise bad

    return fails


def returning(value):
    return lambda x, times=2: value


ARRAY = "expected an array float64 (2,), 2 to 4, got "
RAISED = "your function raised "
ODD = {
    "coroutine": (asynchronous, ARRAY + "a coroutine: leave out `async`;"),
    "asynchronous generator": (asynchronous_generator, ARRAY + "an async generator: leave out"),
    "generator": (generator, ARRAY + "a generator: `return` all values at once"),
    "coroutines": (lambda x, times=2: [asynchronous(x), asynchronous(x)], ARRAY + "a list of 2;"),
    "KerasTensor": (
        lambda x, times=2: keras.Input((3,)),
        f"got KerasTensor {repr(keras.Input((3,)))[:60]}, "  # versions of Keras show other fields
        "which can't be read (ValueError: A KerasTensor is symbolic",
    ),
    "symbolic": (
        lambda x, times=2: Symbolic(),
        "which can't be read (RuntimeError: Can't call numpy() on",
    ),
    "broken": (lambda x, times=2: Broken(), ARRAY + "Broken (can't be shown), which can't be read"),
    "leaving": (lambda x, times=2: Leaving(), ARRAY + "Leaving (can't be shown);"),
    "no length": (returning(Rows([1])), ARRAY + "Rows [1], which can't be read (ValueError: no l"),
    "knot": (returning(knot()), ARRAY + "a list of 1;"),
    "ragged": (returning([[1], [1, 2]]), ARRAY + "a list of 2;"),
    "number of 5,000 digits": (returning(10**5000), ARRAY + "int (can't be shown);"),
    "lines": (returning("two\nlines\x1b[31m"), ARRAY + "str two lines\\x1b[31m;"),
    "megabyte": (returning("x" * 10**6), ARRAY + f"str {'x' * 60};"),
    "agrees with everything": (returning(unittest.mock.ANY), ARRAY + "_ANY <ANY>;"),
    "exit": (raising(SystemExit("done")), RAISED + "SystemExit in its line 2: done; `exit` would"),
    "GeneratorExit": (raising(GeneratorExit()), RAISED + "GeneratorExit in its line 2: Generator"),
    "speechless": (
        raising(SpeechlessError()),
        RAISED + "SpeechlessError in its line 2: (can't be shown);",
    ),
    "falsy": (raising(FalsyError("no")), RAISED + "FalsyError in its line 2: no;"),
    "long": (raising(ValueError("y" * 10**6)), RAISED + f"ValueError in its line 2: {'y' * 200};"),
    "lines raised": (raising(ValueError("\x1b[31m\nb")), "ValueError in its line 2: \\x1b[31m;"),
}


@pytest.mark.parametrize(("function", "message"), ODD.values(), ids=ODD)
def test_whatever_comes_is_judged_in_one_line(function, message, recwarn):
    outcome, said = judge(function)
    assert outcome == judging.NOT_YET
    assert message in said
    assert len(said.splitlines()) == 1
    assert len(said) < LONGEST
    assert not recwarn.list  # such as "coroutine was never awaited"


@pytest.mark.parametrize("make", [Broken, Leaving, lambda: keras.Input((3,))])
def test_what_is_no_function_is_described_whatever_it_is(make):
    assert re.fullmatch("expected a function, got .*: pass its name, .*", judge(make()).message)


class Callable:
    """A function by its call alone."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __call__(self, x, times=2):
        return x * times


def test_a_callable_without_the_attributes_of_a_function_is_judged_by_its_results():
    assert judge(Callable()) == (judging.CORRECT, "")
    assert judge(lambda x, times=2: Callable()).outcome == judging.NOT_YET


def test_a_method_s_exception_has_its_line():
    class Answers:
        def fails(self, x, times=2):
            raise ValueError("no")

    assert "raised ValueError in its line 2: no" in judge(Answers().fails).message


def test_an_answer_s_settings_of_numpy_end_with_its_call():
    def exp(x):  # before NumPy 2.2 its own has no signature
        return np.exp(x)

    exercise = dataclasses.replace(
        EXERCISE, reference=exp, cases=((np.array([0.0]),), (np.array([-1000.0]),))
    )

    def strict(x):
        np.seterr(all="raise")
        return np.maximum(1 + x, 0)

    assert judging.judge(exercise, strict) == (judging.CORRECT, "")


def test_the_student_can_interrupt_a_check():
    def long(x, times=2):
        signal.raise_signal(signal.SIGINT)
        return x * times

    with pytest.raises(KeyboardInterrupt):
        judge(long)


@pytest.mark.parametrize("part", [0.0, "a", [0.0]], ids=["numbers", "strings", "lists"])
def test_a_long_list_is_judged_at_once(part):
    began = time.perf_counter()
    assert "got " in judge(lambda x, times=2: [part] * 100_000).message
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "same", [np.array(["real"]), unittest.mock.ANY, np.array(["real", "real"])], ids=repr
)
def test_a_string_is_a_string(same):
    assert comparing.difference(same, "real", 0).startswith("expected 'real', got ")
    assert comparing.difference(np.str_("real"), "real", 0) is None


def test_with_an_infinite_tolerance_the_form_alone_counts():
    for got, expected in [("a", "b"), (1.0, np.nan), ((1, ["a"]), (2, ["b"]))]:
        assert comparing.difference(got, expected, np.inf) is None
    for got, expected in [(1, "b"), (1.0, 1), ((1, ["a"]), (2, ["b", "c"])), ([1.0], FACES)]:
        assert comparing.difference(got, expected, np.inf)


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
        ({"b": 1, 2: 3}, {"a": 1, "b": 2}, "expected the names ['a', 'b'], got [2, 'b']"),
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
