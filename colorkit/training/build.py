"""Build a trainer from a run's config, give it its starting values, and make its batches."""

import keras
import numpy as np

from .. import color
from ..arrays import HintPlanes
from ..data import old_photos
from ..data.splits import Split
from ..errors import KitError
from ..machine import console, devices, feeding, precision
from ..models.configs import GANConfig
from ..models.registry import REGISTRY, resolve
from .batches import Batches
from .run_config import Config
from .trainer import Trainer


def build_trainer(config: Config, started: str | None = None) -> Trainer:
    """Build models and optimizers with random starting values, on the devices there are.

    The same config gives the same values.

    Args:
        config: what decides the result of the run.
        started: precision in which the run was started, from its journal; None for a new run.
    """
    feeding.keep()
    shares = shares_of(config)
    policy, layers_policy = precision.choose(config.precision, started)
    with devices.building(shares), precision.layers_in(layers_policy):
        with console.held_back():  # on JAX, too, this imports TensorFlow where it is installed
            keras.utils.set_random_seed(config.seed)
        row = REGISTRY[config.model]
        model = resolve(row.build)(config.net)
        if shares > 1:
            devices.synchronize(model)
        trainer = resolve(row.trainer)(model, config.net, config.learning_rate, policy)
    trainer.label = config.label
    return trainer


def initialize(trainer: Trainer, config: Config, split: Split | None) -> str | None:
    """Give a new run's model its starting values, beyond the random ones.

    Args:
        trainer: trainer that was just built from the config.
        config: what decides the result of the run.
        split: training faces; None when the run is only looked at.

    Returns:
        What the encoder starts as: "imagenet", "untrained", or None for a model without a
        borrowed encoder.
    """
    row = REGISTRY[config.model]
    encoder = None
    if row.start is not None:
        lab = None if split is None else split.lab
        encoder = resolve(row.start)(trainer.models[0], config.net, lab)
    for follower in trainer.followers:
        follower.restart()
    return encoder


def shares_of(config: Config) -> int:
    """Count the devices that share a batch: all, except for some GANs on TensorFlow.

    Where turns swap within a pass, TensorFlow's train_on_batch gives every device the whole batch:
    the same result as one device's, and no sooner.
    """
    swaps_within_a_pass = isinstance(config.net, GANConfig) and config.net.schedule != "epoch"
    if swaps_within_a_pass and keras.backend.backend() == "tensorflow":
        return 1
    return devices.count()


def batches(config: Config, split: Split, epoch: int) -> Batches:
    """Make one pass over the training faces: this host's part, in batches that devices can share.

    Raises:
        KitError: the devices can't share the batch size evenly, or there are fewer faces than
            devices; the message says what can be chosen.
    """
    shares = shares_of(config)
    _check_shares(config.batch_size, len(split), shares)
    return Batches(
        split,
        config.batch_size,
        config.seed,
        epoch,
        devices=shares,
        host=devices.host(),
        old=old_photos.WORN if config.old else None,
        hinted=config.net.hints,
    )


def _check_shares(batch_size: int, faces: int, shares: int) -> None:
    """Raise KitError unless every device gets an equal share of a batch."""
    if batch_size % shares:
        choice = f"a batch size of {max(batch_size // shares, 1) * shares}"
    elif faces < shares:
        choice = f"{shares} faces or more"
    else:
        return
    raise KitError(
        f"{batch_size} of {faces} faces a batch can't be shared evenly by {shares} devices: "
        f"choose {choice}, or use one device"
    )


def hints_for(config: Config, val: Split) -> HintPlanes | None:
    """Draw the color hints of a validation, the same after every epoch.

    There are as many as in training. A model that takes no hints gets None.
    """
    if not config.net.hints:
        return None
    return color.random_hints(val.lab[..., 1:], np.arange(len(val)), config.seed, 0)
