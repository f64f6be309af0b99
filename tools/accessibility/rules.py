"""Rules that keep the lessons and guides readable for everyone, with a screen reader too.

Each rule takes a page and yields a line for each problem. A rule can see that an alt text or a
number is there, but not that it is the right one: that takes a reader.
"""

import ast
import itertools
import re
from collections.abc import Callable, Iterator

from . import glossary, links
from .pages import Code, Fence, Heading, Link, Page, Picture, Prose, Table, Thing

SHORTEST_ALT = 20  # characters; less can't say what a picture shows
EMPTY_ALT = re.compile(
    r"(an? |the )?(image|picture|photo|figure|graphic|plot|grid)s?( of\b|\W*\d*\W*$)", re.IGNORECASE
)  # a screen reader says that anyway
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
FILE = re.compile(r"[\w./-]+\.[a-z]{2,5}\b|\bREADME\b")  # a name, not an acronym
# The functions of plots whose figures carry no number: what the eye finds in them needs one nearby.
BARE = {"face_grid"}


def headings(page: Page) -> Iterator[str]:
    """Require one heading of level 1, before everything else, and no missing level below it."""
    found = page.all(Heading)
    if not page.things or not isinstance(page.things[0], Heading) or page.things[0].level != 1:
        yield f"{page.name}: begins without a heading of level 1"
    titles = [heading for heading in found if heading.level == 1]
    for heading in titles[1:]:
        yield f"{heading.where}: {heading.text!r} is a second heading of level 1"
    for above, below in itertools.pairwise(found):
        if below.level > above.level + 1:
            yield f"{below.where}: {below.text!r} jumps from level {above.level} to {below.level}"


def alt_texts(page: Page) -> Iterator[str]:
    """Require that every picture says in a sentence or two what it shows, each in its own words."""
    last = None
    for picture in page.all(Picture):
        alt = picture.alt.strip()
        problem = _find_alt_problem(alt, picture.linked)
        if problem:
            yield f"{picture.where}: {problem}"
        if last is not None and alt and last.alt.strip() == alt:
            yield f"{picture.where}: the alt text {alt!r} is that of the picture before"
        last = picture


def _find_alt_problem(alt: str, linked: bool) -> str:
    """Say what is wrong with an alt text, or "" if nothing is; that of a link may be short."""
    if not alt:
        return "a picture has no alt text"
    if EMPTY_ALT.match(alt):
        return f"the alt text {alt!r} says that it is a picture, not what it shows"
    if len(alt) < SHORTEST_ALT and not linked:
        return f"the alt text {alt!r} is too short to say what the picture shows"
    if not alt.endswith((".", "?")) and not linked:
        return f"the alt text {alt!r} ends without a period, at which a voice would pause"
    return ""


def stored_alt_texts(page: Page) -> Iterator[str]:
    """Require that a cell's alt text is the one that is stored with its figure."""
    for code in page.all(Code):
        for call in _find_calls(code, "show"):
            keywords = [keyword.value for keyword in call.keywords]
            for alt in [*call.args[1:], *keywords]:
                if isinstance(alt, ast.Constant) and alt.value not in code.alts:
                    stored = "isn't the one stored with the figure: refresh the outputs"
                    yield f"{code.where}: the alt text {alt.value!r} {stored}"


def link_texts(page: Page) -> Iterator[str]:
    """Require that a link's text says where it leads, and that equal texts lead to one place."""
    places: dict[str, str] = {}
    for link in page.all(Link):
        text = " ".join(link.text.split())
        if text.lower().strip(".") in VAGUE | {""}:
            yield f"{link.where}: the link text {text!r} doesn't say where it leads ({link.target})"
        elif places.setdefault(text, link.target) != link.target:
            two = f"two links say {text!r} and lead to {places[text]} and {link.target}"
            yield f"{link.where}: {two}"
    for prose in page.all(Prose):
        if found := ADDRESS.search(prose.text):
            link = "make it a link that says what is there"
            yield f"{prose.where}: the text contains an address ({found[0]}): {link}"


def tables(page: Page) -> Iterator[str]:
    """Require that every column has a heading."""
    for table in page.all(Table):
        if not all(cell.strip() for cell in table.header):
            header = " | ".join(table.header)
            yield f"{table.where}: a table's header has an empty cell ({header}): name every column"


def fences(page: Page) -> Iterator[str]:
    """Require that a fenced block names its language. (Commands are indented blocks.)"""
    for fence in page.all(Fence):
        if not fence.language:
            name = "name it, or indent it if it holds commands"
            yield f"{fence.where}: a fenced block names no language: {name}"


def known_acronyms(page: Page) -> Iterator[str]:
    """Require that every word in capitals has an entry in the glossary."""
    known = {word for entry in glossary.entries() for word in _find_acronyms(entry.term)}
    for thing in page.things:
        for word in _find_acronyms(_words_of(thing)):
            if not {word, word.removesuffix("s")} & known:
                known.add(word)  # one line is enough
                missing = f"{word} is not in docs/glossary.md"
                yield f"{thing.where}: {missing}: add an entry there, or use another word"


def _words_of(thing: Thing) -> str:
    """Return the words of a thing in which an acronym would have to be known."""
    if isinstance(thing, Prose | Heading):
        return thing.text
    if isinstance(thing, Picture):
        return thing.alt
    return ""


def _find_acronyms(text: str) -> list[str]:
    """Find the acronyms in a text.

    Those are words with two capitals side by side (OpenCV), and words of which at least two
    letters and at least half of them are capitals (CNN, ReLU, AuC, but not PyTorch).
    """
    found = []
    for word in re.findall(r"[A-Za-z0-9]+", FILE.sub("", text)):
        capitals = sum(map(str.isupper, word))
        letters = sum(map(str.isalpha, word))
        mostly = capitals >= 2 and capitals >= letters / 2
        if mostly or re.search("[A-Z]{2}", word):
            found.append(word)
    return found


def first_uses(page: Page) -> Iterator[str]:
    """Require that lessons and the README spell out a term where they first use it.

    That is in the same paragraph, item or table; for a term in a heading, in the first of these
    below it. Every page counts alone: people open one without the others.
    """
    unseen = {entry.term: entry.expansion for entry in glossary.entries() if entry.expansion}
    if not page.is_lesson and page.name != "README.md":
        return
    above = ""
    for thing in page.things:
        if isinstance(thing, Heading):
            above += f"{thing.text}\n"
        elif isinstance(thing, Prose):
            text = above + thing.text
            above = ""
            for term in [term for term in unseen if _is_in(term, text)]:
                expansion = unseen.pop(term)
                if _simplify(expansion) not in _simplify(text):
                    first = f"{term} is used for the first time and not spelled out"
                    yield f'{thing.where}: {first}, as in "{expansion} ({term})"'


def _is_in(term: str, text: str) -> bool:
    """Tell whether a text uses a term, or its plural."""
    return bool(re.search(rf"(?<![\w-]){re.escape(term)}s?(?!\w)", text))


def _simplify(text: str) -> str:
    """Return the words in lower case with one space between them, without "and"."""
    return " ".join(word for word in re.findall(r"\w+", text.lower()) if word != "and")


def numbers(page: Page) -> Iterator[str]:
    """Require a number for every judgment by eye.

    Where a figure carries none, a cell of its section must print some.
    """
    sections: list[list[Code]] = [[]]
    for thing in page.things:
        if isinstance(thing, Heading):
            sections.append([])
        elif isinstance(thing, Code):
            sections[-1].append(thing)
    for section in sections:
        bare = [code for code in section if any(_find_calls(code, name) for name in BARE)]
        if bare and not any(re.search(r"\d", code.printed) for code in section):
            silent = "shows pictures without a number, and no cell of its section prints one"
            yield f"{bare[0].where}: {silent}"


def _find_calls(code: Code, name: str) -> list[ast.Call]:
    """Find the calls of `plots.<name>` in a cell."""
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
    """Return a line for everything on a page that breaks a rule."""
    return [problem for rule in RULES for problem in rule(page)]
