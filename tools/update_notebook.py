"""Fit an older copy of a lesson to the kit beside it, and keep the answers in it.

    python tools/update_notebook.py 03_resnet.ipynb

The kit's modules were moved into folders, so a lesson that a student saved before the move no
longer finds what it imports. This tool replaces the setup cell with today's (the choices in it are
kept) and rewrites what the other cells import and use: `splits.ensure` becomes `data.load_splits`.
Answers, guesses, outputs and Markdown stay as they are. The old file is kept beside the new one, as
03_resnet.old.ipynb. The tool prints a line for each name that it can't rewrite.
"""

import argparse
import ast
import functools
import json
import re
import sys
from pathlib import Path
from typing import Any

from checkout import KIT

from colorkit import cli, files
from colorkit.errors import KitError, first_line
from colorkit.machine import console

MOVED = json.loads(Path(__file__).with_name("moved_names.json").read_text(encoding="utf-8"))
FIRST = "Setup: run this cell first"
LANDMARK = "color.py"  # the file by which setup cells found the kit before the move
OWN_LINE = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)  # of IPython
TIMED = re.compile(r"(?<![^\n \t])%(time|timeit|prun)[ \t]+(?=[^-\s])")  # before a statement
CHOICES = re.compile(r"^(USE_DRIVE|REPOSITORY, TAG) = .*$", re.MULTILINE)

Notebook = dict[str, Any]


def update(notebook: Notebook) -> list[str]:
    """Rewrite a lesson in place; return a line for each use that can't be rewritten."""
    cells = [cell for cell in notebook["cells"] if cell.get("cell_type") == "code"]
    trees = {}
    problems = []
    for number, cell in enumerate(cells, 1):
        try:
            trees[number] = ast.parse(python(source(cell)))
        except SyntaxError as bad:
            problems.append(f"code cell {number} is not valid Python ({bad.msg}): left as it is")
    lesson = Lesson(trees)
    for number, cell in enumerate(cells, 1):
        problems += [
            f"code cell {number} has a line that can't be rewritten, and is left as it is: {line}"
            for line in lesson.find_own_lines(source(cell))
        ]
    for number, tree in trees.items():
        cell = cells[number - 1]
        if FIRST in source(cell):
            cell["source"] = lines_of(setup_cell(source(cell)))
            continue
        text, unknown = lesson.rewrite(source(cell), tree)
        cell["source"] = lines_of(text)
        problems += [
            f"code cell {number} uses {name}, which the kit no longer offers" for name in unknown
        ]
    return problems


def source(cell: dict[str, Any]) -> str:
    """Return the text of a cell, which a notebook stores as one string or as lines."""
    return "".join(cell.get("source") or "")


def lines_of(text: str) -> list[str]:
    """Split a text into the lines that a notebook stores."""
    return text.splitlines(keepends=True)


def python(text: str) -> str:
    """Blank out IPython's own lines (%pip, !ls) but for timed statements; no byte moves."""
    return OWN_LINE.sub(lambda line: "pass".ljust(len(line[0].encode())), keep_timed(text))


def keep_timed(text: str) -> str:
    """Turn "%time x = f()" into Python of the same length, "if 1: x = f()"."""
    return TIMED.sub(lambda line: "if 1:".ljust(len(line[0])), text)


class Lesson:
    """What the cells of a lesson share: its names for parts of the kit, and names of its own.

    Args:
        trees: the parsed code cells, by number.
    """

    def __init__(self, trees: dict[int, ast.Module]):
        nodes = [node for tree in trees.values() for node in ast.walk(tree)]
        imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
        self.modules = {  # the name here: the module before the move
            alias.asname or alias.name: alias.name
            for node in imports
            if node.module == "colorkit"
            for alias in node.names
            if alias.name in MOVED
        }
        self.own_names = {name for node in nodes for name in bound_by(node)}
        self.folders = {name: set() for name in self.modules}  # that replace a module
        for node in nodes:
            new = self.new_name(node)
            if new:
                self.folders[node.value.id].add(new.partition(".")[0])
        self.imported: set[str] = set()  # folders, by the cells rewritten so far

    def find_own_lines(self, text: str) -> list[str]:
        """Find IPython's own lines that use a moved module."""
        lines = [line.strip() for line in OWN_LINE.findall(keep_timed(text))]
        return [line for line in lines if self.modules.keys() & set(re.findall(r"(\w+)\.\w", line))]

    def is_use(self, node: ast.AST) -> bool:
        """Return whether a node is `module.name` of a moved module."""
        return (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in self.modules
        )

    def new_name(self, node: ast.AST) -> str | None:
        """Return today's name of what a node uses, such as "data.load_splits".

        None stands for another kind of node, and for a name that no longer exists.
        """
        return MOVED[self.modules[node.value.id]].get(node.attr) if self.is_use(node) else None

    def called(self, folder: str) -> str:
        """Return the name of a folder in this lesson: `kit_data` if it has a variable `data`."""
        return f"kit_{folder}" if folder in self.own_names else folder

    def rewrite(self, text: str, tree: ast.Module) -> tuple[str, list[str]]:
        """Return the text of a cell with today's names, and the names that no longer exist."""
        edits, unknown = [], []
        offsets = line_offsets(text)
        for node in ast.walk(tree):
            if self.is_use(node):
                new = self.new_name(node)
                if new is None:
                    unknown.append(f"{node.value.id}.{node.attr}")
                    continue
                folder, _, name = new.partition(".")
                edits.append((*span(node, offsets), f"{self.called(folder)}.{name}"))
            elif (
                isinstance(node, ast.ImportFrom)
                and (node.module or "").partition(".")[0] == "colorkit"
            ):
                lines, gone = self.new_imports(node)
                unknown += gone
                new_text = ("\n" + " " * node.col_offset).join(lines)
                edits.append(
                    (*span(node, offsets), new_text or ("pass" if node.col_offset else ""))
                )
        return apply(text, edits).strip("\n"), unknown

    def new_imports(self, node: ast.ImportFrom) -> tuple[list[str], list[str]]:
        """Return the statements that replace an import, and the names that no longer exist."""
        if node.module == "colorkit":
            return self.folder_imports(node), []
        module = node.module.removeprefix("colorkit.")
        if module not in MOVED:
            return [ast.unparse(node)], []
        names, gone = {}, []
        for alias in node.names:
            new = MOVED[module].get(alias.name)
            if new is None:
                gone.append(f"{module}.{alias.name}")
                continue
            package, _, name = new.rpartition(".")
            local = alias.asname or alias.name
            names.setdefault(package, []).append(name if local == name else f"{name} as {local}")
        lines = [f"from colorkit.{door} import {', '.join(parts)}" for door, parts in names.items()]
        return lines, gone

    def folder_imports(self, node: ast.ImportFrom) -> list[str]:
        """Return the import of the folders that replace the modules of a statement."""
        folders = set()
        for alias in node.names:
            folders |= self.folders.get(alias.asname or alias.name, {alias.name})
        folders -= {"colorkit"} | self.imported
        self.imported |= folders
        parts = [
            f"{name} as {self.called(name)}" if name in self.own_names else name
            for name in sorted(folders)
        ]
        return [f"from colorkit import {', '.join(parts)}"] if parts else []


def bound_by(node: ast.AST) -> list[str]:
    """Return the names that a node gives to a variable, a function, a class or an argument."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    return [node.arg] if isinstance(node, ast.arg) else []


def line_offsets(text: str) -> list[int]:
    """Return the offset of each line's first byte."""
    offsets = [0]
    for line in text.encode().splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    return offsets


def span(node: ast.AST, offsets: list[int]) -> tuple[int, int]:
    """Return where a node begins and ends, in bytes."""
    return offsets[node.lineno - 1] + node.col_offset, offsets[
        node.end_lineno - 1
    ] + node.end_col_offset


def apply(text: str, edits: list[tuple[int, int, str]]) -> str:
    """Replace parts of a text, the last one first."""
    raw = text.encode()
    for start, end, new in sorted(edits, reverse=True):
        raw = raw[:start] + new.encode() + raw[end:]
    return raw.decode()


def setup_cell(old: str) -> str:
    """Return today's setup cell with the choices of an old one."""
    lesson = read(min((KIT / "notebooks").glob("01_*.ipynb")))
    (new,) = (source(cell) for cell in lesson["cells"] if FIRST in source(cell))
    chosen = {found[1]: found[0] for found in CHOICES.finditer(old)}
    return CHOICES.sub(lambda found: chosen.get(found[1], found[0]), new)


def read(path: Path) -> Notebook:
    """Read a notebook.

    Raises:
        KitError: the file is not a notebook.
    """
    try:
        notebook = json.loads(path.read_bytes())  # UTF-8 or UTF-16, with a byte order mark or not
    except ValueError as bad:
        raise KitError(f"expected a notebook, got what is not JSON ({first_line(bad)})") from None
    if not isinstance(notebook, dict):
        raise KitError("expected a notebook, got other JSON")
    if notebook.get("nbformat", 4) != 4:
        raise KitError(
            f"expected a notebook of format 4, got format {notebook['nbformat']}: open it in "
            "Jupyter or Colab and save it again"
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise KitError("expected a notebook with cells, got other JSON")
    return notebook


def update_file(path: Path) -> list[str]:
    """Update the lesson in a file, and keep the old file beside it.

    Returns:
        A line for each use that can't be rewritten.

    Raises:
        KitError: the file is not a lesson from before the move, or an older copy is there already.
    """
    notebook = read(path)
    if not any(FIRST in source(cell) and LANDMARK in source(cell) for cell in notebook["cells"]):
        raise KitError(
            "expected a lesson from before the move, got a notebook without its setup cell"
        )
    problems = update(notebook)
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    # Half of a letter, as an output may hold it, becomes an escape, which JSON has too.
    data = text.encode(errors="backslashreplace")
    old = path.with_suffix(".old.ipynb")
    if old.exists():
        raise KitError(f"{old} exists: move it away first, so that no copy is lost")
    files.write_bytes(old, path.read_bytes())
    files.write_bytes(path, data)
    return problems


def main() -> int:
    """Update the lessons that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lessons", nargs="+", type=cli.path, metavar="LESSON.ipynb")
    lessons = parser.parse_args().lessons
    return console.run_program("update_notebook", functools.partial(update_all, lessons))


def update_all(lessons: list[Path]) -> int:
    """Update lessons, one after another; return the exit status, 1 if anything is left to do."""
    status = console.DONE
    for path in lessons:
        try:
            problems = update_file(path)
        except (KitError, OSError) as bad:
            console.complain(f"{path}: left as it is: {console.describe(bad)}")
            status = console.FAILED
            continue
        console.say(f"{path}: updated; the old one is {path.with_suffix('.old.ipynb').name}")
        for problem in problems:
            console.complain(f"{path}: {problem}")
            status = console.FAILED
    return status


if __name__ == "__main__":
    sys.exit(main())
