"""What a GAN is made of: optimizers, an average of weights, options that are checked."""

import numpy as np
import pytest
from tiny_gans import (
    RecordedGAN,
    list_trainable,
    make_config,
    make_light_gan,
    make_resnet_gan,
    train_epoch,
)

from colorkit.models import configs, resnet
from colorkit.training import averaging
from colorkit.training.batches import Batches


def test_optimizers_are_built_for_what_each_may_move(small_resnet):
    trained = make_resnet_gan()
    g, d = trained.optimizers
    assert (float(g.beta_1), float(d.beta_1)) == (0.5, 0.5)
    assert float(d.learning_rate) == pytest.approx(2e-4)
    assert float(g.learning_rate) == pytest.approx(1e-2)
    assert trained.learning_rates == [1e-2, 2e-4]
    assert len(d.variables) == 2 + 2 * len(trained.discriminator.weights)
    assert len(g.variables) == 2 + 2 * len(
        list_trainable(resnet.build_resnet(make_config().generator))
    )


def test_keras_finds_each_output_by_the_name_of_its_layer():
    """Versions before 3.12 know no other name for it."""
    trained = make_light_gan()
    for learner in (trained.generator_learner, trained.discriminator_learner):
        assert set(learner.output_names) == learner.output.keys()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"schedule": "steps"}, "schedule='steps' is unknown; one of epoch, step, batch, nogan"),
        ({"sees": "L"}, "sees='L' is unknown; one of lab, ab"),
        ({"d_every": 0}, "d_every=.*: expected a whole number from 1 to"),
        ({"pretrain": 0}, "pretrain=.*: expected a whole number from 1 to"),
        (
            {"schedule": "step", "d_every": 2},
            "d_every=2 goes with schedule='epoch' only, not with 'step'",
        ),
        ({"generator": "unet"}, "generator=unet: expected a ResNetConfig or UNetConfig\\(\\)"),
        (
            {"generator": configs.UNetConfig((8, 16))},
            "generator=UNetConfig.*: expected a ResNetConfig or UNetConfig\\(\\)",
        ),
        ({"discriminator": "pixel"}, "discriminator='pixel' is unknown; one of report, patch"),
        (
            {"schedule": "step", "average": 1.0},
            "average=1.0: expected a number of at least 0 and",
        ),
        (
            {"average": 0.9},
            "average=0.9 goes with schedule='step', 'batch' or 'nogan', "
            "where both learn within a pass",
        ),
    ],
)
def test_bad_options_name_what_is_possible(options, message):
    with pytest.raises(ValueError, match=message):
        configs.GANConfig(**options)


def test_without_an_average_the_generator_itself_predicts():
    trained = make_light_gan()
    assert trained.predictor is trained.generator
    assert len(trained.models) == 2


def test_the_average_follows_from_where_both_begin_to_learn(train):
    trained = make_light_gan(kind=RecordedGAN, schedule="nogan", pretrain=1, average=0.75)
    batches = Batches(train.take(8), 4, epoch=0)
    before = trained.generator.get_weights()
    train_epoch(trained, batches, 0)
    began = trained.generator.get_weights()
    assert not all(np.array_equal(*pair) for pair in zip(before, began, strict=True))
    assert all(
        np.array_equal(*pair) for pair in zip(trained.predictor.get_weights(), began, strict=True)
    )
    train_epoch(trained, batches, 1)
    steps = [turn.generator for turn in trained.turns[-4:] if turn.who == "generator"]
    assert [turn.who for turn in trained.turns] == [
        "generator",
        "discriminator",
        *["discriminator", "generator"] * 2,
    ]
    assert len(steps) == 2
    expected = began
    for step in steps:
        expected = averaging.update(expected, step, 0.75)
    assert all(
        np.array_equal(*pair)
        for pair in zip(trained.predictor.get_weights(), expected, strict=True)
    )
    assert not any(
        np.array_equal(*pair)
        for pair in zip(trained.predictor.get_weights(), steps[-1], strict=True)
    )
