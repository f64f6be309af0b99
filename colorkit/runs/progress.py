"""Progress of a run with the time left: a bar on a terminal or in a notebook, nothing elsewhere; and the line of a finished epoch."""

import html
import io

import keras
from IPython import get_ipython
from IPython.display import HTML, display
from tqdm import tqdm

from ..training import turns
from ..training.segments import Segment

MEASURES = "{desc}{n_fmt} of {total_fmt} batches, {remaining} left"  # what a notebook's bar says


def in_notebook() -> bool:
    """Whether what is displayed reaches a notebook."""
    return getattr(get_ipython(), "kernel", None) is not None


class NotebookBar(tqdm):
    """tqdm's counting, drawn as one line of HTML that is replaced as it fills and gone at the end: no widget has to be stored for it."""

    def __init__(self, *arguments, **options):
        self._shown = display(HTML(""), display_id=True)
        super().__init__(*arguments, **(options | {"file": io.StringIO(), "disable": False}))

    def display(self, msg=None, pos=None) -> None:
        """Draw the bar as it stands."""
        text = html.escape(self.format_meter(**(self.format_dict | {"bar_format": MEASURES})))
        self._shown.update(
            HTML(
                f'<progress value="{self.n}" max="{self.total}" style="width: 20em"></progress> {text}'
            )
        )

    def close(self) -> None:
        """Take it off the page."""
        if not self.disable:
            super().close()
            self._shown.update(HTML(""))


class RunBar(keras.callbacks.Callback):
    """A bar over all steps of a run, those of earlier sessions included.

    Args:
        plans: the legs of each epoch.
        epoch, legs: how many epochs are done, and how many legs of the next.
    """

    def __init__(self, plans: list[list[Segment]], epoch: int, legs: int):
        super().__init__()
        steps = [sum(leg.stop - leg.start for leg in plan) for plan in plans]
        done = sum(steps[:epoch]) + sum(leg.stop - leg.start for leg in plans[epoch][:legs])
        kind = NotebookBar if in_notebook() else tqdm
        self.bar = kind(total=sum(steps), initial=done, unit="batch", leave=False, disable=None)

    def name(self, epoch: int, epochs: int) -> None:
        """Say which epoch is being trained."""
        self.bar.set_description(f"epoch {epoch}/{epochs}")

    def on_train_batch_end(self, batch, logs=None):
        """Advance by one step."""
        self.bar.update(1)

    def __enter__(self) -> "RunBar":
        return self

    def __exit__(self, *_) -> None:
        self.bar.close()  # off the screen, also when the run is interrupted


def epoch_line(record: dict, epochs: int, seconds: float) -> str:
    """A finished epoch in a line."""
    judge = (
        f", judge {turns.reading(record['d_real'], record['d_generated'])}"
        if "d_real" in record
        else ""
    )
    return (
        f"epoch {record['epoch']}/{epochs}: mse {record['mse']:.1f}, val_mse {record['val_mse']:.1f}, "
        f"within 10 {record['accuracy']:.1%}, val {record['val_accuracy']:.1%}{judge} ({seconds:.0f} s)"
    )
