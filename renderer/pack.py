"""From rendered pictures to what the kit ships: a zip in DigiFace's layout with its ground truth, and a contact sheet."""

import csv
import io
import itertools
import pathlib
import zipfile

import cv2
import numpy as np

from colorkit import color, faces, files

from .farm import LOSSLESS, load_record

TABLE = "ground_truth.csv"
EPOCH = (2026, 1, 1, 0, 0, 0)  # one date for every member: the same pictures give the same zip
# One factor for the whole set: without it the mean colorfulness is 33, at the very edge of the range that DigiFace has.
CHROMA = 0.95


def pictures(folder: pathlib.Path) -> list[pathlib.Path]:
    """The rendered pictures of a folder, by identity and number."""
    return sorted(folder.glob("*/*.webp"), key=lambda path: (int(path.parent.name), int(path.stem)))


def muted(data: bytes) -> bytes:
    """A picture's WebP with a* and b* scaled by CHROMA."""
    lab = color.rgb_to_lab(faces.decode(data).rgb) * np.array([1, CHROMA, CHROMA], np.float32)
    coded, result = cv2.imencode(".webp", color.lab_to_rgb(lab)[..., ::-1], LOSSLESS)
    assert coded
    return result.tobytes()


def write_zip(folder: pathlib.Path, target: pathlib.Path) -> int:
    """Write `target` from the pictures of `folder`, stored (WebP is compressed already); return how many."""
    found = pictures(folder)
    table = io.StringIO()
    records = [load_record(path) for path in found]
    writer = csv.DictWriter(table, records[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    with files.atomic_open(target) as stream, zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo(TABLE, EPOCH), table.getvalue(), zipfile.ZIP_DEFLATED)
        for path in found:
            archive.writestr(zipfile.ZipInfo(f"{path.parent.name}/{path.name}", EPOCH), muted(path.read_bytes()))
    return len(found)


def write_sheet(archive: pathlib.Path, target: pathlib.Path, columns: int, rows: int) -> None:
    """Write a contact sheet (PNG or JPEG by its name) of the first pictures of as many identities as fit."""
    first = itertools.islice((members[0] for members in faces.index([archive]).identities.values()), columns * rows)
    tiles = np.stack([face.rgb for _, face in faces.read(first)])
    if len(tiles) < columns * rows:
        raise SystemExit(f"{archive} has {len(tiles)} identities, too few for {columns} x {rows}")
    sheet = tiles.reshape(rows, columns, *tiles.shape[1:]).swapaxes(1, 2).reshape(rows * faces.SIZE, columns * faces.SIZE, 3)
    coded, data = cv2.imencode(target.suffix, sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    assert coded
    files.write_bytes(target, data.tobytes())
