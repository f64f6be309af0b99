"""The glossary is in order, its names are in the code, and its words on the pages that it names."""

import contextlib
import dataclasses
import importlib
import re

import nbformat
import pytest

from tools.accessibility import glossary

ENTRIES = glossary.entries()


@pytest.fixture
def read(tmp_path):
    def entries(text: str) -> list[glossary.Entry]:
        path = tmp_path / "glossary.md"
        path.write_text(text, encoding="utf-8")
        return glossary.entries(path)

    return entries


def test_an_entry(read):
    (one, two) = read(
        "# G\n\nIntro `x`.\n\n"
        "## A\n\n- **a\\*, b\\*** (two axes): One: `m.x`; see\n  [here](y.md).\n\n"
        "## B\n\n- **b**: Two.\n"
    )
    assert one == glossary.Entry(
        "A", "a*, b*", "two axes", "One: m.x; see here.", ["m.x"], ["y.md"]
    )
    assert two == glossary.Entry("B", "b", "", "Two.", [], [])


@pytest.mark.parametrize("item", ["a: b", "**a** b: c", "**a** (b) c", "**a** (b)c: d", "*a*: b"])
def test_another_form_is_refused(read, item):
    with pytest.raises(
        ValueError,
        match=re.escape("an entry begins **term**: or **term** (what it stands for):, not 'a"),
    ):
        read(f"## A\n\n- {item}\n")


def test_alphabetical():
    """Sorted by letters and digits alone, each under its letter."""
    keys = [re.sub(r"[^a-z0-9]", "", entry.term.lower()) for entry in ENTRIES]
    assert keys == sorted(set(keys))
    assert [key[0].upper() for key in keys] == [entry.letter for entry in ENTRIES]


def exists(name: str) -> bool:
    """Tell whether `module.name` or `module.Class.field` is in the kit."""
    folder, *path = name.split(".")
    place = importlib.import_module(f"colorkit.{folder}")
    for part in path:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(f"{place.__name__}.{part}")
        fields = (
            {field.name for field in dataclasses.fields(place)}
            if dataclasses.is_dataclass(place)
            else set()
        )
        if not hasattr(place, part):
            return part in fields and part == path[-1]
        place = getattr(place, part)
    return bool(path)


@pytest.mark.parametrize("name", sorted({code for entry in ENTRIES for code in entry.codes}))
def test_every_name_is_in_the_code(name):
    assert exists(name)


@pytest.mark.parametrize(
    "name",
    ["evaluation.nothing", "evaluation", "training.Config.nothing", "training.Config.seed.more"],
)
def test_a_name_that_is_not(name):
    assert not exists(name)


def read_words(path) -> str:
    """Return all words on a page, code included, but no outputs."""
    return (
        "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        if path.suffix == ".ipynb"
        else path.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.term)
def test_an_entry_is_short_and_names_a_page_that_uses_the_word(entry):
    assert 1 <= len(re.findall(r"[.?](?= |$)", re.sub(r"\(.*?\)", "", entry.text))) <= 2
    assert len(entry.links) == 1
    said = read_words((glossary.GLOSSARY.parent / entry.links[0]).resolve()).lower()
    stem = re.escape(entry.term.lower().removesuffix("ing"))
    assert re.search(
        rf"(?<![a-z]){stem}(s|e|ed|ing)?(?![a-z])",
        " ".join(said.replace("_", " ").replace("\\*", "*").split()),
    )
