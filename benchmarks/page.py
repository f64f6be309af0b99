"""Put a benchmark's numbers into benchmarks/README.md: one table between two marks."""

from pathlib import Path
from typing import Any, TypeAlias

from here import HERE

from colorkit import files

END = "<!-- end -->\n"
HEADER = "| measured | value | target |\n|---|---|---|"

Row: TypeAlias = tuple[str, str, str]
"""A row of the table: what was measured, its value, the target (empty where there is none)."""


def met(good: bool, target: str) -> str:
    """Return a target with the word "met" or "missed"."""
    return f"{target}: {'met' if good else 'missed'}"


def markdown(rows: list[Row], note: str) -> str:
    """Write the table and a line under it, in Markdown."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([HEADER, *lines, "", note, ""])


def list_versions(versions: dict[str, str]) -> str:
    """List versions as in "keras 3.13.2, numpy 2.1.3"."""
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def publish(script: str, result: dict[str, Any], table: str, out: Path) -> None:
    """Write the JSON and print the table; put the table into the README if the JSON lies beside it.

    Args:
        script: file name of the benchmark.
        result: all numbers.
        table: the table in Markdown.
        out: file of the JSON.
    """
    files.write_json(out, result)
    print(table)
    if out.parent == HERE:
        mark = f"<!-- table: python benchmarks/{script} -->\n"
        files.write_between(HERE / "README.md", mark, END, table)
