"""What the README's table and docs/where-it-runs.md say about places agrees with what CI runs."""

import re

import pytest
from guide import part, rows
from helpers import KIT
from packaging.requirements import Requirement

DETAILS = (KIT / "docs" / "where-it-runs.md").read_text(encoding="utf-8")
PLACES = rows(part((KIT / "README.md").read_text(encoding="utf-8"), "## Where it runs"))
NEWEST = part(DETAILS, "## Colab").split("### ")[0]
RUNTIMES = rows(part(DETAILS, "### Older runtimes"))
WHEN = r"\b(20\d\d-[01]\d-[0-3]\d|every change)\b"


def read_lock(name: str) -> str:
    return (KIT / ".ci" / f"constraints-{name}.txt").read_text(encoding="utf-8")


def read_range(package: str):
    """Return the versions of a package that requirements.txt promises."""
    lines = (KIT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{package}>"))
    return Requirement(line).specifier


@pytest.mark.parametrize(("place", "tried", "how"), PLACES, ids=[row[0] for row in PLACES])
def test_a_place_says_whether_how_and_when_it_was_tried(place, tried, how):
    assert tried in ("tested", "simulated", "not tried", "cannot")
    assert bool(re.search(WHEN, how)) == (tried in ("tested", "simulated"))
    assert how


def test_the_places_that_people_ask_about_are_there():
    text = " ".join(place for place, *_ in PLACES)
    for name in ("Kaggle", "VS Code", "Codespaces", "Binder", "macOS, Intel", "Windows, Arm"):
        assert name in text


def test_every_runtime_is_in_both_tables():
    named = {name for place, *_ in PLACES for name in re.findall(r"\b20\d\d\.\d\d\b", place)}
    assert named == {row[0] for row in RUNTIMES}


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("TensorFlow", "tensorflow"),
        ("Keras", "keras"),
        ("NumPy", "numpy"),
        ("ipywidgets", "ipywidgets"),
        ("IPython", "ipython"),
    ],
)
def test_the_newest_runtime_s_versions_are_those_of_the_lock(name, package):
    (said,) = re.findall(rf"\b{name}\s+(\d[\d.]+\d)", NEWEST)
    assert re.findall(rf"^{package}==(.+)$", read_lock("colab"), re.MULTILINE) == [said]


@pytest.mark.parametrize(("column", "package"), [(2, "tensorflow"), (3, "keras")])
def test_the_oldest_runtime_is_the_oldest_that_is_promised(column, package):
    versions = [row[column] for row in RUNTIMES]
    promised = read_range(package)
    assert all(promised.contains(version) for version in versions)
    (lowest,) = (limit.version for limit in promised if limit.operator == ">=")
    assert f"{versions[-1]}.".startswith(f"{lowest}.")


@pytest.mark.parametrize(
    ("setting", "stage"),
    [
        ("the newest releases", "newest"),
        ("Colab's versions", "pins"),
        ("the oldest promised versions", "oldest"),
    ],
)
def test_the_settings_pythons_are_those_of_the_workflow(setting, stage):
    (how,) = (how for place, _, how in PLACES if place == "Linux, x86")
    (said,) = re.findall(rf"{setting} on Python (3\.\d+)", how)
    workflow = (KIT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert re.findall(rf'stage: {stage}, python: "(.+)"', workflow) == [said]


def test_the_first_python_that_cannot_is_where_the_supported_ones_end():
    project = (KIT / "pyproject.toml").read_text(encoding="utf-8")
    (end,) = re.findall(r'^requires-python = ">=3\.\d+,<(3\.\d+)"', project, re.MULTILINE)
    assert [f"Python {end} or newer", "cannot"] in [row[:2] for row in PLACES]
