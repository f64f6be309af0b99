"""Old photographs of a split: what is shown, what stays true, and how color is judged."""

import numpy as np
import pytest

from colorkit import plots
from colorkit.data import damage, old_photos
from colorkit.data.old_photos import Damage, age
from colorkit.data.splits import Split
from colorkit.errors import KitError
from colorkit.evaluation import baselines, comparison, metrics
from colorkit.evaluation.baselines import OneTrueColor

WORN = Damage(
    plate="orthochromatic", shift=5, zoom=0.1, defocus=1.5, vignette=0.4, grain=5, fade=0.3, marks=6
)


@pytest.fixture(scope="module")
def worn(val) -> old_photos.OldPhotos:
    return age(val, WORN)


def test_no_damage_is_the_split_itself(train):
    photos = age(train, Damage())
    assert np.array_equal(photos.L, train.L)
    assert np.array_equal(photos.lab, train.lab)
    assert photos.identities is train.identities


@pytest.mark.parametrize(
    "strength",
    [{name: getattr(WORN, name)} for name in ("plate", *old_photos.STRENGTHS)],
    ids=lambda each: next(iter(each)),
)
def test_each_damage_alone_changes_what_is_shown(strength, val):
    photos = age(val, Damage(**strength))
    assert (photos.L.shape, photos.L.dtype) == (val.L.shape, np.uint8)
    assert (photos.L != val.L).any((1, 2, 3)).all()
    framed = next(iter(strength)) in ("shift", "zoom")
    assert np.array_equal(photos.lab, val.lab) != framed  # only a moved face moves its truth
    assert not framed or np.array_equal(photos.L, photos.lab[..., :1])


def test_a_seed_decides(val, worn):
    same, other = age(val, WORN), age(val, WORN, seed=1)
    assert np.array_equal(same.L, worn.L)
    assert np.array_equal(same.lab, worn.lab)
    assert (other.L != worn.L).any((1, 2, 3)).all()


def test_faces_of_one_split_are_damaged_differently(val):
    twins = Split(val.lab[[0, 0]], val.identities[:2])
    for strength in ({"shift": 8}, {"grain": 5}, {"marks": 5}):
        photos = age(twins, Damage(**strength))
        assert (photos.L[0] != photos.L[1]).any()


def test_a_face_s_photograph_is_the_same_in_the_first_faces_of_a_split(val, worn):
    first = age(val.take(2), WORN)
    assert np.array_equal(first.L, worn.L[:2])


def test_what_is_drawn_for_one_damage_does_not_hang_on_another(val):
    """A shift changes grain only through the tone under it, and grain doesn't move marks."""
    still, moved = (age(val.take(1), Damage(grain=3, shift=shift)) for shift in (0, 4))
    noise, other = (photos.L.astype(int) - photos.lab[..., :1] for photos in (still, moved))
    assert np.abs(noise - other).mean() < 0.3 * np.abs(noise).mean()
    plain, grainy = (
        age(val.take(1), Damage(marks=5, grain=grain)).L.astype(int) for grain in (0, 0.1)
    )
    assert np.abs(plain - grainy).max() <= 2


def test_the_first_faces_are_old_photographs_too(worn):
    few = worn.take(2)
    assert isinstance(few, old_photos.OldPhotos)
    assert [len(each) for each in (few, few.identities, few.shown)] == [2, 2, 2]
    assert np.array_equal(few.L, worn.L[:2])


def test_what_is_trained_on_is_drawn_evenly_from_none_up_to_the_most():
    drawn = [old_photos._draw_damage(WORN, np.random.default_rng(seed)) for seed in range(400)]
    for name in old_photos.STRENGTHS:
        values = np.array([getattr(each, name) for each in drawn])
        assert values.max() <= getattr(WORN, name)
        assert values.mean() == pytest.approx(getattr(WORN, name) / 2, rel=0.1)
        assert values.min() < 0.05 * getattr(WORN, name)
    assert {each.plate for each in drawn} == set(damage.PLATES)
    assert {each.marks for each in drawn} == set(range(7))


def test_no_damage_to_train_on_but_the_plate_is_a_plate_s_picture(val):
    shown, lab = old_photos.age_randomly(val, np.arange(4), Damage(), 0, 0)
    assert np.array_equal(lab, val.lab)
    seen = [age(val, Damage(plate=plate)).L for plate in damage.PLATES]
    assert all(
        any(np.array_equal(shown[number], each[number]) for each in seen) for number in range(4)
    )


class Perfect:
    """Says the truth of one split whatever it is shown, and keeps what it was shown."""

    name = "perfect"

    def __init__(self, split):
        self.ab = split.ab

    def predict(self, L):
        self.shown = L
        return self.ab


def test_the_kit_s_measures_judge_color_by_the_truth(worn):
    perfect = Perfect(worn)
    found = comparison.measure(perfect, worn)
    assert perfect.shown is worn.shown
    assert found["mse"].tolist() == [0] * 4
    assert found["delta_e"].max() == 0  # on the true lightness
    assert np.isinf(found["psnr"]).all()


def test_the_truth_of_a_moved_face_is_not_where_it_was(val):
    photos = age(val, Damage(shift=8))
    assert metrics.mse(val.ab, photos.ab).min() > 5
    assert comparison.measure(Perfect(val), photos)["mse"].min() > 5


def test_the_baselines_and_the_yardstick_know_old_photographs(train, worn):
    assert [row.name for row in comparison.evaluate([], train, worn)][-1] == OneTrueColor.name
    pred = OneTrueColor(worn).predict(worn.L)
    assert pred[:, 0, 0] == pytest.approx(worn.ab.mean((1, 2)), abs=1e-3)
    with pytest.raises(ValueError, match="face 0 is not in the split"):
        OneTrueColor(worn).predict(worn.lab[..., :1])


def test_a_grid_shows_the_photographs_beside_the_truth(train, worn):
    figure = plots.comparison_grid(worn, [baselines.Grey()], count=2)
    true, shown, grey = (figure.axes[row * 2].images[0].get_array() for row in range(3))
    assert np.array_equal(true, worn.rgb[0])
    assert np.array_equal(shown, grey)
    assert (np.abs(shown[..., 0].astype(int) - true.mean(-1)).mean()) > 5


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        (
            {"plate": "ortho"},
            "plate='ortho' is unknown: one of panchromatic, orthochromatic, blue-sensitive",
        ),
        ({"shift": -1}, "shift=-1: expected a number, 0 to 40 (pixels off center)"),
        ({"fade": 1.5}, "fade=1.5: expected a number, 0 to 1 (share of contrast lost)"),
        (
            {"grain": float("nan")},
            "grain=nan: expected a number, 0 to 50 (standard deviation, units of L)",
        ),
        ({"defocus": "2"}, "defocus='2': expected a number, 0 to 10 (radius of the blur, pixels)"),
        (
            {"vignette": True},
            "vignette=True: expected a number, 0 to 1 (share of light lost in the corners)",
        ),
        ({"marks": 1.5}, "marks=1.5: expected a whole number, 0 to 200 (scratches and specks)"),
    ],
)
def test_bad_strengths_get_one_line(bad, line):
    with pytest.raises(KitError) as refused:
        Damage(**bad)
    assert str(refused.value) == line
