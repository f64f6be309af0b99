"""Build the generator of a GAN: one of the other networks, by its row in the registry."""

import keras

from ..arrays import LabCode
from . import registry
from .configs import GANConfig


def build_generator(config: GANConfig) -> keras.Model:
    """Build the network that colors."""
    row = registry.row_of(config.generator)
    return registry.resolve(row.build)(config.generator)


def start(model: keras.Model, config: GANConfig, lab: LabCode | None) -> str | None:
    """Give the generator the starting values that it has as a network of its own."""
    row = registry.row_of(config.generator)
    if row.start is None:
        return None
    return registry.resolve(row.start)(model, config.generator, lab)
