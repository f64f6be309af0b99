"""Show faces as old photographs do: a model sees a damaged L and must predict the true color.

Where a face is moved or resized, its truth moves with it. Nothing else changes the truth.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .. import color
from ..arrays import LabCode, LCode
from ..errors import KitError
from . import damage
from .splits import Split


class Strength(NamedTuple):
    """One kind of damage: the largest strength that may be asked for, and its unit."""

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
    """How old a photograph looks. Lessons 7.6 and 7.7.

    Each strength is 0 for no damage; the functions of `damage` say exactly what each one does.

    Attributes:
        plate: one of damage.PLATES.
        shift: distance in pixels.
        zoom: a share, 0.2 for 1.2 times as large or as small.
        defocus: radius in pixels.
        vignette: share of light lost in the corners.
        grain: standard deviation at L = 50, in units of L.
        fade: share of contrast lost.
        marks: number of scratches and specks.

    Raises:
        KitError: the plate is unknown, or a strength is not a number from 0 to its largest.

    Example:
        >>> Damage(plate="orthochromatic", grain=5).grain
        5
    """

    plate: str = "panchromatic"
    shift: float = 0.0
    zoom: float = 0.0
    defocus: float = 0.0
    vignette: float = 0.0
    grain: float = 0.0
    fade: float = 0.0
    marks: int = 0

    def __post_init__(self) -> None:
        if self.plate not in damage.PLATES:
            raise KitError(f"plate={self.plate!r} is unknown: one of {', '.join(damage.PLATES)}")
        for name, (most, unit) in STRENGTHS.items():
            value = getattr(self, name)
            kinds = int if name == "marks" else int | float
            is_number = isinstance(value, kinds) and not isinstance(value, bool)
            if not is_number or not 0 <= value <= most:
                number = "a whole number" if name == "marks" else "a number"
                raise KitError(f"{name}={value!r}: expected {number}, 0 to {most} ({unit})")


# the strongest damage in training
WORN = Damage(shift=6, zoom=0.15, defocus=2.0, vignette=0.5, grain=8.0, fade=0.5, marks=12)


@dataclass(frozen=True)
class OldPhotos(Split):
    """A split of which a model is shown something else than its L.

    It can be judged wherever a split can be judged: `lab`, `ab` and `rgb` are the truth. Pictures
    are therefore compared with the predicted color on the true lightness, and an error is an error
    of color alone.

    Attributes:
        shown: what the model sees, (N, 112, 112, 1): the L of the photographs.
    """

    shown: LCode

    @property
    def L(self) -> LCode:
        """Return the model input, (N, 112, 112, 1): `shown`."""
        return self.shown


class Photograph(NamedTuple):
    """An old photograph of one face or of several, and the truth in the same frame.

    Attributes:
        shown: what a model sees, (H, W, 1), or (N, H, W, 1) for several.
        lab: the true colors, (H, W, 3), or (N, H, W, 3) for several.
    """

    shown: LCode
    lab: LabCode


def photograph(lab: LabCode, how: Damage, stream: np.random.Generator) -> Photograph:
    """Take an old photograph of one face: frame, plate, lens, grain, then damage to the print.

    The random numbers of one kind of damage do not depend on the strength of the others. (A blur
    and a plate both add up light, so their order makes no difference.)

    Args:
        lab: the face, (H, W, 3).
        how: the plate and the strengths.
        stream: source of the random numbers.
    """
    lab = damage.reframe(lab, how.shift, how.zoom, stream)
    L = damage.plate_lightness(lab, how.plate)  # (H, W)
    L = damage.defocus(L, how.defocus)
    L = damage.vignette(L, how.vignette)
    L = damage.grain(L, how.grain, stream)
    L = damage.fade(L, how.fade)
    # marks come last: they alone take more random numbers the stronger they are
    L = damage.mark(L, how.marks, stream)
    shown = np.round(np.clip(L, 0, 100) * color.L_SCALE).astype(np.uint8)
    return Photograph(shown[..., None], lab)


def age(split: Split, how: Damage, seed: int = 0) -> OldPhotos:
    """Take an old photograph of every face of a split. Lessons 7.6 and 7.7.

    Args:
        split: the faces.
        how: the plate and the strengths, the same for all.
        seed: seed of everything random, together with a face's number in the split.

    Example:
        >>> age(val, Damage(grain=8)).L.shape  # doctest: +SKIP
        (200, 112, 112, 1)
    """
    photographs = (
        photograph(lab, how, np.random.default_rng([seed, number]))
        for number, lab in enumerate(split.lab)
    )
    shown, lab = _stack(photographs)
    return OldPhotos(lab, split.identities, shown)


def age_randomly(split: Split, rows: np.ndarray, most: Damage, seed: int, epoch: int) -> Photograph:
    """Photograph some faces to train on, each with its own damage, and a new one in each epoch.

    Args:
        split: the faces.
        rows: int (B,), the faces' numbers in the split.
        most: upper limits. Each strength is drawn evenly between 0 and its limit; the plate may be
            any of the three.
        seed, epoch: together with a face's number they decide everything random, whatever batch the
            face is in.
    """
    photographs = []
    for number in rows:
        stream = np.random.default_rng([seed, epoch, number])
        photographs.append(photograph(split.lab[number], _draw_damage(most, stream), stream))
    return _stack(photographs)


def _draw_damage(most: Damage, stream: np.random.Generator) -> Damage:
    """Draw a plate, and each strength evenly between 0 and its limit."""
    strengths = {
        name: stream.uniform(0, getattr(most, name)) for name in STRENGTHS if name != "marks"
    }
    plate = str(stream.choice(list(damage.PLATES)))
    marks = int(stream.integers(most.marks + 1))
    return Damage(plate, marks=marks, **strengths)


def _stack(photographs: Iterable[Photograph]) -> Photograph:
    """Stack the photographs of several faces into one pair of arrays."""
    shown, lab = zip(*photographs, strict=True)
    return Photograph(np.stack(shown), np.stack(lab))
