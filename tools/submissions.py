"""Run one submitted notebook in its own process, and leave nothing of it behind.

This module decides where a notebook runs, what it may see, and when it is stopped.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import psutil
from checkout import KIT

# The parts of the kit that lessons use.
PARTS = ("colorkit", "data", "data_manifest.json", "requirements.txt")
# The variables of the teacher's environment that a notebook sees; others may hold keys.
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "KERAS_BACKEND")
NOWHERE = "http://127.0.0.1:9"  # a port at which nothing listens
MEMORY = psutil.virtual_memory().total // 2  # bytes that a notebook may hold
POLL = 0.1  # seconds between two looks at it
PATIENCE = 10  # seconds until a killed process must be gone
NUMBER = re.compile(r"\d+\.\d+")  # of an exercise
MISSING = "missing"
CORRECT = "correct"


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
        done: whether it ran to its end.
    """

    lesson: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    cell: int = 0
    cells: int = 0
    failed: int = 0
    problem: str = ""
    done: bool = False

    @property
    def correct(self) -> int:
        """Count the exercises that are correct."""
        return sum(outcome == CORRECT for outcome in self.outcomes.values())

    def write(self, descriptor: int) -> None:
        """Append the report to an open file as one line of JSON."""
        os.write(descriptor, (json.dumps(asdict(self)) + "\n").encode())


def grade(path: Path, limit: float, stop: threading.Event) -> Report:
    """Run a notebook and report on it; what it prints is never looked at.

    Args:
        path: notebook.
        limit: seconds that it may take in all.
        stop: event that stops it at once when set.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="graded-", ignore_cleanup_errors=True) as name:
            folder = Path(name).resolve()
            _furnish(folder, path)
            return _run(folder, limit, stop)
    except Exception as bad:  # whatever one submission does, the others are graded
        return Report(problem=f"could not be graded: {type(bad).__name__}: {bad}")


def _furnish(folder: Path, notebook: Path) -> None:
    """Copy a notebook and the kit into its folder: it can't delete or overwrite the teacher's."""
    if not notebook.is_file():  # a pipe would be read forever
        raise FileNotFoundError("there is no file behind this name")
    shutil.copyfile(notebook, folder / "notebook.ipynb")
    kit = folder / "colorkit-lessons"  # where the lessons' setup cell looks for it
    for part in PARTS:
        if (KIT / part).is_dir():
            shutil.copytree(KIT / part, kit / part)
        else:
            shutil.copy2(KIT / part, kit / part)


def _environment(folder: Path) -> dict[str, str]:
    """Return the variables that a notebook sees.

    The folder is its home, it occupies no GPU, no web address answers, and pip refuses to run.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
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


def _run(folder: Path, limit: float, stop: threading.Event) -> Report:
    """Start a notebook's process, wait for it, end all that is left, and read its report."""
    command = [sys.executable, str(KIT / "tools" / "run_submission.py"), "notebook.ipynb"]
    # Files and not pipes: a pipe would stay open in any process that is left behind.
    with tempfile.TemporaryFile() as record, tempfile.TemporaryFile() as log:
        process = psutil.Popen(
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=record,
            stderr=log,
            start_new_session=True,  # a notebook that kills its group kills only itself
        )
        try:
            why = _watch(process, limit, stop)
        finally:
            left = _end(process, folder)
        report = _read_last(record)
        why = why or _describe_end(report, process.returncode, log)
    if why:
        where = "before its first cell"
        if report.cell:
            where = f"in code cell {report.cell} of {report.cells}"
        report.problem = "; ".join(filter(None, [f"{why} {where}", report.problem]))
    if left:
        numbers = ", ".join(str(one.pid) for one in left)
        report.problem += f"; processes that can't be ended: {numbers}"
    return report


def _watch(process: psutil.Popen, limit: float, stop: threading.Event) -> str:
    """Wait for a process; return why it must be stopped, or "" when it ended by itself."""
    end = time.monotonic() + limit
    while process.poll() is None:
        if stop.wait(POLL):
            return "grading was stopped"
        if time.monotonic() > end:
            return f"stopped after {limit:g} s"
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.memory_info().rss > MEMORY:
                return f"stopped because it held more than {MEMORY / 1e9:.1f} GB"
    return ""


def _end(process: psutil.Popen, folder: Path) -> list[psutil.Process]:
    """Kill a process and all that it started, whatever session they moved to.

    Returns:
        The processes that would not go.
    """
    family = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = process.children(recursive=True)
        process.kill()
    process.wait()
    end = time.monotonic() + PATIENCE
    while left := [one for one in {*family, *_find_processes(folder)} if _lives(one)]:
        if time.monotonic() > end:
            break
        for one in left:
            with contextlib.suppress(psutil.Error):
                one.kill()
        time.sleep(0.05)
    return left


def _find_processes(folder: Path) -> list[psutil.Process]:
    """Find the processes that run in a folder or have it in their environment.

    These are children whose parents are gone.
    """
    found = []
    for one in psutil.process_iter(["cwd", "environ"]):
        places = [one.info["cwd"] or "", *(one.info["environ"] or {}).values()]
        if any(str(folder) in place for place in places):
            found.append(one)
    return found


def _lives(process: psutil.Process) -> bool:
    """Tell whether a process still does something; a zombie only waits for its parent."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _read_last(record: IO[bytes]) -> Report:
    """Read the last whole line that a notebook's process wrote.

    Raises:
        ValueError: the notebook wrote there too, and would spoil the table of the whole class.
    """
    record.seek(0)
    lines = record.read().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith(b"\n")]
    values = json.loads(whole[-1]) if whole else {}
    report = Report(**values)
    types_fit = all(type(value) is type(getattr(Report(), name)) for name, value in values.items())
    if not types_fit or not all(map(_is_outcome, report.outcomes.items())):
        raise ValueError("its record was tampered with")
    return report


def _is_outcome(pair: tuple[object, object]) -> bool:
    """Tell whether a pair is the number of an exercise and its outcome."""
    number, outcome = pair
    return bool(NUMBER.fullmatch(number)) and type(outcome) is str


def _describe_end(report: Report, status: int, log: IO[bytes]) -> str:
    """Describe how a process ended that did not come to its end; "" for one that did."""
    if report.done:
        return ""
    log.seek(0)
    words = log.read().decode(errors="replace").splitlines()
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    said = f": {words[-1]}" if words and not report.cell else ""
    return f"its process ended ({how}{said})"
