"""Measure how hard each of a model's losses pulls on its weights.

Keras has no function of its own for a gradient, so there is one here for each backend.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

Tensors: TypeAlias = list[Any]
"""A gradient: arrays or tensors of any shapes, one for each weight of a model."""

Losses: TypeAlias = dict[str, Callable]
"""For each output of a model, a function of truth and output."""

Meter: TypeAlias = Callable[[np.ndarray, dict], dict[str, Tensors]]
"""A function of a batch and its truth that returns each loss's gradient."""

# The losses are scaled by this while they are measured, or small gradients would be 0 in float16. A
# power of 2 changes nothing elsewhere.
SCALE = 2.0**7


def ratio(one: Tensors, other: Tensors) -> float:
    """Compute how many times as hard as another a loss pulls on a model's weights. Lesson 4.5.

    Args:
        one, other: the gradients of the two losses.

    Returns:
        The L2 norm of all numbers in `one`, divided by that of `other`; infinite where `other`
        doesn't pull at all.

    Example:
        >>> import numpy as np
        >>> ratio([np.array([3.0, 4.0])], [np.array([6.0]), np.array([8.0])])
        0.5
    """
    squares = float(sum(ops.sum(part**2) for part in one))
    other_squares = float(sum(ops.sum(part**2) for part in other))
    return math.sqrt(squares / other_squares) if other_squares else float("inf")


def meter(model: keras.Model, losses: Losses) -> Meter:
    """Make the function that measures a model's gradients.

    Make it once: JAX compiles it at the first call.

    Args:
        model: a model with a dict of outputs.
        losses: for each output, a function of truth and output; the mean of its result is the loss.

    Returns:
        `gradients(x, truth)`: each loss's gradient on one batch, in inference mode, with respect to
        all weights that are trainable at that moment.

    Raises:
        NotImplementedError: the kit isn't tested on this backend.
    """
    backend = keras.backend.backend()
    if backend not in BACKENDS:
        raise NotImplementedError(
            f"gradients aren't measured with {backend}: "
            f"set KERAS_BACKEND to one of {', '.join(BACKENDS)}"
        )
    scaled = BACKENDS[backend](model, losses)

    def gradients(x: np.ndarray, truth: dict) -> dict[str, Tensors]:
        found = scaled(x, truth)
        return {name: [part / SCALE for part in parts] for name, parts in found.items()}

    return gradients


def _tensorflow(model: keras.Model, losses: Losses) -> Meter:
    """Make the function for TensorFlow; its gradients are scaled."""
    import tensorflow as tf

    def gradients(x: np.ndarray, truth: dict) -> dict[str, Tensors]:
        weights = [variable.value for variable in model.trainable_variables]
        values = {}
        # persistent: the tape is asked once for each loss
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            # Only these are watched. Otherwise a frozen encoder would be differentiated too, at
            # several times the cost.
            tape.watch(weights)
            out = model(x, training=False)
            for name, loss in losses.items():
                values[name] = SCALE * ops.mean(loss(truth[name], out[name]))
        return {
            name: tape.gradient(value, weights, unconnected_gradients="zero")
            for name, value in values.items()
        }

    return gradients


def _jax(model: keras.Model, losses: Losses) -> Meter:
    """Make the function for JAX; its gradients are scaled."""
    import jax

    def scaled_loss(weights: Tensors, fixed: Tensors, x: Any, truth: dict, name: str) -> Any:
        out, _ = model.stateless_call(weights, fixed, x, training=False)
        return SCALE * ops.mean(losses[name](truth[name], out[name]))

    # Operation by operation, ResNet-50 would take minutes. Compiled together, the losses also share
    # their forward pass.
    @jax.jit
    def compiled(weights: Tensors, fixed: Tensors, x: Any, truth: dict) -> dict[str, Tensors]:
        gradient = jax.grad(scaled_loss)  # by the weights
        return {name: gradient(weights, fixed, x, truth, name) for name in losses}

    def gradients(x: np.ndarray, truth: dict) -> dict[str, Tensors]:
        weights = [variable.value for variable in model.trainable_variables]
        fixed = [variable.value for variable in model.non_trainable_variables]
        return compiled(weights, fixed, x, truth)

    return gradients


BACKENDS = {"tensorflow": _tensorflow, "jax": _jax}
