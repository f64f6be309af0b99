"""Describe the layers of a trained U-Net, as its file of weights does."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class AttentionScales:
    """Where the attention to color hints starts from; training scales these numbers at each place.

    Attributes:
        loud: how much a hint counts against "no hint", which has a logit of 0.
        power: exponent of the distance, by which far hints count less.
        light: how much a difference in lightness counts.
        near: distance, in places, within which nearer makes no difference.
    """

    loud: float
    power: float
    light: float
    near: float


@dataclass(frozen=True)
class Architecture:
    """What the layers of a trained U-Net are made of.

    Attributes:
        filters: filters of each level, from the finest.
        head: "regress" or "classes".
        hints: whether it takes color hints.
        groups: groups of the normalization.
        epsilon: what the normalization adds to a variance.
        temperature: temperature of the annealed mean; only with the head "classes".
        spread: unit of the output, CIELAB units; only with the head "regress".
        attention: scales of the attention to hints; only if it takes hints.
    """

    filters: tuple[int, ...]
    head: str
    hints: bool
    groups: int
    epsilon: float
    temperature: float | None = None
    spread: float | None = None
    attention: AttentionScales | None = None

    @classmethod
    def from_json(cls, text: str) -> "Architecture":
        """Read what tools/ship_weights.py writes into a file of weights.

        The JSON's keys are the names of the attributes. Only `attention` is called "listen" there:
        files that are shipped keep their hash.

        Example:
            >>> text = '{"filters": [8, 16], "head": "regress", "hints": false, '
            >>> text += '"groups": 8, "epsilon": 0.001, "spread": 10.0}'
            >>> Architecture.from_json(text).filters
            (8, 16)
        """
        fields = json.loads(text)
        filters = tuple(fields.pop("filters"))
        scales = fields.pop("listen", None)
        attention = None if scales is None else AttentionScales(**scales)
        return cls(filters=filters, attention=attention, **fields)
