"""Build splits from pictures that are broken in every way.

What can't be used is listed with its reason, and the rest is used.
"""

import random
import struct
import time
import zlib

import cv2
import numpy as np
import pytest
from helpers import encode, write_zip
from picture_corpus import ALPHA, GIGABYTES, LOSSLESS, LOSSY, RGBA, UNUSED, USED, over_white, webp
from zip_corpus import GOOD, code, stored

from colorkit.data import faces, prepare


def name_member(kind: str, table: dict) -> str:
    """Name a picture in the zip; each is an identity of its own."""
    used = "used" if table is USED else "unused"
    ending = "webp" if "WebP" in kind else "png"
    return f"{used}-{list(table).index(kind)}/0.{ending}"


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[dict, dict[str, np.ndarray]]:
    """Build splits from all pictures; return the manifest and the faces."""
    folder = tmp_path_factory.mktemp("pictures")
    source = write_zip(
        folder / "a.zip",
        {name_member(kind, table): table[kind][0] for table in (USED, UNUSED) for kind in table},
    )
    manifest = prepare.build_splits([source], folder / "data", max_bad=1, processes=1)
    return manifest, stored(folder / "data")


@pytest.mark.parametrize("kind", USED)
def test_an_unusual_picture_is_used(built, kind):
    data, rgb, transparent = USED[kind]
    face = faces.decode_face(data)
    assert face.transparent == transparent
    if rgb is None:  # a lossless WebP may store other colors where nothing is seen
        bgra = cv2.imdecode(np.frombuffer(data, np.uint8), -1)  # (112, 112, 4)
        rgb = over_white(bgra[..., 2::-1], ALPHA)
    if kind.startswith("lossy"):
        assert np.abs(face.rgb.astype(int) - rgb).mean() < 4
    else:
        assert np.array_equal(face.rgb, rgb)
    assert np.array_equal(built[1][name_member(kind, USED).split("/")[0]], code(face.rgb))


@pytest.mark.parametrize("kind", UNUSED)
def test_a_bad_picture_is_one_line(built, kind):
    data, reason = UNUSED[kind]
    (line,) = [
        line
        for line in built[0]["skipped"]
        if line.startswith(f"a.zip:{name_member(kind, UNUSED)}: ")
    ]
    assert reason in line
    assert len(line.splitlines()) == 1
    if len(data) <= faces.LARGEST:
        with pytest.raises(faces.BadFaceError):
            faces.decode_face(data)


def test_all_pictures_are_accounted_for(built):
    manifest, found = built
    assert (len(found), len(manifest["skipped"]), manifest["ignored_files"]) == (
        len(USED),
        len(UNUSED),
        0,
    )
    assert sum(split["images"] for split in manifest["splits"].values()) == len(USED)
    assert manifest["transparent_pixels"] == sum(transparent for _, _, transparent in USED.values())


@pytest.mark.parametrize("kind", GIGABYTES)
def test_what_claims_gigabytes_never_reaches_opencv(monkeypatch, kind):
    """OpenCV makes room for what a header or a chunk claims before it looks whether it is there."""
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(faces.BadFaceError):
        faces.decode_face(UNUSED[kind][0])


# chance


def mutate(good: bytes, chance: random.Random) -> bytes:
    """Change, remove, insert or exaggerate bytes; in most cases, then fix a PNG's checksums."""
    data = bytearray(good)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 80))
        how = chance.random()
        if how < 0.4:
            data[at] = chance.randrange(256)
        elif how < 0.6:
            data[at] ^= 1 << chance.randrange(8)
        elif how < 0.7:
            del data[at : at + chance.randrange(1, 200)]
        elif how < 0.8:
            data[at:at] = chance.randbytes(chance.randrange(1, 50))
        else:
            data[at : at + 4] = struct.pack(
                ">I", chance.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1))
            )
        data = data or bytearray(b"x")
    place = 8
    while good.startswith(faces.PNG) and chance.random() < 0.9 and place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        if place + 12 + length > len(data):
            break
        data[place + 8 + length : place + 12 + length] = struct.pack(
            ">I", zlib.crc32(data[place + 4 : place + 8 + length])
        )
        place += 12 + length
    return bytes(data)


@pytest.mark.parametrize(
    ("goods", "count"),
    [((GOOD, encode(RGBA)), 1000), ((LOSSY, LOSSLESS, webp(RGBA)), 500)],
    ids=["PNG", "WebP"],
)
def test_a_picture_damaged_at_random_is_a_face_or_a_reason(goods, count):
    chance = random.Random(0)
    start = time.process_time()
    used = 0
    reasons = set()
    for k in range(count):
        data = mutate(goods[k % len(goods)], chance)
        try:
            face = faces.decode_face(data)
        except faces.BadFaceError as bad:
            reasons.add(str(bad))
            continue
        used += 1
        assert (face.rgb.dtype, face.rgb.shape) == (np.uint8, (112, 112, 3))
        assert 0 <= face.transparent <= 112 * 112
        again = faces.decode_face(data)
        assert np.array_equal(again.rgb, face.rgb)  # nothing is left over from another picture
    assert 0 < used < count  # so both outcomes were tried
    assert all(len(reason.splitlines()) == 1 for reason in reasons)
    assert time.process_time() - start < 5
