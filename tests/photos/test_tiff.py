"""TIFFs of all layouts, written by tifffile: each is read rightly or refused in one line."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
import tifffile
from tiff_writer import reverse_bits, write_tiff

from colorkit.errors import KitError
from colorkit.photos import image_files, tiff

HEIGHT, WIDTH = 24, 40
DOWN, ACROSS = np.mgrid[:HEIGHT, :WIDTH]
# The truth, from 0 to 1: RGB that differs in each channel, grey, and alpha, which is never 0
COLOR = np.dstack([ACROSS / (WIDTH - 1), DOWN / (HEIGHT - 1), 1 - ACROSS / (WIDTH - 1)])
GREY = COLOR[..., 0]
ALPHA = 0.2 + 0.8 * DOWN / (HEIGHT - 1)
BITS = {8: np.uint8, 16: np.uint16}


class Case(NamedTuple):
    """A TIFF.

    Attributes:
        stored: its numbers, from 0 to 1, channels last.
        photometric: how they are meant.
        options: further ones, of `tifffile.imwrite`.
        alpha: whether the picture has alpha.
        read: at how many bits it is read; at others, it is refused.
    """

    stored: np.ndarray
    photometric: str
    options: Mapping[str, Any] = MappingProxyType({})
    alpha: bool = False
    read: tuple[int, ...] = (8, 16)


def with_alpha(color: np.ndarray) -> np.ndarray:
    """Add alpha as the last channel."""
    return np.dstack([color, ALPHA])


PREMULTIPLIED = COLOR * ALPHA[..., None]
SEPARATE = {"planarconfig": "separate"}
CASES = {
    "grey": Case(GREY, "minisblack"),
    "white is zero": Case(1 - GREY, "miniswhite"),
    "rgb": Case(COLOR, "rgb"),
    "planes": Case(COLOR, "rgb", SEPARATE, read=(8,)),
    "planes and tiles": Case(COLOR, "rgb", SEPARATE | {"tile": (16, 16)}, read=(8,)),
    "tiles": Case(COLOR, "rgb", {"tile": (16, 16)}),
    "tiles, white is zero": Case(1 - GREY, "miniswhite", {"tile": (16, 16)}),
    "strips": Case(COLOR, "rgb", {"rowsperstrip": 7}),
    "deflated": Case(COLOR, "rgb", {"compression": "zlib"}),
    "predicted": Case(COLOR, "rgb", {"compression": "zlib", "predictor": True}),
    "predicted, white is zero": Case(
        1 - GREY, "miniswhite", {"compression": "zlib", "predictor": True}
    ),
    "BigTIFF": Case(COLOR, "rgb", {"bigtiff": True}),
    "BigTIFF, white is zero": Case(1 - GREY, "miniswhite", {"bigtiff": True}),
    "alpha": Case(with_alpha(COLOR), "rgb", {"extrasamples": ["unassalpha"]}, alpha=True),
    "no alpha": Case(with_alpha(COLOR), "rgb", {"extrasamples": ["unspecified"]}),
    "premultiplied": Case(
        with_alpha(PREMULTIPLIED), "rgb", {"extrasamples": ["assocalpha"]}, alpha=True
    ),
    "planes with alpha": Case(
        with_alpha(COLOR), "rgb", SEPARATE | {"extrasamples": ["unassalpha"]}, alpha=True, read=(8,)
    ),
    "premultiplied planes": Case(
        with_alpha(PREMULTIPLIED), "rgb", SEPARATE | {"extrasamples": ["assocalpha"]}, read=()
    ),
    "two extra": Case(
        np.dstack([with_alpha(COLOR), GREY]),
        "rgb",
        {"extrasamples": ["unspecified", "unspecified"]},
        read=(8,),
    ),
    "grey with alpha": Case(
        with_alpha(GREY),
        "minisblack",
        {"extrasamples": ["unassalpha"], "planarconfig": "contig"},
        alpha=True,
        read=(8,),
    ),
    "grey premultiplied": Case(
        with_alpha(GREY * ALPHA),
        "minisblack",
        {"extrasamples": ["assocalpha"], "planarconfig": "contig"},
        read=(),
    ),
    "white is zero, with alpha": Case(
        with_alpha(1 - GREY),
        "miniswhite",
        {"extrasamples": ["unassalpha"], "planarconfig": "contig"},
        read=(),
    ),
    "CMYK": Case(with_alpha(COLOR), "separated", read=()),
    "CIELAB": Case(COLOR, "cielab", read=()),
    "ICC Lab": Case(COLOR, "icclab", read=()),
    "YCbCr": Case(COLOR, "ycbcr", read=()),
    "a mask": Case(GREY, "mask", read=()),
    "a sensor": Case(GREY, "cfa", read=()),
    "a solid": Case(
        np.stack([GREY] * 16), "minisblack", {"volumetric": True, "tile": (16, 16, 16)}, read=()
    ),
    "pages": Case(np.stack([GREY] * 2), "minisblack", read=()),
}


def store(values: np.ndarray, bits: int) -> np.ndarray:
    """Store values from 0 to 1 as whole numbers."""
    return np.round(values * (2**bits - 1)).astype(BITS[bits])


def save(path: Path, case: Case, bits: int, **more: Any) -> Path:
    """Write a TIFF."""
    stored = store(case.stored, bits)
    if case.options.get("planarconfig") == "separate":
        stored = np.moveaxis(stored, -1, 0)
    options = {"metadata": None, "photometric": case.photometric} | dict(case.options) | more
    tifffile.imwrite(path, np.ascontiguousarray(stored), **options)
    return path


def assert_read(path: Path, truth: np.ndarray, alpha: bool, tolerance: int = 1) -> None:
    """Check that a picture is read as the truth, from 0 to 1, (H, W) or (H, W, 3)."""
    photo = image_files.read(path)
    expected = np.round(np.atleast_3d(truth) * 255)
    assert photo.rgb.shape == (*expected.shape[:2], 3)
    assert np.abs(photo.rgb - expected).max() <= tolerance
    assert (photo.alpha is not None) == alpha
    if alpha:
        assert np.abs(photo.alpha - np.round(ALPHA * 255)).max() <= 1


def read_refusal(path: Path) -> str:
    """Return the one line that says why a picture can't be read."""
    with pytest.raises(KitError) as caught:
        image_files.read(path)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("name", CASES)
def test_a_layout_is_read_rightly_or_refused(tmp_path, name, bits, order):
    case = CASES[name]
    path = save(tmp_path / "a.tif", case, bits, byteorder=order)
    if bits not in case.read or (order == ">" and "bigtiff" in case.options):
        read_refusal(path)
        return
    truth = GREY if case.photometric.startswith("minis") else COLOR
    # 8 bits that were multiplied with an alpha of 0.2 have lost two of them.
    tolerance = 3 if bits == 8 and name == "premultiplied" else 1
    assert_read(path, truth, case.alpha, tolerance)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["white is zero", "rgb", "alpha"])
def test_sixteen_bits_are_upright(tmp_path, name, orientation):
    tags = [(tiff.ORIENTATION, "H", 1, orientation, True)]
    deep, shallow = (
        image_files.read(save(tmp_path / f"{bits}.tif", CASES[name], bits, extratags=tags))
        for bits in (16, 8)
    )
    assert deep.rgb.shape == ((24, 40, 3) if orientation < 5 else (40, 24, 3))
    assert np.abs(deep.rgb.astype(int) - shallow.rgb).max() <= 1


@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
@pytest.mark.parametrize("kind", [np.int8, np.int16, np.float16, np.float32, np.uint32])
def test_numbers_that_are_no_tones_are_refused(tmp_path, kind, photometric):
    """Read as if they were unsigned, signed ones would turn white into black."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, (GREY * 100).astype(kind), photometric=photometric, metadata=None)
    read_refusal(path)


def test_a_palette_of_sixteen_bits_is_refused_and_one_of_eight_is_read(tmp_path):
    path = tmp_path / "a.tif"
    for bits, kind in BITS.items():
        palette = np.linspace(65535, 0, 3 << bits).astype(np.uint16).reshape(3, -1)
        tifffile.imwrite(path, store(GREY, bits), photometric="palette", colormap=palette)
        if bits == 8:
            expected = palette.T[store(GREY, bits)] >> 8
            assert np.array_equal(image_files.read(path).rgb, expected)
        else:
            assert "PhotometricInterpretation 3, BitsPerSample 16" in read_refusal(path)
        assert store(GREY, bits).dtype == kind


def test_a_refusal_quotes_the_tags(tmp_path):
    path = save(tmp_path / "a.tif", CASES["planes"], 16)
    assert read_refusal(path) == (
        f"{path}: can't be read as a picture (a TIFF of a kind that isn't read: "
        "PhotometricInterpretation 2, BitsPerSample 16 16 16, PlanarConfiguration 2); "
        "save it again as PNG or JPEG"
    )


def test_bits_in_reverse(tmp_path):
    path = tmp_path / "a.tif"
    pixels = reverse_bits(store(GREY, 16).tobytes())
    tags = {"BITS": 16, "PHOTOMETRIC": tiff.WHITE_IS_ZERO, "SAMPLES": 1, "FILL_ORDER": 2}
    path.write_bytes(write_tiff(pixels, WIDTH, HEIGHT, **tags))
    assert_read(path, 1 - GREY, alpha=False)


@pytest.mark.parametrize("photometric", [tiff.WHITE_IS_ZERO, tiff.BLACK_IS_ZERO])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_between_eight_and_sixteen_bits(tmp_path, bits, photometric):
    path = tmp_path / "a.tif"
    pixels = bytes(HEIGHT * -(-WIDTH * bits // 8))
    tags = {"BITS": bits, "PHOTOMETRIC": photometric, "SAMPLES": 1}
    path.write_bytes(write_tiff(pixels, WIDTH, HEIGHT, **tags))
    read_refusal(path)


def test_channels_of_several_depths_are_refused(tmp_path):
    path = tmp_path / "a.tif"
    tags = {"BITS": (16, 16, 8), "PHOTOMETRIC": tiff.RGB, "SAMPLES": 3}
    path.write_bytes(write_tiff(bytes(HEIGHT * WIDTH * 5), WIDTH, HEIGHT, **tags))
    assert "BitsPerSample 16 16 8" in read_refusal(path)


@pytest.mark.parametrize(
    "mark", [{"DNG_VERSION": 1}, {"SUBFILE": tiff.PREVIEW, "SUB_IFDS": 8}], ids=["DNG", "preview"]
)
def test_the_preview_in_a_raw_file_is_not_the_picture(tmp_path, mark):
    path = tmp_path / "a.tif"
    tags = {"BITS": 8, "PHOTOMETRIC": tiff.BLACK_IS_ZERO, "SAMPLES": 1}
    pixels = store(GREY, 8).tobytes()
    path.write_bytes(write_tiff(pixels, WIDTH, HEIGHT, **tags))
    assert_read(path, GREY, alpha=False)
    path.write_bytes(write_tiff(pixels, WIDTH, HEIGHT, **tags, **mark))
    assert "a camera's raw file, of which only a preview could be read" in read_refusal(path)


@pytest.mark.parametrize("claim", [(1 << 20, 1 << 20), (9500, 9500)])
def test_sixteen_bits_that_claim_gigabytes_are_refused_first(tmp_path, monkeypatch, claim):
    monkeypatch.setattr(image_files.deep, "read_tiff", lambda *_: pytest.fail("it was decoded"))
    path = tmp_path / "a.tif"
    tags = {"BITS": 16, "PHOTOMETRIC": tiff.BLACK_IS_ZERO, "SAMPLES": 1}
    path.write_bytes(write_tiff(bytes(99), *claim, **tags))
    assert "has more than 89 million pixels" in read_refusal(path)
