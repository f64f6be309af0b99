"""Training in 16 bits: what stays in 32, and how a run continues on another device."""

import keras
import numpy as np
import pytest
from helpers import picture, tiny_config

from colorkit.color import rgb_to_lab, to_storage
from colorkit.data.splits import Split
from colorkit.machine import accelerators, precision
from colorkit.training import build

MIXED = ("mixed_bfloat16", "mixed_float16")
FACES = Split(
    np.stack([to_storage(rgb_to_lab(picture(seed))) for seed in range(4)]), np.arange(4).astype(str)
)


def make_config(model: str = "cnn", **options):
    small = {"encoder": (4,), "decoder": (4,), "dense": ()} if model == "cnn" else {"dense": ()}
    return tiny_config(model, learning_rate=3e-2, images=4, batch_size=4, **(small | options))


def train(trainer, config, epochs: int) -> list[float]:
    losses = []
    for epoch in range(epochs):
        batches = build.batches(config, FACES, epoch)
        results = [
            result
            for segment in trainer.plan(epoch, 1)
            for result in trainer.train_on_devices(segment, batches, [])
        ]
        losses.append(trainer.record(results)["mse"])
    return losses


@pytest.mark.parametrize("policy", MIXED)
def test_it_learns_in_16_bits_and_answers_in_32(policy):
    config = make_config(precision=policy)
    trainer = build.build_trainer(config)
    assert trainer.predictor.get_layer("decoder1").compute_dtype == policy.removeprefix("mixed_")
    assert {weight.dtype for weight in trainer.predictor.weights} == {"float32"}
    losses = train(trainer, config, 6)
    assert np.isfinite(losses).all()
    assert losses[-1] < 0.99 * losses[0]
    assert trainer.predictor.predict(FACES.L, verbose=0).dtype == np.float32


@pytest.mark.usefixtures("small_resnet")
@pytest.mark.parametrize("policy", MIXED)
@pytest.mark.parametrize("head", ["dense", "conv", "tanh"])
def test_what_touches_lab_is_float32(policy, head):
    trainer = build.build_trainer(make_config("gan", precision=policy, head=head))
    lab = {"three_channels", "imagenet_means", "ab", "scale_ab", "scale_L", "logit", "decode"} | (
        {"ab_tanh"} if head == "tanh" else set()
    )
    verdicts = {"real", "generated"}  # names for logits, which are float32 already
    models = [trainer.predictor, trainer.discriminator, trainer.discriminator_learner]
    computing = [
        layer
        for model in models
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]
    assert {layer.name for layer in computing if layer.compute_dtype == "float32"} == (
        lab | verdicts
    )
    ends = [
        tensor
        for model in (*models, trainer.generator_learner)
        for tensor in (*model.inputs, *model.outputs)
    ]
    assert {tensor.dtype for tensor in ends} == {"float32"}


@pytest.mark.usefixtures("small_resnet")
def test_color_reaches_the_discriminator_in_full(train):
    """A model in a model is a layer too, and layers cast their inputs down: this one must not."""
    trainer = build.build_trainer(make_config("gan", precision="mixed_bfloat16"))
    seen = keras.Model(
        trainer.discriminator.inputs, trainer.discriminator.get_layer("scale_ab").output
    )
    L = keras.Input((112, 112, 1))
    ab = keras.Input((112, 112, 2))
    nested = keras.Model([L, ab], seen([L, ab]))
    color = np.full((1, 112, 112, 2), 100.1, np.float32)
    assert nested.predict([FACES.L[:1].astype(np.float32), color], verbose=0) == pytest.approx(
        100.1 / 110, rel=1e-6
    )


def test_the_loss_scale_is_stored_and_put_back():
    config = make_config(precision="mixed_float16")
    trainer = build.build_trainer(config)
    trainer.optimizer.dynamic_scale.assign(1.0)
    train(trainer, config, 1)
    # far too much: the next step is left out, and the scale halved
    trainer.optimizer.dynamic_scale.assign(2.0**20)
    before = trainer.values()
    train(trainer, config, 1)
    assert float(trainer.optimizer.dynamic_scale) == 2.0**19
    assert int(trainer.optimizer.inner_optimizer.iterations) == 1
    assert trainer.predictor.optimizer is trainer.optimizer
    stored = trainer.values()
    changed = [
        name
        for name in stored
        if name.startswith("optimizer") and not np.array_equal(stored[name], before[name])
    ]
    assert len(changed) == 2  # scale, counter
    other = build.build_trainer(config)
    other.restore(stored)
    assert {name: value.tobytes() for name, value in other.values().items()} == {
        name: value.tobytes() for name, value in stored.items()
    }
    assert float(other.optimizer.dynamic_scale) == 2.0**19
    other.set_learning_rates(0.5)
    assert float(other.optimizer.inner_optimizer.learning_rate) == pytest.approx(1.5e-2)


@pytest.mark.parametrize("policy", MIXED)
def test_a_run_goes_on_elsewhere_in_float32(monkeypatch, capsys, policy):
    config = make_config()
    monkeypatch.setattr(accelerators, "device_precision", lambda: policy)
    began = build.build_trainer(config)
    assert began.policy == policy
    train(began, config, 1)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(accelerators, "device_precision", lambda: "float32")
    elsewhere = build.build_trainer(config, began.policy)
    assert (
        capsys.readouterr().out
        == f"the run was started in {policy}; this device computes its layers in float32\n"
    )
    assert elsewhere.policy == policy  # and that is what its next checkpoint says
    assert {layer.compute_dtype for layer in elsewhere.predictor.layers} == {"float32"}
    elsewhere.restore(began.values())
    assert elsewhere.digest() == began.digest()
    losses = train(elsewhere, config, 4)
    assert losses[-1] < losses[0]
    began.restore(elsewhere.values())  # and back again


@pytest.mark.parametrize(
    ("asked", "started", "here", "chosen"),
    [
        ("auto", None, "mixed_bfloat16", ("mixed_bfloat16", "mixed_bfloat16")),
        ("auto", None, "float32", ("float32", "float32")),
        ("auto", "float32", "mixed_float16", ("float32", "float32")),
        ("auto", "mixed_float16", "mixed_float16", ("mixed_float16", "mixed_float16")),
        ("auto", "mixed_float16", "mixed_bfloat16", ("mixed_float16", "float32")),
        ("mixed_float16", None, "float32", ("mixed_float16", "mixed_float16")),
        ("mixed_float16", "mixed_float16", "float32", ("mixed_float16", "mixed_float16")),
    ],
)
def test_choices(monkeypatch, asked, started, here, chosen):
    monkeypatch.setattr(accelerators, "device_precision", lambda: here)
    assert precision.choose(asked, started) == chosen


def test_the_policy_holds_for_the_kit_s_models_only():
    build.build_trainer(make_config(precision="mixed_bfloat16"))
    assert keras.config.dtype_policy().name == "float32"
    with pytest.raises(ZeroDivisionError), precision.layers_in("mixed_float16"):
        raise ZeroDivisionError
    assert keras.config.dtype_policy().name == "float32"
