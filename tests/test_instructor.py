"""The teacher's guide says what the lessons and the kit say: sections, minutes, questions, messages and figures."""

import ast
import csv
import functools
import io
import itertools
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from helpers import FACES, KIT

from colorkit import baselines, losses, metrics, splits
from colorkit.splits import Split

GUIDE = KIT / "instructor"
PAGES = sorted(GUIDE.glob("*.md"))
LESSONS = sorted((KIT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
SCHEDULES = ("1 x 3 h", "2 x 90 min", "5 x 50 min")
NUMBERED = re.compile(r"\d\.\d ")
PREDICT = "**Predict.**"
EXERCISE = re.compile(r"^### Exercise (\d\.\d): (.+?) \(", re.MULTILINE)


def page(name: str) -> str:
    return (GUIDE / f"{name}.md").read_text()


def part(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    marks = heading.partition(" ")[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(marks)}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, row by row, without their heads."""
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    rules = {place for place, cells in enumerate(table) if set("".join(cells)) <= set(":-")}
    return [cells for place, cells in enumerate(table) if not {place, place + 1} & rules]


@dataclass
class Section:
    """What stands below a numbered heading of a lesson. `printed`: the stored outputs of its cells, pictures left out."""

    prose: str = ""
    code: list[str] = field(default_factory=list)
    printed: str = ""


@functools.cache
def lesson(path: Path) -> dict[str, Section]:
    """A lesson's sections by their heading; what stands before the first one and after the last is under ""."""
    found, name = {"": Section()}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            found[name].code.append(cell.source)
            found[name].printed += "".join(output.get("text", "") or output.get("data", {}).get("text/markdown", "") for output in cell.outputs)
            continue
        for piece in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            if heading := re.match(r"## (.+)", piece):
                name = heading[1] if NUMBERED.match(heading[1]) else ""
            found.setdefault(name, Section()).prose += piece + "\n"
    return found


def sections() -> dict[str, Section]:
    """All numbered sections of all lessons."""
    return {name: section for path in LESSONS for name, section in lesson(path).items() if name}


def exercises() -> dict[str, str]:
    """Titles of all exercises by their number."""
    return {number: title for section in sections().values() for number, title in EXERCISE.findall(section.prose)}


# README.md: the schedules


def sessions(schedule: str) -> list[tuple[int, list[list[str]]]]:
    """Of each session its stated minutes and its rows: minutes, section, what is done in class."""
    found = re.findall(r"^[\w ]+: (\d+) minutes\n\n((?:\|.*\n)+)", part(page("README"), f"### {schedule}"), re.MULTILINE)
    return [(int(total), rows(table)) for total, table in found]


def scheduled(schedule: str) -> list[list[str]]:
    """The rows that are sections."""
    return [row for _, table in sessions(schedule) for row in table if NUMBERED.match(row[1])]


def left_out(schedule: str) -> set[str]:
    """The sections that a schedule leaves out."""
    lines = re.findall(r"^- (\d\.\d .+)$", part(page("README"), f"### {schedule}"), re.MULTILINE)
    found = {name for name in sections() for line in lines if line.startswith(name)}
    assert len(found) == len(lines)
    return found


def choices() -> list[list[str]]:
    """The table of exercises: number and title, and for each schedule "class" or "home"."""
    return rows(part(page("README"), "## Schedules").split("### ")[0])


def in_class(schedule: str) -> set[str]:
    column = 1 + SCHEDULES.index(schedule)
    assert {row[column] for row in choices()} == {"class", "home"}
    return {row[0].partition(" ")[0] for row in choices() if row[column] == "class"}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_minutes_of_each_session_add_up(schedule):
    count, length, unit = re.match(r"(\d) x (\d+) (\w+)", schedule).groups()
    found = sessions(schedule)
    assert [total for total, _ in found] == [int(length) * (60 if unit == "h" else 1)] * int(count)
    for total, table in found:
        assert sum(int(row[0]) for row in table) == total, table[0]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_section_is_scheduled_once_or_left_out(schedule):
    names = [row[1] for row in scheduled(schedule)]
    assert names == sorted(set(names))
    assert sorted([*names, *left_out(schedule)]) == sorted(sections())


def test_every_exercise_stands_in_the_table_by_its_title():
    assert [row[0] for row in choices()] == [f"{number} {title}" for number, title in exercises().items()]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_exercises_are_done_in_their_section(schedule):
    for _, name, what in scheduled(schedule):
        here = {number for number, _ in EXERCISE.findall(sections()[name].prose)}
        assert set(re.findall(r"\d\.\d", what)) == here & in_class(schedule), name


@pytest.fixture
def minutes(monkeypatch):
    monkeypatch.syspath_prepend(str(KIT / "tools"))
    import minutes

    return minutes


def needed(minutes, name: str, what: str) -> float:
    """Minutes that a section takes by the rules of the lessons' tables, with the exercises and the panel that a schedule names."""
    prose = sections()[name].prose
    words = len(re.findall(r"\w[\w'.*]*", minutes.CODE.sub(" ", prose)))
    doing = minutes.EXERCISE * len(re.findall(r"\d\.\d", what)) + minutes.PANEL * ("panel" in what)
    return words / minutes.WORDS + minutes.PREDICTION * prose.count(PREDICT) + doing


def compute(path: Path) -> float:
    """Minutes, from the lesson's table of facts."""
    number, unit = re.search(r"\| Compute \| ([\d.]+) (s|min) on", lesson(path)[""].prose).groups()
    return float(number) / (60 if unit == "s" else 1)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_minutes_suffice(minutes, schedule):
    for given, name, what in scheduled(schedule):
        assert int(given) >= round(needed(minutes, name, what)), (name, needed(minutes, name, what))
    for path in LESSONS:
        table = [row for row in scheduled(schedule) if row[1] in lesson(path)]
        least = sum(needed(minutes, name, what) for _, name, what in table) + compute(path)
        assert sum(int(row[0]) for row in table) >= least, (path.stem, least)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_panels_are_where_the_schedule_says(schedule):
    for name in [name for _, name, what in scheduled(schedule) if "panel" in what]:
        assert "**A question for the panel.**" in sections()[name].prose


def test_the_sum_of_all_lessons(minutes):
    notebooks = [nbformat.read(path, as_version=4) for path in LESSONS]
    everything = sum(minutes.reading(each) + minutes.doing(each) for each in notebooks) + sum(map(compute, LESSONS))
    text = " ".join(page("README").split())
    assert int(re.search(r"takes about (\d+) minutes", text)[1]) == pytest.approx(everything, abs=5)
    counted = f"{minutes.WORDS} words a minute, {minutes.PREDICTION} minute a prediction, {minutes.EXERCISE} an exercise, {minutes.PANEL} a panel"
    assert counted in text
    assert f"({minutes.EXERCISE * len(exercises())} minutes) do not fit into three hours" in text


def names(code: list[str], context: type) -> set[str]:
    """The names that cells set (ast.Store) or need (ast.Load); imports and definitions set them too."""
    found = set()
    for node in (node for source in code for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            found.add(node.id)
        elif context is ast.Store and isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif context is ast.Store and isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return found


def missed(cut: set[str]) -> set[tuple[str, str]]:
    """Sections that need a name which only sections that were cut set, and that name."""
    found = set()
    for path in LESSONS:
        kept = {name: section.code for name, section in lesson(path).items() if name not in cut}
        gone = [source for name, section in lesson(path).items() if name in cut for source in section.code]
        lost = names(gone, ast.Store) - names([source for code in kept.values() for source in code], ast.Store)
        found |= {(name, lack) for name, code in kept.items() for lack in names(code, ast.Load) & lost}
    return found


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_nothing_later_needs_what_is_left_out(schedule):
    assert missed(left_out(schedule)) == set()


def test_the_rule_above_sees_what_is_needed():
    """The counter-check: the data of a lesson can't be left out."""
    assert ("1.5 The first result to beat", "train") in missed({"1.3 Splits: train, validate, test"})


def test_predictions_worth_a_discussion_exist():
    worth = [row[0] for row in rows(part(page("README"), "## Predictions: think, pair, share"))]
    assert len(worth) == 6
    for name in worth:
        assert PREDICT in sections()[name].prose


# what-goes-wrong.md: what the kit says, and what the lessons show


def literals(folder: Path) -> list[str]:
    """Every string in the kit's source; of an f-string what stands between its values."""
    trees = [ast.parse(path.read_text()) for path in sorted(folder.rglob("*.py"))]
    return [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_messages_are_the_kits_word_for_word():
    known, quoted = literals(KIT / "colorkit"), re.findall(r"\*\*`([^`]+)`\*\*", page("what-goes-wrong"))
    assert len(quoted) > 15
    for message in quoted:
        for piece in filter(None, (piece.strip() for piece in message.split("..."))):
            assert any(piece in literal for literal in known), message


def test_sentences_to_say_use_figures_of_their_sections():
    """A figure stands in the prose or in the stored output of one of the sections where to look."""
    table = [row for row in rows(part(page("what-goes-wrong"), "## In the head")) if row[2][0].isdigit()]
    assert len(table) > 15
    for _, sentence, where in table:
        places = [section for name, section in sections().items() if name.partition(" ")[0] in where.split(", ")]
        assert len(places) == len(where.split(", ")), where
        text = "".join(section.prose + section.printed for section in places)
        for figure in re.findall(r"\d[\d,.]*\d|\d", sentence):
            assert re.search(rf"(?<![\d.,]){re.escape(figure)}(?!\d|[.,]\d)", text), (where, figure)
