"""How a benchmark's figures get into benchmarks/README.md: one table between two marks."""

from pathlib import Path

from colorkit import files

HERE = Path(__file__).resolve().parent
END = "<!-- end -->\n"


def met(good: bool, target: str) -> str:
    """A target, and whether it was met."""
    return f"{target}: {'met' if good else 'missed'}"


def markdown(rows: list[tuple[str, str, str]], note: str) -> str:
    """The table of (what, figure, target) and a line under it."""
    lines = [
        "| measured | figure | target |",
        "|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    return "\n".join([*lines, "", note, ""])


def publish(script: str, result: dict, table: str, out: Path) -> None:
    """Write the JSON and print the table; where the JSON goes to this folder, put the table into the README too."""
    files.write_json(out, result)
    print(table)
    if out.parent == HERE:
        files.write_between(
            HERE / "README.md", f"<!-- table: python benchmarks/{script} -->\n", END, table
        )
