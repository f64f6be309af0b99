"""From rendered pictures to what the kit ships: a zip in DigiFace's layout with its ground truth, and a contact sheet."""

import csv
import io
import pathlib
import zipfile

import cv2
import numpy as np

from colorkit import files

from .farm import load_record

TABLE = "ground_truth.csv"
EPOCH = (2026, 1, 1, 0, 0, 0)  # one date for every member: the same pictures give the same zip


def pictures(folder: pathlib.Path) -> list[pathlib.Path]:
    """The rendered pictures of a folder, by identity and number."""
    return sorted(folder.glob("*/*.webp"), key=lambda path: (int(path.parent.name), int(path.stem)))


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
            archive.writestr(zipfile.ZipInfo(f"{path.parent.name}/{path.name}", EPOCH), path.read_bytes())
    return len(found)


def write_sheet(folder: pathlib.Path, target: pathlib.Path, columns: int, rows: int) -> None:
    """Write a contact sheet (PNG or JPEG by its name) of the first pictures of as many identities as fit."""
    first = [path for path in pictures(folder) if path.stem == "0"][: columns * rows]
    tiles = [cv2.imread(str(path)) for path in first]
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (columns * rows - len(tiles))
    sheet = np.concatenate([np.concatenate(tiles[k * columns : (k + 1) * columns], 1) for k in range(rows)], 0)
    coded, data = cv2.imencode(target.suffix, sheet, [cv2.IMWRITE_JPEG_QUALITY, 88])
    assert coded
    files.write_bytes(target, data.tobytes())
