"""Panels that set up the next run and show what it will be.

They begin with the profile's values, so Run all needs no click.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import ipywidgets

from .. import plots
from ..errors import KitError
from ..models import cnn, configs, resnet
from ..plots import diagrams, panels, training_pictures
from ..profiles import Profile
from ..training import run_config, turns
from .panel import WIDE, Panel


class Control(NamedTuple):
    """How a field of a config is chosen.

    Attributes:
        label: description of the control.
        widget: class of the control.
        options: arguments of the class.
    """

    label: str
    widget: type[ipywidgets.Widget]
    options: dict[str, Any]


LEARNING = [
    ("nothing", 0),
    ("stage 5", 5),
    ("from stage 4", 4),
    ("from stage 3", 3),
    ("from stage 2", 2),
    ("everything", 1),
]
CONTROLS = {
    "epochs": Control("epochs", ipywidgets.IntSlider, {"min": 1, "max": 50}),
    "batch_size": Control(
        "batch size", ipywidgets.SelectionSlider, {"options": [4, 8, 16, 32, 64, 128]}
    ),
    "learning_rate": Control(
        "learning rate", ipywidgets.SelectionSlider, {"options": [1e-4, 3e-4, 1e-3, 3e-3]}
    ),
    "head": Control("head", ipywidgets.Dropdown, {"options": list(configs.CNN_HEADS)}),
    "dropout": Control("dropout", ipywidgets.FloatSlider, {"min": 0.0, "max": 0.6, "step": 0.1}),
    "cut": Control("encoder ends with stage", ipywidgets.IntSlider, {"min": 2, "max": 5}),
    "learns": Control("what of it learns", ipywidgets.SelectionSlider, {"options": LEARNING}),
    "lambda_l2": Control(
        "lambda of L2", ipywidgets.SelectionSlider, {"options": [0.0, 0.001, 0.01, 0.1, 1.0]}
    ),
    "schedule": Control(
        "schedule of turns", ipywidgets.Dropdown, {"options": list(configs.SCHEDULES)}
    ),
    # with any schedule but "epoch" it must be 1
    "d_every": Control("judge: every n epochs", ipywidgets.IntSlider, {"min": 1, "max": 5}),
}
# the fields that a model's panel shows, in this order
FIELDS = {
    "cnn": ("epochs", "batch_size", "learning_rate", "head", "dropout"),
    "resnet": ("epochs", "batch_size", "cut", "learns", "dropout"),
    "gan": ("epochs", "batch_size", "lambda_l2", "schedule", "d_every"),
}


class Training(Panel):
    """The hyper-parameters of a model's next run, and a picture. Lessons 2.5, 3.3 and 4.6.

    The picture and its line show what the run will be. Training reads `config` and `epochs`, and
    never a widget.

    Args:
        model: "cnn", "resnet" or "gan".
        profile: profile with the values to begin with.
        data: digest of the training files (splits.digest).
        faces: number of faces to train on.
        error: the mean color's MSE, with which a GAN's lambda is compared.
        start: values to begin with instead of the profile's; None means the profile's.

    Example:
        >>> panel = widgets.Training("cnn", profile, digest, len(train), 80.0)  # doctest: +SKIP
        >>> display(panel.widget)  # doctest: +SKIP
    """

    def __init__(
        self, model: str, profile: Profile, data: str, faces: int, error: float, **start: Any
    ) -> None:
        self.model = model
        self._profile = profile
        self._data = data
        self._faces = faces
        self._error = error
        self._defaults = self._read_defaults()
        chosen = {name: value for name, value in start.items() if value is not None}
        values = self._defaults | chosen
        controls = {name: _build_control(name, values[name]) for name in FIELDS[model]}
        super().__init__(controls, self._draw_run)

    def _read_defaults(self) -> dict[str, Any]:
        """Read the profile's value of every field."""
        config = run_config.configure(self.model, self._profile, self._data).to_json()
        defaults = config | config["net"]
        defaults["epochs"] = run_config.budget(self._profile, self.model).epochs
        defaults["learns"] = defaults.get("learns_from") if defaults.get("fine_tune") else 0
        return defaults

    @property
    def epochs(self) -> int:
        """Number of epochs to train."""
        return self.values["epochs"]

    @property
    def overrides(self) -> dict[str, Any]:
        """The fields of the config whose value differs from the profile's."""
        changed = {}
        for name, value in self.values.items():
            if name != "epochs" and value != self._defaults[name]:
                changed[name] = value
        if "learns" in changed:
            stage = changed.pop("learns")
            changed["fine_tune"] = 0 < stage <= self.values["cut"]  # a stage that is cut off can't
            if changed["fine_tune"]:
                changed["learns_from"] = stage
        return changed

    @property
    def config(self) -> run_config.Config:
        """The config of the next run.

        Raises:
            KitError: the values contradict each other.
        """
        return run_config.configure(self.model, self._profile, self._data, **self.overrides)

    def _draw_run(self, **values: Any) -> panels.Drawn:
        """Draw the next run. If the values contradict each other, the line says why."""
        try:
            config = self.config
            run = f"The run's folder will be {config.model}-{self._profile.name}-{config.digest}."
        except KitError as bad:
            config = run_config.configure(self.model, self._profile, self._data)
            run = f"This will be refused: {bad}."
        faces = min(config.images or self._faces, self._faces)
        steps = math.ceil(faces / values["batch_size"])
        drawn = DRAW[self.model](config.net, values, self._error)
        return drawn._replace(
            line=f"{drawn.line} {faces:,} faces: {steps} steps an epoch, "
            f"{steps * values['epochs']:,} in all. {run}"
        )


def _build_control(name: str, value: Any) -> ipywidgets.Widget:
    """Create the control of a field. A value that it doesn't offer is added to its choices."""
    label, widget, options = CONTROLS[name]
    if widget is ipywidgets.SelectionSlider and name != "learns":
        options = {"options": sorted({*options["options"], value})}
    return widget(value=value, description=label, **options, **WIDE)


def _draw_cnn(net: configs.CNNConfig, values: dict[str, Any], error: float) -> panels.Drawn:
    return _draw_network(net)


@functools.lru_cache(maxsize=8)
def _draw_network(net: configs.CNNConfig) -> panels.Drawn:
    model = cnn.build_cnn(net)
    return panels.Drawn(
        plots.architecture(model),
        plots.describe_architecture(model),
        f"{diagrams.learning(model):,} weights learn.",
    )


def _draw_resnet(net: configs.ResNetConfig, values: dict[str, Any], error: float) -> panels.Drawn:
    cut = values["cut"]
    learns = values["learns"]
    drawn = training_pictures.stages(resnet.weights_of_stages(), cut, learns or None)
    if learns > cut:
        line = f"{drawn.line} Stage {learns}, which should learn, is cut off."
        return drawn._replace(line=line)
    return drawn


def _draw_gan(net: configs.GANConfig, values: dict[str, Any], error: float) -> panels.Drawn:
    order = []
    for epoch in range(values["epochs"]):
        order.append(turns.of_epoch(values["schedule"], epoch, values["d_every"], net.pretrain))
    return training_pictures.turns_and_terms(order, values["lambda_l2"], error)


# what draws a model's next run: from its net's config, the values of the controls, and the mean
# color's MSE
DRAW: dict[str, Callable[[Any, dict[str, Any], float], panels.Drawn]] = {
    "cnn": _draw_cnn,
    "resnet": _draw_resnet,
    "gan": _draw_gan,
}
