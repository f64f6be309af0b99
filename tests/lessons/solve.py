"""Write copies of the lessons with a right answer to each exercise.

    python tests/lessons/solve.py FOLDER

The checked outputs of a copy are what the checks must print then; `make solved` runs the copies
under nbval.
"""

import ast
import importlib
import inspect
import re
import sys
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from colorkit.exercises import LESSONS, exercises_of

KIT = Path(__file__).resolve().parents[2]
CHECK = re.compile(r'check\("(\d\.\d)", my_\w+\)')


def put_answer(source: str, answer: str) -> str:
    """Put another function in place of the stub of an exercise's cell."""
    (stub,) = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    lines = source.splitlines()
    before = lines[: stub.lineno - 1]
    after = lines[stub.end_lineno :]
    return "\n".join([*before, answer.rstrip(), *after])


def print_to_cell(text: str) -> list:
    """Make the stored outputs of a cell that prints a text."""
    return [nbformat.v4.new_output("stream", text=text)]


def solve(lesson: str, folder: Path) -> None:
    """Write the solved copy of a lesson."""
    (path,) = (KIT / "notebooks").glob(f"0{lesson}_*.ipynb")
    right = importlib.import_module(f"answers_{LESSONS[lesson]}").RIGHT
    exercises = exercises_of(lesson)
    done = [f"{exercise.number} {exercise.title}: correct\n" for exercise in exercises]
    done.append(f"{len(exercises)} of {len(exercises)} correct\n")
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if found := CHECK.search(cell.source):
            cell.source = put_answer(cell.source, inspect.getsource(right[found[1]]))
            cell.outputs = print_to_cell(f"{found[1]} correct\n")
        elif cell.source == f"progress({lesson})":
            cell.outputs = print_to_cell("".join(done))
    nbformat.write(notebook, folder / f"solved_{path.name}")


def main() -> None:
    """Solve every lesson that has exercises."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for lesson in LESSONS:
        solve(lesson, folder)


if __name__ == "__main__":
    main()
