"""What is trained for the ledger. Every condition is trained with every seed, and sees 1,920 faces in all, in batches of 16: no difference
is one of budget.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

SEEDS = (0, 1, 2)
NAIVE = 0.1 / 128**2  # what a lambda of 0.1 on a*/128, b*/128 is in CIELAB units squared


class Condition(NamedTuple):
    """A model, trained on its first `images` faces for so many epochs, with some settings changed."""

    model: str
    images: int = 240
    epochs: int = 8
    settings: Mapping[str, Any] = MappingProxyType({})  # a NamedTuple's default is shared


FEW = {"images": 96, "epochs": 20}  # so that a model can learn them by heart
TUNED = {"fine_tune": True}

CONDITIONS = {
    "cnn": Condition("cnn"),
    "resnet": Condition("resnet"),
    "gan": Condition("gan"),
    "cnn, conv": Condition("cnn", settings={"head": "conv"}),
    "cnn, relu": Condition("cnn", settings={"head": "relu"}),
    "cnn, 120 faces": Condition("cnn", 120, 16),
    "cnn, 480 faces": Condition("cnn", 480, 4),
    "cnn, 960 faces": Condition("cnn", 960, 2),
    "cnn, few": Condition("cnn", **FEW),
    "cnn, few, no normalization": Condition("cnn", **FEW, settings={"batch_norm": False}),
    "gan, lambda 1": Condition("gan", settings={"lambda_l2": 1.0}),
    "gan, lambda 0.01": Condition("gan", settings={"lambda_l2": 0.01}),
    "gan, lambda 0.001": Condition("gan", settings={"lambda_l2": 0.001}),
    "resnet, tanh": Condition("resnet", settings={"head": "tanh"}),
    "gan, tanh": Condition("gan", settings={"head": "tanh"}),
    "gan, tanh, naive lambda": Condition("gan", settings={"head": "tanh", "lambda_l2": NAIVE}),
    "gan, L1": Condition("gan", settings={"lambda_l2": 0.0, "lambda_l1": 1.0}),
    "gan, same batch": Condition("gan", settings={"schedule": "batch"}),
    "gan, sparse": Condition("gan", settings={"d_every": 2}),
    "gan, sees ab": Condition("gan", settings={"sees": "ab"}),
    "resnet, few": Condition("resnet", **FEW, settings=TUNED),
    "resnet, few, dropout at the bottleneck": Condition("resnet", **FEW, settings=TUNED | {"dropout": 0.3}),
    "resnet, few, dropout in the decoder": Condition("resnet", **FEW, settings=TUNED | {"dropout": 0.3, "dropout_at": ("decoder",)}),
}
