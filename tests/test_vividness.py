"""A temperature at which predictions are as colorful as is wanted."""

import keras
import numpy as np
import pytest
from helpers import tiny_config

from colorkit import trainers, unet, vividness


def test_solve():
    assert vividness.solve(lambda x: x**2, 9, 0.5, 8) == pytest.approx(3, rel=1e-3)
    assert vividness.solve(lambda x: x, 100, 0.5, 8) == pytest.approx(8, rel=1e-3)  # beyond the end
    assert vividness.solve(lambda x: x, 0.1, 0.5, 8) == pytest.approx(0.5, rel=1e-3)


def test_vividness_is_a_share_of_the_truth_s(val):
    assert vividness.vividness(val.ab, val) == pytest.approx(1, abs=0.02)  # a few of its colors sRGB can't show
    assert vividness.vividness(0 * val.ab, val) == pytest.approx(0, abs=0.02)
    assert 0.4 < vividness.vividness(val.ab / 2, val) < 0.6


@pytest.fixture
def model(train) -> keras.Model:
    """An untrained model with its tables, whose logits differ from place to place."""
    config = tiny_config("unet", head="classes")
    trainer = trainers.build(config)
    trainers.initialize(trainer, config, train)
    kernel = trainer.predictor.get_layer("correction").kernel
    kernel.assign(np.random.default_rng(0).normal(0, 1, kernel.shape))
    return trainer.predictor


@pytest.mark.parametrize("wanted", [0.6, 0.75])
def test_at_the_temperature_predictions_are_as_colorful_as_wanted(model, val, wanted):
    found = vividness.temperature(model, wanted, val)
    assert vividness.vividness(unet.decode(model, unet.logits(model, val.L), found), val) == pytest.approx(wanted, abs=0.005)
