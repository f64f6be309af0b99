import numpy as np
import pytest

from colorkit.evaluation import statistics

# two tones, two people each, two lights each
BY_HAND = np.array([[0, 2], [4, 6], [10, 12], [14, 16]])
TONES = np.array([1, 1, 2, 2])
SOURCES = ("tone", "person", "light")


def test_by_hand():
    """Sums of squares are 200, 32 and 8, with 1, 2 and 4 degrees of freedom.

    So mean squares are 200, 16 and 2.
    """
    found = statistics.variance_components(BY_HAND, TONES)
    assert [getattr(found.sd, source) ** 2 for source in SOURCES] == pytest.approx(
        [(200 - 16) / 4, (16 - 2) / 2, 2]
    )
    assert [getattr(found.share, source) for source in SOURCES] == pytest.approx(
        [46 / 55, 7 / 55, 2 / 55]
    )
    assert [getattr(found.eta_squared, source) for source in SOURCES] == pytest.approx(
        [200 / 240, 32 / 240, 8 / 240]
    )


def test_the_order_of_the_people_does_not_matter():
    order = [2, 0, 3, 1]
    assert statistics.variance_components(
        BY_HAND[order], TONES[order]
    ) == statistics.variance_components(BY_HAND, TONES)


@pytest.mark.parametrize("truth", [(3, 2, 5), (10, 1, 4), (1, 6, 1)])
def test_known_components_are_found(truth):
    """500 tones, so that chance leaves little doubt."""
    stream, (tone, person, light) = np.random.default_rng(0), truth
    values = (
        stream.normal(0, tone, (500, 1, 1))
        + stream.normal(0, person, (500, 10, 1))
        + stream.normal(0, light, (500, 10, 5))
    )
    found = statistics.variance_components(
        values.reshape(5000, 5) + 60, np.repeat(np.arange(500), 10)
    )
    assert [getattr(found.sd, source) for source in SOURCES] == pytest.approx(truth, rel=0.1)


def test_ten_tones_of_ten_people_are_right_on_average():
    """five_lights.zip has as many. One such set may be far off.

    Eta squared gives the tone too much where it does nothing.
    """
    stream = np.random.default_rng(1)
    found = [
        statistics.variance_components(stream.normal(0, 5, (100, 5)), np.repeat(np.arange(10), 10))
        for _ in range(200)
    ]
    assert np.mean([each.sd.light**2 for each in found]) == pytest.approx(25, rel=0.02)
    assert np.mean([each.share.light for each in found]) > 0.93
    assert np.mean([each.eta_squared.tone for each in found]) == pytest.approx(9 / 499, rel=0.1)
    assert np.mean([each.eta_squared.person for each in found]) == pytest.approx(90 / 499, rel=0.05)


def test_a_variance_below_0_counts_as_0():
    found = statistics.variance_components(np.array([[0, 1]] * 4), TONES)
    assert found.share == statistics.Sources(tone=0, person=0, light=1)


def test_nothing_varies():
    found = statistics.variance_components(np.ones((4, 2)), TONES)
    assert found.share == statistics.Sources(0, 0, 0)


@pytest.mark.parametrize(
    ("values", "of"),
    [
        (BY_HAND, [1, 1, 1, 2]),
        (BY_HAND, [1, 1, 1, 1]),
        (BY_HAND, [1, 2, 3, 4]),
        (BY_HAND[:, :1], TONES),
    ],
)
def test_what_is_not_balanced_is_refused(values, of):
    with pytest.raises(ValueError, match="the same number of people"):
        statistics.variance_components(values, np.array(of))


def test_the_largest_source_is_named():
    assert statistics.Sources(tone=0.2, person=0.5, light=0.3).largest == "person"
