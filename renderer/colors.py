"""Colors: sRGB and linear light, and random ones for cloth, paint and walls."""

import colorsys

import numpy as np


def linear(srgb):
    """From sRGB 0..1 to linear light."""
    srgb = np.asarray(srgb, float)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def encoded(light):
    """Linear light to sRGB 0..1."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-8) ** (1 / 2.4) - 0.055)


def hsv(h: float, s: float, v: float):
    """Hue, saturation, value (0..1) to linear light."""
    return linear(np.array(colorsys.hsv_to_rgb(h % 1, s, v)))


def cloth(r: np.random.Generator):
    """A color that clothes come in, linear light: half of them near neutral, the rest mostly muted."""
    if r.random() < 0.5:
        return hsv(r.random(), r.uniform(0, 0.15), r.choice([r.uniform(0.08, 0.2), r.uniform(0.2, 0.7), r.uniform(0.7, 0.9)]))
    return hsv(r.random(), r.uniform(0.2, 0.7), r.uniform(0.2, 0.8))
