"""The rules of the house: small modules, and imports that point downwards only."""

import ast
import subprocess
import sys

import pytest
from helpers import KIT

HOUSE = KIT / "colorkit"
MODULES = sorted(path for path in HOUSE.rglob("*.py") if path.relative_to(HOUSE).parts not in (("__init__.py",), ("__main__.py",)))
ROOMS = """
cli page widgets checks palettes charts portraits figures diagrams plots robustness audit booth hinting vividness evaluation groups
variance tones votes intervals runs progress journal mirror courier checkpoints disk plateau trainers configs gan ganconfig discriminators
averages classifier turns gradients supervised legs weights inference unet blocks models resnet50 upsampling baselines oracles levin
hintfiles perception features metrics losses classes batches hints oldphotos damage plates splits building colorizing joining photos gamut
decoding transfer pickles devices feeding precision optimizers memory environment packages manifest downloads faces profiles color files
errors
"""
ORDER = ROOMS.split()


def room(path) -> str:
    """A module's own name; `checks` is a room of several modules."""
    return path.relative_to(HOUSE).with_suffix("").parts[0]


def imported(path) -> set[str]:
    """The rooms from which a module imports, at its top or inside a function; its own is not counted, nor is the package's version."""
    found, up = set(), len(path.relative_to(HOUSE).parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == up:
            found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "colorkit":
            found |= {node.module.split(".")[1]} if "." in node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("colorkit.")}
    return found - {"__version__"}


def test_every_module_has_its_place():
    assert {room(path) for path in MODULES} == set(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_point_downwards(path):
    below = ORDER[ORDER.index(room(path)) + 1 :]
    assert imported(path) <= set(below)


def test_the_rule_above_sees_imports():
    """The counter-check: what is known to be imported is found, inside functions too."""
    assert {"environment", "splits", "runs", "plots", "errors"} <= imported(KIT / "colorkit" / "cli.py")
    assert {"splits"} <= imported(KIT / "colorkit" / "batches.py")
    assert {"color", "building", "files"} <= imported(KIT / "colorkit" / "checks" / "data_prep.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_is_long(path):
    assert len(path.read_text().splitlines()) <= 250


MAY_NAME = {
    "google.colab": {"environment"},
    # what Keras has no word for: a gradient, a strategy that shares a batch over devices, a fused kernel, a data set that changes malloc, a
    # pipeline's options
    "import tensorflow": {"environment", "gradients", "devices", "feeding", "optimizers", "memory"},
    "import jax": {"environment", "gradients", "devices"},
}


@pytest.mark.parametrize("words", MAY_NAME)
def test_few_modules_know_colab_and_the_backends(words):
    assert {path.stem for path in MODULES if words in path.read_text()} == MAY_NAME[words]


def test_the_command_line_starts_without_keras():
    """Keras takes seconds to import; --help must not."""
    heavy = "{'keras', 'tensorflow', 'jax', 'matplotlib', 'skimage', 'scipy'}"
    code = f"import sys, colorkit.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=KIT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
