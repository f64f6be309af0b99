import keras
import numpy as np
import pytest
import tensorflow as tf

from colorkit.models import layers

STREAM = np.random.default_rng(0)


def make_pair(channels: int, filters: int, **options) -> list[keras.layers.Layer]:
    """Keras' own layer and the other form, with the same weights."""
    found = [
        kind(filters, 3, strides=2, padding="same", **({"use_bias": False} | options))
        for kind in (keras.layers.Conv2DTranspose, layers.ByPhases)
    ]
    kernel = STREAM.normal(size=(3, 3, filters, channels)).astype(np.float32)
    for layer in found:
        layer.build((None, None, None, channels))
        layer.set_weights([kernel, np.arange(filters, dtype=np.float32)][: len(layer.weights)])
    return found


@pytest.mark.parametrize("use_bias", [False, True])
@pytest.mark.parametrize(
    ("shape", "filters"), [((2, 4, 4, 3), 5), ((1, 7, 5, 2), 1), ((3, 1, 1, 4), 2)]
)
def test_values_and_gradients_are_those_of_keras(shape, filters, use_bias):
    x = tf.Variable(STREAM.normal(size=shape).astype(np.float32))
    weight = STREAM.normal(size=(shape[0], 2 * shape[1], 2 * shape[2], filters)).astype(np.float32)
    found = []
    for layer in make_pair(shape[-1], filters, use_bias=use_bias):
        with tf.GradientTape() as tape:
            y = layer(x)
            total = tf.reduce_sum(y * weight)
        found.append([y, *tape.gradient(total, [x, layer.kernel.value])])
    for one, other in zip(*found, strict=True):
        assert one.shape == other.shape
        assert one.numpy() == pytest.approx(other.numpy(), rel=1e-5, abs=1e-5)


def test_one_pixel_by_hand():
    """A single 1 in the middle writes the kernel down: its tap 0 at twice the place."""
    x = np.zeros((1, 3, 3, 1), np.float32)
    x[0, 1, 1, 0] = 1
    _, layer = make_pair(1, 1)
    expected = np.zeros((6, 6), np.float32)
    expected[2:5, 2:5] = layer.get_weights()[0][:, :, 0, 0]
    assert np.array_equal(layer(x).numpy()[0, :, :, 0], expected)


def test_it_computes_in_the_precision_of_its_policy():
    _, layer = make_pair(3, 5, dtype="mixed_bfloat16")
    assert layer(np.ones((1, 4, 4, 3), np.float32)).dtype == "bfloat16"
    assert layer.kernel.dtype == "float32"


@pytest.mark.parametrize(
    ("backend", "kind"), [("tensorflow", keras.layers.Conv2DTranspose), ("jax", layers.ByPhases)]
)
def test_form_by_backend(monkeypatch, backend, kind):
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    layer = layers.conv2d_transpose(4, name="decoder1")
    assert type(layer) is kind
    assert (layer.name, layer.filters, layer.padding) == ("decoder1", 4, "same")
    assert (layer.kernel_size, layer.strides, layer.use_bias) == ((3, 3), (2, 2), False)


def test_a_model_with_it_can_be_saved_as_keras_does(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 3)), make_pair(3, 5)[1]])
    model.save(tmp_path / "model.keras")
    x = STREAM.normal(size=(1, 4, 4, 3)).astype(np.float32)
    assert np.array_equal(keras.models.load_model(tmp_path / "model.keras")(x), model(x))
