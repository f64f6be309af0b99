"""What leaves nothing behind in a GAN: pretraining, compiling a step, judging."""

import numpy as np
import pytest
from tiny_gans import (
    copy_weights,
    join_weights,
    judge_predictions,
    list_changed,
    make_light_gan,
)

from colorkit.machine import precision
from colorkit.models import losses
from colorkit.training.batches import Batches
from colorkit.training.gan import GAN
from colorkit.training.segments import Segment


@pytest.fixture(scope="module")
def listener() -> tuple[GAN, dict]:
    """A GAN on whose generator the verdict pulls hard, and its starting values.

    Its graph is traced once for the tests that share it.
    """
    made = make_light_gan(lambda_l2=1e-4)
    return made, made.values()


def test_in_pretraining_the_verdict_does_not_move_the_generator(train, listener):
    """Its weights become those of a model without any discriminator.

    The counter-check: in its usual turn they don't.
    """
    trained, start = listener
    batches = Batches(train.take(8), 4, epoch=0)

    def after(turn: str) -> np.ndarray:
        trained.restore(start)
        trained.train(Segment(turn, 0, 2), batches, [])
        return join_weights(trained.predictor)

    reference = make_light_gan()
    reference.give_turn(learner_is_generator=True)
    alone = reference.predictor
    alone.compile(
        precision.adam(1e-2, "float32", beta_1=0.5),
        loss=lambda code, pred: 1e-4 * losses.l2(code, pred),
    )
    before = join_weights(alone)
    alone.fit(batches, shuffle=False, verbose=0)
    assert np.abs(join_weights(alone) - before).max() > 1e-2
    assert after("pretraining") == pytest.approx(join_weights(alone), abs=1e-5)
    assert np.abs(after("generator") - join_weights(alone)).max() > 1e-3


def test_compiling_a_step_leaves_nothing_behind(train, listener):
    """Before the first batch of turns that swap after each."""
    trained, start = listener
    trained.restore(start)
    for turn in ("generator", "discriminator"):
        trained._compile_by_fit(turn, Batches(train.take(4), 4))
    assert all(np.array_equal(value, start[name]) for name, value in trained.values().items())


def test_judging_moves_nothing_and_both_learn_afterwards(train, listener):
    """Whoever's turn it was, the ratio is the same."""
    trained, start = listener
    trained.restore(start)
    faces, found = train.take(4), []
    for learner_is_generator in (True, False):
        trained.give_turn(learner_is_generator)
        found.append(judge_predictions(trained, faces))
    assert found[0] == found[1]
    assert 0 < found[0]["g_ratio"] < np.inf
    assert all(np.array_equal(value, start[name]) for name, value in trained.values().items())
    for turn, changed in (("discriminator", {1}), ("generator", {0})):
        before = [copy_weights(model) for model in trained.models]
        judge_predictions(trained, faces)
        trained.train(Segment(turn, 0, 1), Batches(faces, 4), [])
        assert {
            index
            for index, model in enumerate(trained.models)
            if list_changed(before[index], copy_weights(model))
        } == changed
