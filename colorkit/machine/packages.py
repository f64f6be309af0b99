"""The packages that the lessons import, in the ranges of requirements.txt: what is missing can be installed, what is there stays."""

import importlib
import importlib.metadata
import importlib.util
import subprocess
import sys

from packaging.requirements import Requirement

from ..errors import KitError
from ..files import KIT

REQUIREMENTS = KIT / "requirements.txt"
MODULES = {
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "scikit-image": "skimage",
    "markdown-it-py": "markdown_it",
    "lazy-loader": "lazy_loader",
}  # where a module isn't called as its package
OPTIONAL = {
    "tensorflow",
    "ipykernel",
    "nbval",
}  # without the first Keras computes on JAX; the others run and check notebooks


def requirements() -> list[Requirement]:
    """What requirements.txt asks for."""
    lines = (line.partition("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines())
    return [Requirement(line) for line in lines if line]


def refuse_namesake() -> None:
    """Raise KitError where PyPI's `colorkit` is installed: it is another project, and whoever installed it took it for this one."""
    if _version("colorkit"):
        raise KitError(
            "the package colorkit that is installed here is another project: run `%pip uninstall -y colorkit`, "
            "restart the session (menu Runtime), then run this cell again"
        )


def install_missing() -> None:
    """Install what the lessons import and this machine lacks, and nothing else; print a line for each.

    Never with what it depends on: that might replace a package of Colab's that other packages need as it is, or that is in use already.

    Raises:
        KitError: pip can't install it.
    """
    for requirement in requirements():
        name = requirement.name
        if name in OPTIONAL or importlib.util.find_spec(MODULES.get(name, name)):
            continue
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-color",
            "--no-deps",
            str(requirement),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            reason = (
                done.stderr.strip() or f"pip's exit status is {done.returncode}"
            ).splitlines()[-1]
            raise KitError(
                f"{name} is missing here and could not be installed ({reason}): run this cell again when the network is back"
            )
        importlib.invalidate_caches()  # or Python goes on believing that there is no such module
        print(f"installed: {name} {_version(name)}, which was missing")


def warn_of_untested() -> None:
    """Print one line where installed versions lie outside the ranges that the lessons are tested with."""
    found = [
        f"{requirement.name} {version} (tested: {requirement.specifier})"
        for requirement in requirements()
        if (version := _version(requirement.name))
        and not requirement.specifier.contains(version, prereleases=True)
    ]
    if found:
        print(
            f"not tested: {', '.join(found)}. The lessons go on; where one fails, look here first."
        )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
