"""Lesson 5's vote: which of two pictures is the true one."""

import functools
import html
import time

import ipywidgets

from ..errors import KitError
from ..evaluation import votes
from ..evaluation.booth import Booth
from ..plots import panels
from .panel import as_html

REST = 0.5  # seconds without a press before one counts: nobody compares two pictures faster, and a double click is no second answer


class Vote:
    """Pairs of pictures, one after another, with a button for each side; what the answers say is shown after the last.

    Attributes:
        booth: what is voted on, and by whom.
        buttons: by side.
        widget: what to display.
    """

    def __init__(self, booth: Booth):
        self.booth = booth
        self.buttons = {
            side: ipywidgets.Button(description=f"{side} is true", layout={"flex": "1 1 auto"})
            for side in votes.SIDES
        }
        for side, button in self.buttons.items():
            button.on_click(functools.partial(self._press, side))
        self._page = ipywidgets.HTML()
        row = ipywidgets.HBox(
            list(self.buttons.values()), layout={"max_width": "900px"}
        )  # each below its picture
        self.widget = ipywidgets.VBox([self._page, row])
        self.widget.add_class("colorkit-vote")
        self._show()

    def answer(self, side: str) -> None:
        """Take the picture on a side for the true one, and show the next pair: what a button does.

        Raises:
            KitError: as of Booth.answer.
        """
        self.booth.answer(side, time.monotonic() - self._since)
        self._show()

    def _press(self, side: str, _: ipywidgets.Button) -> None:
        rested = time.monotonic() - self._busy >= REST
        if rested and self.booth.trial:
            try:
                self.answer(side)
            except KitError as bad:  # which a button's callback would tell to nobody
                self._page.value = as_html(self._drawn._replace(line=str(bad)))
        self._busy = time.monotonic()

    def _show(self) -> None:
        """Show the next pair, or the results; the clock starts when it is drawn."""
        if trial := self.booth.trial:
            self._drawn = panels.pair(self.booth.pair, trial.number, len(self.booth.trials))
            self._page.value = as_html(self._drawn)
        else:
            self.widget.children = [self._page]
            self._page.value = _results(self.booth)
        self._since = self._busy = time.monotonic()


def _results(booth: Booth) -> str:
    right, count = sum(vote.right for vote in booth.votes), len(booth.trials)
    rows = [votes.HEADER, *map(votes.cells, votes.results(booth.votes))]
    kinds = ['th scope="col"', *["td"] * (len(rows) - 1)]
    lines = [
        "".join(f"<{kind}>{html.escape(cell)}</{kind[:2]}>" for cell in row)
        for kind, row in zip(kinds, rows, strict=True)
    ]
    return (
        f'<p class="colorkit-line" aria-live="polite">All {count} pairs are answered: the true picture was found {right} times; '
        f"guessing finds it {count / 2:g} times on average.</p>"
        f'<table style="text-align: left; border-spacing: 1.5em 0.4em">{"".join(f"<tr>{line}</tr>" for line in lines)}</table>'
    )
