"""The rule about links; test_accessibility.py applies it to the lessons and guides."""

import pytest

from tools.accessibility import links, pages

OWN = "https://github.com/a/b/blob/v1"
BADGE = "https://colab.research.google.com/github/a/b/blob/v1"
OTHER = "# Some page\n\n## It's `code`, 1 x 1\n\n## Twice\n\n## Twice\n"


@pytest.fixture
def problem(tmp_path):
    """What is said of a link on docs/page.md; empty for a good one."""
    for name, text in (
        ("README.md", f"[Open]({BADGE}/x.md)"),
        ("docs/other.md", OTHER),
        ("data/a b.png", ""),
        (".github/ISSUE_TEMPLATE/bug.md", ""),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    def of(target: str) -> str:
        page = tmp_path / "docs" / "page.md"
        page.write_text(f"# Page\n\n## A part\n\n[text]({target})\n", encoding="utf-8")
        found = list(links.targets(pages.read(page, tmp_path)))
        assert len(found) <= 1
        return found[0].removeprefix(f"docs/page.md, line 5: {target} ") if found else ""

    return of


@pytest.mark.parametrize(
    "target",
    [
        "other.md",
        "../README.md",
        "../data",
        "../data/a%20b.png",
        "#a-part",
        "other.md#its-code-1-x-1",
        "other.md#twice",
        "other.md#twice-1",
        f"{OWN}/docs/other.md#some-page",
        f"{BADGE}/docs/other.md",
        "https://github.com/c/d/blob/main/nothing.md",
        "https://example.org/x#y",
        "../../../issues/new?template=bug.md",
        "mailto:a@b.c",
    ],
)
def test_a_good_link(problem, target):
    assert problem(target) == ""


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("lost.md", "leads to nothing in this repository"),
        ("README.md", "leads to nothing in this repository"),
        ("../../outside.md", "leads to nothing in this repository"),
        ("#no-part", "leads to no heading of page.md"),
        ("other.md#twice-2", "leads to no heading of other.md"),
        ("../data/a%20b.png#x", "names a place within a file that only a Markdown page has"),
        (
            "../../../issues/new?template=praise.md",
            "asks for a form that is not in .github/ISSUE_TEMPLATE",
        ),
        ("../../issues/new?template=bug.md", "leads to nothing in this repository"),
        (f"{OWN}/docs/lost.md", "leads to nothing in this repository"),
        (f"{BADGE}/docs/other.md#x", "leads to no heading of docs/other.md"),
    ],
)
def test_a_bad_link(problem, target, message):
    assert problem(target) == message


def test_a_picture_s_address_too(tmp_path):
    (tmp_path / "README.md").write_text("![A face](lost.png)", encoding="utf-8")
    assert list(links.targets(pages.read(tmp_path / "README.md", tmp_path))) == [
        "README.md, line 1: lost.png leads to nothing in this repository"
    ]
