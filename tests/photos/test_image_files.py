"""Photographs of every kind that people have: read upright, or refused with one line."""

import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from helpers import KIT
from PIL import Image, ImageOps

from colorkit import color
from colorkit.color.lab import KNEE
from colorkit.errors import KitError
from colorkit.photos import image_files

RGB = np.ascontiguousarray(skimage.data.cat()[::3, ::3])
GREY = RGB[..., 1].copy()
ALPHA = np.linspace(0, 255, GREY.size).reshape(GREY.shape).astype(np.uint8)
DEEP = np.random.default_rng(0).integers(0, 65536, (40, 50, 3), np.uint16)


def save(path: Path, image: np.ndarray | Image.Image, **options) -> Path:
    """Save a picture as its name's ending says."""
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)
    return path


def save_deep(path: Path, pixels: np.ndarray) -> Path:
    """Save 16-bit grey, RGB or RGBA."""
    if pixels.ndim == 3:  # OpenCV's order is blue, green, red
        pixels = np.concatenate([pixels[..., 2::-1], pixels[..., 3:]], axis=-1)
    assert cv2.imwrite(str(path), pixels)
    return path


def read_refusal(path: Path) -> str:
    """Check that reading fails with one line that names the file, and return the rest of it."""
    with pytest.raises(KitError) as caught:
        image_files.read(path)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


@pytest.mark.parametrize("form", ["png", "tif", "bmp", "webp"])
def test_rgb_comes_as_it_is(tmp_path, form):
    options = {"lossless": True} if form == "webp" else {}
    photo = image_files.read(save(tmp_path / f"a.{form}", RGB, **options))
    assert np.array_equal(photo.rgb, RGB)
    assert photo.alpha is None


def test_jpeg_is_near_and_the_name_s_ending_does_not_matter(tmp_path):
    save(tmp_path / "a.jpg", RGB, quality=95).rename(tmp_path / "a.png")
    assert np.abs(image_files.read(tmp_path / "a.png").rgb.astype(int) - RGB).mean() < 4


def test_grey_black_and_white_and_palettes_become_rgb(tmp_path):
    grey = image_files.read(save(tmp_path / "l.png", GREY))
    assert np.array_equal(grey.rgb, np.dstack([GREY] * 3))
    black_and_white = image_files.read(save(tmp_path / "1.png", Image.fromarray(GREY > 99)))
    assert np.array_equal(black_and_white.rgb[..., 0], (GREY > 99) * np.uint8(255))
    palette = Image.fromarray(RGB).quantize(20)
    expected = np.asarray(palette.convert("RGB"))
    for name in ("p.png", "p.gif"):
        assert np.array_equal(image_files.read(save(tmp_path / name, palette)).rgb, expected)


def test_alpha_is_kept_in_all_its_forms(tmp_path):
    for name, image in {"rgba": np.dstack([RGB, ALPHA]), "la": np.dstack([GREY, ALPHA])}.items():
        photo = image_files.read(save(tmp_path / f"{name}.png", image))
        assert np.array_equal(photo.alpha, ALPHA)
        assert np.array_equal(photo.rgb, RGB if name == "rgba" else np.dstack([GREY] * 3))
    palette = Image.fromarray(RGB).quantize(20)
    photo = image_files.read(save(tmp_path / "p.png", palette, transparency=3))
    assert np.array_equal(photo.alpha, np.where(np.asarray(palette) == 3, 0, 255))


@pytest.mark.parametrize("form", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_rounded_and_keep_l(tmp_path, form, channels):
    pixels = {1: DEEP[..., 0], 3: DEEP, 4: np.dstack([DEEP, DEEP[..., :1]])}[channels]
    photo = image_files.read(save_deep(tmp_path / f"a.{form}", pixels))
    expected = np.round(np.atleast_3d(pixels) / 257).astype(np.uint8)
    assert np.array_equal(photo.rgb, np.broadcast_to(expected[..., :3], (40, 50, 3)))
    assert (photo.alpha is None) == (channels != 4)
    if channels == 4:
        assert np.array_equal(photo.alpha, expected[..., 3])


def test_sixteen_bits_that_pillow_wrote(tmp_path):
    path = save(tmp_path / "a.tif", Image.fromarray(DEEP[..., 0]), compression="tiff_lzw")
    assert np.array_equal(image_files.read(path).rgb[..., 0], np.round(DEEP[..., 0] / 257))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["jpg", "png", "tif", "webp"])
def test_pictures_are_upright(tmp_path, form, orientation):
    exif = Image.Exif()
    exif[image_files.ORIENTATION] = orientation
    path = save(tmp_path / f"a.{form}", RGB, exif=exif)
    with Image.open(path) as image:
        image.load()
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert np.array_equal(image_files.read(path).rgb, expected)


def test_a_sixteen_bit_png_is_upright_too(tmp_path):
    path = save_deep(tmp_path / "a.png", DEEP)
    exif = Image.Exif()
    exif[image_files.ORIENTATION] = 6
    data, chunk = path.read_bytes(), io.BytesIO()
    Image.fromarray(RGB).save(chunk, "PNG", exif=exif)
    at = chunk.getvalue().index(b"eXIf") - 4
    length = 12 + int.from_bytes(chunk.getvalue()[at : at + 4], "big")
    path.write_bytes(data[:33] + chunk.getvalue()[at : at + length] + data[33:])
    assert np.array_equal(image_files.read(path).rgb, np.rot90(np.round(DEEP / 257), -1))


def test_a_phone_s_jpeg_with_more_behind_the_picture(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(RGB).save(
        path, "MPO", save_all=True, append_images=[Image.fromarray(RGB[::-1])]
    )
    with Image.open(path) as image:
        assert (image.format, image.n_frames) == ("MPO", 2)
    assert np.abs(image_files.read(path).rgb.astype(int) - RGB).mean() < 10


@pytest.mark.parametrize(
    ("name", "form"), [("a.gif", "GIF"), ("a.png", "PNG"), ("a.webp", "WEBP"), ("a.tif", "TIFF")]
)
def test_animations_and_many_pages_are_refused(tmp_path, name, form):
    frames = [Image.fromarray(RGB), Image.fromarray(RGB[::-1])]
    frames[0].save(tmp_path / name, form, save_all=True, append_images=frames[1:])
    message = "holds 2 pictures; save the one you mean as its own file"
    assert read_refusal(tmp_path / name) == message


def test_print_colors_and_floats_are_refused(tmp_path):
    kinds = {
        "c.jpg": Image.fromarray(RGB).convert("CMYK"),
        "c.tif": Image.fromarray(RGB).convert("CMYK"),
    }
    kinds |= {
        "f.tif": Image.fromarray(GREY.astype(np.float32)),
        "i.tif": Image.fromarray(GREY.astype(np.int32)),
    }
    for name, image in kinds.items():
        refusal = read_refusal(save(tmp_path / name, image))
        if name == "i.tif":
            assert "its numbers are signed: SampleFormat 2" in refusal
        else:
            assert refusal == (
                f"expected grey or RGB of 8 or 16 bits, got {image.mode}; save it again as RGB"
            )


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.bmp", "a.gif"])
def test_no_part_of_a_file_is_taken_for_a_picture(tmp_path, name):
    whole = save(tmp_path / name, RGB).read_bytes()
    for share in (0, 0.02, 0.3, 0.8):
        (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
        assert "can't be read as a picture" in read_refusal(tmp_path / name)


def test_half_a_sixteen_bit_file(tmp_path):
    for form in ("png", "tif"):
        path = save_deep(tmp_path / f"a.{form}", DEEP)
        path.write_bytes(path.read_bytes()[:3000])
        assert "can't be read as a picture" in read_refusal(path)


def test_a_bmp_of_16_bits_a_pixel_is_no_picture_of_16_bits_a_channel(tmp_path):
    """Five bits of red, six of green and five of blue; it came out black."""
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    head = struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, 16, 3, 128, 0, 0, 0, 0) + masks
    start = 14 + len(head)
    pixels = struct.pack("<H", 0b10101_011110_01101) * 64
    path = tmp_path / "a.bmp"
    path.write_bytes(b"BM" + struct.pack("<IHHI", start + 128, 0, 0, start) + head + pixels)
    expected = np.array([21 / 31, 30 / 63, 13 / 31]) * 255
    assert np.abs(image_files.read(path).rgb - expected).max() <= 1


@pytest.mark.needs("links", "pipes")
def test_what_is_not_a_picture(tmp_path):
    (tmp_path / "a.jpg").write_text("a letter", encoding="utf-8")
    # Pillow would give this one to Ghostscript.
    (tmp_path / "b.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    # Pillow knows many more kinds, some of which start programs.
    assert "can't be read as a picture" in read_refusal(save(tmp_path / "a.ppm", RGB))
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "dangling.png").symlink_to(tmp_path / "gone")
    (tmp_path / "round.png").symlink_to(tmp_path / "round.png")
    assert "can't be read as a picture" in read_refusal(tmp_path / "a.jpg")
    assert "can't be read as a picture" in read_refusal(tmp_path / "b.png")
    for name in ("pipe.png", "dangling.png", "round.png", "none.png", "."):
        assert read_refusal(tmp_path / name) == "is not a file; check the name"


TOO_LARGE = "has more than 89 million pixels; make it smaller"


def claim_size(path: Path, width: int, height: int) -> Path:
    """Save a BMP whose header claims another size than it has."""
    data = bytearray(save(path, RGB).read_bytes())
    data[18:26] = width.to_bytes(4, "little") + height.to_bytes(4, "little")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("width", "height"), [(9500, 9500), (20_000, 20_000), (2_000_000_000, 2_000_000_000)]
)
def test_huge_pictures_are_refused_before_they_are_decoded(tmp_path, width, height):
    assert read_refusal(claim_size(tmp_path / "a.bmp", width, height)) == TOO_LARGE


def test_the_limit_is_pillow_s_and_counts_pixels_to_the_last(tmp_path):
    """The picture at the limit is decoded, and fails because its pixels are missing."""
    assert image_files.MAX_PIXELS == Image.MAX_IMAGE_PIXELS == 89_478_485
    assert read_refusal(claim_size(tmp_path / "a.bmp", image_files.MAX_PIXELS + 1, 1)) == TOO_LARGE
    at_limit = claim_size(tmp_path / "b.bmp", image_files.MAX_PIXELS // 5, 5)
    assert "can't be read as a picture" in read_refusal(at_limit)


def test_the_kit_s_limit_holds_where_pillow_has_none(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert read_refusal(claim_size(tmp_path / "a.bmp", 9500, 9500)) == TOO_LARGE


def run_python(code: str, *arguments: Path) -> subprocess.CompletedProcess:
    """Run code in a Python of its own, where warnings are not errors as in tests."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=KIT, capture_output=True, check=False, encoding="utf-8")


def test_a_huge_picture_is_one_line_outside_of_tests_too(tmp_path):
    """A warning of Pillow's would go to stderr, and the picture would be decoded."""
    code = (
        "import sys, pathlib; from colorkit import photos; photos.read(pathlib.Path(sys.argv[1]))"
    )
    done = run_python(code, claim_size(tmp_path / "a.bmp", 9500, 9500))
    assert done.stderr.splitlines()[-1].endswith(TOO_LARGE)
    assert "Warning" not in done.stderr


def test_importing_and_reading_leave_python_s_warnings_as_they_were(tmp_path):
    code = """
import sys, warnings
from pathlib import Path
import PIL.Image, numpy, cv2
before = list(warnings.filters)
from colorkit import photos
assert warnings.filters == before
photos.read(Path(sys.argv[1]))
assert warnings.filters == before
"""
    done = run_python(code, save(tmp_path / "a.png", RGB))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "full", [MemoryError(), cv2.error("OpenCV(5.0.0) alloc.cpp: error: (-4:Insufficient memory)")]
)
def test_a_full_memory_is_not_taken_for_a_damaged_picture(tmp_path, monkeypatch, full):
    def fail(*_):
        raise full

    path = save(tmp_path / "a.png", RGB)
    monkeypatch.setattr(Image.Image, "convert", fail)
    said = read_refusal(path)
    assert said == "is too large for the memory: close other programs, or make it smaller"


def test_over_white():
    photo = image_files.Photo(RGB, ALPHA)
    share = ALPHA[..., None] / 255
    assert np.abs(image_files.over_white(photo) - (RGB * share + 255 * (1 - share))).max() <= 0.51
    assert image_files.over_white(image_files.Photo(RGB, None)) is RGB


@pytest.mark.parametrize("alpha", [None, ALPHA])
def test_what_is_written_is_read_again(tmp_path, alpha):
    image_files.write(tmp_path / "deep" / "a.png", image_files.Photo(RGB, alpha))
    again = image_files.read(tmp_path / "deep" / "a.png")
    assert np.array_equal(again.rgb, RGB)
    assert np.array_equal(again.alpha, alpha) if alpha is not None else again.alpha is None
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.png"]


def test_what_rounding_sixteen_bits_does_to_l(tmp_path):
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    found = color.rgb_to_lab(image_files.read(save_deep(tmp_path / "a.png", ramp)).rgb)[..., 0]
    Y = color.to_linear(ramp / 65535)
    true = np.where(Y > KNEE, 116 * np.cbrt(Y) - 16, 903.3 * Y)
    assert np.abs(found - true).max() < 0.26
