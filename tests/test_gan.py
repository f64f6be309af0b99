import keras
import numpy as np
import pytest
from helpers import TINY_GAN

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


class Watch(keras.callbacks.Callback):
    """Keeps the weights of both models at the end of each turn of a pass."""

    def __init__(self, trained: gan.GAN):
        super().__init__()
        self.trained = trained
        self.stages = [self.now()]

    def now(self) -> tuple[dict, dict]:
        return values(self.trained.predictor), values(self.trained.discriminator)

    def on_epoch_end(self, epoch, logs=None):
        self.stages.append(self.now())


@pytest.mark.usefixtures("small_resnet")
def test_by_epoch_only_the_one_whose_turn_it_is_moves(train):
    trained = make()
    learns = trainable(models.build_resnet(config()))
    watch = Watch(trained)
    for epoch in range(2):  # the second pass proves that a turn can be taken again
        trained.epoch(Batches(train.take(8), 4, epoch=epoch), [watch])
    g, d = zip(*watch.stages, strict=True)
    assert len(watch.stages) == 5
    for turn in (0, 2):
        assert len(moved(g[turn], g[turn + 1])) >= len(learns) + len(averages(trained.predictor)) - 1
        assert averages(trained.predictor) <= moved(g[turn], g[turn + 1])
        assert moved(d[turn], d[turn + 1]) == set()
    for turn in (1, 3):
        assert moved(g[turn], g[turn + 1]) == set()
        assert moved(d[turn], d[turn + 1]) == set(d[0])


@pytest.mark.usefixtures("small_resnet")
def test_by_batch_only_the_one_whose_turn_it_is_moves(train):
    trained = make(schedule="batch")
    before, turns = (values(trained.predictor), values(trained.discriminator)), []
    for learner in (trained.generator_learner, trained.discriminator_learner):
        original = learner.train_on_batch

        def spy(*arguments, _original=original, **options):
            nonlocal before
            logs = _original(*arguments, **options)
            after = (values(trained.predictor), values(trained.discriminator))
            turns.append([moved(*pair) for pair in zip(before, after, strict=True)])
            before = after
            return logs

        learner.train_on_batch = spy
    trained.epoch(Batches(train.take(8), 4, epoch=0), [])
    assert len(turns) == 4
    for g, d in turns[0::2]:
        assert averages(trained.predictor) < g
        assert d == set()
    for g, d in turns[1::2]:
        assert g == set()
        assert d == set(values(trained.discriminator))


@pytest.mark.usefixtures("small_resnet")
@pytest.mark.parametrize("schedule", gan.SCHEDULES)
def test_a_frozen_encoder_stays_frozen_through_the_turns(train, schedule):
    trained = make(fine_tune=False, schedule=schedule)
    encoder = trained.predictor.get_layer("resnet50")
    before, whole = values(encoder), values(trained.predictor)
    for epoch in range(2):
        trained.epoch(Batches(train.take(8), 4, epoch=epoch), [])
    assert moved(before, values(encoder)) == set()
    assert len(moved(whole, values(trained.predictor))) > 10


@pytest.mark.usefixtures("small_resnet")
def test_the_frozen_encoder_of_the_real_thing_would_move_otherwise(train):
    """The counter-check: fine-tuned, the same encoder does move."""
    trained = make(fine_tune=True)
    encoder = trained.predictor.get_layer("resnet50")
    before = values(encoder)
    trained.epoch(Batches(train.take(8), 4, epoch=0), [])
    assert moved(before, values(encoder)) >= averages(encoder)


def cross_entropy(logit: np.ndarray, label: int) -> float:
    return float(np.mean(np.log1p(np.exp(-logit if label else logit))))


@pytest.mark.usefixtures("small_resnet")
@pytest.mark.parametrize(("l2", "l1"), [(0.1, 0.0), (0.0, 0.5), (0.01, 0.2)])
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


@pytest.mark.usefixtures("small_resnet")
@pytest.mark.parametrize("schedule", gan.SCHEDULES)
def test_what_an_epoch_tells(train, schedule):
    logs = make(schedule=schedule, lambda_l2=0.1).epoch(Batches(train.take(8), 4, epoch=0), [])
    assert sorted(logs) == ["accuracy", "d_generated", "d_loss", "d_real", "g_color", "g_cross_entropy", "mse"]
    assert logs["g_color"] == pytest.approx(0.1 * logs["mse"], rel=1e-4)
    assert all(0 <= logs[share] <= 1 for share in ("accuracy", "d_real", "d_generated"))


@pytest.mark.usefixtures("small_resnet")
@pytest.mark.parametrize("schedule", gan.SCHEDULES)
def test_an_epoch_s_mse_is_the_mean_over_its_batches(train, schedule):
    """Learning nothing (a rate of 0), both schedules must tell the MSE of the generator as it is in training."""
    chosen = config(schedule=schedule)
    keras.utils.set_random_seed(0)
    trained = gan.GAN(models.build_resnet(chosen), chosen, 0.0)
    batches = Batches(train.take(8), 4, epoch=0)
    expected = [np.mean((np.asarray(trained.predictor(batches[i][0], training=True)) - batches[i][1]) ** 2) for i in range(2)]
    assert trained.epoch(batches, [])["mse"] == pytest.approx(np.mean(expected), rel=1e-4)


@pytest.mark.parametrize("schedule", gan.SCHEDULES)
@pytest.mark.usefixtures("small_resnet")
def test_the_bar_counts_both_turns(train, schedule):
    """runs.py gives the bar two steps a batch."""

    class Count(keras.callbacks.Callback):
        steps = 0

        def on_train_batch_end(self, batch, logs=None):
            self.steps += 1

    count = Count()
    make(schedule=schedule).epoch(Batches(train.take(8), 4, epoch=0), [count])
    assert count.steps == 4


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
