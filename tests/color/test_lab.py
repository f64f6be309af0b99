import warnings

import numpy as np
import pytest
from helpers import FACES
from skimage.color import rgb2lab

from colorkit import color
from colorkit.data import faces


@pytest.fixture(scope="module")
def cube() -> np.ndarray:
    """The RGB cube in steps of 5, the edges 0 and 255 included: uint8 (N, 3)."""
    steps = np.arange(0, 256, 5)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1)
    return grid.reshape(-1, 3).astype(np.uint8)


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    """Sixty of the kit's faces, uint8 (60, 112, 112, 3)."""
    index = faces.index_faces([FACES])
    members = [members[0] for members in list(index.identities.values())[::20]]
    return np.stack([face.rgb for _, face in faces.read_faces(members)])


def compute_psnr(one: np.ndarray, other: np.ndarray) -> float:
    return 10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2))


def test_rgb_to_lab_agrees_with_skimage_on_the_whole_cube(cube):
    assert cube.max() == 255
    error = np.abs(color.rgb_to_lab(cube) - rgb2lab(cube))
    assert error.max() <= 0.05


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 0, 0), (53.2406, 80.0923, 67.2028)),
        ((0, 0, 255), (32.2957, 79.1856, -107.8573)),
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_published_vectors(rgb, lab):
    converted = color.rgb_to_lab(np.array(rgb, np.uint8))
    assert converted == pytest.approx(lab, abs=6e-3)


def test_lab_to_rgb_of_a_published_vector():
    assert color.lab_to_rgb(np.array([70.0, 5, 10])).tolist() == [188, 167, 153]


def test_lightness_is_not_a_share_of_grey():
    """A sloppy L = grey / 255 * 100 gives 50.2 here."""
    lab = color.rgb_to_lab(np.full(3, 128, np.uint8))
    assert lab[0] == pytest.approx(53.585, abs=2e-3)


def test_lightness_of_amounts_of_light_and_back():
    """L of 18 % is 49.5, the photographer's middle grey; below the knee it is a line, 903.3 Y."""
    light = np.array([0, 0.001, 0.18, 0.5, 1], np.float32)
    assert color.lightness(light) == pytest.approx([0, 0.903, 49.496, 76.069, 100], abs=2e-3)
    assert color.luminance(color.lightness(light)) == pytest.approx(light, abs=1e-6)
    assert color.lightness(light).dtype == color.luminance(light).dtype == np.float32


def test_lab_to_linear_gives_the_light_of_each_channel(cube):
    linear = color.lab_to_linear(color.rgb_to_lab(cube))
    assert linear == pytest.approx(color.to_linear(cube / 255), abs=1e-4)


def test_greys_have_no_color():
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert np.abs(color.rgb_to_lab(greys)[:, 1:]).max() < 0.02


def test_lab_and_back_is_exact(cube):
    assert np.array_equal(color.lab_to_rgb(color.rgb_to_lab(cube)), cube)


def test_lab_is_float32_and_keeps_the_shape(real):
    lab = color.rgb_to_lab(real[:2])
    assert lab.dtype == np.float32
    assert lab.shape == (2, 112, 112, 3)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 3)),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 3), np.int16),
        np.zeros((), np.uint8),
    ],
)
def test_rgb_to_lab_refuses(bad):
    with pytest.raises(ValueError, match="expected uint8"):
        color.rgb_to_lab(bad)


def test_lab_to_rgb_refuses_two_channels():
    with pytest.raises(ValueError, match=r"\(5, 2\)"):
        color.lab_to_rgb(np.zeros((5, 2)))


def test_colors_outside_the_gamut_are_clipped():
    """Without the clip, values above 255 would wrap round and negative light would become NaN."""
    assert color.lab_to_rgb(np.array([[100, 100, 100], [0, -100, -100]])).tolist() == [
        [255, 147, 49],
        [0, 53, 148],
    ]


def test_storage_code_of_known_values():
    code = color.to_storage(
        np.array([[100, 0, 0], [0, -128, 127], [50, 10.4, -10.6], [20, 200, -200]], np.float32)
    )
    assert code.dtype == np.uint8
    assert code.tolist() == [[255, 128, 128], [0, 0, 255], [128, 138, 117], [51, 255, 0]]


def test_storage_code_is_undone_within_half_a_step(cube):
    lab = color.rgb_to_lab(cube)
    back = color.from_storage(color.to_storage(lab))
    assert back.dtype == np.float32
    assert np.abs(back - lab).reshape(-1, 3).max(0) == pytest.approx(
        [0.5 / 2.55, 0.5, 0.5], abs=2e-3
    )


def test_decoded_ab_are_those_of_from_storage(cube):
    code = color.to_storage(color.rgb_to_lab(cube))
    ab = color.decode_ab(code[..., 1:])
    assert ab.dtype == np.float32
    assert np.array_equal(ab, color.from_storage(code)[..., 1:])


def test_storage_keeps_faces_and_cube(real, cube):
    """The floors lie just below what was measured.

    OpenCV's 8-bit conversion (52.07 and 45.08) and truncating (47.1) fall below them.
    """
    for pictures, floor in ((real, 52.7), (cube, 45.3)):  # dB; measured 52.98 and 45.49
        stored = color.to_storage(color.rgb_to_lab(pictures))
        assert compute_psnr(color.lab_to_rgb(color.from_storage(stored)), pictures) > floor


def test_compose_joins_lightness_and_color(real):
    stored = color.to_storage(color.rgb_to_lab(real[:1]))
    L_code = stored[..., :1]
    ab = stored[..., 1:].astype(np.float32) - 128
    assert np.array_equal(color.compose(L_code, ab), color.lab_to_rgb(color.from_storage(stored)))


def test_compose_without_color_is_grey(real):
    stored = color.to_storage(color.rgb_to_lab(real[:1]))
    grey = color.compose(stored[..., :1])
    # The white of the matrix and that of D65 differ in the fifth digit, so a channel may round the
    # other way.
    assert np.ptp(grey, axis=-1).max() <= 1
    assert np.ptp(grey) > 100


def test_what_is_no_number_is_black_and_says_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rgb = color.lab_to_rgb(np.array([[50.0, np.nan, np.nan], [50.0, 0.0, 0.0]]))
    assert rgb.tolist() == [[0, 0, 0], [119, 119, 119]]
