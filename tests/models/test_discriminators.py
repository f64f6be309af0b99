"""The patch discriminator and its layer.

The report's discriminator is tested with the other networks (test_cnn).
"""

import keras
import numpy as np
import pytest
from keras import ops

from colorkit.machine import gradients
from colorkit.models import discriminators
from colorkit.models.discriminators import SpectralConv2D

SHAPE = (2, 8, 8, 3)


def make_picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=SHAPE).astype(np.float32)


def make_layer(**options) -> SpectralConv2D:
    keras.utils.set_random_seed(0)
    made = SpectralConv2D(5, 4, strides=2, padding="same", **options)
    made.build(SHAPE)
    made.kernel.assign(3 * made.kernel)
    return made


def to_numpy(tensor) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(tensor), np.float32)


def test_the_kernel_is_divided_by_its_largest_singular_value():
    """As NumPy finds it, once the iteration has been run for a while."""
    own = make_layer()
    for _ in range(100):
        own(make_picture(), training=True)
    kernel = to_numpy(own.kernel)
    largest = np.linalg.svd(kernel.reshape(-1, 5), compute_uv=False)[0]
    expected = ops.conv(make_picture(), kernel / largest, strides=2, padding="same")
    assert to_numpy(own(make_picture())) == pytest.approx(to_numpy(expected), abs=1e-5)
    assert largest > 1.5  # or not to divide would do


def test_each_step_is_one_of_power_iteration():
    own = make_layer()
    matrix, vector = to_numpy(own.kernel).reshape(-1, 5), to_numpy(own.vector)
    for _ in range(3):
        own(make_picture(), training=True)
        left = matrix @ vector
        vector = matrix.T @ (left / np.linalg.norm(left))
        assert to_numpy(own.vector) == pytest.approx(vector, rel=1e-4)


@pytest.mark.parametrize(
    ("training", "trainable", "moves"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_it_iterates_only_while_it_learns(training, trainable, moves):
    own = make_layer()
    own.trainable = trainable
    before = to_numpy(own.vector), to_numpy(own.kernel)
    own(make_picture(), training=training)
    assert np.array_equal(before[0], to_numpy(own.vector)) != moves
    assert np.array_equal(before[1], to_numpy(own.kernel))


def test_a_kernel_that_is_only_longer_gives_the_same():
    own = make_layer()
    before = to_numpy(own(make_picture()))
    own.kernel.assign(7 * own.kernel)
    assert to_numpy(own(make_picture())) == pytest.approx(before, abs=1e-5)


def test_the_gradient_knows_of_the_norm():
    """Along the kernel itself it is 0, as that changes nothing.

    Without the norm's own part it would not be 0.
    """
    own = make_layer()
    x = keras.Input(SHAPE[1:])
    model = keras.Model(x, {"out": own(x)})
    pull, _ = gradients.meter(
        model, {"out": lambda truth, out: ops.mean((out - truth) ** 2, axis=(1, 2, 3))}
    )(make_picture(), {"out": np.ones((2, 4, 4, 5), np.float32)})["out"]
    pull, kernel = to_numpy(pull), to_numpy(own.kernel)
    assert abs((pull * kernel).sum()) < 1e-3 * np.linalg.norm(pull) * np.linalg.norm(kernel)
    assert np.linalg.norm(pull) > 1e-4


def test_the_vector_is_stored_and_does_not_learn():
    own = make_layer()
    assert [weight.name for weight in own.trainable_weights] == ["kernel", "bias"]
    assert [weight.name for weight in own.non_trainable_weights] == ["vector"]


def test_in_16_bits_it_iterates_in_32():
    own, full = make_layer(dtype="mixed_bfloat16"), make_layer()
    for made in (own, full):
        made(make_picture(), training=True)
    assert own.vector.dtype == "float32"
    assert to_numpy(own.vector) == pytest.approx(to_numpy(full.vector), rel=2e-2)
    assert own(make_picture()).dtype == ops.cast(0, "bfloat16").dtype
    assert to_numpy(own(make_picture())) == pytest.approx(to_numpy(full(make_picture())), abs=3e-2)


# the network


def test_a_map_of_logits():
    model = discriminators.build_patch()
    assert model.output_shape == (None, 14, 14, 1)
    assert [model.get_layer(f"conv{stage}").output.shape[1:] for stage in (1, 2, 3, 4)] == [
        *((56, 56, 32), (28, 28, 64), (14, 14, 128), (14, 14, 128))
    ]
    assert model.get_layer("logit").activation is keras.activations.linear


def test_every_convolution_is_normalized_and_no_batch_is():
    kinds = {
        type(made) for made in discriminators.build_patch(filters=(4, 4)).layers if made.weights
    }
    assert kinds == {SpectralConv2D}


def test_a_logit_sees_a_patch_of_70_pixels():
    """One column of color after the other is changed."""
    keras.utils.set_random_seed(0)
    model = discriminators.build_patch(filters=(4, 4, 4, 4))
    L, ab = np.zeros((113, 112, 112, 1), np.float32), np.zeros((113, 112, 112, 2), np.float32)
    for column in range(112):
        ab[column, :, column] = 1000
    logit = model.predict([L, ab], verbose=0)[:, 7, 7, 0]  # of the last picture nothing is changed
    assert (logit[:-1] != logit[-1]).sum() == 70


@pytest.mark.parametrize(("sees", "ignores_L"), [("lab", False), ("ab", True)])
def test_what_it_sees(sees, ignores_L):
    keras.utils.set_random_seed(0)
    model = discriminators.build_patch(sees, (4, 4))
    random = np.random.default_rng(0)
    ab, L = random.normal(0, 20, (2, 112, 112, 2)), random.uniform(0, 255, (2, 112, 112, 1))
    said, other_L, other_ab = (
        to_numpy(model([x.astype(np.float32), y.astype(np.float32)]))
        for x, y in ((L, ab), (255 - L, ab), (L, -ab))
    )
    assert said.shape == (2, 56, 56, 1)
    assert np.array_equal(said, other_L) == ignores_L
    assert not np.array_equal(said, other_ab)


# the leaky ReLU


def test_the_leaky_relu_and_its_gradient_are_keras_own_to_the_last_bit():
    """A run that was trained with Keras' own goes on with the same bytes."""
    picture = np.concatenate([make_picture().ravel(), np.float32([0, -0.0, 1e-38, -1e-38])])
    own = discriminators.LeakyReLU(0.2)
    theirs = keras.layers.LeakyReLU(0.2)
    assert to_numpy(own(picture)).tobytes() == to_numpy(theirs(picture)).tobytes()

    learners = {}
    for layer in (own, theirs):
        keras.utils.set_random_seed(0)
        inputs = keras.Input(SHAPE[1:])
        x = layer(keras.layers.Conv2D(4, 3, name="down")(inputs))
        learner = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x))
        learner.compile("sgd", "mse")
        learner.fit(make_picture(), np.ones((SHAPE[0], 4), np.float32), verbose=0)
        learners[layer] = b"".join(to_numpy(weight).tobytes() for weight in learner.weights)
    assert learners[own] == learners[theirs]
