"""Turn faces into splits: choose pictures, decode and convert them, and write train, val and test.

A split is a pickle of `dict(lab=uint8 (N, 112, 112, 3), identities=array (N,))`, or several such
parts of at most 256 MB. `splits_manifest` describes the manifest beside them.
"""

import contextlib
import itertools
import operator
import pickle
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from .. import files
from ..arrays import LabCode
from ..errors import KitError
from ..machine import console, disk, interrupts
from . import decoding, faces, out_folder
from .splits_manifest import FORMAT, SPLIT_NAMES, SplitEntry, SplitsManifest

SHARES = (0.8, 0.1, 0.1)
PART_BYTES = 256 * 10**6  # a part loads and travels well on a free Colab machine
IMAGE_BYTES = faces.SIZE * faces.SIZE * 3


def cut(
    identities: Iterable[str], seed: int = 0, limit: int | None = None
) -> tuple[list[str], list[str], list[str]]:
    """Split identities into 80 % for training, 10 % for validation and 10 % for test. Lesson 1.3.

    They are sorted by the SHA-256 of (seed, identity). That order is random, yet the same on every
    machine and for every NumPy.

    Args:
        identities: names of the people. One that occurs several times (once per picture) is counted
            once.
        seed: another seed gives another order.
        limit: number of identities to take, from the start of that order; None takes all.

    Example:
        >>> train, val, test = cut([str(number) for number in range(30)])
        >>> len(train), val, test
        (24, ['26', '10', '11'], ['4', '18', '22'])
    """
    order = sorted(set(identities), key=lambda identity: files.sha256_of(seed, identity))
    order = order[:limit]
    first = round(len(order) * SHARES[0])
    second = round(len(order) * (SHARES[0] + SHARES[1]))
    return order[:first], order[first:second], order[second:]


def choose(
    index: faces.Index, seed: int = 0, per_identity: int = 1, limit: int | None = None
) -> dict[str, list[faces.Member]]:
    """Decide which pictures go into which split, before any is decoded.

    `cut` splits the identities. The pictures of an identity are sorted by the SHA-256 of
    (seed, label), and the first ones are taken.

    Raises:
        KitError: fewer than 10 identities, so that a split would be empty.
    """
    groups = cut(index.identities, seed, limit)
    count = sum(map(len, groups))
    if count < 10:
        raise KitError(
            f"{count} identities are too few to split 80/10/10: "
            "give a source (or --limit) of 10 or more"
        )
    chosen: dict[str, list[faces.Member]] = {name: [] for name in SPLIT_NAMES}
    for name, group in zip(SPLIT_NAMES, groups, strict=True):
        for identity in group:
            members = index.identities[identity]
            order = sorted(members, key=lambda member: files.sha256_of(seed, member.label))
            chosen[name] += order[:per_identity]
    return chosen


@dataclass
class Tally:
    """What decoding has met so far.

    Attributes:
        total: number of pictures that were chosen.
        max_bad: share of them that may be unusable.
        transparent_pixels: number of pixels that were not opaque.
        skipped: a line for each picture that can't be used.
    """

    total: int
    max_bad: float
    transparent_pixels: int = 0
    skipped: list[str] = field(default_factory=list)

    def add(self, chunk: decoding.Chunk) -> None:
        """Count a chunk.

        Raises:
            KitError: too many pictures are unusable.
        """
        self.transparent_pixels += chunk.transparent
        self.skipped += chunk.bad
        count = len(self.skipped)
        if count / self.total > self.max_bad:  # not `> max_bad * total`: 0.29 * 100 is below 29
            raise KitError(
                f"{count} or more of {self.total} pictures can't be used "
                f"(more than --max-bad {self.max_bad:g}); the first: {self.skipped[0]}"
            )


def build_splits(
    sources: list[Path],
    out: Path,
    per_identity: int = 1,
    seed: int = 0,
    limit: int | None = None,
    max_bad: float = 0.01,
    processes: int | None = None,
) -> SplitsManifest:
    """Read faces, convert them to CIELAB, and write the three splits and their manifest.

    The files grow in a folder beside the old splits and replace them only when all are whole. At
    most three parts are in memory. Lines on stderr name the pictures that are passed over.

    Args:
        sources: zips or folders in DigiFace-1M's layout.
        out: folder of the splits.
        per_identity: number of pictures of each identity.
        seed: seed of the order of identities and pictures.
        limit: number of identities to use; None uses all.
        max_bad: share of the pictures that may be unusable.
        processes: number of processes that decode; None decides by the number of pictures. The
            splits do not depend on it.

    Returns:
        The manifest that was written.

    Raises:
        KitError: no faces, too few, none of a split usable, or more than the share `max_bad` of
            them unusable; or `out` can't be written or has no room. Nothing is replaced then.
    """
    with out_folder.growing(out) as growing:
        index = faces.index_faces(sources)
        console.complain(*index.notes)
        chosen = choose(index, seed, per_identity, limit)
        tally = Tally(sum(map(len, chosen.values())), max_bad)
        disk.require_room(out, tally.total * IMAGE_BYTES, "the splits")
        # closed explicitly: when writing fails, decoding must end
        with contextlib.closing(_counted(chosen, processes, tally)) as chunks:
            counts = {name: len(members) for name, members in chosen.items()}
            entries = _write(growing, chunks, counts)
        _refuse_empty(entries, tally)
        manifest: SplitsManifest = {
            "format": FORMAT,
            "settings": {
                "sources": [source.name for source in sources],
                "seed": seed,
                "per_identity": per_identity,
                "limit": limit,
            },
            "ignored_files": index.ignored,
            "transparent_pixels": tally.transparent_pixels,
            "skipped": tally.skipped,
            "splits": entries,
        }
        out_folder.replace(growing, out, manifest)
    return manifest


def _counted(
    chosen: dict[str, list[faces.Member]], processes: int | None, tally: Tally
) -> Generator[tuple[str, decoding.Chunk], None, None]:
    """Decode the chosen pictures in chunks, count them in `tally`, and show the progress."""
    with tqdm(total=tally.total, desc="faces", disable=None) as bar:
        for name, chunk in decoding.decoded(chosen, processes):
            tally.add(chunk)
            bar.update(len(chunk.identities) + len(chunk.bad))
            yield name, chunk


def _refuse_empty(entries: dict[str, SplitEntry], tally: Tally) -> None:
    """Raise KitError where no picture of a split can be used."""
    for name, entry in entries.items():
        if not entry["images"]:
            raise KitError(
                f"no picture of the {name} split can be used; the first: {tally.skipped[0]}"
            )


class Part(NamedTuple):
    """The faces of one file: their pictures, (n, 112, 112, 3), and who they show."""

    lab: LabCode
    identities: list[str]


def _write(
    folder: Path, chunks: Iterator[tuple[str, decoding.Chunk]], counts: dict[str, int]
) -> dict[str, SplitEntry]:
    """Write the splits, large ones in parts.

    Args:
        folder: where the parts are written.
        chunks: the name of a split and some of its faces, in order.
        counts: largest number of faces of each split.

    Returns:
        The splits' entries in the manifest.
    """
    written: dict[str, list[Future[SplitEntry]]] = {name: [] for name in SPLIT_NAMES}
    last: Future[SplitEntry] | None = None
    writer = ThreadPoolExecutor(1)  # writes a part while the next one is decoded
    try:
        for name, group in itertools.groupby(chunks, key=operator.itemgetter(0)):
            for part in _parts((chunk for _, chunk in group), counts[name]):
                if last and len(part.identities) == _faces_per_part():
                    last.result()  # so that few full parts wait in memory when the disk is slow
                path = folder / f"{name}-{len(written[name]):02d}.pkl"
                last = writer.submit(_write_part, path, part)
                written[name].append(last)
        entries = {name: [part.result() for part in parts] for name, parts in written.items()}
    finally:
        # Ctrl-C must not end this wait: what is still written would make the removed folder anew
        with interrupts.held():
            writer.shutdown(cancel_futures=True)
    return {name: _join_entries(folder, name, parts) for name, parts in entries.items()}


def _parts(chunks: Iterable[decoding.Chunk], left: int) -> Iterator[Part]:
    """Collect the faces of chunks in parts as large as a file may be; the last one is shorter.

    Memory is taken for no more than `left` faces: the most that are still to come.
    """
    size = _faces_per_part()
    part = _new_part(min(size, left))
    for chunk in chunks:
        taken = 0
        while taken < len(chunk.identities):
            filled = len(part.identities)
            count = min(size - filled, len(chunk.identities) - taken)
            part.lab[filled : filled + count] = chunk.lab[taken : taken + count]
            part.identities.extend(chunk.identities[taken : taken + count])
            taken += count
            if len(part.identities) == size:
                yield part
                left -= size
                part = _new_part(min(size, left))
    if part.identities:
        yield Part(part.lab[: len(part.identities)], part.identities)


def _faces_per_part() -> int:
    """Return how many faces fit into one file."""
    return PART_BYTES // IMAGE_BYTES


def _new_part(size: int) -> Part:
    """Return a part with room for `size` faces and none in it."""
    return Part(np.empty((size, faces.SIZE, faces.SIZE, 3), np.uint8), [])


def _write_part(path: Path, part: Part) -> SplitEntry:
    """Write a part to its file; return the entry of a split that is this part alone."""
    content = {"lab": part.lab, "identities": np.array(part.identities, dtype=str)}
    with disk.writing(path.parent.parent), files.atomic_open(path) as stream:
        pickle.dump(content, stream, protocol=5)
    size = path.stat().st_size
    return {
        "images": len(part.identities),
        "files": [{"name": path.name, "sha256": files.sha256(path), "bytes": size}],
    }


def _join_entries(folder: Path, name: str, parts: list[SplitEntry]) -> SplitEntry:
    """Join the entries of a split's parts; a file that is the only one loses its number."""
    entries = [entry for part in parts for entry in part["files"]]
    if len(entries) == 1:
        with disk.writing(folder.parent):
            (folder / entries[0]["name"]).rename(folder / f"{name}.pkl")
        entries[0]["name"] = f"{name}.pkl"
    return {"images": sum(part["images"] for part in parts), "files": entries}
