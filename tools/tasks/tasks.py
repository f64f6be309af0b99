"""What each task runs. The first line of a task's docstring is its help."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import environments, pythons, settings
from .programs import KIT, TaskError, output, run

LOCK = ".ci/constraints-newest.txt"
LESSONS_IN_BROWSER = "tests/browser/test_lessons_in_browser.py"
# One worker runs all cells of a lesson, because they share a kernel.
NBVAL = ["--dist", "loadfile", "--no-loadscope-reorder", "-p", "no:cacheprovider"]
NBVAL += ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "600"]


class Tasks:
    """The tasks, which run in an environment.

    Args:
        chosen: all settings.
        python: the environment's Python.
    """

    def __init__(self, chosen: dict[str, str], python: Path) -> None:
        self.chosen = chosen
        self.python = str(python)
        self.variables = settings.of_the_kit(chosen)

    def venv(self) -> None:
        """Make or update the environment, which every task does first."""

    def run(self) -> None:
        """Make the splits and run all lessons; their pages and the grid land in out/."""
        home = KIT / self.variables["COLORKIT_HOME"]
        if not (home / "data" / "manifest.json").exists():
            self._python("-m", "colorkit", "prepare")
        self._python("tools/run_lessons.py", "--out", str(home / "lessons"))

    def test(self) -> None:
        """Run lint, the unit tests, and all lessons at the smoke profile."""
        self.lint()
        self.unit()
        self.lessons()

    def check(self) -> None:
        """Run lint and the fast tests, for every commit."""
        self.lint()
        self._pytest("--dist", "worksteal", "-m", f"({self.chosen['MARKS']}) and not slow")

    def lint(self) -> None:
        """Check the style, and the types of colorkit/."""
        self._python("-m", "ruff", "check", ".")
        self._python("-m", "ruff", "format", "--check", ".")
        self._python("-m", "mypy")

    def unit(self) -> None:
        """Run the unit tests."""
        self._pytest("--dist", "worksteal", "-m", self.chosen["MARKS"])

    def lessons(self) -> None:
        """Run all lessons, cell by cell, under nbval."""
        self._pytest(*NBVAL, "notebooks", **self._smoke("lessons"))

    def browser(self) -> None:
        """Run each lesson in JupyterLab (needs Chromium); keeps screenshots in out/screenshots."""
        # The longest tests first, so that no worker is left with one at the end
        files = sorted(in_checkout("tests/browser/test_*.py"), key=LESSONS_IN_BROWSER.__ne__)
        self._pytest("--dist", "load", "--maxschedchunk", "1", "-m", "browser", *files)

    def solved(self) -> None:
        """Run copies of the lessons with every exercise answered correctly."""
        variables = self._smoke("solved")
        # The copies are written to out/, where they find the kit.
        self._python("tests/lessons/solve.py", "out", **variables)
        self._pytest(*NBVAL, *in_checkout("out/solved_*.ipynb"), **variables)

    def outputs(self) -> None:
        """Refresh the outputs that the committed notebooks keep."""
        variables = fresh_home("outputs", profile="demo")
        self._python("tools/run_lessons.py", "--write", **variables)

    def ledger(self) -> None:
        """Compare the report's claims with its experiments; trains what is missing, for hours."""
        self._python("-m", "tools.ledger", COLORKIT_HOME=str(KIT / "out" / "ledger"))

    def bench(self) -> None:
        """Measure speed and memory, for JSON and tables in benchmarks/."""
        torch = environments.make_torch(self.chosen)
        self._python("benchmarks/data.py")
        self._python("benchmarks/photos.py")
        self._python("benchmarks/training.py", "--torch", str(torch))
        self._python("benchmarks/quality.py", "--grid", "docs/grid.png")
        self._python("benchmarks/hints.py")

    def torture(self) -> None:
        """Kill training more than a hundred times: no kill loses work."""
        self._python("-m", "pytest", "-m", "torture", "--verbose", "--capture=no")

    def lock(self) -> None:
        """Lock the versions of this environment for new ones.

        The oldest Python makes the lock: what it can install, the newer ones can, too.
        """
        oldest = pythons.supported()[-1]
        present = pythons.ask([self.python])
        if present is None or present.version != oldest:
            where = f"VENV=.venv-lock PYTHON={oldest}"
            raise TaskError(f"the lock is made on Python {oldest}, got {present}: add {where}")
        part = KIT / f"{LOCK}.part"
        lines = output([self.python, "-m", "pip", "freeze", "--quiet"])
        part.write_text(lines + "\n", encoding="utf-8")
        os.replace(str(part), str(KIT / LOCK))

    def _python(self, *words: str, **variables: str) -> None:
        """Run the environment's Python."""
        run([self.python, *words], {**self.variables, **variables})

    def _pytest(self, *words: str, **variables: str) -> None:
        """Run tests in several processes, each with threads for one core (tests/workers.py)."""
        several = ["-p", "tests.workers", "--numprocesses", self.chosen["WORKERS"]]
        quiet = ["--quiet", "--durations", "8", "-k", self.chosen["ONLY"]]
        self._python("-m", "pytest", *quiet, *several, *words, **variables)

    def _smoke(self, task: str) -> dict[str, str]:
        """Return the variables for lessons at the smoke profile, with a home that is empty."""
        environment = Path(self.chosen["VENV"]).name
        name = f"smoke-{task}-{environment}-{self.chosen['KERAS_BACKEND']}"
        return fresh_home(name, profile="smoke")


def fresh_home(name: str, profile: str) -> dict[str, str]:
    """Empty a home folder in out/ and return the variables that name it and a profile.

    Each process of tests adds its own name to the folder's (tests/workers.py).
    """
    out = KIT / "out"
    for folder in [out / name, *out.glob(f"{name}-gw*")]:
        if folder.exists():
            shutil.rmtree(str(folder))
    return {"COLORKIT_HOME": str(out / name), "COLORKIT_PROFILE": profile}


def in_checkout(pattern: str) -> list[str]:
    """Return the files of the checkout that match a pattern, as paths from its root."""
    return sorted(path.relative_to(KIT).as_posix() for path in KIT.glob(pattern))
