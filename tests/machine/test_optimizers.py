"""The fused Adam takes the steps of Keras' own, up to rounding, in every precision."""

import keras
import numpy as np
import pytest

from colorkit.machine import precision

RATES = (1e-2, 1e-2, 3e-3, 3e-3, 3e-3, 1e-3)  # a run lowers its rate as it goes


def make_weights() -> list[keras.Variable]:
    stream = np.random.default_rng(0)
    return [
        keras.Variable(stream.normal(size=shape).astype(np.float32)) for shape in ((3, 4), (4,), ())
    ]


def make_gradients(step: int) -> list[np.ndarray]:
    """Make gradients of very different sizes, some of them 0."""
    stream, sizes = np.random.default_rng([1, step]), (((3, 4), 1), ((4,), 1e-4), ((), 9))
    return [
        np.float32(stream.normal(size=shape) * size * (stream.random(shape) > 0.2))
        for shape, size in sizes
    ]


def train(optimizer: keras.optimizers.Optimizer) -> list[np.ndarray]:
    """Return the weights, then the optimizer's own variables, after each step."""
    weights = make_weights()
    optimizer.build(weights)
    found = []
    for step, rate in enumerate(RATES):
        optimizer.learning_rate = rate
        optimizer.apply(make_gradients(step), weights)
        found.append(
            [keras.ops.convert_to_numpy(variable) for variable in (*weights, *optimizer.variables)]
        )
    return found


@pytest.mark.parametrize("beta_1", [0.9, 0.5])
def test_it_is_adam_to_rounding(beta_1):
    ours = train(precision.adam(1.0, "float32", beta_1))
    theirs = train(keras.optimizers.Adam(1.0, beta_1=beta_1))
    assert len(ours[0]) == len(theirs[0]) == 3 + 2 + 2 * 3
    for step in range(len(RATES)):
        for one, other in zip(ours[step], theirs[step], strict=True):
            assert one.dtype == other.dtype
            assert one == pytest.approx(other, rel=2e-5, abs=1e-7)


@pytest.mark.parametrize(("strategy", "count"), [(False, 3), (True, 0)])
def test_on_tensorflow_it_is_one_operation_a_variable_but_for_several_devices(
    monkeypatch, strategy, count
):
    import tensorflow

    monkeypatch.setattr(tensorflow.distribute, "has_strategy", lambda: strategy)
    optimizer, weights = precision.adam(1e-2, "float32"), make_weights()
    optimizer.build(weights)
    step = tensorflow.function(
        lambda: optimizer.apply(make_gradients(0), weights)
    ).get_concrete_function()
    kinds = [operation.type for operation in step.graph.get_operations()]
    assert kinds.count("ResourceApplyAdam") == count
    step()
    plain = train(keras.optimizers.Adam(1.0))[0]
    for weight, expected in zip(weights, plain, strict=False):
        assert weight.numpy() == pytest.approx(expected, rel=2e-5)


def test_the_formula_by_hand():
    """Kingma and Ba, algorithm 1, on one number."""
    first, second, weight = 0.0, 0.0, float(make_weights()[2].numpy())
    found = train(precision.adam(1.0, "float32", beta_1=0.5))
    for step, rate in enumerate(RATES):
        gradient = float(make_gradients(step)[2])
        first, second = 0.5 * first + 0.5 * gradient, 0.999 * second + 0.001 * gradient**2
        weight -= (
            rate
            * (first / (1 - 0.5 ** (step + 1)))
            / (np.sqrt(second / (1 - 0.999 ** (step + 1))) + 1e-7)
        )
        assert found[step][2] == pytest.approx(weight, rel=1e-4)


def test_beta_1_is_0_9_by_default():
    assert precision.adam(1e-3, "float32").beta_1 == 0.9
    assert precision.adam(1e-3, "float32", beta_1=0.5).beta_1 == 0.5
    assert float(precision.adam(2e-3, "float32").learning_rate) == pytest.approx(2e-3)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_only_float16_needs_a_loss_scale(policy):
    assert type(precision.adam(1e-3, policy)) is precision.Adam


def test_in_float16_the_loss_is_scaled():
    optimizer = precision.adam(2e-3, "mixed_float16", beta_1=0.5)
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert type(optimizer.inner_optimizer) is precision.Adam
    assert optimizer.inner_optimizer.beta_1 == 0.5
    assert float(optimizer.learning_rate) == pytest.approx(2e-3)


def test_a_scaled_gradient_moves_as_the_plain_one_and_one_that_overflowed_not_at_all():
    optimizer, weights = precision.adam(1e-2, "mixed_float16"), make_weights()
    optimizer.build(weights)
    scale = float(optimizer.dynamic_scale)
    assert scale > 1
    optimizer.apply([gradient * scale for gradient in make_gradients(0)], weights)
    plain = train(precision.adam(1.0, "float32"))[0]
    moved = [weight.numpy() for weight in weights]
    for weight, expected in zip(moved, plain, strict=False):
        assert weight == pytest.approx(expected, rel=2e-5)
    optimizer.apply([np.float32(np.inf) + gradient for gradient in make_gradients(1)], weights)
    assert all(
        np.array_equal(weight.numpy(), old) for weight, old in zip(weights, moved, strict=True)
    )
    assert float(optimizer.dynamic_scale) == scale / 2


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_its_whole_state_is_in_its_variables(policy):
    """With its variables restored into a fresh optimizer, the next step is the same."""
    one, other = (precision.adam(1e-2, policy) for _ in range(2))
    weights = make_weights()
    one.build(weights)
    one.apply(make_gradients(0), weights)
    copies = [keras.Variable(weight.numpy()) for weight in weights]
    other.build(copies)
    assert sum("momentum" in variable.path for variable in one.variables) == 3
    assert sum("velocity" in variable.path for variable in one.variables) == 3
    for variable, stored in zip(other.variables, one.variables, strict=True):
        variable.assign(stored)
    one.apply(make_gradients(1), weights)
    other.apply(make_gradients(1), copies)
    assert all(
        np.array_equal(weight.numpy(), copy.numpy())
        for weight, copy in zip(weights, copies, strict=True)
    )
