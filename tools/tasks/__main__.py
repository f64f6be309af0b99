"""Set the kit up, run its lessons and test it, on Linux, macOS and Windows.

    python -m tools.tasks run
    python -m tools.tasks unit MARKS=weekly VENV=.venv-today

`make run` does the same where there is make. A setting that isn't given is taken from an
environment variable of its name.
"""

from __future__ import annotations

import sys

from . import environments, programs, settings
from .programs import STOPPED, TaskError
from .tasks import Tasks

NAMES = [name for name in vars(Tasks) if not name.startswith("_")]


def main(words: list[str]) -> int:
    """Run tasks; return the exit status.

    Args:
        words: the tasks' names and settings NAME=value.
    """
    try:
        perform(words)
    except TaskError as bad:
        if str(bad):
            print(f"tasks: {bad}", file=sys.stderr)
        return bad.status
    except OSError as bad:
        print(f"tasks: {bad}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tasks: stopped", file=sys.stderr)
        return STOPPED
    return 0


def perform(words: list[str]) -> None:
    """Run tasks, the first words first.

    Raises:
        TaskError: one failed, or a word is wrong.
    """
    names = [word for word in words if "=" not in word]
    chosen = settings.read([word for word in words if "=" in word])
    if not names or {"-h", "--help"} & set(names):
        print(describe())
        return
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        known = ", ".join(NAMES)
        raise TaskError(f"no task '{unknown[0]}', expected one of: {known}", status=2)
    tasks = Tasks(chosen, environments.make(chosen))
    for name in names:
        getattr(tasks, name)()


def describe() -> str:
    """Describe the tasks and the settings."""
    first_lines = {name: getattr(Tasks, name).__doc__.splitlines()[0] for name in NAMES}
    tasks = [f"    {name:9} {line}" for name, line in first_lines.items()]
    defaults = [f"    {name}={value}" for name, value in settings.DEFAULTS.items()]
    return "\n".join([__doc__, "Tasks:", *tasks, "", "Settings:", *defaults])


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):  # what programs print in between keeps its place
        stream.reconfigure(errors="backslashreplace", line_buffering=True)
    programs.end_on_signal()
    sys.exit(main(sys.argv[1:]))
