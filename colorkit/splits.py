"""The train, val and test splits: chosen, written, verified, loaded.

A split is a pickle of `dict(lab=uint8 (N, 112, 112, 3), identities=array (N,))`, or several such parts of at most 256 MB,
beside a `manifest.json` with the SHA-256 and the size of every file. A pickle can run any code when it is opened, so a file is opened
only after its hash matched, and then by the unpickler of `pickles`, which refuses all but plain arrays.
"""

import json
import os
import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from . import color, faces, files, manifest, pickles
from .errors import KitError

NAMES = ("train", "val", "test")
SHARES = (0.8, 0.1, 0.1)
MANIFEST = "manifest.json"
FORMAT = 1
PART_BYTES = 256 * 10**6  # a part loads and travels well on a free Colab machine
IMAGE_BYTES = faces.SIZE * faces.SIZE * 3


@dataclass(frozen=True)
class Split:
    """Faces in storage code.

    Attributes:
        lab: uint8 (N, 112, 112, 3), CIELAB in the storage code (color.to_storage).
        identities: str array (N,), who is shown.
    """

    lab: np.ndarray
    identities: np.ndarray

    def __len__(self) -> int:
        return len(self.lab)

    @property
    def L(self) -> np.ndarray:
        """Model input: uint8 (N, 112, 112, 1), L as its storage code 0..255."""
        return self.lab[..., :1]

    @property
    def ab(self) -> np.ndarray:
        """What a model must predict: float32 (N, 112, 112, 2), a* and b* in CIELAB units."""
        return self.lab[..., 1:].astype(np.float32) - color.AB_SHIFT

    @property
    def rgb(self) -> np.ndarray:
        """The pictures: uint8 (N, 112, 112, 3), sRGB."""
        return color.lab_to_rgb(color.from_storage(self.lab))

    def take(self, count: int | None) -> "Split":
        """The first `count` faces (the order is already random); None takes all."""
        return Split(self.lab[:count], self.identities[:count])


def choose(index: faces.Index, seed: int = 0, per_identity: int = 1, limit: int | None = None) -> dict[str, list[faces.Member]]:
    """Decide, before any decoding, which pictures go where.

    Identities are ordered by the SHA-256 of (seed, identity), pictures of an identity by that of (seed, name): random, and yet the same on
    every machine and for every NumPy. The first 80 % of the identities train, then 10 % each.

    Raises:
        KitError: fewer than 10 identities, so that a split would be empty.
    """
    order = sorted(index.identities, key=lambda identity: files.sha256_of(seed, identity))[:limit]
    if len(order) < 10:
        raise KitError(f"{len(order)} identities are too few to split 80/10/10: give a source (or --limit) of 10 or more")
    first, second = round(len(order) * SHARES[0]), round(len(order) * (SHARES[0] + SHARES[1]))
    groups = (order[:first], order[first:second], order[second:])

    def pictures(identity: str) -> list[faces.Member]:
        return sorted(index.identities[identity], key=lambda member: files.sha256_of(seed, member.name))[:per_identity]

    return {name: [m for identity in group for m in pictures(identity)] for name, group in zip(NAMES, groups, strict=True)}


def build(sources: list[Path], out: Path, per_identity: int = 1, seed: int = 0, limit: int | None = None, max_bad: float = 0.01) -> dict:
    """Read faces, convert them to CIELAB and write the three splits and their manifest into `out`.

    Returns:
        The manifest: settings, counts, skipped pictures, and each file's SHA-256 and bytes.

    Raises:
        KitError: no faces, too few, or more than the share `max_bad` of them unusable (nothing is replaced then).
    """
    index = faces.index(sources)
    chosen = choose(index, seed, per_identity, limit)
    loaded = {name: _load_faces(members, name) for name, members in chosen.items()}
    bad = [line for split in loaded.values() for line in split["skipped"]]
    total = sum(map(len, chosen.values()))
    if len(bad) > max_bad * total:
        raise KitError(f"{len(bad)} of {total} pictures can't be used (more than --max-bad {max_bad:g}); the first: {bad[0]}")
    result = {
        "format": FORMAT,
        "settings": {"sources": [s.name for s in sources], "seed": seed, "per_identity": per_identity, "limit": limit},
        "ignored_files": index.ignored,
        "transparent_pixels": sum(split["transparent"] for split in loaded.values()),
        "skipped": bad,
        "splits": {name: _write(out, name, split["split"]) for name, split in loaded.items()},
    }
    files.write_json(out / MANIFEST, result)
    return result


def _load_faces(members: list[faces.Member], name: str) -> dict:
    """Decode the members into one array in storage code; list the bad ones instead of stopping."""
    lab = np.empty((len(members), faces.SIZE, faces.SIZE, 3), np.uint8)
    identities, skipped, transparent = [], [], 0
    for member, face in tqdm(faces.read(members), total=len(members), desc=f"{name} faces", disable=None):
        if isinstance(face, faces.BadFaceError):
            skipped.append(f"{member.source.name}:{member.name}: {face}")
            continue
        lab[len(identities)] = color.to_storage(color.rgb_to_lab(face.rgb))
        identities.append(member.name.split("/")[0])
        transparent += face.transparent
    split = Split(lab[: len(identities)], np.array(identities, dtype=str))
    return {"split": split, "skipped": skipped, "transparent": transparent}


def _write(out: Path, name: str, split: Split) -> dict:
    """Write one split, in parts where it is large; return its entry in the manifest."""
    step = PART_BYTES // IMAGE_BYTES
    starts = range(0, len(split), step)
    entries = []
    for number, start in enumerate(starts):
        path = out / (f"{name}.pkl" if len(starts) == 1 else f"{name}-{number:02d}.pkl")
        part = slice(start, start + step)
        with files.atomic_open(path) as stream:
            pickle.dump({"lab": split.lab[part], "identities": split.identities[part]}, stream, protocol=5)
        entries.append({"name": path.name, "sha256": files.sha256(path), "bytes": path.stat().st_size})
    return {"images": len(split), "files": entries}


def read_manifest(folder: Path) -> dict:
    """The manifest of the splits in `folder`.

    Raises:
        KitError: there is none, or it can't be read.
    """
    path = folder / MANIFEST
    if not path.exists():
        raise KitError(f"no splits in {folder}: make them with `python -m colorkit prepare --out {folder}`")
    try:
        manifest = json.loads(path.read_bytes())
        known = _is_manifest(manifest)
    except (ValueError, KeyError, TypeError, AttributeError):
        known = False
    if not known:
        raise KitError(f"{path} is no manifest of this kit (format {FORMAT}): run `prepare` again")
    return manifest


def _is_manifest(value: dict) -> bool:
    """Whether it has all that loading asks of it; may raise as a look into any other value would."""
    entries = [entry for split in value["splits"].values() for entry in split["files"]]
    counted = all(split["images"] >= 0 for split in value["splits"].values())
    named = all(entry.keys() >= {"name", "sha256", "bytes"} for entry in entries)
    return value["format"] == FORMAT and set(value["splits"]) == set(NAMES) and counted and named


def verify(folder: Path) -> list[str]:
    """Check every file of the splits against the manifest; return a line for each.

    Raises:
        KitError: a file is missing or differs.
    """
    entries = [entry for split in read_manifest(folder)["splits"].values() for entry in split["files"]]
    for entry in entries:
        _verify_file(folder, entry)
    return [f"{entry['name']}: {entry['bytes']:,} bytes, sha256 {entry['sha256'][:12]}... as in the manifest" for entry in entries]


def _verify_file(folder: Path, entry: dict) -> Path:
    path = folder / os.path.basename(entry["name"])
    if not path.exists():
        raise KitError(f"{path} is missing: run `prepare` again, or copy it anew")
    if path.stat().st_size != entry["bytes"] or files.sha256(path) != entry["sha256"]:
        raise KitError(f"{path} differs from its manifest: it is damaged or another file; run `prepare` again, or copy it anew")
    return path


def load(folder: Path, name: str) -> Split:
    """Load a split whose files match their manifest.

    Raises:
        KitError: a file is missing, differs from the manifest, or holds anything but the arrays of a split.
    """
    entry = read_manifest(folder)["splits"][name]
    lab = np.empty((entry["images"], faces.SIZE, faces.SIZE, 3), np.uint8)
    identities, filled = [], 0
    for file in entry["files"]:
        part = _unpickle(_verify_file(folder, file))
        stop = filled + len(part["lab"])
        if stop > len(lab) or len(part["identities"]) != len(part["lab"]):
            raise KitError(f"{folder / file['name']} holds other counts than its manifest says: run `prepare` again")
        lab[filled:stop] = part["lab"]
        identities.append(part["identities"])
        filled = stop
    if filled != len(lab):
        raise KitError(f"{folder}: {name} holds {filled} faces where its manifest says {len(lab)}: run `prepare` again")
    return Split(lab, np.concatenate(identities))


def _unpickle(path: Path) -> dict:
    """Open one verified part with the restricted unpickler and check what it holds."""
    try:
        part = pickles.loads(path.read_bytes())
        good = part["lab"].dtype == np.uint8 and part["lab"].shape[1:] == (faces.SIZE, faces.SIZE, 3)
        good = good and part["identities"].dtype.kind == "U" and part["identities"].ndim == 1
    except Exception as bad:  # a hostile pickle can fail in any way; whatever it was, it is refused
        raise KitError(f"{path} is not a split of this kit: {bad}") from None
    if not good:
        raise KitError(f"{path} is not a split of this kit: wanted uint8 (N, 112, 112, 3) and identities")
    return part


def ensure(folder: Path, source: str = "faces", limit: int | None = None, rebuild: bool = False) -> tuple[Split, Split, Split]:
    """Load train, val and test from `folder`; where there are none yet, make them first. Says which.

    Args:
        folder: of the splits.
        source: "faces" for the kit's own, or the path of a zip or folder in DigiFace-1M's layout.
        limit: identities to use when they are made.
        rebuild: make them anew even where there are some.
    """
    if rebuild or not (folder / MANIFEST).exists():
        zips = [manifest.fetch(source, accept=lambda licence: False) if source in manifest.entries() else Path(source)]
        build(zips, folder, limit=limit)
        print("splits made", end=": ")
    else:
        print("splits found", end=": ")
    train, val, test = (load(folder, name) for name in NAMES)
    print(f"{len(train):,} faces to train, {len(val):,} to validate, {len(test):,} to test")
    return train, val, test


def digest(folder: Path) -> str:
    """SHA-256 over the hashes of the training and validation files: changes when any face in them does."""
    manifest = read_manifest(folder)["splits"]
    return files.sha256_of([entry["sha256"] for name in ("train", "val") for entry in manifest[name]["files"]])
