"""What keeps the lessons and guides readable for everyone, a screen reader included: rules over pages, each giving a line a problem.

A rule can see that an alt text or a number is there, not that it is the right one: that takes a reader.
"""

import ast
import itertools
import re
from collections.abc import Callable, Iterator

from . import glossary, links
from .pages import Code, Fence, Heading, Link, Page, Picture, Prose, Table

SHORTEST_ALT = 20  # characters; less can't say what a picture shows
EMPTY_ALT = re.compile(
    r"(an? |the )?(image|picture|photo|figure|graphic|plot|grid)s?( of\b|\W*\d*\W*$)", re.IGNORECASE
)  # a reader is told as much
VAGUE = {
    "here",
    "click here",
    "this",
    "this page",
    "this link",
    "link",
    "page",
    "more",
    "read more",
    "see",
    "see here",
    "details",
}
ADDRESS = re.compile(r"(https?://|www\.)[^\s)]*")
FILE = re.compile(r"[\w./-]+\.[a-z]{2,5}\b|\bREADME\b")  # a name, no acronym
BARE = {
    "face_grid"
}  # functions of plots whose figures carry no number: what the eye finds in them needs one nearby


def headings(page: Page) -> Iterator[str]:
    """One heading of level 1, before everything else; below it no level is left out."""
    found = page.all(Heading)
    if not page.things or not isinstance(page.things[0], Heading) or page.things[0].level != 1:
        yield f"{page.name}: begins without a heading of level 1"
    for heading in [heading for heading in found if heading.level == 1][1:]:
        yield f"{heading.where}: {heading.text!r} is a second heading of level 1"
    for above, below in itertools.pairwise(found):
        if below.level > above.level + 1:
            yield f"{below.where}: {below.text!r} jumps from level {above.level} to {below.level}"


def alt_texts(page: Page) -> Iterator[str]:
    """Every picture says in words what it shows, as a sentence or two, and not what the picture before it said."""
    last = None
    for picture in page.all(Picture):
        alt = picture.alt.strip()
        if not alt:
            yield f"{picture.where}: a picture has no alt text"
        elif EMPTY_ALT.match(alt):
            yield f"{picture.where}: the alt text {alt!r} says that it is a picture, not what it shows"
        elif len(alt) < SHORTEST_ALT and not picture.linked:  # a linked one's is the text of a link
            yield f"{picture.where}: the alt text {alt!r} is too short to say what the picture shows"
        elif not alt.endswith((".", "?")) and not picture.linked:
            yield f"{picture.where}: the alt text {alt!r} ends without a period, at which a voice would pause"
        if last is not None and alt and last.alt.strip() == alt:
            yield f"{picture.where}: the alt text {alt!r} is that of the picture before"
        last = picture


def stored_alt_texts(page: Page) -> Iterator[str]:
    """A cell's alt text is the one that is stored with its figure."""
    for code in page.all(Code):
        for call in _calls(code, "show"):
            for alt in [*call.args[1:], *(keyword.value for keyword in call.keywords)]:
                if isinstance(alt, ast.Constant) and alt.value not in code.alts:
                    yield f"{code.where}: the alt text {alt.value!r} isn't the one stored with the figure: refresh the outputs"


def link_texts(page: Page) -> Iterator[str]:
    """A link says where it leads, read by itself; two with one text lead to one place."""
    places: dict[str, str] = {}
    for link in page.all(Link):
        text = " ".join(link.text.split())
        if text.lower().strip(".") in VAGUE | {""}:
            yield f"{link.where}: the link text {text!r} doesn't say where it leads ({link.target})"
        elif places.setdefault(text, link.target) != link.target:
            yield f"{link.where}: two links say {text!r} and lead to {places[text]} and {link.target}"
    for prose in page.all(Prose):
        if found := ADDRESS.search(prose.text):
            yield f"{prose.where}: an address stands in the text ({found[0]}): make it a link that says what is there"


def tables(page: Page) -> Iterator[str]:
    """Every column has a heading."""
    for table in page.all(Table):
        if not all(cell.strip() for cell in table.header):
            yield f"{table.where}: a table's header has an empty cell ({' | '.join(table.header)}): name every column"


def fences(page: Page) -> Iterator[str]:
    """A fenced block names its language. (Commands are indented blocks.)"""
    for fence in page.all(Fence):
        if not fence.language:
            yield f"{fence.where}: a fenced block names no language: name it, or indent it if it holds commands"


def known_acronyms(page: Page) -> Iterator[str]:
    """Every word in capitals has an entry in the glossary."""
    known = {word for entry in glossary.entries() for word in _acronyms(entry.term)}
    for thing in page.things:
        said = (
            thing.text
            if isinstance(thing, Prose | Heading)
            else thing.alt
            if isinstance(thing, Picture)
            else ""
        )
        for word in _acronyms(said):
            if not {word, word.removesuffix("s")} & known:
                known.add(word)  # one line is enough
                yield f"{thing.where}: {word} is not in docs/glossary.md: add an entry there, or use another word"


def _acronyms(text: str) -> list[str]:
    """The words of which capitals, two or more, are at least half (CNN, ReLU, AuC, but not PyTorch) or stand side by side (OpenCV)."""
    found = []
    for word in re.findall(r"[A-Za-z0-9]+", FILE.sub("", text)):
        capitals, letters = sum(map(str.isupper, word)), sum(map(str.isalpha, word))
        if re.search("[A-Z]{2}", word) or 2 <= capitals >= letters / 2:
            found.append(word)
    return found


def first_uses(page: Page) -> Iterator[str]:
    """What a reader may not know is spelled out where a lesson, or the README, first uses it: each stands alone.

    That is in the same paragraph, item or table; under a heading, in the first of these.
    """
    unseen = {entry.term: entry.expansion for entry in glossary.entries() if entry.expansion}
    if not page.is_lesson and page.name != "README.md":
        return
    above = ""
    for thing in page.things:
        if isinstance(thing, Heading):
            above += f"{thing.text}\n"
        elif isinstance(thing, Prose):
            text, above = above + thing.text, ""
            for term in [
                term for term in unseen if re.search(rf"(?<![\w-]){re.escape(term)}s?(?!\w)", text)
            ]:
                expansion = unseen.pop(term)
                if _plain(expansion) not in _plain(text):
                    yield f'{thing.where}: {term} is used for the first time and not spelled out, as in "{expansion} ({term})"'


def _plain(text: str) -> str:
    """Words in lower case with one space between, without "and"."""
    return " ".join(word for word in re.findall(r"\w+", text.lower()) if word != "and")


def numbers(page: Page) -> Iterator[str]:
    """Every judgement by eye has its number: where a figure carries none, a cell of its section prints some."""
    sections: list[list[Code]] = [[]]
    for thing in page.things:
        if isinstance(thing, Heading):
            sections.append([])
        elif isinstance(thing, Code):
            sections[-1].append(thing)
    for section in sections:
        bare = [code for code in section if any(_calls(code, name) for name in BARE)]
        if bare and not any(re.search(r"\d", code.printed) for code in section):
            yield f"{bare[0].where}: shows pictures without a number, and no cell of its section prints one"


def _calls(code: Code, name: str) -> list[ast.Call]:
    """The calls of `plots.<name>` in a cell."""
    calls = [node for node in ast.walk(ast.parse(code.source)) if isinstance(node, ast.Call)]
    return [call for call in calls if ast.unparse(call.func) == f"plots.{name}"]


RULES: tuple[Callable[[Page], Iterator[str]], ...] = (
    headings,
    alt_texts,
    stored_alt_texts,
    link_texts,
    tables,
    fences,
    known_acronyms,
    first_uses,
    numbers,
    links.targets,
)


def problems(page: Page) -> list[str]:
    """A line for everything that breaks a rule."""
    return [problem for rule in RULES for problem in rule(page)]
