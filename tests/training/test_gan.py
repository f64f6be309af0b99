from typing import NamedTuple

import keras
import numpy as np
import pytest
from helpers import TINY_GAN, small_encoder

from colorkit.machine import precision
from colorkit.models import configs, losses, resnet
from colorkit.training import averaging, gan, segments
from colorkit.training.batches import Batches
from colorkit.training.flat_config import unflatten
from colorkit.training.segments import Result, Segment
from colorkit.training.turns import discriminator_turn, generator_turn

NET = {name: value for name, value in TINY_GAN.items() if name not in ("images", "batch_size")}
DISCRIMINATORS = ("report", "patch")
FIGURES = ["accuracy", "d_loss", "g_color", "g_cross_entropy", "mse"]


def config(**options) -> configs.GANConfig:
    return unflatten(configs.GANConfig, NET | options)


def make(**options) -> gan.GAN:
    """A GAN whose generator is the ResNet model on the stand-in encoder (fixture small_resnet)."""
    keras.utils.set_random_seed(0)
    chosen = config(**options)
    return gan.GAN(resnet.build_resnet(chosen.generator), chosen, 1e-2)


def light(normalized: bool = True, learning_rate: float = 1e-2, **options) -> gan.GAN:
    """A GAN of two layers a network, for what does not depend on the generator: its graph is traced sooner than the ResNet model's."""
    keras.utils.set_random_seed(0)
    L = keras.Input((112, 112, 1), name="L")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(L)
    if normalized:
        x = keras.layers.Conv2D(3, 3, use_bias=False, padding="same", name="mix")(x)
        x = keras.layers.BatchNormalization(name="mix_bn")(x)
    generator = keras.Model(L, keras.layers.Conv2D(2, 1, name="ab")(x))
    return gan.GAN(generator, config(**({"d_filters": (4,)} | options)), learning_rate)


def values(model: keras.Model) -> dict[str, np.ndarray]:
    """Every weight of a model by its path, moving averages included."""
    return {weight.path: weight.numpy().copy() for weight in model.weights}


def moved(before: dict, after: dict) -> set[str]:
    return {path for path in before if not np.array_equal(before[path], after[path])}


def trainable(model: keras.Model) -> set[str]:
    return {weight.path for weight in model.trainable_weights}


def averages(model: keras.Model) -> set[str]:
    return {weight.path for weight in model.weights if "moving_" in weight.path}


def encoder(model: keras.Model) -> keras.Model:
    """Empty for the light generator."""
    return next((layer for layer in model.layers if layer.name == "resnet50"), keras.Sequential())


def train_epoch(
    trained: gan.GAN, batches: Batches, epoch: int, callbacks: tuple = ()
) -> list[Result]:
    plan = trained.plan(epoch, len(batches))
    return [result for leg in plan for result in trained.train(leg, batches, list(callbacks))]


# turns


class Passes(NamedTuple):
    """Two epochs of a GAN over two batches, watched."""

    trained: gan.GAN
    fine_tune: bool
    order: str  # who should learn, turn by turn: g or d; a turn is a whole fit or one batch
    updates: tuple[int, int]  # how many there should be of generator and discriminator
    turns: str  # who did
    moved: list[tuple[set[str], set[str]]]  # of generator and discriminator, in each turn
    records: list[dict]
    steps: int  # how often a callback heard that a batch was done


class Count(keras.callbacks.Callback):
    steps = 0

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1


def watched(trained: gan.GAN, train, **expected) -> Passes:
    order, changes, count = [], [], Count()
    now = [(values(trained.generator), values(trained.discriminator))]

    def watch(method: str, name_of) -> None:
        original = getattr(trained, method)

        def spy(*arguments):
            result = original(*arguments)
            if name := name_of(arguments[0]):
                after = (values(trained.generator), values(trained.discriminator))
                order.append(name)
                changes.append(tuple(moved(*pair) for pair in zip(now[0], after, strict=True)))
                now[0] = after
            return result

        setattr(trained, method, spy)

    watch(
        "train",
        lambda leg: {"generator": "g", "pretraining": "g", "discriminator": "d", "both": ""}[
            leg.turn
        ],
    )
    watch("_train_on_batch", lambda turn: turn[0])
    records = [
        trained.record(
            train_epoch(trained, Batches(train.take(8), 4, epoch=epoch), epoch, (count,))
        )
        for epoch in range(2)
    ]
    return Passes(
        trained, turns="".join(order), moved=changes, records=records, steps=count.steps, **expected
    )


PASSES = {
    "epoch, frozen": (make, {"schedule": "epoch", "fine_tune": False}, "gd gd", (4, 4)),
    "batch, fine-tuned": (make, {"schedule": "batch", "fine_tune": True}, "gdgd gdgd", (4, 4)),
    "nogan": (
        light,
        {"schedule": "nogan", "pretrain": 1},
        "g ddgdg",
        (4, 4),
    ),  # once both learn, it is "step"
    "nogan, patches": (
        light,
        {"schedule": "nogan", "pretrain": 1, "discriminator": "patch", "average": 0.9},
        "g ddgdg",
        (4, 4),
    ),
}


@pytest.fixture(scope="module", params=PASSES)
def passes(request, train) -> Passes:
    maker, options, order, updates = PASSES[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.applications, "ResNet50", small_encoder)
        expected = {
            "fine_tune": options.get("fine_tune", False),
            "order": order.replace(" ", ""),
            "updates": updates,
        }
        return watched(maker(**options), train, **expected)


def in_turn_of(passes: Passes, who: str) -> list[tuple[set[str], set[str]]]:
    return [change for turn, change in zip(passes.turns, passes.moved, strict=True) if turn == who]


def test_turns_alternate_as_the_schedule_says(passes):
    assert passes.turns == passes.order


def test_each_optimizer_counts_its_own_updates(passes):
    assert (
        tuple(int(optimizer.iterations) for optimizer in passes.trained.optimizers)
        == passes.updates
    )


def test_in_the_generator_s_turn_it_moves_and_the_discriminator_does_not(passes):
    generator = passes.trained.generator
    decoder = {"ab/kernel", "ab/bias"} | (
        {"mix/kernel", "decoder1/kernel"} & set(values(generator))
    )
    for g, d in in_turn_of(passes, "g"):
        assert averages(generator) - averages(encoder(generator)) <= g
        assert decoder <= g
        assert d == set()


def test_in_the_discriminator_s_turn_it_moves_and_nothing_of_the_generator_does(passes):
    """Nothing: the moving averages of its batch normalization neither, though the generator is run. Of the discriminator all: the vectors
    of its spectral normalization too, which the test above has seen hold still."""
    for g, d in in_turn_of(passes, "d"):
        assert g == set()
        assert d == set(values(passes.trained.discriminator))


def test_the_encoder_moves_when_fine_tuned_and_stays_when_frozen(passes):
    borrowed = encoder(passes.trained.generator)
    for g, _ in in_turn_of(passes, "g"):
        if passes.fine_tune:
            assert averages(borrowed) <= g
            assert any("kernel" in path for path in set(values(borrowed)) & g)
        else:
            assert set(values(borrowed)) & g == set()


def test_what_an_epoch_tells(passes):
    for epoch, record in enumerate(passes.records):
        pretraining = epoch == 0 and passes.trained.config.schedule == "nogan"
        assert sorted(record) == (["accuracy", "g_color", "mse"] if pretraining else FIGURES)
        assert record["g_color"] == pytest.approx(0.1 * record["mse"], rel=1e-4)
        assert 0 <= record["accuracy"] <= 1


def test_a_callback_hears_of_each_step_of_the_plan(passes):
    """runs.py counts its bar's steps so."""
    plans = [passes.trained.plan(epoch, 2) for epoch in range(2)]
    assert passes.steps == sum(leg.stop - leg.start for plan in plans for leg in plan)


# plans

SCHEDULES = [
    {"schedule": "epoch"},
    {"schedule": "epoch", "d_every": 3},
    {"schedule": "step"},
    {"schedule": "batch"},
    {"schedule": "nogan", "pretrain": 2},
]
GENERATOR = ("generator", "pretraining", "both")  # the turns in which it learns


def turns_of(planner: gan.GAN, epochs: int) -> list[list[str]]:
    return [[leg.turn for leg in planner.plan(epoch, 1)] for epoch in range(epochs)]


@pytest.mark.parametrize("options", SCHEDULES, ids=str)
def test_every_schedule_gives_the_generator_one_pass_an_epoch(monkeypatch, options):
    monkeypatch.setattr(segments, "BATCHES", 2)
    planner = light(**options)
    for epoch in range(6):
        plan = [leg for leg in planner.plan(epoch, 5) if leg.turn in GENERATOR]
        assert [index for leg in plan for index in range(leg.start, leg.stop)] == [0, 1, 2, 3, 4]


def test_by_epoch_the_discriminator_follows_every_pass_of_the_generator():
    assert turns_of(light(schedule="epoch"), 3) == [["generator", "discriminator"]] * 3


def test_with_d_every_it_follows_only_so_many():
    alone, followed = ["generator"], ["generator", "discriminator"]
    assert turns_of(light(d_every=3), 7) == [alone, alone, followed, alone, alone, followed, alone]


@pytest.mark.parametrize("schedule", ["step", "batch"])
def test_by_step_and_by_batch_both_learn_in_every_leg(schedule):
    assert turns_of(light(schedule=schedule), 2) == [["both"]] * 2


@pytest.mark.parametrize("pretrain", [1, 3])
def test_nogan_pretrains_then_teaches_the_discriminator_once_then_both(pretrain):
    planned = turns_of(light(schedule="nogan", pretrain=pretrain), 6)
    assert (
        planned == ([["pretraining"]] * pretrain + [["discriminator", "both"]] + [["both"]] * 5)[:6]
    )


@pytest.mark.parametrize(
    ("options", "epoch", "order"),
    [
        ({"schedule": "epoch"}, 0, ("generator", "discriminator")),
        ({"schedule": "step"}, 0, ("both",)),
        ({"schedule": "nogan", "pretrain": 1}, 0, ("pretraining",)),
        ({"schedule": "nogan", "pretrain": 1}, 1, ("discriminator", "both")),
    ],
)
def test_a_long_pass_is_cut_into_legs(options, epoch, order):
    assert light(**options).plan(epoch, 250) == [
        leg for turn in order for leg in segments.cut_segments(turn, 250)
    ]
    assert len(segments.cut_segments("both", 250)) == 3


# the order within an epoch of "batch" and "step"


def shown(trained: gan.GAN, batches: Batches) -> list[tuple[str, int]]:
    """Who is shown which batch, in an epoch in which nobody learns."""
    order = []

    def replace(learner: keras.Model, name: str, form) -> None:
        answers = [form(*batches[index]) for index in range(len(batches))]

        def train_on_batch(*given, return_dict):
            order.append(
                (name, next(index for index, answer in enumerate(answers) if same(given, answer)))
            )
            return {}

        learner.fit, learner.train_on_batch = (lambda *_, **__: None), train_on_batch

    replace(trained.generator_learner, "g", generator_turn)
    replace(trained.discriminator_learner, "d", discriminator_turn)
    train_epoch(trained, batches, 0, (Count(),))
    return order


def same(one, other) -> bool:
    leaves = [keras.tree.flatten(each) for each in (one, other)]
    return len(leaves[0]) == len(leaves[1]) and all(
        np.array_equal(*pair) for pair in zip(*leaves, strict=True)
    )


def test_by_batch_both_learn_from_the_same_one_generator_first(monkeypatch, train):
    monkeypatch.setattr(segments, "BATCHES", 2)
    assert shown(light(schedule="batch"), Batches(train.take(5), 2, epoch=0)) == [
        (who, index) for index in range(3) for who in "gd"
    ]


@pytest.mark.parametrize(
    ("faces", "seen_by_d"), [(1, [0]), (2, [1, 0]), (5, [2, 3, 4, 0, 1]), (6, [3, 4, 5, 0, 1, 2])]
)
def test_by_step_the_discriminator_is_first_and_half_a_pass_away(
    monkeypatch, train, faces, seen_by_d
):
    """Of the whole pass, though it is trained in legs of two batches."""
    monkeypatch.setattr(segments, "BATCHES", 2)
    order = shown(light(schedule="step"), Batches(train.take(faces), 1, epoch=0))
    assert order == [
        turn for index, other in enumerate(seen_by_d) for turn in (("d", other), ("g", index))
    ]


# figures


def cross_entropy(logit: np.ndarray, label: int) -> float:
    return float(np.mean(np.log1p(np.exp(-logit if label else logit)), dtype=np.float64))


class Still(NamedTuple):
    """A GAN that learns nothing, so that each batch can be asked again, trained by step over batches of 3 and 2 faces."""

    trained: gan.GAN
    batches: Batches
    compiled_for: set  # sizes of batch; None is any
    record: dict


@pytest.fixture(scope="module")
def still(train) -> Still:
    trained = light(normalized=False, learning_rate=0.0, schedule="step", d_learning_rate=0.0)
    batches, sizes = Batches(train.take(5), 3, epoch=0), set()
    for learner in (trained.generator_learner, trained.discriminator_learner):

        def train_step(*given, original=learner.train_step):
            sizes.add(keras.tree.flatten(given[-1])[0].shape[0])
            return original(*given)

        learner.train_step = train_step
    return Still(
        trained, batches, sizes, trained.record(train_epoch(trained, batches, 0, (Count(),)))
    )


@pytest.fixture(scope="module")
def expected_of_still(still) -> dict:
    L, code = (
        np.concatenate(parts) for parts in zip(still.batches[0], still.batches[1], strict=True)
    )
    pred = still.trained.predictor.predict(L, verbose=0)
    errors = (pred + 128 - code) ** 2
    assert errors[:3].mean() != pytest.approx(
        errors[3:].mean(), rel=1e-2
    )  # or it would not matter how they are weighed
    real, generated = (
        still.trained.discriminator.predict([L, ab], verbose=0)
        for ab in (code - np.float32(128), pred)
    )
    whole = {"mse": errors.mean(), "d_loss": cross_entropy(real, 1) + cross_entropy(generated, 0)}
    return {"whole": whole, "last leg": errors[3:].mean()}


def test_by_step_the_figures_are_means_over_the_faces_of_a_pass(still, expected_of_still):
    """As `fit` gives them."""
    whole = expected_of_still["whole"]
    assert {name: still.record[name] for name in whole} == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("order", [("generator", "discriminator"), ("both",)])
def test_figures_of_several_legs_are_means_over_the_faces_of_a_pass(
    still, expected_of_still, order
):
    whole, plan = (
        expected_of_still["whole"],
        [Segment(turn, start, start + 1) for turn in order for start in (0, 1)],
    )
    record = still.trained.record(
        [result for leg in plan for result in still.trained.train(leg, still.batches, [Count()])]
    )
    assert {name: record[name] for name in whole} == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("turn", ["generator", "pretraining", "both"])
def test_a_leg_tells_of_its_own_faces_alone(still, expected_of_still, turn):
    results = still.trained.train(Segment(turn, 1, 2), still.batches, [])
    (own,) = (result for result in results if result.turn in ("generator", "pretraining"))
    assert own.turn == ("generator" if turn == "both" else turn)
    assert own.faces == 2
    assert own.metrics["color_mse"] == pytest.approx(expected_of_still["last leg"], rel=1e-4)


def test_figures_are_the_same_where_keras_tells_means_so_far(train):
    """Keras 3.13's train_on_batch does, unless metrics are reset; 3.15's tells the last batch alone."""
    trained = light(schedule="batch")

    def so_far(values_: list[float], name: str):
        seen, left = [], list(values_)

        def train_on_batch(*given, return_dict):
            seen.append(left.pop(0))
            return {name: np.mean(seen)}

        return {
            "fit": lambda *_, **__: None,
            "reset_metrics": seen.clear,
            "train_on_batch": train_on_batch,
        }

    vars(trained.generator_learner).update(so_far([1.0, 6.0], "color_mse"))
    vars(trained.discriminator_learner).update(so_far([5.0, 0.0], "loss"))
    generator, discriminator = trained.train(
        Segment("both", 0, 2), Batches(train.take(5), 3), [Count()]
    )
    assert generator == Result("generator", 5, {"color_mse": 3.0})  # 3 faces with 1, 2 with 6
    assert discriminator == Result("discriminator", 5, {"loss": 3.0})


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a trait of TensorFlow")
def test_a_step_is_compiled_for_batches_of_any_size(still):
    """Compiled for several sizes it gives several last bits, and a resumed run is not what an uninterrupted one is."""
    assert still.compiled_for == {None}


def generator_figures(value: float) -> dict[str, float]:
    return {
        "color_mse": value,
        "color_accuracy": value / 10,
        "color_loss": 2 * value,
        "verdict_loss": 3 * value,
        "loss": 5 * value,
    }


def test_a_record_weighs_legs_by_their_faces():
    results = [
        Result("discriminator", 1, {"loss": 0.5}),
        Result("generator", 3, generator_figures(1.0)),
        Result("generator", 1, generator_figures(5.0)),
        Result("discriminator", 3, {"loss": 2.5}),
    ]
    assert light().record(results) == {
        "mse": 2.0,
        "accuracy": 0.2,
        "g_color": 4.0,
        "g_cross_entropy": 6.0,
        "d_loss": 2.0,
    }


def test_a_record_leaves_out_what_nobody_measured():
    trained = light()
    alone = {"mse": 1.0, "accuracy": 0.1, "g_color": 2.0}
    assert trained.record([Result("pretraining", 4, generator_figures(1.0))]) == alone
    assert trained.record([Result("generator", 4, generator_figures(1.0))]) == alone | {
        "g_cross_entropy": 3.0
    }


# losses


@pytest.mark.parametrize(
    ("l2", "l1", "discriminator"),
    [(0.1, 0.0, "report"), (0.01, 0.2, "report"), (0.01, 0.0, "patch")],
)
def test_the_generator_s_loss_by_hand(train, l2, l1, discriminator):
    trained = light(lambda_l2=l2, lambda_l1=l1, discriminator=discriminator)
    L, code = Batches(train.take(4), 4)[0]
    ab = code - 128.0
    pred = trained.predictor.predict(L, verbose=0)
    logit = trained.discriminator.predict([L, pred], verbose=0).astype(np.float64)
    color = l2 * np.mean((pred - ab) ** 2, dtype=np.float64) + l1 * np.mean(
        np.abs(pred - ab), dtype=np.float64
    )
    logs = trained.generator_learner.test_on_batch(*generator_turn(L, code), return_dict=True)
    assert logs["color_loss"] == pytest.approx(color, rel=1e-4)
    assert logs["verdict_loss"] == pytest.approx(cross_entropy(logit, 1), rel=1e-4)
    assert logs["loss"] == pytest.approx(color + cross_entropy(logit, 1), rel=1e-4)
    assert logs["color_mse"] == pytest.approx(np.mean((pred - ab) ** 2), rel=1e-4)


@pytest.mark.parametrize("discriminator", DISCRIMINATORS)
def test_the_discriminator_s_loss_by_hand(train, discriminator):
    trained = light(discriminator=discriminator)
    L, code = Batches(train.take(4), 4)[0]
    pred = trained.predictor.predict(L, verbose=0)
    real, generated = (
        trained.discriminator.predict([L, x], verbose=0).astype(np.float64)
        for x in (code - np.float32(128), pred)
    )
    logs = trained.discriminator_learner.test_on_batch(
        *discriminator_turn(L, code), return_dict=True
    )
    assert logs["loss"] == pytest.approx(
        cross_entropy(real, 1) + cross_entropy(generated, 0), rel=1e-4
    )
    assert logs["real_said_real"] == pytest.approx(np.mean(real > 0), abs=1e-6)
    assert logs["generated_said_real"] == pytest.approx(np.mean(generated > 0), abs=1e-6)


@pytest.fixture(scope="module")
def listener() -> tuple[gan.GAN, dict]:
    """A GAN in whose generator the verdict is heard well, and its starting values: its graph is traced once for the tests that share it."""
    made = light(lambda_l2=1e-4)
    return made, made.values()


def test_in_pretraining_the_verdict_does_not_move_the_generator(train, listener):
    """Its weights become those of a model that never heard of a discriminator; the counter-check: in its usual turn they don't."""
    trained, start = listener
    batches = Batches(train.take(8), 4, epoch=0)

    def after(turn: str) -> np.ndarray:
        trained.restore(start)
        trained.train(Segment(turn, 0, 2), batches, [])
        return flat(trained.predictor)

    reference = light()
    reference.give_turn(learner_is_generator=True)
    alone = reference.predictor
    alone.compile(
        precision.adam(1e-2, "float32", beta_1=0.5),
        loss=lambda code, pred: 1e-4 * losses.l2(code, pred),
    )
    before = flat(alone)
    alone.fit(batches, shuffle=False, verbose=0)
    assert np.abs(flat(alone) - before).max() > 1e-2
    assert after("pretraining") == pytest.approx(flat(alone), abs=1e-5)
    assert np.abs(after("generator") - flat(alone)).max() > 1e-3


def flat(model: keras.Model) -> np.ndarray:
    return np.concatenate([value.ravel() for value in values(model).values()])


def test_compiling_a_step_leaves_nothing_behind(train, listener):
    """Before the first batch of turns that swap after each."""
    trained, start = listener
    trained.restore(start)
    for turn in ("generator", "discriminator"):
        trained._compile_by_fit(turn, Batches(train.take(4), 4))
    assert all(np.array_equal(value, start[name]) for name, value in trained.values().items())


# the judge


def judged(trained: gan.GAN, split) -> dict[str, float]:
    return trained.judge(split.L, trained.predictor.predict(split.L, verbose=0), split.ab)


def test_the_shares_that_the_discriminator_calls_real(train):
    """The bias of its logit is set so that it calls 5 or 11 of 16 pictures real: an odd number, so the two shares differ."""
    trained, faces = light(), train.take(8)
    pred = faces.ab[::-1] / 2
    real, generated = (
        trained.discriminator.predict([faces.L, ab], verbose=0).ravel() for ab in (faces.ab, pred)
    )
    ordered = np.sort(np.concatenate([real, generated]))[::-1]
    for called_real in (5, 11):
        border = ordered[called_real - 1 : called_real + 1].mean()
        trained.discriminator.get_layer("logit").bias.assign([-border])
        shares = trained.judge(faces.L, pred, faces.ab)
        assert (shares["d_real"], shares["d_generated"]) == (
            np.mean(real > border),
            np.mean(generated > border),
        )
        assert 8 * (shares["d_real"] + shares["d_generated"]) == called_real


@pytest.mark.parametrize("discriminator", DISCRIMINATORS)
def test_what_the_verdicts_cost(train, discriminator):
    """By the losses that the two learn by, of which one sees only generated faces and the other both."""
    trained, faces = light(discriminator=discriminator), train.take(4)
    pred = faces.ab / 2
    real, generated = (
        trained.discriminator.predict([faces.L, ab], verbose=0).astype(np.float64)
        for ab in (faces.ab, pred)
    )
    found = trained.judge(faces.L, pred, faces.ab)
    assert found["val_g_cross_entropy"] == pytest.approx(cross_entropy(generated, 1), rel=1e-4)
    assert found["val_d_loss"] == pytest.approx(
        cross_entropy(real, 1) + cross_entropy(generated, 0), rel=1e-4
    )
    assert (found["d_real"], found["d_generated"]) == (np.mean(real > 0), np.mean(generated > 0))


def slopes(loss, weights: list[keras.Variable], step: float) -> np.ndarray:
    """The gradient of a function of some weights by central differences."""
    found = []
    for weight in weights:
        start = weight.numpy()
        for place in np.ndindex(*start.shape):
            ends = []
            for sign in (1, -1):
                changed = start.copy()
                changed[place] += sign * step
                weight.assign(changed)
                ends.append(loss())
            found.append((ends[0] - ends[1]) / (2 * step))
        weight.assign(start)
    return np.array(found)


@pytest.mark.parametrize("discriminator", DISCRIMINATORS)
def test_the_ratio_of_the_gradients_by_finite_differences(train, discriminator):
    """Of the first 8 faces only; the four weights of a generator small enough for it."""
    l2, l1 = 0.01, 0.2
    trained = light(normalized=False, lambda_l2=l2, lambda_l1=l1, discriminator=discriminator)
    faces = train.take(12)
    L, ab = faces.L[:8], faces.ab[:8].astype(np.float64)

    def error() -> np.ndarray:
        return trained.predictor.predict_on_batch(L).astype(np.float64) - ab

    def color() -> float:
        return l2 * np.mean(error() ** 2) + l1 * np.mean(np.abs(error()))

    def verdict() -> float:
        logit = trained.discriminator.predict_on_batch([L, trained.predictor.predict_on_batch(L)])
        return cross_entropy(logit.astype(np.float64), 1)  # float32 is too coarse for differences

    norms = [
        np.linalg.norm(slopes(loss, trained.predictor.weights, 0.2)) for loss in (verdict, color)
    ]
    assert judged(trained, faces)["g_ratio"] == pytest.approx(norms[0] / norms[1], rel=1e-2)
    assert judged(trained, faces)["g_ratio"] == pytest.approx(
        judged(trained, faces.take(8))["g_ratio"], rel=1e-6
    )


def test_pulls_are_arrays_with_which_a_student_can_compute(train):
    """Not a backend's tensors, which have other methods."""
    trained, faces = light(), train.take(4)
    for parts in trained.pulls(faces.L, faces.lab[..., 1:]).values():
        assert [part.shape for part in parts] == [
            weight.shape for weight in trained.generator_learner.trainable_variables
        ]
        assert all(isinstance(part, np.ndarray) for part in parts)


def test_without_a_color_loss_the_ratio_is_infinite(train):
    faces = train.take(4)
    assert light(lambda_l2=0.0).judge(faces.L, faces.ab, faces.ab)["g_ratio"] == float("inf")


def test_judging_moves_nothing_and_both_learn_afterwards(train, listener):
    """Whoever's turn it was, the ratio is the same."""
    trained, start = listener
    trained.restore(start)
    faces, found = train.take(4), []
    for learner_is_generator in (True, False):
        trained.give_turn(learner_is_generator)
        found.append(judged(trained, faces))
    assert found[0] == found[1]
    assert 0 < found[0]["g_ratio"] < np.inf
    assert all(np.array_equal(value, start[name]) for name, value in trained.values().items())
    for turn, changed in (("discriminator", {1}), ("generator", {0})):
        before = [values(model) for model in trained.models]
        judged(trained, faces)
        trained.train(Segment(turn, 0, 1), Batches(faces, 4), [])
        assert {
            index
            for index, model in enumerate(trained.models)
            if moved(before[index], values(model))
        } == changed


# the average


def test_without_an_average_the_generator_itself_predicts():
    trained = light()
    assert trained.predictor is trained.generator
    assert len(trained.models) == 2


def test_the_average_follows_from_where_both_begin_to_learn(train):
    trained = light(schedule="nogan", pretrain=1, average=0.75)
    batches = Batches(train.take(8), 4, epoch=0)
    before = trained.generator.get_weights()
    train_epoch(trained, batches, 0)
    began = trained.generator.get_weights()
    assert not all(np.array_equal(*pair) for pair in zip(before, began, strict=True))
    assert all(
        np.array_equal(*pair) for pair in zip(trained.predictor.get_weights(), began, strict=True)
    )
    steps, original = [], trained._train_on_batch

    def train_on_batch(turn, *batch):
        figures = original(turn, *batch)
        if turn == "generator":
            steps.append(trained.generator.get_weights())
        return figures

    trained._train_on_batch = train_on_batch
    train_epoch(trained, batches, 1)
    assert len(steps) == 2
    expected = began
    for step in steps:
        expected = averaging.update(expected, step, 0.75)
    assert all(
        np.array_equal(*pair)
        for pair in zip(trained.predictor.get_weights(), expected, strict=True)
    )
    assert not any(
        np.array_equal(*pair)
        for pair in zip(trained.predictor.get_weights(), steps[-1], strict=True)
    )


# what it is made of


def test_optimizers_are_built_for_what_each_may_move(small_resnet):
    trained = make()
    g, d = trained.optimizers
    assert (float(g.beta_1), float(d.beta_1)) == (0.5, 0.5)
    assert float(d.learning_rate) == pytest.approx(2e-4)
    assert float(g.learning_rate) == pytest.approx(1e-2)
    assert trained.learning_rates == [1e-2, 2e-4]
    assert len(d.variables) == 2 + 2 * len(trained.discriminator.weights)
    assert len(g.variables) == 2 + 2 * len(trainable(resnet.build_resnet(config().generator)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"schedule": "steps"}, "schedule='steps' is unknown; one of epoch, step, batch, nogan"),
        ({"sees": "L"}, "sees='L' is unknown; one of lab, ab"),
        ({"d_every": 0}, "d_every=.*: expected whole numbers of 1 or more"),
        ({"pretrain": 0}, "pretrain=.*: expected whole numbers of 1 or more"),
        (
            {"schedule": "step", "d_every": 2},
            "d_every=2 goes with schedule='epoch' only, not with 'step'",
        ),
        ({"generator": "unet"}, "generator=unet: expected a ResNetConfig or UNetConfig\\(\\)"),
        (
            {"generator": configs.UNetConfig((8, 16))},
            "generator=UNetConfig.*: expected a ResNetConfig or UNetConfig\\(\\)",
        ),
        ({"discriminator": "pixel"}, "discriminator='pixel' is unknown; one of report, patch"),
        ({"schedule": "step", "average": 1.0}, "average=1.0: expected at least 0 and less than 1"),
        (
            {"average": 0.9},
            "average=0.9 goes with schedule='step', 'batch' or 'nogan', where both learn within a pass",
        ),
    ],
)
def test_bad_options_name_what_is_possible(options, message):
    with pytest.raises(ValueError, match=message):
        configs.GANConfig(**options)
