"""Every example (`>>>`) in the package's docstrings runs, and prints what stands below it."""

import doctest
import importlib
import re
import types

import pytest
from helpers import KIT

HOUSE = KIT / "colorkit"
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
# Modules and folders that must have an example that runs, as in "color" or "evaluation.metrics".
REQUIRED = frozenset({"color", "data", "evaluation.metrics", "evaluation.perception"})


def name_of(path) -> str:
    """Return the name of a module, as in models.cnn."""
    name = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
    return name.removesuffix(".__init__")


def find_sources() -> dict[str, str]:
    """Find the source text of each module in which examples are written, by name."""
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in HOUSE.rglob("*.py")}
    return {name: text for name, text in sorted(texts.items()) if count_written(text)}


def count_written(text: str) -> int:
    """Count the examples in a module's source text."""
    return len(re.findall(r"^ *>>> ", text, re.MULTILINE))


def find_examples(module: types.ModuleType) -> list[doctest.DocTest]:
    """Find the examples of a module, those of one docstring together."""
    return doctest.DocTestFinder(exclude_empty=True).find(module, module.__name__)


def run_examples(cases: list[doctest.DocTest]) -> str:
    """Run examples; return what the ones that failed have to say."""
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    for case in cases:
        runner.run(case, out=report.append)
    return "".join(report)


def runs(example: doctest.Example) -> bool:
    """Tell whether an example runs: it isn't marked +SKIP."""
    return not example.options.get(doctest.SKIP, False)


SOURCES = find_sources()


@pytest.mark.parametrize("name", SOURCES)
def test_the_examples_run(name):
    module = importlib.import_module("colorkit" if name == "__init__" else f"colorkit.{name}")
    cases = find_examples(module)
    found = sum(len(case.examples) for case in cases)
    assert found == count_written(SOURCES[name]), "some examples are where doctest doesn't look"
    assert run_examples(cases) == ""


def test_what_must_have_an_example_has_one():
    missing = set(REQUIRED)
    for name in SOURCES:
        module = importlib.import_module("colorkit" if name == "__init__" else f"colorkit.{name}")
        examples = [example for case in find_examples(module) for example in case.examples]
        if any(map(runs, examples)):
            missing -= {each for each in missing if f"{name}.".startswith(f"{each}.")}
    assert missing == set()


@pytest.mark.parametrize(
    ("text", "runs_well"),
    [
        (">>> 1 + 1\n2\n", True),
        (">>> 1 + 1\n3\n", False),
        (">>> 1 / 0\n", False),
        (">>> 1 / 0  # doctest: +SKIP\n", True),
        (">>> print('a  b ... c')\na b ... c\n", True),
    ],
)
def test_a_wrong_example_is_found(text, runs_well):
    """The counter-check to the tests above."""
    module = types.ModuleType("made_up", text)
    cases = find_examples(module)
    assert sum(len(case.examples) for case in cases) == count_written(text) == 1
    assert (run_examples(cases) == "") == runs_well
