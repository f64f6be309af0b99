"""One submitted notebook in a process of its own: where it runs, what it may see, when it is stopped, and that nothing of it is left."""

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

KIT = Path(__file__).resolve().parent.parent
PARTS = (
    "colorkit",
    "data",
    "data_manifest.json",
    "requirements.txt",
)  # of the kit, that lessons use
KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "KERAS_BACKEND",
)  # of the teacher's environment; all else may hold keys and addresses
NOWHERE = "http://127.0.0.1:9"  # a port at which nothing listens
MEMORY = psutil.virtual_memory().total // 2  # bytes that a notebook may hold
POLL = 0.1  # seconds between two looks at it
PATIENCE = 10  # seconds for what is killed to go
NUMBER = re.compile(r"\d+\.\d+")  # of an exercise
MISSING = "missing"
CORRECT = "correct"


@dataclass
class Report:
    """What is known of a notebook.

    Attributes:
        lesson: its number; several, with spaces between, if it has exercises of several; empty when it has none.
        outcomes: "correct", "not yet", "not attempted" or "missing", by number of the exercise.
        cell, cells: the code cell that was begun last, from 1, and how many there are.
        failed: how many cells raised an exception.
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
        """How many exercises are correct."""
        return sum(outcome == CORRECT for outcome in self.outcomes.values())

    def write(self, descriptor: int) -> None:
        """Append it to a file as a line."""
        os.write(descriptor, (json.dumps(asdict(self)) + "\n").encode())


def grade(path: Path, limit: float, stop: threading.Event) -> Report:
    """Run a notebook; what it prints is never looked at.

    Args:
        path: of the notebook.
        limit: seconds that it may take in all.
        stop: when set, it is stopped at once.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="graded-", ignore_cleanup_errors=True) as name:
            folder = Path(name).resolve()
            _furnish(folder, path)
            return _run(folder, limit, stop)
    except Exception as bad:  # whatever one submission does, the others are graded
        return Report(problem=f"could not be graded: {type(bad).__name__}: {bad}")


def _furnish(folder: Path, notebook: Path) -> None:
    """Lay copies of a notebook and of the kit into its folder: what it deletes or overwrites is never the teacher's."""
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
    """The variables that a notebook sees: the folder is its home, no GPU is occupied, no web address answers, and pip refuses."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "COLORKIT_HOME": str(folder / "out"),
        "COLORKIT_PROFILE": "smoke",
        "MPLBACKEND": "Agg",
        "CUDA_VISIBLE_DEVICES": "-1",
        "http_proxy": NOWHERE,  # or every notebook of lesson 3 would fetch ResNet-50's weights anew
        "https_proxy": NOWHERE,
        "PIP_PYTHON": str(
            folder / "none"
        ),  # an interpreter that is not there: `!pip install` would change the teacher's packages
    }


def _run(folder: Path, limit: float, stop: threading.Event) -> Report:
    command = [sys.executable, str(KIT / "tools" / "run_submission.py"), "notebook.ipynb"]
    with (
        tempfile.TemporaryFile() as record,
        tempfile.TemporaryFile() as log,
    ):  # files: a pipe would stay open in what it leaves behind
        process = psutil.Popen(
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=record,
            stderr=log,
            start_new_session=True,  # a notebook that kills its group kills nothing of the teacher's
        )
        try:
            why = _watch(process, limit, stop)
        finally:
            left = _end(process, folder)
        report = _last(record)
        why = why or _unfinished(report, process.returncode, log)
    if why:
        where = (
            f"in code cell {report.cell} of {report.cells}"
            if report.cell
            else "before its first cell"
        )
        report.problem = "; ".join(filter(None, [f"{why} {where}", report.problem]))
    if left:
        report.problem += (
            f"; processes that can't be ended: {', '.join(str(one.pid) for one in left)}"
        )
    return report


def _watch(process: psutil.Popen, limit: float, stop: threading.Event) -> str:
    """Wait for a process; why it has to be stopped, empty when it ended by itself."""
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
    """Kill a process and all that it started, whatever session they moved to; return what would not go."""
    family = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = process.children(recursive=True)
        process.kill()
    process.wait()
    end = time.monotonic() + PATIENCE
    while left := [one for one in {*family, *_of(folder)} if _lives(one)]:
        if time.monotonic() > end:
            break
        for one in left:
            with contextlib.suppress(psutil.Error):
                one.kill()
        time.sleep(0.05)
    return left


def _of(folder: Path) -> list[psutil.Process]:
    """The processes that stand in a folder or have it in their environment: children whose parents are gone."""
    found = []
    for one in psutil.process_iter(["cwd", "environ"]):
        places = [one.info["cwd"] or "", *(one.info["environ"] or {}).values()]
        if any(str(folder) in place for place in places):
            found.append(one)
    return found


def _lives(process: psutil.Process) -> bool:
    """Whether it still does something; a zombie only waits for its parent."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _last(record: IO[bytes]) -> Report:
    """What the process wrote last, in a whole line."""
    record.seek(0)
    lines = record.read().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith(b"\n")]
    values = json.loads(whole[-1]) if whole else {}
    report = Report(**values)
    typed = all(type(value) is type(getattr(Report(), name)) for name, value in values.items())
    if not typed or not all(
        NUMBER.fullmatch(number) and type(outcome) is str
        for number, outcome in report.outcomes.items()
    ):
        raise ValueError(
            "its record was tampered with"
        )  # or the table of the whole class would fail
    return report


def _unfinished(report: Report, status: int, log: IO[bytes]) -> str:
    """How a process ended that did not come to its end; empty for one that did."""
    if report.done:
        return ""
    log.seek(0)
    words = log.read().decode(errors="replace").splitlines()
    said = f": {words[-1]}" if words and not report.cell else ""
    return f"its process ended ({f'signal {-status}' if status < 0 else f'exit status {status}'}{said})"
