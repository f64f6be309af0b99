"""Losses that Keras lacks, or has in another unit. Truth comes as its storage code: uint8 goes to the device, where it is decoded."""

from keras import ops

from .color import AB_SHIFT


def decode(code):
    """a*, b* of the storage code: any number type, (..., 2), to float32 CIELAB units."""
    return ops.cast(code, "float32") - AB_SHIFT


def l2(code, pred):
    """Mean squared error per image: storage code and prediction (B, H, W, 2) to (B,), CIELAB units squared."""
    return ops.mean((pred - decode(code)) ** 2, axis=(1, 2, 3))


def l1(code, pred):
    """Mean absolute error per image: storage code and prediction (B, H, W, 2) to (B,), CIELAB units."""
    return ops.mean(ops.abs(pred - decode(code)), axis=(1, 2, 3))
