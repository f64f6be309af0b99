"""Reads the teacher's guide and the lessons that it speaks of, for the tests that hold one against the other."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from helpers import KIT

GUIDE = KIT / "instructor"
PAGES = sorted(GUIDE.glob("*.md"))
LESSONS = sorted((KIT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
COURSE, EXTENSIONS = (
    LESSONS[:5],
    LESSONS[5:],
)  # the schedules are of the course; extensions have sessions of their own
NUMBERED = re.compile(r"\d\.\d ")
PREDICT = "**Predict.**"
EXERCISE = re.compile(r"^### Exercise (\d\.\d): (.+?) \(", re.MULTILINE)


def page(name: str) -> str:
    return (GUIDE / f"{name}.md").read_text()


def part(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    marks = heading.partition(" ")[0]
    found = re.search(
        rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(marks)}}} |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, row by row, without their heads."""
    table = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    rules = {place for place, cells in enumerate(table) if set("".join(cells)) <= set(":-")}
    return [cells for place, cells in enumerate(table) if not {place, place + 1} & rules]


@dataclass
class Section:
    """What stands below a numbered heading of a lesson. `printed`: the stored outputs of its cells, pictures left out."""

    prose: str = ""
    code: list[str] = field(default_factory=list)
    printed: str = ""


@functools.cache
def lesson(path: Path) -> dict[str, Section]:
    """A lesson's sections by their heading; what stands before the first one and after the last is under ""."""
    found, name = {"": Section()}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            found[name].code.append(cell.source)
            texts = [
                output.get("text") or output.get("data", {}).get("text/markdown", "")
                for output in cell.outputs
            ]
            found[name].printed += "".join(texts)
            continue
        for piece in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            if heading := re.match(r"## (.+)", piece):
                name = heading[1] if NUMBERED.match(heading[1]) else ""
            found.setdefault(name, Section()).prose += piece + "\n"
    return found


def sections(paths: Sequence[Path] = tuple(LESSONS)) -> dict[str, Section]:
    """All numbered sections of lessons, of all of them if nothing else is said."""
    return {name: section for path in paths for name, section in lesson(path).items() if name}


def exercises(paths: Sequence[Path] = tuple(LESSONS)) -> dict[str, str]:
    """Titles of the exercises of lessons by their number."""
    return {
        number: title
        for section in sections(paths).values()
        for number, title in EXERCISE.findall(section.prose)
    }
