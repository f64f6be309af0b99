"""Build the generator of a GAN: one of the other networks, by its row in the registry."""

import keras

from ..arrays import LabCode
from . import registry
from .configs import GANConfig, NetConfig, UNetConfig


def build_generator(config: GANConfig) -> keras.Model:
    """Build the network that colors."""
    row, own = _network(config)
    return registry.resolve(row.build)(own)


def start(model: keras.Model, config: GANConfig, lab: LabCode | None) -> str | None:
    """Give the generator the starting values that it has as a network of its own."""
    row, own = _network(config)
    return registry.resolve(row.start)(model, own, lab)


def _network(config: GANConfig) -> tuple[registry.Model, NetConfig]:
    """Return the generator's row in the registry, and its config."""
    row = registry.REGISTRY[config.generator]
    return row, UNetConfig() if config.generator == "unet" else config
