"""A vote from the keyboard alone, in JupyterLab: Tab to a button, Enter or Space to press it."""

import pytest
from lesson_page import opened
from sample_panels import notebook

from colorkit.evaluation import votes

pytestmark = pytest.mark.browser
VOTE = ".colorkit-vote"
LINE = ".colorkit-vote .colorkit-line"
CELL = """
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path.cwd().parent))
from colorkit.data import splits
from colorkit.evaluation import baselines, booth
from colorkit.widgets import vote_panel

small = np.random.default_rng(0).integers(80, 180, (4, 4, 4, 3), dtype=np.uint8)
lab = small.repeat(28, axis=1).repeat(28, axis=2)
faces = splits.Split(lab, np.array(list("abcd")))
models = {"grey": baselines.Grey()}
own = booth.Booth(faces, models, pathlib.Path("votes.csv"), "0123456789ab", "Anna")
vote_panel.Vote(own).widget
"""
REST = 700  # ms: an earlier press counts as the second half of a double one
TABS = 40  # at most this many to a button


def wait_for(page, words: str) -> None:
    page.locator(LINE, has_text=words).wait_for(timeout=30_000)
    page.wait_for_timeout(REST)


def tab_to(page, description: str) -> None:
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == description:
            return
    raise AssertionError(f"Tab does not reach {description!r}")


def test_a_vote_takes_nothing_but_keys(lab, browser, pictures):
    lab.add("vote", notebook(CELL))
    kept = lab.notebooks / "votes.csv"
    with opened(browser, lab, "vote", pictures) as lesson:
        lesson.run_all(60)
        page = lesson.page
        wait_for(page, "Pair 1 of 4")
        page.locator(VOTE).screenshot(path=pictures / "vote.png")
        page.locator(".jp-Cell", has=page.locator(VOTE)).locator(".jp-InputPrompt").click()
        tab_to(page, "left is true")
        page.keyboard.press("Enter")
        wait_for(page, "Pair 2 of 4")
        page.keyboard.press("Space")  # the button kept the focus
        wait_for(page, "Pair 3 of 4")
        tab_to(page, "right is true")
        for _ in range(3):  # by a hand that trembles
            page.keyboard.press("Enter")
        wait_for(page, "Pair 4 of 4")
        assert len(votes.read(kept)) == 3
        page.keyboard.press("Space")
        wait_for(page, "All 4 pairs are answered")
        page.locator(VOTE).screenshot(path=pictures / "vote-results.png")
        assert page.locator(f"{VOTE} th").count() == len(votes.HEADER)
        assert page.locator(f"{VOTE} button").count() == 0
        lesson.check_health()
    assert [vote.answer for vote in votes.read(kept)] == ["left", "left", "right", "right"]
