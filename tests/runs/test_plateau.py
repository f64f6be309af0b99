import math

import keras
import numpy as np
import pytest

from colorkit.runs import journal


def history(*errors: float) -> list[dict]:
    return [{"val_mse": error} for error in errors]


def test_how_long_ago_the_best_was():
    assert journal.since_best([]) == 0
    assert journal.since_best(history(5)) == 0
    assert journal.since_best(history(5, 4, 3)) == 0
    assert journal.since_best(history(5, 3, 4, 6)) == 2
    assert journal.since_best(history(3, 3, 3)) == 2  # as good is not better


def test_when_the_learning_rate_is_halved():
    errors = (5, 6, 6, 6, 6, 4, 4.5, 4.5)
    assert [journal.halvings(history(*errors[:count]), 2) for count in range(len(errors) + 1)] == [
        0,
        0,
        0,
        1,
        1,
        2,
        2,
        2,
        3,
    ]
    assert journal.halvings(history(*errors), 0) == 0


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_the_rules_are_those_of_keras_own_callbacks(patience):
    """Which count as they go, and so forget in a restart what ours know from the history."""
    stopped = 0
    for seed in range(20):
        errors = np.random.default_rng(seed).integers(0, 12, 15).astype(float)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(1.0), loss="mse")
        options = {"monitor": "val_mse", "mode": "min", "patience": patience, "min_delta": 0}
        stopping, lowering = (
            keras.callbacks.EarlyStopping(**options),
            keras.callbacks.ReduceLROnPlateau(factor=0.5, **options),
        )
        for callback in (stopping, lowering):
            callback.set_model(model)
            callback.on_train_begin()
        model.stop_training = False
        for epoch, error in enumerate(errors):
            lowering.on_epoch_end(epoch, {"val_mse": error})
            stopping.on_epoch_end(epoch, {"val_mse": error})
            known = history(*errors[: epoch + 1])
            assert journal.halvings(known, patience) == -math.log2(
                float(model.optimizer.learning_rate)
            )
            assert (journal.since_best(known) >= patience) == model.stop_training
            if model.stop_training:
                stopped += 1
                break
    assert stopped >= 10


def test_keras_own_callback_forgets_in_a_restart():
    """Why ours are functions of the history."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), loss="mse")
    for epoch, error in enumerate((5.0, 6.0, 6.0)):  # a process each
        lowering = keras.callbacks.ReduceLROnPlateau(
            monitor="val_mse", mode="min", factor=0.5, patience=2, min_delta=0
        )
        lowering.set_model(model)
        lowering.on_train_begin()
        lowering.on_epoch_end(epoch, {"val_mse": error})
    assert float(model.optimizer.learning_rate) == 1.0
    assert journal.halvings(history(5.0, 6.0, 6.0), 2) == 1
