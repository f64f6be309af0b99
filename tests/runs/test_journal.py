"""Record a run, and decide from its history when to stop and when to slow down."""

import json
import math

import keras
import numpy as np
import pytest

from colorkit.runs.journal import START, Journal, best, halvings, since_best
from colorkit.runs.places import Place
from colorkit.training.segments import Result

RESULTS = [
    Result("generator", 8, {"color_mse": 0.1 + 0.2, "loss": 1e-30}),
    Result("discriminator", 8, {"loss": 1 / 3}),
]


def test_a_new_run_has_nothing():
    assert Journal().place == START == Place(0, 0)


def test_a_leg_further():
    journal = Journal([{"epoch": 1}], [2.0], encoder="imagenet")
    once = journal.after_segment(RESULTS, 3.5)
    twice = once.after_segment(RESULTS[:1], 4.5)
    assert journal.place == Place(1, 0)
    assert (once.place, once.results, once.spent) == (Place(1, 1), RESULTS, 3.5)
    assert (twice.place, twice.results, twice.spent) == (Place(1, 2), [*RESULTS, RESULTS[0]], 4.5)
    assert twice.encoder == "imagenet"


def test_an_epoch_further_begins_the_next_with_nothing():
    journal = Journal([{"epoch": 1}], [2.0], RESULTS, 4, 3.5, "imagenet")
    done = journal.after_epoch({"mse": 1.5}, 7.006)
    assert done == Journal(
        [{"epoch": 1}, {"epoch": 2, "mse": 1.5}], [2.0, 7.01], [], 0, 0.0, "imagenet"
    )
    assert journal.history == [{"epoch": 1}]  # the old one is as it was


def test_json_and_back_is_exact():
    journal = Journal([{"epoch": 1, "mse": 0.1 + 0.2}], [2.0], RESULTS, 3, 0.1, "untrained")
    assert Journal.from_json(json.loads(json.dumps(journal.to_json()))) == journal
    assert Journal.from_json(json.loads(json.dumps(Journal().to_json()))) == Journal()
    assert "legs" in journal.to_json()  # as runs from before the move have it


def test_fields_that_it_does_not_know_are_refused():
    """Another version's checkpoint is not half understood."""
    with pytest.raises(TypeError):
        Journal.from_json(Journal().to_json() | {"best": 1})


# when to stop, and when to slow down


def make_history(*errors: float) -> list[dict]:
    return [{"val_mse": error} for error in errors]


def test_how_long_ago_the_best_was():
    assert since_best([]) == 0
    assert since_best(make_history(5)) == 0
    assert since_best(make_history(5, 4, 3)) == 0
    assert since_best(make_history(5, 3, 4, 6)) == 2
    assert since_best(make_history(3, 3, 3)) == 2  # as good is not better


def test_when_the_learning_rate_is_halved():
    errors = (5, 6, 6, 6, 6, 4, 4.5, 4.5)
    counts = [halvings(make_history(*errors[:count]), 2) for count in range(len(errors) + 1)]
    assert counts == [0, 0, 0, 1, 1, 2, 2, 2, 3]
    assert halvings(make_history(*errors), 0) == 0


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_the_rules_are_those_of_keras_own_callbacks(patience):
    """Keras counts as it goes, and forgets in a restart what ours know from the history."""
    stopped = 0
    for seed in range(20):
        errors = np.random.default_rng(seed).integers(0, 12, 15).astype(float)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(1.0), loss="mse")
        options = {"monitor": "val_mse", "mode": "min", "patience": patience, "min_delta": 0}
        stopping = keras.callbacks.EarlyStopping(**options)
        lowering = keras.callbacks.ReduceLROnPlateau(factor=0.5, **options)
        for callback in (stopping, lowering):
            callback.set_model(model)
            callback.on_train_begin()
        model.stop_training = False
        for epoch, error in enumerate(errors):
            lowering.on_epoch_end(epoch, {"val_mse": error})
            stopping.on_epoch_end(epoch, {"val_mse": error})
            known = make_history(*errors[: epoch + 1])
            lowered = -math.log2(float(model.optimizer.learning_rate))
            assert halvings(known, patience) == lowered
            assert (since_best(known) >= patience) == model.stop_training
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
    assert halvings(make_history(5.0, 6.0, 6.0), 2) == 1


@pytest.mark.parametrize(
    ("errors", "epoch"),
    [([3.0, 2.0, 2.0], 2), ([3.0, math.nan, 2.0], 3), ([math.nan, 3.0], 2), ([math.nan] * 2, 1)],
)
def test_the_best_epoch_is_never_one_without_a_number_beside_others(errors, epoch):
    history = [{"epoch": number, "val_mse": each} for number, each in enumerate(errors, 1)]
    assert best(history)["epoch"] == epoch
    assert since_best(history) == len(history) - epoch
