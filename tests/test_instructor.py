"""The teacher's guide says what the lessons and the kit say: sections, minutes, questions, messages and figures."""

import ast
import csv
import functools
import io
import itertools
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from helpers import FACES, KIT

from colorkit import baselines, building, cli, color, configs, intervals, losses, metrics, models, profiles, resnet50, splits, turns, widgets
from colorkit.splits import Split

GUIDE = KIT / "instructor"
PAGES = sorted(GUIDE.glob("*.md"))
LESSONS = sorted((KIT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
SCHEDULES = ("1 x 3 h", "2 x 90 min", "5 x 50 min")
NUMBERED = re.compile(r"\d\.\d ")
PREDICT = "**Predict.**"
EXERCISE = re.compile(r"^### Exercise (\d\.\d): (.+?) \(", re.MULTILINE)


def page(name: str) -> str:
    return (GUIDE / f"{name}.md").read_text()


def part(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    marks = heading.partition(" ")[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(marks)}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, row by row, without their heads."""
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    rules = {place for place, cells in enumerate(table) if set("".join(cells)) <= set(":-")}
    return [cells for place, cells in enumerate(table) if not {place, place + 1} & rules]


@dataclass
class Section:
    """What stands below a numbered heading of a lesson. `printed`: the stored outputs of its cells, pictures left out."""

    prose: str = ""
    code: list[str] = field(default_factory=list)
    printed: str = ""


@functools.cache
def lesson(path: Path) -> dict[str, Section]:
    """A lesson's sections by their heading; what stands before the first one and after the last is under ""."""
    found, name = {"": Section()}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            found[name].code.append(cell.source)
            found[name].printed += "".join(output.get("text", "") or output.get("data", {}).get("text/markdown", "") for output in cell.outputs)
            continue
        for piece in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            if heading := re.match(r"## (.+)", piece):
                name = heading[1] if NUMBERED.match(heading[1]) else ""
            found.setdefault(name, Section()).prose += piece + "\n"
    return found


def sections() -> dict[str, Section]:
    """All numbered sections of all lessons."""
    return {name: section for path in LESSONS for name, section in lesson(path).items() if name}


def exercises() -> dict[str, str]:
    """Titles of all exercises by their number."""
    return {number: title for section in sections().values() for number, title in EXERCISE.findall(section.prose)}


# README.md: the schedules


def sessions(schedule: str) -> list[tuple[int, list[list[str]]]]:
    """Of each session its stated minutes and its rows: minutes, section, what is done in class."""
    found = re.findall(r"^[\w ]+: (\d+) minutes\n\n((?:\|.*\n)+)", part(page("README"), f"### {schedule}"), re.MULTILINE)
    return [(int(total), rows(table)) for total, table in found]


def scheduled(schedule: str) -> list[list[str]]:
    """The rows that are sections."""
    return [row for _, table in sessions(schedule) for row in table if NUMBERED.match(row[1])]


def left_out(schedule: str) -> set[str]:
    """The sections that a schedule leaves out."""
    lines = re.findall(r"^- (\d\.\d .+)$", part(page("README"), f"### {schedule}"), re.MULTILINE)
    found = {name for name in sections() for line in lines if line.startswith(name)}
    assert len(found) == len(lines)
    return found


def choices() -> list[list[str]]:
    """The table of exercises: number and title, and for each schedule "class" or "home"."""
    return rows(part(page("README"), "## Schedules").split("### ")[0])


def in_class(schedule: str) -> set[str]:
    column = 1 + SCHEDULES.index(schedule)
    assert {row[column] for row in choices()} == {"class", "home"}
    return {row[0].partition(" ")[0] for row in choices() if row[column] == "class"}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_minutes_of_each_session_add_up(schedule):
    count, length, unit = re.match(r"(\d) x (\d+) (\w+)", schedule).groups()
    found = sessions(schedule)
    assert [total for total, _ in found] == [int(length) * (60 if unit == "h" else 1)] * int(count)
    for total, table in found:
        assert sum(int(row[0]) for row in table) == total, table[0]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_section_is_scheduled_once_or_left_out(schedule):
    names = [row[1] for row in scheduled(schedule)]
    assert names == sorted(set(names))
    assert sorted([*names, *left_out(schedule)]) == sorted(sections())


def test_every_exercise_stands_in_the_table_by_its_title():
    assert [row[0] for row in choices()] == [f"{number} {title}" for number, title in exercises().items()]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_exercises_are_done_in_their_section(schedule):
    for _, name, what in scheduled(schedule):
        here = {number for number, _ in EXERCISE.findall(sections()[name].prose)}
        assert set(re.findall(r"\d\.\d", what)) == here & in_class(schedule), name


@pytest.fixture
def minutes(monkeypatch):
    monkeypatch.syspath_prepend(str(KIT / "tools"))
    import minutes

    return minutes


def needed(minutes, name: str, what: str) -> float:
    """Minutes that a section takes by the rules of the lessons' tables, with the exercises and the panel that a schedule names."""
    prose = sections()[name].prose
    words = len(re.findall(r"\w[\w'.*]*", minutes.CODE.sub(" ", prose)))
    doing = minutes.EXERCISE * len(re.findall(r"\d\.\d", what)) + minutes.PANEL * ("panel" in what)
    return words / minutes.WORDS + minutes.PREDICTION * prose.count(PREDICT) + doing


def compute(path: Path) -> float:
    """Minutes, from the lesson's table of facts."""
    number, unit = re.search(r"\| Compute \| ([\d.]+) (s|min) on", lesson(path)[""].prose).groups()
    return float(number) / (60 if unit == "s" else 1)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_minutes_suffice(minutes, schedule):
    for given, name, what in scheduled(schedule):
        assert int(given) >= round(needed(minutes, name, what)), (name, needed(minutes, name, what))
    for path in LESSONS:
        table = [row for row in scheduled(schedule) if row[1] in lesson(path)]
        least = sum(needed(minutes, name, what) for _, name, what in table) + compute(path)
        assert sum(int(row[0]) for row in table) >= least, (path.stem, least)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_panels_are_where_the_schedule_says(schedule):
    for name in [name for _, name, what in scheduled(schedule) if "panel" in what]:
        assert "**A question for the panel.**" in sections()[name].prose


def test_the_sum_of_all_lessons(minutes):
    notebooks = [nbformat.read(path, as_version=4) for path in LESSONS]
    everything = sum(minutes.reading(each) + minutes.doing(each) for each in notebooks) + sum(map(compute, LESSONS))
    text = " ".join(page("README").split())
    assert int(re.search(r"takes about (\d+) minutes", text)[1]) == pytest.approx(everything, abs=5)
    counted = f"{minutes.WORDS} words a minute, {minutes.PREDICTION} minute a prediction, {minutes.EXERCISE} an exercise, {minutes.PANEL} a panel"
    assert counted in text
    assert f"({minutes.EXERCISE * len(exercises())} minutes) do not fit into three hours" in text


def names(code: list[str], context: type) -> set[str]:
    """The names that cells set (ast.Store) or need (ast.Load); imports and definitions set them too."""
    found = set()
    for node in (node for source in code for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            found.add(node.id)
        elif context is ast.Store and isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif context is ast.Store and isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return found


def missed(cut: set[str]) -> set[tuple[str, str]]:
    """Sections that need a name which only sections that were cut set, and that name."""
    found = set()
    for path in LESSONS:
        kept = {name: section.code for name, section in lesson(path).items() if name not in cut}
        gone = [source for name, section in lesson(path).items() if name in cut for source in section.code]
        lost = names(gone, ast.Store) - names([source for code in kept.values() for source in code], ast.Store)
        found |= {(name, lack) for name, code in kept.items() for lack in names(code, ast.Load) & lost}
    return found


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_nothing_later_needs_what_is_left_out(schedule):
    assert missed(left_out(schedule)) == set()


def test_the_rule_above_sees_what_is_needed():
    """The counter-check: the data of a lesson can't be left out."""
    assert ("1.5 The first result to beat", "train") in missed({"1.3 Splits: train, validate, test"})


def test_predictions_worth_a_discussion_exist():
    worth = [row[0] for row in rows(part(page("README"), "## Predictions: think, pair, share"))]
    assert len(worth) == 6
    for name in worth:
        assert PREDICT in sections()[name].prose


# what-goes-wrong.md: what the kit says, and what the lessons show


def literals(folder: Path) -> list[str]:
    """Every string in the kit's source; of an f-string what stands between its values."""
    trees = [ast.parse(path.read_text()) for path in sorted(folder.rglob("*.py"))]
    return [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_messages_are_the_kits_word_for_word():
    known, quoted = literals(KIT / "colorkit"), re.findall(r"\*\*`([^`]+)`\*\*", page("what-goes-wrong"))
    assert len(quoted) > 15
    for message in quoted:
        for piece in filter(None, (piece.strip() for piece in message.split("..."))):
            assert any(piece in literal for literal in known), message


def test_a_slider_moves_by_code_too():
    panel = widgets.Training("cnn", profiles.get("smoke"), "test", 8, 70.0)
    (line,) = re.findall(r"`(panel\..+?)`", page("what-goes-wrong"))
    exec(line, {"panel": panel})
    assert line.endswith(f"= {panel.epochs}")


def test_sentences_to_say_use_figures_of_their_sections():
    """A figure stands in the prose or in the stored output of one of the sections where to look."""
    table = [row for row in rows(part(page("what-goes-wrong"), "## In the head")) if row[2][0].isdigit()]
    assert len(table) > 15
    for _, sentence, where in table:
        places = [section for name, section in sections().items() if name.partition(" ")[0] in where.split(", ")]
        assert len(places) == len(where.split(", ")), where
        text = "".join(section.prose + section.printed for section in places)
        for figure in re.findall(r"\d[\d,.]*\d|\d", sentence):
            assert re.search(rf"(?<![\d.,]){re.escape(figure)}(?!\d|[.,]\d)", text), (where, figure)


# answers.md: every recall question, and figures that the kit can compute


def questions(path: Path) -> list[str]:
    """The recall questions of a lesson, each on one line."""
    text = part(lesson(path)[""].prose, "## Recall")
    return [" ".join(question.split()) for question in re.split(r"^\d\. ", text, flags=re.MULTILINE)[1:]]


def answered(number: str) -> dict[str, str]:
    """The questions of a lesson in the guide, and what is answered."""
    text = part(page("answers"), f"## Lesson {number}").partition("### Stretch")[0]
    pieces = re.split(r"^\*\*\d\. (.+)\*\*$", text, flags=re.MULTILINE)[1:]
    return dict(zip(pieces[::2], map(str.strip, pieces[1::2]), strict=True))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_recall_question_is_answered_and_none_is_stale(path):
    given = answered(path.stem[1])
    assert list(given) == questions(path)
    assert len(given) == 5
    for question, answer in given.items():
        assert len(answer.split()) > 5, question


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_panels_question_is_answered(path):
    asked = sum(section.prose.count("**A question for the panel.**") for section in lesson(path).values())
    assert part(page("answers"), f"## Lesson {path.stem[1]}").count("**Panel.** ") == asked == 1


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_stretch_task_has_its_line(path):
    tasks = re.findall(r"^- ", part(lesson(path)[""].prose, "## Stretch"), re.MULTILINE)
    lines = re.findall(r"^- \*", part(page("answers"), f"## Lesson {path.stem[1]}").partition("### Stretch")[2], re.MULTILINE)
    assert len(lines) == len(tasks)


def test_commands_in_the_answers_are_taken():
    """Each `train ...` names a model and settings that the kit has."""
    commands = re.findall(r"`train (.+?)`", page("answers"))
    assert len(commands) > 5
    for command in commands:
        arguments = cli._parser().parse_args(["train", *command.split()])
        configs.configure(arguments.model, profiles.get("demo"), "test", **configs.parse(arguments.model, arguments.settings))


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> dict[str, Split]:
    """The kit's own splits."""
    folder = tmp_path_factory.mktemp("splits")
    building.build([FACES], folder)
    return {name: splits.load(folder, name) for name in splits.NAMES}


@pytest.fixture(scope="module")
def mean_color(data):
    return baselines.MeanColor.fit(data["train"])


def states(name: str, *words: str) -> bool:
    """Whether a page has all of this, line breaks aside."""
    text = " ".join(page(name).split())
    assert [piece for piece in words if piece not in text] == []
    return True


def test_shapes_and_weights():
    dense = keras.layers.Dense(32)
    dense.build((8, 112, 112, 16))
    cell = 112 // models.build_cnn().get_layer("encoder3").output.shape[1]
    assert states("answers", f"16 x 32 + 32 = {dense.count_params()}.", f"{cell} x {cell} = {cell**2} (112 / 14 = {cell})")
    assert states("answers", f"have gone only {1 - 0.99**50:.0%} of their way after 50 steps".replace("%", " %"))


def test_lambda_in_other_units():
    """The direction counts: the term of the small units must be as large as that of the large ones."""
    code, pred = np.full((1, 2, 2, 2), 140, np.uint8), np.zeros((1, 2, 2, 2), np.float32)
    in_units = float(np.asarray(losses.l2(code, pred))[0])
    scaled = float(((pred / 128 - 12 / 128) ** 2).mean())
    equal = 0.1 * in_units / scaled
    assert states("answers", f"**3. In ab/128 units, which lambda equals 0.1 in CIELAB units?** {equal:,.1f}.")


def test_stages_of_the_borrowed_encoder():
    weights = resnet50.weights_of_stages()
    millions = [sum(part) / 1e6 for part in (weights[4:], weights, weights[:4])]
    places = resnet50.build(cut=4).output.shape[1]
    assert states("answers", "In the last stage: {:.1f} of {:.1f} million. Cut after stage 4, {:.1f} million are left".format(*millions))
    assert states("answers", f"the decoder gets {places} x {places} places instead of 4 x 4")


def test_lambda_and_turns_on_the_panel(data, mean_color):
    error = metrics.mse(mean_color.predict(data["val"].L), data["val"].ab).mean()
    assert states("answers", f"{np.log(2):.3f} / {error:.1f} = {np.log(2) / error:.3f}")

    def passes(schedule: str, d_every: int = 1) -> int:
        """Of the judge, in the four epochs of the demo profile."""
        turns_taken = [turn for epoch in range(4) for turn in turns.of_epoch(schedule, epoch, d_every)]
        return sum(turn in ("discriminator", "both") for turn in turns_taken)

    assert passes("epoch", 5) == 0
    assert states("answers", "at 5: none in four epochs") and passes("nogan") == 3 and {passes(each) for each in ("epoch", "step", "batch")} == {4}


def test_two_hats_have_no_single_median():
    red, blue = np.array([60.0, 40.0]), np.array([20.0, -60.0])
    errors = [np.mean([np.abs(red + share * (blue - red) - truth).mean() for truth in (red, blue)]) for share in (0, 0.3, 1)]
    assert np.ptp(errors) < 1e-9
    assert states("answers", "red, blue and all between have the same expected absolute error")


def test_scarves():
    scarves = np.array([[40.0, 0.0], [-40.0, 0.0]])
    error = {name: np.mean([((answer - truth) ** 2).mean() for truth in scarves]) for name, answer in (("mean", 0 * scarves[0]), ("one", scarves[0]))}
    assert states("answers", f"Its expected squared error is {error['mean']:.0f}; red or green would have {error['one']:,.0f}.")
    assert states("answers", f"It is 2 ln 2, what a judge has who says 50 % to everything.", "is 1.386.") and round(2 * np.log(2), 3) == 1.386


def test_the_euclidean_rule_is_never_more_generous():
    error = np.random.default_rng(0).normal(0, 10, (200, 5, 5, 2)).astype(np.float32)
    shares = [metrics.threshold_accuracy(error, np.zeros_like(error), rule) for rule in ("euclidean", "both", "per-channel")]
    assert (shares[0] <= shares[1]).all()
    assert (shares[1] <= shares[2]).all()
    assert states("answers", "The Euclidean one.")


def test_mean_colors_figures(data, mean_color):
    shares = {name: metrics.threshold_accuracy(mean_color.predict(data[name].L), data[name].ab).mean() for name in ("val", "test")}
    assert states("answers", f"the mean color gets {100 * shares['test']:.1f} %", f"(On the validation faces it gets {100 * shares['val']:.1f} %.)")


def test_mean_color_for_each_lightness(data, mean_color):
    lab, test = data["train"].lab.reshape(-1, 3), data["test"]
    counts = np.bincount(lab[:, 0], minlength=256)
    table = np.stack([np.bincount(lab[:, 0], lab[:, plane] - 128.0, 256) / np.maximum(counts, 1) for plane in (1, 2)], axis=-1)
    pred = table[test.lab[..., 0]].astype(np.float32)
    error, before = metrics.mse(pred, test.ab).mean(), metrics.mse(mean_color.predict(test.L), test.ab).mean()
    assert states("answers", f"Test MSE {error:.1f} instead of {before:.1f}, skill {100 * (1 - error / before):.0f} %: a table of 256 colors")
    gain = ((mean_color.color - test.ab) ** 2).mean(-1) - ((pred - test.ab) ** 2).mean(-1)
    parts = [gain[(test.lab[..., 0] // 51).clip(max=4) == fifth].mean() for fifth in range(5)]
    assert states("answers", f"{parts[0]:.0f} a pixel below L 20, and {parts[4]:.0f} above L 80, against {min(parts):.0f} to {max(parts[1:4]):.0f}")


def test_grey_values_are_not_lightness():
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    above = color.rgb_to_lab(greys)[:, 0] - np.arange(256) / 2.55
    blue = color.rgb_to_lab(np.array([0, 0, 255], np.uint8))[0] - 0.114 * 100
    assert states("answers", f"difference is at most {np.abs(above).max():.1f}", f"for pure blue {blue:.0f}.")


@pytest.mark.slow
def test_what_the_bootstrap_holds(data, mean_color):
    errors = metrics.mse(mean_color.predict(data["test"].L), data["test"].ab)
    held = []
    for replace in (False, True):
        draws = [np.random.default_rng(seed).choice(errors, 100, replace=replace) for seed in range(1000)]
        ends = [intervals.bootstrap(draw, seed) for seed, draw in enumerate(draws)]
        held.append(np.mean([low <= errors.mean() <= high for low, high in ends]))
    words = "without putting back, the interval holds the mean of all 200 in {:.0f} %; drawn with putting back, in {:.0f} %"
    assert states("answers", words.format(*(100 * np.array(held))))


@pytest.fixture(scope="module")
def tones(data) -> dict[str, np.ndarray]:
    """The drawn tone, 1 to 10, of each face of a split."""
    with zipfile.ZipFile(FACES) as archive:
        drawn = csv.DictReader(io.TextIOWrapper(archive.open("ground_truth.csv")))
        tone = {row["identity"]: int(row["monk_tone"]) for row in drawn}
    return {name: np.array([tone[identity] for identity in split.identities]) for name, split in data.items()}


def test_the_mean_color_by_tone(data, mean_color, tones):
    errors = {}
    for name in ("train", "test"):
        each = metrics.mse(mean_color.predict(data[name].L), data[name].ab)
        errors[name] = [each[tones[name] == tone].mean() for tone in range(1, 11)]
    low, high = int(np.argmin(errors["train"])), int(np.argmax(errors["train"]))
    least, most = errors["train"][low], errors["train"][high]
    assert states("answers", f"its MSE is {least:.1f} for tone {low + 1} and {most:.1f} for tone {high + 1}")
    assert states("ethics", f"is lowest for tone {low + 1} with {least:.1f}, and highest for tone {high + 1} with {most:.1f}")
    people = np.bincount(tones["test"], minlength=11)[1:]
    assert states("answers", f"On the test faces, {min(errors['test']):.1f} to {max(errors['test']):.1f}, of only {people.min()} to {people.max()} people each")
    assert states("ethics", f"{people.min()} people of tone {people.argmin() + 1}, and {people.max()} of tone {people.argmax() + 1}")
    everyone = np.bincount(np.concatenate(list(tones.values())), minlength=11)[1:]
    assert states("ethics", f"The kit drew {everyone[0]} people of each of the ten tones") and set(everyone) == {200}


# the other pages


def test_the_discussion_fits_its_time():
    plan = rows(page("ethics").split("## ")[0])
    assert sum(int(row[0]) for row in plan) == int(re.search(r"# A discussion of (\d+) minutes", page("ethics"))[1])


def test_points_add_up():
    exercise, report = map(int, re.findall(r"^## .+: (\d+) points$", page("rubric"), re.MULTILINE))
    levels = rows(part(page("rubric"), "## A short report on one comparison: 60 points"))
    assert exercise == 2 * len(exercises())
    assert report == 12 * len(levels)
    assert exercise + report == 100


def test_the_form_is_the_issue_template():
    template = (KIT / ".github" / "ISSUE_TEMPLATE" / "teaching.md").read_text().split("---\n\n", 1)[1]
    assert page("timing").split("---\n\n", 1)[1] == template
    titles = [re.match(r"# (.+)", lesson(path)[""].prose)[1] for path in LESSONS]
    assert [row[0] for row in rows(template)] == titles


def test_every_page_is_named_and_the_guide_is_found():
    assert {link for link in re.findall(r"\]\(([\w-]+\.md)\)", page("README"))} == {path.name for path in PAGES} - {"README.md"}
    assert "(instructor/README.md)" in (KIT / "README.md").read_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_tools_that_a_page_names_are_there(path):
    """Links are tested with all pages' in test_accessibility.py."""
    for tool in re.findall(r"python (tools/\w+\.py)", path.read_text()):
        assert (KIT / tool).exists(), tool
