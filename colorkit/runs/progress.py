"""Show how far a run is: a bar with the time left, and a line for each finished epoch."""

import html
import io
from typing import Any

import keras
from IPython import get_ipython
from IPython.display import HTML, display
from tqdm import tqdm

from ..training import turns
from ..training.segments import Segment
from .journal import Record

BAR_TEXT = "{desc}{n_fmt} of {total_fmt} batches, {remaining} left"  # beside a notebook's bar


def in_notebook() -> bool:
    """Find out whether what is displayed reaches a notebook."""
    return getattr(get_ipython(), "kernel", None) is not None


class NotebookBar(tqdm):
    """A bar that tqdm counts for and that is drawn as one line of HTML.

    The line is replaced as the bar fills, and is gone at the end. Unlike tqdm's own bar for
    notebooks it isn't a widget, so nothing has to be stored for it.
    """

    def __init__(self, *arguments: Any, **options: Any):
        self._line = display(HTML(""), display_id=True)
        super().__init__(*arguments, **(options | {"file": io.StringIO(), "disable": False}))

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """Draw the bar as it is now."""
        values = self.format_dict | {"bar_format": BAR_TEXT}
        text = html.escape(self.format_meter(**values))
        bar = f'<progress value="{self.n}" max="{self.total}" style="width: 20em"></progress>'
        self._line.update(HTML(f"{bar} {text}"))

    def close(self) -> None:
        """Take the bar off the page."""
        if not self.disable:
            super().close()
            self._line.update(HTML(""))


class RunBar(keras.callbacks.Callback):
    """A bar over all batches of a run, those of earlier sessions included.

    It appears on a terminal and in a notebook; elsewhere nothing is drawn.

    Args:
        total: number of batches of the whole run.
        done: number of those that are done.
    """

    def __init__(self, total: int, done: int):
        super().__init__()
        kind = NotebookBar if in_notebook() else tqdm
        self.bar = kind(total=total, initial=done, unit="batch", leave=False, disable=None)

    def name(self, epoch: int, epochs: int) -> None:
        """Say which epoch is being trained."""
        self.bar.set_description(f"epoch {epoch}/{epochs}")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Advance by one batch."""
        self.bar.update(1)

    def __enter__(self) -> "RunBar":
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()  # it leaves the screen even when the run is interrupted


def count_batches(segments: list[Segment]) -> int:
    """Count the batches of some segments."""
    return sum(segment.stop - segment.start for segment in segments)


def epoch_line(record: Record, epochs: int, seconds: float) -> str:
    """Describe a finished epoch in one line.

    Args:
        record: metrics of the epoch.
        epochs: number of epochs of the run.
        seconds: duration of the epoch.
    """
    judge = ""
    if "d_real" in record:
        judge = f", judge {turns.reading(record['d_real'], record['d_generated'])}"
    return (
        f"epoch {record['epoch']}/{epochs}: "
        f"mse {record['mse']:.1f}, val_mse {record['val_mse']:.1f}, "
        f"within 10 {record['accuracy']:.1%}, val {record['val_accuracy']:.1%}"
        f"{judge} ({seconds:.0f} s)"
    )
