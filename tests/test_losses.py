import keras
import numpy as np
import pytest

from colorkit import losses

CODES = np.arange(256, dtype=np.uint8).reshape(4, 4, 8, 2)  # every code there is, in four images
PRED = np.random.default_rng(0).uniform(-128, 128, CODES.shape).astype(np.float32)


def as_numpy(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float16, np.float32])
def test_codes_become_signed_float32(dtype):
    """uint8 has no numbers below 0: it must be cast before 128 is taken off."""
    lab = as_numpy(losses.decode(CODES.astype(dtype)))
    assert lab.dtype == np.float32
    assert lab.ravel().tolist() == list(range(-128, 128))


def test_a_code_between_two_is_kept():
    assert as_numpy(losses.decode(np.float32([[127.25, 128.5]]))).tolist() == [[-0.75, 0.5]]


@pytest.mark.parametrize(("loss", "of"), [(losses.l2, np.square), (losses.l1, np.abs)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_loss_is_the_mean_over_pixels_and_channels_of_each_image(loss, of, dtype):
    error = PRED.astype(np.float64) - (CODES.astype(np.float64) - 128)
    found = as_numpy(loss(CODES.astype(dtype), PRED))
    assert (found.shape, found.dtype) == ((4,), np.float32)
    assert found == pytest.approx(of(error).reshape(4, -1).mean(1), rel=1e-5)
    assert len({round(float(value)) for value in found}) > 1  # no mean over images


@pytest.mark.parametrize("loss", [losses.l2, losses.l1])
def test_the_truth_costs_nothing(loss):
    assert as_numpy(loss(CODES, CODES.astype(np.float32) - 128)).tolist() == [0, 0, 0, 0]


def test_errors_are_in_cielab_units():
    """An error of 3 and 4."""
    code, pred = np.full((1, 5, 5, 2), 130, np.uint8), np.full((1, 5, 5, 2), [5, -2], np.float32)
    assert as_numpy(losses.l2(code, pred)).tolist() == [12.5]  # (9 + 16) / 2
    assert as_numpy(losses.l1(code, pred)).tolist() == [3.5]
