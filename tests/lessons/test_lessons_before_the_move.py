"""Keep the lessons of the flat package as students have them, and the list of what they use."""

import json

import names
import nbformat
import pytest
from helpers import KIT

FOLDER = KIT / "tests" / "lessons" / "before_the_move"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
LISTED = json.loads((FOLDER / "names.json").read_text(encoding="utf-8"))


def test_seven_lessons_are_kept():
    assert [path.stem for path in LESSONS] == list(LISTED)
    assert [name[:2] for name in LISTED] == [f"0{number}" for number in range(1, 8)]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_they_hold_no_outputs(path):
    lesson = nbformat.read(path, as_version=4)
    nbformat.validate(lesson)
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    assert code
    assert [(cell.outputs, cell.execution_count) for cell in code] == [([], None)] * len(code)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_what_they_use_is_listed(path):
    assert LISTED[path.stem] == names.in_lesson(path)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from colorkit import a, b\na.x(b.Y.z, other.w)", {"a.x", "b.Y"}),
        ("from colorkit import a as c\nc.x\na.y", {"a.x"}),
        ("from colorkit.a import x\nx.y", {"a.x"}),
        ("from colorkit.a.b import x", {"a.b.x"}),
        ("def f():\n    from colorkit import a\n    return [a.x for _ in ()]", {"a.x"}),
        ("from colorkit import a, b\na.x", {"a.x", "b"}),
        ("import colorkit\nfrom elsewhere import a\ncolorkit.__file__, a.x", set()),
    ],
)
def test_names_are_found(source, found):
    assert names.used(source) == found


@pytest.mark.parametrize("line", ["a = 1", "for a in []: pass", "def f(a): pass", "def a(): pass"])
def test_a_module_s_name_with_two_meanings_is_refused(line):
    with pytest.raises(ValueError, match="expected a to be a module alone"):
        names.used(f"from colorkit import a\n{line}")
