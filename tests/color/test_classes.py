import numpy as np
import pytest
from skimage.color import rgb2lab

from colorkit.color import classes

MIDDLE = 13 * 27 + 13  # the class of grey


def make_face(*colors: tuple[int, int]) -> np.ndarray:
    """Make a face of one row with a pixel of each color: stored CIELAB, uint8 (1, 1, N, 3)."""
    pixels = [(100, a + 128, b + 128) for a, b in colors]
    return np.array([[pixels]], np.uint8)


@pytest.mark.parametrize(
    ("ab", "number"),
    [
        ((0, 0), MIDDLE),
        ((-5, 4.99), MIDDLE),
        ((5, 0), MIDDLE + 27),
        ((15, 0), MIDDLE + 2 * 27),
        ((0, 5), MIDDLE + 1),
        ((0, -5.01), MIDDLE - 1),
        ((-128, -128), 0),
        ((127, 127), 27 * 27 - 1),
    ],
)
def test_the_class_of_a_color(ab, number):
    assert classes.numbers(np.array(ab, np.float32)) == number


def test_every_square_holds_ten_whole_numbers():
    """Rounding to even would give 9 and 11 by turns."""
    ab = np.stack([np.arange(-125, 125), np.zeros(250)], axis=-1)
    assert set(np.unique(classes.numbers(ab), return_counts=True)[1]) == {10}


def test_a_color_beyond_the_squares_has_no_class():
    with pytest.raises(ValueError, match="invalid entry"):
        classes.numbers(np.array([0.0, -136]))


def test_classes_that_srgb_has():
    """Checked with scikit-image on a lattice in the RGB cube, which may miss a square's corner."""
    steps = np.arange(0, 256, 3, dtype=np.uint8)
    lab = rgb2lab(np.stack(np.meshgrid(steps, steps, steps), axis=-1))
    found = np.unique(classes.numbers(np.round(lab[..., 1:])))
    assert classes.in_gamut()[found].all()
    assert classes.in_gamut().sum() == 261
    assert len(found) >= 255


def test_the_prior_of_one_color_is_a_gaussian():
    """The squares beside it, 10 units away, have exp(-10^2 / (2 * 5^2)) of its probability."""
    prior = classes.prior(make_face((31, -18)))
    place = MIDDLE + 3 * 27 - 2
    assert prior.sum() == pytest.approx(1)
    for step, away in ((1, 1), (27, 1), (-27, 1), (28, 2)):
        assert prior[place + step] / prior[place] == pytest.approx(np.exp(-2 * away))


def test_the_prior_counts_pixels_of_all_faces():
    prior = classes.prior(
        np.concatenate([make_face((40, 40), (40, 40)), make_face((40, 40), (-40, 0))])
    )
    assert prior[MIDDLE + 4 * 27 + 4] / prior[MIDDLE - 4 * 27] == pytest.approx(3, rel=1e-4)


def test_no_probability_outside_srgb():
    """The smoothing of a color at the edge of the gamut reaches beyond it."""
    prior = classes.prior(make_face((98, -61)))  # the storage code of magenta
    assert not prior[~classes.in_gamut()].any()
    assert prior.sum() == pytest.approx(1)


def test_weights_are_the_inverse_of_a_prior_that_is_half_uniform(train):
    prior, weights = classes.prior(train.lab), classes.weights(train.lab)
    possible = classes.in_gamut()
    assert (weights.dtype, weights.shape) == (np.float32, (729,))
    assert not weights[~possible].any()
    product = weights[possible] * (0.5 * prior[possible] + 0.5 / 261)
    assert product == pytest.approx(product[0], rel=1e-5)
    assert (weights * prior).sum() == pytest.approx(1)


@pytest.mark.parametrize("uniform", [0.0, 0.5, 1.0])
def test_rebalanced_the_mean_weight_of_a_pixel_is_1(uniform):
    probable = np.array([0.9, 0.09, 0.01])
    found = classes.rebalance(probable, uniform)
    assert found.dtype == np.float64
    assert probable @ found == pytest.approx(1)
    inverse = 1 / found
    assert inverse / inverse.sum() == pytest.approx((1 - uniform) * probable + uniform / 3)


def test_rare_colors_weigh_more_but_not_without_limit(train):
    prior, weights = classes.prior(train.lab), classes.weights(train.lab)
    rare = np.flatnonzero(classes.in_gamut() & (prior < 1e-12))
    assert len(rare) > 0
    assert weights[rare] == pytest.approx(weights.max(), rel=1e-6)
    assert weights[prior.argmax()] == weights[classes.in_gamut()].min()


def test_an_equal_share_of_1_is_no_rebalancing(train):
    possible = classes.in_gamut()
    assert classes.weights(train.lab, uniform=1)[possible] == pytest.approx(1)
    spread = [
        np.ptp(classes.weights(train.lab, uniform=share)[possible]) for share in (0.1, 0.5, 0.9, 1)
    ]
    assert spread == sorted(spread, reverse=True)


def test_the_commonest_classes_are_the_most_probable(train):
    prior, chosen = classes.prior(train.lab), classes.commonest(train.lab, 64)
    assert (np.diff(chosen) > 0).all()
    assert len(chosen) == 64
    assert prior[chosen].min() >= np.delete(prior, chosen).max()
    assert prior[chosen].sum() > 0.99  # 64 classes cover these faces
    assert (
        classes.commonest(make_face((31, -18)), 261).tolist()
        == np.flatnonzero(classes.in_gamut()).tolist()
    )
    for count in (0, 262):
        with pytest.raises(ValueError, match=f"{count} classes: expected 1 to 261"):
            classes.commonest(train.lab, count)


def test_a_center_is_in_its_class():
    chosen = np.flatnonzero(classes.in_gamut())
    centers = classes.centers(chosen)
    assert (centers.dtype, centers.shape) == (np.float32, (261, 2))
    assert (classes.numbers(centers) == chosen).all()
    assert not (centers % 10).any()
    assert classes.centers(np.array([MIDDLE + 27])).tolist() == [[10, 0]]
