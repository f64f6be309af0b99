"""Faces as an old photograph shows them: what a model gets to see is a damaged L, what it must say is the true color.

Where a face is moved or resized its truth moves with it; nothing else changes the truth.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .. import color
from ..errors import KitError
from . import damage
from .splits import Split


class Strength(NamedTuple):
    """One kind of damage: the most that may be asked for, and its unit."""

    most: float
    unit: str


STRENGTHS = {
    "shift": Strength(40, "pixels off center"),
    "zoom": Strength(1, "larger or smaller by this share"),
    "defocus": Strength(10, "radius of the blur, pixels"),
    "vignette": Strength(1, "share of light lost in the corners"),
    "grain": Strength(50, "standard deviation, units of L"),
    "fade": Strength(1, "share of contrast lost"),
    "marks": Strength(200, "scratches and specks"),
}


@dataclass(frozen=True)
class Damage:
    """How old a photograph is to look. Each strength is 0 for none; `damage` says exactly what each one does.

    Attributes:
        plate: one of damage.PLATES.
        shift: pixels.
        zoom: a share, 0.2 for 1.2 times as large or as small.
        defocus: radius, pixels.
        vignette: the share of light lost in the corners.
        grain: standard deviation at L = 50, units of L.
        fade: the share of contrast lost.
        marks: how many scratches and specks, a whole number.

    Raises:
        KitError: no such plate, or a strength that is no number from 0 to its most.
    """

    plate: str = "panchromatic"
    shift: float = 0.0
    zoom: float = 0.0
    defocus: float = 0.0
    vignette: float = 0.0
    grain: float = 0.0
    fade: float = 0.0
    marks: int = 0

    def __post_init__(self):
        if self.plate not in damage.PLATES:
            raise KitError(f"plate={self.plate!r} is unknown: one of {', '.join(damage.PLATES)}")
        for name, (most, unit) in STRENGTHS.items():
            value = getattr(self, name)
            number = isinstance(value, int if name == "marks" else int | float) and not isinstance(
                value, bool
            )
            if not number or not 0 <= value <= most:
                raise KitError(
                    f"{name}={value!r}: wanted {'a whole number' if name == 'marks' else 'a number'}, 0 to {most} ({unit})"
                )


WORN = Damage(
    shift=6, zoom=0.15, defocus=2.0, vignette=0.5, grain=8.0, fade=0.5, marks=12
)  # up to which training goes


@dataclass(frozen=True)
class OldPhotos(Split):
    """A split of which a model is shown something else than its L.

    Wherever a split can be judged, this can: `lab`, `ab` and `rgb` are the truth, and so pictures are compared with the predicted color
    on the true lightness. An error is one of color.

    Attributes:
        shown: uint8 (N, 112, 112, 1), L as the photographs have it, as its storage code.
    """

    shown: np.ndarray

    @property
    def L(self) -> np.ndarray:
        """Model input: uint8 (N, 112, 112, 1), `shown`."""
        return self.shown


def photograph(
    lab: np.ndarray, how: Damage, stream: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Take an old photograph of one face: frame, plate, lens, grain, and then what time does to the print.

    What is drawn for one kind of damage does not depend on how strong the others are. (A blur and a plate both add up light, so that it
    makes no difference which comes first.)

    Args:
        lab: uint8 (H, W, 3), CIELAB as storage code.
        how: the plate and the strengths.
        stream: of random numbers.

    Returns:
        What is shown, uint8 (H, W, 1), L as storage code; and the face in the same frame, uint8 (H, W, 3), the truth.
    """
    lab = damage.reframe(lab, how.shift, how.zoom, stream)
    L = damage.defocus(damage.plate_lightness(lab, how.plate), how.defocus)
    L = damage.grain(damage.vignette(L, how.vignette), how.grain, stream)
    L = damage.mark(
        damage.fade(L, how.fade), how.marks, stream
    )  # last: the more marks, the more is drawn
    return np.round(np.clip(L, 0, 100) * color.L_SCALE).astype(np.uint8)[..., None], lab


def age(split: Split, how: Damage, seed: int = 0) -> OldPhotos:
    """Take an old photograph of every face of a split.

    Args:
        split: the faces.
        how: the plate and the strengths, the same for all.
        seed: with the number of a face in the split it decides what is random.
    """
    shown, lab = _stack(
        photograph(lab, how, np.random.default_rng([seed, number]))
        for number, lab in enumerate(split.lab)
    )
    return OldPhotos(lab, split.identities, shown)


def age_randomly(
    split: Split, rows: np.ndarray, most: Damage, seed: int, epoch: int
) -> tuple[np.ndarray, np.ndarray]:
    """Take a photograph of some faces, each in a way of its own and another in every epoch, to train on.

    Args:
        split: the faces.
        rows: int (B,), their numbers in it.
        most: each strength is drawn evenly from 0 up to this one's, and the plate from all three.
        seed, epoch: with the number of a face they decide all that is random, whatever batch it is in.

    Returns:
        What is shown, uint8 (B, 112, 112, 1), and the truth, uint8 (B, 112, 112, 3), as storage code.
    """
    streams = [np.random.default_rng([seed, epoch, number]) for number in rows]
    return _stack(
        photograph(split.lab[number], _draw(most, stream), stream)
        for number, stream in zip(rows, streams, strict=True)
    )


def _draw(most: Damage, stream: np.random.Generator) -> Damage:
    strengths = {
        name: stream.uniform(0, getattr(most, name)) for name in STRENGTHS if name != "marks"
    }
    return Damage(
        str(stream.choice(list(damage.PLATES))),
        marks=int(stream.integers(most.marks + 1)),
        **strengths,
    )


def _stack(taken: Iterable[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """What `photograph` gives of several faces, each half in one array."""
    shown, lab = zip(*taken, strict=True)
    return np.stack(shown), np.stack(lab)
