"""The minutes in the lessons' tables of facts, and in the README's syllabus."""

import minutes
import nbformat
import pytest
from helpers import KIT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

FACTS = """# A lesson

| | |
|---|---|
| Reading | x |
| Doing | x |
| Compute | x on 1 CPU cores (measured); on a T4 not |
"""


def lesson(*prose: str) -> nbformat.NotebookNode:
    """Make a notebook with a table of facts, cells of prose, and a long cell of code."""
    return new_notebook(
        cells=[
            new_markdown_cell(FACTS),
            *map(new_markdown_cell, prose),
            new_code_cell("x = 1 + 1\n" * 500),
        ]
    )


@pytest.mark.parametrize(("words", "expected"), [(0, 1), (500, 3), (1000, 5)])
def test_reading_counts_words_of_prose(words, expected):
    assert minutes.reading(lesson("a\\* word " * (words // 2))) == expected


def test_addresses_tables_rules_and_code_are_not_read():
    addresses = "[x](https://one.two/three four) " * 100
    rules = "|---|---|\n" * 300
    code = "```\n" + "one two " * 900 + "```"
    assert minutes.reading(lesson(addresses + rules + code)) == 1


def test_doing_counts_exercises_predictions_and_the_panel():
    prose = (
        "### Exercise 1.1: x\n\n",
        "**Predict.** What?",
        "### Exercise 1.2: y\n\nas in Exercise 1.1",
        "**Predict.** And?",
    )
    assert minutes.doing(lesson(*prose)) == 12
    assert minutes.doing(lesson(*prose, "**A question for the panel.** Why?")) == 16


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (7.1, "8 s"), (89, "89 s"), (90, "1.5 min"), (754, "12.6 min")],
)
def test_a_span_in_words(seconds, words):
    assert minutes.span(seconds) == words


def test_the_facts_are_replaced_and_nothing_else(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    notebook = lesson("word " * 600)
    minutes.state(notebook, 100)
    expected = FACTS.replace("| Reading | x |", "| Reading | 3 minutes |")
    expected = expected.replace("| Doing | x |", "| Doing | 0 minutes |")
    expected = expected.replace("x on 1 CPU cores", "1.7 min on 8 CPU cores")
    assert notebook.cells[0].source == expected
    notebook.cells[0].source = "# A lesson without facts"
    with pytest.raises(ValueError, match="0 places look like"):
        minutes.state(notebook, 100)


def test_the_readme_names_the_time_of_a_lesson():
    lesson = "[T](notebooks/0{n}_x.ipynb)"
    badge = "[![y](z)](notebooks/0{n}_x.ipynb)"
    row = f"| {{n}} | {lesson} | a 5 s thing, 3 min | {{time}} | {badge} |\n"
    first = row.format(n=1, time="9 s")
    before = first + row.format(n=2, time="2.0 min")
    after = first + row.format(n=2, time="30 s")
    assert minutes.in_syllabus(before, "02_x", 30) == after


@pytest.mark.parametrize(
    "path", sorted((KIT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_every_lesson_states_what_is_counted(path):
    notebook = nbformat.read(path, as_version=4)
    for fact in ("reading", "doing"):
        assert (
            f"| {fact.title()} | {getattr(minutes, fact)(notebook)} minutes |"
            in notebook.cells[0].source
        )


def test_as_a_command(capsys, monkeypatch):
    lesson = KIT / "notebooks" / "01_data_prep.ipynb"
    monkeypatch.setattr("sys.argv", ["minutes.py", str(lesson)])
    assert minutes.main() == 0
    notebook = nbformat.read(lesson, as_version=4)
    counted = f"reading {minutes.reading(notebook)}, doing {minutes.doing(notebook)} minutes"
    assert capsys.readouterr().out == f"{lesson}: {counted}\n"
