import itertools

import numpy as np
import pytest

from colorkit import hints

FLAT = np.full((112, 112, 2), (12.5, -40), np.float32)


@pytest.fixture(scope="module")
def ab():
    return np.random.default_rng(0).uniform(-100, 100, (112, 112, 2)).astype(np.float32)


def box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Of the rectangle around all that is hinted: first row, first column, height and width."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return rows[0], columns[0], np.ptp(rows) + 1, np.ptp(columns) + 1


def drawn(ab, count, seed=0):
    return hints.draw(ab, count, np.random.default_rng(seed))


def test_a_hint_is_a_square_with_the_mean_color_under_it(ab):
    sides = set()
    for seed in range(200):
        mask, hinted = drawn(ab, 1, seed)
        _, _, side, width = box(mask)
        assert side == width
        assert mask.sum() == side**2
        assert hinted[mask] == pytest.approx(np.tile(ab[mask].astype(np.float64).mean(0), (side**2, 1)), abs=1e-3)
        sides.add(side)
    assert sides == set(range(1, 10))


def test_where_no_hint_is_there_is_no_color(ab):
    mask, hinted = drawn(ab, 5)
    assert (mask.dtype, hinted.dtype) == (bool, np.float32)
    assert not hinted[~mask].any()
    assert hinted[mask].all()


def test_hints_stand_around_the_middle():
    """A normal distribution with a standard deviation of a quarter of the free room, of which 2.3 % at each end are moved to the border."""
    tall = np.zeros((224, 112, 2), np.float32)
    boxes = np.array([box(drawn(tall, 1, seed).mask) for seed in range(3000)])
    corners, room = boxes[:, :2], (224, 112) - boxes[:, 2:]
    places = (corners + 0.5) / (room + 1)  # 0 to 1
    assert places.mean(0) == pytest.approx([0.5, 0.5], abs=0.02)
    assert places.std(0) == pytest.approx([0.24, 0.24], abs=0.01)
    assert (corners == 0).mean(0) == pytest.approx([0.0245, 0.0265], abs=0.01)
    assert (corners == room).mean(0) == pytest.approx([0.0245, 0.0265], abs=0.01)
    assert abs(np.corrcoef(places.T)[0, 1]) < 0.05


def test_more_hints_are_fewer_and_some_besides():
    masks = [drawn(FLAT, count).mask for count in (1, 3, 10, 11)]
    for fewer, more in itertools.pairwise(masks):
        assert (more & fewer == fewer).all()
        assert more.sum() > fewer.sum()


def test_a_later_hint_covers_an_earlier_one(ab):
    stream = np.random.default_rng(3)
    expected = np.zeros_like(ab)
    for _ in range(60):
        mask, hinted = hints.draw(ab, 1, stream)
        expected[mask] = hinted[mask]
    assert np.array_equal(drawn(ab, 60, 3).ab, expected)


def test_the_stream_decides():
    assert np.array_equal(drawn(FLAT, 3, 1).mask, drawn(FLAT, 3, 1).mask)
    assert not np.array_equal(drawn(FLAT, 3, 1).mask, drawn(FLAT, 3, 2).mask)
