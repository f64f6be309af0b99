"""The form of the committed lessons. What their cells do is checked by running them: `make lessons`. Their headings' levels, alt texts and
links are in test_accessibility.py.
"""

import re
import statistics

import nbformat
import pytest
from helpers import KIT

LESSONS = sorted((KIT / "notebooks").glob("*.ipynb"))
HEADINGS = [
    "Objectives",
    "Setup",
    "Where we are",
    "Key points",
    "Recall",
    "Stretch",
    "Troubleshooting",
]
MAX_BYTES = 1_500_000
CHECKED = "nbval-check-output"
BADGE = re.compile(
    r"\(https://colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)/blob/([\w.-]+)/(notebooks/\w+\.ipynb)\)"
)
ABSOLUTE = re.compile(r"/(?:home|root|Users|tmp|work|usr|var|opt|content)/\w|[A-Z]:\\\\")


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def lesson(path):
    return nbformat.read(path, as_version=4)


def code(lesson):
    return [cell for cell in lesson.cells if cell.cell_type == "code"]


def prose(lesson):
    return [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]


def test_there_are_five_and_an_extension():
    names = [
        "01_data_prep",
        "02_cnn",
        "03_resnet",
        "04_gan",
        "05_evaluation",
        "06_beyond_grey",
        "07_hints_and_old_photos",
    ]
    assert [path.stem for path in LESSONS] == names


def test_is_valid_and_small(path, lesson):
    nbformat.validate(lesson)
    assert path.stat().st_size <= MAX_BYTES


def test_headings(lesson):
    named = [
        text for part in prose(lesson) for text in re.findall(r"^## (.+)$", part, re.MULTILINE)
    ]
    assert [text for text in named if text in HEADINGS] == HEADINGS


def test_recall_has_five_questions(lesson):
    text = next(text for text in prose(lesson) if "## Recall" in text)
    questions = text.split("## Recall")[1].split("## ")[0]
    assert len(re.findall(r"^\d\. ", questions, re.MULTILINE)) == 5


def test_objectives_are_three_to_five(lesson):
    text = next(text for text in prose(lesson) if "## Objectives" in text)
    assert 3 <= len(re.findall(r"^- ", text.split("## Objectives")[1], re.MULTILINE)) <= 5


def test_no_widget_state(lesson):
    assert "widgets" not in lesson.metadata


def test_no_absolute_paths(path):
    text = path.read_text().replace(
        'Path(\\"/content/drive\\")', "", 1
    )  # the setup cell's: where Colab mounts Drive
    assert not ABSOLUTE.search(text)


def test_badge_opens_this_lesson(path, lesson):
    found = BADGE.findall("\n".join(prose(lesson)))
    assert [target for _, _, target in found] == [f"notebooks/{path.name}"]


def test_badges_and_setup_name_one_repository():
    setups = {code(nbformat.read(path, as_version=4))[0].source for path in LESSONS}
    badges = {BADGE.search(path.read_text()).group(1, 2) for path in LESSONS}
    assert len(setups) == 1, "the setup cell must be the same in every lesson"
    assert badges == {re.search(r'REPOSITORY, TAG = "(.+)", "(.+)"', setups.pop()).groups()}


def test_cells_are_short(lesson):
    lengths = [len(cell.source.splitlines()) for cell in code(lesson)]
    assert max(lengths) <= 40
    assert statistics.median(lengths) <= 8


def test_was_run_from_top_to_bottom(lesson):
    assert [cell.execution_count for cell in code(lesson)] == list(range(1, len(code(lesson)) + 1))
    kinds = {output.output_type for cell in code(lesson) for output in cell.outputs}
    assert "error" not in kinds


def test_checked_cells_have_something_to_compare(lesson):
    """nbval lets a checked cell pass that has no stored output or no execution count: it would compare nothing."""
    checked = [cell for cell in code(lesson) if CHECKED in cell.metadata.get("tags", [])]
    assert checked
    for cell in checked:
        assert cell.execution_count is not None
        assert any(output.get("text", "").strip() for output in cell.outputs), cell.source


def test_figures_are_shown_by_show(lesson):
    """A figure that is shown by chance has no alt text; this also holds for cells whose output was not stored."""
    makers = re.compile(r"plots\.(?:face_grid|planes|comparison_grid|error_maps|curves|lines)\(")
    for cell in code(lesson):
        assert "plt.show" not in cell.source
        assert cell.source.count("plots.show(") >= len(makers.findall(cell.source))


def test_every_curve_and_table_has_its_baselines(lesson):
    """Without them a figure says nothing."""
    drawn = re.compile(r"(?:plots\.curves|plots\.LiveCurves|plots\.describe_curves)\([^()]*\)")
    source = "\n".join(cell.source for cell in code(lesson))
    calls = drawn.findall(source)
    assert all("references" in call for call in calls), calls
    assert not calls or "references = evaluation.references(train, val)" in source
    for table in (
        output.data["text/markdown"]
        for cell in code(lesson)
        for output in cell.outputs
        if "text/markdown" in output.get("data", {})
    ):
        assert "MSE |" not in table or all(
            f"| {name} |" in table for name in ("grey", "mean color", "mean color given L")
        )


def test_no_warnings_are_stored(lesson):
    assert not [
        output.text
        for cell in code(lesson)
        for output in cell.outputs
        if output.get("name") == "stderr"
    ]


def test_nothing_is_left_to_fill_in(path):
    assert not re.search(r"@[A-Z]+\d?@", path.read_text())


def test_help_can_be_asked_for(lesson):
    """`hint` and `solution` are named in the text alone, so a linter would call their import unused."""
    source = "\n".join(cell.source for cell in code(lesson))
    assert "from colorkit.exercises import check, hint, progress, solution" in source
