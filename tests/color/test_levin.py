import numpy as np
import pytest
from helpers import picture

from colorkit import color
from colorkit.color import levin
from colorkit.color.hints import Hints, draw_hints, hint_planes, no_hints


def hinted(shape: tuple[int, int], points: dict[tuple[int, int], tuple[float, float]]) -> Hints:
    """Hints of one pixel each."""
    mask, ab = np.zeros(shape, bool), np.zeros((*shape, 2), np.float32)
    for place, told in points.items():
        mask[place], ab[place] = True, told
    return Hints(mask, ab)


@pytest.fixture(scope="module")
def face(val):
    return val.L[0], val.ab[0]


def slow_weights(L: np.ndarray) -> np.ndarray:
    """The paper's formula with the authors' 0.6, pixel by pixel."""
    height, width, _ = L.shape
    Y = L[..., 0].astype(float)
    found = np.zeros((height * width, height * width))
    for row in range(height):
        for column in range(width):
            around = [
                (r, c)
                for r in range(row - 1, row + 2)
                for c in range(column - 1, column + 2)
                if 0 <= r < height and 0 <= c < width
            ]
            variance = np.var([Y[place] for place in around])
            for r, c in around:
                if (r, c) != (row, column):
                    like = (
                        np.exp(-((Y[row, column] - Y[r, c]) ** 2) / (0.6 * variance))
                        if variance
                        else 1
                    )
                    found[row * width + column, r * width + c] = like
    return found / found.sum(1, keepdims=True)


SMALL = {
    "noise": np.random.default_rng(1).integers(0, 256, (6, 9, 1)).astype(np.uint8),
    "nearly even": np.random.default_rng(2).integers(100, 102, (7, 5, 1)).astype(np.uint8),
    "even": np.full((5, 5, 1), 200, np.uint8),
    "even but for one": np.where(np.arange(25).reshape(5, 5, 1) == 12, 201, 200).astype(np.uint8),
    "the sharpest edges": np.indices((6, 6)).sum(0)[..., None].astype(np.uint8) % 2 * 255,
}


@pytest.mark.parametrize("L", SMALL.values(), ids=SMALL)
def test_the_weights_pixel_by_pixel(L):
    assert levin.weights(L).toarray() == pytest.approx(slow_weights(L), rel=1e-12)


def test_one_unlike_pixel_is_hardly_heard():
    """Known by hand: of nine pixels one differs by 90, the variance is 800, and exp(-90 ** 2 / 480) = exp(-16.875)."""
    L = np.full((3, 3, 1), 100, np.uint8)
    L[0, 1] = 190
    row = levin.weights(L).toarray()[4]
    assert row[1] / row[0] == pytest.approx(np.exp(-16.875))
    assert row[4] == 0


def test_on_a_face_each_pixel_is_the_weighted_mean_of_its_neighbours(face):
    """The residual of the equations, by other means than those that solved them."""
    L, ab = face
    told = draw_hints(ab, 5, np.random.default_rng(0))
    pred = levin.levin(L, told)
    assert (pred.shape, pred.dtype) == ((112, 112, 2), np.float32)
    assert np.array_equal(pred[told.mask], told.ab[told.mask])
    residual = pred - (levin.weights(L) @ pred.reshape(-1, 2).astype(np.float64)).reshape(
        pred.shape
    )
    assert np.abs(residual[~told.mask]).max() < 1e-4  # the rounding of float32 colors
    assert np.abs(residual[told.mask]).max() > 1  # a hint doesn't follow its neighbours
    assert pred.std() > 1


@pytest.mark.parametrize("L", SMALL.values(), ids=SMALL)
def test_small_pictures_against_a_dense_solution(L):
    shape = L.shape[:2]
    told = hinted(shape, {(0, 0): (50, -20), (4, 3): (-30, 70)})
    system, right = (
        np.eye(shape[0] * shape[1]) - slow_weights(L),
        np.zeros((shape[0] * shape[1], 2)),
    )
    fixed = told.mask.ravel()
    system[fixed], right[fixed] = np.eye(len(system))[fixed], told.ab[told.mask]
    assert levin.levin(L, told).reshape(-1, 2) == pytest.approx(
        np.linalg.solve(system, right), abs=1e-4
    )


def test_all_hinted_gives_the_truth(face):
    L, ab = face
    assert np.array_equal(levin.levin(L, Hints(np.ones((112, 112), bool), ab)), ab)


def test_all_but_one_hinted():
    told = Hints(~np.eye(3, dtype=bool) | (np.arange(3) != 1), np.full((3, 3, 2), 7, np.float32))
    told.ab[1, 1] = 99  # where no hint is, nothing is read
    assert (~told.mask).sum() == 1
    assert levin.levin(SMALL["noise"][:3, :3], told)[1, 1] == pytest.approx([7, 7])


def test_hints_of_one_color_color_everything(face):
    L, _ = face
    told = hinted((112, 112), {(3, 5): (20.5, -11), (80, 60): (20.5, -11)})
    assert levin.levin(L, told) == pytest.approx(
        np.broadcast_to((20.5, -11), (112, 112, 2)), abs=1e-3
    )


def test_no_color_goes_beyond_the_hints(face):
    L, ab = face
    told = draw_hints(ab, 10, np.random.default_rng(1))
    pred, known = levin.levin(L, told), told.ab[told.mask]
    assert (pred >= known.min(0) - 1e-3).all()
    assert (pred <= known.max(0) + 1e-3).all()


TWO_REGIONS = np.repeat([[40] * 6 + [220] * 6], 12, axis=0).astype(np.uint8)[..., None]


def test_two_regions_get_the_colors_of_their_own_hints():
    """Over a sharp edge that is a line goes exp(-7.5), 1 in 1,800, of the weight between equal pixels; where none is, the colors run."""
    told = hinted((12, 12), {(6, 2): (60, 20), (3, 9): (-50, 10)})
    left, right = np.split(levin.levin(TWO_REGIONS, told), 2, axis=1)
    assert left == pytest.approx(np.broadcast_to((60, 20), left.shape), abs=2)
    assert right == pytest.approx(np.broadcast_to((-50, 10), right.shape), abs=2)
    without_edge = levin.levin(np.full_like(TWO_REGIONS, 40), told)
    assert np.abs(without_edge[:, 5] - (60, 20))[:, 0].min() > 20


def test_a_hint_passes_the_sharpest_edge_where_it_is_the_only_one():
    """Hard to solve: what is within hears of the hint through two edges."""
    L = np.zeros((40, 40, 1), np.uint8)
    L[8:32, 8:32], L[14:26, 14:26] = 255, 0
    assert levin.levin(L, hinted((40, 40), {(0, 0): (60, -20)})) == pytest.approx(
        np.broadcast_to((60, -20), (40, 40, 2)), abs=1e-3
    )


def test_contrast_and_brightness_change_nothing():
    """The variance is of the window itself: half the contrast, or the negative, spreads the same."""
    L = np.random.default_rng(0).integers(0, 100, (20, 20, 1)).astype(np.uint8)
    told = hinted((20, 20), {(2, 3): (60, 0), (15, 9): (-60, 30), (10, 18): (0, -50)})
    expected = levin.levin(L, told)
    for changed in (2 * L, L + 50, 255 - L):
        assert levin.levin(changed, told) == pytest.approx(expected, abs=1e-3)


def test_mirrored_pictures_are_painted_mirrored():
    L = color.to_storage(color.rgb_to_lab(picture(3, 16)))[..., :1]
    told = hinted((16, 16), {(2, 3): (60, 0), (15, 9): (-60, 30)})
    flipped = Hints(told.mask[:, ::-1], told.ab[:, ::-1])
    assert levin.levin(L[:, ::-1], flipped) == pytest.approx(
        levin.levin(L, told)[:, ::-1], abs=1e-3
    )


def test_predictions_obey_their_hints(face):
    """Exactly at them; between them by what lightness says; and what has no hints stays as it was predicted."""
    L, ab = face
    told = draw_hints(ab, 12, np.random.default_rng(0))
    wrong = np.stack([ab + np.float32([7, -3]), ab, ab])
    settled = levin.settle(
        np.stack([L] * 3),
        wrong,
        np.stack([hint_planes(told), hint_planes(no_hints(112, 112)), hint_planes(told)]),
    )
    assert settled[0][told.mask] == pytest.approx(told.ab[told.mask], abs=1e-3)
    missed = Hints(
        told.mask, np.where(told.mask[..., None], told.ab - wrong[0], 0).astype(np.float32)
    )
    assert settled[0] == pytest.approx(wrong[0] + levin.levin(L, missed), abs=1e-4)
    assert (
        np.abs(settled[0] - ab).mean() < 2 < np.abs(wrong[0] - ab).mean()
    )  # one error everywhere is seen at twelve places
    assert np.array_equal(settled[1], ab)
    assert settled[2][told.mask] == pytest.approx(told.ab[told.mask], abs=1e-3)


def test_without_a_hint_nothing_is_painted():
    with pytest.raises(
        ValueError, match=r"^levin wants one hint or more: without any, every color would do$"
    ):
        levin.levin(SMALL["noise"], hinted((6, 9), {}))


@pytest.mark.parametrize(
    ("L", "mask", "ab"),
    [
        ((6, 9), (6, 9), (6, 9, 2)),
        ((6, 9, 1), (9, 6), (6, 9, 2)),
        ((6, 9, 1), (6, 9), (9, 6, 2)),
        ((6, 9, 3), (6, 9), (6, 9, 2)),
    ],
)
def test_shapes_that_do_not_fit(L, mask, ab):
    with pytest.raises(
        ValueError, match=r"^levin wants L \(H, W, 1\) with hints \(H, W\) and \(H, W, 2\), got \("
    ):
        levin.levin(np.zeros(L, np.uint8), Hints(np.ones(mask, bool), np.zeros(ab, np.float32)))
