"""Copy to Drive the splits that were made on this machine before Drive was used."""

import shutil
from pathlib import Path

from ..errors import KitError
from ..machine import console, disk, environment
from . import out_folder
from .splits_manifest import SPLITS_MANIFEST, all_files, read_manifest, verified


def adopt(folder: Path) -> None:
    """Copy the splits made before Drive was used to a folder on Drive that has none yet.

    Splits that are damaged are named in a line, and stay where they are.

    Args:
        folder: folder of the splits; nothing happens unless it is on Drive.

    Raises:
        KitError: Drive can't be written.
    """
    earlier = environment.earlier_home(folder)
    if earlier is None or (folder / SPLITS_MANIFEST).exists():
        return
    source = earlier / "data"
    if not (source / SPLITS_MANIFEST).exists():
        return
    try:
        manifest = read_manifest(source)
        paths = list(verified(source, all_files(manifest)))
    except KitError as bad:
        console.say(f"the splits made here before Drive was used stay where they are: {bad}")
        return
    with out_folder.growing(folder) as growing:
        for path in paths:
            with disk.writing(folder):
                shutil.copyfile(path, growing / path.name)
        out_folder.replace(growing, folder, manifest)
    console.say(f"the splits made here before Drive was used are copied to {folder}")
