"""Colors as numbers: CIELAB, its gamut and classes, color hints, and the color typical of each L.

`levin`, which spreads hints, needs SciPy. It stays a module of its own, so that the command line
starts without SciPy.
"""

from . import classes
from .gamut import fit_to_gamut, is_in_gamut
from .given_lightness import classes_given_L, mean_ab, mean_ab_given_L
from .hints import Hints, Point, draw_hints, hint_planes, no_hints, place_hints, random_hints
from .lab import (
    AB_SHIFT,
    L_SCALE,
    LINEAR,
    compose,
    decode_ab,
    from_storage,
    lab_to_linear,
    lab_to_rgb,
    lightness,
    luminance,
    rgb_to_lab,
    to_linear,
    to_storage,
)

__all__ = [
    "AB_SHIFT",
    "Hints",
    "LINEAR",
    "L_SCALE",
    "Point",
    "classes",
    "classes_given_L",
    "compose",
    "decode_ab",
    "draw_hints",
    "fit_to_gamut",
    "from_storage",
    "hint_planes",
    "is_in_gamut",
    "lab_to_linear",
    "lab_to_rgb",
    "lightness",
    "luminance",
    "mean_ab",
    "mean_ab_given_L",
    "no_hints",
    "place_hints",
    "random_hints",
    "rgb_to_lab",
    "to_linear",
    "to_storage",
]
