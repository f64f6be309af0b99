"""The training panel: what its controls say is the config of the next run."""

import pytest
from panel_samples import FIELDS, SMOKE, make_training_panel, read_line

from colorkit import profiles, runs
from colorkit.errors import KitError
from colorkit.models import configs
from colorkit.training import run_config

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
# the moves that change fields of other names
OVERRIDES = {"learns": {"fine_tune": True, "learns_from": 3}}


@pytest.mark.parametrize("name", profiles.PROFILES)
@pytest.mark.parametrize("model", FIELDS)
def test_untouched_a_panel_is_the_profile(model, name):
    profile = profiles.get(name)
    own = make_training_panel(model, profile)
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
    own = make_training_panel(model)
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
    own = make_training_panel("cnn", profiles.get("demo"))
    own.controls["head"].value = "conv"
    own.controls["dropout"].value = 0.2
    own.controls["head"].value = "tanh"
    own.controls["epochs"].value = 4
    assert (own.epochs, own.overrides) == (4, {"head": "tanh", "dropout": 0.2})


@pytest.mark.parametrize("value", [0, *range(1, 6)])
def test_what_learns_and_back(value):
    """It begins with the smoke profile, where nothing of the encoder learns."""
    own = make_training_panel("resnet")
    own.controls["learns"].value = value
    net = own.config.net
    assert (net.fine_tune, net.learns_from) == ((True, value) if value else (False, 1))


def test_a_stage_that_is_cut_off_can_not_learn():
    own = make_training_panel("resnet")
    own.controls["learns"].value = 5
    own.controls["cut"].value = 4
    assert own.config.net == run_config.configure("resnet", SMOKE, "d", cut=4).net
    before = read_line(own)
    words = "0.00 of its 10.00 million weights learn. Stage 5, which should learn, is cut off. "
    assert words in before
    own.controls["dropout"].value = 0.2
    assert read_line(own) != before


def test_where_the_encoder_learns_by_default_it_can_be_frozen():
    profile = profiles.get("class")
    own = make_training_panel("resnet", profile)
    assert own.values["learns"] == 1
    own.controls["learns"].value = 0
    assert own.overrides == {"fine_tune": False}


def test_a_form_gives_values_to_begin_with_and_none_is_the_profile_s():
    own = make_training_panel("cnn", epochs=3, head="conv", batch_size=None)
    assert (own.epochs, own.overrides) == (3, {"head": "conv"})
    unusual = make_training_panel("cnn", batch_size=12)  # the slider doesn't offer it by itself
    assert unusual.overrides == {"batch_size": 12}


@pytest.mark.parametrize("schedule", configs.SCHEDULES)
def test_every_schedule_can_be_chosen(schedule):
    own = make_training_panel("gan")
    assert own.controls["schedule"].value == "epoch"
    own.controls["schedule"].value = schedule
    assert own.config.net.schedule == schedule


def test_a_choice_that_contradicts_itself_is_told_and_refused_when_it_is_used():
    """The panel doesn't fail while the second of two controls is still to be moved."""
    own = make_training_panel("gan")
    own.controls["d_every"].value = 2
    assert "refused" not in read_line(own)
    own.controls["schedule"].value = "batch"
    assert read_line(own).endswith(
        "This will be refused: d_every=2 goes with schedule=&#x27;epoch&#x27; only, "
        "not with &#x27;batch&#x27;."
    )
    with pytest.raises(KitError, match="d_every=2 goes with schedule='epoch' only"):
        _ = own.config
    own.controls["d_every"].value = 1
    assert own.config.net.schedule == "batch"


def test_the_line_counts_the_steps():
    """It counts those of all faces, or of the faces that the profile takes."""
    own = make_training_panel("cnn", profiles.get("class"))
    own.controls["epochs"].value = 5
    own.controls["batch_size"].value = 64
    assert " weights learn. 80 faces: 2 steps an epoch, 10 in all. " in read_line(own)
    assert " 24 faces: 3 steps an epoch, 3 in all. " in read_line(make_training_panel("cnn"))


def test_the_line_names_the_run_s_folder_which_the_number_of_epochs_leaves_as_it_is(home):
    own = make_training_panel("cnn")
    own.controls["epochs"].value = 2
    started = runs.start(make_training_panel("cnn").config, SMOKE.name, home)
    assert read_line(own).endswith(f" will be {started.folder.name}.")
