import keras
import numpy as np
import pytest
from keras import layers

from colorkit.models import configs, discriminators
from colorkit.models.cnn import build_cnn, start_at_mean_color
from colorkit.models.resnet import build_resnet

TINY = {"encoder": (4, 4, 4), "decoder": (4, 4, 4), "dense": (4, 4)}
TINY_RESNET = {"decoder": (4, 4, 4, 4, 4), "dense": (4,), "features": 4}


def make_L(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 112, 112, 1), np.uint8)


def list_names(model: keras.Model, kind: type) -> list[str]:
    return [layer.name for layer in model.layers if isinstance(layer, kind)]


@pytest.fixture(scope="module")
def resnet() -> keras.Model:
    return build_resnet(configs.ResNetConfig(**TINY_RESNET))


@pytest.fixture(scope="module")
def frozen() -> keras.Model:
    return build_resnet(configs.ResNetConfig(**TINY_RESNET, fine_tune=False, bn_momentum=0.8))


# the CNN


def test_cnn_shapes():
    model = build_cnn(configs.CNNConfig(**TINY))
    assert model.input_shape == (None, 112, 112, 1)
    assert model.output_shape == (None, 112, 112, 2)
    pred = model.predict(make_L(3), verbose=0)
    assert (pred.shape, pred.dtype) == ((3, 112, 112, 2), np.float32)


def test_each_stage_of_the_default_cnn_halves_or_doubles():
    config = configs.CNNConfig()
    model = build_cnn(config)
    down = [model.get_layer(f"encoder{i}").output.shape[1:] for i in (1, 2, 3)]
    up = [model.get_layer(f"decoder{i}").output.shape[1:] for i in (1, 2, 3)]
    assert down == [
        (size, size, filters) for size, filters in zip((56, 28, 14), config.encoder, strict=True)
    ]
    assert up == [
        (size, size, filters) for size, filters in zip((28, 56, 112), config.decoder, strict=True)
    ]


def test_batch_normalization_between_every_two_convolutions():
    model = build_cnn(configs.CNNConfig(**TINY))
    kinds = [
        type(layer)
        for layer in model.layers
        if isinstance(layer, (layers.Conv2D, layers.Conv2DTranspose, layers.BatchNormalization))
    ]
    assert len(kinds) == 2 * (6 + 3)
    assert layers.BatchNormalization not in kinds[0::2]
    assert set(kinds[1::2]) == {layers.BatchNormalization}


def test_bn_momentum_reaches_every_normalization(frozen):
    cnn = build_cnn(configs.CNNConfig(**TINY, bn_momentum=0.8))
    encoder = frozen.get_layer("resnet50")
    for model, count in ((cnn, 9), (frozen, 6), (encoder, 53)):
        momenta = [
            layer.momentum for layer in model.layers if isinstance(layer, layers.BatchNormalization)
        ]
        assert momenta == [0.8] * count


def test_the_cnn_scales_its_input_itself():
    model = build_cnn(configs.CNNConfig(**TINY))
    scale = keras.Model(model.input, model.get_layer("scale").output)
    assert float(scale(np.full((1, 112, 112, 1), 255, np.uint8))[0, 0, 0, 0]) == pytest.approx(
        1, abs=1e-6
    )
    assert float(scale(np.zeros((1, 112, 112, 1), np.uint8))[0, 0, 0, 0]) == -1


# heads


def list_head(head: str) -> list[str]:
    model = build_cnn(configs.CNNConfig(**TINY, head=head))
    assert model.output_shape == (None, 112, 112, 2)
    after = list_names(model, layers.Layer)
    return after[after.index("decoder3_relu") + 1 :]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("dense", ["dense1", "dense2", "ab"]),
        ("conv", ["ab"]),
        ("relu", ["ab"]),
        ("tanh", ["dense1", "dense2", "ab_tanh", "ab"]),
    ],
)
def test_layers_of_each_head(head, expected):
    assert list_head(head) == expected


def test_the_conv_head_is_a_3x3_convolution_with_no_bound():
    ab = build_cnn(configs.CNNConfig(**TINY, head="conv")).get_layer("ab")
    assert isinstance(ab, layers.Conv2D)
    assert ab.kernel_size == (3, 3)
    assert ab.activation is keras.activations.linear


def test_the_relu_head_can_say_no_green_and_no_blue():
    model = build_cnn(configs.CNNConfig(**TINY, head="relu"))
    model.get_layer("ab").bias.assign([-100, 100])
    pred = model.predict(make_L(1), verbose=0)
    assert (pred[..., 0] == 0).all()
    assert pred[..., 1].mean() > 90


@pytest.mark.parametrize("build", [build_cnn, build_resnet])
def test_without_batch_normalization_convolutions_have_a_bias(build, small_resnet):
    config = configs.ResNetConfig if build is build_resnet else configs.CNNConfig
    for normalized in (True, False):
        model = build(config(batch_norm=normalized))
        own = [
            layer
            for layer in model.layers
            if isinstance(layer, layers.Conv2D | layers.Conv2DTranspose)
        ]
        assert {layer.use_bias for layer in own} == {not normalized}
        assert bool(list_names(model, layers.BatchNormalization)) == normalized


@pytest.mark.parametrize(("bias", "reach"), [(50, 128), (-50, -128)])
def test_a_tanh_head_reaches_128_and_no_further(bias, reach):
    model = build_cnn(configs.CNNConfig(**TINY, head="tanh"))
    model.get_layer("ab_tanh").bias.assign([bias, bias])
    assert np.array_equal(
        model.predict(make_L(1), verbose=0), np.full((1, 112, 112, 2), reach, np.float32)
    )


def test_the_dense_head_is_linear():
    model = build_cnn(configs.CNNConfig(**TINY))
    before = model.predict(make_L(1), verbose=0)
    model.get_layer("ab").bias.assign([200, -200])
    assert model.predict(make_L(1), verbose=0) - before == pytest.approx(
        np.broadcast_to([200, -200], before.shape), abs=1e-3
    )


def test_a_dense_layer_per_pixel_is_a_1x1_convolution():
    model = build_cnn(configs.CNNConfig(**TINY))
    dense = model.get_layer("dense1")
    conv = layers.Conv2D(4, 1, activation="relu")
    x = np.random.default_rng(0).normal(size=(2, 5, 6, 4)).astype(np.float32)
    conv.build(x.shape)
    conv.set_weights([dense.kernel.numpy()[None, None], np.arange(4, dtype=np.float32)])
    dense.bias.assign(np.arange(4, dtype=np.float32))
    assert np.asarray(dense(x)) == pytest.approx(np.asarray(conv(x)), abs=1e-5)


# dropout


def test_dropout_stands_where_it_is_put():
    def places(**options):
        return list_names(build_cnn(configs.CNNConfig(**TINY, **options)), layers.Dropout)

    assert places() == []
    assert places(dropout=0.5) == ["dropout_bottleneck"]
    assert places(dropout=0.5, dropout_at=("decoder",)) == [
        "dropout_decoder1",
        "dropout_decoder2",
        "dropout_decoder3",
    ]
    assert places(dropout=0.5, dropout_at=("dense", "bottleneck")) == [
        "dropout_bottleneck",
        "dropout_dense",
    ]
    model = build_cnn(configs.CNNConfig(**TINY, dropout=0.3))
    assert model.get_layer("dropout_bottleneck").rate == 0.3
    assert model.get_layer("dropout_bottleneck").output.shape == (None, 14, 14, 4)


def test_dropout_drops_in_training_only():
    model = build_cnn(configs.CNNConfig(**TINY, dropout=0.5))
    once, again = (np.asarray(model(make_L(2), training=training)) for training in (True, True))
    assert not np.array_equal(once, again)
    once, again = (np.asarray(model(make_L(2), training=training)) for training in (False, False))
    assert np.array_equal(once, again)


# bad options


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: configs.CNNConfig(head="softmax"),
            "head='softmax' is unknown; one of dense, conv, relu, tanh",
        ),
        (
            lambda: configs.CNNConfig(dropout_at=("encoder",)),
            "dropout_at='encoder' is unknown; one of bottleneck, decoder, dense",
        ),
        (
            lambda: configs.ResNetConfig(weights="places"),
            "weights='places' is unknown; one of imagenet, none",
        ),
        (lambda: discriminators.build_discriminator("L"), "sees='L' is unknown; one of lab, ab"),
        (
            lambda: build_cnn(configs.CNNConfig(encoder=(4, 4), decoder=(4, 4, 4))),
            r"decoder=\(4, 4, 4\): expected 1 to 4 stages",
        ),
    ],
)
def test_bad_options_name_what_is_possible(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# ResNet-50


def test_resnet_shapes(resnet):
    assert resnet.get_layer("resnet50").output.shape == (None, 4, 4, 2048)
    assert resnet.get_layer("mix").output.shape == (None, 4, 4, 4)
    assert resnet.input_shape == (None, 112, 112, 1)
    assert resnet.output_shape == (None, 112, 112, 2)


def test_a_frozen_encoder_learns_nothing_and_a_fine_tuned_one_does(resnet, frozen):
    assert frozen.get_layer("resnet50").trainable_weights == []
    assert len(resnet.get_layer("resnet50").trainable_weights) == 212
    decoder = len(frozen.trainable_weights)
    assert len(resnet.trainable_weights) == decoder + 212


def test_the_encoder_sees_L_three_times_less_imagenet_s_means(resnet):
    """As keras.applications' own preprocessing does it: in a grey picture red and blue may swap."""
    code = make_L(1)
    seen = keras.Model(resnet.input, resnet.get_layer("imagenet_means").output)(code)
    grey = np.repeat(code, 3, axis=-1).astype(np.float32)
    assert np.asarray(seen) == pytest.approx(
        keras.applications.resnet50.preprocess_input(grey), abs=1e-4
    )


@pytest.mark.parametrize("head", configs.CNN_HEADS)
def test_an_untrained_model_can_start_at_a_color(head):
    """The output layer adds the color: with its own weights at 0 nothing else is left."""
    model = build_cnn(configs.CNNConfig(**TINY, head=head))
    start_at_mean_color(model, np.array([12.5, 16.25]))
    output = model.get_layer("ab_tanh" if head == "tanh" else "ab")
    output.kernel.assign(0 * output.kernel)
    pred = model.predict(make_L(1), verbose=0)
    assert pred == pytest.approx(np.broadcast_to([12.5, 16.25], pred.shape), abs=1e-4)


# discriminator


@pytest.mark.parametrize(("sees", "ignores_L"), [("lab", False), ("ab", True)])
def test_what_the_discriminator_sees(sees, ignores_L):
    keras.utils.set_random_seed(0)
    model = discriminators.build_discriminator(sees, (4, 4))
    ab = np.random.default_rng(0).normal(0, 20, (3, 112, 112, 2)).astype(np.float32)
    logit, other_L, other_ab = (
        np.asarray(model([x.astype(np.float32), y]))
        for x, y in ((make_L(3), ab), (make_L(3, 1), ab), (make_L(3), -ab))
    )
    assert logit.shape == (3, 1)
    assert np.array_equal(logit, other_L) == ignores_L
    assert not np.array_equal(logit, other_ab)


def test_the_discriminator_gives_an_unbounded_logit_without_batch_normalization():
    model = discriminators.build_discriminator(filters=(4, 4))
    assert model.get_layer("logit").activation is keras.activations.linear
    assert list_names(model, layers.BatchNormalization) == []
    assert [model.get_layer(f"down{i}").output.shape[1:] for i in (1, 2)] == [
        (56, 56, 4),
        (28, 28, 4),
    ]
