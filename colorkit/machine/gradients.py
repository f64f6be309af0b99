"""How hard each of a model's losses pulls on its weights: the gradients, and what they say of each other.

One function with a branch a backend: Keras has no way of its own to ask for a gradient.
"""

import math
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

Losses = dict[str, Callable]
SCALE = (
    2.0**7
)  # of the losses while they are measured, or small gradients would be 0 in float16; a power of 2 changes nothing elsewhere


def ratio(one: list, other: list) -> float:
    """How many times as hard one loss pulls on a model's weights as another: the ratio of the L2 norms of their gradients.

    Args:
        one, other: a gradient, a list of arrays or tensors of any shapes, one for each weight of the model.

    Returns:
        The norm over all numbers of all arrays of `one`, divided by that of `other`; infinite where `other` doesn't pull at all.
    """
    squares, others = (float(sum(ops.sum(part**2) for part in parts)) for parts in (one, other))
    return math.sqrt(squares / others) if others else float("inf")


def meter(model: keras.Model, losses: Losses) -> Callable[[np.ndarray, dict], dict[str, list]]:
    """Make the function that measures a model's gradients. Make it once: JAX compiles it at the first call.

    Args:
        model: gives a dict of outputs.
        losses: for each output, a function of truth and output; the mean of what it gives is the loss.

    Returns:
        `gradients(x, truth)`: each loss's gradient by all the weights that the model may learn at that moment, in inference mode, on one
        batch: a list of tensors.

    Raises:
        NotImplementedError: a backend that the kit isn't tested on.
    """
    backend = keras.backend.backend()
    if backend not in BACKENDS:
        raise NotImplementedError(
            f"gradients aren't measured with {backend}: set KERAS_BACKEND to one of {', '.join(BACKENDS)}"
        )
    scaled = BACKENDS[backend](model, losses)

    def gradients(x: np.ndarray, truth: dict) -> dict[str, list]:
        return {name: [part / SCALE for part in parts] for name, parts in scaled(x, truth).items()}

    return gradients


def _tensorflow(model: keras.Model, losses: Losses) -> Callable:
    import tensorflow as tf

    def gradients(x, truth):
        weights = [variable.value for variable in model.trainable_variables]
        with tf.GradientTape(
            persistent=True, watch_accessed_variables=False
        ) as tape:  # persistent: asked once for each loss
            tape.watch(
                weights
            )  # and nothing else: a frozen encoder would be differentiated too, at several times the cost
            out = model(x, training=False)
            values = {
                name: SCALE * ops.mean(loss(truth[name], out[name]))
                for name, loss in losses.items()
            }
        return {
            name: tape.gradient(value, weights, unconnected_gradients="zero")
            for name, value in values.items()
        }

    return gradients


def _jax(model: keras.Model, losses: Losses) -> Callable:
    import jax

    def value(weights, fixed, x, truth, name):
        out, _ = model.stateless_call(weights, fixed, x, training=False)
        return SCALE * ops.mean(losses[name](truth[name], out[name]))

    @jax.jit  # op by op, ResNet-50 would take minutes; compiled together, the losses also share their way forward
    def compiled(weights, fixed, x, truth):
        return {name: jax.grad(value)(weights, fixed, x, truth, name) for name in losses}

    def gradients(x, truth):
        weights, fixed = (
            [each.value for each in kind]
            for kind in (model.trainable_variables, model.non_trainable_variables)
        )
        return compiled(weights, fixed, x, truth)

    return gradients


BACKENDS = {"tensorflow": _tensorflow, "jax": _jax}
