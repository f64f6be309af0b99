import numpy as np
import pytest

from colorkit import baselines, metrics


def error(color: np.ndarray, split) -> float:
    return metrics.mse(baselines.MeanColor(color).predict(split.L), split.ab).mean(dtype=np.float64)


def test_mean_color_beats_every_color_near_it(train):
    fitted = baselines.MeanColor.fit(train)
    best = error(fitted.color, train)
    for change in ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)):
        # exactly: the MSE of a constant grows by the mean of the squared change
        assert error(fitted.color + np.float32(change), train) == pytest.approx(best + 0.125, abs=0.01)


def test_mean_color_is_the_mean_of_the_training_pixels(train):
    expected = train.lab[..., 1:].reshape(-1, 2).astype(np.float64).mean(0) - 128
    assert baselines.MeanColor.fit(train).color == pytest.approx(expected, rel=1e-6)
    assert expected[0] != pytest.approx(expected[1], abs=1)  # or the channels could be swapped unseen


def test_mean_color_knows_nothing_of_what_it_predicts_for(train, val):
    fitted = baselines.MeanColor.fit(train)
    pred = fitted.predict(val.L)
    assert (pred.shape, pred.dtype) == ((4, 112, 112, 2), np.float32)
    assert np.array_equal(np.unique(pred.reshape(-1, 2), axis=0), fitted.color[None])


def test_grey_is_no_color(train, val):
    pred = baselines.Grey.fit(train).predict(val.L)
    assert (pred.shape, pred.dtype) == ((4, 112, 112, 2), np.float32)
    assert not pred.any()


def test_names():
    assert [baseline.name for baseline in baselines.ALL] == ["grey", "mean color"]
