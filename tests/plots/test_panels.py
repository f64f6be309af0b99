"""The panels' pictures: what is drawn, and that the line below says the same."""

import numpy as np
import pytest
from matplotlib.patches import Circle, Rectangle

from colorkit import color
from colorkit.evaluation import metrics
from colorkit.plots import panels

LAB = np.zeros((112, 112, 3), np.float32)
LAB[:] = (50, 10, 20)
LAB[30, 40] = (70, -5, 12)
GUESS = np.array([1.0, 20.0])


def test_around_a_color_both_rules_are_drawn_about_the_true_color():
    drawn = panels.around_a_color(LAB, (30, 40), 15, GUESS)
    plane = drawn.figure.axes[4]
    circles = [patch for patch in plane.patches if isinstance(patch, Circle)]
    squares = [patch for patch in plane.patches if isinstance(patch, Rectangle)]
    rings = [(*circle.center, circle.radius) for circle in circles]
    assert rings == [(-5, 12, 15)] * 2  # a white line in a black one
    boxes = [(*square.get_xy(), square.get_width(), square.get_height()) for square in squares]
    assert boxes == [(-20, -3, 30, 30)] * 2
    assert [tuple(np.ravel(line.get_xydata())) for line in plane.lines] == [(-5, 12), (1, 20)]
    marks = [tuple(np.ravel(axis.lines[0].get_xydata())) for axis in drawn.figure.axes[:4]]
    assert marks == [(40, 30)] * 4


def test_around_a_color_the_plane_shows_the_colors_of_the_pixel_s_lightness():
    image = panels.around_a_color(LAB, (30, 40), 15, GUESS).figure.axes[4].images[0].get_array()
    corners = np.float32([(70, -60, -60), (70, 60, -60), (70, -60, 60), (70, 60, 60)])
    found = image[[0, 0, -1, -1], [0, -1, 0, -1]]  # rows are b*, columns a*
    assert np.array_equal(found, color.lab_to_rgb(corners))


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        (5, "a* not within, b* not within, distance not within"),
        (6, "a* within, b* not within, distance not within"),
        (8, "a* within, b* within, distance not within"),
        (10, "a* within, b* within, distance within"),
    ],
)
def test_around_a_color_the_line_says_what_is_within(threshold, said):
    """The guess is off by 6 and 8, and so 10 away."""
    drawn = panels.around_a_color(LAB, (30, 40), threshold, GUESS)
    assert drawn.line == (
        "Row 30, column 40: L 70, a* -5, b* 12. The mean color (a* 1, b* 20) is 10.0 away; "
        f"at threshold {threshold}: {said}."
    )
    assert drawn.alt.endswith(drawn.line)


def test_a_zero_has_no_sign():
    lab = np.full_like(LAB, (50, -0.2, 0.2))
    line = panels.around_a_color(lab, (30, 40), 15, np.array([0.1, -0.1])).line
    assert line.startswith("Row 30, column 40: L 50, a* 0, b* 0. The mean color (a* 0, b* 0) is ")


def test_an_error_must_be_one_that_can_be_mapped():
    with pytest.raises(ValueError, match=r"unknown error 'L'; one of distance, a\*, b\*"):
        panels.errors_of_a_face(LAB, LAB[..., 1:], "L", "the model")


@pytest.mark.parametrize(("which", "value"), [("distance", 5), ("a*", 3), ("b*", -4)])
def test_the_map_of_errors(which, value):
    pred = LAB[..., 1:] + np.array([3, -4], np.float32)
    drawn = panels.errors_of_a_face(LAB, pred, which, "the model")
    pictures = [axis.images[0].get_array() for axis in drawn.figure.axes[:4]]
    assert np.array_equal(pictures[0], color.lab_to_rgb(LAB))
    assert np.ptp(pictures[1], axis=-1).max() <= 1  # grey
    assert np.array_equal(
        pictures[2], color.lab_to_rgb(np.concatenate([LAB[..., :1], pred], axis=-1))
    )
    assert np.allclose(pictures[3], value)
    assert drawn.figure.axes[3].images[0].get_clim() == (
        (0, 40) if which == "distance" else (-40, 40)
    )


@pytest.mark.parametrize(
    ("which", "plane", "label"),
    [
        ("a*", 1, "too green  ←  CIELAB units  →  too red"),
        ("b*", 2, "too blue  ←  CIELAB units  →  too yellow"),
    ],
)
def test_the_colors_of_a_signed_error_say_its_direction(which, plane, label):
    """What is predicted too blue is drawn blue, and so on; where nothing is wrong, near white."""
    drawn = panels.errors_of_a_face(LAB, LAB[..., 1:], which, "the model")
    image = drawn.figure.axes[3].images[0]
    rgb = (255 * image.cmap(image.norm([-40, -10, 0, 10, 40]))[:, :3]).round().astype(np.uint8)
    lab = color.rgb_to_lab(rgb[None])[0]
    assert (np.sign(lab[[0, 1, 3, 4], plane]) == (-1, -1, 1, 1)).all()
    assert np.abs(lab[2, 1:]).max() < 1
    assert lab[2, 0] > max(lab[[0, 1, 3, 4], 0])
    assert drawn.figure.axes[4].get_ylabel() == label


def test_the_errors_in_numbers():
    pred = LAB[..., 1:] + np.array([6, -9], np.float32)
    line = panels.errors_of_a_face(LAB, pred, "distance", "the model").line
    shares = [
        metrics.threshold_accuracy(pred[None], LAB[None, ..., 1:], rule)[0]
        for rule in metrics.RULES
    ]
    assert shares == [1, 1, 0]
    chroma = [np.hypot(*np.moveaxis(ab, -1, 0)).mean() for ab in (pred, LAB[..., 1:])]
    assert line == (
        "the model: MSE 58.5, mean distance 10.8; "
        "within 10: per-channel 100%, both 100%, euclidean 0%; "
        f"mean chroma {chroma[0]:.1f}, in truth {chroma[1]:.1f}."
    )
