"""A Markdown file or a notebook as a list of what its reader meets, in order: headings, paragraphs, pictures, links, tables, code.

Markdown is parsed as GitHub does it (markdown-it, CommonMark with tables), each Markdown cell of a notebook by itself, as Jupyter shows it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import nbformat
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

KIT = Path(__file__).resolve().parents[2]
MARKDOWN = MarkdownIt("commonmark").enable("table")
STANDARD = (
    "README.md",
    "CONTRIBUTING.md",
    "data/README.md",
    "data/weights/README.md",
    "benchmarks/README.md",
    "renderer/README.md",
    "docs/*.md",
    "instructor/*.md",
    "notebooks/0*.ipynb",
)


class Heading(NamedTuple):
    """A heading and its level, 1 to 6."""

    where: str
    level: int
    text: str


class Prose(NamedTuple):
    """The words of a paragraph, a list's item or a whole table, without code and pictures."""

    where: str
    text: str


class Picture(NamedTuple):
    """A picture, whose address is empty for a figure that a cell put out; of a linked one the alt text is the link's text."""

    where: str
    alt: str
    target: str = ""
    linked: bool = False


class Link(NamedTuple):
    """A link; the alt texts of pictures in it belong to its text."""

    where: str
    text: str
    target: str


class Table(NamedTuple):
    """A table's header cells."""

    where: str
    header: list[str]


class Fence(NamedTuple):
    """A fenced block of code, and the language that it names."""

    where: str
    language: str


class Code(NamedTuple):
    """A code cell: its source, what it printed, and the alt texts of the figures that it put out."""

    where: str
    source: str
    printed: str
    alts: list[str]


Thing = Heading | Prose | Picture | Link | Table | Fence | Code


@dataclass(frozen=True)
class Page:
    """What stands on a page, in order.

    Attributes:
        path: of its file.
        kit: the checkout that it belongs to.
        things: headings, paragraphs and so on, each knowing where it is.
    """

    path: Path
    kit: Path
    things: list[Thing]

    @property
    def name(self) -> str:
        """Its path within the checkout."""
        return self.path.relative_to(self.kit).as_posix()

    @property
    def is_lesson(self) -> bool:
        """Whether it is a notebook."""
        return self.path.suffix == ".ipynb"

    def all(self, kind: type) -> list:
        """All things of one kind, in order."""
        return [thing for thing in self.things if isinstance(thing, kind)]


def standard(kit: Path = KIT) -> list[Path]:
    """The files of a checkout that people read: guides and lessons."""
    return [path for pattern in STANDARD for path in sorted(kit.glob(pattern))]


def read(path: Path, kit: Path = KIT) -> Page:
    """Read a Markdown file or a notebook; places are named relative to the checkout."""
    name = path.relative_to(kit).as_posix()
    if path.suffix == ".ipynb":
        things = [
            thing
            for cell in nbformat.read(path, as_version=4).cells
            for thing in _cell(cell, f"{name}, cell {cell.id}")
        ]
    else:
        things = list(_markdown(path.read_text(), lambda line: f"{name}, line {line}"))
    return Page(path, kit, things)


def _cell(cell: nbformat.NotebookNode, where: str) -> Iterator[Thing]:
    if cell.cell_type == "markdown":
        yield from _markdown(cell.source, lambda line: where)
    elif cell.cell_type == "code":
        kinds = [
            (kind, output)
            for output in cell.outputs
            for kind in output.get("data", {})
            if kind.startswith("image/")
        ]
        alts = [output.metadata.get(kind, {}).get("alt", "") for kind, output in kinds]
        printed = "".join(
            output.get("text", "") + output.get("data", {}).get("text/markdown", "")
            for output in cell.outputs
        )
        yield Code(where, cell.source, printed, alts)
        yield from (Picture(where, alt) for alt in alts)


def _markdown(text: str, place: Callable[[int], str]) -> Iterator[Thing]:
    """The things in a Markdown text; `place` names a line."""
    for node in SyntaxTreeNode(MARKDOWN.parse(text)).walk():
        where = place(_line(node))
        match node.type:
            case "heading":
                yield Heading(where, int(node.tag[1]), words(node, "code_inline"))
            case "paragraph" if words(node).strip():
                yield Prose(where, words(node))
            case "table":
                rows = [row.children for part in node.children for row in part.children]
                yield Table(where, [words(cell, "code_inline", "image") for cell in rows[0]])
                yield Prose(where, " | ".join(words(cell) for row in rows for cell in row))
            case "image":
                yield Picture(where, node.content, node.attrs["src"], _is_in_link(node))
            case "link":
                yield Link(where, words(node, "code_inline", "image"), node.attrs["href"])
            case "fence":
                yield Fence(where, node.info.strip())
            case "html_block" | "html_inline":
                yield from _html(node.content, where)


def _line(node: SyntaxTreeNode) -> int:
    """Where a node starts; of what stands within a line, where its paragraph does."""
    while not node.is_root and not node.map:
        node = node.parent
    return 1 if node.is_root else node.map[0] + 1


def _is_in_link(node: SyntaxTreeNode) -> bool:
    return not node.is_root and (node.type == "link" or _is_in_link(node.parent))


def words(node: SyntaxTreeNode, *more: str) -> str:
    """The text in a node: that of its code spans and the alt texts of its pictures only where they are asked for."""
    if node.type in ("text", *more):
        return node.content
    if node.type == "image":
        return ""
    return (
        " "
        if node.type in ("softbreak", "hardbreak")
        else "".join(words(child, *more) for child in node.children)
    )


class _Images(HTMLParser):
    """Collects the img elements of a piece of HTML."""

    def __init__(self):
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append({name: value or "" for name, value in attrs})


def _html(text: str, where: str) -> Iterator[Picture]:
    parser = _Images()
    parser.feed(text)
    yield from (
        Picture(where, image.get("alt", ""), image.get("src", "")) for image in parser.found
    )
