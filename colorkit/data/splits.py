"""The train, val and test splits: verified and loaded (`building` makes them and says what is in their files).

A pickle can run any code when it is opened, so a file is opened only after its hash matched, and then by the unpickler of `pickles`,
which refuses all but plain arrays.
"""

import functools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from .. import color, files
from ..errors import KitError
from ..machine import drive
from . import drive_copy, faces, manifest, pickles, prepare
from .prepare import FORMAT, IMAGE_BYTES, SPLIT_NAMES, SPLITS_MANIFEST

CHOICES = {
    "per_identity": 1,
    "seed": 0,
    "limit": None,
}  # what `prepare.build_splits` may be asked to choose, and its defaults


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
        ab = self.lab[..., 1:].astype(np.float32)
        ab -= color.AB_SHIFT  # in place: of all of DigiFace-1M's this is 8 GB
        return ab

    @property
    def rgb(self) -> np.ndarray:
        """The pictures: uint8 (N, 112, 112, 3), sRGB."""
        return color.lab_to_rgb(color.from_storage(self.lab))

    def take(self, count: int | None) -> "Split":
        """The first `count` faces (the order is already random); None takes all."""
        return type(self)(*(getattr(self, field.name)[:count] for field in fields(self)))


def read_manifest(folder: Path) -> dict:
    """The manifest of the splits in `folder`.

    Raises:
        KitError: there is none, or it can't be read.
    """
    drive.require_sight(folder)
    path = folder / SPLITS_MANIFEST
    if not path.exists():
        raise KitError(
            f"no splits in {folder}: make them with `python -m colorkit prepare --out {folder}`"
        )
    try:
        found = json.loads(path.read_bytes())
        known = _is_manifest(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        known = False
    if not known:
        raise KitError(f"{path} is no manifest of this kit (format {FORMAT}): run `prepare` again")
    return found


def _is_manifest(value: dict) -> bool:
    """Whether it has all that loading asks of it; may raise as a look into any other value would."""
    entries = [entry for split in value["splits"].values() for entry in split["files"]]
    counted = all(
        type(split["images"]) is int and split["images"] > 0 and split["files"]
        for split in value["splits"].values()
    )
    named = all(
        type(entry["name"]) is type(entry["sha256"]) is str and type(entry["bytes"]) is int
        for entry in entries
    )
    return (
        value["format"] == FORMAT and set(value["splits"]) == set(SPLIT_NAMES) and counted and named
    )


def verify_splits(folder: Path) -> list[str]:
    """Check every file of the splits against the manifest; return a line for each.

    Raises:
        KitError: a file is missing or differs.
    """
    entries = [
        entry for split in read_manifest(folder)["splits"].values() for entry in split["files"]
    ]
    for entry in entries:
        _verify_file(folder, entry)
    return [
        f"{entry['name']}: {entry['bytes']:,} bytes, sha256 {entry['sha256'][:12]}... as in the manifest"
        for entry in entries
    ]


def _verify_file(folder: Path, entry: dict) -> Path:
    path = folder / os.path.basename(entry["name"])
    if not path.exists():
        raise KitError(f"{path} is missing: run `prepare` again, or copy it anew")
    if path.stat().st_size != entry["bytes"] or files.sha256(path) != entry["sha256"]:
        raise KitError(
            f"{path} differs from its manifest: it is damaged or another file; run `prepare` again, or copy it anew"
        )
    return path


def _verified(folder: Path, entries: list[dict]) -> Iterator[Path]:
    """The paths of files, each once it is verified; while one is being loaded the next are hashed already."""
    with ThreadPoolExecutor(1) as hashing:
        try:
            yield from hashing.map(functools.partial(_verify_file, folder), entries)
        finally:
            hashing.shutdown(cancel_futures=True)


def load_split(folder: Path, name: str) -> Split:
    """Load a split whose files match their manifest.

    Raises:
        KitError: a file is missing, differs from the manifest, or holds anything but the arrays of a split.
    """
    entry = read_manifest(folder)["splits"][name]
    try:
        lab = np.empty((entry["images"], faces.SIZE, faces.SIZE, 3), np.uint8)
    except (MemoryError, ValueError):
        gigabytes = entry["images"] * IMAGE_BYTES / 1e9
        raise KitError(
            f"{folder}: {name} takes {gigabytes:,.1f} GB, more than this machine gives: prepare fewer with --limit"
        ) from None
    identities, filled = [], 0
    for path in _verified(folder, entry["files"]):
        part = _unpickle(path)
        stop = filled + len(part["lab"])
        if stop > len(lab) or len(part["identities"]) != len(part["lab"]):
            raise KitError(f"{path} holds other counts than its manifest says: run `prepare` again")
        lab[filled:stop] = part["lab"]
        identities.append(part["identities"])
        filled = stop
    if filled != len(lab):
        raise KitError(
            f"{folder}: {name} holds {filled} faces where its manifest says {len(lab)}: run `prepare` again"
        )
    return Split(lab, np.concatenate(identities))


def _unpickle(path: Path) -> dict:
    """Open one verified part with the restricted unpickler and check what it holds."""
    try:
        with open(path, "rb") as stream:
            part = pickles.load_pickle(stream)
        good = part["lab"].dtype == np.uint8 and part["lab"].shape[1:] == (
            faces.SIZE,
            faces.SIZE,
            3,
        )
        good = good and part["identities"].dtype.kind == "U" and part["identities"].ndim == 1
    except Exception as bad:  # a hostile pickle can fail in any way; whatever it was, it is refused
        raise KitError(f"{path} is not a split of this kit: {bad}") from None
    if not good:
        raise KitError(
            f"{path} is not a split of this kit: wanted uint8 (N, 112, 112, 3) and identities"
        )
    return part


def load_splits(
    folder: Path, source: str = "faces", limit: int | None = None, rebuild: bool = False
) -> tuple[Split, Split, Split]:
    """Load train, val and test from `folder`; where there are none yet, make or fetch them first. Says which.

    Args:
        folder: of the splits.
        source: "faces" for the kit's own, another name in data_manifest.json, or the path of a zip or folder in DigiFace-1M's layout.
        limit: identities to use when they are made; shared splits are taken whole.
        rebuild: make them anew even where there are some.
    """
    drive.require_sight(folder)
    if rebuild or not (folder / SPLITS_MANIFEST).exists():
        prepare_splits([source], folder, manifest.ask, limit=None if _is_shared(source) else limit)
        print("splits made", end=": ")
    else:
        print("splits found", end=": ")
    train, val, test = (load_split(local_copy(folder), name) for name in SPLIT_NAMES)
    print(f"{len(train):,} faces to train, {len(val):,} to validate, {len(test):,} to test")
    return train, val, test


def prepare_splits(
    sources: list[str], out: Path, accept: Callable[[str], bool], **settings
) -> dict:
    """Make splits from named sources or from zips and folders, or fetch splits that a teacher shares; return their manifest.

    Args:
        sources: names in data_manifest.json, or paths.
        out: folder of the splits.
        accept: asked with the licence of a source that wants consent.
        settings: of `prepare.build_splits`.

    Raises:
        KitError: what `manifest.fetch` and `prepare.build_splits` raise.
    """
    drive.require_sight(out)
    known = manifest.groups()
    if any(map(_is_shared, sources)):
        if len(sources) > 1 or any(
            settings.get(name, default) != default for name, default in CHOICES.items()
        ):
            raise KitError(
                f"{' '.join(sources)}: shared splits are finished, they take no other source and no choice of faces"
            )
        return _fetch_shared(sources[0], accept, out)
    if unknown := [
        source for source in sources if source not in known and not Path(source).exists()
    ]:
        raise KitError(
            f"{unknown[0]} is no zip or folder here, and no name in data_manifest.json ({', '.join(known)})"
        )
    downloads, paths = drive.scratch_folder(), []
    for source in sources:
        paths += (
            manifest.fetch_group(source, accept, files.KIT, downloads)
            if source in known
            else [Path(source)]
        )
    return prepare.build_splits(paths, out, **settings)


def _is_shared(source: str) -> bool:
    return manifest.groups().get(source, {}).get("kind") == "splits"


def _fetch_shared(name: str, accept: Callable[[str], bool], out: Path) -> dict:
    """Fetch splits into a folder beside the old ones, which are replaced when all have come."""
    wanted = [manifest.entries()[file] for file in manifest.groups()[name]["files"]]
    if all(
        (out / entry["path"]).exists() and files.sha256(out / entry["path"]) == entry["sha256"]
        for entry in wanted
    ):
        return read_manifest(out)
    room = (
        out / f".shared-{files.sha256_of(wanted)[:12]}"
    )  # the same for another try, which goes on there
    manifest.fetch_group(name, accept, room, room)
    prepare.replace(room, out, read_manifest(room))
    shutil.rmtree(room)
    return read_manifest(out)


def local_copy(folder: Path) -> Path:
    """The folder itself, or for splits on Drive their verified copy on this machine's disk, made now if need be."""
    if not drive.on_drive(folder):
        return folder
    entries = [
        entry for split in read_manifest(folder)["splits"].values() for entry in split["files"]
    ]
    return drive_copy.copy(
        folder,
        drive.scratch_folder() / f"splits-{files.sha256(folder / SPLITS_MANIFEST)[:12]}",
        entries,
        SPLITS_MANIFEST,
    )


def digest(folder: Path) -> str:
    """SHA-256 over the hashes of the training and validation files: changes when any face in them does."""
    stored = read_manifest(folder)["splits"]
    return files.sha256_of(
        [entry["sha256"] for name in ("train", "val") for entry in stored[name]["files"]]
    )
