"""In how many bits a run computes, as a Keras dtype policy. In each of them weights, losses, metrics and everything in LAB are float32."""

import contextlib
from collections.abc import Iterator

import keras

from . import environment

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
    here = environment.precision()
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
