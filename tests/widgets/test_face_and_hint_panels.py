"""The panels that look at faces, and the one that takes color hints."""

import numpy as np
import pytest
from panel_samples import make_temperature_panel, predict, read_line

from colorkit import color
from colorkit.evaluation import baselines, metrics
from colorkit.models import unet
from colorkit.widgets import face_panels, hint_panel


def test_lesson_1_s_panel_speaks_of_the_pixel_it_points_at(train):
    faces = train.take(4)
    own = face_panels.Colors(faces, np.array([8.0, 12.0]))
    for name, value in {"face": 3, "row": 100, "column": 7}.items():
        own.controls[name].value = value
    L, a, b = faces.lab[2, 100, 7] / np.array([2.55, 1, 1]) - np.array([0, 128, 128])
    assert read_line(own).startswith(f"Row 100, column 7: L {L:.0f}, a* {a:z.0f}, b* {b:z.0f}. ")


def test_lesson_5_s_panel_shows_what_that_model_says_of_that_face(train):
    faces = train.take(4)
    predictors = {"mean color": baselines.MeanColor.fit(train), "grey": baselines.Grey()}
    own = face_panels.Faces(faces, predictors)
    own.controls["face"].value = 2
    own.controls["model"].value = "grey"
    assert read_line(own).startswith(f"grey: MSE {np.mean(faces.ab[1] ** 2):.1f}, ")


def test_lesson_6_s_panel_shows_that_face_at_that_temperature(train):
    own = make_temperature_panel(train)
    own.controls["face"].value = 3
    own.controls["temperature"].value = 0.2
    L, ab = train.L[2:3], train.ab[2:3]
    pred = unet.decode_classes(own.model, unet.class_logits(own.model, L), 0.2)
    chroma = metrics.chroma(pred)[0]
    assert read_line(own).startswith(f"classes, T = 0.2: mean chroma {chroma:.1f}, MSE ")
    mean_chroma = np.hypot(*color.mean_ab(train.lab))
    mse = metrics.mse(baselines.MeanColor.fit(train).predict(L), ab)[0]
    assert f" L2: mean chroma {mean_chroma:.1f}, MSE {mse:.1f}, " in read_line(own)


@pytest.fixture
def hinting(train):
    """Make lesson 7's panel, and a list of what its model is asked."""
    asked = []

    def predict_and_remember(L, given):
        asked.append((L, given))
        return predict(L, given)

    return hint_panel.Hinting(train.take(4), predict_and_remember), asked


def test_a_face_begins_with_one_true_hint(hinting, train):
    own, asked = hinting
    (point,) = own.points
    assert (point.a, point.b) == tuple(train.ab[0, point.row, point.column])
    L, given = asked[-1]
    assert np.array_equal(L, train.L[:1])
    assert np.array_equal(given[0], color.hint_planes(color.place_hints(own.points, 112, 112)))


def test_buttons_do_what_the_functions_do(hinting, train):
    own, asked = hinting
    (first,) = own.points
    for name, value in {"row": 80, "column": 20, "a": -7, "b": 33, "side": 9}.items():
        own.controls[name].value = value
    own.buttons["add"].click()
    assert own.points == (first, color.Point(80, 20, -7, 33, 9))
    assert asked[-1][1][0, 80, 20].tolist() == [-7, 33, 1]
    assert read_line(own).startswith("2 hints: MSE ")
    own.buttons["undo"].click()
    assert own.points == (first,)
    own.add()
    own.buttons["clear"].click()
    assert own.points == ()
    assert read_line(own).startswith("No hints: MSE ")
    own.undo()  # nothing is left to take back
    assert own.points == ()


def test_each_face_keeps_its_hints_and_the_model_is_asked_once_for_the_same(hinting):
    own, asked = hinting
    own.clear()
    own.controls["face"].value = 2
    assert len(own.points) == 1
    count = len(asked)
    own.controls["face"].value = 1
    assert own.points == ()
    own.controls["row"].value = 5
    assert len(asked) == count
