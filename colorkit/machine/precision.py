"""Choose the precision in which a run computes, and make the Adam that suits it.

On TensorFlow, Adam is TensorFlow's own fused kernel: one operation a variable instead of about
twenty. The formula is the same. Keras composes it of single operations, which for ResNet-50 are
half of the graph that must be traced before the first step (benchmarks/README.md).
"""

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras

from . import accelerators

POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")
CHOICES = ("auto", *POLICIES)


class Policies(NamedTuple):
    """The dtype policy of a run, and the policy of its layers on this device."""

    run: str
    layers: str


def choose(asked: str, started: str | None) -> Policies:
    """Choose a run's policy, and that of its layers on this device.

    They differ where an "auto" run continues on another kind of device. Its layers then compute in
    float32, which every device can, but its optimizer stays as it was. One line says so.

    Args:
        asked: one of CHOICES; "auto" for what suits the device on which the run starts.
        started: the policy in which the run was started; None for a new run.
    """
    here = accelerators.device_precision()
    if started:
        policy = started
    elif asked == "auto":
        policy = here
    else:
        policy = asked
    if asked != "auto" or policy in (here, "float32"):
        return Policies(policy, policy)
    print(f"the run was started in {policy}; this device computes its layers in float32")
    return Policies(policy, "float32")


@contextlib.contextmanager
def layers_in(policy: str) -> Iterator[None]:
    """Build layers that compute in a policy, inside the with block.

    The builders have no argument for it, because keras.applications' ResNet-50 has none.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def adam(learning_rate: float, policy: str, beta_1: float = 0.9) -> keras.optimizers.Optimizer:
    """Make the Adam that suits a policy.

    In float16, small gradients would become 0. There it first scales the loss up, by a factor that
    it adapts.
    """
    optimizer = Adam(learning_rate, beta_1=beta_1)
    if policy == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


class Adam(keras.optimizers.Adam):
    """keras.optimizers.Adam (Kingma and Ba 2014), with the same values up to rounding."""

    def update_step(self, gradient: Any, variable: keras.Variable, learning_rate: Any) -> Any:
        """Move one variable and its two moments.

        On another backend than TensorFlow, or on several devices, this is Keras' own step.
        """
        if keras.backend.backend() != "tensorflow":
            return super().update_step(gradient, variable, learning_rate)
        import tensorflow as tf

        if tf.distribute.has_strategy():
            return super().update_step(gradient, variable, learning_rate)
        index = self._get_variable_index(variable)
        dtype = variable.dtype
        beta_1 = tf.cast(self.beta_1, dtype)
        beta_2 = tf.cast(self.beta_2, dtype)
        step = tf.cast(self.iterations.value + 1, dtype)
        return tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=tf.cast(learning_rate, dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.cast(self.epsilon, dtype),
            grad=tf.cast(gradient, dtype),
        )
