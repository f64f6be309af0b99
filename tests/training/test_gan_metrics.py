"""What a GAN says of an epoch: means over faces, and how its two networks stand."""

from typing import NamedTuple

import keras
import numpy as np
import pytest
from tiny_gans import (
    DISCRIMINATORS,
    StepCounter,
    compute_cross_entropy,
    judge_predictions,
    make_light_gan,
    train_epoch,
)

from colorkit.training.batches import Batches
from colorkit.training.gan import GAN
from colorkit.training.segments import Result, Segment


class Still(NamedTuple):
    """A GAN that learns nothing, so that each batch can be shown again.

    It is trained by step over batches of 3 and 2 faces.
    """

    trained: GAN
    batches: Batches
    compiled_for: set  # sizes of batch; None is any
    record: dict


@pytest.fixture(scope="module")
def still(train) -> Still:
    trained = make_light_gan(
        normalized=False, learning_rate=0.0, schedule="step", d_learning_rate=0.0
    )
    batches, sizes = Batches(train.take(5), 3, epoch=0), set()
    for learner in (trained.generator_learner, trained.discriminator_learner):

        def train_step(*given, original=learner.train_step):
            sizes.add(keras.tree.flatten(given[-1])[0].shape[0])
            return original(*given)

        learner.train_step = train_step
    return Still(
        trained, batches, sizes, trained.record(train_epoch(trained, batches, 0, (StepCounter(),)))
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
    whole = {
        "mse": errors.mean(),
        "d_loss": compute_cross_entropy(real, 1) + compute_cross_entropy(generated, 0),
    }
    return {"whole": whole, "last segment": errors[3:].mean()}


def test_by_step_the_metrics_are_means_over_the_faces_of_a_pass(still, expected_of_still):
    """As `fit` gives them."""
    whole = expected_of_still["whole"]
    assert {name: still.record[name] for name in whole} == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("order", [("generator", "discriminator"), ("both",)])
def test_metrics_of_several_segments_are_means_over_the_faces_of_a_pass(
    still, expected_of_still, order
):
    whole, plan = (
        expected_of_still["whole"],
        [Segment(turn, start, start + 1) for turn in order for start in (0, 1)],
    )
    record = still.trained.record(
        [
            result
            for segment in plan
            for result in still.trained.train(segment, still.batches, [StepCounter()])
        ]
    )
    assert {name: record[name] for name in whole} == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("turn", ["generator", "pretraining", "both"])
def test_a_segment_has_metrics_of_its_own_faces_alone(still, expected_of_still, turn):
    results = still.trained.train(Segment(turn, 1, 2), still.batches, [])
    (own,) = (result for result in results if result.turn in ("generator", "pretraining"))
    assert own.turn == ("generator" if turn == "both" else turn)
    assert own.faces == 2
    assert own.metrics["color_mse"] == pytest.approx(expected_of_still["last segment"], rel=1e-4)


def test_metrics_are_the_same_where_keras_gives_running_means(train):
    """Keras 3.13's train_on_batch does, unless metrics are reset; 3.15's gives the last batch's."""
    trained = make_light_gan(schedule="batch")

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
        Segment("both", 0, 2), Batches(train.take(5), 3), [StepCounter()]
    )
    assert generator == Result("generator", 5, {"color_mse": 3.0})  # 3 faces with 1, 2 with 6
    assert discriminator == Result("discriminator", 5, {"loss": 3.0})


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a trait of TensorFlow")
def test_a_step_is_compiled_for_batches_of_any_size(still):
    """Compiled for several sizes it gives several last bits.

    A resumed run would then not equal an uninterrupted one.
    """
    assert still.compiled_for == {None}


def make_generator_metrics(value: float) -> dict[str, float]:
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
        Result("generator", 3, make_generator_metrics(1.0)),
        Result("generator", 1, make_generator_metrics(5.0)),
        Result("discriminator", 3, {"loss": 2.5}),
    ]
    assert make_light_gan().record(results) == {
        "mse": 2.0,
        "accuracy": 0.2,
        "g_color": 4.0,
        "g_cross_entropy": 6.0,
        "d_loss": 2.0,
    }


def test_a_record_leaves_out_what_nobody_measured():
    trained = make_light_gan()
    alone = {"mse": 1.0, "accuracy": 0.1, "g_color": 2.0}
    assert trained.record([Result("pretraining", 4, make_generator_metrics(1.0))]) == alone
    assert trained.record([Result("generator", 4, make_generator_metrics(1.0))]) == alone | {
        "g_cross_entropy": 3.0
    }


def test_the_shares_that_the_discriminator_calls_real(train):
    """The bias of its logit is set so that it calls 5 or 11 of 16 pictures real.

    That is an odd number, so the two shares differ.
    """
    trained, faces = make_light_gan(), train.take(8)
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
    """By the losses of the two: one sees only generated faces, the other both kinds."""
    trained, faces = make_light_gan(discriminator=discriminator), train.take(4)
    pred = faces.ab / 2
    real, generated = (
        trained.discriminator.predict([faces.L, ab], verbose=0).astype(np.float64)
        for ab in (faces.ab, pred)
    )
    found = trained.judge(faces.L, pred, faces.ab)
    assert found["val_g_cross_entropy"] == pytest.approx(
        compute_cross_entropy(generated, 1), rel=1e-4
    )
    assert found["val_d_loss"] == pytest.approx(
        compute_cross_entropy(real, 1) + compute_cross_entropy(generated, 0), rel=1e-4
    )
    assert (found["d_real"], found["d_generated"]) == (np.mean(real > 0), np.mean(generated > 0))


def measure_slopes(loss, weights: list[keras.Variable], step: float) -> np.ndarray:
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
    trained = make_light_gan(
        normalized=False, lambda_l2=l2, lambda_l1=l1, discriminator=discriminator
    )
    faces = train.take(12)
    L, ab = faces.L[:8], faces.ab[:8].astype(np.float64)

    def error() -> np.ndarray:
        return trained.predictor.predict_on_batch(L).astype(np.float64) - ab

    def color() -> float:
        return l2 * np.mean(error() ** 2) + l1 * np.mean(np.abs(error()))

    def verdict() -> float:
        logit = trained.discriminator.predict_on_batch([L, trained.predictor.predict_on_batch(L)])
        return compute_cross_entropy(
            logit.astype(np.float64), 1
        )  # float32 is too coarse for differences

    norms = [
        np.linalg.norm(measure_slopes(loss, trained.predictor.weights, 0.2))
        for loss in (verdict, color)
    ]
    assert judge_predictions(trained, faces)["g_ratio"] == pytest.approx(
        norms[0] / norms[1], rel=1e-2
    )
    assert judge_predictions(trained, faces)["g_ratio"] == pytest.approx(
        judge_predictions(trained, faces.take(8))["g_ratio"], rel=1e-6
    )


def test_pulls_are_arrays_with_which_a_student_can_compute(train):
    """Not a backend's tensors, which have other methods."""
    trained, faces = make_light_gan(), train.take(4)
    for parts in trained.pulls(faces.L, faces.lab[..., 1:]).values():
        assert [part.shape for part in parts] == [
            weight.shape for weight in trained.generator_learner.trainable_variables
        ]
        assert all(isinstance(part, np.ndarray) for part in parts)


def test_without_a_color_loss_the_ratio_is_infinite(train):
    faces = train.take(4)
    assert make_light_gan(lambda_l2=0.0).judge(faces.L, faces.ab, faces.ab)["g_ratio"] == float(
        "inf"
    )
