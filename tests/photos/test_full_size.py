"""What the model sees of a photograph, and its color at the photograph's own L."""

import cv2
import numpy as np
import pytest
import skimage.data

from colorkit import color
from colorkit.data import splits
from colorkit.errors import KitError
from colorkit.photos import full_size
from colorkit.photos.full_size import Box
from colorkit.photos.image_files import Photo


def make_opaque(rgb: np.ndarray) -> Photo:
    """Make a photograph without alpha from RGB or grey pixels."""
    if rgb.ndim == 2:
        rgb = np.dstack([rgb] * 3)
    return Photo(np.ascontiguousarray(rgb), None)


def compute_lightness(photo: Photo) -> np.ndarray:
    return color.rgb_to_lab(photo.rgb)[..., 0]


def make_noise(seed: int, *size: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, size, np.uint8)


def fill_ab(a: float, b: float) -> np.ndarray:
    """Make a prediction of one color."""
    return np.full((112, 112, 2), (a, b), np.float32)


def test_a_face_of_the_model_s_own_size_is_seen_as_in_the_splits(data):
    test = splits.load_split(data, "test")
    for code, rgb in zip(test.L, test.rgb, strict=True):
        seen = full_size.model_input(make_opaque(rgb))
        assert (seen.dtype, seen.shape) == (np.uint8, (112, 112, 1))
        assert np.abs(seen.astype(int) - code).max() <= 1  # the split's face went through 8 bits


def test_a_large_picture_is_averaged_over_areas():
    cells = make_noise(0, 112, 112, 1).repeat(3, axis=2)
    checker = np.indices((560, 560)).sum(0)[..., None] % 2 * 20 - 10  # detail that must average out
    enlarged = cells.clip(20, 235).repeat(5, 0).repeat(5, 1)
    large = np.clip(enlarged + checker, 0, 255).astype(np.uint8)
    expected = full_size.model_input(make_opaque(cells.clip(20, 235)))
    assert np.abs(full_size.model_input(make_opaque(large)).astype(int) - expected).max() <= 1


@pytest.mark.parametrize(
    ("width", "height"), [(300, 200), (200, 300), (1000, 7), (3, 900), (1, 1), (50, 40)]
)
def test_a_face_keeps_its_shape_and_what_is_missing_is_reflected(width, height):
    columns, rows = full_size._inner(width, height)
    inner = (rows.stop - rows.start, columns.stop - columns.start)
    assert max(inner) == 112
    assert inner[0] / inner[1] == pytest.approx(height / width, rel=0.02) or min(inner) == 1
    seen = full_size.model_input(make_opaque(make_noise(1, height, width, 3)))
    part = seen[rows, columns, 0]
    before, behind = (rows.start, 112 - rows.stop), (columns.start, 112 - columns.stop)
    assert np.array_equal(seen[..., 0], np.pad(part, (before, behind), mode="symmetric"))


def test_transparent_parts_are_seen_white():
    alpha = np.zeros((112, 112), np.uint8)
    alpha[:, 56:] = 255
    seen = full_size.model_input(Photo(np.full((112, 112, 3), 30, np.uint8), alpha))
    assert seen[:, :56].min() == 255
    assert seen[:, 56:].max() < 50


PICTURES = ["astronaut", "coffee", "cat", "rocket", "camera", "moon", "hubble_deep_field"]


@pytest.mark.parametrize("spread", [0, 20, 90])
@pytest.mark.parametrize("name", PICTURES)
def test_l_is_kept_on_real_pictures(name, spread):
    photo = make_opaque(getattr(skimage.data, name)())
    ab = np.random.default_rng(2).normal(0, spread, (112, 112, 2))
    joined, lowered = full_size.join(photo, ab)
    assert np.abs(compute_lightness(joined) - compute_lightness(photo)).max() < 0.3
    assert (lowered > 0) == (spread > 0)


@pytest.mark.parametrize("seed", range(8))
def test_l_is_kept_on_random_pictures_of_any_size(seed):
    draw = np.random.default_rng(seed)
    photo = make_opaque(make_noise(seed, *draw.integers(1, 400, 2), 3))
    joined, _ = full_size.join(photo, draw.normal(0, 60, (112, 112, 2)))
    assert np.abs(compute_lightness(joined) - compute_lightness(photo)).max() < 0.3


def test_the_color_is_the_predicted_one_and_what_is_out_of_gamut_is_counted():
    rgb = np.full((60, 90, 3), 128, np.uint8)
    rgb[:15] = 255  # a quarter white, which has no chroma
    joined, lowered = full_size.join(make_opaque(rgb), fill_ab(20, 10))
    assert lowered == 0.25
    lab = color.rgb_to_lab(joined.rgb)
    assert lab[15:, :, 1:] == pytest.approx(np.full((45, 90, 2), (20, 10)), abs=0.6)
    assert np.abs(lab[:15, :, 1:]).max() < 1


def test_color_goes_where_it_was_seen():
    """True chroma at 112 pixels, joined again, is close to a wide or tall photograph."""
    for rgb in (skimage.data.coffee(), np.ascontiguousarray(skimage.data.coffee().swapaxes(0, 1))):
        height, width = rgb.shape[:2]
        columns, rows = full_size._inner(width, height)
        ab = fill_ab(0, 0)
        small = cv2.resize(
            rgb,
            (columns.stop - columns.start, rows.stop - rows.start),
            interpolation=cv2.INTER_AREA,
        )
        ab[rows, columns] = color.rgb_to_lab(small)[..., 1:]
        joined, _ = full_size.join(make_opaque(rgb), ab)
        assert np.mean((color.rgb_to_lab(joined.rgb) - color.rgb_to_lab(rgb)) ** 2) < 10


def test_bands_are_stretched_as_all_at_once():
    wide = np.random.default_rng(3).normal(0, 30, (75, 40, 2)).astype(np.float32)
    for height in (75, 200, 30):
        expected = cv2.resize(wide, (40, height))
        bands = [
            full_size._stretch(wide, np.arange(top, min(top + 7, height)), height)
            for top in range(0, height, 7)
        ]
        assert np.concatenate(bands) == pytest.approx(expected, abs=1e-3)


def test_bands_leave_no_trace(monkeypatch):
    photo, ab = (
        make_opaque(skimage.data.cat()),
        np.random.default_rng(4).normal(0, 30, (112, 112, 2)),
    )
    expected, lowered = full_size.join(photo, ab)
    monkeypatch.setattr(full_size, "PIXELS_AT_A_TIME", 1000)
    found, again = full_size.join(photo, ab)
    assert np.array_equal(found.rgb, expected.rgb)
    assert again == lowered


def test_only_the_box_is_colored_with_a_soft_edge_and_alpha_stays():
    grey, alpha = np.full((100, 200, 3), 128, np.uint8), make_noise(5, 100, 200)
    joined, _ = full_size.join(Photo(grey, alpha), fill_ab(20, 10), Box(40, 20, 64, 48))
    assert np.array_equal(joined.alpha, alpha)
    outside = np.ones((100, 200), bool)
    outside[20:68, 40:104] = False
    assert np.array_equal(joined.rgb[outside], grey[outside])
    a = color.rgb_to_lab(joined.rgb)[44, 40:104, 1]
    assert a[6:-6] == pytest.approx(np.full(52, 20), abs=0.6)
    assert (np.diff(a[:7]) > 1).all()  # it fades over six pixels, an eighth of 48
    assert (np.diff(a[-7:]) < -1).all()
    assert a[0] < 4


def test_a_box_keeps_what_color_there_is_around_it_and_sees_nothing_else():
    photo = make_opaque(skimage.data.astronaut())
    box = Box(160, 0, 140, 180)
    part = make_opaque(photo.rgb[:180, 160:300])
    assert np.array_equal(full_size.model_input(photo, box), full_size.model_input(part))
    joined, _ = full_size.join(photo, fill_ab(0, 0), box)
    changed = (joined.rgb != photo.rgb).any(axis=-1)
    assert changed[:180, 160:300].mean() > 0.9
    assert not changed[180:].any()
    assert changed[0, 165:295].mean() > 0.9  # no fade where the box ends with the photograph
    assert np.abs(compute_lightness(joined) - compute_lightness(photo)).max() < 0.3


@pytest.mark.parametrize("numbers", [(-1, 0, 5, 5), (0, -1, 5, 5), (0, 0, 0, 5), (0, 0, 5, -5)])
def test_impossible_boxes(numbers):
    with pytest.raises(KitError, match="corner at 0 or more and sides of 1 or more, not "):
        full_size.box(*numbers)


@pytest.mark.parametrize(
    "box", [None, Box(100, 10, 150, 90), Box(30, 20, 60, 140), Box(0, 0, 40, 30)]
)
def test_a_pixel_s_place_is_where_the_model_sees_it(box):
    """A white pixel's block, large enough to be seen, is white there."""
    for x, y in ((105, 25), (35, 140), (8, 8), (240, 90)):
        part = box or Box(0, 0, 300, 200)
        if not (part.x <= x < part.x + part.width and part.y <= y < part.y + part.height):
            continue
        rgb = np.zeros((200, 300, 3), np.uint8)
        rgb[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3] = 255
        seen = full_size.model_input(make_opaque(rgb), box)[..., 0]
        assert seen[full_size.place(x, y, part)] == seen.max()


@pytest.mark.parametrize(("width", "height"), [(300, 200), (7, 9), (112, 112), (1, 500)])
def test_corners_have_their_places(width, height):
    columns, rows = full_size._inner(width, height)
    full = Box(0, 0, width, height)
    assert full_size.place(0, 0, full)[0] in range(rows.start, rows.stop)
    if max(width, height) >= 112:
        assert full_size.place(0, 0, full) == (rows.start, columns.start)
        assert full_size.place(width - 1, height - 1, full) == (rows.stop - 1, columns.stop - 1)


def test_a_photograph_is_colored_as_by_its_parts():
    photo, box = make_opaque(make_noise(3, 60, 80, 3)), Box(10, 5, 40, 50)
    seen = []

    def predict(L_code):
        seen.append(L_code)
        return fill_ab(10, -20)[None]

    for part in (box, None):
        expected, lowered = full_size.join(photo, fill_ab(10, -20), part)
        given, share = full_size.colored(photo, predict, part)
        assert (given.rgb == expected.rgb).all()
        assert share == lowered
        assert np.array_equal(seen[-1], full_size.model_input(photo, part)[None])


@pytest.mark.parametrize("box", [Box(41, 0, 40, 60), Box(0, 11, 10, 50)])
def test_a_box_beyond_the_photograph_is_refused(box):
    message = r"^the photograph has 80 x 60 pixels; the box goes beyond them$"
    with pytest.raises(KitError, match=message):
        full_size.colored(
            make_opaque(make_noise(3, 60, 80, 3)), lambda L_code: pytest.fail("asked"), box
        )


def test_scikit_image_brings_the_lesson_s_portrait():
    """It is in the package itself, so nothing is downloaded."""
    portrait = skimage.data.astronaut()
    assert (portrait.shape, portrait.dtype) == ((512, 512, 3), np.uint8)
