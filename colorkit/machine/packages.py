"""Install the packages that the lessons import and this machine lacks; warn about untested ones.

The ranges are those of requirements.txt. Packages that are installed already stay as they are.
"""

import importlib
import importlib.metadata
import importlib.util
import subprocess
import sys

from packaging.requirements import Requirement

from ..errors import KitError
from ..files import KIT

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
# Nothing that a package depends on: that might replace a package of Colab's that others need as it
# is, or that is in use already.
PIP_INSTALL = ("pip", "install", "--quiet", "--no-color", "--no-deps")


def requirements() -> list[Requirement]:
    """Read requirements.txt."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    stripped = [line.partition("#")[0].strip() for line in lines]
    return [Requirement(line) for line in stripped if line]


def refuse_namesake() -> None:
    """Raise KitError where PyPI's `colorkit` is installed.

    It is another project, and whoever installed it took it for this one.
    """
    if _version("colorkit"):
        raise KitError(
            "the package colorkit that is installed here is another project: "
            "run `%pip uninstall -y colorkit`, restart the session (menu Runtime), "
            "then run this cell again"
        )


def install_missing() -> None:
    """Install the missing packages, without their dependencies; print a line for each.

    Raises:
        KitError: pip can't install one.
    """
    for requirement in requirements():
        name = requirement.name
        if name in OPTIONAL or importlib.util.find_spec(MODULES.get(name, name)):
            continue
        _install(requirement)
        print(f"installed: {name} {_version(name)}, which was missing")


def _install(requirement: Requirement) -> None:
    """Install one package.

    Raises:
        KitError: pip can't install it.
    """
    command = [sys.executable, "-m", *PIP_INSTALL, str(requirement)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode:
        said = done.stderr.strip() or f"pip's exit status is {done.returncode}"
        reason = said.splitlines()[-1]
        raise KitError(
            f"{requirement.name} is missing here and could not be installed ({reason}): "
            "run this cell again when the network is back"
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
