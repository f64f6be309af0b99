import numpy as np
import pytest

from colorkit.color import classes
from colorkit.evaluation import metrics


def make_constant(a: float, b: float) -> np.ndarray:
    """Two images with one color everywhere, float32 (2, 6, 5, 2)."""
    return np.broadcast_to(np.array([a, b], np.float32), (2, 6, 5, 2)).copy()


def make_noise(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 12, (count, 9, 9, 2)).astype(np.float32)


@pytest.mark.parametrize(("rule", "share"), [("per-channel", 1), ("both", 1), ("euclidean", 0)])
def test_an_error_of_8_and_8_tells_the_rules_apart(rule, share):
    assert metrics.threshold_accuracy(make_constant(8, 8), make_constant(0, 0), rule).tolist() == [
        share,
        share,
    ]


@pytest.mark.parametrize("rule", metrics.RULES)
def test_an_error_of_6_and_7_is_within_by_every_rule(rule):
    """Its length is 9.2, though the sum of its parts is 13."""
    assert metrics.threshold_accuracy(make_constant(6, -7), make_constant(0, 0), rule).tolist() == [
        1,
        1,
    ]


@pytest.mark.parametrize(("rule", "share"), [("per-channel", 0.5), ("both", 0), ("euclidean", 0)])
def test_an_error_of_8_and_minus_12(rule, share):
    assert metrics.threshold_accuracy(
        make_constant(8, -12), make_constant(0, 0), rule
    ).tolist() == [
        share,
        share,
    ]


@pytest.mark.parametrize("rule", metrics.RULES)
def test_exactly_10_is_within_and_a_little_more_is_not(rule):
    assert metrics.threshold_accuracy(
        make_constant(0, -10), make_constant(0, 0), rule
    ).tolist() == [1, 1]
    outside = 0.5 if rule == "per-channel" else 0
    assert metrics.threshold_accuracy(
        make_constant(0, 10.01), make_constant(0, 0), rule
    ).tolist() == [
        outside,
        outside,
    ]


def test_the_report_s_rule_is_the_default():
    pred, true = make_noise(3, 1), make_noise(3, 2)
    assert np.array_equal(
        metrics.threshold_accuracy(pred, true),
        metrics.threshold_accuracy(pred, true, "per-channel"),
    )
    assert not np.array_equal(
        metrics.threshold_accuracy(pred, true), metrics.threshold_accuracy(pred, true, "both")
    )


def test_mse_is_the_mean_over_pixels_and_channels_for_each_image():
    true, pred = make_constant(0, 0), make_constant(3, 4)
    pred[1] *= 2
    assert metrics.mse(pred, true).tolist() == [
        12.5,
        50,
    ]  # (9 + 16) / 2: the sum over channels would be 25
    assert metrics.mse(pred, true).dtype == np.float32


def test_mse_of_unequal_pixels():
    true, pred = make_constant(0, 0), make_constant(0, 0)
    pred[0, 2, 3, 1] = 6
    assert metrics.mse(pred, true).tolist() == pytest.approx([36 / 60, 0])


def test_keras_metrics_agree_over_uneven_batches():
    pred, true = make_noise(7, 3), make_noise(7, 4).round()
    code = (true + 128).astype(np.uint8)  # as batches give it
    mse, accuracy = metrics.keras_metrics()
    assert (mse.name, accuracy.name) == ("mse", "accuracy")
    for batch in (slice(0, 5), slice(5, 7)):
        mse.update_state(code[batch], pred[batch])
        accuracy.update_state(code[batch], pred[batch])
    assert float(mse.result()) == pytest.approx(metrics.mse(pred, true).mean(), rel=1e-5)
    assert float(accuracy.result()) == pytest.approx(
        metrics.threshold_accuracy(pred, true).mean(), rel=1e-5
    )


def weigh_equally(pred, true):
    return metrics.rebalanced_auc(pred, true, np.ones(729, np.float32))


@pytest.mark.parametrize(
    "measure", [metrics.mse, metrics.threshold_accuracy, metrics.auc, weigh_equally]
)
@pytest.mark.parametrize(
    ("pred", "true"),
    [((2, 6, 5, 2), (2, 5, 6, 2)), ((2, 6, 5, 2), (1, 6, 5, 2)), ((6, 5, 2), (6, 5, 2))],
)
def test_shapes_must_agree(measure, pred, true):
    with pytest.raises(ValueError, match="must have one shape"):
        measure(np.zeros(pred), np.zeros(true))


def test_an_unknown_rule_lists_the_rules():
    with pytest.raises(ValueError, match="unknown rule 'l2'; one of per-channel, both, euclidean"):
        metrics.threshold_accuracy(make_constant(0, 0), make_constant(0, 0), "l2")


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


@pytest.mark.parametrize("distance", [0, 0.4, 10.5, 150, 300])
def test_rebalanced_auc_of_a_constant_error(train, val, distance):
    """(151 - ceil(d)) / 151 whatever the weights, here those of real faces."""
    true = val.ab
    pred = true + np.array([0.6, -0.8], np.float32) * np.float32(distance)
    expected = max(151 - np.ceil(np.float32(distance) - 1e-4), 0) / 151
    assert metrics.rebalanced_auc(pred, true, classes.weights(train.lab)) == pytest.approx(
        [expected] * len(val), abs=1e-4
    )


def test_rebalanced_auc_counts_rare_colors_more():
    """Three pixels in a hundred are red, and predicted right.

    All others are grey, and off by 51, so they count at 100 of 151 thresholds.
    """
    true = np.zeros((2, 10, 10, 2), np.float32)
    true[0, 0, :3] = (60, 40)
    pred = true + np.array([0, -51], np.float32)
    pred[0, 0, :3] = true[0, 0, :3]
    weights = np.ones(729, np.float32)
    weights[classes.numbers(true[0, 0, 0])] = 9
    expected = [(3 * 9 * 1 + 97 * 100 / 151) / (3 * 9 + 97), 100 / 151]
    assert metrics.rebalanced_auc(pred, true, weights) == pytest.approx(expected)
    assert metrics.rebalanced_auc(pred, true, np.ones(729, np.float32)) == pytest.approx(
        metrics.auc(pred, true)
    )


def test_chroma_is_the_mean_distance_from_grey_of_each_image():
    ab = np.concatenate([make_constant(3, -4)[:1], make_constant(0, 0)[:1]])
    ab[1, :3] = (-6, 8)  # half of it
    assert metrics.chroma(ab).tolist() == [5, 5]
    assert metrics.chroma(ab).dtype == np.float32
