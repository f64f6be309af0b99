"""Curves per epoch: what is drawn, what the alt text says, and how they change in training."""

import itertools

import numpy as np
import pytest

from colorkit import plots
from colorkit.plots import learning_curves, output


def make_history(count: int) -> list[dict]:
    """Make the history of a run whose metrics all fall by 1 an epoch."""
    keys = ("mse", "val_mse", "accuracy", "val_accuracy")
    return [
        {"epoch": i + 1, **{key: (k + 1) * 10.0 - i for k, key in enumerate(keys)}}
        for i in range(count)
    ]


def test_curves_of_several_runs():
    histories = {"cnn": make_history(3), "resnet": make_history(5)}
    figure = plots.curves(histories, references={"mean color": 150.0, "one true color": 90.0})
    axes = np.array(figure.axes).reshape(2, 2)
    assert [axis.get_title() for axis in axes[0]] == ["cnn", "resnet"]
    assert [axis.get_ylabel() for axis in axes[:, 0]] == [
        "MSE (ab units squared)",
        "within 10 (per channel)",
    ]
    assert [axis.get_xlabel() for axis in axes[1]] == ["epoch", "epoch"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "training",
        "validation",
        "mean color",
        "one true color",
    ]
    for column, records in enumerate(histories.values()):
        training, validation, reference, other = axes[0, column].get_lines()
        assert list(training.get_xdata()) == [record["epoch"] for record in records]
        assert list(training.get_ydata()) == [record["mse"] for record in records]
        assert list(validation.get_ydata()) == [record["val_mse"] for record in records]
        assert (set(reference.get_ydata()), set(other.get_ydata())) == ({150.0}, {90.0})
        assert reference.get_linestyle() != other.get_linestyle()
        assert list(axes[1, column].get_lines()[1].get_ydata()) == [
            record["val_accuracy"] for record in records
        ]
    training, validation = axes[1, 0].get_lines()
    assert training.get_marker() != validation.get_marker()  # color is never the only channel
    assert training.get_linestyle() != validation.get_linestyle()
    figure.draw_without_rendering()
    ticks = [text.get_text() for text in axes[1, 0].get_yticklabels()]
    assert {tick[-1] for tick in ticks} == {"%"}  # as the lessons print shares


@pytest.mark.parametrize("draw", ["curves", "lines"])
def test_a_legend_hides_nothing(draw):
    """It is above all axes, whatever the lines do."""
    if draw == "curves":
        figure = plots.curves({"cnn": make_history(9)}, {"mean color": 15})
    else:
        figure = plots.lines({"a": [3, 2]}, "MSE", {"grey": 9})
    figure.draw_without_rendering()
    bottom = figure.legends[0].get_window_extent().y0
    assert all(axis.get_window_extent().y1 < bottom for axis in figure.axes)


def test_curves_in_words():
    histories = {"cnn": make_history(3), "gan": make_history(2)}
    text = plots.describe_curves(histories, {"mean color": 15.2})
    words = "cnn: validation MSE goes from 20 to 18, training MSE from 10 to 8, in 3 epochs; gan: "
    assert words in text
    assert text.endswith("mean color, a line: 15.")


def test_long_names_of_runs_are_wrapped_and_do_not_overlap():
    names = [f"resnet, fine_tune=False, 480 images {number}" for number in range(5)]
    figure = plots.curves(dict.fromkeys(names, make_history(2)), {"mean color": 15})
    figure.draw_without_rendering()
    boxes = [axis.title.get_window_extent() for axis in figure.axes[:5]]
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))


def test_lines_differ_by_more_than_color():
    figure = plots.lines({"a": [3, 2], "b": [5, 4, 3]}, "MSE", references={"grey": 9})
    (axis,) = figure.axes
    a, b, grey = axis.get_lines()
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("epoch", "MSE")
    assert list(a.get_xdata()) == [1, 2]
    assert list(b.get_ydata()) == [5, 4, 3]
    assert set(grey.get_ydata()) == {9}
    assert a.get_marker() != b.get_marker()
    assert a.get_linestyle() != b.get_linestyle()
    assert [text.get_text() for text in axis.figure.legends[0].get_texts()] == ["a", "b", "grey"]


def test_lines_takes_as_many_series_as_it_has_markers():
    for looks in (output.COLORS, output.MARKERS, output.DASHES):
        assert len(looks) == len(set(looks)) == 6
    plots.lines({str(i): [1, 2] for i in range(len(output.COLORS))}, "MSE")


class Page:
    """Stands in for a notebook's page: what is displayed on it, and what replaces that."""

    def __init__(self):
        self.displayed, self.updated = [], []

    def display(self, figure, *, display_id, metadata):
        assert display_id is True  # or it could not be replaced
        self.displayed.append((figure, metadata["image/png"]["alt"]))
        return self

    def update(self, figure, *, metadata):
        self.updated.append((figure, metadata["image/png"]["alt"]))


def test_live_curves_are_displayed_once_and_redrawn_in_their_place(monkeypatch):
    page, records = Page(), make_history(3)
    monkeypatch.setattr(learning_curves, "display", page.display)
    watch = plots.LiveCurves("cnn", references={"mean color": 150.0})
    for epochs in (1, 2, 3):
        watch(records[:epochs])
    assert (len(page.displayed), len(page.updated)) == (1, 2)
    for epochs, (figure, alt) in enumerate(page.displayed + page.updated, 1):
        assert alt == plots.describe_curves({"cnn": records[:epochs]}, watch.references)
        axis = figure.axes[0]
        training, _, reference = axis.get_lines()
        assert axis.get_title() == "cnn"
        assert list(training.get_ydata()) == [record["mse"] for record in records[:epochs]]
        assert reference.get_label() == "mean color"


def test_live_curves_of_two_runs_have_places_of_their_own(monkeypatch):
    pages = []

    def display_on_a_new_page(figure, **options):
        pages.append(Page())
        return pages[-1].display(figure, **options)

    monkeypatch.setattr(learning_curves, "display", display_on_a_new_page)
    watches = [plots.LiveCurves(label, {"mean color": 150.0}) for label in ("cnn", "gan")]
    for epochs in (1, 2):
        for watch in watches:
            watch(make_history(epochs))
    assert [(len(page.displayed), len(page.updated)) for page in pages] == [(1, 1), (1, 1)]
    assert [page.updated[0][1] for page in pages] == [
        plots.describe_curves({label: make_history(2)}, {"mean color": 150.0})
        for label in ("cnn", "gan")
    ]
