"""Draw the bar of a run in a notebook and elsewhere, and describe an epoch."""

import re

import pytest
from IPython.core.interactiveshell import InteractiveShell

from colorkit.runs import progress


class Page:
    """A stand-in for a notebook's page, which notes all that is displayed on it."""

    def __init__(self):
        self.states: list[str] = []

    def display(self, shown, display_id):
        assert display_id is True
        self.update(shown)
        return self

    def update(self, shown):
        self.states.append(shown.data)


@pytest.fixture
def page(monkeypatch) -> Page:
    """A notebook."""
    page = Page()
    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.setattr(progress, "display", page.display)
    return page


def test_in_a_notebook_the_bar_is_drawn_filled_and_taken_away(page):
    with progress.RunBar(10, 8) as bar:
        bar.bar.mininterval = 0
        bar.name(2, 2)
        bar.on_train_batch_end(3)
        bar.on_train_batch_end(4)
    assert page.states[0] == page.states[-1] == ""
    drawn = page.states[-2]
    assert '<progress value="10" max="10"' in drawn
    assert re.search(r"epoch 2/2: 10 of 10 batches, \d\d:\d\d left", drawn)
    assert any('value="8"' in state for state in page.states)


def test_an_interrupted_bar_leaves_the_page(page):
    with pytest.raises(KeyboardInterrupt), progress.RunBar(10, 0):
        raise KeyboardInterrupt
    assert page.states[-1] == ""


def test_elsewhere_nothing_is_drawn(capsys):
    with progress.RunBar(10, 0) as bar:
        bar.name(1, 2)
        bar.on_train_batch_end(0)
    assert capsys.readouterr() == ("", "")


def test_a_notebook_is_known_by_its_kernel(monkeypatch):
    assert not progress.in_notebook()
    monkeypatch.setattr(progress, "get_ipython", InteractiveShell)
    assert not progress.in_notebook()  # IPython in a terminal
    monkeypatch.setattr(InteractiveShell, "kernel", object(), raising=False)
    assert progress.in_notebook()


def test_the_line_of_an_epoch_says_how_a_gan_s_judge_stands():
    record = {"epoch": 2, "mse": 61.24, "val_mse": 63.0, "accuracy": 0.8123, "val_accuracy": 0.8}
    plain = "epoch 2/4: mse 61.2, val_mse 63.0, within 10 81.2%, val 80.0% (7 s)"
    assert progress.epoch_line(record, 4, 7.2) == plain
    judged = record | {"d_real": 0.95, "d_generated": 0.02}
    assert progress.epoch_line(judged, 4, 7.2) == plain.replace(
        " (7 s)", ", judge tells them apart (7 s)"
    )
