"""Run the lessons from top to bottom, each in its own kernel; keep the notebooks and HTML pages.

    python tools/run_lessons.py --out out/lessons          # all lessons, for reading
    python tools/run_lessons.py --out out/lessons 02_cnn   # one lesson
    python tools/run_lessons.py --write                    # refresh the outputs in notebooks/

The makers of the kit commit what the last line writes. `make run` and `make outputs` call this
script with the right profile and home folder.
"""

import argparse
import functools
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import minutes
import nbclient
import nbformat
from checkout import KIT
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from tqdm import tqdm

from colorkit import cli, files
from colorkit.errors import KitError, unwritable
from colorkit.machine import console

LESSONS = sorted((KIT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
KERNEL_LOG = 2000  # characters of a dead kernel's log that are shown
CELL_TIMEOUT = 1800  # seconds; a training cell of the class profile takes minutes


def execute(path: Path, title: str) -> nbformat.NotebookNode:
    """Run one lesson; on a terminal, show a bar over its cells.

    If the kernel dies, the end of its log is printed.

    Args:
        path: notebook of the lesson.
        title: title of the bar.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    bar = tqdm(total=cells, desc=title, unit="cell", leave=False, disable=None)
    client = nbclient.NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,  # metadata.widgets keeps GitHub from showing a notebook
        on_cell_executed=lambda **_: bar.update(1),
    )
    with bar, tempfile.TemporaryFile() as log:
        try:
            client.execute(stderr=log)
        except DeadKernelError:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-KERNEL_LOG:])
            raise
    return clean(notebook)


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop what differs from run to run and tells a reader nothing.

    That is time stamps, widget states, the kernel's version, and bars that are done.
    """
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _join(filter(_says_something, cell.outputs))
    return notebook


def _says_something(output: nbformat.NotebookNode) -> bool:
    """Tell whether an output is neither an empty stream nor an empty page (of a removed bar)."""
    page = output.get("data", {}).get("text/html", True)
    return output.get("text", True) != "" and page != ""


def _join(outputs: Iterable[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join neighboring pieces of one stream: chance decides where a stream is cut."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        if joined and _continues(joined[-1], output):
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _continues(first: nbformat.NotebookNode, second: nbformat.NotebookNode) -> bool:
    """Tell whether two outputs are pieces of the same stream."""
    if first.output_type != "stream" or second.output_type != "stream":
        return False
    return first.name == second.name


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook, whole or not at all."""
    files.write_bytes(path, (nbformat.writes(notebook) + "\n").encode())


def keep_outputs(path: Path, notebook: nbformat.NotebookNode, seconds: float) -> None:
    """Store a lesson's outputs and minutes in notebooks/, and its compute time in the README."""
    minutes.state(notebook, seconds)
    write(notebook, path)
    readme = KIT / "README.md"
    text = minutes.in_syllabus(readme.read_text(encoding="utf-8"), path.stem, seconds)
    files.write_bytes(readme, text.encode())


def write_for_reading(notebook: nbformat.NotebookNode, name: str, out: Path) -> None:
    """Write an executed lesson and its HTML page into a folder."""
    write(notebook, out / f"{name}.ipynb")
    page, _ = HTMLExporter().from_notebook_node(notebook)
    files.write_bytes(out / f"{name}.html", page.encode())


def parse_arguments() -> argparse.Namespace:
    """Parse the command line; stop if a lesson is unknown or nothing is to be kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("lessons", nargs="*", help="names, as in 02_cnn (default: all)")
    add("--out", type=cli.path, help="folder for executed notebooks and HTML pages")
    add("--write", action="store_true", help="store the outputs in notebooks/ itself")
    arguments = parser.parse_args()
    unknown = set(arguments.lessons) - {path.stem for path in LESSONS}
    if unknown:
        parser.error(f"no lesson {', '.join(sorted(unknown))}")
    if not (arguments.out or arguments.write):
        parser.error("say --out FOLDER, --write, or both")
    return arguments


def main() -> int:
    """Run the lessons that the command line names; return the exit status."""
    run = functools.partial(run_lessons, parse_arguments())
    return console.run_program("run_lessons", run, "stopped; finished lessons are kept")


def run_lessons(arguments: argparse.Namespace) -> None:
    """Run lessons, one after another.

    Raises:
        KitError: a lesson failed, or nothing can be written to the folder.
    """
    if arguments.out:
        check_folder(arguments.out)
    chosen = [path for path in LESSONS if not arguments.lessons or path.stem in arguments.lessons]
    for number, path in enumerate(chosen, 1):
        title = f"lesson {number} of {len(chosen)}: {path.stem}"
        console.say(f"{title} ...")
        began = time.perf_counter()
        try:
            notebook = execute(path, title)
        except (CellExecutionError, DeadKernelError) as bad:
            console.complain(*str(bad).splitlines())
            raise KitError(f"{title} failed, for the reason above") from None
        seconds = time.perf_counter() - began
        console.say(f"{title}: {seconds:.0f} s")
        if arguments.write:
            keep_outputs(path, notebook, seconds)
        if arguments.out:
            write_for_reading(notebook, path.stem, arguments.out)


def check_folder(folder: Path) -> None:
    """Raise KitError now, not after a lesson, if nothing can be written to a folder."""
    try:
        files.try_writing(folder / LESSONS[0].name)
    except OSError as bad:
        raise unwritable(folder, bad) from None


if __name__ == "__main__":
    sys.exit(main())
