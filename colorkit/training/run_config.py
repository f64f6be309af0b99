"""What decides the result of a run, in one frozen object: the network's fields, the training's, and which data."""

import ast
import collections
from dataclasses import asdict, dataclass, fields
from typing import Any

from .. import files
from ..errors import KitError
from ..machine.precision import CHOICES
from ..models.configs import NetConfig, check_choice, check_counts, check_range, later
from ..models.registry import REGISTRY
from ..profiles import Budget, Profile

TRAINING = {
    "images": 1,
    "batch_size": 1,
    "learning_rate": 1e-3,
    "seed": 0,
    "patience": 0,
    "lr_patience": 0,
    "precision": "auto",
    "old": False,
}  # what may be overridden; the profile gives the first two


@dataclass(frozen=True)
class Config:
    """Everything that matters to the result, except how long the run lasts: a run can be lengthened.

    Attributes:
        model: name in models.REGISTRY.
        net: the fields of that model.
        images: train on the first so many faces; None for all.
        batch_size: faces a step.
        learning_rate: Adam's.
        seed: of the initial weights, the dropout and the order of batches.
        data: SHA-256 of the training files, so that other data is another run.
        patience: end the run when the validation MSE has had no new best for so many epochs; 0 for never.
        lr_patience: halve the learning rate each time that so many epochs pass without a new best; 0 for never.
        precision: a Keras dtype policy, or "auto": the policy that suits the device on which the run starts, and which it then keeps.
        old: train on the faces as old photographs show them, each damaged in another way every epoch, up to old_photos.WORN.
    """

    model: str
    net: NetConfig
    images: int | None
    batch_size: int
    learning_rate: float
    seed: int
    data: str
    patience: int = 0
    lr_patience: int = 0
    precision: str = "auto"
    old: bool = later(False)

    def __post_init__(self):
        check_counts("batch_size", (self.batch_size,))
        check_counts("images", () if self.images is None else (self.images,))
        check_range("learning_rate", self.learning_rate, 0, 1)
        check_choice("precision", self.precision, CHOICES)
        if type(self.old) is not bool:
            raise ValueError(f"old={self.old}: wanted True or False")
        for name in ("patience", "lr_patience"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 0:
                raise ValueError(
                    f"{name}={getattr(self, name)}: wanted a whole number of epochs, 0 for never"
                )

    @property
    def digest(self) -> str:
        """Eight hex digits that differ when any field does; see configs.later."""
        return files.sha256_of(_told(self) | {"net": _told(self.net)})[:8]

    @property
    def of_report(self) -> bool:
        """Whether it is one of the report's three models; the U-Net, by itself or in a GAN, is the kit's own."""
        return self.net.of_report

    @property
    def label(self) -> str:
        """What to call it in a table: the model, and what differs from the kit's defaults, as in "cnn, head=conv"."""
        usual = asdict(REGISTRY[self.model].config()) | TRAINING
        for name in (
            "images",
            "seed",
            "batch_size",
        ):  # two are said in words, and the last one has no default: see `names`
            del usual[name]
        own = asdict(self.net) | asdict(self)
        changed = [f"{name}={own[name]}" for name, value in usual.items() if own[name] != value]
        return ", ".join(
            [
                self.model,
                *changed,
                *([f"{self.images} images"] if self.images else []),
                *([f"seed {self.seed}"] if self.seed else []),
            ]
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` undoes it."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Config":
        """Read what `to_json` wrote, back from JSON (where tuples have become lists)."""
        net = {
            name: tuple(item) if isinstance(item, list) else item
            for name, item in value["net"].items()
        }
        return cls(**{**value, "net": REGISTRY[value["model"]].config(**net)})


def _told(config: Any) -> dict[str, Any]:
    """The fields of a config, without the later ones that have their defaults."""
    untold = {
        each.name
        for each in fields(config)
        if "later" in each.metadata and getattr(config, each.name) == each.default
    }
    return {name: value for name, value in asdict(config).items() if name not in untold}


def differences(old: Config, new: Config) -> str:
    """The fields that differ, with both values, for a message."""

    def flat(config: Config) -> dict:
        value = config.to_json()
        return value | value.pop("net")

    old_fields, new_fields = flat(old), flat(new)
    names = sorted(old_fields.keys() | new_fields.keys())
    return ", ".join(
        f"{n} {old_fields.get(n)} there, {new_fields.get(n)} here"
        for n in names
        if old_fields.get(n) != new_fields.get(n)
    )


def names(found: list[tuple[str, Config]]) -> list[str]:
    """What to call runs that stand side by side: their labels, each made longer that another run on the same data has too.

    Such runs differ in batch size, for which every profile has its own, or in nothing but the profile, which the folder's name says.

    Args:
        found: of each run the name of its folder, and its config.
    """
    sizes = collections.defaultdict(list)
    for _, config in found:
        sizes[config.label, config.data].append(config.batch_size)

    def name(folder: str, config: Config) -> str:
        alike = sizes[config.label, config.data]
        if len(alike) == 1:
            return config.label
        return f"{config.label}, {folder if alike.count(config.batch_size) > 1 else f'batch_size={config.batch_size}'}"

    return [name(folder, config) for folder, config in found]


def budget(profile: Profile, model: str) -> Budget:
    """How long a profile trains a model."""
    check_model(model)
    return profile.budget(model)


def check_model(model: str) -> None:
    """Raise KitError unless the kit has such a model."""
    if model not in REGISTRY:
        raise KitError(f"model {model!r} is unknown: one of {', '.join(REGISTRY)}")


def configure(model: str, profile: Profile, data: str, **overrides: Any) -> Config:
    """A profile's config for a model, with some fields overridden.

    Args:
        model: name in models.REGISTRY.
        profile: gives batch size, images and whether ResNet-50 is fine-tuned.
        data: digest of the training files (splits.digest).
        overrides: any field of Config (but model, net, data) or of the model's own config.

    Raises:
        KitError: unknown model, unknown field (the message lists them), or a value that the model refuses.
    """
    check_model(model)
    training = TRAINING | {
        "images": budget(profile, model).images,
        "batch_size": profile.batch_size,
    }
    known = {field.name for field in fields(REGISTRY[model].config)}
    net = (
        {"fine_tune": profile.fine_tune}
        if "fine_tune" in known and overrides.get("generator") != "unet"
        else {}
    )
    for name, value in overrides.items():
        if name in training:
            training[name] = value
        elif name in known:
            net[name] = value
        else:
            raise KitError(
                f"{model} has no field {name!r}: one of {', '.join([*training, *sorted(known)])}"
            )
    try:
        return Config(model=model, net=REGISTRY[model].config(**net), data=data, **training)
    except (ValueError, TypeError) as bad:
        raise KitError(str(bad)) from None


def parse(model: str, pairs: list[str]) -> dict[str, Any]:
    """Turn `name=value` strings of the command line into overrides of the right types.

    Raises:
        KitError: no `=`, or a value of another type than the field's default.
    """
    check_model(model)
    defaults = {field.name: field.default for field in fields(REGISTRY[model].config)}
    defaults |= TRAINING
    overrides = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator:
            raise KitError(f"--set {pair}: wanted name=value")
        overrides[name] = _value(name, text, defaults.get(name))
    return overrides


def _value(name: str, text: str, default: Any) -> Any:
    """Read one value in the type of the field's default; an unknown field stays text (configure refuses it by name)."""
    if default is None or isinstance(default, str):
        return text
    if isinstance(default, tuple) and not any(character.isdigit() for character in text):
        return tuple(text.split(","))
    try:
        value = ast.literal_eval(text.capitalize() if text in ("true", "false") else text)
    except (ValueError, SyntaxError):
        value = None
    if isinstance(default, tuple) and isinstance(value, int):
        value = (value,)
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(default):
        raise KitError(
            f"--set {name}={text}: wanted {type(default).__name__}, as in {name}={default}"
        )
    return value
