"""Panels that set up the next run, and draw what it will be. Their defaults are the profile's, so Run all needs no click."""

import functools
from typing import Any

import ipywidgets

from .. import plots
from ..errors import KitError
from ..models import cnn, configs, resnet
from ..plots import diagrams, panels
from ..profiles import Profile
from ..training import run_config, turns
from .panel import WIDE, Panel

LEARNING = [
    ("nothing", 0),
    ("stage 5", 5),
    ("from stage 4", 4),
    ("from stage 3", 3),
    ("from stage 2", 2),
    ("everything", 1),
]
CONTROLS: dict[
    str, tuple[str, type[ipywidgets.Widget], dict[str, Any]]
] = {  # field -> label, widget, its options
    "epochs": ("epochs", ipywidgets.IntSlider, {"min": 1, "max": 50}),
    "batch_size": ("batch size", ipywidgets.SelectionSlider, {"options": [4, 8, 16, 32, 64, 128]}),
    "learning_rate": (
        "learning rate",
        ipywidgets.SelectionSlider,
        {"options": [1e-4, 3e-4, 1e-3, 3e-3]},
    ),
    "head": ("head", ipywidgets.Dropdown, {"options": list(configs.CNN_HEADS)}),
    "dropout": ("dropout", ipywidgets.FloatSlider, {"min": 0.0, "max": 0.6, "step": 0.1}),
    "cut": ("encoder ends with stage", ipywidgets.IntSlider, {"min": 2, "max": 5}),
    "learns": ("what of it learns", ipywidgets.SelectionSlider, {"options": LEARNING}),
    "lambda_l2": (
        "lambda of L2",
        ipywidgets.SelectionSlider,
        {"options": [0.0, 0.001, 0.01, 0.1, 1.0]},
    ),
    "schedule": ("schedule of turns", ipywidgets.Dropdown, {"options": list(configs.SCHEDULES)}),
    "d_every": (
        "judge: every n epochs",
        ipywidgets.IntSlider,
        {"min": 1, "max": 5},
    ),  # by epoch; refused with other schedules
}
FIELDS = {
    "cnn": ("epochs", "batch_size", "learning_rate", "head", "dropout"),
    "resnet": ("epochs", "batch_size", "cut", "learns", "dropout"),
    "gan": ("epochs", "batch_size", "lambda_l2", "schedule", "d_every"),
}


class Training(Panel):
    """The hyper-parameters of a model's next run, and what that run will be. Training reads `config` and `epochs`, and never a widget.

    Args:
        model: "cnn", "resnet" or "gan".
        profile: gives the defaults.
        data: digest of the training files (splits.digest).
        faces: how many there are to train on.
        error: the mean color's MSE, which a GAN's lambda is held against.
        start: values to begin with instead of the profile's; None counts as the profile's.
    """

    def __init__(
        self, model: str, profile: Profile, data: str, faces: int, error: float, **start: Any
    ):
        self.model, self._profile, self._data, self._faces, self._error = (
            model,
            profile,
            data,
            faces,
            error,
        )
        config = run_config.configure(model, profile, data)
        self._defaults = (
            config.to_json()
            | config.to_json()["net"]
            | {"epochs": run_config.budget(profile, model).epochs}
        )
        self._defaults["learns"] = (
            self._defaults.get("learns_from") if self._defaults.get("fine_tune") else 0
        )
        chosen = {name: value for name, value in start.items() if value is not None}
        super().__init__(
            {name: _control(name, (self._defaults | chosen)[name]) for name in FIELDS[model]},
            self._drawn,
        )

    @property
    def epochs(self) -> int:
        """How long to train."""
        return self.values["epochs"]

    @property
    def overrides(self) -> dict[str, Any]:
        """The fields of the config that differ from the profile's."""
        changed = {
            name: value
            for name, value in self.values.items()
            if name != "epochs" and value != self._defaults[name]
        }
        if "learns" in changed:
            stage = changed.pop("learns")  # one that is cut off has nothing to learn
            changed |= (
                {"fine_tune": True, "learns_from": stage}
                if 0 < stage <= self.values["cut"]
                else {"fine_tune": False}
            )
        return changed

    @property
    def config(self) -> run_config.Config:
        """The config of the next run.

        Raises:
            KitError: the values contradict each other.
        """
        return run_config.configure(self.model, self._profile, self._data, **self.overrides)

    def _drawn(self, **values: Any) -> panels.Drawn:
        """The picture; of a choice that contradicts itself the line says why."""
        try:
            config = self.config
            run = f"The run's folder will be {config.model}-{self._profile.name}-{config.digest}."
        except KitError as bad:
            config, run = (
                run_config.configure(self.model, self._profile, self._data),
                f"This will be refused: {bad}.",
            )
        faces = min(config.images or self._faces, self._faces)
        steps = -(-faces // values["batch_size"])
        drawn = DRAW[self.model](config.net, values, self._error)
        return drawn._replace(
            line=f"{drawn.line} {faces:,} faces: {steps} steps an epoch, {steps * values['epochs']:,} in all. {run}"
        )


def _control(name: str, value: Any) -> ipywidgets.Widget:
    label, kind, options = CONTROLS[name]
    if kind is ipywidgets.SelectionSlider and name != "learns":
        options = {
            "options": sorted({*options["options"], value})
        }  # a value from elsewhere gets its place
    return kind(value=value, description=label, **options, **WIDE)


@functools.lru_cache(maxsize=8)
def _network(net: configs.CNNConfig) -> panels.Drawn:
    model = cnn.build_cnn(net)
    return panels.Drawn(
        plots.architecture(model),
        plots.describe_architecture(model),
        f"{diagrams.learning(model):,} weights learn.",
    )


def _draw_resnet(net: configs.ResNetConfig, values: dict, _: float) -> panels.Drawn:
    drawn = panels.stages(resnet.weights_of_stages(), values["cut"], values["learns"] or None)
    lost = (
        f" Stage {values['learns']}, which should learn, is cut off."
        if values["learns"] > values["cut"]
        else ""
    )
    return drawn._replace(line=drawn.line + lost)


def _draw_gan(net: configs.GANConfig, values: dict, error: float) -> panels.Drawn:
    order = [
        turns.of_epoch(values["schedule"], epoch, values["d_every"], net.pretrain)
        for epoch in range(values["epochs"])
    ]
    return panels.turns_and_terms(order, values["lambda_l2"], error)


DRAW = {"cnn": lambda net, values, error: _network(net), "resnet": _draw_resnet, "gan": _draw_gan}
