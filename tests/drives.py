"""Stand-ins for Google Drive's mount (a folder that is there while Drive is mounted, an empty one afterwards) and for google.colab."""

import os
import sys
import types
from collections.abc import Callable
from pathlib import Path


class Error(Exception):
    """As google.colab.errors.Error."""


class MessageError(Error):
    """As google.colab._message.MessageError: raised when the student closes the dialog."""


class Mount:
    """A mount point and the Drive that can be mounted there. Its state lies on the disk, so that several processes see one Drive.

    Attributes:
        folder: the mount point.
    """

    def __init__(self, folder: Path, kept: Path):
        self.folder, self._kept = folder, kept
        if not folder.exists():
            kept.joinpath("MyDrive").mkdir(parents=True, exist_ok=True)

    @property
    def mounted(self) -> bool:
        return not self._kept.exists()

    def ismount(self, path: str | Path) -> bool:
        """As os.path.ismount."""
        return self.mounted and Path(path) == self.folder

    def mount(self) -> None:
        if not self.mounted:
            if self.folder.exists():
                self.folder.rmdir()  # fails where something was written into the empty mount point, as drive.mount does
            self._kept.rename(self.folder)

    def unmount(self) -> None:
        """As after a clean unmount, or a mount that was lost and cleaned up: the mount point is left, and nothing in it."""
        self.folder.rename(self._kept)
        self.folder.mkdir()


class StandInDrive(Mount):
    """Drive at `drive.DRIVE`, which the test's own folder replaces."""

    def __init__(self, room: Path, monkeypatch):
        super().__init__(room / "drive", room / "what-drive-keeps")
        monkeypatch.setattr("colorkit.machine.drive.DRIVE", self.folder)
        monkeypatch.setattr(os.path, "ismount", self.ismount)


def google_colab(disk: Mount, ask: Callable[[str], object]) -> dict[str, types.ModuleType]:
    """Colab's own modules, for sys.modules; `ask` is the dialog in which a student allows or refuses the mount, each time."""

    def mount(folder: str) -> None:
        """As the real one: what is there already is told, not raised."""
        ask(folder)
        if (disk.folder / "My Drive").is_dir() or disk.mounted:
            print(
                f"Drive already mounted at {folder}; to attempt to forcibly remount, call drive.mount(..., force_remount=True)."
            )
        elif disk.folder.exists() and list(disk.folder.iterdir()):
            raise ValueError("Mountpoint must not already contain files")
        else:
            disk.mount()
            print(f"Mounted at {folder}")

    names = (
        "google.colab",
        "google.colab.drive",
        "google.colab.output",
    )  # the last one is imported by JAX where it sees the first
    module, drive, output = map(types.ModuleType, names)
    module.drive, module.output, drive.mount = drive, output, mount
    return dict(zip(names, (module, drive, output), strict=True))


def play_colab(folder: Path, kept: Path, dialog: Path) -> None:
    """Make this process one of a Colab machine. The file `dialog` gets a line each time the dialog opens; "no" in it refuses."""
    disk = Mount(folder, kept)

    def ask(wanted: str) -> None:
        answers = dialog.read_text()
        dialog.write_text(f"{answers}{wanted}\n")
        if "no\n" in answers:
            raise MessageError("Error: credential propagation was unsuccessful")

    sys.modules.update(google_colab(disk, ask))
    os.path.ismount = disk.ismount
