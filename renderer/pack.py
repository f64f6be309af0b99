"""Pack rendered pictures as the kit ships them: a zip in DigiFace's layout with its ground truth.

Also draw a contact sheet.
"""

import csv
import io
import itertools
import pathlib
import zipfile

import cv2
import numpy as np

from colorkit import color, data, files

from .farm import LOSSLESS, load_record

TABLE = "ground_truth.csv"
EPOCH = (2026, 1, 1, 0, 0, 0)  # one date for every member: the same pictures give the same zip
# One factor for the whole set. Without it the mean colorfulness is 33, at the very edge of the
# range that DigiFace has.
CHROMA = 0.95
SHEET_QUALITY = 88  # of a JPEG


def pictures(folder: pathlib.Path) -> list[pathlib.Path]:
    """List the rendered pictures of a folder by identity and number."""
    return sorted(folder.glob("*/*.webp"), key=lambda path: (int(path.parent.name), int(path.stem)))


def muted(encoded: bytes) -> bytes:
    """Scale a* and b* of a WebP picture by CHROMA."""
    lab = color.rgb_to_lab(data.decode_face(encoded).rgb)
    rgb = color.lab_to_rgb(lab * np.array([1, CHROMA, CHROMA], np.float32))
    coded, result = cv2.imencode(".webp", rgb[..., ::-1], LOSSLESS)
    assert coded
    return result.tobytes()


def write_zip(folder: pathlib.Path, target: pathlib.Path) -> int:
    """Write `target` from the pictures of `folder`; return how many.

    Pictures are stored, because WebP is compressed already.
    """
    found = pictures(folder)
    table = io.StringIO()
    records = [load_record(path) for path in found]
    writer = csv.DictWriter(table, records[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    with files.atomic_open(target) as stream, zipfile.ZipFile(stream, "w") as archive:
        header = zipfile.ZipInfo(TABLE, EPOCH)
        archive.writestr(header, table.getvalue(), zipfile.ZIP_DEFLATED)
        for path in found:
            header = zipfile.ZipInfo(f"{path.parent.name}/{path.name}", EPOCH)
            archive.writestr(header, muted(path.read_bytes()))
    return len(found)


def write_sheet(archive: pathlib.Path, target: pathlib.Path, columns: int, rows: int) -> None:
    """Write a contact sheet of the first picture of each of the first identities.

    The name of `target` decides between PNG and JPEG.
    """
    identities = data.index_faces([archive]).identities
    first = itertools.islice((members[0] for members in identities.values()), columns * rows)
    tiles = np.stack([face.rgb for _, face in data.read_faces(first)])  # (N, SIZE, SIZE, 3)
    if len(tiles) < columns * rows:
        found = f"{archive} has {len(tiles)} identities"
        raise SystemExit(f"{found}, expected at least {columns * rows} for {columns} x {rows}")
    sheet = tiles.reshape(rows, columns, *tiles.shape[1:])
    sheet = sheet.swapaxes(1, 2)  # (rows, SIZE, columns, SIZE, 3)
    sheet = sheet.reshape(rows * data.SIZE, columns * data.SIZE, 3)
    options = [cv2.IMWRITE_JPEG_QUALITY, SHEET_QUALITY]
    coded, encoded = cv2.imencode(target.suffix, sheet[..., ::-1], options)
    assert coded
    files.write_bytes(target, encoded.tobytes())
