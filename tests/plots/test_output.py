"""What all figures share: their colors and line styles, and how they are shown and saved."""

import itertools

import cv2
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Circle, Rectangle
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from colorkit import color, plots
from colorkit.errors import KitError
from colorkit.plots import diagrams, output

# How linear RGB looks to people who lack one kind of cone
# (Machado, Oliveira and Fernandes 2009, severity 1).
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


def measure_nearest_pair(palette, cones: str) -> float:
    """Compute CIEDE2000 between the two colors of a palette that look most alike."""
    linear = color.to_linear(np.array([to_rgb(name) for name in palette]))
    seen = linear @ np.array(DICHROMATS[cones]).T
    lab = rgb2lab(np.vectorize(encode_light)(seen.clip(0, 1)))
    pairs = itertools.combinations(lab, 2)
    return min(float(deltaE_ciede2000(one, other)) for one, other in pairs)


def encode_light(light: float) -> float:
    """Return sRGB's code of an amount of light."""
    if light > 0.0031308:
        return 1.055 * light ** (1 / 2.4) - 0.055
    return 12.92 * light


@pytest.mark.parametrize("cones", DICHROMATS)
@pytest.mark.parametrize(
    "palette",
    [output.COLORS, [look.shade for look in diagrams.KINDS.values()]],
    ids=["lines", "boxes"],
)
def test_color_blind_readers_tell_the_colors_apart(palette, cones):
    """The nearest two are 11 apart.

    One unit is just visible side by side, but a line and its legend aren't side by side.
    """
    assert measure_nearest_pair(palette, cones) > 10


def test_other_palettes_would_fail():
    """The counter-check: some of Matplotlib's own colors can't be told apart."""
    palette = [f"C{number}" for number in range(6)]
    assert measure_nearest_pair(palette, "protanopia") < 2


def test_an_outline_is_white_lines_over_black_ones():
    figure, axes = output.canvas(2, 3, height=2, width=4)
    assert axes.shape == (2, 3)
    assert figure.get_size_inches().tolist() == [4, 2]
    circle, square = Circle((3, 4), 2), Rectangle((1, 2), 4, 4)
    output.outlined(axes[0, 0], circle, square, widths=(3, 1))
    drawn = axes[0, 0].patches
    assert [type(patch) for patch in drawn] == [Circle, Rectangle, Circle, Rectangle]
    lines = [(to_hex(patch.get_edgecolor()), patch.get_linewidth()) for patch in drawn]
    assert lines == [("#000000", 3), ("#000000", 3), ("#ffffff", 1), ("#ffffff", 1)]
    assert not any(patch.get_fill() for patch in drawn)
    assert [patch.center for patch in drawn if isinstance(patch, Circle)] == [(3, 4)] * 2


def test_a_mark_is_a_white_line_over_a_black_one():
    _, axes = output.canvas(1, 1, height=2)
    output.outlined_mark(axes[0, 0], (30, 40), marker="+", size=16, widths=(3, 1))
    lines = axes[0, 0].lines
    assert [tuple(np.ravel(line.get_xydata())) for line in lines] == [(40, 30)] * 2
    looks = [(line.get_markeredgecolor(), line.get_markeredgewidth()) for line in lines]
    assert looks == [("black", 3), ("white", 1)]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("g.png", "PNG"),
        ("g.jpg", "JPEG"),
        ("g.JPEG", "JPEG"),
        ("g.webp", "WEBP"),
        ("g.x.Png", "PNG"),
    ],
)
def test_a_picture_is_what_its_ending_says(tmp_path, val, name, form):
    plots.save(plots.face_grid(val.rgb), tmp_path / name)
    with Image.open(tmp_path / name) as image:
        assert image.format == form
        image.load()


def test_a_pdf_is_the_same_each_time(tmp_path, val, monkeypatch):
    for name, second in (("a.pdf", 1), ("b.pdf", 10**9)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(second))
        plots.save(plots.face_grid(val.rgb), tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes()[:5] == b"%PDF-"
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize("name", ["g.gif", "g", "g.svg", ".png"])
def test_other_endings_are_refused_with_the_list(tmp_path, val, name):
    with pytest.raises(KitError, match=r"ends in \.png, \.jpg, \.jpeg, \.webp, \.pdf, got '"):
        plots.save(plots.face_grid(val.rgb), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_can_not_be_written_is_one_line(tmp_path, val):
    (tmp_path / "g.png").mkdir()
    with pytest.raises(KitError, match=r"g\.png can't be written \(.*\): name a file"):
        plots.save(plots.face_grid(val.rgb), tmp_path / "g.png")


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
