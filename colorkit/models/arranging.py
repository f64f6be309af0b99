"""Rearrange tensors, and measure distances, for the layers."""

import keras
import numpy as np
from keras import ops


def flatten_places(x: keras.KerasTensor) -> keras.KerasTensor:
    """Put all places in one row: (B, H, W, C) to (B, P, C)."""
    _, height, width, channels = x.shape
    return ops.reshape(x, (-1, height * width, channels))


def log_distances(height: int, width: int, near: float) -> np.ndarray:
    """Compute log(1 + d^2 / near^2) for all pairs of places: float32 (P, P)."""
    row, column = np.indices((height, width)).reshape(2, -1)  # (P,) each
    square = (row[:, None] - row) ** 2 + (column[:, None] - column) ** 2  # (P, P)
    return np.log1p(square / near**2).astype(np.float32)


def split_phases(kernel: keras.KerasTensor, axis: int) -> keras.KerasTensor:
    """Split three taps along an axis into four: [previous, current] for [even, odd] pixels."""
    first, second, third = ops.split(kernel, 3, axis)
    return ops.concatenate([third, ops.zeros_like(first), first, second], axis)
