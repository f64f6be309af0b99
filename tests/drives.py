"""Stand-ins for Google Drive's mount and for google.colab.

The mount is a folder while Drive is mounted, and an empty folder afterwards.
"""

import builtins
import collections
import errno
import io
import json
import os
import sys
import threading
import time
import types
from collections.abc import Callable
from pathlib import Path


class Error(Exception):
    """Stands in for google.colab.errors.Error."""


class MessageError(Error):
    """Stands in for google.colab._message.MessageError: the student closed the dialog."""


class TIMEOUT(Exception):  # noqa: N818  (its real name)
    """Stands in for pexpect.exceptions.TIMEOUT: Drive's program said nothing for two minutes."""


class EOF(Exception):  # noqa: N818  (its real name)
    """Stands in for pexpect.exceptions.EOF: Drive's program ended."""


class Mount:
    """A mount point and the Drive that can be mounted there.

    Its state lies on the disk, so several processes see one Drive.

    Attributes:
        folder: the mount point.
    """

    def __init__(self, folder: Path, kept: Path):
        self.folder = folder
        self._kept = kept
        if not folder.exists():
            kept.joinpath("MyDrive").mkdir(parents=True, exist_ok=True)

    @property
    def mounted(self) -> bool:
        return not self._kept.exists()

    def ismount(self, path: str | Path) -> bool:
        """Stand in for os.path.ismount."""
        return self.mounted and Path(path) == self.folder

    def mount(self) -> None:
        if not self.mounted:
            if self.folder.exists():
                # like drive.mount, this fails if something was written into the empty mount point
                self.folder.rmdir()
            self._kept.rename(self.folder)

    def unmount(self) -> None:
        """Leave an empty mount point, as after an unmount or a lost mount that was cleaned up."""
        self.folder.rename(self._kept)
        self.folder.mkdir()


PATTERNS = "\n".join(f"    {number}: re.compile('pattern {number}')" for number in range(5))
SEARCH = f"<pexpect.popen_spawn.PopenSpawn object at 0x7fd0a9864d70>\nsearcher:\n{PATTERNS}"
GOOGLE_DOCS = (".gdoc", ".gsheet", ".gslides")
CHUNK = 128 * 1024  # bytes that one call reads


def fail_to_mount(how: str) -> None:
    """Raise what Colab's mount raises; `how` is a word for it, and other words do nothing.

    After an unanswered dialog it waits for 120 s, which the stand-in leaves out. What pexpect
    raises tells all the patterns that it waited for.
    """
    if how == "no":
        raise MessageError("Error: credential propagation was unsuccessful")
    if how == "unanswered":
        raise ValueError("mount failed")
    if how in ("TIMEOUT", "EOF"):
        import pexpect  # comes with IPython

        raise getattr(pexpect, how)(SEARCH)


class DriveFS:
    """Make this process's calls to a folder behave as calls to a mounted Drive.

    Each takes its time, a Google document can't be read (errno 95), and a folder named *.eio can't
    be listed.

    Attributes:
        calls: the number of calls, by the thread that made them.
    """

    def __init__(self, folder: Path, seconds: float = 0):
        self._folder = str(folder)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._stat = os.stat
        self.calls: collections.Counter = collections.Counter()

    def play(self, replace: Callable[[object, str, object], None] = setattr) -> None:
        """Replace what Python calls; `replace` may be a monkeypatch's setattr."""
        for name in ("stat", "lstat"):
            replace(os, name, self._on_drive(getattr(os, name), lambda path: 1))
        replace(os, "scandir", self._on_drive(os.scandir, self._list))
        opening = self._on_drive(io.open, self._read)
        replace(io, "open", opening)
        replace(builtins, "open", opening)

    def _on_drive(self, function: Callable, answer: Callable[[str], int]) -> Callable:
        """Return a function that takes its time if it is called for something on Drive."""

        def call(path=".", *args, **kwargs):
            named = isinstance(path, str | os.PathLike)
            if named and os.fspath(path).startswith(self._folder):
                calls = answer(os.fspath(path))
                with self._lock:
                    self.calls[threading.current_thread()] += calls
                time.sleep(calls * self._seconds)
            return function(path, *args, **kwargs)

        return call

    def _list(self, path: str) -> int:
        """Return the calls that it takes to list a folder: look up, open, read, close."""
        if path.endswith(".eio"):
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return 4

    def _read(self, path: str) -> int:
        """Return the calls that it takes to read a file: open, read, close."""
        if path.endswith(GOOGLE_DOCS):
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP), path)
        try:
            return 3 + self._stat(path).st_size // CHUNK
        except OSError:
            return 1


class StandInDrive(Mount):
    """Drive at `drive.DRIVE`, which the test's own folder replaces."""

    def __init__(self, room: Path, monkeypatch):
        super().__init__(room / "drive", room / "what-drive-keeps")
        monkeypatch.setattr("colorkit.machine.drive.DRIVE", self.folder)
        monkeypatch.setattr(os.path, "ismount", self.ismount)


def be_on_colab(room: Path, monkeypatch) -> None:
    """Give this process what the kit recognizes Colab's machines by."""
    hostname = room / "hostname"
    hostname.touch()
    monkeypatch.setattr("colorkit.machine.hosts.COLAB", str(hostname))


def leave_colab(monkeypatch) -> None:
    """Take away what the kit recognizes Colab's machines by."""
    monkeypatch.setattr("colorkit.machine.hosts.COLAB", os.devnull + "/hostname")


def google_colab(disk: Mount, ask: Callable[[str], object]) -> dict[str, types.ModuleType]:
    """Make Colab's own modules, for sys.modules.

    Args:
        disk: the Drive that can be mounted.
        ask: the dialog in which a student allows or refuses the mount, each time.
    """

    def mount(folder: str) -> None:
        """Mount like the real one, which doesn't raise if Drive seems to be mounted."""
        ask(folder)
        if (disk.folder / "My Drive").is_dir() or disk.mounted:
            print(
                f"Drive already mounted at {folder}; to attempt to forcibly remount, "
                "call drive.mount(..., force_remount=True)."
            )
        elif disk.folder.exists() and list(disk.folder.iterdir()):
            raise ValueError("Mountpoint must not already contain files")
        else:
            disk.mount()
            print(f"Mounted at {folder}")

    def flush_and_unmount(timeout_ms: int = 24 * 60 * 60 * 1000) -> None:
        """Upload everything, and unmount like the real one."""
        if disk.mounted:
            disk.unmount()
        else:
            print("Drive not mounted, so nothing to flush and unmount.")

    drive = types.ModuleType("google.colab.drive")
    drive.mount = mount
    drive.flush_and_unmount = flush_and_unmount
    output = types.ModuleType("google.colab.output")  # JAX imports it where it sees google.colab
    output.eval_js = lambda script, timeout_sec: json.loads(script)  # a browser answers at once
    module = types.ModuleType("google.colab")
    module.drive = drive
    module.output = output
    return {each.__name__: each for each in (module, drive, output)}


def play_colab(folder: Path, kept: Path, dialog: Path) -> None:
    """Make this process one of a Colab machine.

    Args:
        folder: the mount point.
        kept: where Drive's files are while it isn't mounted.
        dialog: a file that gets a line each time the dialog opens; a line "no" in it refuses, and
            others let the mount fail in other ways (fail_to_mount).
    """
    disk = Mount(folder, kept)
    DriveFS(folder).play()

    def ask(place: str) -> None:
        answers = dialog.read_text(encoding="utf-8")
        dialog.write_text(f"{answers}{place}\n", encoding="utf-8")
        for answer in answers.splitlines():
            fail_to_mount(answer)

    sys.modules.update(google_colab(disk, ask))
    os.path.ismount = disk.ismount
