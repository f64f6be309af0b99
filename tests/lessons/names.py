"""List what lessons take from colorkit: python tests/lessons/names.py FOLDER.

The command reads the lessons in FOLDER and writes FOLDER/names.json.
"""

import ast
import json
import sys
from pathlib import Path

import nbformat

PACKAGE = "colorkit"


def in_lesson(path: Path) -> list[str]:
    """List the names that a lesson's code cells use, sorted, such as "color.rgb_to_lab".

    A module that is imported and not used is listed by its own name, such as "files".
    """
    cells = nbformat.read(path, as_version=4).cells
    return sorted(used("\n".join(cell.source for cell in cells if cell.cell_type == "code")))


def used(source: str) -> set[str]:
    """Return the names that a program uses, as `in_lesson` lists them.

    Raises:
        ValueError: the program gives a module's name to something else, too.
    """
    nodes = list(ast.walk(ast.parse(source)))
    modules, found = {}, set()  # modules: by the name that each has in the program
    for node in nodes:
        module = (getattr(node, "module", None) or "").removeprefix(f"{PACKAGE}.")
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
            modules |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and module != node.module:
            found |= {f"{module}.{alias.name}" for alias in node.names}
    for node in nodes:
        if (given := _given(node)) in modules:
            raise ValueError(f"expected {given} to be a module alone, got another use of the name")
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in modules:
            found.add(f"{modules[node.value.id]}.{node.attr}")
    taken_from = {name.partition(".")[0] for name in found}
    return found | {module for module in modules.values() if module not in taken_from}


def _given(node: ast.AST) -> str | None:
    """Return the name that a node gives to a value: to a variable, an argument, a function."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    if isinstance(node, ast.arg):
        return node.arg
    return node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else None


def main() -> None:
    """Write the names of all lessons in a folder."""
    folder = Path(sys.argv[1])
    found = {path.stem: in_lesson(path) for path in sorted(folder.glob("*.ipynb"))}
    (folder / "names.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
