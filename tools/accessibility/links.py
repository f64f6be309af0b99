"""Whether links and pictures lead to something that is in the checkout, headings within a page included. Other sites are not asked."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from . import pages
from .pages import Heading, Link, Page, Picture

OWN = re.compile(
    r"https://(?:colab\.research\.google\.com/github|github\.com)/(?P<name>[\w.-]+/[\w.-]+)/blob/[\w.-]+/(?P<path>[^?]+)"
)


def targets(page: Page) -> Iterator[str]:
    """A line for every link or picture that leads nowhere, or that Colab can't follow."""
    for thing in page.things:
        if (
            isinstance(thing, Link | Picture)
            and thing.target
            and (problem := _problem(page, thing.target))
        ):
            yield f"{thing.where}: {thing.target} {problem}"


def _problem(page: Page, target: str) -> str:
    """What is wrong with a link's target; empty if nothing is."""
    if (own := OWN.match(target)) and own["name"] == repository(page.kit):
        return _leads(page.kit, page.kit, own["path"])
    if re.match(r"[a-z]+:", target):
        return ""
    if page.is_lesson:
        return "is relative: opened in Colab, a lesson has no files beside it; give the address on GitHub"
    # a page's address on GitHub is OWNER/NAME/blob/TAG/its path: from there it's two more steps up to OWNER/NAME
    if form := re.fullmatch(
        re.escape("../" * (page.name.count("/") + 2)) + r"issues/new\?template=([\w.-]+)", target
    ):
        return (
            ""
            if (page.kit / ".github" / "ISSUE_TEMPLATE" / form[1]).exists()
            else "asks for a form that .github/ISSUE_TEMPLATE hasn't"
        )
    return _leads(
        page.kit, page.path.parent, page.path.name + target if target.startswith("#") else target
    )


def repository(kit: Path) -> str:
    """OWNER/NAME, to which the badges of a checkout's README lead (`publish.py` sets it)."""
    found = OWN.search((kit / "README.md").read_text())
    return found["name"] if found else ""


def _leads(kit: Path, folder: Path, target: str) -> str:
    """What is wrong with a path and an anchor, seen from a folder of the checkout."""
    place, _, anchor = unquote(target).partition("#")
    path = (folder / place).resolve()
    if not path.is_relative_to(kit.resolve()) or not path.exists():
        return "leads to nothing in this repository"
    if anchor and path.suffix != ".md":
        return "names a place within a file that only a Markdown page has"
    if anchor and anchor not in anchors(pages.read(path, kit.resolve())):
        return f"leads to no heading of {place}"
    return ""


def anchors(page: Page) -> set[str]:
    """What GitHub calls a page's headings: lower case, no punctuation, hyphens for spaces, a number from the second of one name on."""
    found, seen = set(), Counter()
    for heading in page.all(Heading):
        slug = re.sub(r"[^\w\- ]", "", heading.text.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found
