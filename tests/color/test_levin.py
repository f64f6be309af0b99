import numpy as np
import pytest
from helpers import picture

from colorkit import color
from colorkit.color import levin
from colorkit.color.hints import Hints, draw_hints, hint_planes, no_hints


def make_hints(shape: tuple[int, int], points: dict[tuple[int, int], tuple[float, float]]) -> Hints:
    """Make hints of one pixel each."""
    mask = np.zeros(shape, bool)
    ab = np.zeros((*shape, 2), np.float32)
    for place, color_there in points.items():
        mask[place] = True
        ab[place] = color_there
    return Hints(mask, ab)


@pytest.fixture(scope="module")
def face(val):
    return val.L[0], val.ab[0]


def compute_slow_weights(L: np.ndarray) -> np.ndarray:
    """Compute the paper's formula with the authors' 0.6, pixel by pixel."""
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
                    similarity = 1.0
                    if variance:
                        difference = Y[row, column] - Y[r, c]
                        similarity = np.exp(-(difference**2) / (0.6 * variance))
                    found[row * width + column, r * width + c] = similarity
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
    assert levin.weights(L).toarray() == pytest.approx(compute_slow_weights(L), rel=1e-12)


def test_one_different_pixel_hardly_counts():
    """One of nine pixels differs by 90, so the variance is 800, and 90 ** 2 / 480 = 16.875."""
    L = np.full((3, 3, 1), 100, np.uint8)
    L[0, 1] = 190
    row = levin.weights(L).toarray()[4]
    assert row[1] / row[0] == pytest.approx(np.exp(-16.875))
    assert row[4] == 0


def test_on_a_face_each_pixel_is_the_weighted_mean_of_its_neighbors(face):
    """The residual is computed by other means than those that solved the equations."""
    L, ab = face
    hints = draw_hints(ab, 5, np.random.default_rng(0))
    pred = levin.levin(L, hints)
    assert (pred.shape, pred.dtype) == ((112, 112, 2), np.float32)
    assert np.array_equal(pred[hints.mask], hints.ab[hints.mask])
    residual = pred - (levin.weights(L) @ pred.reshape(-1, 2).astype(np.float64)).reshape(
        pred.shape
    )
    assert np.abs(residual[~hints.mask]).max() < 1e-4  # the rounding of float32 colors
    assert np.abs(residual[hints.mask]).max() > 1  # a hint doesn't follow its neighbors
    assert pred.std() > 1


@pytest.mark.parametrize("L", SMALL.values(), ids=SMALL)
def test_small_pictures_against_a_dense_solution(L):
    shape = L.shape[:2]
    hints = make_hints(shape, {(0, 0): (50, -20), (4, 3): (-30, 70)})
    count = shape[0] * shape[1]
    system = np.eye(count) - compute_slow_weights(L)
    right = np.zeros((count, 2))
    fixed = hints.mask.ravel()
    system[fixed] = np.eye(count)[fixed]
    right[fixed] = hints.ab[hints.mask]
    assert levin.levin(L, hints).reshape(-1, 2) == pytest.approx(
        np.linalg.solve(system, right), abs=1e-4
    )


def test_all_hinted_gives_the_truth(face):
    L, ab = face
    assert np.array_equal(levin.levin(L, Hints(np.ones((112, 112), bool), ab)), ab)


def test_all_but_one_hinted():
    hints = Hints(~np.eye(3, dtype=bool) | (np.arange(3) != 1), np.full((3, 3, 2), 7, np.float32))
    hints.ab[1, 1] = 99  # where there is no hint, nothing is read
    assert (~hints.mask).sum() == 1
    assert levin.levin(SMALL["noise"][:3, :3], hints)[1, 1] == pytest.approx([7, 7])


def test_hints_of_one_color_color_everything(face):
    L, _ = face
    hints = make_hints((112, 112), {(3, 5): (20.5, -11), (80, 60): (20.5, -11)})
    assert levin.levin(L, hints) == pytest.approx(
        np.broadcast_to((20.5, -11), (112, 112, 2)), abs=1e-3
    )


def test_no_color_goes_beyond_the_hints(face):
    L, ab = face
    hints = draw_hints(ab, 10, np.random.default_rng(1))
    pred, known = levin.levin(L, hints), hints.ab[hints.mask]
    assert (pred >= known.min(0) - 1e-3).all()
    assert (pred <= known.max(0) + 1e-3).all()


TWO_REGIONS = np.repeat([[40] * 6 + [220] * 6], 12, axis=0).astype(np.uint8)[..., None]


def test_two_regions_get_the_colors_of_their_own_hints():
    """A sharp edge lets exp(-7.5), 1 in 1,800, of the weight through; without it, colors run."""
    hints = make_hints((12, 12), {(6, 2): (60, 20), (3, 9): (-50, 10)})
    left, right = np.split(levin.levin(TWO_REGIONS, hints), 2, axis=1)
    assert left == pytest.approx(np.broadcast_to((60, 20), left.shape), abs=2)
    assert right == pytest.approx(np.broadcast_to((-50, 10), right.shape), abs=2)
    without_edge = levin.levin(np.full_like(TWO_REGIONS, 40), hints)
    assert np.abs(without_edge[:, 5] - (60, 20))[:, 0].min() > 20


def test_a_hint_passes_the_sharpest_edge_where_it_is_the_only_one():
    """This is hard to solve: the hint reaches the inside through two edges."""
    L = np.zeros((40, 40, 1), np.uint8)
    L[8:32, 8:32] = 255
    L[14:26, 14:26] = 0
    assert levin.levin(L, make_hints((40, 40), {(0, 0): (60, -20)})) == pytest.approx(
        np.broadcast_to((60, -20), (40, 40, 2)), abs=1e-3
    )


def test_contrast_and_brightness_change_nothing():
    """The variance is that of the window: half the contrast, or the negative, spreads the same."""
    L = np.random.default_rng(0).integers(0, 100, (20, 20, 1)).astype(np.uint8)
    hints = make_hints((20, 20), {(2, 3): (60, 0), (15, 9): (-60, 30), (10, 18): (0, -50)})
    expected = levin.levin(L, hints)
    for changed in (2 * L, L + 50, 255 - L):
        assert levin.levin(changed, hints) == pytest.approx(expected, abs=1e-3)


def test_mirrored_pictures_are_painted_mirrored():
    L = color.to_storage(color.rgb_to_lab(picture(3, 16)))[..., :1]
    hints = make_hints((16, 16), {(2, 3): (60, 0), (15, 9): (-60, 30)})
    flipped = Hints(hints.mask[:, ::-1], hints.ab[:, ::-1])
    assert levin.levin(L[:, ::-1], flipped) == pytest.approx(
        levin.levin(L, hints)[:, ::-1], abs=1e-3
    )


def test_predictions_obey_their_hints(face):
    """At the hints exactly, between them by lightness; a picture without hints doesn't change."""
    L, ab = face
    hints = draw_hints(ab, 12, np.random.default_rng(0))
    wrong = np.stack([ab + np.float32([7, -3]), ab, ab])
    settled = levin.settle(
        np.stack([L] * 3),
        wrong,
        np.stack([hint_planes(hints), hint_planes(no_hints(112, 112)), hint_planes(hints)]),
    )
    assert settled[0][hints.mask] == pytest.approx(hints.ab[hints.mask], abs=1e-3)
    missed = Hints(
        hints.mask, np.where(hints.mask[..., None], hints.ab - wrong[0], 0).astype(np.float32)
    )
    assert settled[0] == pytest.approx(wrong[0] + levin.levin(L, missed), abs=1e-4)
    # The same error everywhere shows at twelve places.
    assert np.abs(settled[0] - ab).mean() < 2 < np.abs(wrong[0] - ab).mean()
    assert np.array_equal(settled[1], ab)
    assert settled[2][hints.mask] == pytest.approx(hints.ab[hints.mask], abs=1e-3)


def test_without_a_hint_nothing_is_painted():
    message = r"^levin expected at least one hint, got none$"
    with pytest.raises(ValueError, match=message):
        levin.levin(SMALL["noise"], make_hints((6, 9), {}))


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
    message = r"^levin expected L \(H, W, 1\) with hints \(H, W\) and \(H, W, 2\), got \("
    with pytest.raises(ValueError, match=message):
        levin.levin(np.zeros(L, np.uint8), Hints(np.ones(mask, bool), np.zeros(ab, np.float32)))
