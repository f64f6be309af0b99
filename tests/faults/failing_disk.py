"""A disk that fails on purpose: at the k-th of the store's file calls, once or from then on, in each way a real one can."""

import errno
from pathlib import Path

from colorkit.runs.storage import Disk

ERRORS = {name: getattr(errno, name) for name in ("ENOTCONN", "EIO", "ENOSPC")}
WRITING = ("make_folder", "write", "rename", "remove")
READING = ("names", "read", "blocks", "sha256")
# which faults make sense at which call
FAULTS = (
    {call: ["ENOTCONN", "EIO", "ENOSPC"] for call in WRITING}
    | {call: ["ENOTCONN", "EIO", "gone", "stale"] for call in READING}
    | {"check": ["ENOTCONN"]}
)
FAULTS["write"] = [*FAULTS["write"], "short"]
FAULTS["blocks"] = [*FAULTS["blocks"], "short"]


class FailingDisk(Disk):
    """Counts its calls; the one numbered `at` (from 0) fails by `fault`, and with `lasting` every later one that can.

    "gone": the files are not found, and neither is the mount. "short": half of a file, and no word of it. "stale": what was there before
    the last change.
    """

    def __init__(self, fickle: bool):
        self.fickle = fickle
        self.calls: list[str] = []
        self.at, self.fault, self.lasting = -1, "", False
        self.older: dict[
            Path, list[str] | bytes | None
        ] = {}  # what was there before the last change

    def fail(self, at: int, fault: str, lasting: bool = False) -> "FailingDisk":
        self.at, self.fault, self.lasting = at, fault, lasting
        return self

    def repair(self) -> None:
        self.at = -1

    def _fails(self, call: str) -> str:
        """What happens to this call: the fault, or nothing."""
        number = len(self.calls)
        self.calls.append(call)
        due = self.at >= 0 and (number >= self.at if self.lasting else number == self.at)
        return self.fault if due and (self.fault in FAULTS[call]) else ""

    def _call(self, call: str) -> str:
        fault = self._fails(call)
        if fault == "gone":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        if fault in ERRORS:
            raise OSError(ERRORS[fault], fault)
        return fault

    def _changes(self, path: Path) -> None:
        """Remember what is there now, for stale answers: of a file, and of the folders that it is in."""
        for folder in (path.parent, path.parent.parent):
            self.older[folder] = super().names(folder)
        self.older[path] = path.read_bytes() if path.is_file() else None

    def check(self) -> None:
        if self.fault == "gone" and self.at >= 0 and len(self.calls) > self.at:
            raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")
        self._call("check")

    def names(self, folder):
        return (
            self.older.get(folder, [])
            if self._call_found("names") == "stale"
            else super().names(folder)
        )

    def read(self, path):
        return self.older.get(path) if self._call_found("read") == "stale" else super().read(path)

    def _call_found(self, call: str) -> str:
        """As a real disk's own methods: not found, and then the check whether that can be believed."""
        try:
            return self._call(call)
        except FileNotFoundError:
            self.check()
            raise

    def make_folder(self, folder):
        self._call("make_folder")
        super().make_folder(folder)

    def write(self, path, fill):
        self._changes(path)
        fault = self._fails("write")
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
        return (
            "of what was there before" if self._call("sha256") == "stale" else super().sha256(path)
        )

    def rename(self, old, new):
        self._changes(new)
        self._call("rename")
        super().rename(old, new)

    def remove(self, folder):
        self._changes(folder)
        fault = self._fails("remove")
        if fault:
            (folder / "arrays.npz").write_bytes(b"")
            raise OSError(ERRORS[fault], fault)
        super().remove(folder)
