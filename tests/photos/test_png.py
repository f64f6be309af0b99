"""A PNG is read whatever is stored beside its picture."""

import io
import zlib

import numpy as np
import pytest
import skimage.data
from PIL import Image

from colorkit.errors import KitError
from colorkit.photos import image_files, png

RGB = np.ascontiguousarray(skimage.data.cat()[::8, ::8])
LONG = zlib.compress(bytes(2 << 20))
ROOM_FOR_IHDR = len(png.SIGNATURE) + 25


def encode(**options) -> bytes:
    """Encode the picture as PNG."""
    stream = io.BytesIO()
    Image.fromarray(RGB).save(stream, "PNG", **options)
    return stream.getvalue()


def chunk(kind: bytes, data: bytes, checksum: int | None = None) -> bytes:
    """Make a chunk, with the right checksum or another."""
    right = zlib.crc32(kind + data)
    number = right if checksum is None else checksum
    return len(data).to_bytes(4, "big") + kind + data + number.to_bytes(4, "big")


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"prompt\0\0" + LONG),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + LONG),
        chunk(b"iCCP", b"icc\0\0" + LONG),
        chunk(b"zTXt", b"prompt\0\7" + LONG),  # an unknown compression
        chunk(b"tEXt", b"a\0b", checksum=0),
        chunk(b"eXIf", b"Exif", checksum=0),
    ],
)
def test_no_metadata_hinder_a_picture(tmp_path, extra):
    data = encode()
    path = tmp_path / "a.png"
    for at in (ROOM_FOR_IHDR, len(data) - 12):  # before and behind the pixels
        path.write_bytes(data[:at] + extra + data[at:])
        assert np.array_equal(image_files.read(path).rgb, RGB)


def test_exif_and_transparency_stay_beside_a_long_text(tmp_path):
    exif = Image.Exif()
    exif[image_files.ORIENTATION] = 3
    data = encode(exif=exif, transparency=tuple(map(int, RGB[0, 0])))
    path = tmp_path / "a.png"
    path.write_bytes(data[:ROOM_FOR_IHDR] + chunk(b"iCCP", b"a\0\0" + LONG) + data[ROOM_FOR_IHDR:])
    photo = image_files.read(path)
    assert np.array_equal(photo.rgb, RGB[::-1, ::-1])
    assert photo.alpha is not None
    assert photo.alpha[-1, -1] == 0


def test_what_belongs_to_the_picture_still_counts(tmp_path):
    path = tmp_path / "a.png"
    text = chunk(b"zTXt", b"prompt\0\0" + LONG)
    film = encode(save_all=True, append_images=[Image.fromarray(255 - RGB)])
    path.write_bytes(film[:ROOM_FOR_IHDR] + text + film[ROOM_FOR_IHDR:])
    with pytest.raises(KitError, match="holds 2 pictures"):
        image_files.read(path)
    data = encode()
    half = len(data) // 2
    for damaged in (data[:half], data[:half] + bytes(half)):
        path.write_bytes(damaged[:ROOM_FOR_IHDR] + text + damaged[ROOM_FOR_IHDR:])
        with pytest.raises(KitError, match=r"can't be read as|missing or damaged"):
            image_files.read(path)


def test_pixels_with_another_checksum(tmp_path):
    """A half of zeros may decode into a picture that looks whole to Pillow."""
    path = tmp_path / "a.png"
    data = encode()
    at = data.rindex(b"IEND") - 8
    half = len(data) // 2
    for damaged in (data[:at] + bytes(4) + data[at + 4 :], data[:half] + bytes(half)):
        path.write_bytes(damaged)
        with pytest.raises(KitError, match=r"a\.png: a part of the picture is missing or damaged"):
            image_files.read(path)
    path.write_bytes(data + b"more, such as a film" * 10)
    assert np.array_equal(image_files.read(path).rgb, RGB)


def test_a_picture_without_its_palette_gets_a_reason(tmp_path):
    header = chunk(b"IHDR", bytes([0, 0, 0, 4, 0, 0, 0, 4, 8, 3, 0, 0, 0]))
    pixels = chunk(b"IDAT", zlib.compress(bytes(4 * 5)))
    path = tmp_path / "a.png"
    path.write_bytes(png.SIGNATURE + header + pixels + chunk(b"IEND", b""))
    with pytest.raises(KitError, match=r"\(it begins like PNG, but what follows is damaged"):
        image_files.read(path)
