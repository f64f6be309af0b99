"""What crosses from a notebook to its judge is plain data, judged as the lesson judges it."""

import io
import json
import math

import exchange
import keras
import numpy as np
import pytest

from colorkit.exercises import comparing


class EqualToAll(str):
    """A string that says it is equal to everything."""

    __hash__ = str.__hash__

    def __eq__(self, other):
        return True


class EqualNumber(float):
    """A number that says it is equal to everything."""

    __hash__ = float.__hash__

    def __eq__(self, other):
        return True


class Agreeable(np.ndarray):
    """An array that has no difference from anything."""

    def __sub__(self, other):
        return np.zeros(self.shape)

    def __ne__(self, other):
        return np.zeros(self.shape, bool)


class Anything:
    """An object that says it is equal to everything, and shows another array each time."""

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


def carry(value):
    """Return what arrives of a value."""
    return exchange.decode(json.loads(exchange.pack(value)))


ARRAY = np.array([[1.0, np.nan], [-np.inf, 2.5]])
FACES = np.zeros((2, 3), np.float32)
BOTH_WAYS = [
    (1, 1),
    (True, True),
    (True, 1),
    (1.5, 1.5),
    (math.inf, math.inf),
    (2**63, 2**63),
    ("real", "real"),
    (np.str_("real"), "real"),
    ("é\udcff", "é\udcff"),
    (np.float32(0.5), 0.5),
    (np.bool_(True), True),
    ([np.bool_(True)], np.array([True])),
    ([np.float64(1)], np.array([1.0])),
    ([True], np.array([True])),
    (ARRAY, ARRAY),
    (ARRAY.astype(">f4"), ARRAY),
    (np.array(1.0), 1.0),
    (np.array(["a", "b"]), ["a", "b"]),
    (np.array([["a"], ["b", "c"]], object), (["a"], ["b", "c"])),
    ((["a"], ["b"]), (["a"], ["b"])),
    ([1, 2], (1, 2)),
    ({"a": [1.0]}, {"a": np.array([1.0])}),
    ({1: 2}, {1: 2}),
    (keras.ops.zeros((2, 3)), FACES),
    ([keras.ops.zeros((2, 3))], [FACES]),
    (keras.ops.zeros((2,)), [0.0, 0.0]),
    ([keras.ops.zeros(())], np.zeros(1)),
    (FACES.T, FACES),
    (FACES.astype(int), FACES),
    (np.ma.array([1.0, 2.0]), np.array([1.0, 2.0])),
    ({1, 2}, [1, 2]),
    (None, 1),
    (1j, 1.0),
    (2**70, 1),
    (b"a", "a"),
    (np.array([None]), np.array([1.0])),
    ([], np.array([1.0])),
]


@pytest.mark.parametrize(("got", "expected"), BOTH_WAYS, ids=lambda value: repr(value)[:30])
def test_what_arrives_is_right_if_and_only_if_what_was_sent_is_right(got, expected):
    here = comparing.difference(got, expected, 1e-4) is None
    assert (comparing.difference(carry(got), expected, 1e-4) is None) == here


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (EqualToAll(), "real"),
        ([EqualToAll("x")], ["y"]),
        (np.array(["x"]).view(np.ndarray).astype(object), ["y"]),
        (EqualNumber(1.0), 2.0),
        (np.ones(3).view(Agreeable), np.zeros(3)),
        (Anything(), 1.0),
        (Anything(), "real"),
        ({"a": Anything()}, {"a": "b"}),
        (np.array([Anything()], object), ["b"]),
    ],
    ids=range(9),
)
def test_what_is_equal_to_everything_arrives_as_what_it_is(got, expected):
    assert comparing.difference(carry(got), expected, 1e-4) is not None


def test_a_list_in_itself_has_an_end():
    endless: list = []
    endless.append(endless)
    assert comparing.difference(carry(endless), [1], 0) is not None


@pytest.mark.parametrize(
    "tree",
    [
        [],
        {},
        {"list": 1},
        {"pickle": "x"},
        {"array": ["O", [1], ""]},
        {"array": ["|V8", [1], "AAAAAAAAAAA="]},
        {"array": ["<f8", [2], "AAAAAAAAAAA="]},
        {"array": ["<f8", [1], "x"]},
        {"list": [], "tuple": []},
        {"dict": [[{"list": []}, 1]]},
    ],
)
def test_what_was_not_encoded_here_is_refused(tree):
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        exchange.decode(tree)


def test_frames():
    stream = io.BytesIO()
    for data in (b"one", b"", b"two"):
        exchange.write_frame(stream, data)
    whole = stream.getvalue()
    stream.seek(0)
    assert [exchange.read_frame(stream) for _ in range(4)] == [b"one", b"", b"two", None]
    for cut in (1, 5, exchange.HEAD.size, exchange.HEAD.size + 2):
        assert exchange.read_frame(io.BytesIO(whole[:cut])) is None
    too_large = exchange.HEAD.pack(exchange.MARK, exchange.LARGEST + 1)
    for forged in (b"[1]\n", b'{"done": true}\n' * 3, too_large):
        with pytest.raises(ValueError, match="not a message"):
            exchange.read_frame(io.BytesIO(forged))
