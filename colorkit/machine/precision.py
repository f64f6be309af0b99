"""Adam for a precision; where TensorFlow is the backend by TensorFlow's own fused kernel: one operation a variable instead of some twenty.

The formula is the same. Keras composes it of single operations, which for ResNet-50 are half of the graph that has to be traced before the
first step (benchmarks/README.md).
"""

import contextlib
from collections.abc import Iterator

import keras

from . import accelerators


def adam(learning_rate: float, policy: str, beta_1: float = 0.9) -> keras.optimizers.Optimizer:
    """Adam. In float16 small gradients would become 0, so there it scales the loss up first, by a factor that it adapts."""
    optimizer = Adam(learning_rate, beta_1=beta_1)
    return (
        keras.optimizers.LossScaleOptimizer(optimizer) if policy == "mixed_float16" else optimizer
    )


class Adam(keras.optimizers.Adam):
    """keras.optimizers.Adam (Kingma and Ba 2014), and the same values to rounding."""

    def update_step(self, gradient, variable, learning_rate):
        """Move one variable and its two moments. Under a strategy for several devices, Keras' own way."""
        if keras.backend.backend() != "tensorflow":
            return super().update_step(gradient, variable, learning_rate)
        import tensorflow as tf

        if tf.distribute.has_strategy():
            return super().update_step(gradient, variable, learning_rate)
        index = self._get_variable_index(variable)
        beta_1, beta_2, epsilon, rate = (
            tf.cast(value, variable.dtype)
            for value in (self.beta_1, self.beta_2, self.epsilon, learning_rate)
        )
        step = tf.cast(self.iterations.value + 1, variable.dtype)
        return tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=rate,
            beta1=beta_1,
            beta2=beta_2,
            epsilon=epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )


POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")
CHOICES = ("auto", *POLICIES)


def choose(wanted: str, started: str | None) -> tuple[str, str]:
    """Choose a run's policy, and that of its layers on this device.

    Args:
        wanted: one of CHOICES; "auto" for what suits the device that the run starts on.
        started: the policy that the run was started in; None for a new run.

    Returns:
        Both policies. They differ where an "auto" run goes on on another kind of device: its layers compute in float32 there, which every
        device can, but its optimizer stays as it was. One line says so.
    """
    here = accelerators.device_precision()
    policy = started or (here if wanted == "auto" else wanted)
    if wanted != "auto" or policy in (here, "float32"):
        return policy, policy
    print(f"the run was started in {policy}; this device computes its layers in float32")
    return policy, "float32"


@contextlib.contextmanager
def layers_in(policy: str) -> Iterator[None]:
    """Where layers are built that compute in a policy. It is no argument of the builders: keras.applications' ResNet-50 takes none."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
