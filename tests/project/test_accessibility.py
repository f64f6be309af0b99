"""Lessons and guides keep the rules of `tools/accessibility`; each rule finds what breaks it."""

import inspect
import runpy

import nbformat
import pytest
from helpers import KIT
from matplotlib.figure import Figure
from matplotlib.text import Text
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from colorkit import color, models, plots
from colorkit.evaluation import baselines
from tools.accessibility import pages, rules

pytestmark = pytest.mark.newest

PAGES = pages.standard()
ALT = "Two faces, one of them grey."
GLOSSARY = "https://github.com/OWNER/REPOSITORY/blob/main/docs/glossary.md"
BADGE = "https://colab.research.google.com/github/a/b/blob/main/picture.png"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(KIT).as_posix())
def test_the_page_keeps_all_rules(path):
    assert rules.problems(pages.read(path)) == []


def test_every_kind_of_page_is_read():
    names = {path.relative_to(KIT).as_posix() for path in PAGES}
    assert {
        "README.md",
        "CONTRIBUTING.md",
        "data/README.md",
        "docs/glossary.md",
        "docs/scaling.md",
        "benchmarks/README.md",
    } <= names
    assert set((KIT / "notebooks").glob("*.ipynb")) <= set(PAGES)


def guide(tmp_path, text: str) -> pages.Page:
    path = tmp_path / "README.md"
    path.write_text(text, encoding="utf-8")
    return pages.read(path, tmp_path)


def figure(alt: str | None) -> nbformat.NotebookNode:
    """Make a cell's output: a picture."""
    return new_output(
        "display_data",
        data={"image/png": "QUJD"},
        metadata={} if alt is None else {"image/png": {"alt": alt}},
    )


def lesson(tmp_path, *cells) -> pages.Page:
    """Read a notebook of Markdown texts and of (source, outputs)."""
    made = [
        new_markdown_cell(cell)
        if isinstance(cell, str)
        else new_code_cell(cell[0], outputs=cell[1])
        for cell in cells
    ]
    for number, cell in enumerate(made):
        cell["id"] = f"c{number}"
    path = tmp_path / "01_x.ipynb"
    nbformat.write(new_notebook(cells=made), path)
    return pages.read(path, tmp_path)


GOOD = f"""# A page

A convolutional neural network (CNN), or two CNNs, and [a picture](picture.png).
It has `CODE` and OTHER.md.

![{ALT}](picture.png)

## Below

| run | MSE |
|---|---:|
| one | mean squared error |

```python
x = 1
```

    make run

### And below

[![Open the page](picture.png)](README.md#below) [![Open in Colab](picture.png)]({BADGE})
"""


def test_a_good_guide_has_no_problem(tmp_path):
    (tmp_path / "picture.png").touch()
    assert rules.problems(guide(tmp_path, GOOD)) == []


BAD_GUIDES = {
    "no heading": ("Text", "README.md: begins without a heading of level 1"),
    "a late heading": ("Text\n\n# A", "README.md: begins without a heading of level 1"),
    "a low heading": ("## A", "README.md: begins without a heading of level 1"),
    "two titles": ("# A\n\n# B", "README.md, line 3: 'B' is a second heading of level 1"),
    "a level left out": ("# A\n\n### B", "README.md, line 3: 'B' jumps from level 1 to 3"),
    "no alt text": ("# A\n\n![](p.png)", "README.md, line 3: a picture has no alt text"),
    "no alt text in HTML": (
        "# A\n\n<p>\n<img src='p.png'></p>",
        "README.md, line 3: a picture has no alt text",
    ),
    "an empty word": (
        "# A\n\n![Image 3](p.png)",
        "README.md, line 3: the alt text 'Image 3' says that it is a picture, not what it shows",
    ),
    "image of": (
        "# A\n\n![A picture of two faces in the sun.](p.png)",
        "says that it is a picture, not what it shows",
    ),
    "a short alt text": (
        "# A\n\n![Two faces.](p.png)",
        "the alt text 'Two faces.' is too short to say what the picture shows",
    ),
    "no period": (
        "# A\n\n![Two faces, one of them grey](p.png)",
        "ends without a period, at which a voice would pause",
    ),
    "the neighbor's": (
        f"# A\n\n![{ALT}](p.png)\n\n![{ALT}](q.png)",
        f"line 5: the alt text '{ALT}' is that of the picture before",
    ),
    "here": (
        "# A\n\nSee [here](p.png).",
        "README.md, line 3: the link text 'here' doesn't say where it leads (p.png)",
    ),
    "this": ("# A\n\nSee [This.](p.png)", "the link text 'This.' doesn't say where it leads"),
    "an empty link": ("# A\n\n[](p.png)", "the link text '' doesn't say where it leads"),
    "a link of an address": (
        "# A\n\n<https://a.b/c>",
        "the text contains an address (https://a.b/c): make it a link that says what is there",
    ),
    "a bare address": (
        "# A\n\n(see https://a.b/c).",
        "the text contains an address (https://a.b/c): make it a link",
    ),
    "one text, two places": (
        "# A\n\n[Page two](p.png), [page one](p.png), [page one](q.png)",
        "two links say 'page one' and lead to p.png and q.png",
    ),
    "no header": (
        "# A\n\n| | |\n|---|---|\n| a | b |",
        "README.md, line 3: a table's header has an empty cell ( | ): name every column",
    ),
    "no language": (
        "# A\n\n```\nx = 1\n```",
        "README.md, line 3: a fenced block names no language",
    ),
    "an unknown acronym": (
        "# A\n\nThe QXZs.",
        "README.md, line 3: QXZs is not in docs/glossary.md: "
        "add an entry there, or use another word",
    ),
    "one in mixed letters": (
        "# A\n\nPyTorch, Colab and QuX.",
        "README.md, line 3: QuX is not in docs/glossary.md",
    ),
    "one in a heading": ("# The QXZ", "README.md, line 1: QXZ is not in docs/glossary.md"),
    "one in a table": (
        "# A\n\n| a |\n|---|\n| QXZ |",
        "README.md, line 3: QXZ is not in docs/glossary.md",
    ),
    "one in an alt text": (
        "# A\n\n![Two faces by QXZ, grey.](p.png)",
        "README.md, line 3: QXZ is not in docs/glossary.md",
    ),
    "not spelled out": (
        "# A\n\nA CNN.",
        "CNN is used for the first time and not spelled out, "
        'as in "convolutional neural network (CNN)"',
    ),
    "spelled out too late": (
        "# A\n\nTwo GANs.\n\nA generative adversarial network.",
        "line 3: GAN is used for the first time and not spelled",
    ),
    "spelled out elsewhere": (
        "# A\n\nMean squared error.\n\n## The MSE\n\nIt.",
        "README.md, line 7: MSE is used for the first time and",
    ),
    "a lost file": (
        "# A\n\n[A page](lost.md)",
        "README.md, line 3: lost.md leads to nothing in this repository",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD_GUIDES.values(), ids=BAD_GUIDES)
def test_a_bad_guide_is_found(tmp_path, text, message):
    for name in ("p.png", "q.png"):
        (tmp_path / name).touch()
    found = rules.problems(guide(tmp_path, text))
    assert len(found) == 1, found
    assert message in found[0]


TITLE = "# 1. A lesson\n\n## Look"
SHOW = "plots.show(plots.face_grid(rgb), alt={!r})"
BAD_LESSONS = {
    "a figure without alt text": (
        [TITLE, ("plots.show(f, alt=words)", [figure(None)])],
        "01_x.ipynb, cell c1: a picture has no alt text",
    ),
    "another alt text": (
        [
            TITLE,
            (SHOW.format("Old."), [figure(ALT)]),
            ("print(1)", [new_output("stream", text="1")]),
        ],
        "'Old.' isn't the one stored",
    ),
    "no number": (
        [TITLE, (SHOW.format(ALT), [figure(ALT)])],
        "c1: shows pictures without a number, and no cell of its section prints one",
    ),
    "a number in another section": (
        [
            TITLE,
            ("print(1)", [new_output("stream", text="1")]),
            "### Next",
            (SHOW.format(ALT), [figure(ALT)]),
        ],
        "cell c3: shows pictures without a number",
    ),
    "a number's name": (
        [TITLE, (SHOW.format(ALT), [new_output("stream", text="none"), figure(ALT)])],
        "cell c1: shows pictures without a number",
    ),
    "a relative link": (
        [TITLE, "[A page](p.png)"],
        "cell c1: p.png is relative: opened in Colab, a lesson has no files beside it",
    ),
    "headings over cells": (
        [TITLE, "#### Deeper"],
        "01_x.ipynb, cell c1: 'Deeper' jumps from level 2 to 4",
    ),
    "an acronym over cells": (
        [TITLE, "An MSE.", "The mean squared error (MSE)."],
        "01_x.ipynb, cell c1: MSE is used for the first time",
    ),
}


@pytest.mark.parametrize(("cells", "message"), BAD_LESSONS.values(), ids=BAD_LESSONS)
def test_a_bad_lesson_is_found(tmp_path, cells, message):
    (tmp_path / "README.md").write_text(
        "[Open](https://colab.research.google.com/github/OWNER/REPOSITORY/blob/main/x.ipynb)",
        encoding="utf-8",
    )
    (tmp_path / "p.png").touch()
    found = rules.problems(lesson(tmp_path, *cells))
    assert len(found) == 1, found
    assert message in found[0]


def test_a_good_lesson_has_no_problem(tmp_path):
    (tmp_path / "README.md").write_text(
        "[Open](https://colab.research.google.com/github/OWNER/REPOSITORY/blob/main/x.ipynb)",
        encoding="utf-8",
    )
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "glossary.md").touch()
    printed = new_output("stream", text="chroma 11")
    good = lesson(
        tmp_path,
        TITLE,
        f"The CNN, a convolutional neural network: the [glossary]({GLOSSARY}).",
        (SHOW.format(ALT), [figure(ALT), printed]),
    )
    assert rules.problems(good) == []
    more = lesson(
        tmp_path,
        TITLE,
        "No MSE",
        (SHOW.format(ALT), [figure(ALT)]),
        ("rows", [new_output("display_data", data={"text/markdown": "| 1 |"})]),
    )
    assert list(rules.numbers(more)) == []


def has_number(made: Figure) -> bool:
    """Tell whether a figure's own words have a number."""
    made.draw_without_rendering()
    return any(
        any(map(str.isdigit, text.get_text())) for text in made.findobj(Text) if text.get_visible()
    )


def test_figures_that_carry_no_number_are_known(val):
    """The rule `numbers` relies on this: which functions make figures without a number."""
    epochs = [{"epoch": 1, "mse": 2.0, "val_mse": 3.0, "accuracy": 0.5, "val_accuracy": 0.5}]
    made = {
        "face_grid": plots.face_grid(val.rgb),
        "planes": plots.planes(val.rgb[0], color.from_storage(val.lab[0])),
        "comparison_grid": plots.comparison_grid(val, [baselines.Grey()]),
        "error_maps": plots.error_maps(val, [baselines.Grey()]),
        "curves": plots.curves({"cnn": epochs}, {"mean color": 9}),
        "lines": plots.lines({"a": [3, 2]}, "MSE"),
        "architecture": plots.architecture(models.build_cnn()),
    }
    functions = dict(inspect.getmembers(plots, inspect.isfunction))
    makers = {
        name
        for name, function in functions.items()
        if inspect.signature(function).return_annotation is Figure
    }
    assert set(made) == makers
    assert {name for name, one in made.items() if not has_number(one)} == rules.BARE


@pytest.mark.parametrize(
    ("text", "printed", "status"),
    [(GOOD, "no problems\n", 0), ("# A\n\nQX, QY.", "QX is not in", 1)],
)
def test_the_command_lists_problems(tmp_path, monkeypatch, capsys, text, printed, status):
    (tmp_path / "picture.png").touch()
    page = guide(tmp_path, text)
    monkeypatch.setattr(pages, "standard", lambda: [page.path])
    monkeypatch.setattr(pages, "read", lambda path, kit=tmp_path: page)
    with pytest.raises(SystemExit) as end:
        runpy.run_module("tools.accessibility", run_name="__main__")
    assert end.value.code == status
    assert printed in capsys.readouterr().out
