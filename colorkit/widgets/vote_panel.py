"""Lesson 5's vote: which of two pictures is the true one."""

import functools
import html
import time
from collections.abc import Sequence

import ipywidgets

from ..errors import KitError
from ..evaluation import votes
from ..evaluation.booth import Booth
from ..plots import panels
from .panel import as_html

# Seconds after a press in which another one doesn't count. Nobody compares two pictures faster,
# and the second half of a double click isn't an answer.
REST = 0.5


class Vote:
    """Pairs of pictures, one after another, with a button for each side. Lesson 5.4.

    After the last pair it shows what the answers say.

    Args:
        booth: the voting session.

    Attributes:
        booth: the voting session.
        buttons: side -> button.
        widget: widget to display.

    Example:
        >>> vote = widgets.Vote(evaluation.Booth(test, models, path, digest))  # doctest: +SKIP
        >>> display(vote.widget)  # doctest: +SKIP
    """

    def __init__(self, booth: Booth) -> None:
        self.booth = booth
        self.buttons = {
            side: ipywidgets.Button(description=f"{side} is true", layout={"flex": "1 1 auto"})
            for side in votes.SIDES
        }
        for side, button in self.buttons.items():
            button.on_click(functools.partial(self._press, side))
        # when the pair was drawn, and when a press was last dealt with, on time.monotonic's clock
        self._since = 0.0
        self._busy = 0.0
        self._page = ipywidgets.HTML()
        # as wide as the two pictures, so that each button is below its picture
        row = ipywidgets.HBox(list(self.buttons.values()), layout={"max_width": "900px"})
        self.widget = ipywidgets.VBox([self._page, row])
        self.widget.add_class("colorkit-vote")
        self._show()

    def answer(self, side: str) -> None:
        """Take the picture on one side for the true one and show the next pair, as a button does.

        Raises:
            KitError: Booth.answer refuses the answer or can't save it.
        """
        self.booth.answer(side, time.monotonic() - self._since)
        self._show()

    def _press(self, side: str, _: ipywidgets.Button) -> None:
        rested = time.monotonic() - self._busy >= REST
        if rested and self.booth.trial:
            try:
                self.answer(side)
            except KitError as bad:  # nobody would see it: it is raised in a button's callback
                self._page.value = as_html(self._drawn._replace(line=str(bad)))
        self._busy = time.monotonic()

    def _show(self) -> None:
        """Show the next pair, or the results; start the clock when it is drawn."""
        trial = self.booth.trial
        if trial is not None:
            self._drawn = panels.pair(self.booth.pair, trial.number, len(self.booth.trials))
            self._page.value = as_html(self._drawn)
        else:
            self.widget.children = [self._page]
            self._page.value = _results_html(self.booth)
        self._since = time.monotonic()
        self._busy = self._since


def _results_html(booth: Booth) -> str:
    """Return the results of a vote as HTML: a sentence and a table."""
    right = sum(vote.right for vote in booth.votes)
    count = len(booth.trials)
    lines = [_row_html(votes.HEADER, '<th scope="col">', "</th>")]
    for row in votes.results(booth.votes):
        lines.append(_row_html(votes.cells(row), "<td>", "</td>"))
    return (
        '<p class="colorkit-line" aria-live="polite">'
        f"All {count} pairs are answered: the true picture was found {right} times; "
        f"guessing finds it {count / 2:g} times on average.</p>"
        f'<table style="text-align: left; border-spacing: 1.5em 0.4em">{"".join(lines)}</table>'
    )


def _row_html(cells: Sequence[str], opening: str, closing: str) -> str:
    """Return a row of an HTML table, each cell between two tags."""
    escaped = [f"{opening}{html.escape(cell)}{closing}" for cell in cells]
    return f"<tr>{''.join(escaped)}</tr>"
