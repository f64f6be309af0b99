"""Convert configs of networks to flat settings and back.

`--set`, run.json and the digests of runs know one flat list of names. A GAN's list holds the fields
of its generator, and its `generator` is the name of that network. Only this module knows that.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..models.configs import NetConfig, ResNetConfig
from ..models.fields import check_choice
from ..models.registry import config_of, name_of

GENERATORS = ("resnet", "unet")

# Settings that runs of the ResNet-50 model have in their run.json, though it has no such field.
RESNET_ONLY = {"encoder": ()}


def flatten(net: NetConfig) -> dict[str, Any]:
    """List the settings of a network's config by name."""
    parts = dict(RESNET_ONLY) if isinstance(net, ResNetConfig) else {}
    own = {}
    for field in fields(net):
        value = getattr(net, field.name)
        if isinstance(field.default, NetConfig):
            # A part of another kind than the default has no settings of its own: see `unflatten`.
            part = value if type(value) is type(field.default) else field.default
            parts |= flatten(part)
            value = name_of(value)
        own[field.name] = value
    return parts | own


def unflatten(kind: type[NetConfig], settings: Mapping[str, Any]) -> NetConfig:
    """Build the config of a network from settings, a default for each that is missing.

    Raises:
        ValueError: a value is out of range, or the settings contradict each other.
        TypeError: an unknown setting.
    """
    settings = dict(settings)
    if kind is ResNetConfig:
        encoder = settings.pop("encoder", ())
        if encoder != ():
            raise ValueError(f"encoder={encoder}: the encoder of this model is ResNet-50")
    for field in fields(kind):
        if isinstance(field.default, NetConfig):
            settings[field.name] = _take_part(field.name, field.default, settings)
    return kind(**settings)


def _take_part(field: str, default: NetConfig, settings: dict[str, Any]) -> NetConfig:
    """Build one part of a config out of its settings, which are removed."""
    name = settings.pop(field, name_of(default))
    check_choice(field, name, GENERATORS)
    usual = flatten(default)
    own = {each: settings.pop(each) for each in usual if each in settings}
    if name == name_of(default):
        return unflatten(type(default), own)
    foreign = [each for each, value in own.items() if value != usual[each]]
    if foreign:
        raise ValueError(
            f"{', '.join(foreign)}: expected with {field}={name_of(default)!r} only, got {name!r}"
        )
    return config_of(name)()


def without_later(
    kind: type, settings: Mapping[str, Any], usual: Mapping[str, Any]
) -> dict[str, Any]:
    """Drop the settings that were added later and have their usual value, see `fields.later`.

    Args:
        kind: class of a config, of a network or of a run.
        settings: flat settings of one.
        usual: usual value of each setting.
    """
    left = dict(settings)
    for field in fields(kind):
        if "later" in field.metadata and settings[field.name] == usual[field.name]:
            del left[field.name]
    return left
