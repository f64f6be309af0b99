"""The teacher's guide answers every question of the lessons; the kit computes its numbers."""

import csv
import io
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from guide import LESSONS, lesson, page, part
from helpers import FACES

from colorkit import cli, color, profiles
from colorkit.data import prepare, splits
from colorkit.data.splits import Split
from colorkit.evaluation import baselines, metrics, statistics
from colorkit.models import cnn, losses, resnet
from colorkit.training import run_config, turns

pytestmark = pytest.mark.newest

# answers.md: every recall question, and numbers that the kit can compute


def questions(path: Path) -> list[str]:
    """Return the recall questions of a lesson, each on one line."""
    text = part(lesson(path)[""].prose, "## Recall")
    return [
        " ".join(question.split()) for question in re.split(r"^\d\. ", text, flags=re.MULTILINE)[1:]
    ]


def answered(number: str) -> dict[str, str]:
    """Return the questions of a lesson in the guide, each with its answer."""
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
    asked = sum(
        section.prose.count("**A question for the panel.**") for section in lesson(path).values()
    )
    assert part(page("answers"), f"## Lesson {path.stem[1]}").count("**Panel.** ") == asked == 1


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_stretch_task_has_its_line(path):
    tasks = re.findall(r"^- ", part(lesson(path)[""].prose, "## Stretch"), re.MULTILINE)
    lines = re.findall(
        r"^- \*",
        part(page("answers"), f"## Lesson {path.stem[1]}").partition("### Stretch")[2],
        re.MULTILINE,
    )
    assert len(lines) == len(tasks)


def test_commands_in_the_answers_are_taken():
    """Each `train ...` names a model and settings that the kit has."""
    commands = re.findall(r"`train (.+?)`", page("answers"))
    assert len(commands) > 5
    for command in commands:
        arguments = cli.build_parser().parse_args(["train", *command.split()])
        run_config.configure(
            arguments.model,
            profiles.get("demo"),
            "test",
            **run_config.parse(arguments.model, arguments.settings),
        )


@pytest.fixture(scope="module")
def data(all_data) -> dict[str, Split]:
    """The kit's own splits."""
    return {name: splits.load_split(all_data, name) for name in prepare.SPLIT_NAMES}


@pytest.fixture(scope="module")
def mean_color(data):
    return baselines.MeanColor.fit(data["train"])


def states(name: str, *words: str) -> bool:
    """Tell whether a page has all of this, line breaks aside."""
    text = " ".join(page(name).split())
    assert [piece for piece in words if piece not in text] == []
    return True


def test_shapes_and_weights():
    dense = keras.layers.Dense(32)
    dense.build((8, 112, 112, 16))
    cell = 112 // cnn.build_cnn().get_layer("encoder3").output.shape[1]
    assert states(
        "answers",
        f"16 x 32 + 32 = {dense.count_params()}.",
        f"{cell} x {cell} = {cell**2} (112 / 14 = {cell})",
    )
    assert states(
        "answers", f"have gone only {1 - 0.99**50:.0%} of the way after 50 steps".replace("%", " %")
    )


def test_lambda_in_other_units():
    """The direction counts: the term in small units must be as large as the one in large units."""
    code, pred = np.full((1, 2, 2, 2), 140, np.uint8), np.zeros((1, 2, 2, 2), np.float32)
    in_units = float(np.asarray(losses.l2(code, pred))[0])
    scaled = float(((pred / 128 - 12 / 128) ** 2).mean())
    equal = 0.1 * in_units / scaled
    question = (
        "Compute the lambda that in units of a\\*/128 and b\\*/128 equals 0.1 in CIELAB units."
    )
    assert states("answers", f"**3. {question}** {equal:,.1f}.")


def test_stages_of_the_borrowed_encoder():
    weights = resnet.weights_of_stages()
    last, all_of_them, first_four = (
        f"{sum(part) / 1e6:.1f}" for part in (weights[4:], weights, weights[:4])
    )
    places = resnet.build_encoder(cut=4).output.shape[1]
    stage = f"In the last stage: {last} of {all_of_them} million."
    assert states("answers", f"{stage} If you cut after stage 4, {first_four} million are left")
    assert states("answers", f"the decoder gets {places} x {places} places instead of 4 x 4")


def test_lambda_and_turns_on_the_panel(data, mean_color):
    error = metrics.mse(mean_color.predict(data["val"].L), data["val"].ab).mean()
    assert states("answers", f"{np.log(2):.3f} / {error:.1f} = {np.log(2) / error:.3f}")

    def passes(schedule: str, d_every: int = 1) -> int:
        """Count the judge's passes in the four epochs of the demo profile."""
        turns_taken = [
            turn for epoch in range(4) for turn in turns.of_epoch(schedule, epoch, d_every)
        ]
        return sum(turn in ("discriminator", "both") for turn in turns_taken)

    assert passes("epoch", 5) == 0
    assert passes("nogan") == 3
    assert {passes(each) for each in ("epoch", "step", "batch")} == {4}
    assert states("answers", "at 5: none in four epochs", "NoGAN gives it 3, the others 4")


def test_two_hats_have_no_single_median():
    red, blue = np.array([60.0, 40.0]), np.array([20.0, -60.0])
    errors = [
        np.mean([np.abs(red + share * (blue - red) - truth).mean() for truth in (red, blue)])
        for share in (0, 0.3, 1)
    ]
    assert np.ptp(errors) < 1e-9
    assert states(
        "answers", "red, blue and everything between have the same expected absolute error"
    )


def test_scarves():
    scarves = np.array([[40.0, 0.0], [-40.0, 0.0]])
    mean, one = (((answer - scarves) ** 2).mean() for answer in (scarves.mean(axis=0), scarves[0]))
    assert states(
        "answers", f"Its expected squared error is {mean:.0f}; red or green would have {one:,.0f}."
    )


def test_chance():
    assert states(
        "answers",
        f"loss is {2 * np.log(2):.3f}. What do you know?",
        "It is 2 ln 2, the loss of a judge that says 50 % to everything.",
    )


def test_the_euclidean_rule_is_never_more_generous():
    error = np.random.default_rng(0).normal(0, 10, (200, 5, 5, 2)).astype(np.float32)
    shares = [
        metrics.threshold_accuracy(error, np.zeros_like(error), rule)
        for rule in ("euclidean", "both", "per-channel")
    ]
    assert (shares[0] <= shares[1]).all()
    assert (shares[1] <= shares[2]).all()
    assert states("answers", "The Euclidean one.")


def test_mean_colors_numbers(data, mean_color):
    val, test = (
        100 * metrics.threshold_accuracy(mean_color.predict(data[name].L), data[name].ab).mean()
        for name in ("val", "test")
    )
    assert states(
        "answers",
        f"the mean color gets {test:.1f} %",
        f"(On the validation faces it gets {val:.1f} %.)",
    )


def test_mean_color_for_each_lightness(data, mean_color):
    lab, test = data["train"].lab.reshape(-1, 3), data["test"]
    counts = np.bincount(lab[:, 0], minlength=256)
    table = np.stack(
        [
            np.bincount(lab[:, 0], lab[:, plane] - 128.0, 256) / np.maximum(counts, 1)
            for plane in (1, 2)
        ],
        axis=-1,
    )
    pred = table[test.lab[..., 0]].astype(np.float32)
    error, before = (
        metrics.mse(pred, test.ab).mean(),
        metrics.mse(mean_color.predict(test.L), test.ab).mean(),
    )
    skill = 100 * (1 - error / before)
    assert states(
        "answers",
        f"Test MSE {error:.1f} instead of {before:.1f}, skill {skill:.0f} %: a table of 256 colors",
    )
    gain = ((mean_color.color - test.ab) ** 2).mean(-1) - ((pred - test.ab) ** 2).mean(-1)
    parts = [gain[(test.lab[..., 0] // 51).clip(max=4) == fifth].mean() for fifth in range(5)]
    ends = f"{parts[0]:.0f} a pixel below L 20 and {parts[4]:.0f} above L 80"
    middle = f"{min(parts[1:4]):.0f} to {max(parts[1:4]):.0f}"
    assert states("answers", f"{ends}, compared with {middle} in between")


def test_grey_values_are_not_lightness():
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    above = color.rgb_to_lab(greys)[:, 0] - np.arange(256) / 2.55
    blue = color.rgb_to_lab(np.array([0, 0, 255], np.uint8))[0] - 0.114 * 100
    assert states(
        "answers", f"difference is at most {np.abs(above).max():.1f}", f"{blue:.0f} for pure blue."
    )


@pytest.mark.slow
def test_what_the_bootstrap_holds(data, mean_color):
    errors = metrics.mse(mean_color.predict(data["test"].L), data["test"].ab)
    held = []
    for replace in (False, True):
        draws = [
            np.random.default_rng(seed).choice(errors, 100, replace=replace) for seed in range(1000)
        ]
        ends = [statistics.bootstrap(draw, seed) for seed, draw in enumerate(draws)]
        held.append(np.mean([low <= errors.mean() <= high for low, high in ends]))
    without, with_ = (f"{100 * share:.0f} %" for share in held)
    holds = f"without replacement, the interval holds the mean of all 200 in {without}"
    assert states("answers", f"{holds}; drawn with replacement, in {with_}")


@pytest.fixture(scope="module")
def tones(data) -> dict[str, np.ndarray]:
    """The drawn tone, 1 to 10, of each face of a split."""
    with zipfile.ZipFile(FACES) as archive:
        drawn = csv.DictReader(io.TextIOWrapper(archive.open("ground_truth.csv"), encoding="utf-8"))
        tone = {row["identity"]: int(row["monk_tone"]) for row in drawn}
    return {
        name: np.array([tone[identity] for identity in split.identities])
        for name, split in data.items()
    }


def test_the_mean_color_by_tone(data, mean_color, tones):
    errors = {}
    for name in ("train", "test"):
        each = metrics.mse(mean_color.predict(data[name].L), data[name].ab)
        errors[name] = [each[tones[name] == tone].mean() for tone in range(1, 11)]
    low, high = int(np.argmin(errors["train"])), int(np.argmax(errors["train"]))
    least, most = errors["train"][low], errors["train"][high]
    assert states(
        "answers", f"its MSE is {least:.1f} for tone {low + 1} and {most:.1f} for tone {high + 1}"
    )
    lowest = f"is lowest for tone {low + 1} with {least:.1f}"
    assert states("ethics", f"{lowest}, and highest for tone {high + 1} with {most:.1f}")
    people = np.bincount(tones["test"], minlength=11)[1:]
    ends = f"{min(errors['test']):.1f} to {max(errors['test']):.1f}"
    assert states(
        "answers",
        f"On the test faces, {ends}, with only {people.min()} to {people.max()} people each",
    )
    fewest = f"{people.min()} people of tone {people.argmin() + 1}"
    assert states("ethics", f"{fewest}, and {people.max()} of tone {people.argmax() + 1}")
    everyone = np.bincount(np.concatenate(list(tones.values())), minlength=11)[1:]
    assert set(everyone) == {200}
    assert states("ethics", "The kit drew 200 people of each of the ten tones")
