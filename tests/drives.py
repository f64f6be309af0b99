"""A stand-in for Google Drive's mount: a folder that is there while Drive is mounted, and an empty one of that name afterwards."""

import os
from pathlib import Path

from colorkit import environment


class StandInDrive:
    """Drive at `environment.DRIVE`, which the test's own folder replaces.

    Attributes:
        folder: its mount point.
        mounted: whether it is.
    """

    def __init__(self, room: Path, monkeypatch):
        self.folder, self._kept = room / "drive", room / "what-drive-keeps"
        self._kept.joinpath("MyDrive").mkdir(parents=True)
        self.mounted = False
        monkeypatch.setattr(environment, "DRIVE", self.folder)
        monkeypatch.setattr(os.path, "ismount", lambda path: self.mounted and Path(path) == self.folder)

    def mount(self) -> None:
        if not self.mounted:
            if self.folder.exists():
                self.folder.rmdir()  # fails where something was written into the empty mount point, as drive.mount does
            self._kept.rename(self.folder)
        self.mounted = True

    def unmount(self) -> None:
        """As after a clean unmount, or a mount that was lost and cleaned up: the mount point is left, and nothing in it."""
        self.folder.rename(self._kept)
        self.folder.mkdir()
        self.mounted = False
