import keras
import numpy as np
import pytest

from colorkit.training import turns
from colorkit.training.batches import Batches

L = np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1)
AB = np.arange(6, dtype=np.uint8).reshape(3, 1, 1, 2)


def check_column(values: np.ndarray, number: float, shape: tuple) -> None:
    assert (values.shape, values.dtype) == (shape, np.float32)
    assert (values == number).all()


def test_an_output_and_the_layer_it_comes_from_have_the_same_name():
    """Keras before 3.12 goes by the layer's, and a discriminator gives both of its verdicts."""
    shown = keras.Input((2,))
    judge = keras.layers.Dense(1, name="discriminator")
    model = keras.Model(shown, turns.name_outputs(real=judge(shown), generated=judge(-shown)))
    assert set(model.output_names) == {"real", "generated"}
    values = np.float32([[1, -2], [0.1, 3e4]])
    given = model.predict_on_batch(values)
    assert np.array_equal(given["real"], judge(values))
    assert np.array_equal(given["generated"], judge(-values))


def test_the_generator_should_give_the_true_color_and_be_called_real():
    shown, truth, weights = turns.generator_turn(L, AB)
    assert shown is L
    assert truth["color"] is AB  # still uint8: the device decodes it
    assert truth.keys() == weights.keys() == {"color", "verdict"}
    check_column(truth["verdict"], 1, (3, 1))
    check_column(weights["color"], 1, (3,))
    check_column(weights["verdict"], 1, (3,))


def test_the_verdict_can_count_less():
    _, truth, weights = turns.generator_turn(L, AB, judged=0.25)
    check_column(truth["verdict"], 1, (3, 1))
    check_column(weights["color"], 1, (3,))
    check_column(weights["verdict"], 0.25, (3,))


def test_in_pretraining_only_the_weight_of_the_verdict_differs():
    shown, truth, weights = turns.pretraining_turn(L, AB)
    assert shown is L
    assert truth["color"] is AB
    check_column(truth["verdict"], 1, (3, 1))
    check_column(weights["color"], 1, (3,))
    check_column(weights["verdict"], 0, (3,))


def test_the_discriminator_should_tell_true_color_from_generated():
    shown, truth, weights = turns.discriminator_turn(L, AB)
    assert shown["L"] is L
    assert shown["ab"] is AB
    assert shown.keys() == {"L", "ab"}
    assert truth.keys() == {"real", "generated"}
    check_column(truth["real"], 1, (3, 1))
    check_column(truth["generated"], 0, (3, 1))
    assert weights.keys() == truth.keys()
    check_column(weights["real"], 1, (3,))
    check_column(weights["generated"], 1, (3,))


@pytest.mark.parametrize(
    "form", [turns.generator_turn, turns.pretraining_turn, turns.discriminator_turn]
)
def test_turns_are_batches_in_a_form(train, form):
    batches = Batches(train.take(8), 3, epoch=1)
    shown = turns.Turns(batches, form)
    assert len(shown) == 3
    for index, size in enumerate((3, 3, 2)):
        assert (
            len(shown[index][1][{"discriminator_turn": "real"}.get(form.__name__, "color")]) == size
        )
        np.testing.assert_equal(shown[index], form(*batches[index]))


ORDERS = {
    ("epoch", 1, 1): ["generator discriminator"] * 4,
    ("epoch", 2, 1): ["generator", "generator discriminator"] * 2,
    ("epoch", 3, 1): ["generator", "generator", "generator discriminator", "generator"],
    ("step", 1, 1): ["both"] * 4,
    ("batch", 1, 1): ["both"] * 4,
    ("nogan", 1, 1): ["pretraining", "discriminator both", "both", "both"],
    ("nogan", 1, 3): ["pretraining", "pretraining", "pretraining", "discriminator both"],
}


@pytest.mark.parametrize("case", ORDERS, ids=str)
def test_whose_turn_it_is(case):
    schedule, d_every, pretrain = case
    assert [
        " ".join(turns.of_epoch(schedule, epoch, d_every, pretrain)) for epoch in range(4)
    ] == ORDERS[case]


def test_the_two_losses_are_those_that_keras_trains_by():
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    real, generated = np.random.default_rng(0).normal(0, 4, (2, 5, 1)).astype(np.float32)
    ones = np.ones_like(real)
    expected = [
        float(loss(ones, generated)),
        float(loss(ones, real)) + float(loss(0 * ones, generated)),
    ]
    assert turns.cross_entropies(real, generated) == pytest.approx(expected, rel=1e-6)


def test_the_two_losses_at_chance_and_of_logits_of_any_size():
    assert turns.cross_entropies(np.zeros(3), np.zeros(3)) == pytest.approx(
        (np.log(2), 2 * np.log(2))
    )
    assert turns.cross_entropies(np.array([1000.0]), np.array([-1000.0])) == (1000, 0)


@pytest.mark.parametrize(
    ("d_real", "d_generated", "words"),
    [
        (1, 0, "tells them apart"),
        (0.9, 0.1, "tells them apart"),
        (0.89, 0, "undecided"),
        (1, 0.11, "undecided"),
        (0.5, 0.5, "undecided"),
        (0, 1, "undecided"),
        (0.95, 0.9, "calls all real"),
        (0.1, 0.05, "calls all generated"),
    ],
)
def test_how_a_judge_stands_in_words(d_real, d_generated, words):
    assert turns.reading(d_real, d_generated) == words


@pytest.mark.parametrize("schedule", ["epoch", "step", "batch", "nogan"])
@pytest.mark.parametrize(("d_every", "pretrain"), [(1, 1), (1, 2), (3, 1), (5, 4)])
def test_passes_are_counted_as_they_are_listed(schedule, d_every, pretrain):
    listed = 0
    for epoch in range(12):
        assert turns.passes(schedule, epoch, d_every, pretrain) == listed
        listed += len(turns.of_epoch(schedule, epoch, d_every, pretrain))
