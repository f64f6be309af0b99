"""The U-Net: what goes in and comes out, where it starts, what a temperature does.

And that it is trained as exactly as the other networks.
"""

import keras
import numpy as np
import pytest
from helpers import tiny_config

from colorkit import color, profiles
from colorkit.color import classes, levin
from colorkit.errors import KitError
from colorkit.evaluation import baselines, metrics
from colorkit.machine import devices
from colorkit.models import configs, layers, losses, unet
from colorkit.runs import Run, start
from colorkit.training import build, run_config
from colorkit.training.batches import Batches
from colorkit.training.segments import Segment

KINDS = ("regress", "classes", "hints")


def make_config(kind: str, **overrides) -> run_config.Config:
    return tiny_config(
        "unet", **({"hints": True} if kind == "hints" else {"head": kind}), **overrides
    )


def build_started(head: str, train) -> keras.Model:
    """An untrained model with its tables."""
    trainer = build.build_trainer(make_config(head))
    build.initialize(trainer, make_config(head), train)
    return trainer.predictor


def make_hints(split) -> np.ndarray:
    """Five hints of the truth of each face, as a model takes them."""
    return np.stack(
        [
            color.hint_planes(color.draw_hints(ab, 5, np.random.default_rng(number)))
            for number, ab in enumerate(split.ab)
        ]
    )


def scatter_logits(model: keras.Model) -> None:
    """Let the logits differ from place to place, as if something had been learned."""
    kernel = model.get_layer("correction").kernel
    kernel.assign(np.random.default_rng(0).normal(0, 1, kernel.shape))


@pytest.mark.parametrize("head", ["regress", "classes"])
@pytest.mark.parametrize("filters", [(8, 16), (8, 8, 8, 16)])
def test_input_and_output_are_those_of_every_colorizer(head, filters, train):
    model = unet.build_unet(configs.UNetConfig(filters, head, classes=12))
    assert model.input_shape == (None, 112, 112, 1)
    assert model.output_shape == (None, 112, 112, 2)
    for L in (train.L[:2], train.L[:2].astype(np.float32)):
        ab = model.predict(L, verbose=0)
        assert (ab.shape, ab.dtype) == ((2, 112, 112, 2), np.float32)


def test_parameters():
    """By hand: convolutions of 3 x 3 (the first of 4 x 4) and their biases.

    A normalization has an offset and a scale for each channel.
    """
    model = unet.build_unet(configs.UNetConfig((8, 16)))
    conv = [(4 * 4 * 1, 8), (9 * 8, 8), (9 * 8, 16), (9 * 16, 16), (9 * 8, 8)]
    by_hand = sum(fan * filters + 3 * filters for fan, filters in conv) + (16 * 8 + 8) + (8 * 2 + 2)
    assert sum(weight.numpy().size for weight in model.trainable_weights) == by_hand
    full = unet.build_unet()
    assert 0.5e6 < full.count_params() < 0.8e6


def test_regress_starts_as_mean_color_given_L(train):
    found = build_started("regress", train).predict(train.L[:3], verbose=0)
    assert found == pytest.approx(
        baselines.MeanColorGivenL.fit(train).predict(train.L[:3]), abs=1e-4
    )


def test_classes_start_as_common_as_they_weigh(train):
    model, faces = build_started("classes", train), train.lab
    chosen = classes.commonest(faces, 12)
    palette = model.get_layer("palette")
    assert keras.ops.convert_to_numpy(palette.centers).tolist() == classes.centers(chosen).tolist()
    weights = classes.weights(faces, configs.UNetConfig().uniform)[chosen]
    assert keras.ops.convert_to_numpy(palette.class_weights) == pytest.approx(weights)
    said, L = (
        np.exp(unet.class_logits(model, train.L[:1])[0, 9, 7]),
        train.L[0, 36:40, 28:32].mean(),
    )
    assert said == pytest.approx(
        np.maximum(color.classes_given_L(faces)[round(L), chosen] * weights, 1e-6), rel=1e-3
    )


def test_a_temperature_is_chosen_after_training(train):
    """At 1 it is what the model itself predicts; a lower one is more vivid.

    Toward 0 every place has the center of its most probable class.
    """
    model = build_started("classes", train)
    scatter_logits(model)
    L = train.L[:3]
    said = unet.class_logits(model, L)
    assert said.shape == (3, 28, 28, 12)
    assert unet.decode_classes(model, said, 1.0) == pytest.approx(
        model.predict(L, verbose=0), abs=1e-4
    )
    centers = keras.ops.convert_to_numpy(model.get_layer("palette").centers)
    cold = unet.decode_classes(model, said, 1e-4)
    assert cold[:, 0, 0] == pytest.approx(
        centers[said[:, 0, 0].argmax(-1)], abs=1e-3
    )  # the corner is no mixture of places
    chroma = [
        np.std(unet.AtTemperature("x", model, value).predict(L))
        for value in (4.0, 2.0, 1.0, 0.5, 0.1)
    ]
    assert chroma == sorted(chroma)
    assert chroma[-1] > 2 * chroma[0]
    for value in (0, -1):
        with pytest.raises(ValueError, match=f"temperature={value}: expected more than 0"):
            unet.decode_classes(model, said, value)


def test_decoding_many_faces_is_decoding_each(train, monkeypatch):
    model = build_started("classes", train)
    scatter_logits(model)
    said = unet.class_logits(model, train.L[:5])
    whole = unet.decode_classes(model, said, 0.4)
    monkeypatch.setattr(unet, "FACES_AT_A_TIME", 2)
    assert unet.decode_classes(model, said, 0.4) == pytest.approx(whole, abs=1e-4)


@pytest.mark.parametrize("head", ["regress", "classes"])
def test_mirrored_in_training_only(head, train):
    """Then for half of the faces; and color comes back the way round that the truth is."""
    coin, mirror = layers.FlipCoin(), layers.FlipFaces()
    keras.utils.set_random_seed(0)
    L = np.repeat(train.L[:1], 64, axis=0).astype(np.float32)
    tossed = keras.ops.convert_to_numpy(coin(L, training=True))
    assert tossed.shape == (64, 1, 1, 1)
    assert 16 < tossed.sum() < 48
    assert not keras.ops.convert_to_numpy(coin(L, training=False)).any()
    turned = keras.ops.convert_to_numpy(mirror(L, tossed))
    for face, side in zip(turned, tossed.ravel(), strict=True):
        assert np.array_equal(face, L[0, :, ::-1] if side else L[0])
    assert np.array_equal(keras.ops.convert_to_numpy(mirror(turned, tossed)), L)
    model = build_started(head, train)
    assert np.array_equal(
        model.predict(train.L[:2], verbose=0), model.predict(train.L[:2], verbose=0)
    )


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("head", KINDS)
def test_it_learns(head, train):
    """Both heads, by their own loss: what they are shown again and again."""
    trainer = build.build_trainer(make_config(head, learning_rate=1e-2))
    build.initialize(trainer, make_config(head), train.take(8))
    hinted = head == "hints"
    results = [
        trainer.train(
            Segment("model", 0, 2), Batches(train.take(8), 4, 0, epoch, hinted=hinted), []
        )[0].metrics
        for epoch in range(40)
    ]
    measure = "cross_entropy" if head == "classes" else "mse"
    assert results[-1][measure] < 0.9 * results[0][measure]
    assert set(results[0]) == {"mse", "accuracy"} | (
        {"cross_entropy"} if head == "classes" else set()
    )


@pytest.mark.parametrize("loss", losses.OF_COLOR)
def test_regress_learns_by_the_loss_of_its_config(loss, train):
    trainer = build.build_trainer(make_config("regress", loss=loss))
    build.initialize(trainer, make_config("regress", loss=loss), train)
    pred = trainer.predictor.predict(train.L[:4], verbose=0)
    expected = keras.ops.convert_to_numpy(
        losses.OF_COLOR[loss](train.lab[:4, ..., 1:], pred)
    ).mean()
    found = trainer.predictor.evaluate(
        train.L[:4], train.lab[:4, ..., 1:], verbose=0, return_dict=True
    )["loss"]
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("head", KINDS)
def test_a_resumed_run_equals_an_uninterrupted_one_byte_for_byte(head, train, val, home):
    straight, parts = (
        start(make_config(head), "smoke", home, home / name) for name in ("straight", "parts")
    )
    straight.train(train, val, 3)
    parts.train(train, val, 1)
    resumed = Run(parts.folder)
    resumed.train(train, val, 3)
    assert resumed.digest() == straight.digest() == Run(straight.folder).digest()
    assert resumed.history == straight.history
    assert len({record["mse"] for record in straight.history}) == 3
    assert np.array_equal(resumed.predict(val.L), straight.predict(val.L))


@pytest.mark.slow
@pytest.mark.parametrize("head", KINDS)
def test_a_predictor_can_be_saved_small(head, train, tmp_path):
    model = build.build_trainer(make_config(head, filters=configs.UNetConfig().filters)).predictor
    path = tmp_path / "unet.keras"
    keras.Model(model.input, model.output).save(
        path
    )  # the same layers, not compiled: no optimizer goes with them
    again = keras.saving.load_model(path)
    assert (
        path.stat().st_size < 4 * model.count_params() + 250_000
    )  # bytes of float32, and no moments
    shown = (train.L[:2], make_hints(train.take(2))) if head == "hints" else train.L[:2]
    assert np.array_equal(devices.predict(again, shown), devices.predict(model, shown))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head": "softmax"}, "head='softmax' is unknown; one of regress, classes"),
        ({"filters": (8, 12)}, "expected 2 to 4 multiples of 8"),
        ({"filters": (8,)}, "expected 2 to 4 multiples of 8"),
        ({"filters": (8, 8, 8, 8, 8)}, "expected 2 to 4 multiples of 8"),
        ({"filters": (8, 0)}, "filters=.*: expected whole numbers from 1 to 4096"),
        ({"classes": 1}, "classes=1: expected a whole number from 2 to 261"),
        ({"classes": 262}, "classes=262: expected a whole number from 2 to 261"),
        ({"uniform": 0.0}, "uniform=0.0: expected a number of more than 0 and at most 1"),
        ({"uniform": 1.1}, "uniform=1.1: expected a number of more than 0"),
        ({"loss": "l3"}, "loss='l3' is unknown; one of l2, l1"),
        (
            {"loss": "l1", "head": "classes"},
            "loss='l1' goes with head='regress' only, not with 'classes'",
        ),
        ({"dropout": 0.1}, "unet has no field 'dropout'"),
        ({"hints": 1}, "hints=1: expected True or False"),
        (
            {"hints": True, "head": "classes"},
            "^hints=True goes with head='regress' only, not with 'classes'$",
        ),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(KitError, match=message):
        run_config.configure("unet", profiles.get("smoke"), "d", **options)


def test_a_second_input_takes_hints(train):
    model = build_started("hints", train)
    assert model.input_shape == [(None, 112, 112, 1), (None, 112, 112, 3)]
    assert [each.name for each in model.inputs] == ["L", "hints"]
    for L in (train.L[:2], train.L[:2].astype(np.float32)):
        ab = devices.predict(model, (L, make_hints(train.take(2))))
        assert (ab.shape, ab.dtype) == ((2, 112, 112, 2), np.float32)


def test_without_hints_it_starts_as_mean_color_given_L(train):
    found = devices.predict(
        build_started("hints", train), (train.L[:3], np.zeros((3, 112, 112, 3), np.float32))
    )
    assert found == pytest.approx(
        baselines.MeanColorGivenL.fit(train).predict(train.L[:3]), abs=1e-4
    )


def test_hints_are_listened_to_before_anything_is_learned(train):
    """A color told of one place is taken on around it, and hardly far from it."""
    model, L = build_started("hints", train), train.L[:1]
    base = devices.predict(model, (L, np.zeros((1, 112, 112, 3), np.float32)))[0]
    told = color.hint_planes(
        color.place_hints([color.Point(30, 30, *(base[30, 30] + (20, -20)))], 112, 112)
    )
    change = devices.predict(model, (L, told[None]))[0] - base
    assert change[30, 30, 0] > 5
    assert change[30, 30, 1] < -5
    assert np.abs(change[100:, 100:]).max() < 0.2 * np.abs(change[30, 30]).min()


def test_mirrored_faces_have_mirrored_hints(train):
    """What goes into the network in training: L and hints, turned by one coin."""
    model, few = build_started("hints", train), train.take(1)
    L, told = (np.repeat(each, 32, axis=0) for each in (few.L.astype(np.float32), make_hints(few)))
    shown = keras.Model(
        model.inputs, [model.get_layer(name).output for name in ("coin", "L_and_told", "mirror")]
    )
    coin, both, turned = (
        keras.ops.convert_to_numpy(each) for each in shown((L, told), training=True)
    )
    assert 4 < coin.sum() < 28
    assert both[0, ..., 3] == pytest.approx(told[0, ..., 2])
    for heads, straight, face in zip(coin.ravel(), both, turned, strict=True):
        assert np.array_equal(face, straight[:, ::-1] if heads else straight)


def test_attention_by_hand():
    """One hint among four places: its distance, lightness and likeness against the null entry."""
    attention, stream = layers.HintAttention(2), np.random.default_rng(0)
    features, L = (
        stream.normal(0, 0.3, (1, 2, 2, channels)).astype(np.float32) for channels in (3, 1)
    )
    hints = np.zeros((1, 2, 2, 3), np.float32)
    hints[0, 0, 1] = (1.5, -0.5, 0.5)  # half of that place is hinted, in the color 3, -1
    attention(features, hints, L)
    gates = stream.normal(0, 0.5, (3, 3))
    attention.gates.kernel.assign(gates)
    copied = keras.ops.convert_to_numpy(attention(features, hints, L))
    query, key = (
        keras.ops.convert_to_numpy(view.kernel) for view in (attention.query, attention.key)
    )
    for row, column, square in ((0, 0, 1), (0, 1, 0), (1, 0, 2), (1, 1, 1)):
        loudness, power, light = features[0, row, column] @ gates
        alike = (features[0, row, column] @ query) @ (features[0, 0, 1] @ key) / 2**0.5
        difference = L[0, row, column, 0] - L[0, 0, 1, 0]
        lighter = layers.START_LIGHT * np.exp(light) * difference**2
        reach = (1 + square / layers.NEAR**2) ** (-layers.START_POWER * np.exp(power))
        weight = np.exp(alike + layers.START_LOUDNESS + loudness - lighter) * reach
        expected = weight / (1 + weight) * np.array([3, -1])
        assert copied[0, row, column] == pytest.approx(expected, rel=1e-3)
    assert not keras.ops.convert_to_numpy(attention(features, 0 * hints, L)).any()


def test_the_layers_of_attention_keep_the_names_that_shipped_weights_have():
    attention = layers.HintAttention(2, name="listen")
    attention.build((None, 2, 2, 3), (None, 2, 2, 3), (None, 2, 2, 1))
    assert [weight.path for weight in attention.weights] == [
        "listen/asking/kernel",
        "listen/asked/kernel",
        "listen/manner/kernel",
        "listen/manner/bias",
    ]
    registered = keras.saving.get_registered_name(layers.HintAttention)
    assert registered == "colorkit>HintAttention"


@pytest.mark.slow
def test_a_run_predicts_with_hints_and_without(train, val, home):
    """It is validated with hints as in training; a model without hints refuses them in one line."""
    run = start(make_config("hints"), "smoke", home)
    run.train(train, val, 1)
    alone, helped = run.predict(val.L), run.predict(val.L, hints=make_hints(val))
    assert np.array_equal(
        alone, run.predict(val.L, hints=np.zeros((*val.L.shape[:3], 3), np.float32))
    )
    assert metrics.mse(helped, val.ab).mean() < metrics.mse(alone, val.ab).mean()
    raw = devices.predict(
        run.model, (val.L, color.random_hints(val.lab[..., 1:], np.arange(len(val)), 0, 0))
    )
    assert run.history[0]["val_mse"] == pytest.approx(metrics.mse(raw, val.ab).mean(), rel=1e-5)
    told = make_hints(val)
    assert helped == pytest.approx(
        levin.settle(val.L, devices.predict(run.model, (val.L, told)), told), abs=1e-3
    )
    plain = start(make_config("regress"), "smoke", home)
    plain.train(train, val, 1)
    with pytest.raises(
        KitError,
        match=r"^unet, .* takes no hints: a model that does is trained by "
        r"`python -m colorkit train unet --set hints",
    ):
        plain.predict(val.L, hints=make_hints(val))
