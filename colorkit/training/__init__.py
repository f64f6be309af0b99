"""Offer what changes weights: batches, configs of runs, trainers, and the turns of a GAN."""

from .batches import Batches
from .build import build_trainer
from .gan import GAN
from .run_config import Config, configure
from .turns import cross_entropies, discriminator_turn, generator_turn, of_epoch, reading

__all__ = [
    "Batches",
    "Config",
    "GAN",
    "build_trainer",
    "configure",
    "cross_entropies",
    "discriminator_turn",
    "generator_turn",
    "of_epoch",
    "reading",
]
