"""The vote panel: one answer for each pair, saved at once, and results at the end."""

import base64
import re
import time

import cv2
import numpy as np
import pytest

from colorkit.errors import KitError
from colorkit.evaluation import baselines, booth, votes
from colorkit.widgets import vote_panel


@pytest.fixture
def enter(train, tmp_path):
    """Return a function that comes to vote, on the first or another day."""

    def enter_booth() -> vote_panel.Vote:
        models = {"grey": baselines.Grey()}
        own = booth.Booth(train, models, tmp_path / "votes.csv", "d", "Anna", count=4)
        return vote_panel.Vote(own)

    return enter_booth


@pytest.fixture
def fast(monkeypatch):
    """Let a voter answer without waiting."""
    monkeypatch.setattr(vote_panel, "REST", 0)


def read_page(vote: vote_panel.Vote) -> str:
    return vote.widget.children[0].value


def read_progress(vote: vote_panel.Vote) -> str:
    return re.search(r'aria-live="polite">(.*?)</p>', read_page(vote))[1]


def test_a_vote_shows_two_pictures_two_buttons_and_how_far_it_is(enter):
    own = enter()
    assert "colorkit-vote" in own.widget._dom_classes
    assert own.widget.children[1].children == tuple(own.buttons.values())
    words = [button.description for button in own.buttons.values()]
    assert words == ["left is true", "right is true"]
    assert read_progress(own) == "Pair 1 of 4: which picture is the true one?"
    data = base64.b64decode(re.search(r'base64,([^"]+)"', read_page(own))[1])
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (450, 900, 3)


def test_nothing_gives_the_answer_away_before_the_end(enter):
    """What is written is the same for every pair but its number, whatever was answered."""
    own = enter()
    said = set()
    for number in range(1, 5):
        page = re.sub(r'base64,[^"]+', "", read_page(own))
        said.add(page.replace(f"Pair {number} of", "Pair of"))
        own.answer("left")
    assert len(said) == 1
    assert not re.search("grey|right answer|wrong|correct", said.pop())


def test_buttons_answer_and_at_the_end_there_are_results(enter, fast):
    own = enter()
    answers = ["left", "right", "right", "left"]
    for number, side in enumerate(answers, 1):
        assert read_progress(own).startswith(f"Pair {number} of 4")
        before = read_page(own)
        own.buttons[side].click()
        assert read_page(own) != before
    recorded = votes.read(own.booth.path)
    assert [vote.answer for vote in recorded] == answers
    right = sum(vote.right for vote in recorded)
    assert read_progress(own).startswith(
        f"All 4 pairs are answered: the true picture was found {right} times; "
        "guessing finds it 2 times"
    )
    assert own.widget.children == (own._page,)  # nothing is left to press
    assert read_page(own).count('<th scope="col">') == len(votes.HEADER)
    (result,) = votes.results(recorded)
    row = "".join(f"<td>{cell}</td>" for cell in votes.cells(result))
    assert row in read_page(own)
    before = read_page(own)
    own.buttons["left"].click()  # a press that was on its way
    assert (read_page(own), votes.read(own.booth.path)) == (before, recorded)


def test_a_double_press_is_one_answer_and_a_key_held_down_is_none_more(enter, monkeypatch):
    monkeypatch.setattr(vote_panel, "REST", 0.3)
    own = enter()
    own.buttons["left"].click()  # before anybody can have looked
    assert own.booth.votes == []
    time.sleep(0.35)
    own.buttons["left"].click()
    end = time.monotonic() + 0.7
    while time.monotonic() < end:
        own.buttons["left"].click()
        time.sleep(0.02)
    assert len(own.booth.votes) == 1
    time.sleep(0.35)
    own.buttons["right"].click()
    assert [vote.answer for vote in own.booth.votes] == ["left", "right"]


def test_the_time_to_answer_is_that_since_the_pair_was_shown(enter):
    own = enter()
    time.sleep(0.25)
    own.answer("left")
    own.answer("left")
    first, second = (vote.seconds for vote in own.booth.votes)
    assert second < 0.2 < first < 2


def test_after_a_restart_voting_goes_on_and_what_is_answered_shows_its_results(enter):
    for number in range(1, 5):
        own = enter()
        assert read_progress(own).startswith(f"Pair {number} of 4")
        own.answer("left")
    assert read_page(enter()) == read_page(own)


def test_a_vote_that_can_t_be_kept_is_said_and_can_be_given_again(enter, fast):
    own = enter()
    own.booth.path.write_text("something else", encoding="utf-8")
    own.buttons["left"].click()
    assert "votes.csv is not a votes file of this kit" in read_progress(own)
    assert "colorkit-picture" in read_page(own)
    own.booth.path.unlink()
    own.buttons["left"].click()
    assert read_progress(own).startswith("Pair 2 of 4")
    with pytest.raises(KitError, match='say "left" or "right"'):
        own.answer("middle")
