import keras
import numpy as np
import pytest

from colorkit.training import averaging


def test_a_step_by_hand():
    average, weights = (
        [np.float32([1, 2]), np.float32([[8]])],
        [np.float32([3, 2]), np.float32([[0]])],
    )
    found = averaging.update(average, weights, 0.75)
    assert [part.tolist() for part in found] == [[1.5, 2], [[6]]]
    assert {part.dtype for part in found} == {np.dtype("float32")}
    assert [part.tolist() for part in average] == [[1, 2], [[8]]]  # a new one


def test_a_memory_of_so_many_steps():
    """Of where it began, decay to the power of the steps is left."""
    average = [np.zeros(1)]
    for _ in range(100):
        average = averaging.update(average, [np.ones(1)], 0.99)
    assert average[0] == pytest.approx(1 - 0.99**100)


def test_what_does_not_move_stays_to_the_last_bit():
    table = np.random.default_rng(0).normal(0, 30, 1000).astype(np.float32)
    assert np.array_equal(averaging.update([table], [table], 0.99)[0], table)


def test_as_many_arrays_on_both_sides():
    with pytest.raises(ValueError, match="shorter"):
        averaging.update([np.zeros(1), np.zeros(1)], [np.zeros(1)], 0.9)


@pytest.fixture
def leader() -> keras.Model:
    """With weights that learn, and moving averages that don't."""
    x = keras.Input((3,))
    return keras.Model(x, keras.layers.BatchNormalization()(keras.layers.Dense(2)(x)))


def test_a_follower_moves_when_told_to(leader):
    follower = averaging.Follower(leader, 0.75)
    start = leader.get_weights()
    assert [weight.shape for weight in start] == [(3, 2), (2,), (2,), (2,), (2,), (2,)]
    check_weights(follower.model, start)
    moved = [weight + 4 for weight in start]
    leader.set_weights(moved)
    check_weights(follower.model, start)
    follower.follow()
    check_weights(follower.model, averaging.update(start, moved, 0.75))
    check_weights(leader, moved)
    follower.restart()
    check_weights(follower.model, moved)


def check_weights(model: keras.Model, expected: list[np.ndarray]) -> None:
    assert [weight.tolist() for weight in model.get_weights()] == [
        weight.tolist() for weight in expected
    ]


def test_a_follower_predicts_as_a_model_with_these_weights(leader):
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    follower = averaging.Follower(leader, 0.9)
    before = follower.model.predict(x, verbose=0)
    assert np.array_equal(before, leader.predict(x, verbose=0))
    leader.set_weights([weight + 1 for weight in leader.get_weights()])
    follower.restart()
    assert np.array_equal(follower.model.predict(x, verbose=0), leader.predict(x, verbose=0))
    assert not np.array_equal(follower.model.predict(x, verbose=0), before)
