"""Run the lessons from top to bottom in kernels of their own; keep the executed notebooks and HTML pages.

    python tools/run_lessons.py --out out/lessons          # all lessons, for reading
    python tools/run_lessons.py --write                    # refresh the outputs in notebooks/ (what the makers of the kit commit)
    python tools/run_lessons.py --out out/lessons 02_cnn   # one lesson

`make run` and `make outputs` call it with the right profile and home folder.
"""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from tqdm import tqdm

KIT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(KIT))
import minutes  # noqa: E402  (beside this file)

from colorkit import files  # noqa: E402  (the checkout need not be installed)

LESSONS = sorted((KIT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
STARTUP = re.compile(
    r"WARNING: All log messages before absl|[IWE]\d{4} "
)  # what TensorFlow prints when it is imported
KERNEL_LOG = 2000  # characters of a dead kernel's last words
CELL_TIMEOUT = 1800  # seconds; a training cell of the class profile takes minutes


def execute(path: Path, title: str) -> nbformat.NotebookNode:
    """Run one lesson; a bar over its cells on a terminal, nothing in between elsewhere. A dead kernel's last words are shown."""
    notebook = nbformat.read(path, as_version=4)
    bar = tqdm(
        total=sum(cell.cell_type == "code" for cell in notebook.cells),
        desc=title,
        unit="cell",
        leave=False,
        disable=None,
    )
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
    """Drop what differs from run to run and says nothing: time stamps, widget states, the kernel's version, bars that are done."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            said = _joined([output for output in cell.outputs if _says_something(output)])
            cell.outputs = [output for output in map(_quiet, said) if _says_something(output)]
    return notebook


def _says_something(output: nbformat.NotebookNode) -> bool:
    """Whether it is neither an empty stream nor an empty page (of a bar that was taken away)."""
    return output.get("text", True) != "" and output.get("data", {}).get("text/html", True) != ""


def _joined(outputs: list) -> list:
    """Join neighbouring pieces of one stream: where a stream is cut is chance."""
    joined: list = []
    for output in outputs:
        if (
            joined
            and output.output_type == "stream" == joined[-1].output_type
            and output.name == joined[-1].name
        ):
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _quiet(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take TensorFlow's start-up messages out of stderr; a warning of anything else stays, and a test finds it."""
    if output.output_type == "stream" and output.name == "stderr":
        output.text = "".join(
            line for line in output.text.splitlines(keepends=True) if not STARTUP.match(line)
        )
    return output


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook, whole or not at all."""
    files.write_bytes(path, (nbformat.writes(notebook) + "\n").encode())


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lessons", nargs="*", help="names, as in 02_cnn (default: all)")
    parser.add_argument("--out", type=Path, help="folder for executed notebooks and HTML pages")
    parser.add_argument(
        "--write", action="store_true", help="store the outputs in notebooks/ itself"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.lessons) - {path.stem for path in LESSONS}
    if unknown or not (arguments.out or arguments.write):
        parser.error(
            f"no lesson {', '.join(sorted(unknown))}"
            if unknown
            else "say --out FOLDER, --write, or both"
        )
    chosen = [path for path in LESSONS if not arguments.lessons or path.stem in arguments.lessons]
    for number, path in enumerate(chosen, 1):
        title = f"lesson {number} of {len(chosen)}: {path.stem}"
        print(f"{title} ...", flush=True)
        began = time.perf_counter()
        try:
            notebook = execute(path, title)
        except (CellExecutionError, DeadKernelError) as bad:
            print(f"{title} failed: {bad}", file=sys.stderr)
            return 1
        seconds = time.perf_counter() - began
        print(f"{title}: {seconds:.0f} s", flush=True)
        if arguments.write:
            minutes.state(notebook, seconds)
            write(notebook, path)
            readme = KIT / "README.md"
            files.write_bytes(
                readme, minutes.in_syllabus(readme.read_text(), path.stem, seconds).encode()
            )
        if arguments.out:
            write(notebook, arguments.out / path.name)
            page, _ = HTMLExporter().from_notebook_node(notebook)
            files.write_bytes(arguments.out / f"{path.stem}.html", page.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
