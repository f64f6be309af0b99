"""Convert between sRGB and linear light, and draw random colors for cloth, paint and walls."""

import colorsys

import numpy as np


def linear(srgb):
    """Convert sRGB 0..1 to linear light."""
    srgb = np.asarray(srgb, float)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def encoded(light):
    """Convert linear light to sRGB 0..1."""
    power = np.maximum(light, 1e-8) ** (1 / 2.4)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * power - 0.055)


def hsv(h: float, s: float, v: float):
    """Convert hue, saturation and value (0..1) to linear light."""
    return linear(np.array(colorsys.hsv_to_rgb(h % 1, s, v)))


def cloth(r: np.random.Generator):
    """Draw the color of a garment in linear light: half are nearly neutral, most others muted."""
    if r.random() < 0.5:
        hue = r.random()
        saturation = r.uniform(0, 0.15)
        dark, middle, light = r.uniform(0.08, 0.2), r.uniform(0.2, 0.7), r.uniform(0.7, 0.9)
        return hsv(hue, saturation, r.choice([dark, middle, light]))
    hue = r.random()
    saturation = r.uniform(0.2, 0.7)
    value = r.uniform(0.2, 0.8)
    return hsv(hue, saturation, value)
