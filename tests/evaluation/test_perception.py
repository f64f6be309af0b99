import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from colorkit import color
from colorkit.evaluation import perception


def make_noise(count: int, seed: int, size: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), np.uint8)


def make_plain(rgb: tuple[int, int, int], size: int = 16) -> np.ndarray:
    """One picture of one color."""
    return np.broadcast_to(np.array(rgb, np.uint8), (1, size, size, 3)).copy()


@pytest.mark.parametrize(("difference", "expected"), [(1, 48.1308), (10, 28.1308), (255, 0)])
def test_psnr_of_a_constant_difference(difference, expected):
    """20 log10(255 / d), whichever of the two is darker: bytes must not wrap round."""
    dark, light = make_plain((0, 0, 0)), make_plain((difference,) * 3)
    assert perception.psnr(dark, light) == pytest.approx(expected, abs=1e-4)
    assert perception.psnr(light, dark) == pytest.approx(expected, abs=1e-4)


def test_psnr_is_measured_per_image():
    pred, true = make_noise(3, 0), make_noise(3, 1)
    pred[0] = true[0] ^ 1
    expected = [
        peak_signal_noise_ratio(other, one, data_range=255)
        for one, other in zip(pred, true, strict=True)
    ]
    assert perception.psnr(pred, true) == pytest.approx(expected)
    pooled = 10 * np.log10(255**2 / ((pred.astype(float) - true) ** 2).mean())
    assert perception.psnr(pred, true).mean() > pooled + 1


def test_psnr_of_equal_pictures_is_infinite():
    assert perception.psnr(make_noise(1, 0), make_noise(1, 0)).tolist() == [np.inf]


def compute_ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Wang et al. 2004, window by window: one channel."""
    taps = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    kernel = np.outer(taps, taps) / taps.sum() ** 2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for row in range(one.shape[0] - 10):
        for column in range(one.shape[1] - 10):
            x, y = (
                plane[row : row + 11, column : column + 11].astype(float) for plane in (one, other)
            )
            mx, my = (kernel * x).sum(), (kernel * y).sum()
            vx, vy, cov = (
                (kernel * (x - mx) ** 2).sum(),
                (kernel * (y - my) ** 2).sum(),
                (kernel * (x - mx) * (y - my)).sum(),
            )
            values.append(
                (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
            )
    return float(np.mean(values))


def test_ssim_is_that_of_the_paper():
    """Other windows, another range of values or windows across the channels would not pass."""
    true = make_noise(2, 0)
    pred = np.clip(true * 0.7 + make_noise(2, 1) * 0.2 + 20, 0, 255).astype(np.uint8)
    expected = [
        np.mean([compute_ssim(one[..., k], other[..., k]) for k in range(3)])
        for one, other in zip(pred, true, strict=True)
    ]
    assert perception.ssim(pred, true) == pytest.approx(expected, abs=1e-9)
    assert expected[0] != pytest.approx(expected[1], abs=1e-3)


def test_ssim_of_pictures_without_structure():
    """Only the means are left: (2 x y + C1) / (x^2 + y^2 + C1)."""
    c1 = 2.55**2
    assert perception.ssim(make_plain((100,) * 3), make_plain((50,) * 3)) == pytest.approx(
        (2 * 5000 + c1) / (12500 + c1)
    )
    assert perception.ssim(make_noise(1, 0), make_noise(1, 0)).tolist() == [1]


def test_ssim_of_a_negative_is_negative():
    assert perception.ssim(make_noise(1, 0), 255 - make_noise(1, 0))[0] < -0.5


def test_ssim_needs_eleven_pixels():
    with pytest.raises(ValueError, match="win_size exceeds image extent"):
        perception.ssim(make_plain((0, 0, 0), 10), make_plain((0, 0, 0), 10))


# Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula", table 1:
# L, a, b of two colors and their difference
SHARMA = """
50.0000   2.6772 -79.7751  50.0000   0.0000 -82.7485   2.0425
50.0000   3.1571 -77.2803  50.0000   0.0000 -82.7485   2.8615
50.0000   2.8361 -74.0200  50.0000   0.0000 -82.7485   3.4412
50.0000  -1.3802 -84.2814  50.0000   0.0000 -82.7485   1.0000
50.0000  -1.1848 -84.8006  50.0000   0.0000 -82.7485   1.0000
50.0000  -0.9009 -85.5211  50.0000   0.0000 -82.7485   1.0000
50.0000   0.0000   0.0000  50.0000  -1.0000   2.0000   2.3669
50.0000  -1.0000   2.0000  50.0000   0.0000   0.0000   2.3669
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0009   7.1792
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0010   7.1792
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0011   7.2195
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0012   7.2195
50.0000  -0.0010   2.4900  50.0000   0.0009  -2.4900   4.8045
50.0000  -0.0010   2.4900  50.0000   0.0010  -2.4900   4.8045
50.0000  -0.0010   2.4900  50.0000   0.0011  -2.4900   4.7461
50.0000   2.5000   0.0000  50.0000   0.0000  -2.5000   4.3065
50.0000   2.5000   0.0000  73.0000  25.0000 -18.0000  27.1492
50.0000   2.5000   0.0000  61.0000  -5.0000  29.0000  22.8977
50.0000   2.5000   0.0000  56.0000 -27.0000  -3.0000  31.9030
50.0000   2.5000   0.0000  58.0000  24.0000  15.0000  19.4535
50.0000   2.5000   0.0000  50.0000   3.1736   0.5854   1.0000
50.0000   2.5000   0.0000  50.0000   3.2972   0.0000   1.0000
50.0000   2.5000   0.0000  50.0000   1.8634   0.5757   1.0000
50.0000   2.5000   0.0000  50.0000   3.2592   0.3350   1.0000
60.2574 -34.0099  36.2677  60.4626 -34.1751  39.4387   1.2644
63.0109 -31.0961  -5.8663  62.8187 -29.7946  -4.0864   1.2630
61.2901   3.7196  -5.3901  61.4292   2.2480  -4.9620   1.8731
35.0831 -44.1164   3.7933  35.0232 -40.0716   1.5901   1.8645
22.7233  20.0904 -46.6940  23.0331  14.9730 -42.5619   2.0373
36.4612  47.8580  18.3852  36.2715  50.5065  21.2231   1.4146
90.8027  -2.0831   1.4410  91.1528  -1.6435   0.0447   1.4441
90.9257  -0.5406  -0.9208  88.6381  -0.8985  -0.7239   1.5381
 6.7747  -0.2908  -2.4247   5.8714  -0.0985  -2.2286   0.6377
 2.0776   0.0795  -1.1350   0.9033  -0.0636  -0.5514   0.9082
"""


def test_delta_e_of_the_34_published_pairs():
    table = np.array(SHARMA.split(), np.float64).reshape(34, 7)
    assert perception.delta_e(table[:, :3], table[:, 3:6]) == pytest.approx(table[:, 6], abs=1e-4)
    assert perception.delta_e(table[:, 3:6], table[:, :3]) == pytest.approx(table[:, 6], abs=1e-4)


def test_ciede2000_is_the_mean_over_pixels_of_each_image():
    true = np.concatenate([make_plain((200, 120, 90))] * 2)
    pred = true.copy()
    pred[1, :, :4] = (120, 120, 120)  # a quarter of it
    lab = color.rgb_to_lab(np.array([(200, 120, 90), (120, 120, 120)], np.uint8))
    assert perception.ciede2000(pred, true) == pytest.approx(
        [0, perception.delta_e(*lab) / 4], rel=1e-5
    )
    assert perception.delta_e(*lab) > 20


@pytest.mark.parametrize(
    ("rgb", "expected"), [((90, 90, 90), 0), ((255, 0, 0), 0.3 * np.hypot(255, 127.5))]
)
def test_colorfulness_of_one_color(rgb, expected):
    """Nothing is spread, so only the means count."""
    assert perception.colorfulness(make_plain(rgb)) == pytest.approx(expected)


def test_colorfulness_keeps_the_signs():
    """Uniform noise has a variance of (256^2 - 1) / 12 in each channel.

    So its colorfulness is sqrt(3.5 of them) = 138.26. Without signs it would be 113.
    """
    pictures = make_noise(4, 0, size=256)
    red, green, blue = np.moveaxis(pictures.astype(float), -1, 0)
    unsigned = np.abs(np.stack([red - green, (red + green) / 2 - blue]))
    common = np.hypot(*unsigned.std(axis=(2, 3))) + 0.3 * np.hypot(*unsigned.mean(axis=(2, 3)))
    assert common == pytest.approx(113.2, abs=1)
    assert perception.colorfulness(pictures) == pytest.approx(
        np.sqrt(3.5 * (256**2 - 1) / 12), abs=1
    )


def test_the_ratio_is_that_of_the_means():
    assert perception.colorfulness_ratio([10.0, 10.0], [30.0, 10.0]) == 0.5


@pytest.mark.parametrize("measure", [perception.psnr, perception.ssim, perception.ciede2000])
@pytest.mark.parametrize(
    "true", [make_noise(2, 0)[:1], make_noise(2, 0).astype(np.float32), make_noise(2, 0)[..., :2]]
)
def test_other_pictures_are_refused(measure, true):
    with pytest.raises(
        ValueError,
        match=r"expected pictures, uint8 \(N, H, W, 3\), all of one shape; "
        r"got uint8 \(2, 16, 16, 3\) and",
    ):
        measure(make_noise(2, 0), true)


@pytest.mark.parametrize(
    "rgb", [make_noise(1, 0)[0], make_noise(1, 0) / 255, make_noise(1, 0)[..., :1]]
)
def test_colorfulness_is_that_of_pictures(rgb):
    with pytest.raises(ValueError, match="expected pictures"):
        perception.colorfulness(rgb)
