"""Panels that look at faces: a pixel's color, the errors of models, and a temperature."""

import ipywidgets
import keras
import numpy as np

from .. import color, plots
from ..data.splits import Split
from ..evaluation.comparison import Predictor
from ..models import unet
from ..plots import color_classes, panels
from .panel import WIDE, Panel

PIXELS = {"min": 0, "max": 111, "step": 1}
TEMPERATURES = [0.05, 0.1, 0.2, 0.3, 0.38, 0.5, 0.7, 1.0, 1.5, 2.0, 4.0]  # 0.38 is the paper's


def choose_face(faces: Split) -> ipywidgets.IntSlider:
    """Create a slider that chooses one of the faces by its number, from 1."""
    return ipywidgets.IntSlider(1, 1, len(faces), description="face", **WIDE)


class Colors(Panel):
    """A face's planes, one of its pixels, and the colors that count as right there. Lesson 1.5.

    Args:
        faces: a few faces to choose from.
        guess: one guess for all pixels, such as the mean color: a*, b* (2,), CIELAB units.

    Example:
        >>> panel = widgets.Colors(test.take(8), mean_color.color)  # doctest: +SKIP
        >>> display(panel.widget)  # doctest: +SKIP
    """

    def __init__(self, faces: Split, guess: np.ndarray) -> None:
        lab = color.from_storage(faces.lab)
        controls = {
            "face": choose_face(faces),
            "row": ipywidgets.IntSlider(62, description="row of the pixel", **PIXELS, **WIDE),
            "column": ipywidgets.IntSlider(36, description="column of the pixel", **PIXELS, **WIDE),
            "threshold": ipywidgets.IntSlider(10, 1, 40, description="threshold", **WIDE),
        }

        def draw(face: int, row: int, column: int, threshold: int) -> panels.Drawn:
            return panels.around_a_color(lab[face - 1], (row, column), threshold, guess)

        super().__init__(controls, draw)


class Faces(Panel):
    """A face, a model's prediction for it, and a map of its errors. Lesson 5.3.

    Args:
        faces: a few faces to choose from.
        predictors: label -> run or baseline. Each predicts all the faces once.

    Example:
        >>> panel = widgets.Faces(test.take(24), {"CNN": run})  # doctest: +SKIP
        >>> display(panel.widget)  # doctest: +SKIP
    """

    def __init__(self, faces: Split, predictors: dict[str, Predictor]) -> None:
        lab = color.from_storage(faces.lab)
        predicted = {label: predictor.predict(faces.L) for label, predictor in predictors.items()}
        errors = ["distance", "a*", "b*"]
        controls = {
            "face": choose_face(faces),
            "model": ipywidgets.Dropdown(options=list(predicted), description="model", **WIDE),
            "error": ipywidgets.Dropdown(options=errors, description="error", **WIDE),
        }

        def draw(face: int, model: str, error: str) -> panels.Drawn:
            return panels.errors_of_a_face(lab[face - 1], predicted[model][face - 1], error, model)

        super().__init__(controls, draw)


class Temperature(Panel):
    """A face, colored by L2 and by color classes at a temperature. Lesson 6.6.

    Args:
        faces: a few faces to choose from.
        model: model of a run with the head "classes".
        plain: run that learned by L2.

    Attributes:
        model: the model with the head "classes".

    Example:
        >>> panel = widgets.Temperature(val.take(24), run.model, by_l2)  # doctest: +SKIP
        >>> display(panel.widget)  # doctest: +SKIP
    """

    def __init__(self, faces: Split, model: keras.Model, plain: Predictor) -> None:
        self.model = model
        self._lab = color.from_storage(faces.lab)
        self._by_L2 = plain.predict(faces.L)
        self._logits = unet.class_logits(model, faces.L)  # (N, 28, 28, K)
        self._centers = keras.ops.convert_to_numpy(model.get_layer("palette").centers)
        self._places = []  # of each face its least certain place: row and column among the logits
        for logits in self._logits:
            shares = color_classes.annealed(logits, temperature=1.0)
            self._places.append(color_classes.least_sure(shares, self._centers))
        controls = {
            "face": choose_face(faces),
            "temperature": ipywidgets.SelectionSlider(
                options=TEMPERATURES, value=1.0, description="temperature", **WIDE
            ),
        }
        super().__init__(controls, self._draw_face)

    def _draw_face(self, face: int, temperature: float) -> panels.Drawn:
        number = face - 1
        logits = self._logits[number]
        pred = unet.decode_classes(self.model, logits[None], temperature)[0]
        row, column = self._places[number]
        # the pixel in the middle of the place
        pixel = (int((row + 0.5) * unet.SHRINK), int((column + 0.5) * unet.SHRINK))
        marks = {
            "true": self._lab[number][pixel][1:],
            "L2": self._by_L2[number][pixel],
            "classes": pred[pixel],
        }
        shares = color_classes.annealed(logits[row, column], temperature)
        chart = plots.ClassChart(self._centers, shares, marks)
        return color_classes.at_temperature(
            self._lab[number], self._by_L2[number], pred, chart, pixel, temperature
        )
