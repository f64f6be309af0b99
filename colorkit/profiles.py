"""Say how much work a lesson does.

`COLORKIT_PROFILE` selects a profile; otherwise the device does (machine/environment.py).
"""

from dataclasses import dataclass
from typing import NamedTuple

from .errors import KitError


class Budget(NamedTuple):
    """How long a model trains.

    Attributes:
        images: how many training faces it sees, the first of the split; None for all of them.
        epochs: passes over them.
    """

    images: int | None
    epochs: int


@dataclass(frozen=True)
class Profile:
    """The numbers of a profile.

    Attributes:
        name: smoke, demo, class, paper or full.
        faces: number of identities in the splits; None for all there are.
        batch_size: faces a step.
        cnn, resnet, gan, unet: budgets of the models.
        fine_tune: whether the main run of lesson 3 and the GAN also train the ResNet-50 encoder.
            On a CPU, a step takes several times as long then.
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


SMOKE = Profile(  # every line of every lesson runs, nothing is learned
    name="smoke",
    faces=96,
    batch_size=8,
    cnn=Budget(24, 1),
    resnet=Budget(16, 1),
    gan=Budget(16, 1),
    unet=Budget(24, 1),
    fine_tune=False,
    compare=Budget(16, 1),
)
DEMO = Profile(  # a machine with no GPU: learning is visible
    name="demo",
    faces=None,
    batch_size=16,
    cnn=Budget(800, 4),
    resnet=Budget(480, 4),
    gan=Budget(480, 4),
    unet=Budget(None, 6),
    fine_tune=False,
    compare=Budget(48, 3),
)
CLASS = Profile(  # a Colab GPU: good pictures inside a lesson
    name="class",
    faces=None,
    batch_size=32,
    cnn=Budget(None, 30),
    resnet=Budget(None, 20),
    gan=Budget(None, 20),
    unet=Budget(None, 30),
    fine_tune=True,
    compare=Budget(48, 5),
)
PAPER = Profile(  # the report's own: 20,000 training faces (`prepare --limit 25000`), 50 epochs
    name="paper",
    faces=25_000,
    batch_size=64,
    cnn=Budget(None, 50),
    resnet=Budget(None, 50),
    gan=Budget(None, 50),
    unet=Budget(None, 50),
    fine_tune=True,
    compare=Budget(48, 5),
)
FULL = Profile(  # all of DigiFace-1M part 2
    name="full",
    faces=None,
    batch_size=128,
    cnn=Budget(None, 20),
    resnet=Budget(None, 20),
    gan=Budget(None, 20),
    unet=Budget(None, 20),
    fine_tune=True,
    compare=Budget(48, 5),
)

PROFILES = {profile.name: profile for profile in (SMOKE, DEMO, CLASS, PAPER, FULL)}


def get(name: str) -> Profile:
    """Return the profile of that name.

    Raises:
        KitError: there is no such profile.

    Example:
        >>> get("smoke").faces
        96
    """
    if name not in PROFILES:
        names = ", ".join(PROFILES)
        raise KitError(
            f"profile {name!r} is unknown: one of {names} (COLORKIT_PROFILE or --profile)"
        )
    return PROFILES[name]
