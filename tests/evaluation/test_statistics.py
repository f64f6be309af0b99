import numpy as np
import pytest

from colorkit.evaluation import metrics, statistics

STREAM = np.random.default_rng(0)


def test_the_interval_of_a_mean_is_the_one_that_statistics_knows():
    """Of many normal values: 1.96 standard errors on either side."""
    values = STREAM.normal(50, 20, 2000)
    low, high = statistics.bootstrap(values)
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert (low, high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.15 * half
    )


def test_it_holds_the_truth_as_often_as_it_says():
    """In 95 of 100 samples; of 400 samples, 380, give or take 20."""
    held = 0
    for sample in STREAM.normal(3, 1, (400, 100)):
        low, high = statistics.bootstrap(sample)
        held += low <= 3 <= high
    assert 360 <= held <= 395


def test_equal_values_leave_no_doubt():
    assert statistics.bootstrap(np.full(7, 4.0)) == (4, 4)


def test_the_seed_decides_the_draws():
    values = STREAM.random(30)
    assert statistics.bootstrap(values) == statistics.bootstrap(values, seed=0)
    assert statistics.bootstrap(values) != statistics.bootstrap(values, seed=1)


def test_the_same_faces_are_compared():
    """A difference of 1 is lost among faces that differ by tens.

    It is found where each face is compared with itself.
    """
    faces = STREAM.normal(60, 30, 200)
    one, other = faces + STREAM.normal(0, 2, 200), faces + 1 + STREAM.normal(0, 2, 200)
    assert (
        statistics.bootstrap(one)[1] > statistics.bootstrap(other)[0]
    )  # taken by themselves they overlap
    assert statistics.compare_errors(one, other) == "lower"
    assert statistics.compare_errors(other, one) == "higher"


def test_chance_is_called_chance():
    faces = STREAM.normal(60, 30, 200)
    assert statistics.compare_errors(faces, STREAM.permutation(faces)) == "cannot tell"
    assert statistics.compare_errors(faces, faces) == "cannot tell"


def test_the_interval_of_a_skill_against_a_constant_is_that_of_the_mean():
    errors = STREAM.normal(60, 20, 80)
    low, high = statistics.bootstrap(errors)
    found = metrics.skill_with_interval(errors, np.full(80, 75.0))
    assert found == pytest.approx((1 - errors.mean() / 75, 1 - high / 75, 1 - low / 75))


def test_a_skill_s_error_and_reference_are_drawn_together():
    """A hard face is hard for both.

    Drawn apart, they would leave a skill in doubt that is the same on every face.
    """
    reference = STREAM.uniform(20, 200, 50)
    found = metrics.skill_with_interval(0.8 * reference, reference)
    assert found == pytest.approx((0.2, 0.2, 0.2))


def test_the_interval_of_a_ratio():
    values = STREAM.normal(60, 20, 80)
    low, high = statistics.bootstrap(values)
    assert statistics.ratio_interval(values, np.full(80, 75.0)) == pytest.approx(
        (low / 75, high / 75)
    )


@pytest.mark.parametrize(
    ("hits", "count"), [(3, 20), (10, 20), (77, 240), (0, 7), (7, 7), (0, 1), (1, 1)]
)
def test_the_interval_of_a_share_is_wilson_s(hits, count):
    """Wilson's formula, written out.

    At its ends p, the share that was seen is 1.96 standard errors of p away.
    """
    z, share = 1.959963984540054, hits / count
    center = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    assert statistics.wilson(hits, count) == pytest.approx(
        (center - half, center + half), abs=1e-12
    )


@pytest.mark.parametrize("count", [1, 5, 40])
def test_none_and_all_leave_a_doubt_that_shrinks_with_the_count(count):
    doubt = 1.959963984540054**2
    assert statistics.wilson(0, count) == pytest.approx((0, doubt / (count + doubt)))
    assert statistics.wilson(count, count) == pytest.approx((count / (count + doubt), 1))
