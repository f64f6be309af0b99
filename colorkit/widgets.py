"""Panels with which a student changes the next run. Each control's job is a plain function that works without a widget.

Only what ipywidgets 7.7.1 (Colab) and 8 share is used. A panel's defaults are the profile's, so that Run all needs no click.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import ipywidgets

from . import configs, gan
from .profiles import Profile


@dataclass(frozen=True)
class Choice:
    """What a panel holds: plain values, read by training.

    Attributes:
        model: "cnn", "resnet" or "gan".
        epochs: how long to train.
        overrides: fields for configs.configure.
    """

    model: str
    epochs: int
    overrides: dict[str, Any]

    def config(self, profile: Profile, data: str) -> configs.Config:
        """The config of a run with these values."""
        return configs.configure(self.model, profile, data, **self.overrides)


def change(choice: Choice, name: str, value: Any) -> Choice:
    """The same choice with one value changed: what every control of a panel does."""
    if name == "epochs":
        return replace(choice, epochs=value)
    return replace(choice, overrides=choice.overrides | {name: value})


CONTROLS: dict[str, tuple[str, Callable[..., Any], dict[str, Any]]] = {  # field -> label, widget, its options
    "epochs": ("epochs", ipywidgets.IntSlider, {"min": 1, "max": 50}),
    "batch_size": ("batch size", ipywidgets.SelectionSlider, {"options": [4, 8, 16, 32, 64, 128]}),
    "learning_rate": ("learning rate", ipywidgets.SelectionSlider, {"options": [1e-4, 3e-4, 1e-3, 3e-3]}),
    "head": ("head", ipywidgets.Dropdown, {"options": ["dense", "conv", "tanh"]}),
    "dropout": ("dropout", ipywidgets.FloatSlider, {"min": 0.0, "max": 0.6, "step": 0.1}),
    "fine_tune": ("train the encoder too", ipywidgets.Checkbox, {}),
    "lambda_l2": ("lambda of L2", ipywidgets.SelectionSlider, {"options": [0.0, 0.001, 0.01, 0.1, 1.0]}),
    "schedule": ("schedule of turns", ipywidgets.Dropdown, {"options": gan.SCHEDULES}),
    "d_every": ("judge: every n epochs", ipywidgets.IntSlider, {"min": 1, "max": 5}),  # epoch; refused with other schedules
}
FIELDS = {
    "cnn": ("epochs", "batch_size", "learning_rate", "head", "dropout"),
    "resnet": ("epochs", "batch_size", "learning_rate", "fine_tune", "dropout"),
    "gan": ("epochs", "batch_size", "lambda_l2", "schedule", "d_every"),
}


class Panel:
    """The hyper-parameters of a model's next run.

    Attributes:
        choice: what the controls say now; training reads this and never a widget.
        widget: what to display.
    """

    def __init__(self, model: str, profile: Profile):
        config = configs.configure(model, profile, data="")
        defaults = config.to_json() | config.to_json()["net"] | {"epochs": configs.budget(profile, model).epochs}
        self.choice = Choice(model, defaults["epochs"], {})
        self.controls = {name: self._control(name, defaults[name]) for name in FIELDS[model]}
        self.widget = ipywidgets.VBox(list(self.controls.values()))

    def _control(self, name: str, value: Any) -> ipywidgets.Widget:
        label, kind, options = CONTROLS[name]
        style, layout = {"description_width": "150px"}, ipywidgets.Layout(width="420px")
        control = kind(value=value, description=label, style=style, layout=layout, **options)

        def moved(event: dict) -> None:
            self.choice = change(self.choice, name, event["new"])

        control.observe(moved, names="value")
        return control
