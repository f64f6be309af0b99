"""Measure how vivid a colorizer is; what is chosen gives the target colorfulness."""

import numpy as np
import pytest
from helpers import tiny_config

from colorkit.evaluation import metrics, vividness
from colorkit.models import unet
from colorkit.training import build


class Known:
    """What knows the truth of a split, and dulls it."""

    name = "known"

    def __init__(self, split, share: float):
        self.split, self.share = split, share

    def predict(self, L):
        return self.share * self.split.ab


def test_a_rising_function_is_solved_between_its_ends():
    assert vividness.solve(lambda x: x**2, 9, 0.5, 8) == pytest.approx(3, rel=1e-3)
    assert vividness.solve(lambda x: x, 100, 0.5, 8) == pytest.approx(8, rel=1e-3)  # beyond the end


def test_the_truth_is_as_vivid_as_itself_and_grey_not_at_all(val):
    assert vividness.ratio(val.ab, val) == pytest.approx(
        1, abs=0.02
    )  # a few of its colors sRGB can't show
    assert vividness.ratio(0 * val.ab, val) == pytest.approx(0, abs=0.02)
    assert vividness.ratio(0.5 * val.ab, val) == pytest.approx(0.5, abs=0.05)


def test_a_factor_gives_the_wanted_colorfulness(val):
    factor = vividness.factor(0.4 * val.ab, val, 0.8)
    assert vividness.ratio(factor * 0.4 * val.ab, val) == pytest.approx(0.8, abs=0.01)
    assert factor == pytest.approx(2, abs=0.15)
    scaled = vividness.Scaled("twice", Known(val, 0.4), 2.0)
    assert scaled.predict(val.L) == pytest.approx(0.8 * val.ab)


def test_a_temperature_gives_the_wanted_colorfulness(train, val):
    config = tiny_config("unet", head="classes")
    trainer = build.build_trainer(config)
    build.initialize(trainer, config, train)
    model = trainer.predictor
    kernel = model.get_layer("correction").kernel
    kernel.assign(np.random.default_rng(0).normal(0, 1, kernel.shape))
    usual = vividness.ratio(model.predict(val.L, verbose=0), val)
    heat = vividness.temperature(model, val, 1.1 * usual)
    assert 0.05 < heat < 1
    assert vividness.ratio(
        unet.AtTemperature("x", model, heat).predict(val.L), val
    ) == pytest.approx(1.1 * usual, abs=0.02)
    assert vividness.temperature(model, val, usual) == pytest.approx(1, abs=0.02)


def test_what_is_said_of_a_colorizer(val):
    same, dull = vividness.judge(Known(val, 1.0), val), vividness.judge(Known(val, 0.5), val)
    assert list(same) == ["mse", "colorfulness", "fid", "kid"]
    assert (same["mse"], same["fid"]) == (0, pytest.approx(0, abs=5))
    assert dull["mse"] == pytest.approx(metrics.mse(0.5 * val.ab, val.ab).mean())
    assert dull["colorfulness"] == vividness.ratio(0.5 * val.ab, val)
    assert dull["fid"] > same["fid"] + 10
    assert dull["kid"] > same["kid"]
