"""Make a disk fail on purpose, at any one of the store's file calls, in each way a real one can."""

import errno
from pathlib import Path

from colorkit.runs.storage import Disk

ERRORS = {name: getattr(errno, name) for name in ("ENOTCONN", "EIO", "ENOSPC")}
WRITING = ("make_folder", "write", "rename", "remove")
READING = ("names", "read", "blocks", "sha256")
# Which faults make sense at which call.
FAULTS = (
    {call: ["ENOTCONN", "EIO", "ENOSPC"] for call in WRITING}
    | {call: ["ENOTCONN", "EIO", "gone", "stale"] for call in READING}
    | {"check": ["ENOTCONN"]}
)
FAULTS["write"] = [*FAULTS["write"], "short"]
FAULTS["blocks"] = [*FAULTS["blocks"], "short"]


class FailingDisk(Disk):
    """A disk that counts its calls, and fails at one of them.

    The call numbered `at` (from 0) fails by `fault`; with `lasting`, so does every later one that
    can. The faults that aren't named after an error are:
    "gone": the files are not found, and neither is the mount.
    "short": half of a file, without an error.
    "stale": what was there before the last change.
    """

    def __init__(self, flaky: bool):
        self.flaky = flaky
        self.calls: list[str] = []
        self.at = -1
        self.fault = ""
        self.lasting = False
        # What was there before the last change.
        self.older: dict[Path, list[str] | bytes | None] = {}

    def fail(self, at: int, fault: str, lasting: bool = False) -> None:
        self.at = at
        self.fault = fault
        self.lasting = lasting

    def repair(self) -> None:
        self.at = -1

    def _count(self, call: str) -> str:
        """Count this call; return its fault, or nothing."""
        number = len(self.calls)
        self.calls.append(call)
        due = self.at >= 0 and (number >= self.at if self.lasting else number == self.at)
        return self.fault if due and (self.fault in FAULTS[call]) else ""

    def _call(self, call: str) -> str:
        """Count this call; raise its fault, or return it if it isn't an error."""
        fault = self._count(call)
        if fault == "gone":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        if fault in ERRORS:
            raise OSError(ERRORS[fault], fault)
        return fault

    def _remember(self, path: Path) -> None:
        """Remember a file and the two folders above it as they are now, for stale answers."""
        for folder in (path.parent, path.parent.parent):
            self.older[folder] = super().names(folder)
        self.older[path] = path.read_bytes() if path.is_file() else None

    def check(self) -> None:
        if self.fault == "gone" and self.at >= 0 and len(self.calls) > self.at:
            raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")
        self._call("check")

    def names(self, folder):
        if self._call_or_check("names") == "stale":
            return self.older.get(folder, [])
        return super().names(folder)

    def read(self, path):
        if self._call_or_check("read") == "stale":
            return self.older.get(path)
        return super().read(path)

    def _call_or_check(self, call: str) -> str:
        """Do as a real disk's methods do: if nothing is found, check whether to believe that."""
        try:
            return self._call(call)
        except FileNotFoundError:
            self.check()
            raise

    def make_folder(self, folder):
        self._call("make_folder")
        super().make_folder(folder)

    def write(self, path, fill):
        self._remember(path)
        fault = self._count("write")
        digest = super().write(path, fill)
        if fault:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        if fault in ERRORS:
            raise OSError(ERRORS[fault], fault)
        return digest

    def blocks(self, path):
        fault = self._call("blocks")
        data = b"".join(super().blocks(path))
        yield {"short": data[: len(data) // 2], "stale": bytes(len(data))}.get(fault, data)

    def sha256(self, path):
        if self._call("sha256") == "stale":
            return "of what was there before"
        return super().sha256(path)

    def rename(self, old, new):
        self._remember(new)
        self._call("rename")
        super().rename(old, new)

    def remove(self, folder):
        self._remember(folder)
        fault = self._count("remove")
        if fault:
            (folder / "arrays.npz").write_bytes(b"")
            raise OSError(ERRORS[fault], fault)
        super().remove(folder)
