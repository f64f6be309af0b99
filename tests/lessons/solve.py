"""Copies of the lessons in which every exercise is answered rightly: python tests/lessons/solve.py FOLDER.

Their checked outputs are what the checks must say then; `make solved` runs them under nbval.
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


def answered(source: str, answer: str) -> str:
    """An exercise's cell with another function in place of its stub."""
    (stub,) = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    lines = source.splitlines()
    return "\n".join([*lines[: stub.lineno - 1], answer.rstrip(), *lines[stub.end_lineno :]])


def solve(lesson: str, folder: Path) -> None:
    """Write the solved copy of a lesson."""
    (path,) = (KIT / "notebooks").glob(f"0{lesson}_*.ipynb")
    right = importlib.import_module(f"answers_{LESSONS[lesson]}").RIGHT
    exercises = exercises_of(lesson)
    done = [f"{exercise.number} {exercise.title}: correct\n" for exercise in exercises] + [
        f"{len(exercises)} of {len(exercises)} correct\n"
    ]
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if found := CHECK.search(cell.source):
            cell.source = answered(cell.source, inspect.getsource(right[found[1]]))
            cell.outputs = [nbformat.v4.new_output("stream", text=f"{found[1]} correct\n")]
        elif cell.source == f"progress({lesson})":
            cell.outputs = [nbformat.v4.new_output("stream", text="".join(done))]
    nbformat.write(notebook, folder / f"solved_{path.name}")


def main() -> None:
    """Solve every lesson that has exercises."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for lesson in LESSONS:
        solve(lesson, folder)


if __name__ == "__main__":
    main()
