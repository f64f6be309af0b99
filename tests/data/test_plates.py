"""What plates see: known colors, and what stays as it is."""

import numpy as np
import pytest

from colorkit import color
from colorkit.data import damage


def see(rgb, plate: str) -> np.ndarray:
    return damage.plate_lightness(
        color.to_storage(color.rgb_to_lab(np.array(rgb, np.uint8))), plate
    )


def test_a_panchromatic_plate_sees_every_code_of_L_whatever_its_color():
    codes = np.stack(
        np.meshgrid(np.arange(256), np.arange(0, 256, 15), np.arange(0, 256, 15), indexing="ij"), -1
    ).astype(np.uint8)
    L = damage.plate_lightness(codes, "panchromatic")
    assert L.dtype == np.float32
    assert np.abs(L - codes[..., 0] / 2.55).max() < 0.01


@pytest.mark.parametrize("plate", damage.PLATES)
def test_grey_stays_grey(plate):
    greys = np.zeros((256, 3), np.uint8) + np.array([0, 128, 128], np.uint8)
    greys[:, 0] = range(256)
    assert damage.plate_lightness(greys, plate) == pytest.approx(greys[:, 0] / 2.55, abs=0.05)


@pytest.mark.parametrize(
    ("rgb", "panchromatic", "orthochromatic", "blue_sensitive"),
    [
        ((255, 0, 0), 53.2, 0, 0),
        ((0, 255, 0), 87.7, 76.1, 0),
        ((0, 0, 255), 32.3, 76.1, 100),
        ((255, 255, 0), 97.1, 76.1, 0),
    ],
    ids=["red", "green", "blue", "yellow"],
)
def test_pure_colors(rgb, panchromatic, orthochromatic, blue_sensitive):
    """L of half the light is 116 * 0.5 ** (1 / 3) - 16 = 76.1.

    The tolerance is for the rounding of the storage code.
    """
    for plate, L in zip(damage.PLATES, (panchromatic, orthochromatic, blue_sensitive), strict=True):
        assert see(rgb, plate) == pytest.approx(L, abs=2.5)


def test_light_adds_up_as_light():
    """A code of 128 is 22 % of the light: the mean of the coded values would be lighter by 8."""
    half = ((128 / 255 + 0.055) / 1.055) ** 2.4 / 2
    assert see((0, 128, 0), "orthochromatic") == pytest.approx(116 * half ** (1 / 3) - 16, abs=0.5)


def test_old_plates_darken_skin_and_lips_and_lighten_blue_eyes():
    skin, lips, eyes = ((221, 178, 150), (160, 82, 78), (110, 140, 180))
    for plate in ("orthochromatic", "blue-sensitive"):
        change = [float(see(rgb, plate) - see(rgb, "panchromatic")) for rgb in (skin, lips, eyes)]
        assert max(change[:2]) < -3
        assert change[2] > 1
    assert see(lips, "blue-sensitive") < see(lips, "orthochromatic")


def test_each_plate_is_exposed_for_white():
    assert [sum(weights) for weights in damage.PLATES.values()] == pytest.approx(
        [1, 1, 1], abs=1e-9
    )


def test_colors_outside_the_gamut_stay_within_black_and_white():
    corners = np.array([[255, 255, 0], [255, 0, 255], [0, 0, 255], [0, 255, 0]], np.uint8)
    for plate in damage.PLATES:
        L = damage.plate_lightness(corners, plate)
        assert (L >= -1e-4).all()
        assert (L <= 100 + 1e-4).all()
