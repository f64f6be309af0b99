"""The settings of the tasks: words `NAME=value` of the command line, else environment variables."""

from __future__ import annotations

import os

from .programs import KIT, TaskError

DEFAULTS = {
    # The Python that makes new environments: a version, a name or a path; "" chooses one
    "PYTHON": "",
    "VENV": ".venv",
    # The versions that a new environment gets; "" takes the newest of today.
    "CONSTRAINTS": ".ci/constraints-newest.txt",
    # The tests that pytest's -m and -k choose
    "MARKS": "not browser and not torture and not weekly",
    "ONLY": "",
    "WORKERS": "2",  # processes of tests; 0 for one process with all threads
    # What the kit itself heeds
    "COLORKIT_HOME": str(KIT / "out"),
    "COLORKIT_PROFILE": "",
    "KERAS_BACKEND": "",
}


def read(words: list[str]) -> dict[str, str]:
    """Return all settings.

    Args:
        words: those of the command line, such as VENV=.venv-today.

    Raises:
        TaskError: a name is unknown.
    """
    given = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in DEFAULTS:
            known = ", ".join(DEFAULTS)
            raise TaskError(f"no setting '{name}', expected one of: {known}", status=2)
        given[name] = value
    inherited = {name: os.environ[name] for name in DEFAULTS if name in os.environ}
    return {**DEFAULTS, **inherited, **given}


def of_the_kit(settings: dict[str, str]) -> dict[str, str]:
    """Return the settings that the kit itself heeds, as environment variables."""
    names = ("COLORKIT_PROFILE", "KERAS_BACKEND")
    chosen = {name: settings[name] for name in names if settings[name]}
    return {"COLORKIT_HOME": settings["COLORKIT_HOME"], **chosen}
