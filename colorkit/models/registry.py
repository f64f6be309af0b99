"""List the networks that the kit can train. A new network is one row here, and one new file.

Importing this module doesn't import Keras. All that belongs to a network is named as
"module:attribute", and imported when it is first used.
"""

import importlib
from dataclasses import dataclass
from typing import Any

from .fields import NetConfig


@dataclass(frozen=True)
class Model:
    """A network, and the names of what belongs to it.

    Attributes:
        config: class of its options, a frozen dataclass.
        build: function from a config to an untrained keras.Model, L code to a*, b*.
        trainer: class or function from (model, config, learning rate, precision) to a Trainer.
        start: function that gives a new model its starting values, from (model, config, faces as
            codes or None when the run is only looked at). It returns what a borrowed encoder starts
            as, or None. A network without such values needs no such function.
        panel: its part of the training panel, a `ModelPanel`. A network may have none.
    """

    config: str
    build: str
    trainer: str = "colorkit.training.supervised:Supervised"
    start: str | None = None
    panel: str | None = None


REGISTRY = {
    "cnn": Model(
        config="colorkit.models.configs:CNNConfig",
        build="colorkit.models.cnn:build_cnn",
        start="colorkit.models.cnn:start",
        panel="colorkit.widgets.training_panel:CNN_PANEL",
    ),
    "resnet": Model(
        config="colorkit.models.configs:ResNetConfig",
        build="colorkit.models.resnet:build_resnet",
        start="colorkit.models.resnet:start",
        panel="colorkit.widgets.training_panel:RESNET_PANEL",
    ),
    "gan": Model(
        config="colorkit.models.configs:GANConfig",
        build="colorkit.models.generator:build_generator",
        trainer="colorkit.training.gan:GAN",
        start="colorkit.models.generator:start",
        panel="colorkit.widgets.training_panel:GAN_PANEL",
    ),
    "unet": Model(
        config="colorkit.models.configs:UNetConfig",
        build="colorkit.models.unet:build_unet",
        trainer="colorkit.training.supervised:unet_trainer",
        start="colorkit.models.unet:start",
    ),
}


def config_of(model: str) -> type[NetConfig]:
    """Return the class of a network's options, by the network's name."""
    return resolve(REGISTRY[model].config)


def name_of(config: NetConfig) -> str:
    """Return the name under which the network of a config is registered."""
    kind = type(config)
    (name,) = (
        name
        for name, row in REGISTRY.items()
        if row.config == f"{kind.__module__}:{kind.__qualname__}"
    )
    return name


def row_of(config: NetConfig) -> Model:
    """Return the row of the network of a config."""
    return REGISTRY[name_of(config)]


def resolve(name: str) -> Any:
    """Import what "module:attribute" names."""
    module, attribute = name.split(":")
    return getattr(importlib.import_module(module), attribute)
