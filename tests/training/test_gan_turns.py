"""Whose turn it is in a GAN: in each turn one network moves and the other one holds still."""

from typing import NamedTuple

import keras
import numpy as np
import pytest
from helpers import small_encoder
from tiny_gans import (
    METRICS,
    RecordedGAN,
    StepCounter,
    copy_weights,
    find_encoder,
    list_moving_averages,
    make_light_gan,
    make_resnet_gan,
    train_epoch,
)

from colorkit.training import segments
from colorkit.training.batches import Batches
from colorkit.training.gan import GAN
from colorkit.training.turns import discriminator_turn, generator_turn


class Passes(NamedTuple):
    """Two epochs of a GAN over two batches, written down."""

    trained: RecordedGAN
    fine_tune: bool
    order: list[str]  # who should learn; a turn is a whole fit or one batch
    records: list[dict]
    steps: int  # how often a callback heard that a batch was done


G, D = "generator", "discriminator"
PATCHES = {"discriminator": "patch", "average": 0.9}
PASSES = {
    "epoch, frozen": (
        make_resnet_gan,
        {"schedule": "epoch", "fine_tune": False},
        [[G, D], [G, D]],
    ),
    "batch, fine-tuned": (
        make_resnet_gan,
        {"schedule": "batch", "fine_tune": True},
        [[G, D, G, D], [G, D, G, D]],
    ),
    # once both learn, it is "step"
    "nogan": (
        make_light_gan,
        {"schedule": "nogan", "pretrain": 1},
        [[G], [D, D, G, D, G]],
    ),
    "nogan, patches": (
        make_light_gan,
        {"schedule": "nogan", "pretrain": 1, **PATCHES},
        [[G], [D, D, G, D, G]],
    ),
}


@pytest.fixture(scope="module", params=PASSES)
def passes(request, train) -> Passes:
    maker, options, epochs = PASSES[request.param]
    counter = StepCounter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.applications, "ResNet50", small_encoder)
        trained = maker(kind=RecordedGAN, **options)
        records = []
        for epoch in range(2):
            batches = Batches(train.take(8), 4, epoch=epoch)
            records.append(trained.record(train_epoch(trained, batches, epoch, (counter,))))
    return Passes(
        trained,
        options.get("fine_tune", False),
        [turn for epoch in epochs for turn in epoch],
        records,
        counter.steps,
    )


def test_turns_alternate_as_the_schedule_says(passes):
    assert [turn.who for turn in passes.trained.turns] == passes.order


def test_each_optimizer_counts_its_own_updates(passes):
    """Four each: a pass has two batches."""
    counts = [int(optimizer.iterations) for optimizer in passes.trained.optimizers]
    assert counts == [4, 4]


def test_in_the_generator_s_turn_it_moves_and_the_discriminator_does_not(passes):
    generator = passes.trained.generator
    decoder = {"ab/kernel", "ab/bias"} | (
        {"mix/kernel", "decoder1/kernel"} & set(copy_weights(generator))
    )
    for g, d in passes.trained.changes_in_turns_of(G):
        assert list_moving_averages(generator) - list_moving_averages(find_encoder(generator)) <= g
        assert decoder <= g
        assert d == set()


def test_in_the_discriminator_s_turn_it_moves_and_nothing_of_the_generator_does(passes):
    """Not even the moving averages of its batch normalization do, though the generator runs.

    Of the discriminator everything moves, the vectors of its spectral normalization, too, which the
    test above has seen hold still.
    """
    for g, d in passes.trained.changes_in_turns_of(D):
        assert g == set()
        assert d == set(copy_weights(passes.trained.discriminator))


def test_the_encoder_moves_when_fine_tuned_and_stays_when_frozen(passes):
    borrowed = find_encoder(passes.trained.generator)
    for g, _ in passes.trained.changes_in_turns_of(G):
        if passes.fine_tune:
            assert list_moving_averages(borrowed) <= g
            assert any("kernel" in path for path in set(copy_weights(borrowed)) & g)
        else:
            assert set(copy_weights(borrowed)) & g == set()


def test_what_an_epoch_tells(passes):
    for epoch, record in enumerate(passes.records):
        pretraining = epoch == 0 and passes.trained.config.schedule == "nogan"
        assert sorted(record) == (["accuracy", "g_color", "mse"] if pretraining else METRICS)
        assert record["g_color"] == pytest.approx(0.1 * record["mse"], rel=1e-4)
        assert 0 <= record["accuracy"] <= 1


def test_a_callback_hears_of_each_step_of_the_plan(passes):
    """runs.py counts its bar's steps so."""
    plans = [passes.trained.plan(epoch, 2) for epoch in range(2)]
    assert passes.steps == sum(segment.stop - segment.start for plan in plans for segment in plan)


def record_batches(trained: GAN, batches: Batches) -> list[tuple[str, int]]:
    """Write down who is shown which batch, in an epoch in which nobody learns."""
    order = []

    def stand_in(learner: keras.Model, name: str, form) -> None:
        answers = [form(*batches[index]) for index in range(len(batches))]

        def train_on_batch(*given, return_dict):
            order.append(
                (
                    name,
                    next(index for index, answer in enumerate(answers) if are_equal(given, answer)),
                )
            )
            return {}

        learner.fit, learner.train_on_batch = (lambda *_, **__: None), train_on_batch

    stand_in(trained.generator_learner, G, generator_turn)
    stand_in(trained.discriminator_learner, D, discriminator_turn)
    train_epoch(trained, batches, 0, (StepCounter(),))
    return order


def are_equal(one, other) -> bool:
    leaves = [keras.tree.flatten(each) for each in (one, other)]
    return len(leaves[0]) == len(leaves[1]) and all(
        np.array_equal(*pair) for pair in zip(*leaves, strict=True)
    )


def test_by_batch_both_learn_from_the_same_one_generator_first(monkeypatch, train):
    monkeypatch.setattr(segments, "BATCHES", 2)
    assert record_batches(make_light_gan(schedule="batch"), Batches(train.take(5), 2, epoch=0)) == [
        (who, index) for index in range(3) for who in (G, D)
    ]


@pytest.mark.parametrize(
    ("faces", "seen_by_d"), [(1, [0]), (2, [1, 0]), (5, [2, 3, 4, 0, 1]), (6, [3, 4, 5, 0, 1, 2])]
)
def test_by_step_the_discriminator_is_first_and_half_a_pass_away(
    monkeypatch, train, faces, seen_by_d
):
    """Of the whole pass, though it is trained in segments of two batches."""
    monkeypatch.setattr(segments, "BATCHES", 2)
    order = record_batches(make_light_gan(schedule="step"), Batches(train.take(faces), 1, epoch=0))
    assert order == [
        turn for index, other in enumerate(seen_by_d) for turn in ((D, other), (G, index))
    ]
