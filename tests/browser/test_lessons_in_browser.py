"""Each lesson in JupyterLab: Run all prints what is stored, and its panel obeys the keyboard."""

import nbformat
import pytest
from helpers import KIT
from lesson_page import checked, opened
from panel_keys import PanelKeys

pytestmark = pytest.mark.browser
# the long ones first, so that no worker is left with one of them at the end
LESSONS = sorted((KIT / "notebooks").glob("[0-9][0-9]_*.ipynb"), reverse=True)
SECONDS = 600  # for all cells at the smoke profile


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_panel_answers_the_keyboard(path, lab, browser, pictures):
    notebook = nbformat.read(path, as_version=4)
    stored = checked(notebook)
    assert stored
    lab.add(path.stem, notebook)
    with opened(browser, lab, path.stem, pictures) as lesson:
        lesson.run_all(SECONDS)
        lesson.check_printed(stored)
        lesson.check_health()
        waits = PanelKeys(lesson).move_all(pictures, path.stem)
        lesson.check_health()
    print(path.stem, {name: f"{wait:.2f} s" for name, wait in waits.items()})
