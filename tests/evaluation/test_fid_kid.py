import inspect

import cv2
import keras
import numpy as np
import pytest
from scipy.linalg import sqrtm

from colorkit.errors import KitError
from colorkit.evaluation import fid_kid


def make_sample(rows: int, mean, covariance, seed: int = 0) -> np.ndarray:
    """Rows whose mean and covariance are exactly these."""
    raw = np.random.default_rng(seed).normal(size=(rows, len(mean)))
    raw -= raw.mean(0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw, rowvar=False))).T
    return white @ np.linalg.cholesky(np.array(covariance)).T + mean


def test_fid_of_known_gaussians():
    """With diagonal covariances: squared distances of the means and of the standard deviations."""
    one = make_sample(40, [0, 0, 5], np.diag([1.0, 4, 9]), seed=1)
    other = make_sample(70, [3, 4, 5], np.diag([4.0, 1, 9]), seed=2)
    assert fid_kid.fid(one, other) == pytest.approx(25 + 1 + 1 + 0)


def test_fid_of_covariances_with_other_axes():
    c1, c2 = np.array([[2.0, 1.2], [1.2, 1]]), np.array([[1.0, -0.5], [-0.5, 3]])
    one, other = make_sample(30, [1, 2], c1, seed=1), make_sample(31, [0, 0], c2, seed=2)
    assert fid_kid.fid(one, other) == pytest.approx(5 + np.trace(c1 + c2 - 2 * sqrtm(c1 @ c2).real))


def test_fid_of_fewer_rows_than_columns():
    """The matrices are singular then.

    The reference takes the roots of symmetric ones, which exist.
    """
    one, other = np.random.default_rng(0).normal(size=(2, 6, 15))
    values, vectors = np.linalg.eigh(np.cov(one, rowvar=False))
    root = vectors @ np.diag(np.sqrt(values.clip(0))) @ vectors.T
    between = np.linalg.eigvalsh(root @ np.cov(other, rowvar=False) @ root)
    expected = (
        ((one.mean(0) - other.mean(0)) ** 2).sum()
        + one.var(0, ddof=1).sum()
        + other.var(0, ddof=1).sum()
    )
    assert fid_kid.fid(one, other) == pytest.approx(
        expected - 2 * np.sqrt(between.clip(0)).sum(), rel=1e-6
    )


def test_fid_of_a_set_with_itself_is_none():
    rows = np.random.default_rng(0).normal(3, 2, (20, 8))
    assert fid_kid.fid(rows, rows) == pytest.approx(0, abs=1e-9)
    assert fid_kid.fid(rows, rows[::-1]) == pytest.approx(0, abs=1e-9)
    assert fid_kid.fid(rows, rows + 2) == pytest.approx(8 * 4)


def test_kid_pair_by_pair():
    one, other = (
        np.random.default_rng(0).normal(size=(5, 3)),
        np.random.default_rng(1).normal(0.5, 2, (4, 3)),
    )

    def mean(a, b, same=False):
        return np.mean(
            [
                (x @ y / 3 + 1) ** 3
                for i, x in enumerate(a)
                for j, y in enumerate(b)
                if not (same and i == j)
            ]
        )

    expected = mean(one, one, True) + mean(other, other, True) - 2 * mean(one, other)
    assert fid_kid.kid(one, other) == pytest.approx(expected)
    assert fid_kid.kid(other, one) == pytest.approx(expected)


@pytest.mark.parametrize("shift", [0, 0.5])
def test_kid_is_unbiased(shift):
    """For numbers the kernel is (x y + 1)^3.

    So KID's expectation is 3, 3 and 1 times the squared differences of the first three moments. A
    biased one of eight rows would be far above: a row's kernel with itself is 28 on average.
    """
    draws = np.random.default_rng(0)
    values = np.array(
        [
            fid_kid.kid(draws.normal(size=(8, 1)), draws.normal(shift, 1, (8, 1)))
            for _ in range(4000)
        ]
    )
    expected = 3 * shift**2 + 3 * shift**4 + (shift**3 + 3 * shift) ** 2
    error = values.std() / np.sqrt(len(values))
    assert values.mean() == pytest.approx(expected, abs=4 * error)
    assert error < 0.25
    assert values.min() < 0 < values.max()


@pytest.mark.parametrize("measure", [fid_kid.fid, fid_kid.kid])
@pytest.mark.parametrize(
    "shapes", [((5, 3), (5, 4)), ((1, 3), (5, 3)), ((5, 3), (1, 3)), ((5,), (5,)), ((5, 3), (3,))]
)
def test_other_shapes_are_refused(measure, shapes):
    with pytest.raises(ValueError, match="of two rows or more"):
        measure(*map(np.zeros, shapes))


@pytest.fixture(autouse=True)
def fresh():
    """The network is built once a process; each test begins and ends without one."""
    fid_kid._inception.cache_clear()
    yield
    fid_kid._inception.cache_clear()


@pytest.fixture
def asked(monkeypatch) -> list[dict]:
    """Record what keras.applications.InceptionV3 is asked for.

    The features of its stand-in are some of the pixels that it gets.
    """
    calls = []
    signature = inspect.signature(keras.applications.InceptionV3)

    def small(*args, **options):
        calls.append(signature.bind(*args, **options).arguments)
        image = keras.Input(options["input_shape"])
        return keras.Model(image, keras.layers.Flatten()(image[:, ::13, ::13]))

    monkeypatch.setattr(keras.applications, "InceptionV3", small)
    return calls


def test_pictures_are_enlarged_and_scaled_as_inception_wants_them(asked):
    rgb = np.random.default_rng(0).integers(0, 256, (3, 112, 112, 3), np.uint8)
    found = fid_kid.inception_features(rgb, batch_size=2)
    enlarged = np.stack(
        [
            cv2.resize(picture.astype(np.float32), (299, 299), interpolation=cv2.INTER_LINEAR)
            for picture in rgb
        ]
    )
    assert found == pytest.approx((enlarged[:, ::13, ::13] / 127.5 - 1).reshape(3, -1), abs=1e-3)
    assert found.dtype == np.float32
    assert np.array_equal(fid_kid.inception_features(rgb[1:]), found[1:])
    assert asked == [
        {
            "include_top": False,
            "weights": "imagenet",
            "input_shape": (299, 299, 3),
            "pooling": "avg",
        }
    ]


@pytest.mark.slow
def test_the_real_network_gives_2048_features(monkeypatch):
    real = keras.applications.InceptionV3
    monkeypatch.setattr(
        keras.applications, "InceptionV3", lambda **options: real(**(options | {"weights": None}))
    )
    assert fid_kid.inception_features(np.zeros((1, 112, 112, 3), np.uint8)).shape == (1, 2048)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            Exception(
                "URL fetch failure on https://example.org/weights.h5: "
                "None -- [Errno 111] Connection refused"
            ),
            "[Errno 111] Connection refused",
        ),
        (
            Exception(
                "URL fetch failure on https://example.org/weights.h5: 404 -- Not Found\nmore\nlines"
            ),
            "Not Found",
        ),
        (TimeoutError(), "TimeoutError"),  # says nothing at all
    ],
)
def test_weights_that_cant_be_fetched_are_one_line(monkeypatch, error, reason):
    def offline(**_):
        raise error

    monkeypatch.setattr(keras.applications, "InceptionV3", offline)
    with pytest.raises(KitError) as caught:
        fid_kid.inception_features(np.zeros((1, 112, 112, 3), np.uint8))
    assert str(caught.value) == (
        f"InceptionV3's ImageNet weights could not be fetched ({reason}): FID and KID need them, "
        "and so the internet"
    )


def test_color_features_are_means_and_spreads_of_fields():
    flat = fid_kid.color_features(np.full((2, 112, 112, 3), 90, np.uint8))
    assert flat.shape == (2, 64)
    assert flat == pytest.approx(0, abs=0.01)
    side = np.full((1, 112, 112, 3), 90, np.uint8)
    side[:, :, 56:, 0] = (
        200  # the right half is red: so are the fields on that side, and no field is mixed
    )
    means, spreads = np.split(fid_kid.color_features(side).reshape(2, 4, 4, 2), 2)
    assert (means[0, :, 2:, 0] > 30).all()
    assert means[0, :, :2] == pytest.approx(0, abs=0.01)
    assert spreads == pytest.approx(0, abs=0.01)
    side[:, :, 0:56:2, 0] = 200  # every second column: fields of two colors
    assert (
        np.split(fid_kid.color_features(side).reshape(2, 4, 4, 2), 2)[1][0, :, :2, 0] > 10
    ).all()
