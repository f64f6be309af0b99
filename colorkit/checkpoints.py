"""The store behind a run: numbered checkpoints, each whole and verified or not there at all. Knows nothing of models or colors.

A checkpoint is a folder `ckpt-00004` of `arrays.npz` (named arrays), `state.json` (what isn't an array) and `manifest.json` (the SHA-256
of both). It is written under a temporary name, synced, then renamed. The two newest are kept.
"""

import json
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import files

KEEP = 2
NAME = re.compile(r"ckpt-(\d{5})")


class Checkpoint(NamedTuple):
    """What was saved: the number it was saved under, the arrays by name, and the JSON state."""

    number: int
    arrays: dict[str, np.ndarray]
    state: dict


class Store:
    """Checkpoints in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def save(self, number: int, arrays: dict[str, np.ndarray], state: dict) -> None:
        """Save a checkpoint; only after it is safely there, all but the one before it go.

        Higher numbers go too: training came back to this one because they did not verify.
        """
        target = self.folder / f"ckpt-{number:05d}"
        for leftover in self.folder.glob(".ckpt-*.part"):  # of a process that was killed while it wrote
            shutil.rmtree(leftover)
        temporary = self.folder / f".{target.name}.{os.getpid()}.part"
        temporary.mkdir(parents=True)
        with files.atomic_open(temporary / "arrays.npz") as stream:
            np.savez(stream, **arrays)
        files.write_json(temporary / "state.json", state)
        hashes = {name: files.sha256(temporary / name) for name in ("arrays.npz", "state.json")}
        files.write_json(temporary / "manifest.json", hashes)
        shutil.rmtree(target, ignore_errors=True)  # one that did not verify, else training would not have come here again
        os.replace(temporary, target)
        found = self._found()
        kept = [entry for entry in found if entry[0] <= number][:KEEP]
        for entry in found:
            if entry not in kept:
                shutil.rmtree(entry[1])

    def newest(self) -> Checkpoint | None:
        """The newest checkpoint that verifies, or None where there is none; says which ones it passed over."""
        path = self._newest_good()
        if path is None:
            return None
        with np.load(path / "arrays.npz", allow_pickle=False) as arrays:
            return Checkpoint(int(NAME.fullmatch(path.name)[1]), dict(arrays), _state(path))

    def state(self) -> dict | None:
        """The JSON state of that checkpoint alone, without reading its arrays into memory."""
        path = self._newest_good()
        return None if path is None else _state(path)

    def _newest_good(self) -> Path | None:
        for _, path in self._found():
            problem = self._problem(path)
            if problem is None:
                return path
            print(f"{path} is passed over: {problem}")
        return None

    def _found(self) -> list[tuple[int, Path]]:
        """Checkpoint folders, newest first."""
        paths = [(int(match[1]), path) for path in self.folder.glob("ckpt-*") if (match := NAME.fullmatch(path.name))]
        return sorted(paths, reverse=True)

    @staticmethod
    def _problem(path: Path) -> str | None:
        """Why a checkpoint can't be used; None when its files match its manifest."""
        try:
            hashes = json.loads((path / "manifest.json").read_bytes())
            for name in ("arrays.npz", "state.json"):
                if files.sha256(path / name) != hashes[name]:
                    return f"{name} differs from its manifest"
        except (OSError, ValueError, KeyError, TypeError) as bad:
            return f"incomplete ({bad})"
        return None


def _state(path: Path) -> dict:
    return json.loads((path / "state.json").read_bytes())
