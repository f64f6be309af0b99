"""Let a student choose a file on their own computer, and upload it to Colab."""

from pathlib import Path
from typing import Any

from ..errors import KitError
from ..files import write_bytes
from . import disk, hosts
from .drive import scratch_folder

PATIENCE = 15  # seconds in which a browser answers that shows the notebook
ANOTHER_WAY = "put the file beside the notebook, untick UPLOAD, and give its name in PHOTO"


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
    try:
        from google.colab import _message, files  # exist in Colab's notebooks only
    except ImportError:
        raise KitError(f"a file is uploaded in a notebook only: {ANOTHER_WAY}") from None
    if not _browser_answers(_message):
        raise KitError(
            f"no browser has answered for {PATIENCE} seconds (VS Code can't): {ANOTHER_WAY}"
        )
    chosen = files.upload()
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


def _browser_answers(messages: Any) -> bool:
    """Return whether a browser shows the notebook: without one, files.upload() waits forever.

    Args:
        messages: the module google.colab._message.
    """
    from IPython import get_ipython  # a notebook has it

    request = {"script": "true"}
    cell = get_ipython().kernel.shell.parent_header
    kind = "cell_javascript_eval"  # what files.upload() asks the browser for
    answer = messages.blocking_request(kind, request, timeout_sec=PATIENCE, parent=cell)
    return answer is not None


def _free(path: Path, data: bytes) -> Path:
    """Return a path that replaces no other file: phones give many pictures the same name."""
    number = 1
    free = path
    while free.exists() and free.read_bytes() != data:
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
