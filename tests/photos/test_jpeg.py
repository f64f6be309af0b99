"""A JPEG of which a part is missing is left out, and a whole one never is."""

import io

import numpy as np
import pytest
import skimage.data
from PIL import Image

from colorkit.errors import KitError
from colorkit.photos import image_files

CAT = Image.fromarray(np.ascontiguousarray(skimage.data.cat()[::2, ::2]))
END = b"\xff\xd9"
OPTIONS = [
    {},
    {"progressive": True},
    {"restart_marker_rows": 1},
    {"subsampling": "4:4:4"},
]


def encode(image: Image.Image, **options) -> bytes:
    """Encode a picture as JPEG."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", **options)
    return stream.getvalue()


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("share", [0.4, 0.7, 0.9])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_half_a_picture_is_found_though_its_end_is_marked(tmp_path, options, share, mode):
    path = tmp_path / "a.jpg"
    data = encode(CAT.convert(mode), **options)
    path.write_bytes(data[: int(share * len(data))] + END)
    with pytest.raises(KitError, match="a part of the picture is missing or damaged; copy it"):
        image_files.read(path)


def test_zeros_in_the_place_of_a_half(tmp_path):
    path = tmp_path / "a.jpg"
    data = encode(CAT)
    half = len(data) // 2
    path.write_bytes(data[:half] + bytes(len(data) - half - 2) + END)
    with pytest.raises(KitError, match="a part of the picture is missing or damaged"):
        image_files.read(path)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("size", [(1, 1), (8, 3000), (3000, 1), (100, 100)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_whole_pictures_of_one_color_are_whole(tmp_path, options, size, mode):
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(Image.new(mode, size, "white"), **options))
    assert image_files.read(path).rgb.min() == 255


@pytest.mark.parametrize("options", OPTIONS)
def test_a_white_lower_edge_and_more_behind_the_picture(tmp_path, options):
    image = CAT.copy()
    image.paste("white", (0, 80, *image.size))
    path = tmp_path / "a.jpg"
    preview = b"\xff\xe1" + (2 + len(encode(CAT.resize((16, 16))))).to_bytes(2, "big")
    data = encode(image, **options)
    path.write_bytes(data[:2] + preview + encode(CAT.resize((16, 16))) + data[2:] + b"more" + END)
    expected = np.asarray(Image.open(io.BytesIO(data)))
    assert np.array_equal(image_files.read(path).rgb, expected)


def test_a_progressive_picture_without_its_last_scan(tmp_path):
    data = encode(CAT, progressive=True)
    path = tmp_path / "a.jpg"
    path.write_bytes(data[: data.rindex(b"\xff\xda")] + END)
    with pytest.raises(KitError, match="a part of the picture is missing or damaged"):
        image_files.read(path)
