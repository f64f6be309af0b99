"""The two losses of a GAN, by hand."""

import numpy as np
import pytest
from tiny_gans import (
    DISCRIMINATORS,
    compute_cross_entropy,
    make_light_gan,
)

from colorkit.training.batches import Batches
from colorkit.training.turns import discriminator_turn, generator_turn


@pytest.mark.parametrize(
    ("l2", "l1", "discriminator"),
    [(0.1, 0.0, "report"), (0.01, 0.2, "report"), (0.01, 0.0, "patch")],
)
def test_the_generator_s_loss_by_hand(train, l2, l1, discriminator):
    trained = make_light_gan(lambda_l2=l2, lambda_l1=l1, discriminator=discriminator)
    L, code = Batches(train.take(4), 4)[0]
    ab = code - 128.0
    pred = trained.predictor.predict(L, verbose=0)
    logit = trained.discriminator.predict([L, pred], verbose=0).astype(np.float64)
    color = l2 * np.mean((pred - ab) ** 2, dtype=np.float64) + l1 * np.mean(
        np.abs(pred - ab), dtype=np.float64
    )
    logs = trained.generator_learner.test_on_batch(*generator_turn(L, code), return_dict=True)
    assert logs["color_loss"] == pytest.approx(color, rel=1e-4)
    assert logs["verdict_loss"] == pytest.approx(compute_cross_entropy(logit, 1), rel=1e-4)
    assert logs["loss"] == pytest.approx(color + compute_cross_entropy(logit, 1), rel=1e-4)
    assert logs["color_mse"] == pytest.approx(np.mean((pred - ab) ** 2), rel=1e-4)


@pytest.mark.parametrize("discriminator", DISCRIMINATORS)
def test_the_discriminator_s_loss_by_hand(train, discriminator):
    trained = make_light_gan(discriminator=discriminator)
    L, code = Batches(train.take(4), 4)[0]
    pred = trained.predictor.predict(L, verbose=0)
    real, generated = (
        trained.discriminator.predict([L, x], verbose=0).astype(np.float64)
        for x in (code - np.float32(128), pred)
    )
    logs = trained.discriminator_learner.test_on_batch(
        *discriminator_turn(L, code), return_dict=True
    )
    assert logs["loss"] == pytest.approx(
        compute_cross_entropy(real, 1) + compute_cross_entropy(generated, 0), rel=1e-4
    )
    assert logs["real_said_real"] == pytest.approx(np.mean(real > 0), abs=1e-6)
    assert logs["generated_said_real"] == pytest.approx(np.mean(generated > 0), abs=1e-6)
