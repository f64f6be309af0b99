"""Describe everything that decides the result of a run in one frozen object."""

import ast
import collections
import warnings
from dataclasses import dataclass, field, fields, replace
from typing import Any

from .. import files
from ..errors import KitError
from ..machine.precision import CHOICES
from ..models.configs import NetConfig
from ..models.fields import (
    LARGEST_COUNT,
    LARGEST_SEED,
    check_choice,
    check_count,
    check_flag,
    check_known,
    check_range,
    later,
    shorten,
)
from ..models.registry import REGISTRY, config_of
from ..profiles import Budget, Profile
from .flat_config import flatten, unflatten, without_later

LARGEST_BATCH = 65_536  # faces: their features would take hundreds of gigabytes


def _usual(value: Any) -> dict[str, Any]:
    """Store in a field's metadata the value that `configure` uses when none is given."""
    return {"usual": value}


@dataclass(frozen=True)
class Config:
    """Everything that matters to the result, except how long the run lasts.

    A run can be made longer, so the number of epochs isn't part of it.

    Attributes:
        model: name in models.REGISTRY.
        net: options of that network.
        images: number of faces to train on, the first of the split; None for all.
        batch_size: faces per step.
        learning_rate: Adam's.
        seed: seed of the initial weights, of dropout, and of the order of batches.
        data: SHA-256 of the training files, so that other data makes another run.
        patience: end the run when the validation MSE has had no new best for this many epochs;
            0 for never.
        lr_patience: halve the learning rate each time that this many epochs pass without a new
            best; 0 for never.
        precision: a Keras dtype policy, or "auto" for the one that suits the device on which the
            run starts; the run then keeps it.
        old: whether to train on the faces as old photographs, each damaged differently in every
            epoch, up to old_photos.WORN.
    """

    model: str
    net: NetConfig
    images: int | None = field(metadata=_usual(1))  # the profile replaces it, and the next one
    batch_size: int = field(metadata=_usual(1))
    learning_rate: float = field(metadata=_usual(1e-3))
    seed: int = field(metadata=_usual(0))
    data: str
    patience: int = 0
    lr_patience: int = 0
    precision: str = "auto"
    old: bool = later(False)

    def __post_init__(self) -> None:
        check_choice("model", self.model, tuple(REGISTRY))
        check_count("batch_size", self.batch_size, most=LARGEST_BATCH)
        if self.images is not None:
            check_count("images", self.images)
        check_range("learning_rate", self.learning_rate, 0, 1)
        check_count("seed", self.seed, 0, LARGEST_SEED)
        check_choice("precision", self.precision, CHOICES)
        check_flag("old", self.old)
        check_count("patience", self.patience, 0)  # 0 for never
        check_count("lr_patience", self.lr_patience, 0)

    @property
    def digest(self) -> str:
        """Return eight hex digits that differ when any field does; see `later` for exceptions."""
        settings = without_later(Config, self.to_json(), TRAINING)
        kind = type(self.net)
        settings["net"] = without_later(kind, settings["net"], flatten(kind()))
        return files.sha256_of(settings)[:8]

    @property
    def of_report(self) -> bool:
        """Tell whether it is one of the report's three models; a U-Net is the kit's own."""
        return self.net.of_report

    @property
    def label(self) -> str:
        """Name it for a table: the model, and what differs from the defaults: "cnn, head=conv"."""
        usual = flatten(config_of(self.model)()) | TRAINING
        own = self.to_json()
        own |= own.pop("net")
        words = [self.model]
        for name, value in usual.items():
            # The first two are said in words below, the last has no default: see `names`.
            if name not in ("images", "seed", "batch_size") and own[name] != value:
                words.append(f"{name}={own[name]}")
        if self.images:
            words.append(f"{self.images} images")
        if self.seed:
            words.append(f"seed {self.seed}")
        return ", ".join(words)

    def with_faces(self, there: int) -> "Config":
        """Return this config as it comes out where there are only so many faces."""
        if self.images is None or self.images <= there:
            return self
        return replace(self, images=there)

    def shortage(self, there: int) -> str:
        """Say that there are fewer faces than asked for; nothing where there are enough."""
        if self.images is None or self.images <= there:
            return ""
        return f", on the {there:,} faces that there are (images={self.images})"

    def to_json(self) -> dict[str, Any]:
        """Return plain values; `from_json` undoes it."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        values["net"] = flatten(self.net)
        return values

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Config":
        """Read what `to_json` wrote, back from JSON (where tuples have become lists)."""
        check_known(value, cls.__dataclass_fields__)
        check_known([value["model"]], REGISTRY)
        check_known(value["net"], flatten(config_of(value["model"])()))
        net = {}
        for name, item in value["net"].items():
            net[name] = tuple(item) if isinstance(item, list) else item
        return cls(**{**value, "net": unflatten(config_of(value["model"]), net)})


# What may be overridden, and the usual values.
TRAINING = {
    each.name: each.metadata.get("usual", each.default)
    for each in fields(Config)
    if each.name not in ("model", "net", "data")
}


def differences(old: Config, new: Config) -> str:
    """List the fields that differ, with both values, for a message."""
    old_fields = old.to_json()
    old_fields |= old_fields.pop("net")
    new_fields = new.to_json()
    new_fields |= new_fields.pop("net")
    found = []
    for name in sorted(old_fields.keys() | new_fields.keys()):
        there, here = old_fields.get(name), new_fields.get(name)
        if there != here:
            found.append(f"{name} {there} there, {here} here")
    return ", ".join(found)


def names(found: list[tuple[str, Config]]) -> list[str]:
    """Name runs that stand side by side: their labels, made longer where two would be the same.

    Such runs on the same data differ in batch size, for which every profile has its own, or only in
    the profile, which the folder's name tells.

    Args:
        found: the name of the folder and the config of each run.
    """
    sizes = collections.defaultdict(list)
    for _, config in found:
        sizes[config.label, config.data].append(config.batch_size)
    return [_name(folder, config, sizes[config.label, config.data]) for folder, config in found]


def _name(folder: str, config: Config, sizes: list[int]) -> str:
    """Name a run; `sizes` are the batch sizes of all runs on the same data with its label."""
    if len(sizes) == 1:
        return config.label
    if sizes.count(config.batch_size) > 1:
        return f"{config.label}, {folder}"
    return f"{config.label}, batch_size={config.batch_size}"


def budget(profile: Profile, model: str) -> Budget:
    """Return how long a profile trains a model.

    Raises:
        KitError: the model is unknown.
    """
    check_model(model)
    return profile.budget(model)


def check_model(model: str) -> None:
    """Raise KitError unless the kit has such a model."""
    if model not in REGISTRY:
        raise KitError(f"model {model!r} is unknown: one of {', '.join(REGISTRY)}")


def configure(model: str, profile: Profile, data: str, /, **overrides: Any) -> Config:
    """Build a profile's config for a model, with some fields overridden. Lessons 2.6, 3.4, 3.5.

    Args:
        model: name in models.REGISTRY.
        profile: profile that gives batch size, images and whether ResNet-50 is fine-tuned.
        data: digest of the training files (data.digest).
        overrides: any field of Config (except model, net, data) or setting of the model.

    Raises:
        KitError: unknown model, unknown field (the message lists them), or a value that the model
            refuses.

    Example:
        >>> configure("cnn", env.profile, data_digest, head="conv")  # doctest: +SKIP
    """
    check_model(model)
    kind = config_of(model)
    training = dict(TRAINING)
    training["images"] = budget(profile, model).images
    training["batch_size"] = profile.batch_size
    known = flatten(kind()).keys()
    net = {}
    if "fine_tune" in known and overrides.get("generator") != "unet":
        net["fine_tune"] = profile.fine_tune
    for name, value in overrides.items():
        if name in training:
            training[name] = value
        elif name in known:
            net[name] = value
        else:
            choices = ", ".join([*training, *sorted(known)])
            raise KitError(f"{model} has no field {name!r}: one of {choices}")
    for name in ("learning_rate", "d_learning_rate"):
        if (training | net).get(name) == 0:
            raise KitError(f"{name}=0: expected a number above 0, because nothing is learned at 0")
    try:
        return Config(model=model, net=unflatten(kind, net), data=data, **training)
    except (ValueError, TypeError) as bad:
        raise KitError(str(bad)) from None


def parse(model: str, pairs: list[str]) -> dict[str, Any]:
    """Turn `name=value` strings of the command line into overrides of the right types.

    Raises:
        KitError: no `=`, a field that is set twice, or a value of another type than the field's
            default.
    """
    check_model(model)
    defaults = flatten(config_of(model)()) | TRAINING
    overrides: dict[str, Any] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator:
            raise KitError(f"--set {shorten(pair)}: expected name=value")
        if name in overrides:
            raise KitError(f"--set {shorten(pair)}: {name} is set twice, expected once")
        overrides[name] = _value(name, text, defaults.get(name))
    return overrides


def _value(name: str, text: str, default: Any) -> Any:
    """Read a value in the type of the field's default.

    The value of an unknown field stays text: `configure` refuses it by name.
    """
    if default is None or isinstance(default, str):
        return text
    if isinstance(default, tuple) and not any(character.isdigit() for character in text):
        return tuple(text.split(","))
    value = _literal(text.capitalize() if text in ("true", "false") else text)
    if isinstance(default, tuple) and isinstance(value, int):
        value = (value,)
    if isinstance(default, float) and type(value) is int:
        value = float(value) if abs(value) <= LARGEST_COUNT else value
    if type(value) is not type(default):
        raise KitError(
            f"--set {shorten(f'{name}={text}')}: expected {type(default).__name__}, "
            f"as in {name}={default}"
        )
    return value


def _literal(text: str) -> Any:
    """Read a value as Python writes it; return None where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own advice on odd numbers, such as 0x1for
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
