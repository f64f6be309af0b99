"""Each kind of damage: nothing at strength 0, more with more, never beyond black and white."""

import itertools

import numpy as np
import pytest

from colorkit import color
from colorkit.data import damage

STRENGTHS = {
    "defocus": (0.7, 1.5, 3),
    "vignette": (0.2, 0.6, 1),
    "grain": (2, 8, 20),
    "fade": (0.2, 0.5, 1),
    "mark": (1, 5, 20),
}
RANDOM = ("grain", "mark")


@pytest.fixture(scope="module")
def L(val) -> np.ndarray:
    return val.L[0, ..., 0] / np.float32(2.55)


def apply_damage(name: str, L: np.ndarray, strength, seed: int = 0) -> np.ndarray:
    stream = (np.random.default_rng(seed),) if name in RANDOM else ()
    return getattr(damage, name)(L, strength, *stream)


@pytest.mark.parametrize("name", STRENGTHS)
class TestEachKind:
    def test_nothing_at_0(self, name, L):
        assert np.array_equal(apply_damage(name, L, 0), L)

    def test_more_with_more(self, name, L):
        away = [np.abs(apply_damage(name, L, strength) - L).mean() for strength in STRENGTHS[name]]
        assert 0 < away[0] < away[1] < away[2]

    def test_shape_type_and_bounds_from_black_to_white(self, name, L):
        board = np.where(np.indices(L.shape).sum(0) // 8 % 2, np.float32(100), np.float32(0))
        for picture in (L, board):
            found = apply_damage(name, picture.copy(), STRENGTHS[name][-1])
            assert (found.shape, found.dtype) == (L.shape, np.float32)
            assert -1e-3 < found.min() <= found.max() < 100.001

    def test_the_picture_that_came_in_is_left_alone(self, name, L):
        before = L.copy()
        apply_damage(name, L, STRENGTHS[name][-1])
        assert np.array_equal(L, before)


@pytest.mark.parametrize("name", RANDOM)
def test_chance_comes_from_the_stream_alone(name, L):
    one, same, other = (apply_damage(name, L, 5, seed) for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("radius", [0.3, 0.8, 1, 2.5, 6])
def test_a_blur_keeps_the_light(radius, L):
    light = color.luminance(L).mean()
    assert color.luminance(damage.defocus(L, radius)).mean() == pytest.approx(light, rel=1e-4)


def test_the_blur_of_a_point_is_a_disc():
    point = np.zeros((21, 21), np.float32)
    point[10, 10] = 100
    light = color.luminance(damage.defocus(point, 4))
    away = np.hypot(*(np.indices((21, 21)) - 10))
    assert light[away < 3.2] == pytest.approx(1 / (16 * np.pi), rel=0.02)
    assert light[away > 4.8] == pytest.approx(0, abs=1e-6)


def test_the_disc_grows_without_a_step():
    assert [damage.disc(radius)[1, 1] for radius in (0.001, 0.1, 0.4)] == [1, 1, 1]
    middles = [damage.disc(radius).max() for radius in (0.5, 0.6, 0.8, 1, 1.2, 1.5)]
    assert all(one > other for one, other in itertools.pairwise(middles))
    assert damage.disc(2).shape == (5, 5)


def test_the_corners_lose_their_share_of_the_light():
    light = color.luminance(
        damage.vignette(np.full((31, 51), 80, np.float32), 0.4)
    ) / color.luminance(np.float32(80))
    assert light[15, 25] == pytest.approx(1)
    assert light[[0, 0, -1, -1], [0, -1, 0, -1]] == pytest.approx(0.6, abs=1e-4)
    assert light[0, 25] == pytest.approx(0.8, abs=1e-4)


def test_grain_is_as_strong_as_said_and_depends_on_the_tone():
    spread = {
        tone: np.ptp(apply_damage("grain", np.full((300, 300), tone, np.float32), 5))
        for tone in (0, 100)
    }
    assert spread == {0: 0, 100: 0}
    for tone, expected in ((50, 5), (20, 4), (80, 4)):  # 2 sqrt(0.2 * 0.8) = 0.8
        noisy = apply_damage("grain", np.full((300, 300), tone, np.float32), 5)
        assert noisy.std() == pytest.approx(expected, rel=0.02)
        assert noisy.mean() == pytest.approx(tone, abs=0.1)


def test_fading_takes_contrast_and_leads_to_one_tone(L):
    assert np.std(damage.fade(L, 0.3)) == pytest.approx(0.7 * np.std(L), rel=1e-4)
    assert damage.fade(L, 1) == pytest.approx(damage.PALE, abs=1e-4)


def test_the_first_marks_of_a_stream_are_the_same_for_any_count(L):
    stream = np.random.default_rng(4)
    assert np.array_equal(
        damage.mark(damage.mark(L, 3, stream), 9, stream), apply_damage("mark", L, 12, seed=4)
    )


def test_a_stroke_is_as_long_and_wide_as_said():
    assert damage._stroke((60, 60), (30, 30), 0, 0, 2).sum() == pytest.approx(
        np.pi * 2**2, rel=0.05
    )
    level = damage._stroke((60, 60), (30, 30), 10, 0, 0.5)
    assert level[30, 20:41].tolist() == [1] * 21
    assert level[29].max() == level[31].max() == 0
    assert damage._stroke((60, 60), (30, 30), 20, 1, 0.5).sum() == pytest.approx(40, abs=2)


@pytest.fixture
def face(val) -> np.ndarray:
    return val.lab[0]


def test_no_reframing_gives_the_face_itself(face):
    assert damage.reframe(face, 0, 0, np.random.default_rng(0)) is face


def test_a_shift_moves_whole_pixels_and_color_with_lightness(face):
    for seed in range(4):
        moved = damage.reframe(face, 6.5, 0, np.random.default_rng(seed))
        places = [(rows, columns) for rows in range(-7, 8) for columns in range(-7, 8)]
        fits = [
            p
            for p in places
            if np.array_equal(moved[8:-8, 8:-8], np.roll(face, p, (0, 1))[8:-8, 8:-8])
        ]
        assert len(fits) == 1
        assert np.hypot(*fits[0]) == pytest.approx(6.5, abs=0.71)


def test_a_zoom_is_by_the_share_either_way_around_the_middle():
    square = np.zeros((112, 112, 3), np.uint8)
    square[46:66, 46:66] = 255
    found = [
        damage.reframe(square, 0, 0.25, np.random.default_rng(seed))[..., 0] / 255
        for seed in range(12)
    ]
    assert sorted({round(each.sum() ** 0.5) for each in found}) == [16, 25]
    for each in found:
        assert np.argwhere(each > 0.5).mean(0) == pytest.approx([55.5, 55.5], abs=0.3)


def test_reframing_keeps_the_form(face):
    moved = damage.reframe(face, 3, 0.2, np.random.default_rng(0))
    assert (moved.shape, moved.dtype) == (face.shape, np.uint8)
