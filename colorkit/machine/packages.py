"""Install the packages that the lessons import and this machine lacks; warn about untested ones.

The ranges are those of requirements.txt. Packages that are installed already stay as they are.
"""

import importlib
import importlib.metadata
import importlib.util
import platform
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from ..errors import KitError, first_line
from ..files import KIT
from . import hosts

if TYPE_CHECKING:
    from packaging.requirements import Requirement

REQUIREMENTS = KIT / "requirements.txt"
# modules that have another name than their package
MODULES = {
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "scikit-image": "skimage",
    "markdown-it-py": "markdown_it",
    "lazy-loader": "lazy_loader",
}
# without TensorFlow, Keras computes on JAX; the others run and check notebooks
OPTIONAL = {"tensorflow", "ipykernel", "nbval"}
# systems without TensorFlow 2.18 or newer, in Python's names and in words
NO_TENSORFLOW = {
    ("darwin", "x86_64"): (
        "Macs with an Intel processor any more: use Colab "
        "(on Apple silicon, use a Python for arm64)"
    ),
    ("win32", "ARM64"): "Windows on Arm: use Colab",
}
# Nothing that a package depends on: that might replace a package of Colab's that others need as it
# is, or that is in use already.
PIP_INSTALL = ("pip", "install", "--quiet", "--no-color", "--no-deps")


def requirements() -> "list[Requirement]":
    """Read requirements.txt."""
    from packaging.requirements import Requirement  # it may be missing itself

    return [Requirement(line) for line in _lines().values()]


def _lines() -> dict[str, str]:
    """Return the lines of requirements.txt by the names of their packages."""
    text = REQUIREMENTS.read_text(encoding="utf-8")
    stripped = [line.partition("#")[0].strip() for line in text.splitlines()]
    return {re.split(r"[^\w.-]", line)[0]: line for line in stripped if line}


def missing() -> list[str]:
    """Name the packages that the lessons import and that can't be found here.

    One of TensorFlow and JAX is enough.
    """
    optional = OPTIONAL if _has_module("jax") else OPTIONAL - {"tensorflow"}
    return [name for name in _lines() if name not in optional and not _has(name)]


def _has(name: str) -> bool:
    """Return whether a package can be imported, by its name in requirements.txt."""
    return _has_module(MODULES.get(name, name))


def _has_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def require_all() -> None:
    """Raise KitError where packages are missing on a machine that is somebody's own."""
    lacking = missing()
    if lacking:
        raise KitError(_describe(lacking))


def explain(bad: ImportError) -> str:
    """Say why an import failed: all that is missing here, and how to get it."""
    lacking = missing()
    return _describe(lacking) if lacking else first_line(bad)


def _describe(lacking: list[str]) -> str:
    return f"not installed for this Python: {', '.join(lacking)}. {_remedy(lacking)}"


def _remedy(lacking: list[str]) -> str:
    """Say how to get what is missing."""
    system = (sys.platform, platform.machine())
    if "tensorflow" in lacking and system in NO_TENSORFLOW:
        return f"There is no TensorFlow for {NO_TENSORFLOW[system]}"
    if "tensorflow" in lacking and sys.version_info >= (3, 14):
        return (
            f"There is no TensorFlow for Python {platform.python_version()} yet: "
            "make an environment with Python 3.11, 3.12 or 3.13"
        )
    return (
        "Install them into the notebook's own environment with "
        f"`%pip install -r {REQUIREMENTS}`, or run `python -m tools.tasks venv` in the kit's "
        "folder and choose .venv as the notebook's kernel; then restart it"
    )


def refuse_namesake() -> None:
    """Raise KitError where PyPI's `colorkit` is installed.

    It is another project, and whoever installed it took it for this one.
    """
    if _version("colorkit"):
        raise KitError(
            "the package colorkit that is installed here is another project: "
            f"run `%pip uninstall -y colorkit`, restart the session (menu {hosts.restart_menu()}), "
            "then run this cell again"
        )


def install_missing() -> None:
    """Install the missing packages, without their dependencies; print a line for each.

    Raises:
        KitError: pip can't install one.
    """
    lines = _lines()
    for name in missing():
        _install(name, lines[name])
        print(f"installed: {name} {_version(name)}, which was missing")


def _install(name: str, requirement: str) -> None:
    """Install one package; its requirement says which versions will do.

    Raises:
        KitError: pip can't install it.
    """
    command = [sys.executable, "-m", *PIP_INSTALL, requirement]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode:
        said = done.stderr.strip() or f"pip's exit status is {done.returncode}"
        reason = said.splitlines()[-1]
        raise KitError(
            f"{name} is missing here and could not be installed ({reason}): {hosts.network_hint()}"
        )
    importlib.invalidate_caches()  # otherwise Python would still believe that it is missing


def warn_of_untested() -> None:
    """Print one line if installed versions are outside the ranges that the kit is tested with."""
    found = []
    for requirement in requirements():
        version = _version(requirement.name)
        if version and not requirement.specifier.contains(version, prereleases=True):
            found.append(f"{requirement.name} {version} (tested: {requirement.specifier})")
    if found:
        print(
            f"not tested: {', '.join(found)}. The lessons still run; if one fails, look here first."
        )


def _version(name: str) -> str | None:
    """Return the version of an installed package; None where it isn't installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
