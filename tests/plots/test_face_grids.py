"""Faces in rows and columns: which picture is where, and what is written beside it."""

import numpy as np
import pytest

from colorkit import color, plots
from colorkit.evaluation import baselines, metrics


def read_image(axis) -> np.ndarray:
    (shown,) = axis.get_images()
    return np.asarray(shown.get_array())


def test_comparison_grid(train, val):
    mean_color = baselines.MeanColor.fit(train)
    figure = plots.comparison_grid(val, [baselines.Grey(), mean_color], count=3)
    axes = np.array(figure.axes).reshape(4, 3)
    assert [row[0].get_ylabel() for row in axes] == ["true", "grey input", "grey", "mean color"]
    pred = mean_color.predict(val.L[:3])
    errors = metrics.mse(pred, val.ab[:3])
    assert [axis.get_xlabel() for axis in axes[3]] == [f"MSE {error:.0f}" for error in errors]
    assert [axis.get_xlabel() for axis in axes[0]] == ["", "", ""]
    for column in range(3):
        assert np.array_equal(read_image(axes[0, column]), val.rgb[column])
        assert np.array_equal(read_image(axes[1, column]), color.compose(val.L[column]))
        assert np.array_equal(
            read_image(axes[3, column]), color.compose(val.L[column], pred[column])
        )


def test_comparison_grid_takes_labels(val):
    figure = plots.comparison_grid(val, [baselines.Grey()], labels=["CNN"], count=9)
    assert len(figure.axes) == 3 * len(val)
    assert figure.axes[2 * len(val)].get_ylabel() == "CNN"
    with pytest.raises(ValueError, match="zip"):
        plots.comparison_grid(val, [baselines.Grey()], labels=["a", "b"])


def test_face_grid(val):
    figure = plots.face_grid(val.rgb, titles=list("abcd"), columns=3)
    assert len(figure.axes) == 6
    assert [axis.get_title() for axis in figure.axes] == ["a", "b", "c", "d", "", ""]
    assert np.array_equal(read_image(figure.axes[3]), val.rgb[3])
    assert len(plots.face_grid(val.rgb[:2]).axes) == 2


def test_planes(val):
    lab = color.from_storage(val.lab[0])
    figure = plots.planes(val.rgb[0], lab)
    assert [axis.get_title() for axis in figure.axes[:4]] == [
        "picture",
        "L: black to white",
        "a*: green to red",
        "b*: blue to yellow",
    ]
    for axis, plane in zip(figure.axes[1:4], np.moveaxis(lab, -1, 0), strict=True):
        assert np.array_equal(read_image(axis), plane)
    lightness, (low, high), b = (axis.get_images()[0].get_clim() for axis in figure.axes[1:4])
    assert lightness == (0, 100)
    assert b == (low, high)  # one scale for both, with no color in its middle
    assert low == -high < 0


def test_error_maps_show_the_distance_from_the_true_color(val):
    figure = plots.error_maps(val.take(2), [baselines.Grey()])
    true, _, first, _, bar = figure.axes
    assert np.array_equal(read_image(true), val.rgb[0])
    distance = np.hypot(*np.moveaxis(val.ab[0], -1, 0))
    assert np.array_equal(read_image(first), distance)
    assert first.get_xlabel() == f"mean {distance.mean():.0f}"
    assert bar.get_xlabel() == "distance in the a*, b* plane"


def test_long_names_of_rows_are_wrapped_and_do_not_overlap(val):
    grey = baselines.Grey()
    grey.name = "resnet, fine_tune=False, 480 images"
    for grid in (
        plots.comparison_grid(val, [grey, grey], count=4),
        plots.error_maps(val.take(4), [grey, grey]),
    ):
        grid.draw_without_rendering()
        rows = [axis.yaxis.label for axis in grid.axes if "resnet" in axis.get_ylabel()]
        upper, lower = (label.get_window_extent() for label in rows)
        assert lower.y1 < upper.y0
        assert upper.x0 >= 0
