"""The harness itself: a sound panel passes, and each defect that it is there to find is found."""

import nbformat
import panel_keys
import pytest
import sample_panels
from lesson_page import checked, opened
from panel_keys import PanelKeys

pytestmark = pytest.mark.browser


@pytest.fixture
def run(lab, browser, pictures, tmp_path):
    """Return a function that does with a sample what is done with a lesson."""

    def run(notebook, name="sample", seconds=30, kept=tmp_path):
        lab.add(name, notebook)
        with opened(browser, lab, name, kept) as lesson:
            lesson.run_all(seconds)
            lesson.check_health()
            waits = PanelKeys(lesson).move_all(kept, name)
            lesson.check_health()
        return waits

    return run


def test_a_sound_panel_passes_and_is_pictured(run, pictures):
    waits = run(sample_panels.sample(), kept=pictures)
    assert list(waits) == ["epochs", "learning rate", "dropout", "head", "fine-tune", "again"]
    taken = {path.stem: path.read_bytes() for path in pictures.glob("sample*.png")}
    names = ("again", "dropout", "epochs", "fine-tune", "head", "learning-rate")
    assert sorted(taken) == ["sample", *(f"sample-{name}" for name in names)]
    assert len(set(taken.values())) == len(taken)


DEFECTS = {
    "dead slider": (sample_panels.DEAD, "'dropout' moved to '0.30', and nothing changed"),
    "not reachable": (sample_panels.UNREACHABLE, "Tab does not reach 'head'"),
    "unknown control": (
        sample_panels.UNKNOWN,
        "1 controls are of a kind that this test does not know",
    ),
    "no picture": (sample_panels.NO_PICTURE, "0 pictures in the panel, expected 1"),
    "no description": (sample_panels.NAMELESS, "a control without a description"),
    "two panels": (sample_panels.TWICE, "2 panels, expected 1"),
    "widget not shown": (sample_panels.NOT_SHOWN, "a widget could not be shown"),
    "message of a script": (
        sample_panels.COMPLAINS,
        "the page's scripts complained: all is not well",
    ),
    "error of a script": (sample_panels.THROWS, "the page's scripts complained: .*thrown later"),
    "picture from elsewhere": (sample_panels.ELSEWHERE, "https://example.org/a.png was asked for"),
    "dying kernel": (
        sample_panels.DIES,
        "the kernel is .*restarting|somebody is asked: Kernel Restarting",
    ),
    "failing cell": (sample_panels.FAILS, "a cell failed: ZeroDivisionError: division by zero"),
    "question": (sample_panels.ASKS, "somebody is asked: your name?"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found(defect, run, monkeypatch):
    monkeypatch.setattr(panel_keys, "ANSWER", 2)
    source, message = DEFECTS[defect]
    with pytest.raises(AssertionError, match=message):
        run(sample_panels.sample(source))


def test_a_cell_without_end_is_found(run):
    with pytest.raises(AssertionError, match="had not ended"):
        run(sample_panels.sample(sample_panels.ENDLESS), seconds=5)


def test_a_checked_cell_that_prints_otherwise_is_found(lab, browser, tmp_path):
    made = sample_panels.notebook("print(1)\nprint(2)", "print(3)", "print(4)")
    for place, text in ((1, "1\n2\n"), (3, "5\n")):  # the notebook begins with a heading
        made.cells[place].metadata["tags"] = ["nbval-check-output"]
        made.cells[place].outputs = [nbformat.v4.new_output("stream", text=text)]
    stored = checked(made)
    assert stored == {0: "1\n2\n", 2: "5\n"}
    lab.add("checked", made)
    with opened(browser, lab, "checked", tmp_path) as lesson:
        lesson.run_all(30)
        lesson.check_printed({0: stored[0]})
        with pytest.raises(AssertionError, match=r"code cell 3: expected '5\\n', got '4\\n'"):
            lesson.check_printed(stored)
