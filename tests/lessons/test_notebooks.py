"""Test the form of the committed lessons.

What their cells do is checked by running them: `make lessons`. The levels of their headings, their
alt texts and their links are tested in test_accessibility.py.
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
    r"\(https://colab\.research\.google\.com/github/"
    r"([\w.-]+/[\w.-]+)/blob/([\w.-]+)/(notebooks/\w+\.ipynb)\)"
)
ABSOLUTE = re.compile(r"/(?:home|root|Users|tmp|work|usr|var|opt|content)/\w|[A-Z]:\\\\")


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def lesson(path):
    return nbformat.read(path, as_version=4)


def select_code(lesson):
    return [cell for cell in lesson.cells if cell.cell_type == "code"]


def read_prose(lesson):
    return [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]


def read_tables(lesson):
    """Return the tables that are stored as outputs, as Markdown."""
    outputs = [output for cell in select_code(lesson) for output in cell.outputs]
    data = [output.get("data", {}) for output in outputs]
    return [found["text/markdown"] for found in data if "text/markdown" in found]


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
    named = re.findall(r"^## (.+)$", "\n\n".join(read_prose(lesson)), re.MULTILINE)
    assert [text for text in named if text in HEADINGS] == HEADINGS


def test_recall_has_five_questions(lesson):
    text = next(text for text in read_prose(lesson) if "## Recall" in text)
    questions = text.split("## Recall")[1].split("## ")[0]
    assert len(re.findall(r"^\d\. ", questions, re.MULTILINE)) == 5


def test_objectives_are_three_to_five(lesson):
    text = next(text for text in read_prose(lesson) if "## Objectives" in text)
    assert 3 <= len(re.findall(r"^- ", text.split("## Objectives")[1], re.MULTILINE)) <= 5


def test_no_widget_state(lesson):
    assert "widgets" not in lesson.metadata


def test_no_absolute_paths(path):
    # the setup cell names the place where Colab mounts Drive
    text = path.read_text(encoding="utf-8").replace("/content/drive", "", 2)
    assert not ABSOLUTE.search(text)


def test_badge_opens_this_lesson(path, lesson):
    found = BADGE.findall("\n".join(read_prose(lesson)))
    assert [target for _, _, target in found] == [f"notebooks/{path.name}"]


def test_badges_and_setup_name_one_repository():
    setups = {select_code(nbformat.read(path, as_version=4))[0].source for path in LESSONS}
    badges = {BADGE.search(path.read_text(encoding="utf-8")).group(1, 2) for path in LESSONS}
    assert len(setups) == 1, "the setup cell must be the same in every lesson"
    assert badges == {re.search(r'REPOSITORY, TAG = "(.+)", "(.+)"', setups.pop()).groups()}


def test_cells_are_short(lesson):
    lengths = [len(cell.source.splitlines()) for cell in select_code(lesson)]
    assert max(lengths) <= 40
    assert statistics.median(lengths) <= 8


def test_was_run_from_top_to_bottom(lesson):
    assert [cell.execution_count for cell in select_code(lesson)] == list(
        range(1, len(select_code(lesson)) + 1)
    )
    kinds = {output.output_type for cell in select_code(lesson) for output in cell.outputs}
    assert "error" not in kinds


def test_checked_cells_have_something_to_compare(lesson):
    """Without a stored output or an execution count, nbval compares nothing and passes the cell."""
    checked = [cell for cell in select_code(lesson) if CHECKED in cell.metadata.get("tags", [])]
    assert checked
    for cell in checked:
        assert cell.execution_count is not None
        assert any(output.get("text", "").strip() for output in cell.outputs), cell.source


def test_figures_are_shown_by_show(lesson):
    """A figure that is shown by chance has no alt text, even if its output was not stored."""
    makers = re.compile(r"plots\.(?:face_grid|planes|comparison_grid|error_maps|curves|lines)\(")
    for cell in select_code(lesson):
        assert "plt.show" not in cell.source
        assert cell.source.count("plots.show(") >= len(makers.findall(cell.source))


def test_every_curve_and_table_has_its_baselines(lesson):
    """Without a baseline an error says nothing."""
    drawn = re.compile(r"(?:plots\.curves|plots\.LiveCurves|plots\.describe_curves)\([^()]*\)")
    source = "\n".join(cell.source for cell in select_code(lesson))
    calls = drawn.findall(source)
    assert all("references" in call for call in calls), calls
    assert not calls or "references = evaluation.references(train, val)" in source
    baselines = ("grey", "mean color", "mean color given L")
    for table in read_tables(lesson):
        assert "MSE |" not in table or all(f"| {name} |" in table for name in baselines)


def test_no_warnings_are_stored(lesson):
    outputs = [output for cell in select_code(lesson) for output in cell.outputs]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]


def test_nothing_is_left_to_fill_in(path):
    assert not re.search(r"@[A-Z]+\d?@", path.read_text(encoding="utf-8"))


def test_help_can_be_asked_for(lesson):
    """Only the text names `hint` and `solution`: a linter would call their import unused."""
    source = "\n".join(cell.source for cell in select_code(lesson))
    assert "from colorkit.exercises import check, hint, progress, solution" in source
