"""Apparent and drawn tones: the formulas, the boxes on the kit's faces, and the ground truth."""

import numpy as np
import pytest

from colorkit import color
from colorkit.data import faces, manifest, tones
from colorkit.data.splits import Split

SKIN = np.array([60, 10, 20], np.float32)
OTHER = np.array([20, -30, -40], np.float32)
# L, a*, b* and ITA (degrees) of the ten swatches of the Monk scale
MONK = [
    (94.2, 1.5, 5.4, 83),
    (92.3, 2.1, 7.3, 80),
    (93.1, 0.2, 14.2, 72),
    (87.6, 0.5, 17.8, 65),
    (77.9, 3.5, 23.1, 50),
    (55.1, 7.8, 26.7, 11),
    (42.5, 12.3, 20.5, -20),
    (30.7, 11.7, 13.3, -55),
    (21.1, 2.7, 6.0, -78),
    (14.6, 1.5, 3.5, -84),
]


@pytest.fixture(scope="module")
def lights() -> tuple[Split, np.ndarray]:
    return tones.five_lights()


def make_face(*covered) -> np.ndarray:
    """Make a stored face: skin in all boxes that aren't covered, another color elsewhere."""
    lab = np.tile(OTHER, (1, 112, 112, 1)).astype(np.float32)
    for name, (rows, columns) in tones.BOXES.items():
        if name not in covered:
            lab[:, rows, columns] = SKIN
    return color.to_storage(lab)


@pytest.mark.parametrize("covered", [(), *((name,) for name in tones.BOXES)])
def test_skin_is_the_color_in_the_boxes_whatever_covers_one(covered):
    assert tones.skin(make_face(*covered))[0] == pytest.approx(SKIN, abs=0.2)


def test_two_covered_boxes_are_too_many():
    assert tones.skin(make_face("nose", "left cheek"))[0] == pytest.approx(
        (SKIN + OTHER) / 2, abs=0.2
    )


def test_a_few_dark_pixels_in_every_box_change_nothing():
    lab = make_face()
    lab[:, ::3] = 0
    assert tones.skin(lab)[0] == pytest.approx(SKIN, abs=0.2)


def test_lips_are_the_color_in_their_box():
    lab = make_face()
    assert tones.lips(lab)[0] == pytest.approx(OTHER, abs=0.2)
    lab[:, tones.LIPS[0], tones.LIPS[1]] = color.to_storage(np.array([[40, 30, 15]], np.float32))
    lab[:, tones.LIPS[0], 50] = 0  # a corner of the mouth
    assert tones.lips(lab)[0] == pytest.approx([40, 30, 15], abs=0.2)


def test_lips_are_redder_and_darker_than_skin_on_most_of_the_kit_s_faces(lights):
    lab = lights[0].lab
    difference = tones.lips(lab) - tones.skin(lab)
    assert (difference[:, 1] > 0).mean() > 0.85
    assert (difference[:, 0] < 0).mean() > 0.9


def test_ita_of_the_monk_scale():
    swatches = np.array(MONK)
    assert tones.ita(swatches[:, :3]) == pytest.approx(swatches[:, 3], abs=1)


@pytest.mark.parametrize(
    ("L", "b", "degrees"),
    [(70, 20, 45), (30, 20, -45), (50, 20, 0), (70, 0, 90), (70, -3, 90), (30, -3, -90)],
)
def test_ita_goes_from_dark_to_light_whatever_b_is(L, b, degrees):
    assert tones.ita(np.array([L, 5.0, b])) == pytest.approx(degrees)


@pytest.mark.parametrize(
    ("a", "b", "degrees"),
    [(9, 0, 0), (9, 9, 45), (0, 9, 90), (-9, 0, 180), (-9, -9, 225), (0, -9, -90), (9, -9, -45)],
)
def test_hue(a, b, degrees):
    assert tones.hue(np.array([50.0, a, b])) == pytest.approx(degrees)


def test_groups_at_their_limits():
    degrees = [90, 55.1, 55, 41.1, 41, 28.1, 28, 10.1, 10, -29.9, -30, -90]
    names = (
        ["very light"] * 2
        + ["light"] * 2
        + ["intermediate"] * 2
        + ["tan"] * 2
        + ["brown"] * 2
        + ["dark"] * 2
    )
    assert tones.by_ita(np.array(degrees)).tolist() == names
    assert tones.by_hue(np.array([[-90, 54.9], [55, 90]])).tolist() == [
        ["redder"] * 2,
        ["yellower"] * 2,
    ]
    assert tones.by_drawn(np.array([1, 2, 3, 8, 9, 10])).tolist() == [
        "Monk 1-2", "Monk 1-2", "Monk 3-4", "Monk 7-8", "Monk 9-10", "Monk 9-10",
    ]  # fmt: skip


def test_the_drawn_tone_of_the_kit_s_own_faces(train):
    """The renderer lets the ten tones take turns: that of an identity follows from its number."""
    assert tones.drawn(train).tolist() == [1 + int(identity) % 10 for identity in train.identities]


def test_no_drawn_tone_for_other_people(train):
    assert tones.drawn(Split(train.lab, np.array(["200000", *train.identities[1:]]))) is None


def test_no_drawn_tone_for_other_pictures_under_the_same_numbers(train):
    """DigiFace-1M has people 0 to 9,999 as well."""
    lab = train.lab.copy()
    lab[-1, 50, 50, 0] ^= 1
    assert tones.drawn(Split(lab, train.identities)) is None
    assert tones.drawn(Split(train.lab[::-1], train.identities)) is None


def test_five_lights(lights):
    split, drawn = lights
    assert (
        split.identities.reshape(100, 5)[:, :1].repeat(5, axis=1).ravel().tolist()
        == split.identities.tolist()
    )
    assert len(set(split.identities)) == 100
    assert drawn.tolist() == [1 + int(identity) % 10 for identity in split.identities]
    path = manifest.fetch("five_lights", manifest.ask)
    (_, last) = list(
        faces.read_faces(faces.index_faces([path]).identities[str(split.identities[-1])])
    )[-1]
    assert np.array_equal(split.lab[-1], color.to_storage(color.rgb_to_lab(last.rgb)))


def share_far_from_skin(lab: np.ndarray, box: tuple) -> float:
    """Compute the share of faces whose color in a box is over 15 CIELAB units from their skin's."""
    inside = np.median(color.from_storage(lab[:, *box]).reshape(len(lab), -1, 3), axis=1)
    return float((np.linalg.norm(inside - tones.skin(lab), axis=1) > 15).mean())


@pytest.mark.parametrize("name", tones.BOXES)
def test_the_boxes_show_skin_on_nearly_all_of_the_kit_s_faces(lights, name):
    assert share_far_from_skin(lights[0].lab, tones.BOXES[name]) < 0.1


@pytest.mark.parametrize(
    "box",
    [np.s_[:14, :14], np.s_[48:56, 68:76], np.s_[86:94, 48:64]],
    ids=["corner", "eye", "mouth"],
)
def test_other_places_do_not(lights, box):
    assert share_far_from_skin(lights[0].lab, box) > 0.25


def test_apparent_lightness_follows_the_tone_that_was_drawn(lights):
    split, drawn = lights
    assert np.corrcoef(tones.skin(split.lab)[:, 0], drawn)[0, 1] < -0.85
