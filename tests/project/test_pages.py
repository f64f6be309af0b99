"""How a Markdown file and a notebook become what their reader meets."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.accessibility import pages
from tools.accessibility.pages import Code, Fence, Heading, Link, Picture, Prose, Table

TEXT = """# A *page* of `code`

One
**two** `three` a\\*. [Four ![Five](5.png)
`six`](6.md)

| a | `b` |
|---|---|
| [c](c.md) | d |

- e

  ```python
  x
  ```

      y

<p align="center"><img src="7.png" alt="Seven"><img src="8.png"></p>
"""


def test_a_guide_in_order(tmp_path):
    path = tmp_path / "docs" / "x.md"
    path.parent.mkdir()
    path.write_text(TEXT, encoding="utf-8")
    page = pages.read(path, tmp_path)
    assert (page.name, page.is_lesson) == ("docs/x.md", False)
    assert page.things == [
        Heading("docs/x.md, line 1", 1, "A page of code"),
        Prose("docs/x.md, line 3", "One two  a*. Four  "),
        Link("docs/x.md, line 3", "Four Five six", "6.md"),
        Picture("docs/x.md, line 3", "Five", "5.png", linked=True),
        Table("docs/x.md, line 7", ["a", "b"]),
        Prose("docs/x.md, line 7", "a |  | c | d"),
        Link("docs/x.md, line 9", "c", "c.md"),
        Prose("docs/x.md, line 11", "e"),
        Fence("docs/x.md, line 13", "python"),
        Picture("docs/x.md, line 19", "Seven", "7.png"),
        Picture("docs/x.md, line 19", "", "8.png"),
    ]


def test_a_lesson_in_order(tmp_path):
    png = {"image/png": "QUJD", "text/plain": "<Figure 1>"}
    outputs = [
        new_output("stream", text="one\n"),
        new_output("display_data", data=png, metadata={"image/png": {"alt": "Two."}}),
        new_output("display_data", data={"image/svg+xml": "<svg/>"}),
        new_output("display_data", data={"text/markdown": "| 3 |", "text/plain": "<Markdown 4>"}),
    ]
    cells = [
        new_markdown_cell("# A", id="a"),
        new_code_cell("b()", id="b", outputs=outputs),
        new_markdown_cell("![C](c.png)", id="c"),
    ]
    path = tmp_path / "x.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    page = pages.read(path, tmp_path)
    assert page.is_lesson
    assert page.things == [
        Heading("x.ipynb, cell a", 1, "A"),
        Code("x.ipynb, cell b", "b()", "one\n| 3 |", ["Two.", ""]),
        Picture("x.ipynb, cell b", "Two."),
        Picture("x.ipynb, cell b", ""),
        Picture("x.ipynb, cell c", "C", "c.png"),
    ]
    assert page.all(Heading) == page.things[:1]


@pytest.mark.parametrize(
    "name", ["instructor/guide.md", "docs/new.md", "notebooks/06_beyond_grey.ipynb"]
)
def test_pages_to_come_are_read_too(tmp_path, name):
    for other in (name, "docs/grid.png", "notebooks/solved_01.ipynb"):
        (tmp_path / other).parent.mkdir(exist_ok=True)
        (tmp_path / other).touch()
    assert pages.standard(tmp_path) == [tmp_path / name]
