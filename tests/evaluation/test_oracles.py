import numpy as np
import pytest

from colorkit.data.splits import Split
from colorkit.evaluation import baselines, metrics


@pytest.fixture(scope="module")
def three(val):
    return baselines.Levin(val, 3)


@pytest.mark.parametrize(
    "make",
    [baselines.OneTrueColor, lambda judged: baselines.Levin(judged, 3)],
    ids=["one true color", "Levin"],
)
class TestOracles:
    def test_the_faces_of_its_split_in_any_order_and_number(self, make, val):
        oracle = make(val)
        whole = oracle.predict(val.L)
        assert (whole.shape, whole.dtype) == ((4, 112, 112, 2), np.float32)
        assert np.array_equal(oracle.predict(val.take(2).L), whole[:2])
        assert np.array_equal(oracle.predict(val.L[[3, 0, 3]]), whole[[3, 0, 3]])
        assert oracle.predict(val.L[:0]).shape == (0, 112, 112, 2)

    def test_another_split_is_refused(self, make, train, val):
        oracle = make(val)
        for number, L in ((0, train.L), (1, np.stack([val.L[0], train.L[0]]))):
            with pytest.raises(
                ValueError,
                match=f"^{oracle.name}: face {number} is not in the split that it knows; make it ",
            ):
                oracle.predict(L)

    def test_a_single_changed_pixel_is_another_face(self, make, val):
        L = val.L[:1].copy()
        L[0, 50, 50] ^= 1
        with pytest.raises(ValueError, match="face 0 is not in the split"):
            make(val).predict(L)


def test_one_true_color_is_the_mean_of_each_face(val):
    pred = baselines.OneTrueColor(val).predict(val.L)
    for face, lab in zip(pred, val.lab, strict=True):
        expected = lab[..., 1:].reshape(-1, 2).astype(float).mean(0) - 128
        assert face == pytest.approx(np.broadcast_to(expected, face.shape), abs=1e-4)
    assert np.ptp(pred[:, 0, 0], axis=0).min() > 1  # or one color for all faces would pass


def test_no_other_color_of_its_own_is_better_for_a_face(val):
    """The MSE of a constant grows by the mean of the squared change.

    So mean color is worse by its distance from the face's own color.
    """
    pred, one = (
        baselines.OneTrueColor(val).predict(val.L),
        baselines.MeanColor.fit(val).predict(val.L),
    )
    best, others = (metrics.mse(each, val.ab) for each in (pred, one))
    assert others - best == pytest.approx(((pred - one)[:, 0, 0] ** 2).mean(-1), rel=1e-3, abs=0.01)


def test_levin_spreads_hints_of_the_truth_over_each_face(monkeypatch, val):
    """`levin` gets the face itself, and a square in the mean of the true color under it."""
    seen = []
    monkeypatch.setattr(baselines, "levin", lambda L, told: seen.append((L, told)) or told.ab)
    pred = baselines.Levin(val, 1).predict(val.L)
    assert len(seen) == len(val)
    for (L, told), face, true, painted in zip(seen, val.L, val.ab, pred, strict=True):
        assert np.array_equal(L, face)
        assert 1 <= told.mask.sum() <= 81
        assert told.ab[told.mask] == pytest.approx(
            np.broadcast_to(true[told.mask].mean(0), (told.mask.sum(), 2)), abs=1e-3
        )
        assert np.array_equal(painted, told.ab)


def test_many_hints_come_near_the_truth(val):
    errors = [
        metrics.mse(baselines.Levin(val, count).predict(val.L), val.ab).mean()
        for count in (1, 10, 100)
    ]
    assert errors[0] > 1.5 * errors[1]
    assert errors[1] > 1.5 * errors[2]


def test_faces_get_hints_of_their_own(val, three):
    """Two faces of the same truth but other lightness have their hints elsewhere."""
    lab = np.repeat(val.lab[:1], 2, axis=0)
    lab[1, ..., 0] ^= 1
    one, other = baselines.Levin(Split(lab, val.identities[:2]), 1).predict(lab[..., :1])
    assert not np.array_equal(one[0, 0], other[0, 0])


def test_the_seed_decides_and_the_place_in_the_split_does_not(val, three):
    turned = Split(val.lab[::-1], val.identities[::-1])
    assert np.array_equal(baselines.Levin(turned, 3).predict(val.L), three.predict(val.L))
    assert not np.array_equal(baselines.Levin(val, 3, seed=1).predict(val.L), three.predict(val.L))


def test_names(val, three):
    assert baselines.OneTrueColor(val).name == "one true color per image"
    assert [baselines.Levin(val, 1).name, three.name] == ["Levin, 1 hint", "Levin, 3 hints"]


def test_levin_without_a_hint(val):
    with pytest.raises(ValueError, match="levin expected at least one hint"):
        baselines.Levin(val, 0).predict(val.L)
