"""From faces to splits: pictures chosen, decoded, converted and written as train, val and test.

A split is a pickle of `dict(lab=uint8 (N, 112, 112, 3), identities=array (N,))`, or several such parts of at most 256 MB,
beside a `manifest.json` with the SHA-256 and the size of every file.
"""

import contextlib
import itertools
import operator
import pickle
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .. import files
from ..errors import KitError
from . import decoding, faces

SPLIT_NAMES = ("train", "val", "test")
SHARES = (0.8, 0.1, 0.1)
PART = re.compile(rf"({'|'.join(SPLIT_NAMES)})(-\d+)?\.pkl")  # the file of a split, or a part of it
SPLITS_MANIFEST = "manifest.json"
FORMAT = 1
PART_BYTES = 256 * 10**6  # a part loads and travels well on a free Colab machine
IMAGE_BYTES = faces.SIZE * faces.SIZE * 3
UNFINISHED = ".unfinished-"  # how folders are named, beside the splits, in which new ones grow
STALE = 3600  # seconds without a new file after which such a folder is that of a process that was killed


def cut(
    identities: Iterable[str], seed: int = 0, limit: int | None = None
) -> tuple[list[str], list[str], list[str]]:
    """Split identities into 80 % to train, 10 % to validate, 10 % to test. Who is named more than once (by each picture) counts once.

    They are ordered by the SHA-256 of (seed, identity): random, and yet the same on every machine and for every NumPy. The first `limit`
    of that order are taken.
    """
    order = sorted(set(identities), key=lambda identity: files.sha256_of(seed, identity))[:limit]
    first, second = round(len(order) * SHARES[0]), round(len(order) * (SHARES[0] + SHARES[1]))
    return order[:first], order[first:second], order[second:]


def choose(
    index: faces.Index, seed: int = 0, per_identity: int = 1, limit: int | None = None
) -> dict[str, list[faces.Member]]:
    """Decide, before any decoding, which pictures go where: identities by `cut`, pictures of an identity by the SHA-256 of (seed, name).

    Raises:
        KitError: fewer than 10 identities, so that a split would be empty.
    """
    groups = cut(index.identities, seed, limit)
    if (count := sum(map(len, groups))) < 10:
        raise KitError(
            f"{count} identities are too few to split 80/10/10: give a source (or --limit) of 10 or more"
        )

    def pictures(identity: str) -> list[faces.Member]:
        return sorted(
            index.identities[identity], key=lambda member: files.sha256_of(seed, member.name)
        )[:per_identity]

    return {
        name: [m for identity in group for m in pictures(identity)]
        for name, group in zip(SPLIT_NAMES, groups, strict=True)
    }


def build_splits(
    sources: list[Path],
    out: Path,
    per_identity: int = 1,
    seed: int = 0,
    limit: int | None = None,
    max_bad: float = 0.01,
    processes: int | None = None,
) -> dict:
    """Read faces, convert them to CIELAB and write the three splits and their manifest into `out`.

    The files grow in a folder beside the old splits and replace them only when all are whole. Memory: three parts at most.

    Args:
        sources: zips or folders in DigiFace-1M's layout.
        out: folder of the splits.
        per_identity: pictures of each identity.
        seed: of the order of identities and pictures.
        limit: identities to use; None uses all.
        max_bad: share of pictures that may be unusable.
        processes: that decode; None decides by the number of pictures. The splits do not depend on it.

    Returns:
        The manifest: settings, counts, skipped pictures, and each file's SHA-256 and bytes.

    Raises:
        KitError: no faces, too few, none of a split usable, or more than the share `max_bad` of them unusable (nothing is replaced then).
    """
    index = faces.index_faces(sources)
    chosen = choose(index, seed, per_identity, limit)
    total = sum(map(len, chosen.values()))
    report = {"transparent_pixels": 0, "skipped": []}

    def checked() -> Iterator[tuple[str, decoding.Chunk]]:
        with tqdm(total=total, desc="faces", disable=None) as bar:
            for name, chunk in decoding.decoded(chosen, processes):
                report["transparent_pixels"] += chunk.transparent
                report["skipped"] += chunk.bad
                if (
                    len(report["skipped"]) / total > max_bad
                ):  # not `> max_bad * total`: 0.29 * 100 is below 29
                    count, first = len(report["skipped"]), report["skipped"][0]
                    raise KitError(
                        f"{count} or more of {total} pictures can't be used (more than --max-bad {max_bad:g}); the first: {first}"
                    )
                bar.update(len(chunk.identities) + len(chunk.bad))
                yield name, chunk

    growing = _new_folder(out)
    try:
        with contextlib.closing(checked()) as chunks:  # when writing fails, decoding must end
            entries = _write(growing, chunks)
        if empty := [name for name, entry in entries.items() if not entry["images"]]:
            raise KitError(
                f"no picture of the {empty[0]} split can be used; the first: {report['skipped'][0]}"
            )
        settings = {
            "sources": [s.name for s in sources],
            "seed": seed,
            "per_identity": per_identity,
            "limit": limit,
        }
        result = {
            "format": FORMAT,
            "settings": settings,
            "ignored_files": index.ignored,
            **report,
            "splits": entries,
        }
        replace(growing, out, result)
    finally:
        shutil.rmtree(growing, ignore_errors=True)
    return result


def _new_folder(out: Path) -> Path:
    """A folder of this very call: another `prepare` may be at work beside it. What killed ones left behind is removed."""
    out.mkdir(parents=True, exist_ok=True)
    for left in out.glob(f"{UNFINISHED}*"):
        if time.time() - left.stat().st_mtime > STALE:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=out))


def _write(folder: Path, chunks: Iterator[tuple[str, decoding.Chunk]]) -> dict[str, dict]:
    """Write the splits, each in parts where it is large; return their entries in the manifest."""
    written: dict[str, list[Future[dict]]] = {name: [] for name in SPLIT_NAMES}
    last: Future | None = None
    with ThreadPoolExecutor(1) as disk:  # which writes a part while the next one is decoded
        for name, group in itertools.groupby(chunks, key=operator.itemgetter(0)):
            for lab, identities in _parts(chunk for _, chunk in group):
                if last and len(identities) == PART_BYTES // IMAGE_BYTES:
                    last.result()  # so that few full parts wait in memory when the disk is slow
                path = folder / f"{name}-{len(written[name]):02d}.pkl"
                last = disk.submit(_write_part, path, lab, identities)
                written[name].append(last)
    return {
        name: _entry(folder, name, [part.result() for part in parts])
        for name, parts in written.items()
    }


def _parts(chunks: Iterable[decoding.Chunk]) -> Iterator[tuple[np.ndarray, list[str]]]:
    """The faces of chunks in arrays as large as a part may be, the last one shorter: at least one, be it empty."""
    step = PART_BYTES // IMAGE_BYTES
    lab, identities, first = _room(step), [], True
    for chunk in chunks:
        taken = 0
        while taken < len(chunk.identities):
            count = min(step - len(identities), len(chunk.identities) - taken)
            lab[len(identities) : len(identities) + count] = chunk.lab[taken : taken + count]
            identities += chunk.identities[taken : taken + count]
            taken += count
            if len(identities) == step:
                yield lab, identities
                lab, identities, first = _room(step), [], False
    if identities or first:
        yield lab[: len(identities)], identities


def _room(count: int) -> np.ndarray:
    return np.empty((count, faces.SIZE, faces.SIZE, 3), np.uint8)


def _write_part(path: Path, lab: np.ndarray, identities: list[str]) -> dict:
    with files.atomic_open(path) as stream:
        pickle.dump({"lab": lab, "identities": np.array(identities, dtype=str)}, stream, protocol=5)
    return {
        "images": len(identities),
        "name": path.name,
        "sha256": files.sha256(path),
        "bytes": path.stat().st_size,
    }


def _entry(folder: Path, name: str, parts: list[dict]) -> dict:
    """A split's entry; the file of one that fits into one part has no number."""
    if len(parts) == 1:
        (folder / parts[0]["name"]).rename(folder / f"{name}.pkl")
        parts[0]["name"] = f"{name}.pkl"
    return {"images": sum(part.pop("images") for part in parts), "files": parts}


def replace(growing: Path, out: Path, manifest: dict) -> None:
    """Put new files in the place of old ones. The old manifest goes first, the new one comes last: no mixture is taken for splits."""
    (out / SPLITS_MANIFEST).unlink(missing_ok=True)
    for old in list(out.iterdir()):
        if PART.fullmatch(old.name):
            old.unlink()
    for path in growing.glob("*.pkl"):
        path.replace(out / path.name)
    files.write_json(out / SPLITS_MANIFEST, manifest)
