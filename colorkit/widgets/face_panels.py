"""Panels that look at faces: lesson 1's, around the color of a pixel, lesson 5's, through models and their errors, and lesson 6's."""

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

        def draw(face: int, row: int, column: int, threshold: int) -> panels.Drawn:
            return panels.around_a_color(lab[face - 1], (row, column), threshold, guess)

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
            "error": ipywidgets.Dropdown(
                options=["distance", "a*", "b*"], description="error", **WIDE
            ),
        }

        def draw(face: int, model: str, error: str) -> panels.Drawn:
            return panels.errors_of_a_face(lab[face - 1], predicted[model][face - 1], error, model)

        super().__init__(controls, draw)


class Temperature(Panel):
    """A face, colored by L2 and by color classes at a temperature.

    Args:
        faces: a few, to choose from.
        model: of a run with the head "classes".
        plain: the run by L2.

    Attributes:
        model: the same.
    """

    def __init__(self, faces: Split, model: keras.Model, plain: Predictor):
        self.model = model
        lab, by_L2, said = (
            color.from_storage(faces.lab),
            plain.predict(faces.L),
            unet.class_logits(model, faces.L),
        )
        centers = keras.ops.convert_to_numpy(model.get_layer("palette").centers)
        places = [
            color_classes.least_sure(color_classes.annealed(each, 1.0), centers) for each in said
        ]
        controls = {
            "face": ipywidgets.IntSlider(1, 1, len(faces), description="face", **WIDE),
            "temperature": ipywidgets.SelectionSlider(
                options=TEMPERATURES, value=1.0, description="temperature", **WIDE
            ),
        }

        def draw(face: int, temperature: float) -> panels.Drawn:
            number = face - 1
            pred = unet.decode_classes(model, said[[number]], temperature)[0]
            row, column = places[number]
            place = (int((row + 0.5) * unet.SHRINK), int((column + 0.5) * unet.SHRINK))
            marks = {
                "true": lab[number][place][1:],
                "L2": by_L2[number][place],
                "classes": pred[place],
            }
            palette = plots.ClassChart(
                centers, color_classes.annealed(said[number, row, column], temperature), marks
            )
            return color_classes.at_temperature(
                lab[number], by_L2[number], pred, palette, place, temperature
            )

        super().__init__(controls, draw)
