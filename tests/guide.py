"""Read the teacher's guide and its lessons, for the tests that compare one with the other."""

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
# the schedules are for the course; extensions have sessions of their own
COURSE = LESSONS[:5]
EXTENSIONS = LESSONS[5:]
NUMBERED = re.compile(r"\d\.\d ")
PREDICT = "**Predict.**"
EXERCISE = re.compile(r"^### Exercise (\d\.\d): (.+?) \(", re.MULTILINE)


def page(name: str) -> str:
    return (GUIDE / f"{name}.md").read_text(encoding="utf-8")


def part(text: str, heading: str) -> str:
    """Return the text below a heading, up to the next one of its level or above."""
    level = len(heading.partition(" ")[0])
    end = rf"(?=^#{{1,{level}}} |\Z)"
    body = rf"^{re.escape(heading)}\n(.*?){end}"
    found = re.search(body, text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in a text, row by row, without their headers."""
    lines = [line.strip("|") for line in text.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.split("|")] for line in lines]
    # below each header stands a rule, such as |---|:---:|
    rules = {place for place, cells in enumerate(table) if set("".join(cells)) <= set(":-")}
    return [cells for place, cells in enumerate(table) if not {place, place + 1} & rules]


@dataclass
class Section:
    """What stands below a numbered heading of a lesson.

    Attributes:
        prose: its Markdown.
        code: the source of its code cells.
        printed: the stored outputs of its cells, without pictures.
    """

    prose: str = ""
    code: list[str] = field(default_factory=list)
    printed: str = ""


@functools.cache
def lesson(path: Path) -> dict[str, Section]:
    """Return a lesson's sections by their headings.

    What stands before the first one and after the last one is under "".
    """
    found = {"": Section()}
    name = ""
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
    """Return all numbered sections of some lessons; of all lessons by default."""
    return {name: section for path in paths for name, section in lesson(path).items() if name}


def exercises(paths: Sequence[Path] = tuple(LESSONS)) -> dict[str, str]:
    """Return the titles of the exercises of some lessons by their numbers."""
    return {
        number: title
        for section in sections(paths).values()
        for number, title in EXERCISE.findall(section.prose)
    }
