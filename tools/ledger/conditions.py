"""Define what is trained for the ledger, at two sizes.

Within a size every run sees the same number of faces in all, so no difference is one of budget.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

SEEDS = (0, 1, 2)
NAIVE = 0.1 / 128**2  # what a lambda of 0.1 on a*/128, b*/128 is in CIELAB units squared


class Size(NamedTuple):
    """How much is trained, always on the first training faces.

    Attributes:
        profile: profile that gives the batch size, and whether ResNet-50's encoder is trained.
        seen: faces that a run sees in all; on fewer faces it trains for more epochs.
        main: faces of the usual run.
        few: faces of a run that can learn them by heart.
        most: faces of the largest run for claim 16.
    """

    profile: str
    seen: int
    main: int
    few: int
    most: int


SIZES = {
    "demo": Size("demo", seen=1920, main=240, few=96, most=960),
    "class": Size("class", seen=48_000, main=1600, few=400, most=1600),
}


class Condition(NamedTuple):
    """What one model is trained on, and with which settings.

    Attributes:
        model: name of the model.
        faces: the size's field that says how many faces, "main", "few" or "most".
        share: share of these faces.
        settings: settings that are changed.
    """

    model: str
    faces: str = "main"
    share: float = 1
    settings: Mapping[str, Any] = MappingProxyType({})  # a NamedTuple's default is shared

    def images(self, size: Size) -> int:
        """Return the number of training faces."""
        return round(getattr(size, self.faces) * self.share)

    def epochs(self, size: Size) -> int:
        """Return the number of passes over them."""
        return size.seen // self.images(size)


TUNED = {"fine_tune": True}

CONDITIONS = {
    "cnn": Condition("cnn"),
    "resnet": Condition("resnet"),
    "gan": Condition("gan"),
    "cnn, conv": Condition("cnn", settings={"head": "conv"}),
    "cnn, relu": Condition("cnn", settings={"head": "relu"}),
    "cnn, an eighth of the faces": Condition("cnn", "most", 1 / 8),
    "cnn, a quarter of the faces": Condition("cnn", "most", 1 / 4),
    "cnn, half the faces": Condition("cnn", "most", 1 / 2),
    "cnn, all faces": Condition("cnn", "most"),
    "cnn, few": Condition("cnn", "few"),
    "cnn, few, no normalization": Condition("cnn", "few", settings={"batch_norm": False}),
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
    "resnet, few": Condition("resnet", "few", settings=TUNED),
    "resnet, few, dropout at the bottleneck": Condition(
        "resnet", "few", settings=TUNED | {"dropout": 0.3}
    ),
    "resnet, few, dropout in the decoder": Condition(
        "resnet", "few", settings=TUNED | {"dropout": 0.3, "dropout_at": ("decoder",)}
    ),
}
