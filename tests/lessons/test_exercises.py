"""Test every exercise both ways.

A right answer is correct, and each wrong one gets the message that helps.
"""

import importlib
import inspect
import re

import nbformat
import pytest
from helpers import KIT

from colorkit import exercises
from colorkit.errors import KitError
from colorkit.exercises import checking, judging

ANSWERS = {
    lesson: importlib.import_module(f"answers_{module}")
    for lesson, module in exercises.LESSONS.items()
}
EXERCISES = [
    exercise for lesson in exercises.LESSONS for exercise in exercises.exercises_of(lesson)
]
NUMBERS = [exercise.number for exercise in EXERCISES]
RIGHT = {
    number: function for answers in ANSWERS.values() for number, function in answers.RIGHT.items()
}
WRONG = [
    (number, *wrong)
    for answers in ANSWERS.values()
    for number, found in answers.WRONG.items()
    for wrong in found
]
CONTINUES = "The lesson continues with the kit's own"


@pytest.fixture(params=EXERCISES, ids=NUMBERS)
def exercise(request):
    return request.param


@pytest.fixture(autouse=True)
def nothing_done(monkeypatch):
    monkeypatch.setattr(checking, "_outcomes", {})
    monkeypatch.setattr(checking, "_hinted", {})


def test_at_least_four_a_lesson_each_with_a_right_and_three_wrong_answers():
    for lesson in exercises.LESSONS:
        numbers = [exercise.number for exercise in exercises.exercises_of(lesson)]
        assert numbers == [f"{lesson}.{place}" for place in range(1, len(numbers) + 1)]
        assert len(numbers) >= 4
    assert list(RIGHT) == NUMBERS
    for number in NUMBERS:
        assert sum(wrong == number for wrong, *_ in WRONG) >= 3


def test_a_right_answer_is_correct_and_used(exercise, capsys):
    assert exercises.check(exercise.number, RIGHT[exercise.number]) is RIGHT[exercise.number]
    assert capsys.readouterr().out == f"{exercise.number} correct\n"


@pytest.mark.parametrize(
    ("number", "function", "message"),
    WRONG,
    ids=[f"{n} {f.__name__}: {m[:30]}" for n, f, m in WRONG],
)
def test_a_wrong_answer_gets_its_message_and_is_not_used(number, function, message, capsys):
    given = exercises.check(number, function)
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{number} not yet: ")
    assert re.search(message, first), first
    assert first.endswith(f' hint("{number}") helps.')
    assert given is checking.exercise_of(number).reference
    assert last == f"{CONTINUES} {given.__name__}."


def test_every_known_mistake_is_told_from_the_right_answer_and_from_the_others(exercise):
    for mistake in exercise.mistakes:
        verdict = judging.judge(exercise, mistake.function)
        assert verdict.outcome == judging.NOT_YET
        assert mistake.message in verdict.message


def test_two_hints_then_the_solution(exercise, capsys):
    for shown in (0, 1, 1):
        exercises.hint(exercise.number)
        assert exercise.hints[shown] in capsys.readouterr().out
    exercises.solution(exercise.number)
    assert capsys.readouterr().out.rstrip() == inspect.getsource(exercise.reference).rstrip()


def test_progress_counts_what_is_correct(capsys):
    first, second, *rest = exercises.exercises_of("1")
    exercises.check(first.number, RIGHT[first.number])
    exercises.check(second.number, len)
    capsys.readouterr()
    exercises.progress(1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"1.1 {first.title}: correct", f"1.2 {second.title}: not yet"]
    assert lines[2:-1] == [f"{other.number} {other.title}: not checked yet" for other in rest]
    assert lines[-1] == f"1 of {2 + len(rest)} correct"


@pytest.mark.parametrize("number", [1.1, " 1.1", "1.1\n"])
def test_a_number_is_understood_however_it_is_written(number, capsys):
    exercises.check(number, function=RIGHT["1.1"])
    exercises.check(number=number, function=RIGHT["1.1"])
    exercises.hint(number)
    exercises.hint(number)
    checked, again, first, second = capsys.readouterr().out.splitlines()
    assert checked == again == "1.1 correct"
    assert first.startswith("hint 1 of 2: ")
    assert second.startswith("hint 2 of 2: ")
    assert second.endswith('(solution("1.1") shows the answer)')
    exercises.progress(" 1 " if isinstance(number, str) else 1.0)
    assert capsys.readouterr().out.splitlines()[0].endswith(": correct")


@pytest.mark.parametrize("number", ["1.9", "9.1", "x"])
def test_an_unknown_number_names_those_there_are(number):
    with pytest.raises(
        KitError,
        match=r"there is no (exercise '1.9': lesson 1 has 1.1, 1.2"
        r"|lesson '(9|x)' with exercises: 1, 2, 3)",
    ):
        exercises.check(number, len)


# the lessons' cells


def read_cells(exercise) -> list[str]:
    """Return the lesson's code cells that check an exercise."""
    (path,) = (KIT / "notebooks").glob(f"0{exercise.number[0]}_*.ipynb")
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return [cell.source for cell in code if f'check("{exercise.number}"' in cell.source]


def list_arguments(function) -> list[tuple]:
    """Return the names and defaults of a function's arguments."""
    return [(p.name, p.default) for p in inspect.signature(function).parameters.values()]


def test_the_lesson_has_one_cell_with_a_stub_of_the_kit_s_own_signature(exercise, capsys):
    (source,) = read_cells(exercise)
    name = exercise.reference.__name__
    names = {"check": exercises.check}
    exec(source, names)
    assert list_arguments(names[f"my_{name}"]) == list_arguments(exercise.reference)
    printed = f"{exercise.number} not attempted\n{CONTINUES} {name}.\n"
    assert capsys.readouterr().out == printed
    assert names[name] is exercise.reference


def test_the_right_answer_is_short(exercise):
    """At most ten lines to write."""
    assert len(inspect.getsource(RIGHT[exercise.number]).splitlines()) - 1 <= 10
