"""Read the entries of docs/glossary.md.

The page itself is the only list of the course's words and of what its acronyms stand for. An entry
is an item of a list: **term** (what it stands for): one or two sentences, `names.in_the_code`, a
link to where it comes up. Only a term that must be spelled out at its first use in a lesson has the
parenthesis.
"""

from pathlib import Path
from typing import NamedTuple

from markdown_it.tree import SyntaxTreeNode

from ..checkout import KIT
from .pages import MARKDOWN, words

GLOSSARY = KIT / "docs" / "glossary.md"


class Entry(NamedTuple):
    """One word of the course.

    Attributes:
        letter: heading that the entry is under.
        term: the word.
        expansion: what the word stands for, if it must be spelled out; empty otherwise.
        text: explanation.
        codes: names in the code that the explanation mentions.
        links: addresses of its links.
    """

    letter: str
    term: str
    expansion: str
    text: str
    codes: list[str]
    links: list[str]


def entries(path: Path = GLOSSARY) -> list[Entry]:
    """Read the entries in order.

    Raises:
        ValueError: an item doesn't have the form of an entry; the message shows it.
    """
    found = []
    letter = ""
    for node in SyntaxTreeNode(MARKDOWN.parse(path.read_text(encoding="utf-8"))).walk():
        if node.type == "heading":
            letter = words(node)
        elif node.type == "list_item":
            found.append(_entry(node, letter))
    return found


def _entry(item: SyntaxTreeNode, letter: str) -> Entry:
    """Read one item of a list as an entry."""
    inline = item.children[0].children[0]
    first, *rest = [child for child in inline.children if child.type != "text" or child.content]
    term = words(first)
    head, colon, text = "".join(words(child, "code_inline") for child in rest).partition(": ")
    expansion = head.strip().removeprefix("(").removesuffix(")")
    if first.type != "strong" or not colon or head != (f" ({expansion})" if expansion else ""):
        start = words(inline, "code_inline")[:60]
        form = "an entry begins **term**: or **term** (what it stands for):"
        raise ValueError(f"{form}, not {start!r}")
    below = list(inline.walk())
    codes = [node.content for node in below if node.type == "code_inline"]
    links = [node.attrs["href"] for node in below if node.type == "link"]
    return Entry(letter, term, expansion, text, codes, links)
