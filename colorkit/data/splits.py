"""Load the train, val and test splits, and make or fetch them first where there are none.

A pickle can run any code when it is opened. So a file is opened only after its hash matched, and
then by the unpickler of `pickles`, which refuses everything but plain arrays.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import color, files
from ..arrays import Ab, LabCode, LCode, Rgb8
from ..errors import KitError
from ..machine import console, drive
from . import drive_copy, drive_earlier_splits, faces, manifest, out_folder, parts, prepare
from .splits_manifest import (
    SPLIT_NAMES,
    SPLITS_MANIFEST,
    SplitsManifest,
    all_files,
    read_manifest,
    verified,
)

# the choices of faces that `prepare.build_splits` offers, with its defaults
CHOICES = {"per_identity": 1, "seed": 0, "limit": None}


@dataclass(frozen=True)
class Split:
    """The faces of one split.

    Attributes:
        lab: the pictures in stored CIELAB, (N, 112, 112, 3).
        identities: str array (N,), who each picture shows.
    """

    lab: LabCode
    identities: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.lab)

    @property
    def L(self) -> LCode:
        """Return the model input, (N, 112, 112, 1)."""
        return self.lab[..., :1]

    @property
    def ab(self) -> Ab:
        """Return what a model must predict, (N, 112, 112, 2)."""
        ab = self.lab[..., 1:].astype(np.float32)
        ab -= color.AB_SHIFT  # in place: for all of DigiFace-1M this array takes 8 GB
        return ab

    @property
    def rgb(self) -> Rgb8:
        """Return the pictures, (N, 112, 112, 3)."""
        return color.lab_to_rgb(color.from_storage(self.lab))

    def take(self, count: int | None) -> "Split":
        """Return the first `count` faces, whose order is random already; None takes all."""
        arrays = [getattr(self, field.name) for field in fields(self)]
        return type(self)(*(array[:count] for array in arrays))


def load_split(folder: Path, name: str) -> Split:
    """Load a split whose files match their manifest. Lesson 1.4.

    Args:
        folder: folder of the splits.
        name: "train", "val" or "test".

    Raises:
        KitError: a file is missing, differs from the manifest, or holds anything but the arrays of
            a split.

    Example:
        >>> val = load_split(Path("out/data"), "val")  # doctest: +SKIP
        >>> val.L.shape, val.ab.shape  # doctest: +SKIP
        ((200, 112, 112, 1), (200, 112, 112, 2))
    """
    entry = read_manifest(folder)["splits"][name]
    try:
        lab = np.empty((entry["images"], faces.SIZE, faces.SIZE, 3), np.uint8)
    except (MemoryError, ValueError):
        gigabytes = entry["images"] * prepare.IMAGE_BYTES / 1e9
        raise KitError(
            f"{folder}: {name} takes {gigabytes:,.1f} GB, more than this machine gives: "
            "prepare fewer with --limit"
        ) from None
    identities = []
    filled = 0
    for path in verified(folder, entry["files"]):
        part = parts.read_part(path)
        stop = filled + len(part["lab"])
        if stop > len(lab):
            raise parts.wrong_count(folder, name, stop, len(lab))
        lab[filled:stop] = part["lab"]
        identities.append(part["identities"])
        filled = stop
    if filled != len(lab):
        raise parts.wrong_count(folder, name, filled, len(lab))
    return Split(lab, np.concatenate(identities))


def load_splits(
    folder: Path, source: str = "faces", limit: int | None = None, rebuild: bool = False
) -> tuple[Split, Split, Split]:
    """Load train, val and test; where there are none, make or fetch them. Lessons 1.3, 2 and 3.

    Prints whether they were made or found, and how many faces each one has.

    Args:
        folder: folder of the splits.
        source: "faces" for the kit's own, another name in data_manifest.json, or the path of a zip
            or folder in DigiFace-1M's layout.
        limit: number of identities to use when splits are made; shared splits are taken whole.
        rebuild: whether to make the splits again where there are some.

    Example:
        >>> train, val, test = load_splits(Path("out/data"))  # doctest: +SKIP
        splits found: 1,600 faces to train, 200 to validate, 200 to test
    """
    drive.require_sight(folder)
    if not rebuild:
        drive_earlier_splits.adopt(folder)
    if rebuild or not (folder / SPLITS_MANIFEST).exists():
        limit = None if _is_shared(source) else limit
        made = prepare_splits([source], folder, manifest.ask, limit=limit)
        console.say(*note_skipped(folder, made))
        print("splits made", end=": ")
    else:
        print("splits found", end=": ")
    train, val, test = (load_split(local_copy(folder), name) for name in SPLIT_NAMES)
    print(f"{len(train):,} faces to train, {len(val):,} to validate, {len(test):,} to test")
    return train, val, test


def note_skipped(folder: Path, made: SplitsManifest) -> list[str]:
    """Return the line about pictures that could not be used; no line if all could."""
    count = len(made["skipped"])
    if not count:
        return []
    one = "1 picture could not be used; it is"
    many = f"{count:,} pictures could not be used; they are"
    return [f"{one if count == 1 else many} listed in {folder / SPLITS_MANIFEST}"]


def prepare_splits(
    sources: list[str], out: Path, accept: Callable[[str], bool], **settings: Any
) -> SplitsManifest:
    """Make splits from named sources, zips or folders, or fetch splits that a teacher shares.

    Args:
        sources: names in data_manifest.json, or paths.
        out: folder of the splits.
        accept: called with the license of a source that asks for consent; returns the answer.
        settings: further arguments of `prepare.build_splits`.

    Returns:
        The manifest of the splits.

    Raises:
        KitError: what `manifest.fetch` and `prepare.build_splits` raise; or the sources are
            unknown, or can't be combined.
    """
    drive.require_sight(out)
    out_folder.require_writable(out)
    if any(map(_is_shared, sources)):
        if len(sources) > 1 or _has_choices(settings):
            raise KitError(
                f"{' '.join(sources)}: shared splits are finished; "
                "they can't be combined with another source or a choice of faces"
            )
        return _fetch_shared(sources[0], accept, out)
    known = manifest.groups()
    for source in sources:
        if source not in known and not Path(source).exists():
            raise KitError(
                f"{source} is not a zip or folder here, and not a name in data_manifest.json "
                f"({', '.join(known)})"
            )
    console.complain(*_note_hidden(sources))
    downloads = drive.scratch_folder()
    paths: list[Path] = []
    for source in sources:
        if source in known:
            paths += manifest.fetch_group(source, accept, files.KIT, downloads)
        else:
            paths.append(Path(source))
    return prepare.build_splits(paths, out, **settings)


def _note_hidden(sources: list[str]) -> list[str]:
    """Return a line for each name in the data manifest that a zip or folder here has, too."""
    known = manifest.groups()
    return [
        f"{source} is the data of that name in data_manifest.json; "
        f"for the one in this folder give .{os.sep}{source}"
        for source in dict.fromkeys(sources)
        if source in known and os.path.lexists(source)
    ]


def _is_shared(source: str) -> bool:
    """Return whether a source is a group of finished splits."""
    group = manifest.groups().get(source)
    return group is not None and group["kind"] == "splits"


def _has_choices(settings: dict[str, Any]) -> bool:
    """Return whether any choice of faces differs from its default."""
    return any(settings.get(name, default) != default for name, default in CHOICES.items())


def _fetch_shared(name: str, accept: Callable[[str], bool], out: Path) -> SplitsManifest:
    """Fetch splits into a folder beside the old ones; replace those when all have arrived."""
    known = manifest.entries()
    entries = [known[file] for file in manifest.groups()[name]["files"]]
    if all(_is_here(out / entry["path"], entry["sha256"]) for entry in entries):
        return read_manifest(out)
    # another try finds the same folder and continues there
    room = out / f".shared-{files.sha256_of(entries)[:12]}"
    manifest.fetch_group(name, accept, room, room)
    out_folder.replace(room, out, read_manifest(room))
    shutil.rmtree(room)
    return read_manifest(out)


def _is_here(path: Path, sha256: str) -> bool:
    """Return whether a file exists and has this hash."""
    return path.exists() and files.sha256(path) == sha256


def local_copy(folder: Path) -> Path:
    """Return a folder of the splits on this machine's disk. Lesson 1.4.

    Splits on Drive are copied there and verified, unless an earlier call has done so. Other splits
    stay where they are.

    Example:
        >>> load_split(local_copy(home.data), "train")  # doctest: +SKIP
    """
    if not drive.on_drive(folder):
        return folder
    entries = all_files(read_manifest(folder))
    version = files.sha256(folder / SPLITS_MANIFEST)[:12]
    target = drive.scratch_folder() / f"splits-{version}"
    return drive_copy.copy(folder, target, entries, SPLITS_MANIFEST)


def digest(folder: Path) -> str:
    """Return a hash that changes with any face of training or validation. Lessons 2, 3 and 4.

    It is the SHA-256 of the hashes of their files.

    Example:
        >>> digest(Path("out/data"))[:12]  # doctest: +SKIP
        '0f6e2d6d2c4b'
    """
    stored = read_manifest(folder)["splits"]
    entries = stored["train"]["files"] + stored["val"]["files"]
    return files.sha256_of([entry["sha256"] for entry in entries])
