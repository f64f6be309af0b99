"""State how much work a lesson does. `COLORKIT_PROFILE` selects a profile, else the device does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .errors import KitError


class Budget(NamedTuple):
    """How long something trains: on the first `images` faces (None: all), for `epochs` passes."""

    images: int | None
    epochs: int


@dataclass(frozen=True)
class Profile:
    """The numbers of a profile.

    Attributes:
        name: smoke, demo, class, paper or full.
        faces: number of identities in the splits; None for all there are.
        batch_size: faces per step.
        default: budget of every model that isn't in `budgets`.
        compare: budget of each side of the small comparisons inside the lessons.
        fine_tune: whether lesson 3's main run and the GAN train the ResNet-50 encoder, too. On a
            CPU a step then takes several times as long.
        budgets: budgets of single models, by name.
    """

    name: str
    faces: int | None
    batch_size: int
    default: Budget
    compare: Budget
    fine_tune: bool
    budgets: Mapping[str, Budget] = field(default_factory=dict, hash=False)

    def budget(self, model: str) -> Budget:
        """Return how long a model trains, by its name in models.REGISTRY."""
        return self.budgets.get(model, self.default)

    @property
    def cnn(self) -> Budget:
        """Return the budget of the report's CNN. Lessons 2.6 and 6.5."""
        return self.budget("cnn")

    @property
    def resnet(self) -> Budget:
        """Return the budget of the report's ResNet-50 model."""
        return self.budget("resnet")

    @property
    def gan(self) -> Budget:
        """Return the budget of the report's GAN."""
        return self.budget("gan")

    @property
    def unet(self) -> Budget:
        """Return the budget of the U-Net. Lessons 6.5 and 7.2."""
        return self.budget("unet")


# Every line of every lesson runs; nothing is learned.
SMOKE = Profile(
    "smoke",
    faces=96,
    batch_size=8,
    default=Budget(16, 1),
    compare=Budget(16, 1),
    fine_tune=False,
    budgets={"cnn": Budget(24, 1), "unet": Budget(24, 1)},
)

# A machine without a GPU: learning is visible.
DEMO = Profile(
    "demo",
    faces=None,
    batch_size=16,
    default=Budget(480, 4),
    compare=Budget(48, 3),
    fine_tune=False,
    budgets={"cnn": Budget(800, 4), "unet": Budget(None, 6)},
)

# A Colab GPU: good pictures inside a lesson.
CLASS = Profile(
    "class",
    faces=None,
    batch_size=32,
    default=Budget(None, 20),
    compare=Budget(48, 5),
    fine_tune=True,
    budgets={"cnn": Budget(None, 30), "unet": Budget(None, 30)},
)

# The report's own: 20,000 training faces (`prepare --limit 25000`), 50 epochs.
PAPER = Profile(
    "paper",
    faces=25_000,
    batch_size=64,
    default=Budget(None, 50),
    compare=Budget(48, 5),
    fine_tune=True,
)

# All of DigiFace-1M part 2.
FULL = Profile(
    "full",
    faces=None,
    batch_size=128,
    default=Budget(None, 20),
    compare=Budget(48, 5),
    fine_tune=True,
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
