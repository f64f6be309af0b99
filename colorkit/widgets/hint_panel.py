"""Lesson 7's panel: give a model color hints, one by one, and see the face change."""

import functools
from collections.abc import Callable

import ipywidgets
import numpy as np

from .. import color, plots
from ..color import hints
from ..color.hints import Point
from ..data.splits import Split
from ..plots import panels
from .face_panels import PIXELS
from .panel import WIDE, Panel

COLORS = {"min": -panels.REACH, "max": panels.REACH, "step": 1}
START = 68, 37  # row and column of the first hint: on most of the kit's faces a cheek (tones.BOXES)
SIDE = 5  # pixels
BUTTONS = {"add": "add this hint", "undo": "undo the last", "clear": "clear all"}

Predict = Callable[
    [np.ndarray, np.ndarray], np.ndarray
]  # L code (N, 112, 112, 1) and hint planes (N, 112, 112, 3) to a*, b*


class Hinting(Panel):
    """A face and the hints that one gives for it. Each face keeps its own; it begins with one, the true color of a cheek.

    Args:
        faces: a few, to choose from.
        predict: a model that takes hints: L code, uint8 (N, 112, 112, 1), and hint planes, float32 (N, 112, 112, 3), to a*, b*.

    Attributes:
        buttons: by what they do.
    """

    def __init__(self, faces: Split, predict: Predict):
        lab = color.from_storage(faces.lab)
        self._given = [(Point(*START, *map(float, face[START][1:]), SIDE),) for face in lab]

        @functools.lru_cache(maxsize=64)
        def predicted(face: int, points: tuple[Point, ...]) -> np.ndarray:
            planes = color.hint_planes(color.place_hints(points, *lab.shape[1:3]))
            return predict(faces.L[face][None], planes[None])[0]

        def draw(face: int, row: int, column: int, a: int, b: int, side: int) -> panels.Drawn:
            points, brush = self._given[face - 1], Point(row, column, a, b, side)
            given = color.place_hints(points, *lab.shape[1:3])
            both = predicted(face - 1, ()), predicted(face - 1, points)
            return plots.hinted_face(lab[face - 1], given, brush, *both, len(points))

        controls = {
            "face": ipywidgets.IntSlider(1, 1, len(faces), description="face", **WIDE),
            "row": ipywidgets.IntSlider(START[0], description="row of the hint", **PIXELS, **WIDE),
            "column": ipywidgets.IntSlider(
                START[1], description="column of the hint", **PIXELS, **WIDE
            ),
            "a": ipywidgets.IntSlider(20, description="a*: green to red", **COLORS, **WIDE),
            "b": ipywidgets.IntSlider(20, description="b*: blue to yellow", **COLORS, **WIDE),
            "side": ipywidgets.IntSlider(
                SIDE, hints.SIDES[0], hints.SIDES[-1], description="its side, pixels", **WIDE
            ),
        }
        self.buttons = {
            name: ipywidgets.Button(description=words) for name, words in BUTTONS.items()
        }
        super().__init__(controls, draw)
        self.widget.children = [
            *controls.values(),
            ipywidgets.HBox(list(self.buttons.values())),
            self._picture,
        ]
        for name, button in self.buttons.items():
            button.on_click(lambda _, name=name: getattr(self, name)())

    @property
    def points(self) -> tuple[Point, ...]:
        """The hints of the face that is shown, the first one first."""
        return self._given[self.values["face"] - 1]

    def add(self) -> None:
        """Give the hint that the sliders say: what a button does."""
        where = {name: value for name, value in self.values.items() if name != "face"}
        self._give((*self.points, Point(**where)))

    def undo(self) -> None:
        """Take the last hint back."""
        self._give(self.points[:-1])

    def clear(self) -> None:
        """Take all hints back."""
        self._give(())

    def _give(self, points: tuple[Point, ...]) -> None:
        self._given[self.values["face"] - 1] = points
        self._show()
