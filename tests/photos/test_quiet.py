"""What Pillow and OpenCV print about odd files stays away, in any number of threads."""

import io
import struct
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from helpers import KIT, picture
from PIL import Image

from colorkit.photos import image_files
from colorkit.photos.quiet import SILENT, quiet

RGB = picture(1, 40)
GOOD_EXIF = Image.Exif()
GOOD_EXIF[image_files.ORIENTATION] = 6
EXIF = GOOD_EXIF.tobytes().removeprefix(b"Exif\0\0")


def save_with_exif(path: Path, exif: bytes) -> Path:
    """Save a picture with any bytes as its EXIF."""
    if path.suffix == ".jpg":
        stream = io.BytesIO()
        Image.fromarray(RGB).save(stream, "JPEG")
        jpeg = stream.getvalue()
        block = b"Exif\0\0" + exif
        segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
        path.write_bytes(jpeg[:2] + segment + jpeg[2:])
    else:
        Image.fromarray(RGB).save(path, exif=exif)
    return path


BROKEN = {
    "garbage": b"garbage, and more of it",
    "a header": EXIF[:8],
    "cut": EXIF[:-7],
    "beyond the end": EXIF[:4] + b"\xff\xff\xff\x7f",
    "an entry without end": EXIF[:12] + b"\xff\xff" + EXIF[14:],
    "a count too large": EXIF[:8] + b"\xff\xff" + EXIF[10:],
}


@pytest.mark.parametrize("form", ["jpg", "png", "webp"])
@pytest.mark.parametrize("kind", BROKEN)
def test_damaged_exif_does_not_make_a_picture_unreadable(tmp_path, capfd, form, kind):
    photo = image_files.read(save_with_exif(tmp_path / f"a.{form}", BROKEN[kind]))
    assert photo.rgb.shape == RGB.shape
    assert capfd.readouterr() == ("", "")


COMMAND = """
import sys
from pathlib import Path
from colorkit import photos
from colorkit.errors import KitError
for path in photos.find([Path(sys.argv[1])]):
    try:
        photos.read(path)
    except KitError as bad:
        print(str(bad))
"""


def test_nothing_is_printed_on_stderr(tmp_path):
    """Warnings of Python, Pillow's log, OpenCV's log and what libraries in C print."""
    for form in ("jpg", "png", "webp"):
        for number, exif in enumerate(BROKEN.values()):
            save_with_exif(tmp_path / f"{number}.{form}", exif)
    deep = np.random.default_rng(0).integers(0, 65536, (40, 50, 3)).astype(np.uint16)
    tags = [(65000 + k, "H", 1, k, True) for k in range(3)]  # which libtiff doesn't know
    tifffile.imwrite(tmp_path / "odd.tif", deep, photometric="rgb", extratags=tags)
    for name, compression in (("plain", None), ("deflated", "zlib")):
        path = tmp_path / f"{name}.tif"
        tifffile.imwrite(path, deep, photometric="rgb", metadata=None, compression=compression)
        data = path.read_bytes()
        path.write_bytes(data[:-500] if compression is None else data.replace(data[-900:-800], b""))
    Image.fromarray(RGB).quantize(9).save(tmp_path / "p.png", transparency=bytes(range(9)))
    # These go through Pillow's libtiff. What that says about damage can't be switched off.
    shallow = (deep >> 8).astype(np.uint8)
    more = {"photometric": "rgb", "compression": "zlib", "extratags": tags}
    tifffile.imwrite(tmp_path / "odd8.tif", shallow, **more)
    command = [sys.executable, "-c", COMMAND, tmp_path]
    done = subprocess.run(command, cwd=KIT, capture_output=True, check=True, encoding="utf-8")
    assert done.stderr == ""
    refused = {Path(line.split(": ")[0]).name for line in done.stdout.splitlines()}
    assert {"plain.tif", "deflated.tif"} <= refused
    assert not {"odd.tif", "odd8.tif"} & refused


def get_log_level() -> int:
    """Return OpenCV's level of logging, by its name in OpenCV 4 or 5."""
    get = getattr(cv2, "getLogLevel", None) or cv2.utils.logging.getLogLevel
    return get()


def warn_as_pillow() -> None:
    """Warn from a module of Pillow's."""
    warnings.warn_explicit("odd", UserWarning, "Image.py", 1, module="PIL.Image")


def test_the_last_thread_turns_the_switches_back():
    filters = list(warnings.filters)
    level = get_log_level()
    both = threading.Barrier(2)

    def overlap(number: int) -> None:
        with quiet():
            both.wait(9)
            if number == 0:  # one leaves while the other is inside
                return
            both_left.wait(9)
            warn_as_pillow()
            assert get_log_level() == SILENT

    both_left = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(overlap, number) for number in range(2))
        first.result()
        both_left.set()
        second.result()
    assert warnings.filters == filters
    assert get_log_level() == level
    with pytest.raises(UserWarning, match="odd"):
        warn_as_pillow()
