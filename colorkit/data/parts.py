"""Read one file of a split: the pictures of some faces, and who they show."""

from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from ..arrays import LabCode
from ..errors import KitError, first_line, unreadable
from . import faces, pickles


class Part(TypedDict):
    """The content of one split file: pictures, (n, 112, 112, 3), and who they show, (n,)."""

    lab: LabCode
    identities: NDArray[np.str_]


def read_part(path: Path) -> Part:
    """Open one verified part with the restricted unpickler and check what it holds.

    Raises:
        KitError: it can't be read, or it holds anything but the arrays of a split.
    """
    try:
        with open(path, "rb") as stream:
            part = pickles.load_pickle(stream)
        lab = part["lab"]
        identities = part["identities"]
        good = lab.dtype == np.uint8 and lab.shape[1:] == (faces.SIZE, faces.SIZE, 3)
        good = good and identities.dtype.kind == "U" and identities.shape == lab.shape[:1]
    except OSError as bad:
        raise unreadable(path, bad) from None
    except Exception as bad:  # a hostile pickle can fail in any way; every way is refused
        raise KitError(f"{path} is not a split of this kit: {first_line(bad)}") from None
    if not good:
        raise KitError(
            f"{path} is not a split of this kit: expected uint8 (N, 112, 112, 3) and identities"
        )
    return part


def wrong_count(folder: Path, name: str, found: int, expected: int) -> KitError:
    """Return the error about a split that holds another number of faces than its manifest says."""
    return KitError(
        f"{folder}: {name} holds {found:,} faces, but its manifest says {expected:,}: "
        "run `prepare` again"
    )
