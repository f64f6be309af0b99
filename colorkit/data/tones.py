"""The tone of a face: apparent in the picture, and, for the kit's own faces, as it was drawn.

Apparent tone is the color of the skin's pixels, which is skin, light and camera at once. It says nothing about a person.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from .. import color
from . import decoding, faces, manifest
from .splits import Split

# Where crops aligned to the eyes (row 52, columns 40 and 72 on average) and the mouth show skin. Hair, a hat, or the background beside a
# turned head covers one of these now and then, rarely two; brows, eyes, glasses, lips and most beards lie outside.
BOXES = {
    "forehead": np.s_[20:34, 44:68],
    "left cheek": np.s_[62:74, 32:43],
    "right cheek": np.s_[62:74, 69:80],
    "nose": np.s_[58:70, 51:61],
}
# around the lower lip of a face that looks ahead; of the kit's faces, 91 in 100 are redder there than their skin
LIPS = np.s_[91:98, 50:62]
MIDDLE = 50  # ITA's zero: the L of a middle grey
ITA_GROUPS = ("very light", "light", "intermediate", "tan", "brown", "dark")
ITA_LIMITS = (
    55,
    41,
    28,
    10,
    -30,
)  # degrees, between those groups; Chardon et al. 1991, Del Bino and Bernerd 2013
HUE_LIMIT = 55  # degrees; Thong et al. 2023
HUE_GROUPS = ("redder", "yellower")
HUE_CUT = (
    -120
)  # degrees: opposite to skin's 60, so that hardly any face lies where 360 degrees begin anew
DRAWN_GROUPS = ("Monk 1-2", "Monk 3-4", "Monk 5-6", "Monk 7-8", "Monk 9-10")
TABLE = "ground_truth.csv"  # beside the pictures in a zip of the kit's own faces


def skin(lab: np.ndarray) -> np.ndarray:
    """The color of a face's skin, as it appears in the picture.

    Args:
        lab: uint8 (N, 112, 112, 3), CIELAB as storage code; crops aligned as DigiFace-1M's are.

    Returns:
        float32 (N, 3), CIELAB: the median over the boxes of each box's median, channel by channel. One box that shows no skin moves it
        little, whatever it shows. (A mask before mouth and nose covers three and is taken for skin; 14 of the kit's 2,000 people have one.)
    """
    boxes = [
        np.median(lab[:, rows, columns].reshape(len(lab), -1, 3), axis=1)
        for rows, columns in BOXES.values()
    ]
    return color.from_storage(np.median(boxes, axis=0))


def lips(lab: np.ndarray) -> np.ndarray:
    """The color of a face's lips, roughly: of an open mouth or a turned head the box shows something else too.

    Args:
        lab: uint8 (N, 112, 112, 3), CIELAB as storage code; crops aligned as DigiFace-1M's are.

    Returns:
        float32 (N, 3), CIELAB: the median in LIPS, channel by channel.
    """
    rows, columns = LIPS
    return color.from_storage(np.median(lab[:, rows, columns].reshape(len(lab), -1, 3), axis=1))


def ita(skin: np.ndarray) -> np.ndarray:
    """Individual typology angle: the higher, the lighter (Chardon et al. 1991).

    Args:
        skin: float (..., 3), CIELAB.

    Returns:
        float (...), degrees, -90 to 90: arctan((L - 50) / b*). Skin in blue light can have b* below 0, where that formula would turn the
        darkest into the lightest; b* counts as 0 there, which gives the ends of the scale.
    """
    return np.degrees(np.arctan2(skin[..., 0] - MIDDLE, np.maximum(skin[..., 2], 0)))


def hue(skin: np.ndarray) -> np.ndarray:
    """The hue angle of a* and b*: 0 for red, 90 for yellow. Of nearly grey skin it is chance.

    Args:
        skin: float (..., 3), CIELAB.

    Returns:
        float (...), degrees, -120 up to 240.
    """
    return (np.degrees(np.arctan2(skin[..., 2], skin[..., 1])) - HUE_CUT) % 360 + HUE_CUT


def by_ita(degrees: np.ndarray) -> np.ndarray:
    """The ITA group, one of ITA_GROUPS: brown is above -30 and up to 10, and so on. Degrees to str, any shape."""
    return np.array(ITA_GROUPS)[np.digitize(degrees, ITA_LIMITS, right=True)]


def by_hue(degrees: np.ndarray) -> np.ndarray:
    """The hue group, one of HUE_GROUPS: yellower from 55 degrees on. Degrees to str, any shape."""
    return np.array(HUE_GROUPS)[np.digitize(degrees, [HUE_LIMIT])]


def by_drawn(tones: np.ndarray) -> np.ndarray:
    """The pair of neighbouring tones, one of DRAWN_GROUPS. Tones 1 to 10 to str, any shape."""
    return np.array(DRAWN_GROUPS)[(tones - 1) // 2]


def drawn(split: Split) -> np.ndarray | None:
    """The tone that each face was drawn with.

    Returns:
        int (N,), 1 (lightest) to 10 on the Monk scale; None unless every picture is one of the kit's own, in faces.zip. (The number of an
        identity proves nothing: DigiFace-1M has the same numbers.)
    """
    path = manifest.fetch("faces", manifest.ask)
    tones = _tones(path)
    if not set(split.identities) <= tones.keys():
        return None
    own = _pictures(path, set(split.identities))
    if not _marks(split) <= _marks(own):
        return None
    return np.array([tones[identity] for identity in split.identities])


def five_lights() -> tuple[Split, np.ndarray]:
    """The kit's 100 held-out people, each in five lights and one pose.

    Returns:
        The 500 pictures, five of each person after another, and the tone that each picture's person was drawn with, int (500,), 1 to 10.
    """
    path = manifest.fetch("five_lights", manifest.ask)
    tones = _tones(path)
    split = _pictures(path, tones)
    return split, np.array([tones[identity] for identity in split.identities])


def _tones(path: Path) -> dict[str, int]:
    """Identity -> drawn tone, from the table in a zip of the kit's own faces."""
    with zipfile.ZipFile(path) as archive, archive.open(TABLE) as table:
        return {
            row["identity"]: int(row["monk_tone"])
            for row in csv.DictReader(io.TextIOWrapper(table, "utf-8"))
        }


def _pictures(path: Path, identities: Iterable[str]) -> Split:
    """All pictures of these people, person by person."""
    known = faces.index_faces([path]).identities
    chunks = [
        chunk
        for _, chunk in decoding.decoded(
            {"": [member for identity in identities for member in known[identity]]}, processes=1
        )
    ]
    return Split(
        np.concatenate([chunk.lab for chunk in chunks]),
        np.concatenate([chunk.identities for chunk in chunks]),
    )


def _marks(split: Split) -> set[tuple[str, bytes]]:
    """Who is shown, and a hash of the picture."""
    return {
        (str(identity), hashlib.sha256(lab.tobytes()).digest())
        for identity, lab in zip(split.identities, split.lab, strict=True)
    }
