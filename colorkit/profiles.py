"""How much work a lesson does. `COLORKIT_PROFILE` selects a profile; otherwise the device does (environment.py)."""

from dataclasses import dataclass
from typing import NamedTuple

from .errors import KitError


class Budget(NamedTuple):
    """How long something trains: on the first `images` training faces (None: all of them), for `epochs` passes."""

    images: int | None
    epochs: int


@dataclass(frozen=True)
class Profile:
    """The numbers of a profile.

    Attributes:
        name: smoke, demo, class, paper or full.
        faces: identities that the splits are made of; None for all there are.
        batch_size: faces a step.
        cnn, resnet, gan, unet: budgets of the models.
        fine_tune: whether the ResNet-50 encoder is trained too in lesson 03's main run and in the GAN. On a CPU a step takes several
            times as long then.
        compare: budget of each side of the small comparisons inside the lessons.
    """

    name: str
    faces: int | None
    batch_size: int
    cnn: Budget
    resnet: Budget
    gan: Budget
    unet: Budget
    fine_tune: bool
    compare: Budget


PROFILES = {
    profile.name: profile
    for profile in (
        # every line of every lesson runs, nothing is learned
        Profile(
            "smoke",
            96,
            8,
            Budget(24, 1),
            Budget(16, 1),
            Budget(16, 1),
            Budget(24, 1),
            False,
            Budget(16, 1),
        ),
        # a machine with no GPU: learning is visible
        Profile(
            "demo",
            None,
            16,
            Budget(800, 4),
            Budget(480, 4),
            Budget(480, 4),
            Budget(None, 6),
            False,
            Budget(48, 3),
        ),
        # a Colab GPU: good pictures inside a lesson
        Profile(
            "class",
            None,
            32,
            Budget(None, 30),
            Budget(None, 20),
            Budget(None, 20),
            Budget(None, 30),
            True,
            Budget(48, 5),
        ),
        # the report's own: 20,000 training faces (`prepare --limit 25000`), 50 epochs
        Profile(
            "paper",
            25_000,
            64,
            Budget(None, 50),
            Budget(None, 50),
            Budget(None, 50),
            Budget(None, 50),
            True,
            Budget(48, 5),
        ),
        # all of DigiFace-1M part 2
        Profile(
            "full",
            None,
            128,
            Budget(None, 20),
            Budget(None, 20),
            Budget(None, 20),
            Budget(None, 20),
            True,
            Budget(48, 5),
        ),
    )
}


def get(name: str) -> Profile:
    """The profile of that name.

    Raises:
        KitError: there is none.
    """
    if name not in PROFILES:
        raise KitError(
            f"profile {name!r} is unknown: one of {', '.join(PROFILES)} (COLORKIT_PROFILE or --profile)"
        )
    return PROFILES[name]
