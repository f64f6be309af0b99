"""Build a trainer from a run's config, give it its starting values, and make its batches."""

import keras
import numpy as np

from .. import color
from ..arrays import HintPlanes
from ..data import old_photos
from ..data.splits import Split
from ..errors import KitError
from ..machine import devices, feeding, precision
from ..models import cnn, configs, resnet, unet
from ..models.configs import GANConfig, UNetConfig
from .batches import Batches
from .gan import GAN
from .run_config import Config
from .supervised import Classifier, Supervised
from .trainer import Trainer

BUILDERS = {"cnn": cnn.build_cnn, "resnet": resnet.build_resnet, "unet": unet.build_unet}


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
        keras.utils.set_random_seed(config.seed)
        kind, net = _colorizer(config)
        model = BUILDERS[kind](net)
        if shares > 1:
            devices.synchronize(model)
        trainer = _trainer_of(config, model, net, policy)
    trainer.label = config.label
    return trainer


def _trainer_of(config: Config, model: keras.Model, net, policy: str) -> Trainer:
    if config.model == "gan":
        return GAN(model, config.net, config.learning_rate, policy)
    if net.head == "classes":
        return Classifier(model, config.learning_rate, policy)
    return Supervised(model, config.learning_rate, policy, getattr(net, "loss", "l2"))


def _colorizer(config: Config) -> tuple[str, configs.CNNConfig | UNetConfig]:
    """Return which network colors, and its fields; in a GAN it is the generator."""
    if config.model != "gan":
        return config.model, config.net
    return config.net.generator, UNetConfig() if config.net.generator == "unet" else config.net


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
    (kind, net), model = _colorizer(config), trainer.models[0]
    if split is not None and kind == "unet":
        unet.start_at_given_lightness(model, net, split.lab)
    elif split is not None:
        cnn.start_at_mean_color(model, color.mean_ab(split.lab))
    encoder = None
    if kind == "resnet":
        encoder = (
            "imagenet" if net.weights == "imagenet" and resnet.load_imagenet(model) else "untrained"
        )
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
        hinted=hinted(config),
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


def hinted(config: Config) -> bool:
    """Tell whether the model takes color hints beside L."""
    return config.model == "unet" and config.net.hints


def hints_for(config: Config, val: Split) -> HintPlanes | None:
    """Draw the color hints of a validation, the same after every epoch.

    There are as many as in training. A model that takes no hints gets None.
    """
    if not hinted(config):
        return None
    return color.random_hints(val.lab[..., 1:], np.arange(len(val)), config.seed, 0)
