import itertools

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from skimage.color import deltaE_ciede2000, rgb2lab

from colorkit import color, plots
from colorkit.evaluation import baselines, metrics
from colorkit.plots import diagrams, learning_curves, output


@pytest.fixture(autouse=True)
def nothing_is_shown_behind_the_caller_s_back():
    """A figure left open in pyplot is shown a second time by a notebook."""
    yield
    assert plt.get_fignums() == []


def history(count: int) -> list[dict]:
    keys = ("mse", "val_mse", "accuracy", "val_accuracy")
    return [
        {"epoch": i + 1, **{key: (k + 1) * 10.0 - i for k, key in enumerate(keys)}}
        for i in range(count)
    ]


def image(axis) -> np.ndarray:
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
        assert np.array_equal(image(axes[0, column]), val.rgb[column])
        assert np.array_equal(image(axes[1, column]), color.compose(val.L[column]))
        assert np.array_equal(image(axes[3, column]), color.compose(val.L[column], pred[column]))


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
    assert np.array_equal(image(figure.axes[3]), val.rgb[3])
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
        assert np.array_equal(image(axis), plane)
    lightness, (low, high), b = (axis.get_images()[0].get_clim() for axis in figure.axes[1:4])
    assert lightness == (0, 100)
    assert b == (low, high)  # one scale for both, with no color in its middle
    assert low == -high < 0


def test_curves_of_several_runs():
    histories = {"cnn": history(3), "resnet": history(5)}
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
    assert {text.get_text()[-1] for text in axes[1, 0].get_yticklabels()} == {
        "%"
    }  # as the lessons print shares


@pytest.mark.parametrize("draw", ["curves", "lines"])
def test_a_legend_hides_nothing(draw):
    """It stands above all axes, whatever the lines do."""
    figure = (
        plots.curves({"cnn": history(9)}, {"mean color": 15})
        if draw == "curves"
        else plots.lines({"a": [3, 2]}, "MSE", {"grey": 9})
    )
    figure.draw_without_rendering()
    bottom = figure.legends[0].get_window_extent().y0
    assert all(axis.get_window_extent().y1 < bottom for axis in figure.axes)


def test_curves_in_words():
    text = plots.describe_curves({"cnn": history(3), "gan": history(2)}, {"mean color": 15.2})
    assert (
        "cnn: validation MSE goes from 20 to 18, training MSE from 10 to 8, in 3 epochs; gan: "
        in text
    )
    assert text.endswith("mean color, a line: 15.")


def test_long_names_are_wrapped_not_laid_over_each_other(val):
    name = "resnet, fine_tune=False, 480 images"
    figure = plots.curves(
        dict.fromkeys((f"{name} {number}" for number in range(5)), history(2)), {"mean color": 15}
    )
    figure.draw_without_rendering()
    boxes = [axis.title.get_window_extent() for axis in figure.axes[:5]]
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))
    grey = baselines.Grey()
    grey.name = name
    for grid in (
        plots.comparison_grid(val, [grey, grey], count=4),
        plots.error_maps(val.take(4), [grey, grey]),
    ):
        grid.draw_without_rendering()
        labels = [
            axis.yaxis.label.get_window_extent()
            for axis in grid.axes
            if name.split(",")[0] in axis.get_ylabel()
        ]
        assert len(labels) == 2
        assert labels[1].y1 < labels[0].y0
        assert labels[0].x0 >= 0


def test_error_maps_show_the_distance_from_the_true_color(val):
    figure = plots.error_maps(val.take(2), [baselines.Grey()])
    true, _, first, _, bar = figure.axes
    assert np.array_equal(image(true), val.rgb[0])
    distance = np.hypot(*np.moveaxis(val.ab[0], -1, 0))
    assert np.array_equal(image(first), distance)
    assert first.get_xlabel() == f"mean {distance.mean():.0f}"
    assert bar.get_xlabel() == "distance in the a*, b* plane"


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


# how linear RGB looks to who lacks one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1)
DICHROMATS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def nearest_pair(palette, cones: str) -> float:
    """CIEDE2000 between the two colors of a palette that look most alike."""
    linear = (
        color.to_linear(np.array([to_rgb(name) for name in palette]))
        @ np.array(DICHROMATS[cones]).T
    )
    seen = rgb2lab(np.vectorize(coded)(linear.clip(0, 1)))
    return min(
        float(deltaE_ciede2000(one, other)) for one, other in itertools.combinations(seen, 2)
    )


def coded(light: float) -> float:
    """sRGB's code of an amount of light."""
    return 1.055 * light ** (1 / 2.4) - 0.055 if light > 0.0031308 else 12.92 * light


@pytest.mark.parametrize("cones", DICHROMATS)
@pytest.mark.parametrize(
    "palette",
    [output.COLORS, [look.shade for look in diagrams.KINDS.values()]],
    ids=["lines", "boxes"],
)
def test_color_blind_readers_tell_the_colors_apart(palette, cones):
    """The nearest two are 11 apart. (One unit is just visible side by side; a line and its legend are not side by side.)"""
    assert nearest_pair(palette, cones) > 10


def test_other_palettes_would_fail():
    """The counter-check: of Matplotlib's own colors, some can't be told apart."""
    assert nearest_pair([f"C{number}" for number in range(6)], "protanopia") < 2


def test_save_writes_a_whole_png(tmp_path, val):
    plots.save(plots.face_grid(val.rgb), tmp_path / "deep" / "grid.png")
    assert cv2.imread(str(tmp_path / "deep" / "grid.png")).shape[2] == 3
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["grid.png"]


def test_show_hands_over_the_alt_text(monkeypatch, val):
    shown = []
    monkeypatch.setattr(
        output, "display", lambda figure, metadata: shown.append((figure, metadata))
    )
    figure = plots.face_grid(val.rgb)
    plots.show(figure, "four faces")
    assert shown == [(figure, {"image/png": {"alt": "four faces"}})]


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
    page, records = Page(), history(3)
    monkeypatch.setattr(learning_curves, "display", page.display)
    watch = plots.LiveCurves("cnn", references={"mean color": 150.0})
    for epochs in (1, 2, 3):
        watch(records[:epochs])
    assert (len(page.displayed), len(page.updated)) == (1, 2)
    for epochs, (figure, alt) in enumerate(page.displayed + page.updated, 1):
        assert alt == plots.describe_curves({"cnn": records[:epochs]}, watch.references)
        axis = figure.axes[0]
        assert axis.get_title() == "cnn"
        assert list(axis.get_lines()[0].get_ydata()) == [
            record["mse"] for record in records[:epochs]
        ]
        assert axis.get_lines()[2].get_label() == "mean color"


def test_live_curves_of_two_runs_have_places_of_their_own(monkeypatch):
    pages = []
    monkeypatch.setattr(
        learning_curves,
        "display",
        lambda *given, **options: pages.append(Page()) or pages[-1].display(*given, **options),
    )
    watches = [plots.LiveCurves(label, {"mean color": 150.0}) for label in ("cnn", "gan")]
    for epochs in (1, 2):
        for watch in watches:
            watch(history(epochs))
    assert [(len(page.displayed), len(page.updated)) for page in pages] == [(1, 1), (1, 1)]
    assert [page.updated[0][1] for page in pages] == [
        plots.describe_curves({label: history(2)}, {"mean color": 150.0})
        for label in ("cnn", "gan")
    ]
