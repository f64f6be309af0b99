"""Lesson 7's pictures: what is drawn, and that the line below says the same."""

import numpy as np
import pytest

from colorkit import color, plots
from colorkit.color.hints import Point
from colorkit.evaluation import metrics, perception
from colorkit.photos.full_size import Box

LAB = np.zeros((112, 112, 3), np.float32)
LAB[:] = (50, 10, 20)
LAB[30, 40] = (70, -5, 12)
POINTS = (Point(80, 20, 30, -20, 7), Point(10, 90, 0, 0))
PLAIN = LAB[..., 1:] + np.float32([6, -8])
PRED = LAB[..., 1:] + np.float32([3, -4])


def draw(brush=Point(30, 40, 15, 25), points=POINTS):
    given = color.place_hints(points, 112, 112)
    return plots.hinted_face(LAB, given, brush, PLAIN, PRED, len(points))


def paint(ab):
    """Make a picture of the face's L and some a*, b*."""
    return color.lab_to_rgb(np.concatenate([LAB[..., :1], ab], axis=-1))


def read_boxes(axis):
    """Return x, y, width and height of each rectangle."""
    return [(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in axis.patches]


def test_the_pictures_are_input_without_with_and_true():
    axes = draw().figure.axes
    assert [axis.get_title() for axis in axes] == [
        "the input",
        "without hints",
        "with 2 hints",
        "true",
        "colors of L 70",
    ]
    expected_pictures = (paint(PLAIN), paint(PRED), color.lab_to_rgb(LAB))
    for axis, expected in zip(axes[1:4], expected_pictures, strict=True):
        assert np.array_equal(axis.images[0].get_array(), expected)
    seen = axes[0].images[0].get_array()
    assert np.array_equal(seen[80, 20], color.lab_to_rgb(np.float32([50, 30, -20])))
    assert np.ptp(seen[[10, 30], [90, 40]].astype(int), axis=-1).max() <= 1  # a grey hint, and none


def test_a_cross_and_a_square_mark_the_next_hint_and_the_plane_its_color():
    axes = draw().figure.axes
    crosses = [tuple(np.ravel(line.get_xydata())) for line in axes[0].lines]
    assert crosses == [(40, 30)] * 2  # a white line in a black one
    assert read_boxes(axes[0]) == [(37.5, 27.5, 5, 5)] * 2
    marks = {line.get_label(): tuple(np.ravel(line.get_xydata())) for line in axes[4].lines}
    assert marks == {"true": (-5, 12), "predicted": (-2, 8), "next hint": (15, 25)}


def test_the_line_says_the_numbers():
    found = draw()
    truth = color.lab_to_rgb(LAB)
    decibels = [perception.psnr(paint(ab)[None], truth[None])[0] for ab in (PRED, PLAIN)]
    errors = metrics.mse(np.stack([PRED, PLAIN]), np.stack([LAB[..., 1:]] * 2))
    assert found.line == (
        f"2 hints: MSE {errors[0]:.1f} (without 50.0), "
        f"PSNR {decibels[0]:.1f} dB (without {decibels[1]:.1f}). At row 30, column 40, L 70: "
        "true a* -5, b* 12; predicted a* -2, b* 8; the next hint, 5 x 5 pixels: a* 15, b* 25."
    )
    assert errors[0] == pytest.approx(12.5)
    assert found.alt.endswith(found.line)


@pytest.mark.parametrize(("points", "said"), [((), "No hints: MSE"), (POINTS[:1], "1 hint: MSE")])
def test_hints_are_counted(points, said):
    assert draw(points=points).line.startswith(said)


@pytest.mark.parametrize(
    ("a", "end"), [(15, "b* 25."), (60, "b* 25, which no screen shows at this L.")]
)
def test_a_color_that_can_t_be_shown_is_told(a, end):
    assert draw(Point(30, 40, a, 25)).line.endswith(end)


def test_a_photograph_in_versions_with_a_frame_in_the_first():
    before, after = (np.full((40, 60, 3), value, np.uint8) for value in (100, 200))
    found = plots.photograph({"before": before, "after": after}, Box(10, 5, 20, 30), "Numbers.")
    left, right = found.figure.axes
    assert (left.get_title(), right.get_title()) == ("before", "after")
    assert np.array_equal(left.images[0].get_array(), before)
    assert np.array_equal(right.images[0].get_array(), after)
    assert read_boxes(left) == [(10, 5, 20, 30)] * 2
    assert not right.patches
    assert found.alt == (
        "A photograph side by side as before, after; "
        "a frame shows the part that the model saw. Numbers."
    )
    assert found.line == "Numbers."
