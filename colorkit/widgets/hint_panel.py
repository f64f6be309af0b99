"""Lesson 7's panel: give a model color hints one by one, and watch the face change."""

import functools
from collections.abc import Callable

import ipywidgets

from .. import color, plots
from ..arrays import Ab, HintPlanes, Lab, LCode
from ..color import hints
from ..color.hints import Hints, Point
from ..data.splits import Split
from ..plots import panels
from .face_panels import PIXELS, choose_face
from .panel import WIDE, Panel

COLORS = {"min": -panels.REACH, "max": panels.REACH, "step": 1}
START = (68, 37)  # row and column of the first hint: a cheek on most of the kit's faces
SIDE = 5  # pixels: side of the first hint
BUTTONS = {"add": "add this hint", "undo": "undo the last", "clear": "clear all"}

Predict = Callable[[LCode, HintPlanes], Ab]


class Hinting(Panel):
    """A face and the color hints that one gives for it. Lesson 7.4.

    Each face keeps its own hints. It begins with one, the true color of a cheek.

    Args:
        faces: a few faces to choose from.
        predict: model that takes color hints: from L codes and hint planes to a*, b*.

    Attributes:
        buttons: name of what it does ("add", "undo" or "clear") -> button.

    Example:
        >>> panel = widgets.Hinting(test.take(12), hinted.predict)  # doctest: +SKIP
        >>> display(panel.widget)  # doctest: +SKIP
    """

    def __init__(self, faces: Split, predict: Predict) -> None:
        self._faces = faces
        self._lab = color.from_storage(faces.lab)
        self._model = predict
        self._predict = functools.lru_cache(maxsize=64)(self._predict_face)
        self._given = [_begin(face) for face in self._lab]
        controls = {
            "face": choose_face(faces),
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
        super().__init__(controls, self._draw_face)
        row = ipywidgets.HBox(list(self.buttons.values()))
        self.widget.children = [*controls.values(), row, self._picture]
        self.buttons["add"].on_click(lambda _: self.add())
        self.buttons["undo"].on_click(lambda _: self.undo())
        self.buttons["clear"].on_click(lambda _: self.clear())

    @property
    def points(self) -> tuple[Point, ...]:
        """The hints of the face that is shown, the first one first."""
        return self._given[self.values["face"] - 1]

    def add(self) -> None:
        """Give the hint that the sliders describe, as the button does."""
        chosen = self.values
        del chosen["face"]
        self._give((*self.points, Point(**chosen)))

    def undo(self) -> None:
        """Take the last hint back, as the button does."""
        self._give(self.points[:-1])

    def clear(self) -> None:
        """Take all hints back, as the button does."""
        self._give(())

    def _give(self, points: tuple[Point, ...]) -> None:
        self._given[self.values["face"] - 1] = points
        self._show()

    def _place(self, points: tuple[Point, ...]) -> Hints:
        _, height, width, _ = self._lab.shape
        return color.place_hints(points, height, width)

    def _predict_face(self, number: int, points: tuple[Point, ...]) -> Ab:
        """Predict a*, b* of one face (H, W, 2) with some hints."""
        planes = color.hint_planes(self._place(points))
        return self._model(self._faces.L[number][None], planes[None])[0]

    def _draw_face(
        self, face: int, row: int, column: int, a: int, b: int, side: int
    ) -> panels.Drawn:
        number = face - 1
        points = self._given[number]
        return plots.hinted_face(
            self._lab[number],
            self._place(points),
            brush=Point(row, column, a, b, side),
            plain=self._predict(number, ()),
            pred=self._predict(number, points),
            count=len(points),
        )


def _begin(face: Lab) -> tuple[Point, ...]:
    """Return the one hint that a face (H, W, 3) begins with: the true color of a cheek."""
    row, column = START
    _, a, b = face[row, column]
    return (Point(row, column, float(a), float(b), SIDE),)
