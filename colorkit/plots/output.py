"""What figures have in common: sizes, colors, and how they are shown, saved, or put into a page."""

import base64
import html
import io
from pathlib import Path

from IPython.display import display
from matplotlib.figure import Figure

from .. import files

WIDTH = 9.0  # inches: fits Colab's column
NAME = 1.3  # inches: for the names of rows
CELL = 1.05  # inches: of a face in a grid, at most, so that a lesson stays small
COLORS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
)  # Okabe and Ito: told apart by color-blind readers
MARKERS = "osD^vP"
DASHES = (
    "-",
    "--",
    "-.",
    (0, (6, 1)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (1, 1)),
)  # through its gaps a line shows another that it covers
LABELS = {"mse": "MSE (ab units squared)", "accuracy": "within 10 (per channel)"}


def show(figure: Figure, alt: str) -> None:
    """Display a figure in a notebook together with the text that a screen reader reads instead of it."""
    display(figure, metadata={"image/png": {"alt": alt}})


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, whole or not at all."""
    with files.atomic_open(path) as stream:
        figure.savefig(stream, format="png", dpi=100)


def to_html(figure: Figure, alt: str) -> str:
    """A figure as an <img> that holds its PNG, with its alt text."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<img class="colorkit-picture" style="max-width: 100%" alt="{html.escape(alt, quote=True)}" src="data:image/png;base64,{data}">'
