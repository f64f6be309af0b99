"""Remember whom a run was trained on, so that nobody is judged whom it knows by heart.

Only hashes are kept: 16 bytes a face, and no names.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..data.splits import Split

HASH_BYTES = 8  # a chance of 1 in 10^11 that two of 20,000 and 2,500 faces share a hash
STRIDE = 8  # every 8th row and column tells pictures apart, and 80,000 are hashed in a second


class Seen(NamedTuple):
    """How many people of a split a run was trained on.

    Attributes:
        people: number of people that it was trained on.
        namesakes: number of people who only have the names of such people. Most sources number
            theirs from 0, so where no picture is the same, these are others.
        of: number of all people of the split.
    """

    people: int
    namesakes: int
    of: int


@dataclass(frozen=True, eq=False)
class TrainedOn:
    """The training faces of a run.

    Attributes:
        faces: number of faces in an epoch.
        people: hash of each person's name, uint64, each once.
        pictures: hash of each picture, uint64, each once.
    """

    faces: int
    people: NDArray[np.uint64]
    pictures: NDArray[np.uint64]

    @classmethod
    def of(cls, split: Split) -> "TrainedOn":
        """Hash the faces of a split."""
        return cls(len(split), np.unique(_people(split)), np.unique(_pictures(split)))

    def with_earlier(self, earlier: "TrainedOn | None") -> "TrainedOn":
        """Add the people that the run was trained on before."""
        if earlier is None:
            return self
        return TrainedOn(
            self.faces,
            np.union1d(self.people, earlier.people),
            np.union1d(self.pictures, earlier.pictures),
        )

    def seen_in(self, split: Split) -> Seen:
        """Count the people of a split who are among these.

        Names count only if at least one picture is the same, too; then the splits come from one
        source, and a person may have another picture here than there.
        """
        same_picture = np.isin(_pictures(split), self.pictures)  # (N,)
        same_name = np.isin(_people(split), self.people)  # (N,)
        people = _count(split, same_picture | same_name)
        of = len(np.unique(split.identities))
        return Seen(people, 0, of) if same_picture.any() else Seen(0, people, of)

    def to_json(self) -> dict[str, Any]:
        """Return what a checkpoint stores."""
        return {
            "faces": self.faces,
            "people": _encode(self.people),
            "pictures": _encode(self.pictures),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "TrainedOn":
        """Undo `to_json`."""
        return cls(value["faces"], _decode(value["people"]), _decode(value["pictures"]))


def _people(split: Split) -> NDArray[np.uint64]:
    """Hash the name of each picture's person, (N,)."""
    return _hash(str(name).encode("utf-8", "surrogatepass") for name in split.identities)


def _pictures(split: Split) -> NDArray[np.uint64]:
    """Hash each picture, (N,)."""
    return _hash(picture.tobytes() for picture in split.lab[:, ::STRIDE, ::STRIDE])


def _hash(parts: Iterable[bytes]) -> NDArray[np.uint64]:
    """Compute the first bytes of the SHA-256 of each part."""
    joined = b"".join(hashlib.sha256(part).digest()[:HASH_BYTES] for part in parts)
    return np.frombuffer(joined, "<u8").astype(np.uint64)


def _count(split: Split, chosen: NDArray[np.bool_]) -> int:
    """Count the people of the chosen pictures."""
    return len(np.unique(split.identities[chosen]))


def _encode(hashes: NDArray[np.uint64]) -> str:
    return base64.b64encode(hashes.astype("<u8").tobytes()).decode()


def _decode(text: str) -> NDArray[np.uint64]:
    return np.frombuffer(base64.b64decode(text, validate=True), "<u8").astype(np.uint64)
