import tracemalloc

import numpy as np
import pytest

from colorkit.color import classes, classes_given_L, given_lightness, mean_ab, mean_ab_given_L
from colorkit.data.splits import Split
from colorkit.evaluation import baselines, metrics


def measure_error(color: np.ndarray, split) -> float:
    return metrics.mse(baselines.MeanColor(color).predict(split.L), split.ab).mean(dtype=np.float64)


def test_mean_color_beats_every_color_near_it(train):
    fitted = baselines.MeanColor.fit(train)
    best = measure_error(fitted.color, train)
    for change in ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)):
        # exactly: the MSE of a constant grows by the mean of the squared change
        assert measure_error(fitted.color + np.float32(change), train) == pytest.approx(
            best + 0.125, abs=0.01
        )


def test_mean_color_is_the_mean_of_the_training_pixels(train):
    expected = train.lab[..., 1:].reshape(-1, 2).astype(np.float64).mean(0) - 128
    assert baselines.MeanColor.fit(train).color == pytest.approx(expected, rel=1e-6)
    assert expected[0] != pytest.approx(
        expected[1], abs=1
    )  # or the channels could be swapped unseen


def test_mean_color_knows_nothing_of_what_it_predicts_for(train, val):
    fitted = baselines.MeanColor.fit(train)
    pred = fitted.predict(val.L)
    assert (pred.shape, pred.dtype) == ((4, 112, 112, 2), np.float32)
    assert np.array_equal(np.unique(pred.reshape(-1, 2), axis=0), fitted.color[None])


def test_grey_is_no_color(train, val):
    pred = baselines.Grey.fit(train).predict(val.L)
    assert (pred.shape, pred.dtype) == ((4, 112, 112, 2), np.float32)
    assert not pred.any()


def make_faces(L: np.ndarray, ab: np.ndarray) -> Split:
    """Faces of which L code and whole a*, b* are given, (N, H, W) and (N, H, W, 2)."""
    return Split(
        np.concatenate([L[..., None], ab + 128], axis=-1).astype(np.uint8),
        np.array([str(n) for n in range(len(L))]),
    )


def compute_raw_means(split) -> tuple[np.ndarray, np.ndarray]:
    """The plain mean color of each code of L and how many pixels have it; nan where none has."""
    L, ab = split.lab[..., 0].ravel(), split.ab.reshape(-1, 2).astype(np.float64)
    means = [
        ab[code == L].mean(0) if (code == L).any() else (np.nan, np.nan) for code in range(256)
    ]
    return np.array(means), np.bincount(L, minlength=256)


def test_mean_color_given_L_is_a_mean_weighted_by_nearness(train):
    means, counts = compute_raw_means(train)
    sums = np.nan_to_num(means) * counts[:, None]
    fitted = baselines.MeanColorGivenL.fit(train).colors
    assert (fitted.shape, fitted.dtype) == ((256, 2), np.float32)
    for code in range(256):
        weights = [np.exp(-abs(code - other) / 4) for other in range(256)]
        assert fitted[code] == pytest.approx(
            weights @ sums / (weights @ counts), rel=1e-4, abs=1e-4
        )


def test_mean_color_given_L_counts_all_faces_once(monkeypatch, train):
    """In whatever pieces they are counted."""
    expected = mean_ab_given_L(train.lab)
    for chunk in (1, 7, 32, 1000):
        monkeypatch.setattr(given_lightness, "FACES_AT_A_TIME", chunk)
        assert np.array_equal(mean_ab_given_L(train.lab), expected)


def test_mean_color_given_L_keeps_what_all_pixels_of_a_code_say():
    """The neighbors' part cancels.

    It does so where codes are equally frequent and color is a straight line over L.
    """
    L = np.tile(np.arange(256), (2, 1, 1))
    ab = np.stack([L - 128, 127 - L], axis=-1)
    fitted = baselines.MeanColorGivenL.fit(make_faces(L, ab)).colors
    assert fitted[40:216] == pytest.approx(ab[0, 0, 40:216], abs=0.01)


def test_a_code_that_is_never_seen_takes_the_color_of_the_nearest():
    L = np.array([[[50] * 8, [100] * 8]])
    ab = np.array([[[(10, 20)] * 8, [(-30, 40)] * 8]])
    fitted = baselines.MeanColorGivenL.fit(make_faces(L, ab)).colors
    assert fitted[[0, 50, 60]] == pytest.approx(np.tile((10, 20), (3, 1)), abs=0.1)
    assert fitted[[90, 100, 255]] == pytest.approx(np.tile((-30, 40), (3, 1)), abs=0.1)
    assert fitted[75] == pytest.approx([-10, 30])
    assert np.isfinite(fitted).all()


def test_a_rare_code_borrows_from_its_frequent_neighbors():
    L = np.full((1, 100, 100), 100)
    ab = np.broadcast_to((10, 20), (1, 100, 100, 2)).copy()
    L[0, 0, 0], ab[0, 0, 0] = 101, (-100, -100)
    fitted = baselines.MeanColorGivenL.fit(make_faces(L, ab)).colors
    assert fitted[[100, 101]] == pytest.approx(np.tile((10, 20), (2, 1)), abs=0.1)


def test_mean_color_given_L_paints_by_each_pixels_code(val):
    colors = np.arange(512).reshape(256, 2)
    pred = baselines.MeanColorGivenL(colors).predict(val.L)
    assert (pred.shape, pred.dtype) == ((4, 112, 112, 2), np.float32)
    assert np.array_equal(pred[..., 0], 2.0 * val.lab[..., 0])
    assert np.array_equal(pred[..., 1], 2.0 * val.lab[..., 0] + 1)


def test_borrowing_from_neighbors_costs_nothing(train, val):
    """On faces that were not counted, the error is no greater than that of the plain means.

    Both are below mean color's.
    """
    means, _ = compute_raw_means(train)
    plain = baselines.MeanColorGivenL(np.where(np.isnan(means), mean_ab(train.lab), means))
    fitted = [plain, baselines.MeanColorGivenL.fit(train), baselines.MeanColor.fit(train)]
    by_means, borrowed, one_color = (
        metrics.mse(each.predict(val.L), val.ab).mean(dtype=np.float64) for each in fitted
    )
    assert borrowed <= by_means
    assert by_means < one_color


def test_baselines_take_no_whole_copy_of_the_training_pixels(train):
    """Widened to 8 bytes a number, 80,000 faces would take 24 GB."""
    faces = np.tile(train.lab, (40, 1, 1, 1))  # 48 MB
    tracemalloc.start()
    mean_ab_given_L(faces)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < faces.nbytes / 2


def test_names():
    assert [baseline.name for baseline in baselines.BASELINES] == [
        "grey",
        "mean color",
        "mean color given L",
    ]


def test_what_every_table_shows(train, val):
    fitted = baselines.fit_baselines(train, val)
    assert [each.name for each in fitted] == [
        "grey",
        "mean color",
        "mean color given L",
        "one true color per image",
    ]
    for each, alone in zip(
        fitted,
        [*(baseline.fit(train) for baseline in baselines.BASELINES), baselines.OneTrueColor(val)],
        strict=True,
    ):
        assert np.array_equal(each.predict(val.L), alone.predict(val.L))


def test_classes_given_L_by_hand():
    """Two faces are grey and red at L = 10, three to one.

    At L = 200 they are blue, which is too far away to lend anything.
    """
    face = np.full((2, 2, 2, 3), 128, np.uint8)
    face[..., 0] = 10
    face[0, 0, 0, 1] = 128 + 40
    face[1] = (200, 128, 128 - 40)
    shares = classes_given_L(face)
    grey, red, blue = (
        classes.numbers(np.array(ab, np.float32)) for ab in ((0, 0), (40, 0), (0, -40))
    )
    assert shares.shape == (256, 729)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert shares[10, [grey, red, blue]] == pytest.approx([0.75, 0.25, 0])
    assert shares[200, [grey, red, blue]] == pytest.approx([0, 0, 1])
    assert shares[0, [grey, red]] == pytest.approx(
        [0.75, 0.25]
    )  # a code that no pixel has, beside one that some have
    centers = classes.centers(np.arange(729))
    assert (
        np.abs(shares @ centers - mean_ab_given_L(face)).max() < 1e-3
    )  # colors in the middle of their classes
