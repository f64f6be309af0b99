"""Batches reach Keras whole and in order, through tf.data with its tuning off, or as they are."""

import keras
import numpy as np
import pytest

from colorkit.data import splits
from colorkit.machine import feeding
from colorkit.training import batches, turns

STREAM = np.random.default_rng(0)
FACES = splits.Split(
    STREAM.integers(0, 256, (11, 112, 112, 3), dtype=np.uint8), np.arange(11).astype(str)
)


def are_equal(one, other) -> bool:
    """Whether two batches have the same form, types and values."""
    keras.tree.assert_same_structure(one, other)
    pairs = zip(keras.tree.flatten(one), keras.tree.flatten(other), strict=True)
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)


def test_rows_are_the_arrays_in_batches():
    one, two = np.arange(7), np.arange(7)[:, None] + 0.5
    rows = feeding.Rows((one, two), 3)
    assert len(rows) == 3
    assert are_equal(
        [rows[index] for index in range(3)],
        [((one[:3], two[:3]),), ((one[3:6], two[3:6]),), ((one[6:], two[6:]),)],
    )
    assert len(feeding.Rows(one, 7)) == 1
    assert are_equal(feeding.Rows(one, 7)[0], (one,))


@pytest.mark.parametrize(
    "shown",
    [
        batches.Batches(FACES, 4, 0, 0),
        turns.Turns(batches.Batches(FACES, 4, 0, 0), turns.generator_turn),
        turns.Turns(batches.Batches(FACES, 4, 0, 0), turns.discriminator_turn),
        feeding.Rows((FACES.L, FACES.ab), 4),
    ],
    ids=["batches", "generator", "discriminator", "two inputs"],
)
def test_every_batch_comes_once_in_order(shown):
    fed = feeding.feed(shown)
    assert len(fed) == len(shown)
    for _ in range(2):  # a second pass as the first
        found = [keras.tree.map_structure(lambda tensor: tensor.numpy(), item) for item in fed]
        assert len(found) == 3
        assert all(are_equal(item, shown[index]) for index, item in enumerate(found))


def test_the_tuning_that_delays_the_end_of_a_pass_is_off():
    assert feeding.feed(feeding.Rows(FACES.L, 4)).options().autotune.enabled is False


def test_jax_takes_the_batches_themselves(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    shown = batches.Batches(FACES, 4)
    assert feeding.feed(shown) is shown
