import base64
import re
import time

import cv2
import numpy as np
import pytest
from helpers import tiny_config

from colorkit import color, profiles
from colorkit.errors import KitError
from colorkit.evaluation import baselines, booth, metrics, votes
from colorkit.models import configs, unet
from colorkit.models.registry import REGISTRY
from colorkit.runs import run
from colorkit.training import build, run_config
from colorkit.widgets import face_panels, hint_panel, training_panel, vote_panel
from colorkit.widgets.panel import Panel, as_html

MOVES = {
    "epochs": 7,
    "batch_size": 64,
    "learning_rate": 3e-3,
    "head": "tanh",
    "dropout": 0.3,
    "cut": 4,
    "learns": 3,
    "lambda_l2": 0.01,
    "schedule": "step",
    "d_every": 3,
}
OVERRIDES = {
    "learns": {"fine_tune": True, "learns_from": 3}
}  # what of a move isn't a field's own name
FIELDS = {
    model: training_panel.panel_of(model).fields for model, row in REGISTRY.items() if row.panel
}
SMOKE = profiles.get("smoke")


@pytest.fixture(autouse=True)
def stages(monkeypatch):
    """Known without ResNet-50 being built."""
    monkeypatch.setattr(
        training_panel.resnet,
        "weights_of_stages",
        lambda: [1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000],
    )


def panel(model: str, profile: profiles.Profile = SMOKE, **start) -> training_panel.Training:
    return training_panel.Training(model, profile, "d", 80, 70.0, **start)


def shown(of: Panel) -> str:
    return of.widget.children[-1].value


def line(of: Panel) -> str:
    return re.search(r'aria-live="polite">(.*)</p>', shown(of))[1]


def temperature(train) -> face_panels.Temperature:
    """Lesson 6's panel, with a class head that has learned nothing but differs from place to place."""
    config = tiny_config("unet", head="classes")
    trainer = build.build_trainer(config)
    build.initialize(trainer, config, train)
    kernel = trainer.predictor.get_layer("correction").kernel
    kernel.assign(np.random.default_rng(0).normal(0, 1, kernel.shape))
    return face_panels.Temperature(train.take(4), trainer.predictor, baselines.MeanColor.fit(train))


def predict(L, given):
    """Stands in for a model that takes hints: copies them, and paints the rest in one color."""
    return np.where(given[..., 2:] > 0, given[..., :2], np.float32([8, 12]))


# every panel


@pytest.fixture(params=["colors", "faces", "temperature", "hints", *FIELDS])
def any_panel(request, train):
    predictors = {"grey": baselines.Grey(), "mean color": baselines.MeanColor.fit(train)}
    if request.param == "colors":
        return face_panels.Colors(train.take(4), np.array([8.0, 12.0]))
    if request.param == "temperature":
        return temperature(train)
    if request.param == "hints":
        return hint_panel.Hinting(train.take(4), predict)
    return (
        face_panels.Faces(train.take(4), predictors)
        if request.param == "faces"
        else panel(request.param)
    )


def test_a_panel_shows_its_controls_and_a_picture_with_alt_text(any_panel):
    count = len(any_panel.controls)
    assert any_panel.widget.children[:count] == tuple(any_panel.controls.values())
    buttons = [child.children for child in any_panel.widget.children[count:-1]]
    assert buttons == ([tuple(any_panel.buttons.values())] if hasattr(any_panel, "buttons") else [])
    assert "colorkit-panel" in any_panel.widget._dom_classes
    assert all(control.description for control in any_panel.controls.values())
    alt, data = re.search(
        r'<img class="colorkit-picture" [^>]*alt="([^"]+)" src="data:image/png;base64,([^"]+)"',
        shown(any_panel),
    ).groups()
    assert len(alt) > 60
    height, width, _ = cv2.imdecode(
        np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR
    ).shape
    assert (width, 200 < height < 400) == (900, True)


def moves(control):
    """Another value that a control can take."""
    options = getattr(control, "options", None)
    if options is None:
        return control.min if control.value == control.max else control.value + control.step
    values = [option[1] if isinstance(option, tuple) else option for option in options]
    return next(value for value in values if value != control.value)


def test_every_control_changes_what_is_seen_and_moving_it_back_undoes_that(any_panel):
    for control in any_panel.controls.values():
        before, value = shown(any_panel), control.value
        control.value = moves(control)
        assert shown(any_panel) != before, control.description
        control.value = value
        assert shown(any_panel) == before, control.description


def test_words_can_t_break_out_of_the_page(any_panel):
    drawn = any_panel._draw(**any_panel.values)
    page = as_html(drawn._replace(alt='"><b>', line="<script>"))
    assert 'alt="&quot;&gt;&lt;b&gt;"' in page
    assert "&lt;script&gt;" in page


# looking


def test_lesson_1_s_panel_speaks_of_the_pixel_it_points_at(train):
    faces = train.take(4)
    own = face_panels.Colors(faces, np.array([8.0, 12.0]))
    for name, value in {"face": 3, "row": 100, "column": 7}.items():
        own.controls[name].value = value
    L, a, b = faces.lab[2, 100, 7] / np.array([2.55, 1, 1]) - np.array([0, 128, 128])
    assert line(own).startswith(f"Row 100, column 7: L {L:.0f}, a* {a:.0f}, b* {b:.0f}. ")


def test_lesson_5_s_panel_shows_what_that_model_says_of_that_face(train):
    faces = train.take(4)
    grey = baselines.Grey()
    own = face_panels.Faces(faces, {"mean color": baselines.MeanColor.fit(train), "grey": grey})
    own.controls["face"].value, own.controls["model"].value = 2, "grey"
    assert line(own).startswith(f"grey: MSE {np.mean(faces.ab[1] ** 2):.1f}, ")


def test_lesson_6_s_panel_shows_that_face_at_that_temperature(train):
    own, faces = temperature(train), train.take(4)
    own.controls["face"].value, own.controls["temperature"].value = 3, 0.2
    color_at_0_2 = unet.decode_classes(own.model, unet.class_logits(own.model, faces.L[2:3]), 0.2)
    assert line(own).startswith(
        f"classes, T = 0.2: mean chroma {metrics.chroma(color_at_0_2)[0]:.1f}, MSE "
    )
    mse = metrics.mse(baselines.MeanColor.fit(train).predict(faces.L[2:3]), faces.ab[2:3])[0]
    assert f" L2: mean chroma {np.hypot(*color.mean_ab(train.lab)):.1f}, MSE {mse:.1f}, " in line(
        own
    )


# hints


@pytest.fixture
def hinting(train):
    """Lesson 7's panel, and what its model was asked."""
    asked = []

    def remembers(L, given):
        asked.append((L, given))
        return predict(L, given)

    return hint_panel.Hinting(train.take(4), remembers), asked


def test_a_face_begins_with_one_true_hint(hinting, train):
    own, asked = hinting
    (point,) = own.points
    assert (point.a, point.b) == tuple(train.ab[0, point.row, point.column])
    L, given = asked[-1]
    assert np.array_equal(L, train.L[:1])
    assert np.array_equal(given[0], color.hint_planes(color.place_hints(own.points, 112, 112)))


def test_buttons_do_what_the_functions_do(hinting, train):
    own, asked = hinting
    (first,) = own.points
    for name, value in {"row": 80, "column": 20, "a": -7, "b": 33, "side": 9}.items():
        own.controls[name].value = value
    own.buttons["add"].click()
    assert own.points == (first, color.Point(80, 20, -7, 33, 9))
    assert asked[-1][1][0, 80, 20].tolist() == [-7, 33, 1]
    assert line(own).startswith("2 hints: MSE ")
    own.buttons["undo"].click()
    assert own.points == (first,)
    own.add()
    own.buttons["clear"].click()
    assert own.points == ()
    assert line(own).startswith("No hints: MSE ")
    own.undo()  # nothing is left to take back
    assert own.points == ()


def test_each_face_keeps_its_hints_and_the_model_is_asked_once_for_the_same(hinting):
    own, asked = hinting
    own.clear()
    own.controls["face"].value = 2
    assert len(own.points) == 1
    count = len(asked)
    own.controls["face"].value = 1
    assert own.points == ()
    own.controls["row"].value = 5
    assert len(asked) == count


# training


@pytest.mark.parametrize("name", profiles.PROFILES)
@pytest.mark.parametrize("model", FIELDS)
def test_untouched_a_panel_is_the_profile(model, name):
    profile = profiles.get(name)
    own = panel(model, profile)
    assert (own.epochs, own.overrides) == (run_config.budget(profile, model).epochs, {})
    assert own.config == run_config.configure(model, profile, "d")
    config = run_config.configure(model, profile, "d").to_json()
    expected = config | config["net"] | {"epochs": own.epochs}
    expected["learns"] = expected.get("learns_from") if expected.get("fine_tune") else 0
    assert own.values == {name: expected[name] for name in FIELDS[model]}


@pytest.mark.parametrize(
    ("model", "name"),
    [(model, name) for model, names in FIELDS.items() for name in names],
)
def test_moving_a_control_changes_the_choice_and_the_config(model, name):
    own = panel(model)
    own.controls[name].value = MOVES[name]
    if name == "epochs":
        assert (own.epochs, own.overrides) == (7, {})
    else:
        overrides = OVERRIDES.get(name, {name: MOVES[name]})
        assert (own.epochs, own.overrides) == (1, overrides)
        config = own.config
        assert config == run_config.configure(model, SMOKE, "d", **overrides)
        assert config != run_config.configure(model, SMOKE, "d")


def test_several_moves_add_up():
    own = panel("cnn", profiles.get("demo"))
    own.controls["head"].value = "conv"
    own.controls["dropout"].value = 0.2
    own.controls["head"].value = "tanh"
    own.controls["epochs"].value = 4
    assert (own.epochs, own.overrides) == (4, {"head": "tanh", "dropout": 0.2})


@pytest.mark.parametrize("value", [0, *range(1, 6)])
def test_what_learns_and_back(value):
    """From the smoke profile, where nothing of the encoder does."""
    own = panel("resnet")
    own.controls["learns"].value = value
    net = own.config.net
    assert (net.fine_tune, net.learns_from) == ((True, value) if value else (False, 1))


def test_of_stages_that_are_cut_off_nothing_learns():
    own = panel("resnet")
    own.controls["learns"].value, own.controls["cut"].value = 5, 4
    assert own.config.net == run_config.configure("resnet", SMOKE, "d", cut=4).net
    assert (
        "0.00 of its 10.00 million weights learn. Stage 5, which should learn, is cut off. "
        in line(own)
    )
    before = line(own)
    own.controls["dropout"].value = 0.2
    assert line(own) != before


def test_where_the_encoder_learns_by_default_it_can_be_frozen():
    profile = profiles.get("class")
    own = panel("resnet", profile)
    assert own.values["learns"] == 1
    own.controls["learns"].value = 0
    assert own.overrides == {"fine_tune": False}


def test_a_form_gives_values_to_begin_with_and_none_is_the_profile_s():
    own = panel("cnn", epochs=3, head="conv", batch_size=None)
    assert (own.epochs, own.overrides) == (3, {"head": "conv"})
    assert panel("cnn", batch_size=12).overrides == {
        "batch_size": 12
    }  # which the slider does not offer otherwise


@pytest.mark.parametrize("schedule", configs.SCHEDULES)
def test_every_schedule_can_be_chosen(schedule):
    own = panel("gan")
    assert own.controls["schedule"].value == "epoch"
    own.controls["schedule"].value = schedule
    assert own.config.net.schedule == schedule


def test_a_choice_that_contradicts_itself_is_told_and_refused_when_it_is_used():
    """And does not fail while the second of two controls is still to be moved."""
    own = panel("gan")
    own.controls["d_every"].value = 2
    assert "refused" not in line(own)
    own.controls["schedule"].value = "batch"
    assert line(own).endswith(
        "This will be refused: d_every=2 goes with schedule=&#x27;epoch&#x27; only, not with &#x27;batch&#x27;."
    )
    with pytest.raises(KitError, match="d_every=2 goes with schedule='epoch' only"):
        _ = own.config
    own.controls["d_every"].value = 1
    assert own.config.net.schedule == "batch"


def test_the_line_counts_the_steps():
    """Of the faces there are, or of those that the profile takes."""
    own = panel("cnn", profiles.get("class"))
    own.controls["epochs"].value, own.controls["batch_size"].value = 5, 64
    assert " weights learn. 80 faces: 2 steps an epoch, 10 in all. " in line(own)
    assert " 24 faces: 3 steps an epoch, 3 in all. " in line(panel("cnn"))


def test_the_line_names_the_run_s_folder_which_the_number_of_epochs_leaves_as_it_is(home):
    own = panel("cnn")
    own.controls["epochs"].value = 2
    assert line(own).endswith(
        f" will be {run.start(panel('cnn').config, SMOKE.name, home).folder.name}."
    )


# voting


@pytest.fixture
def enter(train, tmp_path):
    """Come to vote, on the first or another day."""
    return lambda: vote_panel.Vote(
        booth.Booth(train, {"grey": baselines.Grey()}, tmp_path / "votes.csv", "d", "Anna", count=4)
    )


@pytest.fixture
def fast(monkeypatch):
    """A voter who needs no time."""
    monkeypatch.setattr(vote_panel, "REST", 0)


def page(vote: vote_panel.Vote) -> str:
    return vote.widget.children[0].value


def progress(vote: vote_panel.Vote) -> str:
    return re.search(r'aria-live="polite">(.*?)</p>', page(vote))[1]


def test_a_vote_shows_two_pictures_two_buttons_and_how_far_it_is(enter):
    own = enter()
    assert "colorkit-vote" in own.widget._dom_classes
    assert own.widget.children[1].children == tuple(own.buttons.values())
    assert [button.description for button in own.buttons.values()] == [
        "left is true",
        "right is true",
    ]
    assert progress(own) == "Pair 1 of 4: which picture is the true one?"
    data = base64.b64decode(re.search(r'base64,([^"]+)"', page(own))[1])
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (450, 900, 3)


def test_nothing_gives_the_answer_away_before_the_end(enter):
    """What is written is the same for every pair but its number, whatever was answered."""
    own, said = enter(), set()
    for number in range(1, 5):
        said.add(re.sub(r'base64,[^"]+', "", page(own)).replace(f"Pair {number} of", "Pair of"))
        own.answer("left")
    assert len(said) == 1
    assert not re.search("grey|right answer|wrong|correct", said.pop())


def test_buttons_answer_and_at_the_end_there_are_results(enter, fast):
    own, answers = enter(), ["left", "right", "right", "left"]
    for number, side in enumerate(answers, 1):
        assert progress(own).startswith(f"Pair {number} of 4")
        before = page(own)
        own.buttons[side].click()
        assert page(own) != before
    recorded = votes.read(own.booth.path)
    assert [vote.answer for vote in recorded] == answers
    right = sum(vote.right for vote in recorded)
    assert progress(own).startswith(
        f"All 4 pairs are answered: the true picture was found {right} times; guessing finds it 2 times"
    )
    assert own.widget.children == (own._page,)  # nothing is left to press
    assert page(own).count('<th scope="col">') == len(votes.HEADER)
    assert "".join(f"<td>{cell}</td>" for cell in votes.cells(*votes.results(recorded))) in page(
        own
    )
    before = page(own)
    own.buttons["left"].click()  # a press that was on its way
    assert (page(own), votes.read(own.booth.path)) == (before, recorded)


def test_a_double_press_is_one_answer_and_a_key_held_down_is_none_more(enter, monkeypatch):
    monkeypatch.setattr(vote_panel, "REST", 0.3)
    own = enter()
    own.buttons["left"].click()  # before anybody can have looked
    assert own.booth.votes == []
    time.sleep(0.35)
    own.buttons["left"].click()
    end = time.monotonic() + 0.7
    while time.monotonic() < end:
        own.buttons["left"].click()
        time.sleep(0.02)
    assert len(own.booth.votes) == 1
    time.sleep(0.35)
    own.buttons["right"].click()
    assert [vote.answer for vote in own.booth.votes] == ["left", "right"]


def test_the_time_to_answer_is_that_since_the_pair_was_shown(enter):
    own = enter()
    time.sleep(0.25)
    own.answer("left")
    own.answer("left")
    first, second = (vote.seconds for vote in own.booth.votes)
    assert second < 0.2 < first < 2


def test_after_a_restart_voting_goes_on_and_what_is_answered_shows_its_results(enter):
    for number in range(1, 5):
        own = enter()
        assert progress(own).startswith(f"Pair {number} of 4")
        own.answer("left")
    assert page(enter()) == page(own)


def test_a_vote_that_can_t_be_kept_is_said_and_can_be_given_again(enter, fast):
    own = enter()
    own.booth.path.write_text("something else")
    own.buttons["left"].click()
    assert "votes.csv is no votes file of this kit" in progress(own)
    assert "colorkit-picture" in page(own)
    own.booth.path.unlink()
    own.buttons["left"].click()
    assert progress(own).startswith("Pair 2 of 4")
    with pytest.raises(KitError, match='say "left" or "right"'):
        own.answer("middle")
