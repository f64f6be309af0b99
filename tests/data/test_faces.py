"""Faces in zips and folders: what is listed, what is decoded, and what is refused."""

import zipfile

import cv2
import numpy as np
import pytest
from helpers import encode, picture, write_folder, write_zip

from colorkit.data import faces
from colorkit.errors import KitError


def read_one(path):
    """Return the one face of a source, or why it is bad."""
    ((_, face),) = faces.read_faces(next(iter(faces.index_faces([path]).identities.values())))
    return face


def test_zip_and_folder_give_the_same(tmp_path):
    members = {
        "7/0.png": encode(picture(1)),
        "7/1.webp": encode(picture(2), ".webp"),
        "mary-ann_2/0.png": encode(picture(3)),
    }
    found = [
        faces.index_faces([write(tmp_path / name, members)])
        for write, name in ((write_zip, "a.zip"), (write_folder, "b"))
    ]
    names = [
        {who: [m.name for m in pictures] for who, pictures in index.identities.items()}
        for index in found
    ]
    assert (
        names[0] == names[1] == {"7": ["7/0.png", "7/1.webp"], "mary-ann_2": ["mary-ann_2/0.png"]}
    )
    for index in found:
        pixels = {
            m.name: face.rgb
            for pictures in index.identities.values()
            for m, face in faces.read_faces(pictures)
        }
        assert np.array_equal(pixels["7/0.png"], picture(1))
        assert np.array_equal(pixels["7/1.webp"], picture(2))
        assert np.array_equal(pixels["mary-ann_2/0.png"], picture(3))


def test_several_sources_are_joined(tmp_path):
    one = write_zip(tmp_path / "a.zip", {"1/0.png": b"x"})
    other = write_folder(tmp_path / "b", {"2/0.png": b"x", "1/1.png": b"x"})
    found = faces.index_faces([one, other]).identities
    assert {who: [m.source for m in members] for who, members in found.items()} == {
        "1": [one, other],
        "2": [other],
    }


@pytest.mark.parametrize("form", [".png", ".webp"])
def test_half_transparent_pixels_are_composited_over_white(form):
    rgba = np.dstack([picture(4), np.full((112, 112), 255, np.uint8)])
    rgba[0, 0] = (200, 100, 0, 128)
    rgba[0, 1] = (10, 20, 30, 0)
    face = faces.decode_face(encode(rgba, form))
    assert face.transparent == 2
    assert face.rgb.shape == (112, 112, 3)
    assert face.rgb.dtype == np.uint8
    assert face.rgb[0, 0].tolist() == [227, 177, 127]  # 200 * 128/255 + 255 * 127/255, ...
    assert face.rgb[0, 1].tolist() == [255, 255, 255]
    assert np.array_equal(face.rgb[1:], picture(4)[1:])


def test_an_opaque_picture_has_no_transparent_pixels():
    assert faces.decode_face(encode(picture())).transparent == 0
    assert (
        faces.decode_face(
            encode(np.dstack([picture(), np.full((112, 112), 255, np.uint8)]))
        ).transparent
        == 0
    )


@pytest.mark.parametrize(
    "stray",
    [
        "readme.txt",
        "7/notes.txt",
        "7/face.png",
        "0.png",
        "a/7/0.png",
        "7/0.jpg",
        "__MACOSX/7/._0.png",
        "7/٣.png",
    ],
)
def test_stray_files_are_ignored_and_counted(tmp_path, stray):
    for source in (
        write_zip(tmp_path / "a.zip", {"7/0.png": encode(picture()), stray: b"x"}),
        write_folder(tmp_path / "b", {"7/0.png": encode(picture()), stray: b"x"}),
    ):
        found = faces.index_faces([source])
        assert [m.name for m in found.identities["7"]] == ["7/0.png"]
        assert len(found.identities) == 1
        assert found.ignored == 1


def test_folders_inside_a_zip_are_not_files(tmp_path):
    assert (
        faces.index_faces([write_zip(tmp_path / "a.zip", {"7/": b"", "7/0.png": b"x"})]).ignored
        == 0
    )


# enough detail that half the bytes are half the picture
NOISE = np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)
BAD = {
    "wrong size": (encode(picture(size=100)), "expected 112 x 112 pixels, got 100 x 100"),
    "not square": (encode(picture()[:, :90].copy()), "expected 112 x 112 pixels, got 90 x 112"),
    "grey": (encode(picture()[..., 0].copy()), r"expected 8-bit RGB or RGBA, got uint8 \(112, 112"),
    "16 bits": (
        encode(picture().astype(np.uint16) * 257),
        "expected 8-bit RGB or RGBA, got uint16",
    ),
    "empty": (b"", "can't be decoded"),
    "text": (b"<html>quota exceeded</html>" * 9, "can't be decoded"),
    "truncated PNG": (encode(NOISE)[:20_000], "can't be decoded"),
    "truncated WebP": (encode(NOISE, ".webp")[:20_000], "can't be decoded"),
    "a PNG's first bytes": (encode(NOISE)[:20], "can't be decoded"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_picture_says_why(kind):
    data, reason = BAD[kind]
    with pytest.raises(faces.BadFaceError, match=reason):
        faces.decode_face(data)


def test_a_bad_picture_does_not_stop_the_others(tmp_path):
    source = write_zip(tmp_path / "a.zip", {"7/0.png": b"", "7/1.png": encode(picture())})
    bad, good = (face for _, face in faces.read_faces(faces.index_faces([source]).identities["7"]))
    assert isinstance(bad, faces.BadFaceError)
    assert np.array_equal(good.rgb, picture())


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("flip", [0, 40])
def test_a_member_damaged_inside_the_zip_is_bad_not_fatal(tmp_path, compression, flip):
    """A flipped bit fails the CRC, or, in a compressed member, the inflating itself."""
    source = write_zip(tmp_path / "a.zip", {"7/0.png": encode(picture())}, compression)
    with zipfile.ZipFile(source) as archive:
        start = archive.infolist()[0].header_offset + 30 + len("7/0.png")
    data = bytearray(source.read_bytes())
    data[start + flip] ^= 0xFF
    source.write_bytes(data)
    assert isinstance(read_one(source), faces.BadFaceError)


def test_a_broken_zip_is_one_clear_error(tmp_path):
    whole = write_zip(tmp_path / "a.zip", {"7/0.png": encode(picture())}).read_bytes()
    (tmp_path / "a.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(KitError, match="not a whole zip"):
        faces.index_faces([tmp_path / "a.zip"])


def test_a_missing_source(tmp_path):
    with pytest.raises(KitError, match="does not exist"):
        faces.index_faces([tmp_path / "none.zip"])


def test_a_source_without_faces(tmp_path):
    with pytest.raises(KitError, match=r"no faces in .*a\.zip"):
        faces.index_faces([write_zip(tmp_path / "a.zip", {"readme.txt": b"x"})])


def test_opencv_keeps_color_order():
    """A red picture stays red: OpenCV reads blue first."""
    red = np.zeros((112, 112, 3), np.uint8)
    red[..., 0] = 200
    good, data = cv2.imencode(".png", red[..., ::-1])
    assert good
    assert faces.decode_face(data.tobytes()).rgb[5, 5].tolist() == [200, 0, 0]
