"""The rules of the house: imports point downward, one door a folder, small modules."""

import ast
import importlib
import re
import subprocess
import sys
import types

import nbformat
import pytest
from helpers import KIT

HOUSE = KIT / "colorkit"
# The only rule of imports: a folder imports what is below it. Folders on one line don't know each
# other.
ORDER = """
cli exercises
widgets runs
plots training
evaluation
photos models
data
machine color
profiles
arrays files errors
"""
STEPS = [line.split() for line in ORDER.strip().splitlines()]
FOLDERS = sorted(path.parent.name for path in HOUSE.glob("*/__init__.py"))
MODULES = sorted(
    path
    for path in HOUSE.rglob("*.py")
    if path.relative_to(HOUSE).parts not in (("__init__.py",), ("__main__.py",))
)


def name_of(path) -> str:
    """Return the name of a module as people say it: models.cnn."""
    return ".".join(path.relative_to(HOUSE).with_suffix("").parts)


def folder_of(path) -> str:
    """Return the folder of a module; a module in the root is a folder of its own."""
    return path.relative_to(HOUSE).with_suffix("").parts[0]


def step_of(folder: str) -> int:
    """Return the number of a folder's step, from the top."""
    (place,) = (place for place, step in enumerate(STEPS) if folder in step)
    return place


def find_imports(path) -> set[str]:
    """Find the folders from which a module imports, at its top or inside a function.

    Its own folder isn't counted, nor is the package's version.
    """
    up = len(path.relative_to(HOUSE).parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == up:
            found |= first_names(node, node.module or "")
        elif isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("colorkit."):
            found |= first_names(node, node.module.removeprefix("colorkit").removeprefix("."))
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            found |= {name.split(".")[1] for name in names if name.startswith("colorkit.")}
    return found - {"__version__", folder_of(path)}


def first_names(node: ast.ImportFrom, module: str) -> set[str]:
    """Return the folders that a `from module import names` takes from the package."""
    return {module.split(".")[0]} if module else {alias.name for alias in node.names}


def test_every_folder_has_its_place():
    assert {folder_of(path) for path in MODULES} == {folder for step in STEPS for folder in step}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_downward(path):
    below = {folder for step in STEPS[step_of(folder_of(path)) + 1 :] for folder in step}
    assert find_imports(path) <= below


def test_the_rule_above_sees_imports():
    """The counter-check: what is known to be imported is found, inside functions too."""
    evaluate = find_imports(HOUSE / "cli" / "evaluate.py")
    assert {"machine", "data", "runs", "plots", "files"} <= evaluate
    assert {"data"} <= find_imports(HOUSE / "training" / "batches.py")
    exercises = find_imports(HOUSE / "exercises" / "data_prep.py")
    assert {"color", "data", "files"} <= exercises


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_door_offers_exactly_what_it_lists(folder):
    """`__all__` holds each public name of the folder's `__init__.py` once; each can be imported."""
    door = importlib.import_module(f"colorkit.{folder}")
    assert len(set(door.__all__)) == len(door.__all__)
    assert all(hasattr(door, name) for name in door.__all__)
    tree = ast.parse((HOUSE / folder / "__init__.py").read_text(encoding="utf-8"))
    inside = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.level == 1]
    brought = {alias.asname or alias.name for node in inside for alias in node.names}
    assert brought <= set(door.__all__)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_module_bears_the_name_of_what_its_door_offers(folder):
    """Otherwise importing the module would replace the function at the door."""
    door = importlib.import_module(f"colorkit.{folder}")
    modules = {path.stem for path in (HOUSE / folder).glob("*.py")}
    assert all(
        isinstance(getattr(door, name), types.ModuleType) for name in modules & set(door.__all__)
    )


def find_sources():
    """Find each lesson, tool and benchmark, and the renderer, with its Python code."""
    for path in sorted((KIT / "notebooks").glob("*.ipynb")):
        cells = [
            cell.source
            for cell in nbformat.read(path, as_version=4).cells
            if cell.cell_type == "code"
        ]
        lines = "\n".join(cells).splitlines()
        yield path, "\n".join("pass" if line.startswith(("%", "!")) else line for line in lines)
    for folder in ("tools", "benchmarks", "renderer"):
        for path in sorted((KIT / folder).rglob("*.py")):
            yield path, path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "code"),
    list(find_sources()),
    ids=lambda value: value.name if hasattr(value, "name") else "",
)
def test_lessons_tools_and_benchmarks_import_folders_only(path, code):
    """A module can then be moved or cut, and lessons in people's Drives still run."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            assert not [alias.name for alias in node.names if alias.name.startswith("colorkit.")]
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("colorkit."):
            inside = node.module.split(".")[1:]
            assert len(inside) == 1, f"{node.module} is a module inside a folder"
            door = importlib.import_module(node.module)
            names = [alias.name for alias in node.names]
            assert set(names) <= set(getattr(door, "__all__", names)), (
                f"{node.module} doesn't offer all of {names}"
            )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_long(path):
    """A reader can keep about three screens in mind; a longer module has two subjects."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("words", ["google.colab", "import tensorflow", "import jax"])
def test_only_machine_knows_colab_and_the_backends(words):
    assert {folder_of(path) for path in MODULES if words in path.read_text(encoding="utf-8")} == {
        "machine"
    }


def test_the_map_for_newcomers_names_what_there_is():
    """Every path in the table "Where do I change ...?" of CONTRIBUTING leads somewhere."""
    page = (KIT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page.partition("## Where do I change ...?")[2].partition("\n##")[0]
    paths = re.findall(r"`(?:ls )?(colorkit/[^`]*)`", table)
    assert len(paths) >= 12
    for path in paths:
        assert list(KIT.glob(path.rstrip("/"))), path


def test_the_command_line_starts_without_keras():
    """Keras takes seconds to import; --help must not."""
    heavy = "{'keras', 'tensorflow', 'jax', 'matplotlib', 'skimage', 'scipy'}"
    code = f"import sys, colorkit.cli, colorkit.color; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=KIT,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout == "[]\n"
