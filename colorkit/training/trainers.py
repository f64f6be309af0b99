"""What trains a model, built from a run's config; its values taken out as arrays, and put back exactly."""

import hashlib

import keras
import numpy as np

from .. import color
from ..data import old_photos
from ..data.splits import Split
from ..errors import KitError
from ..machine import devices, feeding, precision
from ..models import cnn, configs, resnet, unet
from ..models.configs import GANConfig, UNetConfig
from . import segments
from .batches import Batches
from .gan import GAN
from .run_config import Config
from .supervised import Classifier, Supervised

Trainer = Supervised | GAN  # a Classifier is a Supervised
BUILDERS = {"cnn": cnn.build_cnn, "resnet": resnet.build_resnet, "unet": unet.build_unet}


def build_trainer(config: Config, started: str | None = None) -> Trainer:
    """Models and optimizers with the config's random starting values, on the devices there are; the same config gives the same values.

    Args:
        started: the precision in which the run was started, of its journal; None for a new run.
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
        if config.model == "gan":
            return GAN(model, config.net, config.learning_rate, policy)
        if net.head == "classes":
            return Classifier(model, config.learning_rate, policy)
        return Supervised(model, config.learning_rate, policy, getattr(net, "loss", "l2"))


def _colorizer(config: Config) -> tuple[str, configs.CNNConfig | UNetConfig]:
    """Which network colors, and its fields; in a GAN it is the generator."""
    if config.model != "gan":
        return config.model, config.net
    return config.net.generator, UNetConfig() if config.net.generator == "unet" else config.net


def shares_of(config: Config) -> int:
    """On how many devices a run of this config trains: all, but for a GAN whose turns swap within a pass on TensorFlow.

    Its train_on_batch gives every device the whole batch: the same result as one device's, and no sooner.
    """
    by_batch = isinstance(config.net, GANConfig) and config.net.schedule != "epoch"
    return 1 if by_batch and keras.backend.backend() == "tensorflow" else devices.count()


def batches(config: Config, split: Split, epoch: int) -> Batches:
    """One pass over the training faces: this host's part of it, in batches that the devices can share.

    Raises:
        KitError: the batch size can't be shared evenly, or there are fewer faces than devices; the message says what can be chosen.
    """
    shares, size = shares_of(config), config.batch_size
    if size % shares or len(split) < shares:
        choice = (
            f"a batch size of {max(size // shares, 1) * shares}"
            if size % shares
            else f"{shares} faces or more"
        )
        raise KitError(
            f"{size} of {len(split)} faces a batch can't be shared evenly by {shares} devices: choose {choice}, or use one device"
        )
    return Batches(
        split,
        size,
        config.seed,
        epoch,
        shares,
        devices.host(),
        old_photos.WORN if config.old else None,
        hinted(config),
    )


def hinted(config: Config) -> bool:
    """Whether the model takes color hints beside L."""
    return config.model == "unet" and config.net.hints


def hints_for(config: Config, val: Split) -> np.ndarray | None:
    """The hints of a validation: as many as in training, of each face the same after every epoch; None where the model takes none."""
    return (
        color.random_hints(val.lab[..., 1:], np.arange(len(val)), config.seed, 0)
        if hinted(config)
        else None
    )


def predict(
    trainer: Trainer, config: Config, L: np.ndarray, hints: np.ndarray | None = None
) -> np.ndarray:
    """What a trainer's model predicts: see run.Run.predict.

    Raises:
        KitError: the model takes no hints, and there are some.
    """
    if hinted(config):
        return devices.predict(
            trainer.predictor,
            (L, np.zeros((*L.shape[:-1], 3), np.float32) if hints is None else hints),
        )
    if hints is not None:
        raise KitError(
            f"{config.label} takes no hints: a model that does is trained by `python -m colorkit train unet --set hints=true`"
        )
    return devices.predict(trainer.predictor, L)


def train(
    trainer: Trainer,
    leg: segments.Segment,
    batches: Batches,
    callbacks: list[keras.callbacks.Callback],
) -> list[segments.Result]:
    """Train one leg on the devices that the trainer was built on."""
    with devices.training():
        return trainer.train(leg, batches, callbacks)


def initialize(trainer: Trainer, config: Config, split: Split | None) -> str | None:
    """Give a new run's model its starting values, beyond the random ones.

    Args:
        split: the training faces; None when the run is only looked at.

    Returns:
        What the encoder starts as: "imagenet", "untrained", or None for a model without a borrowed encoder.
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
    if config.model == "gan":
        trainer.restart_average()
    return encoder


def values(trainer: Trainer) -> dict[str, np.ndarray]:
    """A copy of all that must survive: weights, dropout's seed states (they are part of a model's variables), the optimizers' moments."""
    return {
        name: keras.ops.convert_to_numpy(variable) for name, variable in _variables(trainer).items()
    }


def restore(trainer: Trainer, arrays: dict[str, np.ndarray]) -> None:
    """Put back what `values` took.

    Raises:
        KitError: the arrays are not those of this trainer, and nothing is put back then; or other hosts have put back others.
    """
    wanted = _variables(trainer)
    if wanted.keys() != arrays.keys() or any(
        tuple(v.shape) != arrays[name].shape for name, v in wanted.items()
    ):
        raise KitError(
            "the checkpoint holds other variables than the model; another version of the kit made it"
        )
    for name, variable in wanted.items():
        variable.assign(arrays[name])
    devices.check_hosts_agree(arrays)


def set_learning_rates(trainer: Trainer, factor: float) -> None:
    """Set every optimizer to its config's learning rate times `factor`."""
    for optimizer, rate in zip(trainer.optimizers, trainer.learning_rates, strict=True):
        optimizer.learning_rate = rate * factor


def digest(trainer: Trainer) -> str:
    """SHA-256 of the trained values alone: equal for two trainers exactly when their weights are."""
    result = hashlib.sha256()
    for model in trainer.models:
        for weight in model.weights:
            result.update(np.ascontiguousarray(keras.ops.convert_to_numpy(weight)).tobytes())
    return result.hexdigest()


def _variables(trainer: Trainer) -> dict[str, keras.Variable]:
    """Every variable by a name that is the same in every process.

    Keras would save an optimizer that isn't built yet without its moments, and skip it in loading with a warning; here it is an error.
    """
    if not all(optimizer.built for optimizer in trainer.optimizers):
        raise RuntimeError("an optimizer isn't built: its moments would be lost")
    owners = [("model", model) for model in trainer.models] + [
        ("optimizer", optimizer) for optimizer in trainer.optimizers
    ]
    return {
        f"{kind}{number}/{index:04d}": variable
        for number, (kind, owner) in enumerate(owners)
        for index, variable in enumerate(owner.variables)
    }
