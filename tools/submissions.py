"""Run one submitted notebook in its own process, and leave nothing of it behind.

This module decides where a notebook runs, what it may see, and when it is stopped.
"""

import errno
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import processes
import psutil
from checkout import KIT

from colorkit.errors import KitError, first_line, unwritable
from colorkit.machine import LESSON_PARTS

# The variables of the teacher's environment that a notebook sees; others may hold keys.
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "KERAS_BACKEND")
# Those without which Windows opens no socket, starts no program, and doesn't tell its processor.
KEPT_ON_WINDOWS = (
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "COMSPEC",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "NUMBER_OF_PROCESSORS",
)
# The variables by which programs find their home folder and that of temporary files: the first of
# each kind on Linux and macOS, the others on Windows.
HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
TEMPORARY = ("TMPDIR", "TEMP", "TMP")
NOWHERE = "http://127.0.0.1:9"  # a port at which nothing listens
MEMORY = psutil.virtual_memory().total // 2  # bytes that a notebook's processes may hold
DISK = 4 * 10**9  # bytes that a notebook may write into its folder, or half of what is free
ROOM = 100 * 10**6  # bytes that must be free where notebooks run
PROCESSES = 200  # that a notebook may have at a time
POLL = 0.1  # seconds between two looks at it
WALK = 1.0  # seconds between two looks at its folder
CLOSE = "close other programs and run again"
NUMBER = re.compile(r"\d+\.\d+")  # of an exercise
MISSING = "missing"
CORRECT = "correct"
# A folder's name: the machine and process of its grader, so that the next one knows what is left.
PREFIX = f"graded-{re.sub('[^A-Za-z0-9]', '', platform.node())}-"


@dataclass
class Report:
    """What is known of a notebook.

    Attributes:
        lesson: number of its lesson; several numbers with spaces between them, if it has exercises
            of several lessons; empty when it has none.
        outcomes: "correct", "not yet", "not attempted" or "missing", by number of the exercise.
        cell: number of the code cell that was begun last, from 1.
        cells: number of its code cells.
        failed: number of cells that raised an exception.
        problem: what the teacher should know; empty when all went well.
        begun: whether its process was ready to run it.
        ended: how its process ended, if that was not at the notebook's end.
        done: whether it ran to its end.
    """

    lesson: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    cell: int = 0
    cells: int = 0
    failed: int = 0
    problem: str = ""
    begun: bool = False
    ended: str = ""
    done: bool = False

    @property
    def correct(self) -> int:
        """Count the exercises that are correct."""
        return sum(outcome == CORRECT for outcome in self.outcomes.values())

    def write(self, descriptor: int) -> None:
        """Append the report to an open file as one line of JSON."""
        os.write(descriptor, (json.dumps(asdict(self)) + "\n").encode())


def grade(read: Callable[[], bytes], limit: float, stop: threading.Event, jobs: int = 1) -> Report:
    """Run a notebook and report on it; what it prints is never looked at.

    Args:
        read: reads the notebook; a KitError says why it can't.
        limit: seconds that it may take in all.
        stop: event that stops it at once when set.
        jobs: number of notebooks that share the disk at a time.

    Raises:
        KitError: this machine can't grade any notebook now.
        OSError: the same.
    """
    try:
        notebook = read()
    except KitError as bad:
        return Report(problem=str(bad))
    prefix = f"{PREFIX}{os.getpid()}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    try:
        _furnish(folder, notebook)
        report = _run(folder, limit, stop, jobs)
        _check_room(folder, 0 if stop.is_set() else ROOM // 10)
        return report
    finally:
        processes.remove(folder)


def _furnish(folder: Path, notebook: bytes) -> None:
    """Copy a notebook and the kit into its folder: it can't delete or overwrite the teacher's.

    Raises:
        KitError: the folder can't be written.
        OSError: the kit can't be read.
    """
    try:
        _copy(folder, notebook)
    except OSError as bad:
        if str(bad.filename).startswith(str(KIT)) and not bad.filename2:
            raise
        raise unwritable(folder, bad) from None
    _check_room(folder, ROOM)


def _copy(folder: Path, notebook: bytes) -> None:
    (folder / "notebook.ipynb").write_bytes(notebook)
    kit = folder / "colorkit-lessons"  # where the lessons' setup cell looks for it
    for part in LESSON_PARTS:
        # One by one: shutil.copytree would go on after a failure, and then name them all.
        for source in [KIT / part, *(KIT / part).rglob("*")]:
            if source.is_file():
                target = kit / source.relative_to(KIT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)


def _check_room(folder: Path, least: int) -> None:
    """Check that a notebook can write something.

    Raises:
        KitError: there is no room.
    """
    if shutil.disk_usage(folder).free < least:
        raise unwritable(folder, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def remove_stale() -> None:
    """Remove the folders of graders that were killed on this machine, and end what runs there."""
    for folder in Path(tempfile.gettempdir()).resolve().glob(f"{PREFIX}*"):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            processes.end_all([], folder)
            processes.remove(folder)


def _environment(folder: Path) -> dict[str, str]:
    """Return the variables that a notebook sees.

    The folder is its home, texts are UTF-8 as on Colab, it occupies no GPU, no web address answers,
    and pip refuses to run.
    """
    names = KEPT + KEPT_ON_WINDOWS
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | {
        **dict.fromkeys(HOMES + TEMPORARY, str(folder)),
        "PYTHONUTF8": "1",
        "COLORKIT_HOME": str(folder / "out"),
        "COLORKIT_PROFILE": "smoke",
        "MPLBACKEND": "Agg",
        "CUDA_VISIBLE_DEVICES": "-1",
        # Otherwise every notebook of lesson 3 would fetch ResNet-50's weights.
        "http_proxy": NOWHERE,
        "https_proxy": NOWHERE,
        # An interpreter that doesn't exist: `!pip install` would change the teacher's packages.
        "PIP_PYTHON": str(folder / "none"),
    }


def _run(folder: Path, limit: float, stop: threading.Event, jobs: int) -> Report:
    """Start a notebook's judge, wait for it, end all that is left, and read its report.

    Raises:
        KitError: the judge could not work.
    """
    command = [sys.executable, str(KIT / "tools" / "run_submission.py"), "notebook.ipynb"]
    # Files and not pipes: a pipe would stay open in any process that is left behind.
    with tempfile.TemporaryFile() as record, tempfile.TemporaryFile() as log:
        try:
            process = psutil.Popen(
                command,
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.PIPE,  # ends with this process, however that ends
                stdout=record,
                stderr=log,
                start_new_session=True,  # a signal for the grader is not for the judge
            )
        except OSError as bad:
            raise KitError(f"no process can be started ({first_line(bad)}): {CLOSE}") from None
        try:
            why = _watch(process, folder, limit, stop, jobs)
        finally:
            left = processes.end_all([process], folder)
            status = process.wait()
            process.stdin.close()
        report = _read_last(record)
        killed = status < 0 or (processes.KILLED_BY_STATUS and report.begun)
        if not why and status and not killed:
            raise KitError(f"notebooks can't be run here: {_last_line(log, status)}")
        if not why and not report.done:
            why = report.ended or processes.describe_end(status)
    if why:
        where = "before its first cell"
        if report.cell:
            where = f"in code cell {report.cell} of {report.cells}"
        report.problem = "; ".join(filter(None, [f"{why} {where}", report.problem]))
    if left:
        numbers = ", ".join(str(one.pid) for one in left)
        report.problem += f"; processes that can't be ended: {numbers}"
    return report


def _watch(
    process: psutil.Popen, folder: Path, limit: float, stop: threading.Event, jobs: int
) -> str:
    """Wait for a judge; return why its notebook must be stopped, or "" when it ended by itself."""
    end = time.monotonic() + limit
    before = processes.written(folder)
    most = min(DISK, shutil.disk_usage(folder).free // (2 * jobs))
    walk = 0.0
    while process.poll() is None:
        if stop.wait(POLL):
            return "grading was stopped"
        if time.monotonic() > end:
            return f"stopped after {limit:g} s"
        family = processes.descendants(process)
        if len(family) > PROCESSES:
            return f"stopped because it started more than {PROCESSES} processes"
        if processes.held_memory(family) > MEMORY and processes.own_memory(family) > MEMORY:
            return f"stopped because it held more than {MEMORY / 1e9:.1f} GB"
        if time.monotonic() > walk:
            if processes.written(folder) - before > most:
                return f"stopped because it wrote more than {most / 1e9:.1f} GB"
            walk = time.monotonic() + WALK
    return ""


def _read_last(record: IO[bytes]) -> Report:
    """Read the last whole line that a notebook's judge wrote."""
    record.seek(0)
    lines = record.read().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith(b"\n")]
    try:
        report = Report(**(json.loads(whole[-1]) if whole else {}))
    except (ValueError, TypeError):
        report = None
    if report is None or not _is_sound(report):
        # The notebook wrote there too, and would spoil the table of the whole class.
        return Report(problem="could not be graded: its record was tampered with", done=True)
    return report


def _is_sound(report: Report) -> bool:
    """Tell whether everything in a report is of its kind."""
    blank = asdict(Report())
    kinds = all(type(getattr(report, name)) is type(value) for name, value in blank.items())
    return kinds and all(
        NUMBER.fullmatch(number) and type(outcome) is str
        for number, outcome in report.outcomes.items()
    )


def _last_line(log: IO[bytes], status: int) -> str:
    """Return the last words of a process that failed."""
    log.seek(0)
    words = log.read().decode(errors="replace").split("\n")
    return next((line for line in reversed(words) if line.strip()), f"exit status {status}")
