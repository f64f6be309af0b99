"""The teacher's guide says what the lessons and the kit say: sections, minutes, messages.

Its answers are tested in test_instructor_answers.py.
"""

import ast
import re
from pathlib import Path

import minutes
import nbformat
import pytest
from guide import (
    COURSE,
    EXERCISE,
    EXTENSIONS,
    LESSONS,
    NUMBERED,
    PAGES,
    PREDICT,
    exercises,
    lesson,
    page,
    part,
    rows,
    sections,
)
from helpers import KIT

from colorkit import profiles
from colorkit.widgets import training_panel

SCHEDULES = ("1 x 3 h", "2 x 90 min", "5 x 50 min")
MORE = "Extensions"  # the heading of the extension lessons' sessions
LESSONS_OF = dict.fromkeys(SCHEDULES, COURSE) | {MORE: EXTENSIONS}

# README.md: the schedules


def sessions(schedule: str) -> list[tuple[int, list[list[str]]]]:
    """Return the stated minutes of each session, and its rows: minutes, section, what is done."""
    found = re.findall(
        r"^[\w ]+: (\d+) minutes\n\n((?:\|.*\n)+)",
        part(page("README"), f"### {schedule}"),
        re.MULTILINE,
    )
    return [(int(total), rows(table)) for total, table in found]


def scheduled(schedule: str) -> list[list[str]]:
    """Return the rows that are sections."""
    return [row for _, table in sessions(schedule) for row in table if NUMBERED.match(row[1])]


def left_out(schedule: str) -> set[str]:
    """Return the sections that a schedule leaves out."""
    lines = re.findall(r"^- (\d\.\d .+)$", part(page("README"), f"### {schedule}"), re.MULTILINE)
    found = {name for name in sections() for line in lines if line.startswith(name)}
    assert len(found) == len(lines)
    return found


def choices() -> list[list[str]]:
    """Return the table of exercises: number and title, and "class" or "home" for each schedule."""
    return rows(part(page("README"), "## Schedules").split("### ")[0])


def in_class(schedule: str) -> set[str]:
    """Return the numbers of the exercises that a schedule has in class."""
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


def test_an_extension_lesson_has_one_session_of_50_minutes():
    found = sessions(MORE)
    assert [total for total, _ in found] == [50] * len(EXTENSIONS)
    assert [sum(int(row[0]) for row in table) for _, table in found] == [50] * len(EXTENSIONS)


@pytest.mark.parametrize("schedule", LESSONS_OF)
def test_every_section_is_scheduled_once_or_left_out(schedule):
    names = [row[1] for row in scheduled(schedule)]
    assert names == sorted(set(names))
    assert sorted([*names, *left_out(schedule)]) == sorted(sections(LESSONS_OF[schedule]))


def test_every_exercise_stands_in_the_table_by_its_title():
    assert [row[0] for row in choices()] == [
        f"{number} {title}" for number, title in exercises(COURSE).items()
    ]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_exercises_are_done_in_their_section(schedule):
    for _, name, what in scheduled(schedule):
        here = {number for number, _ in EXERCISE.findall(sections()[name].prose)}
        assert set(re.findall(r"\d\.\d", what)) == here & in_class(schedule), name


def test_exercises_of_an_extension_are_done_in_their_section():
    for _, name, what in scheduled(MORE):
        here = {number for number, _ in EXERCISE.findall(sections()[name].prose)}
        assert set(re.findall(r"\d\.\d", what)) <= here, name


def count_minutes(name: str, what: str) -> float:
    """Count the minutes that a section takes by the rules of the lessons' tables.

    Args:
        name: name of the section.
        what: what a schedule has in class: exercises, the panel.
    """
    prose = sections()[name].prose
    words = len(re.findall(r"\w[\w'.*]*", minutes.CODE.sub(" ", prose)))
    doing = minutes.EXERCISE * len(re.findall(r"\d\.\d", what)) + minutes.PANEL * ("panel" in what)
    return words / minutes.WORDS + minutes.PREDICTION * prose.count(PREDICT) + doing


def compute(path: Path) -> float:
    """Return the minutes of compute, from the lesson's table of facts."""
    number, unit = re.search(r"\| Compute \| ([\d.]+) (s|min) on", lesson(path)[""].prose).groups()
    return float(number) / (60 if unit == "s" else 1)


@pytest.mark.parametrize("schedule", LESSONS_OF)
def test_the_minutes_suffice(schedule):
    for given, name, what in scheduled(schedule):
        assert int(given) >= count_minutes(name, what), (name, count_minutes(name, what))
    for path in LESSONS_OF[schedule]:
        table = [row for row in scheduled(schedule) if row[1] in lesson(path)]
        least = sum(count_minutes(name, what) for _, name, what in table) + compute(path)
        assert sum(int(row[0]) for row in table) >= least, (path.stem, least)


@pytest.mark.parametrize("schedule", LESSONS_OF)
def test_panels_are_where_the_schedule_says(schedule):
    for name in [name for _, name, what in scheduled(schedule) if "panel" in what]:
        assert "**A question for the panel.**" in sections()[name].prose


def test_the_sum_of_all_lessons():
    notebooks = [nbformat.read(path, as_version=4) for path in COURSE]
    everything = sum(minutes.reading(each) + minutes.doing(each) for each in notebooks)
    everything += sum(map(compute, COURSE))
    text = " ".join(page("README").split())
    assert int(re.search(r"takes about (\d+) minutes", text)[1]) == pytest.approx(everything, abs=5)
    prediction = f"{minutes.PREDICTION} minute a prediction"
    rates = f"{prediction}, {minutes.EXERCISE} an exercise, {minutes.PANEL} a panel."
    assert f"{minutes.WORDS} words a minute, {rates}" in text
    assert (
        f"({minutes.EXERCISE * len(exercises(COURSE))} minutes) do not fit into three hours" in text
    )


def find_names(code: list[str], context: type) -> set[str]:
    """Find the names that cells set (ast.Store) or need (ast.Load).

    Imports and definitions set names too.
    """
    found = set()
    for node in (node for source in code for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            found.add(node.id)
        elif context is ast.Store and isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif context is ast.Store and isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return found


def find_missed(cut: set[str]) -> set[tuple[str, str]]:
    """Find sections that need a name that only cut sections set; return each with the name."""
    found = set()
    for path in LESSONS:
        kept = {name: section.code for name, section in lesson(path).items() if name not in cut}
        gone = []
        for name, section in lesson(path).items():
            if name in cut:
                gone += section.code
        still_there = [source for code in kept.values() for source in code]
        lost = find_names(gone, ast.Store) - find_names(still_there, ast.Store)
        for name, code in kept.items():
            found |= {(name, lack) for lack in find_names(code, ast.Load) & lost}
    return found


@pytest.mark.parametrize("schedule", LESSONS_OF)
def test_nothing_later_needs_what_is_left_out(schedule):
    assert find_missed(left_out(schedule)) == set()


def test_the_rule_above_sees_what_is_needed():
    """The counter-check: the data of a lesson can't be left out."""
    missed = find_missed({"1.3 Splits: train, validate, test"})
    assert ("1.5 The first result to beat", "train") in missed


def test_predictions_worth_a_discussion_exist():
    worth = [row[0] for row in rows(part(page("README"), "## Predictions: think, pair, share"))]
    assert len(worth) == 6
    for name in worth:
        assert PREDICT in sections()[name].prose


# what-goes-wrong.md: what the kit says, and what the lessons show


def find_literals(folder: Path) -> list[str]:
    """Find every string in the kit's source; of an f-string, the parts between its values."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py"))]
    return [
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_messages_are_the_kits_word_for_word():
    setup_cell = (KIT / "notebooks" / "01_data_prep.ipynb").read_text(encoding="utf-8")
    known = [*find_literals(KIT / "colorkit"), setup_cell]
    quoted = re.findall(r"\*\*`([^`]+)`\*\*", page("what-goes-wrong"))
    assert len(quoted) > 15
    for message in quoted:
        for piece in filter(None, (piece.strip() for piece in message.split("..."))):
            assert any(piece in literal for literal in known), message


def test_a_slider_moves_by_code_too():
    panel = training_panel.Training("cnn", profiles.get("smoke"), "test", 8, 70.0)
    (line,) = re.findall(r"`(panel\..+?)`", page("what-goes-wrong"))
    exec(line, {"panel": panel})
    assert line.endswith(f"= {panel.epochs}")


def test_sentences_to_say_use_numbers_of_their_sections():
    """Each number is in the prose or the stored output of one of the sections to look at."""
    table = [
        row for row in rows(part(page("what-goes-wrong"), "## In the head")) if row[2][0].isdigit()
    ]
    assert len(table) > 15
    for _, sentence, where in table:
        places = [
            section
            for name, section in sections().items()
            if name.partition(" ")[0] in where.split(", ")
        ]
        assert len(places) == len(where.split(", ")), where
        text = "".join(section.prose + section.printed for section in places)
        for number in re.findall(r"\d[\d,.]*\d|\d", sentence):
            whole = rf"(?<![\d.,]){re.escape(number)}(?!\d|[.,]\d)"
            assert re.search(whole, text), (where, number)


# the other pages


def test_the_discussion_fits_its_time():
    plan = rows(page("ethics").split("## ")[0])
    assert sum(int(row[0]) for row in plan) == int(
        re.search(r"# A discussion of (\d+) minutes", page("ethics"))[1]
    )


def test_points_add_up():
    exercise, report = map(int, re.findall(r"^## .+: (\d+) points$", page("rubric"), re.MULTILINE))
    levels = rows(part(page("rubric"), "## A short report on one comparison: 60 points"))
    assert exercise == 2 * len(exercises(COURSE))
    assert report == 12 * len(levels)
    assert exercise + report == 100


def test_the_form_is_the_issue_template():
    template = (
        (KIT / ".github" / "ISSUE_TEMPLATE" / "teaching.md")
        .read_text(encoding="utf-8")
        .split("---\n\n", 1)[1]
    )
    assert page("timing").split("---\n\n", 1)[1] == template
    titles = [re.match(r"# (.+)", lesson(path)[""].prose)[1] for path in LESSONS]
    assert [row[0] for row in rows(template)] == titles


def test_every_page_is_named_and_the_guide_is_found():
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", page("README"))) == {
        path.name for path in PAGES
    } - {"README.md"}
    assert "(instructor/README.md)" in (KIT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_tools_that_a_page_names_are_there(path):
    """Links are tested with all pages' in test_accessibility.py."""
    for tool in re.findall(r"python (tools/\w+\.py)", path.read_text(encoding="utf-8")):
        assert (KIT / tool).exists(), tool
