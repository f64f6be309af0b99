"""Panels that look at faces: lesson 1's, around the color of a pixel, and lesson 5's, through models and their errors."""

import ipywidgets
import numpy as np

from .. import color, figures
from ..evaluation import Predictor
from ..splits import Split
from .panel import WIDE, Panel

PIXELS = {"min": 0, "max": 111, "step": 1}


class Colors(Panel):
    """A face's planes, one of its pixels, and which colors count as right there.

    Args:
        faces: a few, to choose from.
        guess: float32 (2,), a*, b* in CIELAB units: one guess for all pixels, such as the mean color.
    """

    def __init__(self, faces: Split, guess: np.ndarray):
        lab = color.from_storage(faces.lab)
        controls = {
            "face": ipywidgets.IntSlider(1, 1, len(faces), description="face", **WIDE),
            "row": ipywidgets.IntSlider(62, description="row of the pixel", **PIXELS, **WIDE),
            "column": ipywidgets.IntSlider(36, description="column of the pixel", **PIXELS, **WIDE),
            "threshold": ipywidgets.IntSlider(10, 1, 40, description="threshold", **WIDE),
        }

        def draw(face: int, row: int, column: int, threshold: int) -> figures.Drawn:
            return figures.around_a_color(lab[face - 1], (row, column), threshold, guess)

        super().__init__(controls, draw)


class Faces(Panel):
    """A face, a model's prediction for it, and where that errs.

    Args:
        faces: a few, to choose from.
        predictors: label -> run or baseline. Each predicts all the faces once.
    """

    def __init__(self, faces: Split, predictors: dict[str, Predictor]):
        lab = color.from_storage(faces.lab)
        predicted = {label: predictor.predict(faces.L) for label, predictor in predictors.items()}
        controls = {
            "face": ipywidgets.IntSlider(1, 1, len(faces), description="face", **WIDE),
            "model": ipywidgets.Dropdown(options=list(predicted), description="model", **WIDE),
            "error": ipywidgets.Dropdown(options=["distance", "a*", "b*"], description="error", **WIDE),
        }

        def draw(face: int, model: str, error: str) -> figures.Drawn:
            return figures.errors_of_a_face(lab[face - 1], predicted[model][face - 1], error, model)

        super().__init__(controls, draw)
