import itertools

import numpy as np
import pytest

from colorkit import color
from colorkit.color import hints
from colorkit.color.hints import Point
from colorkit.errors import KitError

GOLDEN = [207, 523, 451, 114]  # hinted pixels of four faces
FLAT = np.full((112, 112, 2), (12.5, -40), np.float32)


@pytest.fixture(scope="module")
def ab():
    return np.random.default_rng(0).uniform(-100, 100, (112, 112, 2)).astype(np.float32)


def find_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Find the rectangle around all hints: first row, first column, height and width."""
    rows = np.flatnonzero(mask.any(1))
    columns = np.flatnonzero(mask.any(0))
    return rows[0], columns[0], np.ptp(rows) + 1, np.ptp(columns) + 1


def draw(ab, count, seed=0):
    return color.draw_hints(ab, count, np.random.default_rng(seed))


def test_a_hint_is_a_square_with_the_mean_color_under_it(ab):
    sides = set()
    for seed in range(200):
        mask, hinted = draw(ab, 1, seed)
        _, _, side, width = find_box(mask)
        assert side == width
        assert mask.sum() == side**2
        mean = ab[mask].astype(np.float64).mean(0)
        assert hinted[mask] == pytest.approx(np.tile(mean, (side**2, 1)), abs=1e-3)
        sides.add(side)
    assert sides == set(range(1, 10))


def test_where_no_hint_is_there_is_no_color(ab):
    mask, hinted = draw(ab, 5)
    assert (mask.dtype, hinted.dtype) == (bool, np.float32)
    assert not hinted[~mask].any()
    assert hinted[mask].all()


def test_hints_lie_around_the_middle():
    """They are normally distributed: the standard deviation is a quarter of the free room.

    At each end, 2.3 % are moved to the border.
    """
    tall = np.zeros((224, 112, 2), np.float32)
    boxes = np.array([find_box(draw(tall, 1, seed).mask) for seed in range(3000)])
    corners, room = boxes[:, :2], (224, 112) - boxes[:, 2:]
    places = (corners + 0.5) / (room + 1)  # 0 to 1
    assert places.mean(0) == pytest.approx([0.5, 0.5], abs=0.02)
    assert places.std(0) == pytest.approx([0.24, 0.24], abs=0.01)
    assert (corners == 0).mean(0) == pytest.approx([0.0245, 0.0265], abs=0.01)
    assert (corners == room).mean(0) == pytest.approx([0.0245, 0.0265], abs=0.01)
    assert abs(np.corrcoef(places.T)[0, 1]) < 0.05


def test_more_hints_are_fewer_and_some_besides():
    masks = [draw(FLAT, count).mask for count in (1, 3, 10, 11)]
    for fewer, more in itertools.pairwise(masks):
        assert (more & fewer == fewer).all()
        assert more.sum() > fewer.sum()


def test_a_later_hint_covers_an_earlier_one(ab):
    stream = np.random.default_rng(3)
    expected = np.zeros_like(ab)
    for _ in range(60):
        mask, hinted = color.draw_hints(ab, 1, stream)
        expected[mask] = hinted[mask]
    assert np.array_equal(draw(ab, 60, 3).ab, expected)


def test_the_stream_decides():
    assert np.array_equal(draw(FLAT, 3, 1).mask, draw(FLAT, 3, 1).mask)
    assert not np.array_equal(draw(FLAT, 3, 1).mask, draw(FLAT, 3, 2).mask)


def test_no_hints():
    nothing = color.no_hints(8, 9)
    assert nothing.mask.shape == (8, 9)
    assert (nothing.ab.shape, nothing.ab.dtype) == ((8, 9, 2), np.float32)
    assert not nothing.mask.any()
    assert not nothing.ab.any()


def test_a_user_s_hint_is_a_square_around_its_point():
    mask, ab = color.place_hints([Point(4, 6, 12.5, -3)], 20, 30)
    assert find_box(mask) == (2, 4, 5, 5)
    assert mask.sum() == 25
    assert (ab[mask] == (12.5, -3)).all()
    assert not ab[~mask].any()
    assert find_box(color.place_hints([Point(4, 6, 1, 1, side=1)], 20, 30).mask) == (4, 6, 1, 1)
    assert find_box(color.place_hints([Point(4, 6, 1, 1, side=4)], 20, 30).mask) == (2, 4, 4, 4)


def test_a_user_s_hints_are_cut_at_the_border_and_cover_each_other():
    points = [Point(0, 0, 1, 2), Point(19, 29, 3, 4), Point(1, 1, 5, 6, side=1)]
    mask, ab = color.place_hints(points, 20, 30)
    assert mask.sum() == 9 + 9
    assert ab[0, 0].tolist() == [1, 2]
    assert ab[1, 1].tolist() == [5, 6]
    assert ab[17, 27].tolist() == ab[19, 29].tolist() == [3, 4]
    assert not color.place_hints([], 20, 30).mask.any()


@pytest.mark.parametrize(
    ("point", "line"),
    [
        (
            Point(20, 3, 0, 0),
            "row 20, column 3 is outside the picture: expected rows 0 to 19 and columns 0 to 29",
        ),
        (
            Point(-1, 3, 0, 0),
            "row -1, column 3 is outside the picture: expected rows 0 to 19 and columns 0 to 29",
        ),
        (
            Point(3, 30, 0, 0),
            "row 3, column 30 is outside the picture: expected rows 0 to 19 and columns 0 to 29",
        ),
        (
            Point(3, -1, 0, 0),
            "row 3, column -1 is outside the picture: expected rows 0 to 19 and columns 0 to 29",
        ),
        (
            Point(3, 3, float("nan"), 0),
            "a* nan, b* 0, side 5: expected two numbers, and a side of 1 pixel or more",
        ),
        (
            Point(3, 3, 0, float("inf")),
            "a* 0, b* inf, side 5: expected two numbers, and a side of 1 pixel or more",
        ),
        (
            Point(3, 3, 0, 0, side=0),
            "a* 0, b* 0, side 0: expected two numbers, and a side of 1 pixel or more",
        ),
    ],
)
def test_a_user_s_bad_hint_gets_one_line(point, line):
    with pytest.raises(KitError) as refused:
        color.place_hints([Point(0, 0, 0, 0), point], 20, 30)
    assert str(refused.value) == f"hint 2: {line}"


def test_planes_are_color_and_mask(ab):
    drawn = draw(ab, 3)
    planes = color.hint_planes(drawn)
    assert (planes.shape, planes.dtype) == ((112, 112, 3), np.float32)
    assert np.array_equal(planes[..., :2], drawn.ab)
    assert np.array_equal(planes[..., 2], drawn.mask.astype(np.float32))


def test_hints_to_train_on_depend_on_seed_epoch_and_face_alone(train):
    ab, numbers = train.lab[:6, ..., 1:], np.arange(6)
    whole = color.random_hints(ab, numbers, 3, 5)
    assert (whole.shape, whole.dtype) == ((6, 112, 112, 3), np.float32)
    assert np.array_equal(color.random_hints(ab[[4, 2]], numbers[[4, 2]], 3, 5), whole[[4, 2]])
    for seed, epoch in ((4, 5), (3, 6)):
        other = color.random_hints(ab, numbers, seed, epoch)
        same = [np.array_equal(one, two) for one, two in zip(whole, other, strict=True)]
        assert sum(same) <= 1  # two faces without hints have the same planes
    twins = color.random_hints(ab[[5, 5]], numbers[:2], 3, 5)
    assert not np.array_equal(twins[0], twins[1])


def test_hints_to_train_on_are_of_the_truth(train):
    code = train.lab[:8, ..., 1:]
    drawn = color.random_hints(code, np.arange(8), 0, 0)
    for planes, true in zip(drawn, code - 128.0, strict=True):
        hinted = planes[..., 2] == 1
        assert set(np.unique(planes[..., 2])) <= {0, 1}
        if hinted.any():
            error = np.abs(planes[hinted, :2] - true[hinted]).mean()
            assert error < np.abs(true[hinted] - true.mean((0, 1))).mean()


def test_how_many_hints_to_train_on(monkeypatch):
    """Their number is geometric, from 0: none for one face of eight, 7 on average."""
    counts = []

    def count_only(ab, count, stream):
        counts.append(count)
        return color.no_hints(*ab.shape[:2])

    monkeypatch.setattr(hints, "draw_hints", count_only)
    color.random_hints(np.zeros((4000, 9, 9, 2), np.uint8), np.arange(4000), 0, 0)
    assert np.mean(counts) == pytest.approx(7, abs=0.4)
    assert np.mean([count == 0 for count in counts]) == pytest.approx(1 / 8, abs=0.02)
    assert np.mean([count == 1 for count in counts]) == pytest.approx(7 / 64, abs=0.02)


def test_golden_hints(train):
    """A run resumed by another release of the kit must see the same hints."""
    planes = color.random_hints(train.lab[:4, ..., 1:], np.arange(4), 0, 0)
    assert planes[..., 2].sum((1, 2)).tolist() == GOLDEN
