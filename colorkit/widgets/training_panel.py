"""Show panels that set up the next run, and draw what it will be.

Their defaults are the profile's, so Run all needs no click.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import ipywidgets

from .. import plots
from ..errors import KitError
from ..models import cnn, configs, resnet
from ..models.registry import REGISTRY, resolve
from ..plots import diagrams, panels, training_pictures
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


class Control(NamedTuple):
    """How one field is set: its label, its widget, and the options of that widget."""

    label: str
    kind: type[ipywidgets.Widget]
    options: dict[str, Any]


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
    # Only the schedule "epoch" has it; the others refuse it.
    "d_every": Control("judge: every n epochs", ipywidgets.IntSlider, {"min": 1, "max": 5}),
}


class ModelPanel(NamedTuple):
    """What a model's panel shows; its row in models.REGISTRY names it.

    Attributes:
        fields: names of its controls.
        draw: function from the model's config, the values of the controls, and the mean color's
            MSE to the picture.
    """

    fields: tuple[str, ...]
    draw: Callable[[Any, dict[str, Any], float], panels.Drawn]


def panel_of(model: str) -> ModelPanel:
    """Return what the panel of a model shows.

    Raises:
        KitError: the model is unknown or has no panel.
    """
    run_config.check_model(model)
    name = REGISTRY[model].panel
    if name is None:
        raise KitError(f"model {model!r} has no panel: set its options with training.configure")
    return resolve(name)


class Training(Panel):
    """The hyper-parameters of a model's next run, and what that run will be.

    Training reads `config` and `epochs`, and never a widget. Lessons 2.5, 3.3 and 4.6.

    Args:
        model: name of a model that has a panel: "cnn", "resnet" or "gan".
        profile: profile that gives the defaults.
        data: digest of the training files (data.digest).
        faces: number of faces to train on.
        error: mean color's MSE, to which a GAN's lambda is compared.
        start: values to begin with instead of the profile's; None stands for the profile's.

    Example:
        >>> panel = Training("cnn", env.profile, data_digest, 800, 90.0)  # doctest: +SKIP
    """

    def __init__(
        self, model: str, profile: Profile, data: str, faces: int, error: float, **start: Any
    ):
        self.model = model
        self._profile = profile
        self._data = data
        self._faces = faces
        self._error = error
        self._shown = panel_of(model)
        self._defaults = _defaults(model, profile, data)
        chosen = {name: value for name, value in start.items() if value is not None}
        values = self._defaults | chosen
        controls = {name: _control(name, values[name]) for name in self._shown.fields}
        super().__init__(controls, self._drawn)

    @property
    def epochs(self) -> int:
        """Return how long to train."""
        return self.values["epochs"]

    @property
    def overrides(self) -> dict[str, Any]:
        """Return the fields of the config that differ from the profile's."""
        changed = {}
        for name, value in self.values.items():
            if name != "epochs" and value != self._defaults[name]:
                changed[name] = value
        if "learns" in changed:
            stage = changed.pop("learns")
            if 0 < stage <= self.values["cut"]:
                changed |= {"fine_tune": True, "learns_from": stage}
            else:  # a stage that is cut off has nothing to learn
                changed |= {"fine_tune": False}
        return changed

    @property
    def config(self) -> run_config.Config:
        """Return the config of the next run.

        Raises:
            KitError: the values contradict each other.
        """
        return run_config.configure(self.model, self._profile, self._data, **self.overrides)

    def _drawn(self, **values: Any) -> panels.Drawn:
        """Draw the picture; if the choices contradict each other, the line below says why."""
        try:
            config = self.config
            run = f"The run's folder will be {config.model}-{self._profile.name}-{config.digest}."
        except KitError as bad:
            config = run_config.configure(self.model, self._profile, self._data)
            run = f"This will be refused: {bad}."
        faces = min(config.images or self._faces, self._faces)
        steps = -(-faces // values["batch_size"])  # rounded up
        drawn = self._shown.draw(config.net, values, self._error)
        count = f"{faces:,} faces: {steps} steps an epoch, {steps * values['epochs']:,} in all."
        return drawn._replace(line=f"{drawn.line} {count} {run}")


def _defaults(model: str, profile: Profile, data: str) -> dict[str, Any]:
    """Return the value of every control in a profile."""
    config = run_config.configure(model, profile, data).to_json()
    found = config | config["net"]
    found["epochs"] = run_config.budget(profile, model).epochs
    found["learns"] = found.get("learns_from") if found.get("fine_tune") else 0
    return found


def _control(name: str, value: Any) -> ipywidgets.Widget:
    """Make the widget of a field; a value that its slider doesn't offer gets a place there."""
    label, kind, options = CONTROLS[name]
    if kind is ipywidgets.SelectionSlider and name != "learns":
        options = {"options": sorted({*options["options"], value})}
    return kind(value=value, description=label, **options, **WIDE)


def draw_cnn(net: configs.CNNConfig, values: dict[str, Any], error: float) -> panels.Drawn:
    """Draw the CNN of a config."""
    return _drawn_network(net)


@functools.lru_cache(maxsize=8)
def _drawn_network(net: configs.CNNConfig) -> panels.Drawn:
    model = cnn.build_cnn(net)
    return panels.Drawn(
        plots.architecture(model),
        plots.describe_architecture(model),
        f"{diagrams.learning(model):,} weights learn.",
    )


def draw_resnet(net: configs.ResNetConfig, values: dict[str, Any], error: float) -> panels.Drawn:
    """Draw the stages of ResNet-50, and which of them learn."""
    cut, learns = values["cut"], values["learns"]
    drawn = training_pictures.stages(resnet.weights_of_stages(), cut, learns or None)
    if learns <= cut:
        return drawn
    return drawn._replace(line=f"{drawn.line} Stage {learns}, which should learn, is cut off.")


def draw_gan(net: configs.GANConfig, values: dict[str, Any], error: float) -> panels.Drawn:
    """Draw whose turn it is in each epoch, and the terms of the generator's loss."""
    schedule, d_every = values["schedule"], values["d_every"]
    epochs = range(values["epochs"])
    order = [turns.of_epoch(schedule, epoch, d_every, net.pretrain) for epoch in epochs]
    return training_pictures.turns_and_terms(order, values["lambda_l2"], error)


CNN_PANEL = ModelPanel(("epochs", "batch_size", "learning_rate", "head", "dropout"), draw_cnn)
RESNET_PANEL = ModelPanel(("epochs", "batch_size", "cut", "learns", "dropout"), draw_resnet)
GAN_PANEL = ModelPanel(("epochs", "batch_size", "lambda_l2", "schedule", "d_every"), draw_gan)
