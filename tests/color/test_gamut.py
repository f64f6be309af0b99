"""Colors outside sRGB lose chroma and keep their L and hue."""

import numpy as np
import pytest

from colorkit import color


@pytest.fixture(scope="module")
def anywhere() -> np.ndarray:
    """Random CIELAB, most of it outside sRGB: float32 (50000, 3)."""
    drawn = np.random.default_rng(0).uniform((0, -128, -128), (100, 128, 128), (50_000, 3))
    return drawn.astype(np.float32)


def test_all_of_srgb_is_inside_and_stays_as_it_is():
    steps = np.arange(0, 256, 5, dtype=np.uint8)
    cube = color.rgb_to_lab(np.stack(np.meshgrid(steps, steps, steps), -1))
    fitted, outside = color.fit_to_gamut(cube)
    assert not outside.any()
    assert np.array_equal(fitted, cube)


def test_what_is_outside_comes_inside_with_its_l_and_hue(anywhere):
    fitted, outside = color.fit_to_gamut(anywhere)
    assert 0.5 < outside.mean() < 0.99
    assert color.is_in_gamut(fitted).all()
    assert np.array_equal(fitted[..., 0], anywhere[..., 0])
    assert np.array_equal(fitted[~outside], anywhere[~outside])
    cross = fitted[:, 1] * anywhere[:, 2] - fitted[:, 2] * anywhere[:, 1]
    beside = np.abs(cross / np.hypot(*anywhere[:, 1:].T))  # distance from the line of its hue
    assert beside.max() < 1e-4


def test_no_more_chroma_is_taken_than_needed(anywhere):
    fitted, outside = color.fit_to_gamut(anywhere)
    chroma = np.hypot(*anywhere[outside, 1:].T)
    more = anywhere[outside].copy()
    more[:, 1:] *= (np.hypot(*fitted[outside, 1:].T) / chroma + 0.001)[:, None]
    assert not color.is_in_gamut(more).any()


def test_l_survives_eight_bits_where_clipping_loses_it(anywhere):
    def change_of_L(lab: np.ndarray) -> float:
        shown = color.rgb_to_lab(color.lab_to_rgb(lab))
        return np.abs(shown[..., 0] - anywhere[..., 0]).max()

    assert change_of_L(color.fit_to_gamut(anywhere)[0]) < 0.3
    assert change_of_L(anywhere) > 20


def test_the_shape_is_kept_and_must_be_of_colors():
    fitted, outside = color.fit_to_gamut(np.full((2, 3, 3), 50.0))
    assert (fitted.shape, fitted.dtype, outside.shape) == ((2, 3, 3), np.float32, (2, 3))
    with pytest.raises(ValueError, match=r"CIELAB is \(\.\.\., 3\), got \(4, 2\)"):
        color.fit_to_gamut(np.zeros((4, 2)))
