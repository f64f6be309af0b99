"""Measure the tone of a face as the picture shows it, and look up the tone it was drawn with.

Apparent tone is the color of the skin's pixels. It mixes skin, light and camera, and says nothing
about a person. Only the kit's own faces have a drawn tone.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import color
from ..arrays import Lab, LabCode
from . import decoding, faces, manifest
from .splits import Split

# Where crops show skin that are aligned to the eyes (on average row 52, columns 40 and 72) and the
# mouth. Hair, a hat, or the background beside a turned head covers one of these boxes now and then,
# and rarely two. Brows, eyes, glasses, lips and most beards lie outside.
BOXES = {
    "forehead": np.s_[20:34, 44:68],
    "left cheek": np.s_[62:74, 32:43],
    "right cheek": np.s_[62:74, 69:80],
    "nose": np.s_[58:70, 51:61],
}
# Around the lower lip of a face that looks ahead. For 91 in 100 of the kit's faces, this box is
# redder than their skin.
LIPS = np.s_[91:98, 50:62]
MIDDLE = 50  # L of a middle grey, the zero of ITA
# Groups of ITA, and the limits between them in degrees: Chardon et al. 1991, Del Bino and Bernerd
# 2013
ITA_GROUPS = ("very light", "light", "intermediate", "tan", "brown", "dark")
ITA_LIMITS = (55, 41, 28, 10, -30)
HUE_GROUPS = ("redder", "yellower")
HUE_LIMIT = 55  # degrees; Thong et al. 2023
# Degrees at which hue angles start. This is opposite to skin's 60, so hardly any face lies where
# -120 and 240 meet.
HUE_CUT = -120
DRAWN_GROUPS = ("Monk 1-2", "Monk 3-4", "Monk 5-6", "Monk 7-8", "Monk 9-10")
TABLE = "ground_truth.csv"  # beside the pictures in a zip of the kit's own faces


def skin(lab: LabCode) -> Lab:
    """Measure the color of each face's skin, as it appears in the picture.

    Channel by channel, this is the median over BOXES of each box's median. A single box that shows
    no skin changes it little, whatever that box shows. (A mask over mouth and nose covers three and
    is taken for skin; 14 of the kit's 2,000 people wear one.)

    Args:
        lab: the faces, (N, 112, 112, 3); crops aligned as DigiFace-1M's are.

    Returns:
        CIELAB, (N, 3).

    Example:
        >>> import numpy as np
        >>> skin(np.full((2, 112, 112, 3), 128, np.uint8)).round().tolist()
        [[50.0, 0.0, 0.0], [50.0, 0.0, 0.0]]
    """
    medians = [_median_color(lab, box) for box in BOXES.values()]
    return color.from_storage(np.median(medians, axis=0))  # (4, N, 3) to (N, 3)


def lips(lab: LabCode) -> Lab:
    """Measure the color of each face's lips, roughly.

    For an open mouth or a turned head, the box shows something else too.

    Args:
        lab: the faces, (N, 112, 112, 3); crops aligned as DigiFace-1M's are.

    Returns:
        CIELAB, (N, 3): the median in LIPS, channel by channel.

    Example:
        >>> import numpy as np
        >>> lips(np.full((2, 112, 112, 3), 128, np.uint8)).shape
        (2, 3)
    """
    return color.from_storage(_median_color(lab, LIPS))


def _median_color(lab: LabCode, box: tuple[slice, slice]) -> np.ndarray:
    """Compute the median code of each channel in a box of each face: (N, 3)."""
    rows, columns = box
    pixels = lab[:, rows, columns].reshape(len(lab), -1, 3)  # (N, pixels, 3)
    return np.median(pixels, axis=1)


def ita(skin: NDArray[np.floating]) -> np.ndarray:
    """Compute the individual typology angle: the higher, the lighter (Chardon et al. 1991).

    The formula is arctan((L - 50) / b*). In blue light, skin can have b* below 0, where the formula
    would turn the darkest into the lightest. There b* counts as 0, which gives the ends of the
    scale.

    Args:
        skin: colors of skin, CIELAB, (..., 3).

    Returns:
        float (...), degrees, -90 to 90.

    Example:
        >>> import numpy as np
        >>> ita(np.array([[70.0, 10, 20], [30, 10, 20]])).tolist()
        [45.0, -45.0]
    """
    return np.degrees(np.arctan2(skin[..., 0] - MIDDLE, np.maximum(skin[..., 2], 0)))


def hue(skin: NDArray[np.floating]) -> np.ndarray:
    """Compute the hue angle of a* and b*: 0 for red, 90 for yellow.

    For nearly grey skin it is a matter of chance.

    Args:
        skin: colors of skin, CIELAB, (..., 3).

    Returns:
        float (...), degrees, from -120 up to 240.

    Example:
        >>> import numpy as np
        >>> hue(np.array([[50.0, 9, 9], [50, 0, 9]])).tolist()
        [45.0, 90.0]
    """
    degrees = np.degrees(np.arctan2(skin[..., 2], skin[..., 1]))
    return (degrees - HUE_CUT) % 360 + HUE_CUT


def by_ita(degrees: np.ndarray) -> NDArray[np.str_]:
    """Return the ITA group of each angle, one of ITA_GROUPS, for an array of any shape.

    An angle on a limit belongs to the darker group.

    Example:
        >>> import numpy as np
        >>> by_ita(np.array([60, 41, -31])).tolist()
        ['very light', 'intermediate', 'dark']
    """
    return np.array(ITA_GROUPS)[np.digitize(degrees, ITA_LIMITS, right=True)]


def by_hue(degrees: np.ndarray) -> NDArray[np.str_]:
    """Return the hue group of each angle, one of HUE_GROUPS, for an array of any shape.

    An angle of 55 degrees belongs to "yellower".

    Example:
        >>> import numpy as np
        >>> by_hue(np.array([54, 55])).tolist()
        ['redder', 'yellower']
    """
    return np.array(HUE_GROUPS)[np.digitize(degrees, [HUE_LIMIT])]


def by_drawn(tones: np.ndarray) -> NDArray[np.str_]:
    """Return the group of each drawn tone, one of DRAWN_GROUPS, for an array of any shape.

    Example:
        >>> import numpy as np
        >>> by_drawn(np.array([1, 2, 10])).tolist()
        ['Monk 1-2', 'Monk 1-2', 'Monk 9-10']
    """
    return np.array(DRAWN_GROUPS)[(tones - 1) // 2]


def drawn(split: Split) -> NDArray[np.int_] | None:
    """Look up the tone that each face was drawn with.

    The number of an identity proves nothing, because DigiFace-1M has the same numbers. So the
    pictures themselves are compared with those in faces.zip.

    Returns:
        int (N,), 1 (lightest) to 10 on the Monk scale; None unless every picture is one of the
        kit's own.
    """
    path = manifest.fetch("faces", manifest.ask)
    tones = _read_tones(path)
    people = set(split.identities)
    if not people <= tones.keys():
        return None
    own = _load_pictures(path, people)
    if not _fingerprints(split) <= _fingerprints(own):
        return None
    return np.array([tones[identity] for identity in split.identities])


def five_lights() -> tuple[Split, NDArray[np.int_]]:
    """Load the kit's 100 held-out people, each in five lights and one pose.

    Returns:
        The 500 pictures, the five of each person together; and the tone that each picture's person
        was drawn with, int (500,), 1 to 10.
    """
    path = manifest.fetch("five_lights", manifest.ask)
    tones = _read_tones(path)
    split = _load_pictures(path, tones)
    return split, np.array([tones[identity] for identity in split.identities])


def _read_tones(path: Path) -> dict[str, int]:
    """Read the drawn tone of each identity from the table in a zip of the kit's own faces."""
    with zipfile.ZipFile(path) as archive, archive.open(TABLE) as table:
        rows = csv.DictReader(io.TextIOWrapper(table, "utf-8"))
        return {row["identity"]: int(row["monk_tone"]) for row in rows}


def _load_pictures(path: Path, identities: Iterable[str]) -> Split:
    """Load all pictures of these people, person by person."""
    known = faces.index_faces([path]).identities
    members = [member for identity in identities for member in known[identity]]
    chunks = [chunk for _, chunk in decoding.decoded({"": members}, processes=1)]
    return Split(
        np.concatenate([chunk.lab for chunk in chunks]),
        np.concatenate([chunk.identities for chunk in chunks]),
    )


def _fingerprints(split: Split) -> set[tuple[str, bytes]]:
    """Return, for each picture, who it shows and a hash of its pixels."""
    return {
        (str(identity), hashlib.sha256(lab.tobytes()).digest())
        for identity, lab in zip(split.identities, split.lab, strict=True)
    }
