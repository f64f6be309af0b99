from typing import NamedTuple

import keras
import numpy as np
import pytest
from helpers import TINY_GAN, small_encoder

from colorkit import gan, models
from colorkit.batches import Batches

NET = {name: value for name, value in TINY_GAN.items() if name not in ("images", "batch_size")}


def config(**options) -> gan.GANConfig:
    return gan.GANConfig(**(NET | options))


def make(**options) -> gan.GAN:
    """A GAN whose generator is the ResNet model on the stand-in encoder (fixture small_resnet)."""
    keras.utils.set_random_seed(0)
    chosen = config(**options)
    return gan.GAN(models.build_resnet(chosen), chosen, 1e-2)


def values(model: keras.Model) -> dict[str, np.ndarray]:
    """Every weight of a model by its path, moving averages included."""
    return {weight.path: weight.numpy().copy() for weight in model.weights}


def moved(before: dict, after: dict) -> set[str]:
    return {path for path in before if not np.array_equal(before[path], after[path])}


def trainable(model: keras.Model) -> set[str]:
    return {weight.path for weight in model.trainable_weights}


def averages(model: keras.Model) -> set[str]:
    return {weight.path for weight in model.weights if "moving_" in weight.path}


class Passes(NamedTuple):
    """Two passes of a GAN over two batches, watched."""

    trained: gan.GAN
    fine_tune: bool
    turns: list[str]  # who learned, turn by turn; a turn is a whole fit or one batch
    moved: list[tuple[set[str], set[str]]]  # of generator and discriminator, in each turn
    logs: list[dict]  # what epoch() returned
    steps: int  # how often a callback heard that a batch was done


class Count(keras.callbacks.Callback):
    steps = 0

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1


def watched(train, **options) -> Passes:
    trained = make(**options)
    turns, changes, count = [], [], Count()
    now = [(values(trained.predictor), values(trained.discriminator))]

    def watch(learner, method: str, name: str) -> None:
        original = getattr(learner, method)

        def spy(*arguments, **more):
            result = original(*arguments, **more)
            after = (values(trained.predictor), values(trained.discriminator))
            turns.append(name)
            changes.append(tuple(moved(*pair) for pair in zip(now[0], after, strict=True)))
            now[0] = after
            return result

        setattr(learner, method, spy)

    method = "train_on_batch" if trained.schedule == "batch" else "fit"
    watch(trained.generator_learner, method, "generator")
    watch(trained.discriminator_learner, method, "discriminator")
    logs = [trained.epoch(Batches(train.take(8), 4, epoch=epoch), [count]) for epoch in range(2)]
    return Passes(trained, options["fine_tune"], turns, changes, logs, count.steps)


@pytest.fixture(scope="module", params=[("epoch", False), ("batch", True)], ids=["epoch, frozen", "batch, fine-tuned"])
def passes(request, train) -> Passes:
    schedule, fine_tune = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.applications, "ResNet50", small_encoder)
        return watched(train, schedule=schedule, fine_tune=fine_tune)


def test_turns_alternate_generator_first(passes):
    assert passes.turns == ["generator", "discriminator"] * (4 if passes.trained.schedule == "batch" else 2)


def test_in_the_generator_s_turn_it_moves_and_the_discriminator_does_not(passes):
    generator = passes.trained.predictor
    for g, d in passes.moved[0::2]:
        assert averages(generator) - averages(generator.get_layer("resnet50")) <= g
        assert {"ab/kernel", "ab/bias", "mix/kernel", "decoder1/kernel"} <= g
        assert d == set()


def test_in_the_discriminator_s_turn_it_moves_and_nothing_of_the_generator_does(passes):
    """Nothing: the moving averages of its batch normalization neither, though the generator is run."""
    for g, d in passes.moved[1::2]:
        assert g == set()
        assert d == set(values(passes.trained.discriminator))


def test_the_encoder_moves_when_fine_tuned_and_stays_when_frozen(passes):
    encoder = passes.trained.predictor.get_layer("resnet50")
    for g, _ in passes.moved[0::2]:
        if passes.fine_tune:
            assert averages(encoder) <= g
            assert any("kernel" in path for path in set(values(encoder)) & g)
        else:
            assert set(values(encoder)) & g == set()


def test_what_an_epoch_tells(passes):
    for logs in passes.logs:
        assert sorted(logs) == ["accuracy", "d_generated", "d_loss", "d_real", "g_color", "g_cross_entropy", "mse"]
        assert logs["g_color"] == pytest.approx(0.1 * logs["mse"], rel=1e-4)
        assert all(0 <= logs[share] <= 1 for share in ("accuracy", "d_real", "d_generated"))


def test_a_callback_hears_of_both_turns_of_each_batch(passes):
    """runs.py gives its bar two steps a batch."""
    assert passes.steps == 2 * 2 * 2


def test_by_batch_the_figures_are_means_over_the_pass(train):
    """As `fit` gives them by epoch. Keras 3.13's train_on_batch tells the mean so far, 3.15's only the last batch."""
    chosen = config(schedule="batch")
    keras.utils.set_random_seed(0)
    L = keras.Input((112, 112, 1), name="L")
    generator = keras.Model(L, keras.layers.Conv2D(2, 3, padding="same", name="ab")(keras.layers.Rescaling(1 / 9)(L)))
    trained = gan.GAN(generator, chosen, 0.0)  # a rate of 0 learns nothing, so that every batch can be asked again
    trained.give_turn(learner_is_generator=True)
    batches = Batches(train.take(6), 3, epoch=0)
    errors = [(np.asarray(trained.predictor(L, training=True)) - ab) ** 2 for L, ab in (batches[0], batches[1])]
    assert errors[0].mean() != pytest.approx(errors[1].mean(), rel=1e-2)
    assert trained.epoch(batches, [])["mse"] == pytest.approx(np.mean(errors), rel=1e-4)


def cross_entropy(logit: np.ndarray, label: int) -> float:
    return float(np.mean(np.log1p(np.exp(-logit if label else logit))))


@pytest.mark.usefixtures("small_resnet")
@pytest.mark.parametrize(("l2", "l1"), [(0.1, 0.0), (0.01, 0.2)])
def test_the_generator_s_loss_by_hand(train, l2, l1):
    trained = make(lambda_l2=l2, lambda_l1=l1)
    L, ab = Batches(train.take(4), 4)[0]
    pred = trained.predictor.predict(L, verbose=0)
    logit = trained.discriminator.predict([L, pred], verbose=0).astype(np.float64)
    color = l2 * np.mean((pred - ab) ** 2, dtype=np.float64) + l1 * np.mean(np.abs(pred - ab), dtype=np.float64)
    logs = trained.generator_learner.test_on_batch(*gan.generator_turn(L, ab), return_dict=True)
    assert logs["color_loss"] == pytest.approx(color, rel=1e-4)
    assert logs["verdict_loss"] == pytest.approx(cross_entropy(logit, 1), rel=1e-4)
    assert logs["loss"] == pytest.approx(color + cross_entropy(logit, 1), rel=1e-4)
    assert logs["color_mse"] == pytest.approx(np.mean((pred - ab) ** 2), rel=1e-4)


@pytest.mark.usefixtures("small_resnet")
def test_the_discriminator_s_loss_by_hand(train):
    trained = make()
    L, ab = Batches(train.take(4), 4)[0]
    pred = trained.predictor.predict(L, verbose=0)
    real, generated = (trained.discriminator.predict([L, x], verbose=0).astype(np.float64) for x in (ab, pred))
    logs = trained.discriminator_learner.test_on_batch(*gan.discriminator_turn(L, ab), return_dict=True)
    assert logs["loss"] == pytest.approx(cross_entropy(real, 1) + cross_entropy(generated, 0), rel=1e-4)
    assert logs["real_said_real"] == np.mean(real > 0)
    assert logs["generated_said_real"] == np.mean(generated > 0)


def test_optimizers_are_built_for_what_each_may_move(small_resnet):
    trained = make()
    g, d = trained.optimizers
    assert (float(g.beta_1), float(d.beta_1)) == (0.5, 0.5)
    assert float(d.learning_rate) == pytest.approx(2e-4)
    assert float(g.learning_rate) == pytest.approx(1e-2)
    assert len(d.variables) == 2 + 2 * len(trained.discriminator.weights)
    assert len(g.variables) == 2 + 2 * len(trainable(models.build_resnet(config())))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"schedule": "step"}, "schedule='step' is unknown; one of epoch, batch"), ({"sees": "L"}, "sees='L' is unknown; one of lab, ab")],
)
def test_bad_options_name_what_is_possible(options, message):
    with pytest.raises(ValueError, match=message):
        gan.GANConfig(**options)
