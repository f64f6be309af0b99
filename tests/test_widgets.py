import pytest

from colorkit import configs, gan, profiles, widgets
from colorkit.errors import KitError

MOVES = {
    "epochs": 7,
    "batch_size": 64,
    "learning_rate": 3e-3,
    "head": "tanh",
    "dropout": 0.3,
    "fine_tune": True,
    "lambda_l2": 0.01,
    "schedule": "step",
    "d_every": 3,
}


@pytest.mark.parametrize("name", profiles.PROFILES)
@pytest.mark.parametrize("model", widgets.FIELDS)
def test_untouched_a_panel_is_the_profile(model, name):
    profile = profiles.get(name)
    panel = widgets.Panel(model, profile)
    assert panel.choice == widgets.Choice(model, configs.budget(profile, model).epochs, {})
    assert panel.choice.config(profile, "d") == configs.configure(model, profile, "d")
    shown = {name: control.value for name, control in panel.controls.items()}
    config = configs.configure(model, profile, "d").to_json()
    expected = config | config["net"] | {"epochs": panel.choice.epochs}
    assert shown == {name: expected[name] for name in widgets.FIELDS[model]}


@pytest.mark.parametrize(("model", "name"), [(model, name) for model, names in widgets.FIELDS.items() for name in names])
def test_moving_a_control_changes_the_choice_and_the_config(model, name):
    profile = profiles.get("smoke")
    panel = widgets.Panel(model, profile)
    panel.controls[name].value = MOVES[name]
    if name == "epochs":
        assert (panel.choice.epochs, panel.choice.overrides) == (7, {})
    else:
        assert (panel.choice.epochs, panel.choice.overrides) == (1, {name: MOVES[name]})
        config = panel.choice.config(profile, "d")
        assert config == configs.configure(model, profile, "d", **{name: MOVES[name]})
        assert config != configs.configure(model, profile, "d")


def test_several_moves_add_up():
    panel = widgets.Panel("cnn", profiles.get("demo"))
    panel.controls["head"].value = "conv"
    panel.controls["dropout"].value = 0.2
    panel.controls["head"].value = "tanh"
    panel.controls["epochs"].value = 4
    assert panel.choice == widgets.Choice("cnn", 4, {"head": "tanh", "dropout": 0.2})


def test_the_panel_shows_all_its_controls():
    panel = widgets.Panel("gan", profiles.get("demo"))
    assert panel.widget.children == tuple(panel.controls.values())
    labels = ["epochs", "batch size", "lambda of L2", "schedule of turns", "judge: every n epochs"]
    assert [control.description for control in panel.widget.children] == labels


@pytest.mark.parametrize("schedule", gan.SCHEDULES)
def test_every_schedule_can_be_chosen(schedule):
    profile = profiles.get("smoke")
    panel = widgets.Panel("gan", profile)
    assert panel.controls["schedule"].value == "epoch"
    panel.controls["schedule"].value = schedule
    assert panel.choice.config(profile, "d").net.schedule == schedule


def test_a_choice_that_contradicts_itself_is_refused_when_it_is_used():
    """And not while the second of two controls is still to be moved."""
    profile = profiles.get("smoke")
    panel = widgets.Panel("gan", profile)
    panel.controls["d_every"].value = 2
    panel.controls["schedule"].value = "batch"
    with pytest.raises(KitError, match="d_every=2 goes with schedule='epoch' only"):
        panel.choice.config(profile, "d")
    panel.controls["d_every"].value = 1
    assert panel.choice.config(profile, "d").net.schedule == "batch"


def test_change_works_without_a_widget_and_leaves_the_old_choice_alone():
    old = widgets.Choice("cnn", 3, {"dropout": 0.1})
    assert widgets.change(old, "dropout", 0.5) == widgets.Choice("cnn", 3, {"dropout": 0.5})
    assert widgets.change(old, "epochs", 9) == widgets.Choice("cnn", 9, {"dropout": 0.1})
    assert old == widgets.Choice("cnn", 3, {"dropout": 0.1})
