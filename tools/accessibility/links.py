"""Check that links and pictures lead to something in the checkout, headings of a page included.

Other sites are not asked.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from . import pages
from .pages import Heading, Link, Page, Picture

OWN = re.compile(
    r"https://(?:colab\.research\.google\.com/github|github\.com)/"
    r"(?P<name>[\w.-]+/[\w.-]+)/blob/[\w.-]+/(?P<path>[^?]+)"
)


def targets(page: Page) -> Iterator[str]:
    """Find every link or picture that leads nowhere, or that Colab can't follow."""
    for thing in page.things:
        if isinstance(thing, Link | Picture) and thing.target:
            problem = _find_problem(page, thing.target)
            if problem:
                yield f"{thing.where}: {thing.target} {problem}"


def _find_problem(page: Page, target: str) -> str:
    """Say what is wrong with a link's target, or "" if nothing is."""
    own = OWN.match(target)
    if own and own["name"] == repository(page.kit):
        return _check_path(page.kit, page.kit, own["path"])
    if re.match(r"[a-z]+:", target):
        return ""
    if page.is_lesson:
        why = "opened in Colab, a lesson has no files beside it"
        return f"is relative: {why}; give the address on GitHub"
    # On GitHub a page is at OWNER/NAME/blob/TAG/its path: OWNER/NAME is two more steps up.
    up = "../" * (page.name.count("/") + 2)
    form = re.fullmatch(re.escape(up) + r"issues/new\?template=([\w.-]+)", target)
    if form:
        exists = (page.kit / ".github" / "ISSUE_TEMPLATE" / form[1]).exists()
        return "" if exists else "asks for a form that is not in .github/ISSUE_TEMPLATE"
    if target.startswith("#"):
        target = page.path.name + target
    return _check_path(page.kit, page.path.parent, target)


def repository(kit: Path) -> str:
    """Read OWNER/NAME from the badges of a checkout's README; `publish.py` sets it."""
    found = OWN.search((kit / "README.md").read_text(encoding="utf-8"))
    return found["name"] if found else ""


def _check_path(kit: Path, folder: Path, target: str) -> str:
    """Say what is wrong with a path and an anchor, seen from a folder of the checkout."""
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
    """Return the anchors that GitHub gives a page's headings.

    They are in lower case, without punctuation, with hyphens for spaces. From the second heading of
    the same name on, a number follows.
    """
    found = set()
    seen = Counter()
    for heading in page.all(Heading):
        slug = re.sub(r"[^\w\- ]", "", heading.text.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found
