import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from colorkit import metrics


def constant(a: float, b: float) -> np.ndarray:
    """Two images with one color everywhere, float32 (2, 6, 5, 2)."""
    return np.broadcast_to(np.array([a, b], np.float32), (2, 6, 5, 2)).copy()


def noise(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 12, (count, 9, 9, 2)).astype(np.float32)


@pytest.mark.parametrize(("rule", "share"), [("per-channel", 1), ("both", 1), ("euclidean", 0)])
def test_an_error_of_8_and_8_tells_the_rules_apart(rule, share):
    assert metrics.threshold_accuracy(constant(8, 8), constant(0, 0), rule).tolist() == [share, share]


@pytest.mark.parametrize("rule", metrics.RULES)
def test_an_error_of_6_and_7_is_within_by_every_rule(rule):
    """Its length is 9.2, though the sum of its parts is 13."""
    assert metrics.threshold_accuracy(constant(6, -7), constant(0, 0), rule).tolist() == [1, 1]


@pytest.mark.parametrize(("rule", "share"), [("per-channel", 0.5), ("both", 0), ("euclidean", 0)])
def test_an_error_of_8_and_minus_12(rule, share):
    assert metrics.threshold_accuracy(constant(8, -12), constant(0, 0), rule).tolist() == [share, share]


@pytest.mark.parametrize("rule", metrics.RULES)
def test_exactly_10_is_within_and_a_little_more_is_not(rule):
    assert metrics.threshold_accuracy(constant(0, -10), constant(0, 0), rule).tolist() == [1, 1]
    outside = 0.5 if rule == "per-channel" else 0
    assert metrics.threshold_accuracy(constant(0, 10.01), constant(0, 0), rule).tolist() == [outside, outside]


def test_the_report_s_rule_is_the_default():
    pred, true = noise(3, 1), noise(3, 2)
    assert np.array_equal(metrics.threshold_accuracy(pred, true), metrics.threshold_accuracy(pred, true, "per-channel"))
    assert not np.array_equal(metrics.threshold_accuracy(pred, true), metrics.threshold_accuracy(pred, true, "both"))


def test_mse_is_the_mean_over_pixels_and_channels_for_each_image():
    true, pred = constant(0, 0), constant(3, 4)
    pred[1] *= 2
    assert metrics.mse(pred, true).tolist() == [12.5, 50]  # (9 + 16) / 2: the sum over channels would be 25
    assert metrics.mse(pred, true).dtype == np.float32


def test_mse_of_unequal_pixels():
    true, pred = constant(0, 0), constant(0, 0)
    pred[0, 2, 3, 1] = 6
    assert metrics.mse(pred, true).tolist() == pytest.approx([36 / 60, 0])


def test_keras_metrics_agree_over_uneven_batches():
    pred, true = noise(7, 3), noise(7, 4).round()
    code = (true + 128).astype(np.uint8)  # as batches give it
    mse, accuracy = metrics.keras_metrics()
    assert (mse.name, accuracy.name) == ("mse", "accuracy")
    for batch in (slice(0, 5), slice(5, 7)):
        mse.update_state(code[batch], pred[batch])
        accuracy.update_state(code[batch], pred[batch])
    assert float(mse.result()) == pytest.approx(metrics.mse(pred, true).mean(), rel=1e-5)
    assert float(accuracy.result()) == pytest.approx(metrics.threshold_accuracy(pred, true).mean(), rel=1e-5)


@pytest.mark.parametrize("measure", [metrics.mse, metrics.threshold_accuracy])
@pytest.mark.parametrize(("pred", "true"), [((2, 6, 5, 2), (2, 5, 6, 2)), ((2, 6, 5, 2), (1, 6, 5, 2)), ((6, 5, 2), (6, 5, 2))])
def test_shapes_must_agree(measure, pred, true):
    with pytest.raises(ValueError, match="must have one shape"):
        measure(np.zeros(pred), np.zeros(true))


def test_an_unknown_rule_lists_the_rules():
    with pytest.raises(ValueError, match="unknown rule 'l2'; one of per-channel, both, euclidean"):
        metrics.threshold_accuracy(constant(0, 0), constant(0, 0), "l2")


@pytest.mark.parametrize("distance", [0, 0.4, 1, 10, 10.5, 149.2, 150, 151, 300])
def test_auc_of_a_constant_error(distance):
    """(151 - ceil(d)) / 151, and 0 beyond; whatever the direction of the error."""
    true = np.zeros((2, 3, 3, 2), np.float32)
    pred = true + np.array([0.6, -0.8], np.float32) * np.float32(distance)
    expected = max(151 - np.ceil(np.float32(distance) - 1e-4), 0) / 151
    assert metrics.auc(pred, true) == pytest.approx([expected] * 2, abs=1e-6)


def test_auc_is_the_mean_over_the_curve():
    true, pred = np.random.default_rng(0).normal(0, 30, (2, 3, 8, 8, 2)).astype(np.float32)
    distance = np.hypot(*np.moveaxis(pred - true, -1, 0))
    curve = [(distance <= threshold).mean(axis=(1, 2)) for threshold in range(151)]
    assert metrics.auc(pred, true) == pytest.approx(np.mean(curve, axis=0), abs=1e-6)


def test_skill_is_of_the_means():
    assert metrics.skill(np.array([1.0, 3.0]), np.array([2.0, 6.0])) == 0.5
    assert metrics.skill([5.0, 1.0], [1.0, 5.0]) == 0
    assert metrics.skill([4.0], [2.0]) == -1


# pairs 1 to 6 of Sharma, Wu and Dalal 2005, all of L 50: a*, b* of one color, of the other, and their difference
SHARMA = [
    ((2.6772, -79.7751), (0, -82.7485), 2.0425),
    ((3.1571, -77.2803), (0, -82.7485), 2.8615),
    ((2.8361, -74.0200), (0, -82.7485), 3.4412),
    ((-1.3802, -84.2814), (0, -82.7485), 1.0000),
    ((-1.1848, -84.8006), (0, -82.7485), 1.0000),
    ((-0.9009, -85.5211), (0, -82.7485), 1.0000),
]


@pytest.mark.parametrize(("one", "other", "difference"), SHARMA)
def test_delta_e_of_published_pairs(one, other, difference):
    assert metrics.delta_e(constant(*one), constant(*other)) == pytest.approx([difference] * 2, abs=1e-3)
    assert metrics.delta_e(constant(*other), constant(*one)) == pytest.approx([difference] * 2, abs=1e-3)


def test_delta_e_is_a_mean_over_the_pixels_of_each_image():
    one, other, difference = SHARMA[2]
    pred, true = constant(*one), constant(*other)
    pred[0, :3] = true[0, :3]  # half of the first image is right
    assert metrics.delta_e(pred, true) == pytest.approx([difference / 2, difference], abs=1e-3)


@pytest.mark.parametrize("L", [5, 50, 95])
def test_delta_e_of_two_colors_of_one_lightness_does_not_depend_on_it(L):
    pred, true = noise(1, 1), noise(1, 2)
    lightness = np.full((9, 9, 1), L, np.float32)
    whole = deltaE_ciede2000(*(np.concatenate([lightness, ab[0]], axis=-1) for ab in (true, pred)))
    assert metrics.delta_e(pred, true) == pytest.approx([whole.mean()], rel=1e-5)


def test_delta_e_refuses_other_shapes():
    with pytest.raises(ValueError, match="must have one shape"):
        metrics.delta_e(constant(0, 0), constant(0, 0)[:1])
