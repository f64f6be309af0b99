import re

import keras
import numpy as np
import pytest
from helpers import TINY_GAN

from colorkit.models import configs, resnet

TINY = {name: TINY_GAN[name] for name in ("decoder", "dense", "features")}
PLACES = {2: (28, 28, 256), 3: (14, 14, 512), 4: (7, 7, 1024), 5: (4, 4, 2048)}


@pytest.fixture(scope="module")
def frozen():
    return resnet.build_resnet(configs.ResNetConfig(**TINY, fine_tune=False))


@pytest.mark.parametrize("cut", PLACES)
def test_a_cut_encoder_is_the_beginning_of_the_whole_one(frozen, cut):
    """Its weights are the whole one's first, in the same order: ImageNet's can be counted off."""
    encoder, whole = resnet.build_encoder(cut), frozen.get_layer("resnet50")
    assert encoder.output.shape[1:] == PLACES[cut]
    names, expected = (
        [layer.name for layer in model.layers[1:]] for model in (encoder, whole)
    )  # the input's name counts models
    assert names == expected[: len(names)]
    encoder.set_weights(whole.get_weights()[: len(encoder.weights)])
    seen = np.random.default_rng(0).normal(0, 50, (1, 112, 112, 3)).astype(np.float32)
    expected = keras.Model(whole.input, whole.get_layer(configs.STAGES[cut - 1]).output)(seen)
    np.testing.assert_allclose(encoder(seen), expected, rtol=1e-4, atol=1e-4)


def test_after_every_cut_the_picture_comes_out_whole():
    for cut in PLACES:
        model = resnet.build_resnet(configs.ResNetConfig(**TINY, cut=cut))
        assert model.output_shape == (None, 112, 112, 2)
        assert sum(isinstance(layer, keras.layers.Conv2DTranspose) for layer in model.layers) == cut


@pytest.mark.parametrize(
    ("learns_from", "stages"), [(None, set()), (1, {1, 2, 3, 4, 5}), (3, {3, 4, 5}), (5, {5})]
)
def test_what_learns(learns_from, stages):
    encoder = resnet.build_encoder(learns_from=learns_from)
    assert {resnet.stage_of(layer) for layer in encoder.layers if layer.trainable_weights} == stages


def test_all_weights_belong_to_the_stage_in_their_layer_s_name():
    """A layer with another name would count as stage 1."""
    layers = [layer for layer in resnet.build_encoder().layers if layer.weights]
    assert {layer.name[:5] for layer in layers} == {f"conv{stage}" for stage in range(1, 6)}
    assert all(layer.name[4] == str(resnet.stage_of(layer)) for layer in layers)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cut": 1}, "cut=1: expected a whole number from 2 to 5"),
        ({"cut": 6}, "cut=6: expected a whole number from 2 to 5"),
        ({"cut": 3, "learns_from": 4}, "learns_from=4: expected a whole number from 1 to 3"),
        ({"learns_from": 0}, r"learns_from=0: expected a whole number from 1 to 5"),
    ],
)
def test_bad_options_name_what_is_possible(options, message):
    with pytest.raises(ValueError, match=message):
        configs.ResNetConfig(**options)


@pytest.fixture
def fresh():
    """The weights are asked for once a process; each test begins and ends without an answer."""
    resnet._fetch.cache_clear()
    yield
    resnet._fetch.cache_clear()


OFFLINE = [
    Exception(
        "URL fetch failure on https://example.org/weights.h5: None -- "
        "[Errno 111] Connection refused"
    ),  # as Keras says it
    Exception("URL fetch failure on https://example.org/weights.h5: 404 -- Not Found\nmore\nlines"),
    TimeoutError(),  # says nothing at all
]


@pytest.mark.parametrize("error", OFFLINE)
def test_weights_that_cant_be_fetched_are_one_line(frozen, monkeypatch, capsys, fresh, error):
    def offline(**_):
        raise error

    monkeypatch.setattr(keras.applications, "ResNet50", offline)
    before = frozen.get_weights()
    assert resnet.load_imagenet(frozen) is False
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert re.search(r"could not be fetched, the encoder starts untrained \(\S", printed)
    assert all(
        np.array_equal(one, other) for one, other in zip(frozen.get_weights(), before, strict=True)
    )


def test_weights_that_come_go_into_the_encoder(frozen, monkeypatch, fresh):
    """Asked for by name, without the classifier, at this size; then copied in order."""
    asked = []
    encoder = frozen.get_layer("resnet50")
    values = [weight + 1 for weight in encoder.get_weights()]

    class Source:
        def __init__(self, **options):
            asked.append(options)

        def get_weights(self):
            return values

    monkeypatch.setattr(keras.applications, "ResNet50", Source)
    for _ in range(2):
        assert resnet.load_imagenet(frozen) is True
    assert asked == [{"include_top": False, "weights": "imagenet", "input_shape": (112, 112, 3)}]
    assert all(
        np.array_equal(one, other) for one, other in zip(encoder.get_weights(), values, strict=True)
    )
