"""Read a Markdown file or a notebook as a list of what its reader meets, in order.

These are headings, paragraphs, pictures, links, tables and code. Markdown is parsed as on GitHub
(markdown-it, CommonMark with tables). Each Markdown cell of a notebook is parsed by itself, as
Jupyter shows it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple, TypeVar

import nbformat
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from ..checkout import KIT

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
    """The words of a paragraph, of a list's item or of a whole table, without code and pictures."""

    where: str
    text: str


class Picture(NamedTuple):
    """A picture.

    Attributes:
        alt: alt text; that of a linked picture is the text of the link.
        target: address; empty for a figure among a cell's outputs.
        linked: whether the picture is a link.
    """

    where: str
    alt: str
    target: str = ""
    linked: bool = False


class Link(NamedTuple):
    """A link; its text includes the alt texts of pictures in it."""

    where: str
    text: str
    target: str


class Table(NamedTuple):
    """A table's header cells."""

    where: str
    header: list[str]


class Fence(NamedTuple):
    """A fenced block of code, and the language that it names (empty if none)."""

    where: str
    language: str


class Code(NamedTuple):
    """A code cell: its source, its printed output, and the alt texts of its figures."""

    where: str
    source: str
    printed: str
    alts: list[str]


Thing = Heading | Prose | Picture | Link | Table | Fence | Code
T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """Everything on a page, in order.

    Attributes:
        path: file of the page.
        kit: checkout that the page belongs to.
        things: headings, paragraphs and so on, each knowing where it is.
    """

    path: Path
    kit: Path
    things: list[Thing]

    @property
    def name(self) -> str:
        """Return the page's path within the checkout."""
        return self.path.relative_to(self.kit).as_posix()

    @property
    def is_lesson(self) -> bool:
        """Tell whether the page is a notebook."""
        return self.path.suffix == ".ipynb"

    def all(self, kind: type[T]) -> list[T]:
        """Return all things of one kind, in order."""
        return [thing for thing in self.things if isinstance(thing, kind)]


def standard(kit: Path = KIT) -> list[Path]:
    """List the files of a checkout that people read: guides and lessons."""
    return [path for pattern in STANDARD for path in sorted(kit.glob(pattern))]


def read(path: Path, kit: Path = KIT) -> Page:
    """Read a Markdown file or a notebook; places are named relative to the checkout."""
    name = path.relative_to(kit).as_posix()
    if path.suffix == ".ipynb":
        things = []
        for cell in nbformat.read(path, as_version=4).cells:
            things += _read_cell(cell, f"{name}, cell {cell.id}")
    else:
        things = list(
            _read_markdown(path.read_text(encoding="utf-8"), lambda line: f"{name}, line {line}")
        )
    return Page(path, kit, things)


def _read_cell(cell: nbformat.NotebookNode, where: str) -> Iterator[Thing]:
    """Read the things in a notebook's cell."""
    if cell.cell_type == "markdown":
        yield from _read_markdown(cell.source, lambda line: where)
    elif cell.cell_type == "code":
        alts = []
        printed = ""
        for output in cell.outputs:
            data = output.get("data", {})
            kinds = [kind for kind in data if kind.startswith("image/")]
            alts += [output.metadata.get(kind, {}).get("alt", "") for kind in kinds]
            printed += output.get("text", "") + data.get("text/markdown", "")
        yield Code(where, cell.source, printed, alts)
        for alt in alts:
            yield Picture(where, alt)


def _read_markdown(text: str, place: Callable[[int], str]) -> Iterator[Thing]:
    """Read the things in a Markdown text; `place` names a line."""
    for node in SyntaxTreeNode(MARKDOWN.parse(text)).walk():
        where = place(_find_line(node))
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
                yield from _read_html(node.content, where)


def _find_line(node: SyntaxTreeNode) -> int:
    """Find the line where a node starts; for a node within a line, where its paragraph starts."""
    while not node.is_root and not node.map:
        node = node.parent
    return 1 if node.is_root else node.map[0] + 1


def _is_in_link(node: SyntaxTreeNode) -> bool:
    """Tell whether a node is a link or part of one."""
    return not node.is_root and (node.type == "link" or _is_in_link(node.parent))


def words(node: SyntaxTreeNode, *more: str) -> str:
    """Return the text in a node.

    Args:
        node: node of the parsed page.
        more: other types of node whose text counts: "code_inline", or "image" for alt texts.
    """
    if node.type in ("text", *more):
        return node.content
    if node.type == "image":
        return ""
    if node.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(words(child, *more) for child in node.children)


class _Images(HTMLParser):
    """A parser that collects the img elements of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes of an img element."""
        if tag == "img":
            self.found.append({name: value or "" for name, value in attrs})


def _read_html(text: str, where: str) -> Iterator[Picture]:
    """Read the pictures in a piece of HTML."""
    parser = _Images()
    parser.feed(text)
    for image in parser.found:
        yield Picture(where, image.get("alt", ""), image.get("src", ""))
