"""Every exercise is judged both ways: a right answer is correct, wrong ones get the message that helps."""

import importlib
import inspect
import re

import nbformat
import pytest
from helpers import KIT

from colorkit import checks
from colorkit.checks import judging
from colorkit.errors import KitError

ANSWERS = {lesson: importlib.import_module(f"answers_{module}") for lesson, module in checks.LESSONS.items()}
EXERCISES = [exercise for lesson in checks.LESSONS for exercise in checks._exercises(lesson)]
NUMBERS = [exercise.number for exercise in EXERCISES]
RIGHT = {number: function for answers in ANSWERS.values() for number, function in answers.RIGHT.items()}
WRONG = [(number, *wrong) for answers in ANSWERS.values() for number, found in answers.WRONG.items() for wrong in found]
GOES_ON = "The lesson goes on with the kit's own"


@pytest.fixture(params=EXERCISES, ids=NUMBERS)
def exercise(request):
    return request.param


@pytest.fixture(autouse=True)
def nothing_done(monkeypatch):
    monkeypatch.setattr(checks, "_outcomes", {})
    monkeypatch.setattr(checks, "_hinted", {})


def test_at_least_four_a_lesson_each_with_a_right_and_three_wrong_answers():
    for lesson in checks.LESSONS:
        numbers = [exercise.number for exercise in checks._exercises(lesson)]
        assert numbers == [f"{lesson}.{place}" for place in range(1, len(numbers) + 1)]
        assert len(numbers) >= 4
    assert list(RIGHT) == NUMBERS
    for number in NUMBERS:
        assert sum(wrong == number for wrong, *_ in WRONG) >= 3


def test_a_right_answer_is_correct_and_used(exercise, capsys):
    assert checks.check(exercise.number, RIGHT[exercise.number]) is RIGHT[exercise.number]
    assert capsys.readouterr().out == f"{exercise.number} correct\n"


@pytest.mark.parametrize(("number", "function", "message"), WRONG, ids=[f"{n} {f.__name__}: {m[:30]}" for n, f, m in WRONG])
def test_a_wrong_answer_gets_its_message_and_is_not_used(number, function, message, capsys):
    given = checks.check(number, function)
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{number} not yet: ")
    assert re.search(message, first), first
    assert first.endswith(f' hint("{number}") helps.')
    assert given is checks._exercise(number).reference
    assert last == f"{GOES_ON} {given.__name__}."


def test_every_known_mistake_is_told_from_the_right_answer_and_from_the_others(exercise):
    for mistake in exercise.mistakes:
        verdict = judging.judge(exercise, mistake.function)
        assert verdict.outcome == judging.NOT_YET
        assert mistake.message in verdict.message


def test_two_hints_then_the_solution(exercise, capsys):
    for shown in (0, 1, 1):
        checks.hint(exercise.number)
        assert exercise.hints[shown] in capsys.readouterr().out
    checks.solution(exercise.number)
    assert capsys.readouterr().out.rstrip() == inspect.getsource(exercise.reference).rstrip()


def test_progress_counts_what_is_correct(capsys):
    first, second, *rest = checks._exercises("1")
    checks.check(first.number, RIGHT[first.number])
    checks.check(second.number, len)
    capsys.readouterr()
    checks.progress(1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"1.1 {first.title}: correct", f"1.2 {second.title}: not yet"]
    assert lines[2:-1] == [f"{other.number} {other.title}: not checked yet" for other in rest]
    assert lines[-1] == f"1 of {2 + len(rest)} correct"


@pytest.mark.parametrize("number", ["1.9", "9.1", "x"])
def test_an_unknown_number_names_those_there_are(number):
    with pytest.raises(KitError, match=r"there is no (exercise '1.9': lesson 1 has 1.1, 1.2|lesson '(9|x)' with exercises: 1, 2, 3)"):
        checks.check(number, len)


# the lessons' cells


def cells(exercise) -> list[str]:
    (path,) = (KIT / "notebooks").glob(f"0{exercise.number[0]}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code" and f'check("{exercise.number}"' in cell.source]


def test_the_lesson_has_one_cell_with_a_stub_of_the_kit_s_own_signature(exercise, capsys):
    (source,) = cells(exercise)
    room = {"check": checks.check}
    exec(source, room)
    name = f"my_{exercise.reference.__name__}"
    stub, reference = (inspect.signature(function).parameters for function in (room[name], exercise.reference))
    assert [(p.name, p.default) for p in stub.values()] == [(p.name, p.default) for p in reference.values()]
    assert capsys.readouterr().out == f"{exercise.number} not attempted\n{GOES_ON} {exercise.reference.__name__}.\n"
    assert room[exercise.reference.__name__] is exercise.reference


def test_the_right_answer_is_short(exercise):
    """At most ten lines to write."""
    assert len(inspect.getsource(RIGHT[exercise.number]).splitlines()) - 1 <= 10
