"""Let a student choose a file on their own computer, and upload it to Colab."""

from pathlib import Path

from ..errors import KitError, first_line
from ..files import write_bytes
from . import disk, hosts
from .drive import scratch_folder

PATIENCE = 15  # seconds in which a browser answers that shows the notebook
ANOTHER_WAY = (
    "upload it to this machine (in the Files panel; in VS Code, right-click it, Upload to Colab), "
    "untick UPLOAD, and give its path, such as /content/me.jpg, in PHOTO"
)


def upload() -> Path:
    """Ask the student to choose a file on their own computer, and upload it to Colab. Lesson 7.8.

    Returns:
        The path of the file on the machine's own disk. It is lost when the machine goes.

    Raises:
        KitError: this is not Colab in a browser, not one file was chosen, it is empty, or it can't
            be written.

    Example:
        >>> upload()  # doctest: +SKIP
        PosixPath('/content/colorkit-data/uploads/grandmother.jpg')
    """
    if not hosts.on_colab():
        raise KitError("a file is uploaded on Colab only: here give its path instead")
    chosen = _open_dialog()
    if not chosen:
        raise KitError("no file was chosen: run this cell again")
    if len(chosen) > 1:
        raise KitError(
            f"{len(chosen)} files were chosen ({', '.join(chosen)}): run this cell again for one"
        )
    ((name, data),) = chosen.items()
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]  # some browsers send a path
    if name in ("", ".", ".."):
        raise KitError("the file has no name: rename it and run this cell again")
    if not data:
        raise KitError(f"{name} is empty: choose another file, and run this cell again")
    path = scratch_folder() / "uploads" / name
    with disk.writing(path):
        path = _free(path, data)
        write_bytes(path, data)
    return path


def _open_dialog() -> dict[str, bytes]:
    """Open Colab's dialog for files, and return the chosen ones by their names.

    Raises:
        KitError: no browser shows the notebook, or it refuses.
    """
    try:
        from google.colab import files, output  # exist on Colab only

        # without a browser, files.upload() waits forever
        if output.eval_js("true", timeout_sec=PATIENCE):
            return files.upload()
        reason = f"no browser has answered for {PATIENCE} seconds"
    except Exception as bad:
        reason = first_line(bad)
    raise KitError(f"the dialog for files doesn't open ({reason}): {ANOTHER_WAY}")


def _free(path: Path, data: bytes) -> Path:
    """Return a path that replaces no other file: phones give many pictures the same name."""
    number = 1
    free = path
    while free.exists() and free.read_bytes() != data:
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
