"""What lessons use says in its docstring which lesson, and shows an example."""

import importlib
import inspect
import re

import names
import pytest
from helpers import KIT

LESSONS = sorted((KIT / "notebooks").glob("*.ipynb"))
USED = sorted({name for path in LESSONS for name in names.in_lesson(path)})


def find(name: str):
    """The object that a name such as "evaluation.votes.results" stands for."""
    folder, *path = name.split(".")
    place = importlib.import_module(f"colorkit.{folder}")
    for part in path:
        place = getattr(place, part)
    return place


FOUND = {name: find(name) for name in USED}
DOCUMENTED = [
    name for name in USED if inspect.isroutine(FOUND[name]) or inspect.isclass(FOUND[name])
]


def test_most_names_are_functions_and_classes():
    assert len(DOCUMENTED) > 80


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_names_its_lesson(name):
    text = inspect.getdoc(FOUND[name])
    assert re.search(r"\bLessons? \d(\.\d+)?\b", text), text


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_has_an_example(name):
    assert ">>>" in inspect.getdoc(FOUND[name])
