"""Lesson 6's figures: what is drawn, and that the line below says the same."""

import numpy as np
import pytest

from colorkit import color, plots
from colorkit.evaluation import metrics, perception
from colorkit.plots import color_classes

CENTERS = np.float32([[0, 0], [20, 10], [-10, 30]])
SHARES = np.array([0.25, 0.745, 0.005])
LAB = np.zeros((112, 112, 3), np.float32)
LAB[:] = (60, 10, 20)


@pytest.mark.parametrize("temperature", [0.2, 1.0, 3.0])
def test_annealed_probabilities(temperature):
    logits = np.random.default_rng(0).normal(0, 2, (3, 4, 5))
    powers = np.exp(logits / temperature)
    assert color_classes.annealed(logits, temperature) == pytest.approx(
        powers / powers.sum(-1, keepdims=True)
    )
    assert np.isfinite(color_classes.annealed(1e4 * logits, temperature)).all()


def test_least_sure_is_where_colors_lie_farthest_apart():
    shares = np.zeros((8, 9, 3))
    shares[..., 0] = 1
    shares[3, 4] = (0.5, 0.5, 0)
    shares[5, 3] = (0, 0.5, 0.5)  # the two classes that are farthest from each other
    for row, column in ((1, 4), (4, 7)):  # at the rim
        shares[row, column] = (0, 0.5, 0.5)
    assert color_classes.least_sure(shares, CENTERS) == (5, 3)


def test_squares_are_as_large_as_their_classes_are_probable():
    drawn = plots.class_probabilities(
        {
            "one": plots.ClassChart(CENTERS, SHARES, {"true": np.array([3, 4])}),
            "two": plots.ClassChart(CENTERS, SHARES, {}),
        }
    )
    left, right = drawn.figure.axes
    for axis in (left, right):
        areas = [square.get_width() * square.get_height() for square in axis.patches]
        assert areas == pytest.approx(100 * SHARES / SHARES.max())
        middles = np.array([square.get_center() for square in axis.patches])
        assert middles == pytest.approx(CENTERS, abs=1e-5)
        shades = np.array([square.get_facecolor()[:3] for square in axis.patches])
        assert 255 * shades == pytest.approx(
            color.lab_to_rgb(np.insert(CENTERS, 0, 65, axis=1)).astype(float)
        )
    assert [tuple(np.ravel(line.get_xydata())) for line in left.lines] == [(3, 4)]
    assert not right.lines
    said = "2 classes have 1 % or more, the most probable, (20, 10), has 74%"
    assert drawn.line == f"one: {said}; true (3, 4). two: {said}."
    assert drawn.alt.endswith(drawn.line)


def test_a_face_at_a_temperature():
    plain = LAB[..., 1:] * np.float32(0.5)
    pred = LAB[..., 1:] + np.float32(6)
    chart = plots.ClassChart(CENTERS, SHARES, {"true": np.array([10, 20])})
    drawn = color_classes.at_temperature(LAB, plain, pred, chart, (30, 40), 0.3)
    pictures = [axis.images[0].get_array() for axis in drawn.figure.axes[:3]]
    for picture, ab in zip(pictures, (LAB[..., 1:], plain, pred), strict=True):
        assert np.array_equal(
            picture, color.lab_to_rgb(np.concatenate([LAB[..., :1], ab], axis=-1))
        )
    rings = [tuple(np.ravel(axis.lines[0].get_xydata())) for axis in drawn.figure.axes[:3]]
    assert rings == [(40, 30)] * 3
    assert [axis.get_title() for axis in drawn.figure.axes] == [
        "true",
        "L2",
        "classes, T = 0.3",
        "colors in the ring",
    ]
    chroma = metrics.chroma(np.stack([LAB[..., 1:], plain, pred]))
    share = perception.colorfulness(np.stack(pictures))
    assert drawn.line == (
        f"classes, T = 0.3: mean chroma {chroma[2]:.1f}, MSE 36.0, "
        f"{share[2] / share[0]:.0%} of the truth's colorfulness. "
        f"L2: mean chroma {chroma[1]:.1f}, MSE 62.5, "
        f"{share[1] / share[0]:.0%} of the truth's colorfulness. "
        f"In truth the mean chroma is {chroma[0]:.1f}. "
        "In the ring (row 30, column 40) 2 classes have 1 % or more, the most probable, "
        "(20, 10), has 74%; true (10, 20)."
    )
    assert drawn.alt.endswith(drawn.line)


def test_what_color_costs():
    drawn = plots.class_costs(
        {"classes": [(0.5, 50.0), (0.9, 60.0)], "scaled": [(0.6, 51.0)]}, {"L1": (0.55, 52.0)}
    )
    (axis,) = drawn.figure.axes
    lines = {line.get_label(): line.get_xydata().tolist() for line in axis.lines[:-1]}
    assert lines == {"classes": [[0.5, 50], [0.9, 60]], "scaled": [[0.6, 51]], "L1": [[0.55, 52]]}
    looks = {(line.get_marker(), line.get_linestyle()) for line in axis.lines}
    assert len(looks) == 4  # told apart by more than color
    assert drawn.line == (
        "Colorfulness and MSE: classes from 50%, 50.0 to 90%, 60.0; "
        "scaled from 60%, 51.0 to 60%, 51.0; L1 55%, 52.0."
    )
    assert drawn.alt.endswith(drawn.line)
